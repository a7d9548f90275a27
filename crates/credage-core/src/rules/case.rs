//! What a rule sees of the thing that it judges.

use std::cmp::Reverse;

use jiff::Timestamp;

use crate::assessment::Assessed;
use crate::credential::Credential;
use crate::due::Standing;
use crate::inventory::DomainInventory;
use crate::kind::{Kind, PerKind};
use crate::policy::{Policy, Waiver};
use crate::user::User;

/// A credential to judge.
pub(crate) struct CredentialCase<'c, 'a> {
    pub(crate) assessed: &'c Assessed<'a>,
    /// Everything that its owner has.
    pub(crate) holdings: &'c Holdings<'a>,
    /// Whether the user listing is complete; nobody is called gone where it is not.
    pub(crate) users_complete: bool,
}

/// A user to judge.
pub(crate) struct UserCase<'c, 'a> {
    pub(crate) user: &'a User,
    pub(crate) domain: &'a DomainInventory,
    pub(crate) holdings: &'c Holdings<'a>,
    pub(crate) now: Timestamp,
}

/// A waiver to judge.
pub(crate) struct WaiverCase<'c> {
    pub(crate) waiver: &'c Waiver,
    /// Whether it means anything that was read; `None` where not enough was read to say that it means nothing.
    pub(crate) matched: Option<bool>,
    pub(crate) policy: &'c Policy,
    pub(crate) now: Timestamp,
}

/// What one owner has, kind by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings<'a> {
    kinds: PerKind<Held<'a>>,
    /// Whether the owner administers the tenancy or the domain; `None` where groups were not read.
    pub(crate) administrator: Option<bool>,
}

/// What one owner has of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Held<'a> {
    /// Credentials that have not expired.
    pub(crate) alive: u32,
    /// All of them.
    pub(crate) all: u32,
    /// The youngest of those that are alive and dated.
    pub(crate) newest: Option<&'a Credential>,
}

impl<'a> Holdings<'a> {
    /// Counts one more.
    pub(crate) fn add(&mut self, assessed: &Assessed<'a>) {
        let held = self.kinds.get_mut(assessed.credential.kind);
        held.all += 1;
        if assessed.judgement.is(Standing::Expired) {
            return;
        }
        held.alive += 1;
        // Of two that were made at the same instant it is always the same one, in whatever order they come.
        let age = |credential: &'a Credential| {
            credential.age_basis().instant().map(|at| (at, Reverse(&credential.id)))
        };
        if age(assessed.credential) > held.newest.and_then(age) {
            held.newest = Some(assessed.credential);
        }
    }

    pub(crate) fn of(&self, kind: Kind) -> &Held<'a> {
        self.kinds.get(kind)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kinds.iter().all(|(_, held)| held.all == 0)
    }
}
