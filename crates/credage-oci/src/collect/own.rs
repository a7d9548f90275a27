//! Who of the domain's users the caller is.
//!
//! Usually the users' OCIDs tell. Where these are not returned, or the users cannot be read, a credential does: every row
//! names its owner's OCID, and the key that signs is known by its fingerprint. Whoever cannot be found may be in another
//! domain, or hidden; and as long as that is open, one owner's credentials may all be the caller's.

use std::sync::OnceLock;

use credage_core::{Coverage, Credential, CredentialId, DomainInventory, User, UserId};

use super::rows::CredentialRow;
use crate::auth::Principal;

/// The caller, as far as rows tell.
#[derive(Debug)]
pub(crate) struct Own<'a> {
    ocid: Option<&'a str>,
    fingerprint: Option<&'a str>,
    seen: OnceLock<UserId>,
}

/// What is known of the caller in a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// This user.
    Known(UserId),
    /// None of the users.
    Elsewhere,
    /// Perhaps one of the users.
    Unknown,
}

impl<'a> Own<'a> {
    pub(crate) fn new(principal: &'a Principal) -> Self {
        Self { ocid: principal.user_ocid(), fingerprint: principal.fingerprint(), seen: OnceLock::new() }
    }

    /// The caller's OCID, if they are a user.
    pub(crate) const fn ocid(&self) -> Option<&'a str> {
        self.ocid
    }

    /// Notes what a row tells of the caller.
    pub(crate) fn note(&self, ocid: Option<&str>, credential: &Credential) {
        let by_ocid = ocid.is_some() && ocid == self.ocid;
        let own_key = |fingerprint: &str| {
            credential.fingerprint.as_deref().is_some_and(|each| each.eq_ignore_ascii_case(fingerprint))
        };
        if (by_ocid || self.fingerprint.is_some_and(own_key)) && !credential.owner.as_str().is_empty() {
            let _ = self.seen.set(credential.owner.clone());
        }
    }

    /// Who they are, after everything was read.
    pub(crate) fn caller(&self, users: &[User], coverage: &Coverage) -> Caller {
        let Some(ocid) = self.ocid else { return Caller::Elsewhere };
        let by_user = users.iter().find(|user| user.ocid.as_deref() == Some(ocid)).map(|user| &user.id);
        match by_user.or_else(|| self.seen.get()) {
            Some(id) => Caller::Known(id.clone()),
            None if *coverage == Coverage::Complete && users.iter().all(|user| user.ocid.is_some()) => {
                Caller::Elsewhere
            }
            None => Caller::Unknown,
        }
    }
}

impl CredentialRow {
    /// Whether it is the row with this id.
    pub(crate) fn has_id(&self, id: &CredentialId) -> bool {
        self.id.as_ref().is_some_and(|own| **own == *id.as_str())
    }

    /// What the row says of its owner's OCID.
    pub(crate) fn owner_ocid(&self) -> Option<&str> {
        self.user.as_ref().and_then(|owner| owner.0.ocid.as_ref()).map(AsRef::as_ref)
    }
}

impl Caller {
    /// Whether there is a user who cannot be the caller, as far as users were read.
    pub(crate) fn is_not_alone(&self, users: &[User]) -> bool {
        match self {
            Self::Known(own) => users.iter().any(|user| user.id != *own),
            Self::Elsewhere => !users.is_empty(),
            Self::Unknown => users.len() > 1,
        }
    }

    /// Whether one of these owners cannot be the caller.
    pub(crate) fn is_among_others<'o>(&self, owners: impl Iterator<Item = &'o UserId>) -> bool {
        let mut owners = owners.filter(|owner| !owner.as_str().is_empty());
        match self {
            Self::Known(own) => owners.any(|owner| owner != own),
            Self::Elsewhere => owners.next().is_some(),
            Self::Unknown => owners.next().is_some_and(|first| owners.any(|owner| owner != first)),
        }
    }
}

/// A list of users that holds nobody but the caller may be all that they may see.
pub(crate) fn doubt_a_list_of_one(inventory: &mut DomainInventory, caller: &Caller) {
    let alone = !inventory.users.is_empty() && !caller.is_not_alone(&inventory.users);
    if alone && inventory.users_reading.coverage == Coverage::Complete {
        let why = super::verdict::only_caller();
        inventory.users_reading.coverage = Coverage::Unconfirmed { why, tolerated: false };
        inventory.users_reading.witnesses.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[&str]) -> Vec<UserId> {
        ids.iter().map(|id| UserId::new(id)).collect()
    }

    #[test]
    fn one_owner_of_everything_may_be_the_caller() {
        let others = |caller: &Caller, owners: &[&str]| caller.is_among_others(ids(owners).iter());
        assert!(!others(&Caller::Unknown, &["a", "a", ""]));
        assert!(others(&Caller::Unknown, &["a", "b"]));
        assert!(others(&Caller::Elsewhere, &["a"]));
        let known = Caller::Known(UserId::new("a"));
        assert!(!others(&known, &["a", "a"]) && others(&known, &["a", "b"]) && !others(&known, &[]));
    }
}
