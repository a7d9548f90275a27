//! Of what, and when, a channel is told.

use std::borrow::Cow;

use credage_core::Standing;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::digest::Digest;

/// When a channel is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum When {
    /// When there is something to say.
    #[default]
    Findings,
    /// Always: that all is well, too.
    Always,
}

/// From which standing on a credential is told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum From {
    /// Everything that is not fresh, those without a usable date included.
    #[default]
    DueSoon,
    /// Overdue and expired ones.
    Overdue,
    /// Expired ones alone.
    Expired,
}

/// Of what, and when, a channel is told. What could not be read is always something to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// When.
    pub when: When,
    /// From which standing on.
    pub from: From,
}

impl Scope {
    /// What the channel is told of a digest; nothing where there is nothing to say.
    pub fn narrow<'d>(&self, digest: &'d Digest) -> Option<Cow<'d, Digest>> {
        let told = match self.from {
            From::DueSoon => Cow::Borrowed(digest),
            from => Cow::Owned(digest.keeping(|item| from.includes(item.standing))),
        };
        (self.when == When::Always || told.has_news()).then_some(told)
    }
}

impl From {
    fn includes(self, standing: Standing) -> bool {
        match self {
            Self::Expired => standing == Standing::Expired,
            Self::Overdue => standing <= Standing::Overdue,
            Self::DueSoon => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Problem;

    fn told(when: When, from: From, digest: &Digest) -> Option<usize> {
        Scope { when, from }.narrow(digest).map(|digest| digest.items.len())
    }

    #[test]
    fn nothing_to_say_is_not_said_unless_asked_for() {
        let sample = Digest::sample("2026-06-01T12:00:00Z".parse().unwrap());
        assert_eq!(told(When::Findings, From::DueSoon, &sample), Some(4));
        assert_eq!(told(When::Findings, From::Overdue, &sample), Some(2));
        assert_eq!(told(When::Findings, From::Expired, &sample), Some(1));
        let soon = sample.keeping(|item| item.standing == Standing::DueSoon);
        assert_eq!(told(When::Findings, From::Overdue, &soon), None);
        assert_eq!(told(When::Always, From::Overdue, &soon), Some(0));
        let problem = Problem {
            domain: None,
            what: "list domains".to_owned(),
            verdict: "gap",
            status: None,
            reason: String::new(),
            hint: String::new(),
            request_id: None,
        };
        let unread = Digest { problems: vec![problem], ..soon };
        assert_eq!(told(When::Findings, From::Expired, &unread), Some(0), "a gap is always told");
    }
}
