//! When a credential is due, and where it stands at an instant. The heart of credage, and pure.

use jiff::Timestamp;

use crate::credential::{Credential, DateReading, Source};
use crate::policy::{Boundary, Limit};

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
    /// One of these, and excepted by a waiver.
    Waived,
    /// None of these.
    Fresh,
}

impl Standing {
    /// All standings, most urgent first.
    pub const ALL: [Self; 6] =
        [Self::Expired, Self::Overdue, Self::DueSoon, Self::Unknown, Self::Waived, Self::Fresh];

    /// `expired`, `overdue`, `due_soon`, `unknown`, `waived` or `fresh`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Overdue => "overdue",
            Self::DueSoon => "due_soon",
            Self::Unknown => "unknown",
            Self::Waived => "waived",
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
    /// Where it would stand without a waiver; the same where there is none.
    pub unwaived: Standing,
    /// Why it is not, or not fully, dated.
    pub undated: Option<Undated>,
}

impl Judgement {
    /// Whether it stands so, waiver or not.
    pub fn is(&self, standing: Standing) -> bool {
        self.unwaived == standing
    }
}

/// Judges a credential by its limit at an instant.
pub fn judge(credential: &Credential, limit: Limit, boundary: &Boundary, now: Timestamp) -> Judgement {
    let basis = usable_basis(credential, now);
    let warn_before = limit.warn_before();
    let exempt = limit.max_age().is_none();
    let limit = basis.as_ref().ok().zip(limit.max_age()).and_then(|(&from, age)| boundary.after(from, age));
    let expiry = credential.expires_on.instant();
    let due = earlier(limit, expiry);
    let undated = basis.as_ref().err().cloned().or_else(|| unreadable_expiry(credential));
    let warned = due.is_some_and(|due| boundary.before(due.on, warn_before) <= now);
    let dates = Dates { limit, expiry, warned, undated: undated.is_some(), exempt };
    let standing = standing(&dates, now);
    Judgement {
        age_days: basis.ok().map(|from| boundary.age(from, now)),
        due,
        days_left: due.map(|due| boundary.left(now, due.on)),
        standing,
        unwaived: standing,
        undated,
    }
}

/// What a standing follows from.
struct Dates {
    limit: Option<Timestamp>,
    expiry: Option<Timestamp>,
    /// Whether the warning window has begun.
    warned: bool,
    undated: bool,
    /// Whether age does not matter.
    exempt: bool,
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

fn standing(dates: &Dates, now: Timestamp) -> Standing {
    let Dates { limit, expiry, warned, undated, exempt } = *dates;
    if expiry.is_some_and(|expiry| expiry <= now) {
        Standing::Expired
    } else if limit.is_some_and(|limit| limit <= now) {
        Standing::Overdue
    } else if undated && limit.is_none() && !exempt {
        Standing::Unknown
    } else if warned {
        Standing::DueSoon
    } else if undated {
        Standing::Unknown
    } else {
        Standing::Fresh
    }
}

#[cfg(test)]
#[path = "due_tests.rs"]
mod tests;
