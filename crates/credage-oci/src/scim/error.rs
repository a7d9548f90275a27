//! What a refusal says.
//!
//! Domains answer with SCIM errors (`detail`), their gateway with the classic pair of `code` and `message`; both
//! are understood, and anything else is shown as far as it is short text.

use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    detail: Option<String>,
    code: Option<String>,
    message: Option<String>,
}

/// The longest part of a body that is quoted.
const MAX_QUOTE: usize = 200;

/// What the body of a refusal says, in one line.
pub fn message(body: &[u8]) -> String {
    let parsed: Body = serde_json::from_slice(body).unwrap_or_default();
    let text = match (parsed.detail, parsed.code, parsed.message) {
        (Some(detail), _, _) => detail,
        (None, Some(code), Some(message)) => format!("{code}: {message}"),
        (None, Some(text), None) | (None, None, Some(text)) => text,
        (None, None, None) => "no explanation".to_owned(),
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches('.').to_owned();
    if line.chars().count() > MAX_QUOTE {
        line.chars().take(MAX_QUOTE).chain(['…']).collect()
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn both_dialects_are_understood() {
        assert_eq!(message(br#"{"detail":"A filter is\n needed","status":"400"}"#), "A filter is needed");
        assert_eq!(message(br#"{"code":"NotAuthenticated","message":"no"}"#), "NotAuthenticated: no");
        assert_eq!(message(b"<html>login</html>"), "no explanation");
        assert_eq!(
            message(format!("{{\"detail\":\"{}\"}}", "x".repeat(999)).as_bytes()).chars().count(),
            201
        );
    }
}
