//! Findings in words, and the facts behind them.

use super::{Finding, Subject};
use crate::assessment::{Assessed, Assessment};
use crate::due::DueReason;
use crate::rules::Evidence;

/// A fact that a finding rests on: its name and its value.
pub type Fact = (&'static str, String);

impl Finding<'_> {
    /// One sentence: what is so, with the dates and limits.
    pub fn sentence(&self, assessment: &Assessment<'_>) -> String {
        let about = self.credential(assessment);
        match (self.evidence, about) {
            (Evidence::Judgement, Some(assessed)) => judgement(self.rule.id, assessed),
            (Evidence::Newer { made, .. }, Some(assessed)) => {
                let by = assessed.judgement.due.filter(|due| due.on > assessment.as_of);
                let by = by.map_or_else(|| "now".to_owned(), |due| format!("by {}", day(due.on)));
                format!("a younger one was created on {}; delete this one {by}", day(made))
            }
            (Evidence::Administrator(name), _) => format!("the owner is in {name}"),
            (Evidence::Unused(kinds), _) => {
                let kinds: Vec<&str> = kinds.iter().map(crate::Kind::label).collect();
                format!("may create and has none: {}", kinds.join(", "))
            }
            (Evidence::Count { have, allowed }, _) => format!("{have} where {allowed} may be"),
            (Evidence::LastLogin { at: Some(at), allowed }, _) => {
                format!("last signed in on {}; {allowed} days are allowed", day(at))
            }
            (Evidence::LastLogin { at: None, allowed }, _) => {
                format!("has never signed in; {allowed} days are allowed")
            }
            (Evidence::State(state), _) => state.to_owned(),
            (Evidence::WaiverEnds(at), _) if at <= assessment.as_of => format!("ended on {}", last_day(at)),
            (Evidence::WaiverEnds(at), _) => format!("ends on {}", last_day(at)),
            (Evidence::Judgement | Evidence::Newer { .. }, None) => String::new(),
        }
    }

    /// The timestamps and limits that it rests on.
    pub fn facts(&self, assessment: &Assessment<'_>) -> Vec<Fact> {
        let mut facts = match self.subject {
            Subject::Credential(place) => {
                assessment.credentials.get(place).map(|each| dates(each, assessment)).unwrap_or_default()
            }
            Subject::User(_, user) => {
                vec![("user_created", user.created.copied().map(text).unwrap_or_default())]
            }
            Subject::Waiver(place) => assessment
                .policy
                .waivers()
                .get(place)
                .map(|waiver| vec![("line", waiver.line.to_string()), ("means", waiver.subject())])
                .unwrap_or_default(),
        };
        facts.extend(match self.evidence {
            Evidence::Judgement => Vec::new(),
            Evidence::Newer { credential, made } => {
                vec![("newer_credential_id", credential.id.to_string()), ("newer_created", text(made))]
            }
            Evidence::Unused(kinds) => {
                vec![("kinds", kinds.iter().map(crate::Kind::as_str).collect::<Vec<_>>().join(" "))]
            }
            Evidence::Count { have, allowed } => {
                vec![("count", have.to_string()), ("allowed", allowed.to_string())]
            }
            Evidence::LastLogin { at, allowed } => {
                vec![
                    ("last_login", at.map_or_else(|| "never".to_owned(), text)),
                    ("allowed_days", allowed.to_string()),
                ]
            }
            Evidence::State(state) => vec![("state", state.to_owned())],
            Evidence::Administrator(name) => vec![("administrator_by", name.to_owned())],
            Evidence::WaiverEnds(at) => vec![("ends", text(at))],
        });
        facts.retain(|(_, value)| !value.is_empty());
        facts
    }
}

fn judgement(rule: &str, assessed: &Assessed<'_>) -> String {
    let judgement = &assessed.judgement;
    let age =
        judgement.age_days.map_or_else(|| "of unknown age".to_owned(), |days| format!("{days} days old"));
    let due = judgement.due.map(|due| (day(due.on), due.reason));
    match (rule, due, &judgement.undated) {
        ("rotation-overdue", Some((on, _)), _) => {
            let limit =
                assessed.limit.max_age().map_or_else(String::new, |days| format!(", limit {days} days"));
            format!("{age}{limit}; due since {on}")
        }
        ("rotation-due-soon", Some((on, DueReason::Policy)), _) => format!("{age}; due on {on}"),
        ("rotation-due-soon", Some((on, DueReason::Expiry)), _) => format!("{age}; expires on {on}"),
        ("credential-expired", ..) => {
            let on = assessed.credential.expires_on.instant().map(day).unwrap_or_default();
            format!("expired on {on}")
        }
        ("undated-credential", _, Some(undated)) => undated.reason(),
        ("dormant-credential", ..) => format!("the owner may not create this kind any more; {age}"),
        ("inactive-owner", ..) => format!("the owner is deactivated; {age}"),
        ("orphaned-credential", ..) => format!("the owner is not a user of the domain; {age}"),
        ("no-own-expiry", ..) => format!("created without an expiry; {age}"),
        _ => age,
    }
}

fn dates(assessed: &Assessed<'_>, assessment: &Assessment<'_>) -> Vec<Fact> {
    let (credential, judgement) = (assessed.credential, &assessed.judgement);
    let days = |days: Option<i64>| days.map(|days| days.to_string()).unwrap_or_default();
    let at = |at: Option<jiff::Timestamp>| at.map(text).unwrap_or_default();
    vec![
        ("age_basis", at(credential.age_basis().instant())),
        ("expires_on", at(credential.expires_on.instant())),
        ("age_days", days(judgement.age_days)),
        ("limit_days", assessed.limit.max_age().map(|days| days.to_string()).unwrap_or_default()),
        ("warn_before_days", assessed.limit.warn_before().to_string()),
        ("class", assessed.class_in_words(assessment.policy).into_owned()),
        ("due_on", at(judgement.due.map(|due| due.on))),
        ("days_left", days(judgement.days_left)),
    ]
}

fn day(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// The day that ends at an instant.
fn last_day(at: jiff::Timestamp) -> String {
    day(at.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(at))
}

fn text(at: jiff::Timestamp) -> String {
    at.to_string()
}
