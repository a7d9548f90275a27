//! Secrets that found their way into a message: user names and passwords in URLs, and what their queries hold.
//!
//! Every message goes through here at the edge to the terminal (`terminal.rs`), so that none needs to think of it.

use std::borrow::Cow;
use std::sync::OnceLock;

/// What stands where a secret was.
const HIDDEN: &str = "…";
/// What hints say of where they belong.
const PLACEHOLDER: &str = "USER:PASSWORD";
/// Words in the name of a key whose value is a secret.
const SECRET_WORDS: [&str; 6] = ["password", "passphrase", "passwd", "secret", "token", "private_key"];

/// A message without user names and passwords of URLs.
pub(crate) fn in_log(text: &str) -> Cow<'_, str> {
    let text = without_given(text, given());
    if text.contains("://") { Cow::Owned(map_urls(&text, without_userinfo)) } else { text }
}

/// The same, and without the queries of URLs: those of webhooks are as good as passwords.
pub(crate) fn in_message(text: &str) -> Cow<'_, str> {
    let text = without_given(text, given());
    if text.contains("://") {
        Cow::Owned(map_urls(&text, |url| without_query(&without_userinfo(url))))
    } else {
        text
    }
}

/// A line of a configuration file, without the values of keys that hold secrets and with no more of a URL than its host.
pub(crate) fn in_excerpt(line: &str) -> String {
    let line = secret_value_at(line).map_or_else(
        || Cow::Borrowed(line),
        |at| Cow::Owned(format!("{} {HIDDEN}", line.get(..at).unwrap_or_default())),
    );
    let line = without_given(&line, given());
    // What is quoted is taken as a whole, blanks or not, and needs no scheme: it may be the mistake that is shown.
    let parts = line.split_inclusive(['"', '\'']).map(|part| match part.rsplit_once('@') {
        Some((user, host)) if user.contains(':') => Cow::Owned(hide_user(user) + host),
        _ => Cow::Borrowed(part),
    });
    map_urls(&parts.collect::<String>(), host_alone)
}

/// Where a user name and password stood; the scheme before them stays.
fn hide_user(user: &str) -> String {
    let scheme = user.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
    format!("{scheme}{HIDDEN}@")
}

/// What the command line and the environment hold that must not be shown again: `user:password@` and `?query`.
fn given() -> &'static [String] {
    static GIVEN: OnceLock<Vec<String>> = OnceLock::new();
    GIVEN.get_or_init(|| {
        let arguments = std::env::args_os().skip(1).map(|each| each.to_string_lossy().into_owned());
        let variables = std::env::vars_os().map(|(_, value)| value.to_string_lossy().into_owned());
        arguments.chain(variables).flat_map(|text| secrets(&text)).collect()
    })
}

/// The secrets of an argument: of the whole, and of what follows its first `=`.
fn secrets(argument: &str) -> Vec<String> {
    let value = argument.split_once('=').map(|(_, value)| value);
    let mut found: Vec<String> =
        [Some(argument), value].into_iter().flatten().flat_map(secrets_of_url).collect();
    // The longest first: what holds another is replaced as a whole.
    found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    found.dedup();
    found
}

fn secrets_of_url(text: &str) -> Vec<String> {
    let (has_scheme, rest) = match text.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, text),
    };
    let mut found = Vec::new();
    // The last one: an `@` in a password is not always escaped. Without scheme or colon it is a mail address.
    if let Some((user, _)) = rest.rsplit_once('@')
        && (has_scheme || user.contains(':'))
        && !user.is_empty()
    {
        found.push(format!("{user}@"));
    }
    if let Some((_, query)) = rest.split_once('?').filter(|(_, query)| has_scheme && !query.is_empty()) {
        found.push(format!("?{query}"));
    }
    found
}

fn without_given<'t>(text: &'t str, secrets: &[String]) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    for secret in secrets {
        if text.contains(secret.as_str()) {
            let mark = if secret.starts_with('?') { "?…" } else { "…@" };
            text = Cow::Owned(text.replace(secret.as_str(), mark));
        }
    }
    text
}

/// The text, with every URL in it changed.
fn map_urls(text: &str, change: impl Fn(&str) -> String) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let end = end_of_url(before, after);
        let (url, behind) = after.split_at_checked(end).unwrap_or((after, ""));
        shown.extend([before, "://", &change(url)]);
        rest = behind;
    }
    shown + rest
}

/// Where a URL ends: what is quoted, at the quote, blanks or not; everything else at the first blank.
fn end_of_url(before: &str, after: &str) -> usize {
    let opened = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let end = match opened.chars().next_back().filter(|c| "`'\"".contains(*c)) {
        Some(quote) => after.find(quote),
        None => after.find(|c: char| c.is_whitespace() || "\"`<>".contains(c)),
    };
    end.unwrap_or(after.len())
}

fn without_userinfo(url: &str) -> String {
    match url.rsplit_once('@') {
        // How to write them is no secret.
        Some((user, host)) if user != PLACEHOLDER => format!("{HIDDEN}@{host}"),
        _ => url.to_owned(),
    }
}

fn without_query(url: &str) -> String {
    // A sentence may end with a question mark.
    match url.split_once('?') {
        Some((path, query)) if query.contains('=') || query.len() > 1 => format!("{path}?{HIDDEN}"),
        _ => url.to_owned(),
    }
}

fn host_alone(url: &str) -> String {
    match url.find(['/', '?', '#']) {
        Some(at) if at + 1 < url.len() => format!("{}/{HIDDEN}", url.get(..at).unwrap_or_default()),
        _ => url.to_owned(),
    }
}

/// Where the value of a secret key begins: behind its `=`.
fn secret_value_at(line: &str) -> Option<usize> {
    line.match_indices('=').map(|(at, _)| at + 1).find(|&at| {
        let before = line.get(..at - 1).unwrap_or_default().trim_end().trim_end_matches(['"', '\'']);
        let is_key = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let key = before.rsplit(|c: char| !is_key(c)).next().unwrap_or_default();
        let key = key.to_ascii_lowercase().replace('-', "_");
        // What names a file or a variable is shown, unless it is the secret itself by mistake.
        let names = key.ends_with("_file") || key.ends_with("_env");
        let value = line.get(at..).unwrap_or_default().trim();
        if is_plain(value) {
            return false;
        }
        SECRET_WORDS.iter().any(|word| key.contains(word)) && !names || names && value.contains("://")
    })
}

/// What nobody uses as a secret, and what may well be the mistake that is shown.
fn is_plain(value: &str) -> bool {
    matches!(value, "true" | "false") || (value.len() < 4 && value.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_of_a_url_is_shown() {
        for url in [
            "https://me:hunter2@host/",
            "https://me:hun/ter2@host",
            "https://hunter2@host",
            "socks5://me:hunter2@host:1",
            "https://me:hunter2@a@host",
            "https://me:hun ter2@host",
        ] {
            let shown =
                in_message(&format!("invalid value '{url}' for '--domain-url <URL>': `{url}` is not a URL"))
                    .into_owned();
            assert!(!shown.contains("hunter2") && !shown.contains("ter2"), "{shown}");
            assert!(shown.contains("…@host") && shown.ends_with("is not a URL"), "{shown}");
        }
        assert_eq!(in_message("posted to https://host/in?token=abc."), "posted to https://host/in?…");
        assert_eq!(in_log("https://host/Users?count=1"), "https://host/Users?count=1");
        let hint = "as http://USER:PASSWORD@HOST:PORT";
        assert_eq!(in_message(hint), hint);
        let plain = "ada@example.com: see https://example.com/a, is it right?";
        assert_eq!(in_message(plain), plain);
    }

    #[test]
    fn what_was_given_is_not_given_back() {
        let given = |argument: &str| secrets(argument);
        assert_eq!(given("--domain-url=https://me:pa ss\"@host"), ["me:pa ss\"@"]);
        assert_eq!(given("me:hunter2@host"), ["me:hunter2@"]);
        assert_eq!(given("https://host/?sig=abc"), ["?sig=abc"]);
        assert_eq!(given("ada@example.com"), [""; 0]);
        assert_eq!(given("--user=ada@example.com"), [""; 0]);
        let shown = without_given("`me:hunter2@host` and me:hunter2@host", &["me:hunter2@".to_owned()]);
        assert_eq!(shown, "`…@host` and …@host");
    }

    #[test]
    fn an_excerpt_shows_no_secret() {
        assert_eq!(in_excerpt("  5 | password = \"hunter2\""), "  5 | password = …");
        assert_eq!(
            in_excerpt("  5 | x = { type = 1, \"secret\" = \"hunter2\" }"),
            "  5 | x = { type = 1, \"secret\" = …"
        );
        assert_eq!(in_excerpt("  5 | url_env = \"https://h.example/s\""), "  5 | url_env = …");
        assert_eq!(
            in_excerpt("  5 | url = \"http://me:x@h.example/s?t=1\""),
            "  5 | url = \"http://…@h.example/…\""
        );
        assert_eq!(in_excerpt("  5 | url = 'https://me:p w@h/x' # y"), "  5 | url = 'https://…@h/…' # y");
        assert_eq!(in_excerpt("  5 | url = 'me:p w@h'"), "  5 | url = '…@h'");
        assert_eq!(in_excerpt("  5 | to = ['ada@h']"), "  5 | to = ['ada@h']");
        assert_eq!(in_excerpt("  5 | password_file = \"p\""), "  5 | password_file = \"p\"");
        assert_eq!(in_excerpt("  5 | secrets = 1"), "  5 | secrets = 1");
        assert_eq!(in_excerpt("  5 | password = 123456"), "  5 | password = …");
        assert_eq!(in_excerpt("    | \t^^^^"), "    | \t^^^^");
    }

    #[test]
    fn no_text_is_a_crash() {
        let pieces =
            ["://", "@", "?", "=", "`", "'", "\"", " ", "é", "\u{202e}", ":", "password", "/", "#", "a"];
        // Every text of four pieces.
        for number in 0..pieces.len().pow(4) {
            let piece = |place: u32| pieces[number / pieces.len().pow(place) % pieces.len()];
            let text: String = (0..4).map(piece).collect();
            let shown = [in_log(&text).into_owned(), in_message(&text).into_owned()];
            assert!(text.contains("://") || shown.iter().all(|shown| *shown == text), "{text}: {shown:?}");
            let _ = (in_excerpt(&text), secrets(&text));
        }
    }
}
