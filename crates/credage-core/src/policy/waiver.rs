//! Waivers: exceptions with a reason, somebody who approved them, and an end.

use jiff::Timestamp;
use jiff::civil::Date;

use super::class::{domain_meant, domains_apart, users_apart, users_mean};
use super::meant::{Lack, Meant};
use crate::credential::{Credential, CredentialField, Source};
use crate::domain::Domain;
use crate::domain_pattern::DomainPattern;
use crate::kind::Kind;
use crate::pattern::{Folded, UserPattern};
use crate::rules::{About, REGISTRY};

/// An exception: who and what, why, approved by whom, and until when.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiver {
    /// User names or ids; everybody where empty.
    pub users: Vec<UserPattern>,
    /// Ids or fingerprints of credentials; all where empty.
    pub credentials: Vec<Box<str>>,
    /// Kinds; all where empty.
    pub kinds: Vec<Kind>,
    /// Domains; all where empty.
    pub domains: Vec<DomainPattern>,
    /// Ids of rules; every rule about a credential where empty.
    pub rules: Vec<&'static str>,
    /// Why.
    pub reason: String,
    /// Where it was asked for.
    pub ticket: Option<String>,
    /// Who allowed it.
    pub approved_by: String,
    /// The last day on which it holds.
    pub until: Date,
    /// The instant at which that day is over.
    pub ends: Timestamp,
    /// The line of the policy file that declares it.
    pub line: usize,
}

/// How long a waiver still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaiverState {
    /// For more days than the warning window has.
    Holds {
        /// Days until it ends.
        days_left: i64,
    },
    /// It ends within the warning window.
    Expiring {
        /// Days until it ends: 1 on its last day.
        days_left: i64,
    },
    /// No more.
    Expired,
}

impl WaiverState {
    /// `holds`, `expiring` or `expired`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Holds { .. } => "holds",
            Self::Expiring { .. } => "expiring",
            Self::Expired => "expired",
        }
    }

    /// Days until it ends, while it holds.
    pub const fn days_left(self) -> Option<i64> {
        match self {
            Self::Holds { days_left } | Self::Expiring { days_left } => Some(days_left),
            Self::Expired => None,
        }
    }
}

impl Waiver {
    /// Whether it holds at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.ends
    }

    /// Whether it means a credential of an owner.
    pub(crate) fn means(
        &self,
        credential: &Credential,
        name: &Folded,
        id: &Folded,
        domain: &Domain,
    ) -> Meant {
        Meant::certain(self.kinds.is_empty() || self.kinds.contains(&credential.kind))
            .and(|| self.names(credential))
            .and(|| self.means_user(name, id, domain))
    }

    /// Whether it means a user, whatever they have.
    pub(crate) fn means_user(&self, name: &Folded, id: &Folded, domain: &Domain) -> Meant {
        domain_meant(&self.domains, domain).and(|| users_mean(&self.users, name, id))
    }

    /// Whether it excepts from a rule; `of_credential` where the rule is about credentials.
    pub(crate) fn excepts(&self, rule: &str, of_credential: bool) -> bool {
        if self.rules.is_empty() { of_credential } else { self.rules.contains(&rule) }
    }

    /// The rules that it excepts from.
    fn excepted(&self) -> Vec<&'static str> {
        let all = REGISTRY.iter().map(|rule| rule.meta);
        all.filter(|meta| self.excepts(meta.id, meta.about == About::Credential))
            .map(|meta| meta.id)
            .collect()
    }

    /// Whether it means a credential by its id or fingerprint, or means all.
    fn names(&self, credential: &Credential) -> Meant {
        let fingerprint = credential.fingerprint.as_deref();
        let named = self.credentials.iter().any(|text| {
            text.eq_ignore_ascii_case(credential.id.as_str())
                || fingerprint.is_some_and(|each| each.eq_ignore_ascii_case(text))
        });
        let unread =
            credential.source == Source::IndexOnly || credential.unreadable.has(CredentialField::Fingerprint);
        // Of the six kinds, API keys alone have a fingerprint, which is written with colons.
        let by_fingerprint =
            credential.kind == Kind::ApiKey && self.credentials.iter().any(|text| text.contains(':'));
        match named || self.credentials.is_empty() {
            true => Meant::Yes,
            false if unread && fingerprint.is_none() && by_fingerprint => Meant::Unknown(Lack::fingerprint()),
            false => Meant::No,
        }
    }

    /// What it means, in words.
    pub fn subject(&self) -> String {
        let mut parts = Vec::new();
        if !self.users.is_empty() {
            let users: Vec<&str> = self.users.iter().map(|user| user.pattern().as_str()).collect();
            parts.push(format!("user {}", users.join(", ")));
        }
        if !self.kinds.is_empty() {
            let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
            parts.push(format!("kind {}", kinds.join(", ")));
        }
        if !self.credentials.is_empty() {
            parts.push(format!("credential {}", self.credentials.join(", ")));
        }
        if !self.domains.is_empty() {
            let domains: Vec<&str> = self.domains.iter().map(DomainPattern::as_str).collect();
            parts.push(format!("domain {}", domains.join(", ")));
        }
        if !self.rules.is_empty() {
            parts.push(format!("rule {}", self.rules.join(", ")));
        }
        parts.join(", ")
    }

    /// Whether no finding can be excepted by both, as far as the selectors tell.
    pub(super) fn is_disjoint(&self, other: &Self) -> bool {
        fn none_in_common<T: PartialEq>(one: &[T], two: &[T]) -> bool {
            !one.is_empty() && !two.is_empty() && !one.iter().any(|each| two.contains(each))
        }
        none_in_common(&self.kinds, &other.kinds)
            || none_in_common(&self.credentials, &other.credentials)
            || none_in_common(&self.excepted(), &other.excepted())
            || domains_apart(&self.domains, &other.domains)
            || users_apart(&self.users, &other.users)
    }
}
