//! What was read from a tenancy: the one thing that `credage-oci` yields.

use std::collections::HashSet;

use crate::coverage::{Control, Coverage, Reading};
use crate::credential::Credential;
use crate::domain::Domain;
use crate::kind::PerKind;
use crate::pattern::UserPattern;
use crate::user::User;

/// Everything that was read, domain by domain.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Inventory {
    /// The domains, in the order in which they were asked for.
    pub domains: Vec<DomainInventory>,
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
}

impl DomainInventory {
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
