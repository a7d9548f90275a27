//! Who owns what, as the users' own extension says (`userCredentials:User`), kind by kind.
//!
//! The index of one kind proves nothing about another: a domain may return one kind's entries and not another's, or the
//! caller's own alone. And an index is contradicted, for its kind, by any credential that it should name and does not.

use std::collections::{HashMap, HashSet};

use credage_core::kind::PerKind;
use credage_core::{Credential, CredentialId, IndexState, Kind, Source, UserId};
use jiff::Timestamp;

/// The credentials that the users say they own.
#[derive(Debug, Default)]
pub(crate) struct Index {
    refs: PerKind<Vec<(CredentialId, UserId)>>,
    states: PerKind<IndexState>,
    /// Users of whom it does not say whether they have one, by id.
    unsaid: PerKind<Vec<UserId>>,
    /// Whether every user was read, as far as the listing of users tells.
    users_complete: bool,
    /// Before this instant a credential must exist to be missed in the index.
    since: Option<Timestamp>,
}

impl Index {
    /// Makes the index of the `requested` kinds of `refs`; `own` is the caller, if they are a user here, and `since` the
    /// instant at which reading began.
    pub(crate) fn new(
        mut refs: PerKind<Vec<(CredentialId, UserId)>>,
        requested: &[Kind],
        own: Option<&UserId>,
        users_complete: bool,
        since: Option<Timestamp>,
    ) -> Self {
        let mut states = PerKind::default();
        for &kind in requested {
            let named = refs.get_mut(kind);
            named.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            named.dedup_by(|a, b| a.0 == b.0);
            let others = named.iter().any(|(_, owner)| Some(owner) != own);
            *states.get_mut(kind) = if others { IndexState::Available } else { IndexState::Silent };
        }
        Self { refs, states, unsaid: PerKind::default(), users_complete, since }
    }

    /// The same, where it does not say of these users whether they have one.
    #[must_use]
    pub(crate) fn leaving_open(mut self, mut unsaid: PerKind<Vec<UserId>>) -> Self {
        for kind in Kind::ALL {
            unsaid.get_mut(kind).sort_unstable();
        }
        self.unsaid = unsaid;
        self
    }

    /// Whether it does not say of a user whether they have one.
    pub(crate) fn leaves_open(&self, kind: Kind, user: &UserId) -> bool {
        self.unsaid.get(kind).binary_search(user).is_ok()
    }

    /// What is named of a kind, by id.
    pub(crate) fn of(&self, kind: Kind) -> &[(CredentialId, UserId)] {
        self.refs.get(kind)
    }

    /// The owners of a kind, each with how many are named.
    pub(crate) fn owners(&self, kind: Kind) -> HashMap<&UserId, usize> {
        let mut owners = HashMap::new();
        for (_, owner) in self.of(kind) {
            *owners.entry(owner).or_insert(0) += 1;
        }
        owners
    }

    /// What it is worth for a kind.
    pub(crate) fn state(&self, kind: Kind) -> IndexState {
        *self.states.get(kind)
    }

    /// Whether it names credentials of other users, of any kind.
    pub(crate) fn is_returned(&self) -> bool {
        self.states.iter().any(|(_, state)| *state == IndexState::Available)
    }

    /// Whether it can be a witness of everything that a kind has: it names others' credentials, and every user was read.
    pub(crate) fn is_witness(&self, kind: Kind) -> bool {
        self.users_complete && self.state(kind) == IndexState::Available && self.unsaid.get(kind).is_empty()
    }

    /// Credentials that it should name and does not: their owner was read, and they are older than the reading. Rows and
    /// index are sorted by id.
    pub(crate) fn unnamed<'r>(
        &'r self,
        kind: Kind,
        rows: &'r [Credential],
        listed: &'r HashSet<&UserId>,
    ) -> impl Iterator<Item = &'r Credential> {
        rows.iter().filter(move |row| row.kind == kind && self.lacks(row, listed))
    }

    /// Whether a credential contradicts it: its owner was read, it is older than the reading, and it is not named.
    pub(crate) fn lacks(&self, row: &Credential, listed: &HashSet<&UserId>) -> bool {
        let named = || self.of(row.kind).binary_search_by(|(id, _)| id.cmp(&row.id)).is_ok();
        row.source == Source::Listed && listed.contains(&row.owner) && !self.is_new(row) && !named()
    }

    /// Whether a credential was made while we read, so that what was read before cannot tell of it.
    pub(crate) fn is_new(&self, row: &Credential) -> bool {
        self.since.zip(row.created.instant()).is_some_and(|(since, created)| created >= since)
    }
}
