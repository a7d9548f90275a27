//! When a credential is due, and where it stands at an instant. The heart of credage, and pure.

use jiff::Timestamp;

use crate::credential::{Credential, DateReading, Source};
use crate::days::{days_between, days_until};
use crate::policy::Policy;

/// Which of the two limits comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DueReason {
    /// The policy's maximum age.
    Policy,
    /// The credential's own expiry.
    Expiry,
}

impl DueReason {
    /// `policy` or `expiry`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Expiry => "expiry",
        }
    }
}

/// The instant at which a credential must be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub on: Timestamp,
    /// Because of what.
    pub reason: DueReason,
}

/// Where a credential stands, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Past its own expiry.
    Expired,
    /// Past the policy's maximum age.
    Overdue,
    /// Inside the warning window.
    DueSoon,
    /// Without a date to judge by: may be anything, and is never taken for fresh.
    Unknown,
    /// None of these.
    Fresh,
}

impl Standing {
    /// All standings, most urgent first.
    pub const ALL: [Self; 5] = [Self::Expired, Self::Overdue, Self::DueSoon, Self::Unknown, Self::Fresh];

    /// `expired`, `overdue`, `due_soon`, `unknown` or `fresh`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Overdue => "overdue",
            Self::DueSoon => "due_soon",
            Self::Unknown => "unknown",
            Self::Fresh => "fresh",
        }
    }
}

/// Why a credential cannot be dated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undated {
    /// The domain gave no date.
    Missing,
    /// The domain gave something that is no date.
    Unreadable(Box<str>),
    /// The date lies in the future, so one of two clocks is wrong.
    InFuture(Timestamp),
    /// The age is known, but the own expiry cannot be read.
    UnreadableExpiry(Box<str>),
    /// Only the owner's index names it.
    NotRead,
}

impl Undated {
    /// In words, for people.
    pub fn reason(&self) -> String {
        match self {
            Self::Missing => "the domain gives no creation date".to_owned(),
            Self::Unreadable(text) => format!("its date `{text}` is no date"),
            Self::InFuture(at) => format!("its date {at} lies in the future"),
            Self::UnreadableExpiry(text) => format!("its expiry `{text}` is no date"),
            Self::NotRead => "its owner's index names it, but it could not be read".to_owned(),
        }
    }
}

/// What there is to say about one credential at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Whole days since the age basis; `None` where there is no usable date.
    pub age_days: Option<i64>,
    /// When it is due; `None` where neither limit is known.
    pub due: Option<Due>,
    /// Whole days until then, rounded up: 0 or less once it is due.
    pub days_left: Option<i64>,
    /// Where it stands.
    pub standing: Standing,
    /// Why it is not, or not fully, dated.
    pub undated: Option<Undated>,
}

/// Judges a credential by a policy at an instant.
pub fn judge(credential: &Credential, policy: &Policy, now: Timestamp) -> Judgement {
    let basis = usable_basis(credential, now);
    let limit = basis.as_ref().ok().and_then(|&from| from.checked_add(policy.max_age().duration()).ok());
    let expiry = credential.expires_on.instant();
    let due = earlier(limit, expiry);
    let undated = basis.as_ref().err().cloned().or_else(|| unreadable_expiry(credential));
    let standing = standing(due, limit, expiry, undated.is_some(), policy, now);
    Judgement {
        age_days: basis.ok().map(|from| days_between(from, now)),
        due,
        days_left: due.map(|due| days_until(now, due.on)),
        standing,
        undated,
    }
}

fn usable_basis(credential: &Credential, now: Timestamp) -> Result<Timestamp, Undated> {
    if credential.source == Source::IndexOnly {
        return Err(Undated::NotRead);
    }
    match credential.age_basis() {
        DateReading::At(at) if *at > now => Err(Undated::InFuture(*at)),
        DateReading::At(at) => Ok(*at),
        DateReading::Missing => Err(Undated::Missing),
        DateReading::Unreadable(text) => Err(Undated::Unreadable(text.clone())),
    }
}

fn unreadable_expiry(credential: &Credential) -> Option<Undated> {
    match &credential.expires_on {
        DateReading::Unreadable(text) => Some(Undated::UnreadableExpiry(text.clone())),
        DateReading::At(_) | DateReading::Missing => None,
    }
}

/// The earlier of both limits. At the same instant it is the expiry, because that one ends the credential's life.
fn earlier(limit: Option<Timestamp>, expiry: Option<Timestamp>) -> Option<Due> {
    match (limit, expiry) {
        (Some(limit), Some(expiry)) if limit < expiry => Some(Due { on: limit, reason: DueReason::Policy }),
        (_, Some(expiry)) => Some(Due { on: expiry, reason: DueReason::Expiry }),
        (Some(limit), None) => Some(Due { on: limit, reason: DueReason::Policy }),
        (None, None) => None,
    }
}

fn standing(
    due: Option<Due>,
    limit: Option<Timestamp>,
    expiry: Option<Timestamp>,
    undated: bool,
    policy: &Policy,
    now: Timestamp,
) -> Standing {
    if expiry.is_some_and(|expiry| expiry <= now) {
        Standing::Expired
    } else if limit.is_some_and(|limit| limit <= now) {
        Standing::Overdue
    } else if undated && limit.is_none() {
        Standing::Unknown
    } else if due.is_some_and(|due| days_before(due.on, policy) <= now) {
        Standing::DueSoon
    } else if undated {
        Standing::Unknown
    } else {
        Standing::Fresh
    }
}

/// From when on a credential that is due at `due` is due soon.
fn days_before(due: Timestamp, policy: &Policy) -> Timestamp {
    due.checked_sub(policy.warn_before().duration()).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
#[path = "due_tests.rs"]
mod tests;
