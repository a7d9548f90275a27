//! Bodies that are almost JSON.
//!
//! One value that no JSON may hold (half of a surrogate pair, bytes that are no UTF-8, a bare `NaN`) makes a parser give up the
//! whole page. So a body that cannot be read is looked at once more: such values become a number that is
//! none of what is expected anywhere, which counts as not read, and everything else is read. A body that is JSON, as nearly all are, costs nothing more.

use serde::de::DeserializeOwned;

/// Reads a body.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(body).or_else(|error| match repaired(body) {
        Some(repaired) => serde_json::from_slice(&repaired),
        None => Err(error),
    })
}

/// What stands for a value that no JSON may hold: neither a text, a date, a flag, a list, an object nor a count.
const ODD: &[u8] = b"-1";

/// The body with [`ODD`] for every value that no JSON may hold; nothing where there is none, or where it is cut.
fn repaired(body: &[u8]) -> Option<Vec<u8>> {
    let mut rest = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut good = Vec::with_capacity(body.len());
    while let Some((&first, _)) = rest.split_first() {
        let length = token(rest)?;
        let (token, after) = rest.split_at_checked(length)?;
        let is_good = match first {
            b'"' => is_text(token),
            b'-' | b'0'..=b'9' => is_number(token),
            byte if is_word(byte) => matches!(token, b"true" | b"false" | b"null"),
            _ => true,
        };
        match (is_good, names_a_member(first, after)) {
            (true, _) => good.extend_from_slice(token),
            (false, true) => good.extend_from_slice(b"\"\""),
            (false, false) => good.extend_from_slice(ODD),
        }
        rest = after;
    }
    (good != body).then_some(good)
}

/// The length of the text, number, word or single byte that comes first; nothing where a text does not end.
fn token(rest: &[u8]) -> Option<usize> {
    let first = *rest.first()?;
    if first == b'"' {
        let mut escaped = false;
        let end = rest.iter().skip(1).position(|&byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        return Some(end? + 2);
    }
    let goes_on: fn(u8) -> bool = match first {
        b'-' | b'0'..=b'9' => |byte| matches!(byte, b'-' | b'+' | b'.') || byte.is_ascii_alphanumeric(),
        byte if is_word(byte) => is_word,
        _ => return Some(1),
    };
    Some(1 + rest.iter().skip(1).take_while(|&&byte| goes_on(byte)).count())
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// Whether a text is the name of a member rather than a value.
fn names_a_member(first: u8, after: &[u8]) -> bool {
    first == b'"' && after.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

fn is_text(token: &[u8]) -> bool {
    serde_json::from_slice::<String>(token).is_ok()
}

fn is_number(token: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Number>(token).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body(bytes: &[u8]) -> Value {
        read(bytes).unwrap()
    }

    #[test]
    fn a_value_that_no_json_may_hold_costs_no_other_one() {
        for odd in [
            r#""\ud800""#,
            r#""a\uDC00b""#,
            r#""\ud83d\u0041""#,
            r#""\x""#,
            "\"a\tb\"",
            "NaN",
            "-Infinity",
            "1e999",
            "01",
        ] {
            let page = format!(r#"{{"a":[{{"b":{odd},"c":"\ud83d\ude00 \"x\" é"}}],"d":1.5}}"#);
            assert_eq!(
                body(page.as_bytes()),
                json!({"a": [{"b": -1, "c": "😀 \"x\" é"}], "d": 1.5}),
                "{odd}"
            );
        }
        assert_eq!(body(b"{\"a\":\"caf\xe9\",\"b\":\"x\"}"), json!({"a": -1, "b": "x"}), "Latin-1");
        assert_eq!(body(b"\xef\xbb\xbf{\"a\":1}"), json!({"a": 1}), "a byte order mark");
        assert_eq!(body(br#"{"\ud800" : 1,"b":2}"#), json!({"": 1, "b": 2}), "a name");
    }

    #[test]
    fn what_is_cut_or_no_json_stays_an_error() {
        for bad in [r#"{"a":"\ud800"#, r#"{"a":[1,2"#, "<html>", "", r#"{"a" 1}"#] {
            assert!(read::<Value>(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
