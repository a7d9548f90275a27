//! The words of a page.

use credage_core::{DueReason, Standing};
use credage_report::sanitize;
use jiff::Timestamp;

use crate::digest::{Counts, Item};

/// The most characters that a text from outside may take.
const MAX_TEXT: usize = 200;
/// The same of a command, which is of no use when it is cut.
const MAX_COMMAND: usize = 1000;

/// A text from outside, on one line, without anything that acts on who shows it, and not longer than a line or two.
pub fn clean(text: &str) -> String {
    clip(&sanitize::for_terminal(text.trim()), MAX_TEXT)
}

/// A command, whole or not at all.
pub(super) fn clean_command(text: &str) -> String {
    let shown = sanitize::for_terminal(text);
    if shown.chars().count() <= MAX_COMMAND {
        shown.into_owned()
    } else {
        "(the command is too long to be shown; see the report)".to_owned()
    }
}

/// At most `max` characters, with a mark where something was cut.
pub(super) fn clip(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// A standing in words.
pub(super) const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::DueSoon => "due soon",
        other => other.as_str(),
    }
}

/// What it is: `API key "laptop"`.
pub(super) fn title(item: &Item) -> String {
    let kind = item.kind.label();
    match item.description.as_deref().map(clean).filter(|text| !text.is_empty()) {
        Some(description) => format!("{kind} \"{description}\""),
        None => format!("{kind} {}", clean(item.fingerprint.as_deref().unwrap_or(&item.credential_id))),
    }
}

/// A name, or the id where there is none.
pub(super) fn or_none(name: &str, id: &str) -> String {
    clean(if name.is_empty() { id } else { name })
}

/// What becomes of it, after its title: `has been overdue since 2026-05-20`.
pub(super) fn fate(item: &Item) -> String {
    let on = item.due_on.map(day).unwrap_or_default();
    match item.standing {
        Standing::Expired => format!("expired on {on}"),
        Standing::Overdue => format!("has been overdue since {on}"),
        Standing::DueSoon => format!("is due on {on} ({})", left(item.days_left)),
        Standing::Unknown => "has no usable date".to_owned(),
        Standing::Waived | Standing::Fresh => "is fine".to_owned(),
    }
}

/// When it is due, why, and how old it is.
pub(super) fn due(item: &Item) -> String {
    let why = match item.due_reason {
        Some(DueReason::Expiry) => "its own expiry",
        Some(DueReason::Policy) => "the limit of its age",
        None => "",
    };
    let age = item.age_days.map_or_else(String::new, |days| format!("; it is {} old", days_of(days)));
    let on = item.due_on.map(day).unwrap_or_default();
    let undated = item.undated.as_deref().map(clean);
    match item.standing {
        Standing::Expired => format!("expired on {on}, {}{age}", left(item.days_left)),
        Standing::Overdue => format!("overdue since {on}, {} ({why}){age}", left(item.days_left)),
        Standing::DueSoon | Standing::Waived | Standing::Fresh => {
            format!("due on {on}, {} ({why}){age}", left(item.days_left))
        }
        Standing::Unknown => format!("no usable date: {}", undated.unwrap_or_default()),
    }
}

/// `12 expired, 3 overdue`; nothing where all are fresh.
pub(super) fn counted(counts: &Counts) -> Option<String> {
    let parts = [
        (counts.expired, "expired"),
        (counts.overdue, "overdue"),
        (counts.due_soon, "due soon"),
        (counts.unknown, "unknown"),
    ];
    let parts: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

pub(super) fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

pub(super) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn left(days: Option<i64>) -> String {
    match days {
        None => "at an unknown time".to_owned(),
        Some(0) => "today".to_owned(),
        Some(days) if days < 0 => format!("{} ago", days_of(days.saturating_neg())),
        Some(days) => format!("in {}", days_of(days)),
    }
}

fn days_of(days: i64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
