//! What was read from a tenancy: the one thing that `credage-oci` yields.

use std::collections::HashSet;

use crate::coverage::{Control, Coverage, Incomplete, Reading};
use crate::credential::Credential;
use crate::domain::Domain;
use crate::kind::{Kind, PerKind};
use crate::pattern::UserPattern;
use crate::user::{User, UserDetails};

/// Everything that was read, domain by domain.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Inventory {
    /// The domains, in the order in which they were asked for.
    pub domains: Vec<DomainInventory>,
    /// Where domains were looked for in vain: more of them may exist than are here.
    pub gaps: Vec<Gap>,
    /// When it was read, where that was not just now but in a run before.
    pub collected_at: Option<jiff::Timestamp>,
    /// Whether less was read than there is, because less was asked for: some domains, kinds or users only.
    pub narrowed: bool,
}

impl Inventory {
    /// Whether everything that there is was read: what is not in here does not exist.
    pub fn is_whole(&self) -> bool {
        let complete = |domain: &DomainInventory| domain.coverages().all(|each| *each == Coverage::Complete);
        !self.narrowed && self.gaps.is_empty() && self.domains.iter().all(complete)
    }
}

/// A place that could not be searched for domains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The OCID of the tenancy.
    pub tenancy: String,
    /// What could not be done, such as `list the domains of compartment team-1`.
    pub what: String,
    /// Why, and what to do about it.
    pub why: Incomplete,
}

/// Whether the domain's users say which credentials they own (extension `userCredentials:User`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexState {
    /// At least one user carried it, so a user without it owns nothing.
    Available,
    /// No user carried it; it proves nothing.
    Absent,
}

/// What was read from one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainInventory {
    /// Which domain.
    pub domain: Domain,
    /// Its users, by id.
    pub users: Vec<User>,
    /// The credentials of all kinds, in no promised order. A credential whose owner is not among the users is here
    /// like all others.
    pub credentials: Vec<Credential>,
    /// Which details of the users were read.
    pub details: UserDetails,
    /// How well the users were read.
    pub users_reading: Reading,
    /// How well each kind was read.
    pub readings: PerKind<Reading>,
    /// Whether the index could be used as proof.
    pub index: IndexState,
    /// Whether what we know to exist was seen.
    pub control: Control,
    /// All requests sent to the domain, retries included.
    pub requests: u64,
    /// How many of them the domain refused for coming too fast (429).
    pub rate_limited: u64,
    /// How far the clock of the reading machine was ahead of the domain's (behind it where negative), where the two disagreed
    /// by half a minute or more.
    pub clock_ahead: Option<jiff::SignedDuration>,
}

impl DomainInventory {
    /// A domain of which nothing could be read, for one reason.
    pub fn unreadable(domain: Domain, kinds: &[Kind], why: &Incomplete) -> Self {
        let unread = || Reading { coverage: Coverage::Unreadable(why.clone()), ..Reading::not_applicable() };
        Self {
            domain,
            users: Vec::new(),
            credentials: Vec::new(),
            details: UserDetails::default(),
            users_reading: unread(),
            readings: PerKind::from_fn(|kind| {
                if kinds.contains(&kind) { unread() } else { Reading::not_applicable() }
            }),
            index: IndexState::Absent,
            control: Control::NotTried("nothing of the domain could be read"),
            requests: 0,
            rate_limited: 0,
            clock_ahead: None,
        }
    }

    /// Every verdict: the users' and each kind's.
    pub fn coverages(&self) -> impl Iterator<Item = &Coverage> {
        std::iter::once(&self.users_reading.coverage)
            .chain(self.readings.iter().map(|(_, reading)| &reading.coverage))
    }

    /// Keeps the users that `pattern` means, and their credentials; a credential without a user is held against
    /// what it says of its owner itself.
    pub fn retain_users(&mut self, pattern: &UserPattern) {
        let known: HashSet<_> = self.users.iter().map(|user| user.id.clone()).collect();
        self.users.retain(|user| pattern.matches(&user.name, user.id.as_str()));
        let kept: HashSet<_> = self.users.iter().map(|user| user.id.clone()).collect();
        self.credentials.retain(|credential| {
            if known.contains(&credential.owner) {
                kept.contains(&credential.owner)
            } else {
                pattern
                    .matches(credential.owner_name.as_deref().unwrap_or_default(), credential.owner.as_str())
            }
        });
    }
}
