use super::*;

const MAIL: &str = "[[channel]]\ntype = \"email\"\nname = \"ops\"\nhost = \"smtp.example.com\"\nfrom = \"credage@example.com\"\n";

fn wrong(text: &str) -> ConfigError {
    load(&ConfigSource::new("credage.toml", text)).expect_err(text)
}

#[test]
fn the_rest_of_the_file_is_none_of_our_business() {
    let text =
        format!("unheard = 1\n[rotation]\nmax_age = \"60d\"\n{MAIL}to = [\"Ops <ops@example.com>\"]\n");
    let channels = load(&ConfigSource::new("credage.toml", text)).unwrap();
    let [ops] = channels.as_slice() else { panic!("{channels:?}") };
    assert_eq!((ops.name.as_str(), ops.target().as_str()), ("ops", "smtp.example.com:587"));
    assert_eq!(ops.max_items, 50);
    assert_eq!(ops.effort, Effort { timeout: Duration::from_secs(20), retries: 3 });
    assert_eq!(load(&ConfigSource::new("credage.toml", "")).unwrap(), []);
}

/// A file, the line of the mistake, and parts of its message and hint.
type Case<'a> = (String, usize, &'a str, &'a str);

fn check(cases: Vec<Case<'_>>) {
    for (text, line, message, hint) in cases {
        let error = wrong(&text);
        assert_eq!(error.line, line, "{text}\n{error}");
        assert!(error.message.contains(message), "{text}\n{error}");
        assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{text}\n{:?}", error.hint);
    }
}

#[test]
fn mistakes_of_mail_channels_are_shown_where_they_stand() {
    check(vec![
        ("channel = 1".into(), 1, "no list of tables", "[[channel]]"),
        ("[[channel]]\nname = \"x\"".into(), 1, "has no `type`", "email, oci-notifications, slack, webhook"),
        ("[[channel]]\ntype = \"e-mail\"".into(), 2, "`e-mail` is no type", "write `email`"),
        ("[[channel]]\ntype = \"fax\"".into(), 2, "`fax` is no type", "the types are"),
        (format!("{MAIL}too = []\n"), 6, "unknown key `too`", "write `to`"),
        (format!("{MAIL}colour = 1\n"), 6, "unknown key `colour`", "a channel of type email has"),
        (MAIL.to_owned(), 1, "missing field `to`", ""),
        (format!("{MAIL}to = []\n"), 6, "nobody is named", "at least one"),
        (format!("{MAIL}to = \"ops@example.com\"\n"), 6, "neither \"owners\" nor a list", "write a list"),
        (format!("{MAIL}to = [\"ops\"]\n"), 6, "`ops` is not a valid email address", "ops@example.com"),
        (format!("{MAIL}to = [7]\n"), 6, "is not a valid email address", "ops@example.com"),
        (format!("{MAIL}to = \"owners\"\n"), 6, "owners without an address", "fallback ="),
        (format!("{MAIL}to = \"owners\"\nfallback = []\n"), 7, "nobody is named", "at least one"),
        (format!("{MAIL}to = [\"a@b.example\"]\nfallback = []\n"), 7, "belongs to", "leave it out"),
        (format!("{MAIL}to = [\"a@b.example\"]\nusername = \"u\"\n"), 7, "no password", "password_file"),
        (
            format!("{MAIL}to = [\"a@b.example\"]\npassword_env = \"P\"\n"),
            7,
            "no `username`",
            "add `username`",
        ),
        (
            format!("{MAIL}to = [\"a@b.example\"]\npassword_file = \"p\"\npassword_env = \"P\"\n"),
            8,
            "both `password_file` and `password_env`",
            "keep one",
        ),
        (format!("{MAIL}to = [\"a@b.example\"]\ntls = \"none\"\n"), 7, "in the clear", "`starttls` or `tls`"),
        (format!("{MAIL}to = [\"a@b.example\"]\ntls = \"ssl\"\n"), 7, "unknown variant `ssl`", ""),
        (format!("{MAIL}to = [\"a@b.example\"]\ntimeout = 0\n"), 7, "0 is out of bounds", "from 1 to 120"),
        (format!("{MAIL}to = [\"a@b.example\"]\nretries = 99\n"), 7, "99 is out of bounds", "from 0 to 10"),
        (format!("{MAIL}to = [\"a@b.example\"]\nwhen = \"never\"\n"), 7, "unknown variant `never`", ""),
    ]);
}

#[test]
fn mistakes_of_the_other_channels_are_shown_where_they_stand() {
    let hook = "[[channel]]\ntype = \"webhook\"\nname = \"hook\"\nsecret_env = \"S\"\n";
    let topic = "[[channel]]\ntype = \"oci-notifications\"\nname = \"topic\"\n";
    let slack = "[[channel]]\ntype = \"slack\"\nname = \"chat\"\n";
    check(vec![
        (format!("{hook}url = \"http://example.com/\"\n"), 5, "http", ""),
        (format!("{hook}url = \"ftp://example.com/\"\n"), 5, "the URL is ftp", ""),
        (format!("{hook}url = \"https://a:b@example.com/\"\n"), 5, "user name or password", ""),
        (format!("{hook}url = \"example\"\n"), 5, "no URL", ""),
        (format!("{hook}url = \"https://169.254.169.254/\"\n"), 5, "169.254.169.254 is link-local", "allow"),
        (format!("{hook}url = \"https://[::1]/\"\n"), 5, "::1 is this machine", "allow_private"),
        (format!("{hook}url = \"https://e.example/\"\nurl_env = \"U\"\n"), 5, "given twice", "keep one"),
        (
            format!("{hook}url = \"https://e.example/\"\nallow = [\"10/8\"]\n"),
            6,
            "`10/8` is no network",
            "10.0.0.0/8",
        ),
        (
            "[[channel]]\ntype = \"webhook\"\nname = \"x\"\nurl = \"https://e.example/\"".into(),
            1,
            "no secret",
            "secret_file",
        ),
        (hook.to_owned(), 1, "no URL", "add `url`"),
        (slack.to_owned(), 1, "no URL", "url_file"),
        (
            format!("{slack}url_env = \"https://h.example/s\"\n"),
            4,
            "`url_env` must name where",
            "put the URL into a file",
        ),
        (
            format!("{slack}url_file = \"https://h.example/s\"\n"),
            4,
            "`url_file` must name where",
            "put the URL into a file",
        ),
        (format!("{topic}topic = \"ocid1.user.oc1..a\"\n"), 4, "no OCID of a topic", "ocid1.onstopic"),
        (
            format!("{topic}topic = \"ocid1.onstopic.oc1.iad.a\"\nendpoint = \"http://example.com\"\n"),
            5,
            "in the clear",
            "",
        ),
        (
            format!("{slack}url_env = \"U\"\n{slack}url_env = \"U\"\n"),
            7,
            "two channels called `chat`",
            "of its own",
        ),
        (slack.replace("chat", "a b") + "url_env = \"U\"\n", 3, "`a b` is no name", "letters, digits"),
    ]);
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_shown_again() {
    for (kind, key) in [("email", "password"), ("slack", "url"), ("webhook", "secret")] {
        let error = wrong(&format!("[[channel]]\ntype = \"{kind}\"\nname = \"x\"\n  {key} = \"hunter2\"\n"));
        let shown = format!("{error} {}", error.hint.as_deref().unwrap_or_default());
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains(&format!("`{key}` is a secret")), "{shown}");
        assert!(
            shown.contains(&format!("`{key}_file`")) && shown.contains(&format!("`{key}_env`")),
            "{shown}"
        );
        assert_eq!((error.line, error.column), (4, 3));
    }
    for key in ["url_env", "url_file"] {
        let error = wrong(&format!(
            "[[channel]]\ntype = \"slack\"\nname = \"x\"\n{key} = \"https://h.example/hunter2\"\n"
        ));
        assert!(!error.message.contains("hunter2"), "{error}");
    }
}

#[test]
fn the_schema_knows_every_key_and_says_what_it_means() {
    let schema = schema().to_value();
    let kinds = schema["oneOf"].as_array().unwrap();
    assert_eq!(kinds.len(), ChannelKind::ALL.len());
    for (kind, name) in kinds.iter().zip(ChannelKind::ALL) {
        assert_eq!(kind["properties"]["type"]["const"], name.as_str());
        assert_eq!(kind["additionalProperties"], false);
        assert!(kind["required"].as_array().unwrap().contains(&json!("name")));
        for (key, property) in kind["properties"].as_object().unwrap() {
            assert!(!property.to_string().contains("$ref"), "{key}: {property}");
            assert!(key == "type" || property["description"].is_string(), "{name}.{key} says nothing");
        }
    }
    assert!(kinds[0]["required"].as_array().unwrap().contains(&json!("to")));
}

#[test]
fn every_key_is_documented() {
    let docs = include_str!("../../../../docs/notifications.md");
    for kind in ChannelKind::ALL {
        for key in properties(&schema_of(kind)).keys() {
            let said = docs.contains(&format!("`{key}")) || docs.contains(&format!("    {key} = "));
            assert!(said, "{kind}: `{key}` is not in docs/notifications.md");
        }
    }
}

/// A file with everything in it.
fn everything() -> String {
    let mark = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with([' ', ':']) => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    let day = jiff::civil::date(2026, 9, 1);
    let policy: String = credage_core::policy::example(day).lines().map(mark).collect();
    format!(
        "{policy}\n{MAIL}to = \"owners\"\nfallback = [\"Ops <ops@example.com>\"]\ncc = [\"a@b.example\"]\n\
         [[channel]]\ntype = \"webhook\"\nname = \"h\"\nurl = \"https://e.example/x\"\nsecret_env = \"S\"\nallow = [\"10.0.0.0/8\"]\n\
         [[channel]]\ntype = \"oci-notifications\"\nname = \"t\"\ntopic = \"ocid1.onstopic.oc1.iad.a\"\n"
    )
}

proptest::proptest! {
    /// A file with mistakes is told of, whatever they are; a mistake has a place in the file.
    #[test]
    fn no_file_is_a_crash(edits in proptest::collection::vec(
        (0_usize..6000, "\\PC{0,5}|[\\[\\]{}=\"'\n.#0-9@é\u{202e}]{0,4}", 0_usize..9), 0..5,
    )) {
        let mut text: Vec<char> = everything().chars().collect();
        for (at, inserted, cut) in edits {
            let at = at % text.len();
            let end = (at + cut).min(text.len());
            text.splice(at..end, inserted.chars());
        }
        let text: String = text.into_iter().collect();
        let source = ConfigSource::new("credage.toml", text.as_str());
        if let Err(error) = load(&source) {
            proptest::prop_assert!(!error.message.is_empty() && error.to_string().starts_with("credage.toml"));
        }
        let now = "2026-06-01T12:00:00Z".parse().unwrap();
        if let Err(error) = credage_core::policy::read(Some(&source), &credage_core::policy::Overrides::default(), now) {
            proptest::prop_assert!(error.to_string().starts_with("credage.toml"), "{error}");
        }
    }
}
