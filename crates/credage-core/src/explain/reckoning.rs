//! How the due date of a credential follows from its dates and its limit.

use jiff::Timestamp;

use crate::assessment::Assessed;
use crate::kind::Kind;
use crate::policy::Boundary;

/// What a due date is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reckoning {
    /// The attribute that the age counts from: `meta.created` or `lastSetDate`.
    pub basis_field: &'static str,
    /// Its value, where it is a date that can be counted from.
    pub basis: Option<Timestamp>,
    /// The instant at which the limit is reached; `None` where age does not matter or is not known.
    pub by_age: Option<Timestamp>,
    /// Its own expiry.
    pub by_expiry: Option<Timestamp>,
}

impl Assessed<'_> {
    /// How its due date follows.
    pub fn reckoning(&self, boundary: &Boundary) -> Reckoning {
        let credential = self.credential;
        let set = credential.kind == Kind::DbCredential
            && std::ptr::eq(credential.age_basis(), &raw const credential.last_set);
        let basis = credential.age_basis().instant().filter(|_| self.judgement.age_days.is_some());
        Reckoning {
            basis_field: if set { "lastSetDate" } else { "meta.created" },
            basis,
            by_age: basis.zip(self.limit.max_age()).and_then(|(from, age)| boundary.after(from, age)),
            by_expiry: credential.expires_on.instant(),
        }
    }

    /// The same in a sentence.
    pub fn reckoning_in_words(&self, boundary: &Boundary) -> String {
        let reckoning = self.reckoning(boundary);
        let verb = if reckoning.basis_field == "lastSetDate" { "set on" } else { "created on" };
        let by_age = match (reckoning.basis, reckoning.by_age, self.limit.max_age()) {
            (Some(basis), Some(due), Some(age)) => {
                format!("{verb} {} + {age} days = {}", day(basis, boundary), day(due, boundary))
            }
            (_, _, None) => "its age does not matter (exempt)".to_owned(),
            (None, _, Some(_)) => match &self.judgement.undated {
                Some(undated) => format!("its age is not known: {}", undated.reason()),
                None => "its age is not known".to_owned(),
            },
            (Some(_), None, Some(_)) => "its limit lies beyond the end of time".to_owned(),
        };
        let expiry = match reckoning.by_expiry {
            Some(expiry) => format!("it expires by itself on {}", day(expiry, boundary)),
            None if self.credential.kind == Kind::ApiKey => "API keys do not expire by themselves".to_owned(),
            None => "it has no expiry of its own".to_owned(),
        };
        let which = match (reckoning.by_age, reckoning.by_expiry) {
            (Some(age), Some(expiry)) if age < expiry => "; the earlier counts: the limit",
            (Some(_), Some(_)) => "; the earlier counts: the expiry",
            _ => "",
        };
        format!("{by_age}; {expiry}{which}")
    }
}

/// The day of an instant, where days are counted; midnight ends the day before and begins its own.
fn day(at: Timestamp, boundary: &Boundary) -> String {
    match boundary {
        Boundary::Instants => at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Boundary::CalendarDays(zone) => zone.to_datetime(at).date().to_string(),
    }
}
