//! Classes and waivers that could not be decided for somebody, because what decides them was not read.

use std::collections::BTreeMap;

use crate::inventory::DomainInventory;
use crate::policy::{Clause, Doubt, Lack, Policy};

/// A class or waiver that could not be decided for some owners of credentials in a domain.
#[derive(Clone, Debug, PartialEq)]
pub struct Undecided<'a> {
    /// Where.
    pub domain: &'a DomainInventory,
    /// Which.
    pub clause: Clause,
    /// What it is called.
    pub name: String,
    /// What was not read.
    pub lack: Lack,
    /// For how many owners of credentials.
    pub owners: u64,
}

impl Undecided<'_> {
    /// Whether something was not read, so that the run is incomplete. Otherwise only a flag is lacking that the domain may
    /// leave out where it is false.
    pub const fn is_unread(&self) -> bool {
        self.lack.is_unread()
    }

    /// In words, without the domain: what could not be decided, why, and what was done.
    pub fn sentence(&self) -> String {
        let owners = if self.owners == 1 { "1 owner".to_owned() } else { format!("{} owners", self.owners) };
        format!(
            "{} could not be decided for {owners}: {}",
            self.name,
            self.lack.sentence(&self.domain.details)
        )
    }

    /// What was done about it.
    pub const fn consequence(&self) -> &'static str {
        match self.clause {
            Clause::Class(_) => "the strictest limit that could apply was used",
            Clause::Waiver(_) => "the waiver was not applied",
        }
    }
}

/// What could not be decided in one domain, with the owners counted.
#[derive(Debug, Default)]
pub(crate) struct Undecideds(BTreeMap<Clause, Counted>);

#[derive(Debug, Default)]
struct Counted {
    lack: Lack,
    owners: u64,
    last: Option<usize>,
}

impl Undecideds {
    /// Notes what is open about a credential; credentials come owner by owner.
    pub(crate) fn note(&mut self, owner: usize, doubt: Option<&Doubt>) {
        for (clause, lack) in doubt.into_iter().flat_map(|doubt| &doubt.open) {
            let counted = self.0.entry(*clause).or_default();
            counted.lack = counted.lack.union(*lack);
            if counted.last.replace(owner) != Some(owner) {
                counted.owners += 1;
            }
        }
    }

    /// What came together.
    pub(crate) fn of<'a>(self, domain: &'a DomainInventory, policy: &Policy) -> Vec<Undecided<'a>> {
        let undecided = |(clause, counted): (Clause, Counted)| Undecided {
            domain,
            clause,
            name: clause.name(policy),
            lack: counted.lack,
            owners: counted.owners,
        };
        self.0.into_iter().map(undecided).collect()
    }
}
