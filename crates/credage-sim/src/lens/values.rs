//! Odd values in documents.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::config::{DateForm, Odd, OddValue};

/// What becomes half a surrogate pair on the wire (see [`wire`]): a character that nobody uses.
const HALF: &str = "\u{10FFFD}";

/// Puts an odd value where the attribute is.
pub(super) fn put(document: &mut Map<String, Value>, odd: &OddValue) {
    let Some((name, part)) = find(document, odd.attribute) else {
        if odd.how == Odd::Null {
            document.insert(odd.attribute.to_owned(), Value::Null);
        }
        return;
    };
    match part {
        None => replace(document, &name, odd.how),
        Some(part) => {
            let Some(parts) = document.get_mut(&name).and_then(Value::as_object_mut) else { return };
            let part = key(parts, &part).unwrap_or(part);
            replace(parts, &part, odd.how);
        }
    }
}

/// The attribute's own key, and what remains of its name.
fn find(document: &Map<String, Value>, attribute: &str) -> Option<(String, Option<String>)> {
    if let Some(name) = key(document, attribute) {
        return Some((name, None));
    }
    let lower = attribute.to_lowercase();
    document.keys().find_map(|name| {
        let rest = lower.strip_prefix(&name.to_lowercase())?;
        let rest = rest.strip_prefix(['.', ':'])?;
        // As it was spelt, since what is missing is put in by this name.
        Some((name.clone(), attribute.get(attribute.len() - rest.len()..).map(str::to_owned)))
    })
}

fn key(document: &Map<String, Value>, name: &str) -> Option<String> {
    document.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
}

fn replace(parts: &mut Map<String, Value>, name: &str, how: Odd) {
    let before = parts.get(name).cloned();
    if before.is_none() && how != Odd::Null {
        return;
    }
    match value(&before.unwrap_or_default(), how) {
        Some(value) => parts.insert(name.to_owned(), value),
        None => parts.remove(name),
    };
}

fn value(before: &Value, how: Odd) -> Option<Value> {
    Some(match how {
        Odd::Absent => return None,
        Odd::Null => Value::Null,
        Odd::Number => json!(4711),
        Odd::List => json!(["one", "two"]),
        Odd::Object => json!({"odd": "one", "more": {"deep": [1, 2]}}),
        Odd::Bool => json!(true),
        Odd::Surrogate => json!(format!("half {HALF} a pair")),
        Odd::Long => json!("x".repeat(100_000)),
        Odd::Control => json!("\u{1b}[2J\u{7}a\r\nb\u{0}\u{7f}\u{9b}31m\u{202e}txt\u{2066}"),
        Odd::Empty => json!(""),
        Odd::Text(text) => json!(text),
        Odd::Plain => plain(before),
        Odd::Date(form) => date(before, form),
    })
}

fn plain(before: &Value) -> Value {
    match before {
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        Value::Object(parts) => {
            parts.get("value").or_else(|| parts.get("display")).cloned().unwrap_or_default()
        }
        other => other.clone(),
    }
}

fn date(before: &Value, form: DateForm) -> Value {
    let text = before.as_str().unwrap_or_default();
    let Ok(at) = text.parse::<Timestamp>() else { return before.clone() };
    let bare = text.trim_end_matches('Z');
    match form {
        DateForm::NoZone => json!(bare),
        DateForm::DateOnly => json!(text.get(..10)),
        DateForm::Blank => json!(text.replace('T', " ")),
        DateForm::Offset => {
            let later = at.saturating_add(jiff::SignedDuration::from_hours(2)).unwrap_or(at).to_string();
            json!(format!("{}+02:00", later.trim_end_matches('Z')))
        }
        DateForm::EpochSeconds => json!(at.as_second()),
        DateForm::EpochMillis => json!(at.as_millisecond()),
        DateForm::EpochText => json!(at.as_millisecond().to_string()),
    }
}

/// A document as bytes, with half surrogate pairs where odd values want them: no Rust text can hold one.
pub(crate) fn wire(document: &Value) -> Vec<u8> {
    let text = document.to_string();
    if text.contains(HALF) { text.replace(HALF, "\\ud800").into_bytes() } else { text.into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::Collection;
    use crate::config::Which;

    const URN: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:user:User";

    fn spoilt(attribute: &'static str, how: Odd) -> Value {
        let Value::Object(mut document) = json!({
            "id": "1",
            "meta": {"created": "2026-01-31T10:00:00.000Z"},
            "emails": [{"value": "ada@example.com", "primary": true}],
            URN: {"serviceUser": false},
        }) else {
            return Value::Null;
        };
        put(&mut document, &OddValue { collection: Collection::Users, attribute, which: Which::All, how });
        Value::Object(document)
    }

    #[test]
    fn values_are_found_wherever_they_are() {
        assert_eq!(spoilt("ID", Odd::Number)["id"], 4711);
        assert_eq!(spoilt("meta.created", Odd::Date(DateForm::DateOnly))["meta"]["created"], "2026-01-31");
        assert_eq!(
            spoilt("META.created", Odd::Date(DateForm::Offset))["meta"]["created"],
            "2026-01-31T12:00:00+02:00"
        );
        assert_eq!(spoilt("emails", Odd::Plain)["emails"], json!(["ada@example.com"]));
        let service = "urn:ietf:params:scim:schemas:oracle:idcs:extension:user:User:serviceUser";
        assert_eq!(spoilt(service, Odd::Absent)[URN], json!({}));
        assert_eq!(spoilt(service, Odd::Bool)[URN], json!({"serviceUser": true}));
        assert_eq!(spoilt("meta", Odd::Null)["meta"], Value::Null);
        assert_eq!(spoilt("groups", Odd::List).get("groups"), None, "what is missing stays missing");
        assert_eq!(spoilt("groups", Odd::Null).get("groups"), Some(&Value::Null));
    }

    #[test]
    fn half_a_surrogate_pair_is_on_the_wire_alone() {
        let text = String::from_utf8(wire(&spoilt("id", Odd::Surrogate))).unwrap();
        assert!(text.contains(r"half \ud800 a pair"), "{text}");
        assert!(serde_json::from_str::<Value>(&text).is_err());
    }
}
