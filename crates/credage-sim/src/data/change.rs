//! What changes while a domain is read.

use std::collections::HashSet;

use jiff::Timestamp;

use super::{Credential, Dated, Domain, Stamp, User};
use crate::collection::Collection;
use crate::config::What;
use crate::keys::AUDITOR;

/// Rows of a collection, from one end.
#[derive(Clone, Copy, Debug)]
struct End {
    collection: Collection,
    count: usize,
    last: bool,
}

impl Domain {
    /// Takes away the first rows of a collection, whoever owns them.
    pub(crate) fn delete_first(&mut self, collection: Collection, rows: usize) {
        let all = self.rows.get_mut(collection);
        let rows = rows.min(all.len());
        let gone = all.drain(..rows).map(|row| (collection, row));
        self.departed.extend(gone);
        self.arrange(collection);
    }

    /// Adds rows that come first.
    pub(crate) fn insert_first(&mut self, collection: Collection, rows: usize, now: Timestamp) {
        self.insert_credentials(End { collection, count: rows, last: false }, now);
    }

    /// Lets something change.
    pub(crate) fn change(&mut self, what: What, now: Timestamp) {
        match what {
            What::DeleteFirst(collection, count) => self.delete(End { collection, count, last: false }),
            What::DeleteLast(collection, count) => self.delete(End { collection, count, last: true }),
            What::InsertFirst(collection, count) => {
                self.insert(End { collection, count, last: false }, now);
            }
            What::InsertLast(collection, count) => self.insert(End { collection, count, last: true }, now),
            What::Slip(collection, count) => {
                self.delete(End { collection, count, last: false });
                self.insert(End { collection, count, last: true }, now);
            }
            What::Orphan(count) => {
                for place in self.others(End { collection: Collection::Users, count, last: false }) {
                    self.dismiss(place);
                }
            }
        }
    }

    fn delete(&mut self, end: End) {
        if end.collection == Collection::Users {
            let users: HashSet<usize> = self.others(end).into_iter().collect();
            for &place in &users {
                self.dismiss(place);
            }
            for collection in Collection::CREDENTIALS {
                self.remove(collection, |row| users.contains(&row.owner));
            }
            return;
        }
        let auditor = self.owner_place(AUDITOR);
        let rows = self.rows.get(end.collection).iter().filter(|row| Some(row.owner) != auditor);
        let ids: Vec<Box<str>> = rows.map(|row| row.id.clone()).collect();
        let gone: HashSet<Box<str>> = from_end(ids, end).into_iter().collect();
        self.remove(end.collection, |row| gone.contains(&row.id));
    }

    fn insert(&mut self, end: End, now: Timestamp) {
        if end.collection == Collection::Users {
            self.insert_users(end, now);
        } else {
            self.insert_credentials(end, now);
        }
    }

    fn dismiss(&mut self, place: usize) {
        if let Some(user) = self.users.get_mut(place) {
            user.ghost = true;
            self.dismissed.push(user.id.clone());
        }
    }

    fn remove(&mut self, collection: Collection, goes: impl Fn(&Credential) -> bool) {
        let rows = std::mem::take(self.rows.get_mut(collection));
        let (gone, kept): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| goes(row));
        *self.rows.get_mut(collection) = kept;
        self.departed.extend(gone.into_iter().map(|row| (collection, row)));
        self.arrange(collection);
    }

    /// The places of users at one end, the auditor and the gone aside.
    fn others(&self, end: End) -> Vec<usize> {
        let auditor = self.owner_place(AUDITOR);
        let there = self.users.iter().enumerate().filter(|(_, user)| !user.ghost).map(|(place, _)| place);
        from_end(there.filter(|place| Some(*place) != auditor).collect(), end)
    }

    fn insert_credentials(&mut self, end: End, now: Timestamp) {
        let owner = self.users.iter().position(|user| !user.ghost).unwrap_or_default();
        let fresh: Vec<Credential> = self.free_ids(end).map(|id| credential(id, owner, now)).collect();
        self.rows.get_mut(end.collection).extend(fresh);
        self.arrange(end.collection);
    }

    fn insert_users(&mut self, end: End, now: Timestamp) {
        let fresh: Vec<User> = self.free_ids(end).map(|id| user(id, now)).collect();
        if end.last {
            self.users.extend(fresh);
        } else {
            let moved = fresh.len();
            self.users.splice(0..0, fresh);
            for collection in Collection::CREDENTIALS {
                for row in self.rows.get_mut(collection) {
                    row.owner += moved;
                }
                self.arrange(collection);
            }
            for (_, row) in &mut self.departed {
                row.owner += moved;
            }
        }
        self.number_users();
    }

    /// Ids that nothing has, before or behind all that are drawn.
    fn free_ids(&self, end: End) -> impl Iterator<Item = Box<str>> + use<> {
        let taken = if end.collection == Collection::Users {
            self.users.len()
        } else {
            self.rows.get(end.collection).len() + self.departed.len()
        };
        // No two collections share an id.
        let place = Collection::ALL.iter().position(|each| *each == end.collection).unwrap_or_default();
        let begin = if end.last { "fffffffffffffff" } else { "000000000000000" };
        (taken..taken + end.count).map(move |number| format!("{begin}{place:x}{number:016x}").into())
    }
}

fn from_end<T>(mut all: Vec<T>, end: End) -> Vec<T> {
    if end.last {
        all.reverse();
    }
    all.truncate(end.count);
    all
}

fn credential(id: Box<str>, owner: usize, now: Timestamp) -> Credential {
    Credential {
        id,
        owner,
        created: Dated::At(Stamp { at: now, millis: true }),
        expires: None,
        last_set: None,
        description: Some("made meanwhile"),
        fingerprint: None,
        hidden: false,
    }
}

fn user(id: Box<str>, now: Timestamp) -> User {
    User {
        ocid: format!("ocid1.user.oc1..aaaaaaaa{id:0>52}").into(),
        name: format!("newcomer-{id}@example.com").into(),
        display_name: "Newcomer".into(),
        email: None,
        active: Some(true),
        service: false,
        federated: false,
        capabilities: Some([Some(true); 8]),
        created: Stamp { at: now, millis: true },
        last_login: None,
        mfa: None,
        groups: vec!["All Domain Users"],
        roles: Vec::new(),
        tags: Vec::new(),
        ghost: false,
        id,
    }
}
