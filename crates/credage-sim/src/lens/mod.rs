//! The domain as it is shown: the lies of the configuration, with what they choose resolved once at the start.

mod choice;
pub(crate) mod values;

use std::collections::HashMap;

use serde_json::{Map, Value};

pub(crate) use self::choice::{Chosen, drawn};
use crate::collection::Collection;
use crate::config::{ByIdHow, FilterLie, InLists, IndexLie, Lies, OddValue};
use crate::data::{Credential, Domain, User};
use crate::scim::document::{INDEX, index_list};

/// What is not shown of one row.
#[derive(Clone, Copy, Debug, Default)]
struct Hiding {
    lists: InLists,
    by_id: bool,
    index: bool,
}

/// What lies leave of a user or credential for a caller to see, apart from refusals, odd pages and odd values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Where lists show it.
    pub lists: InLists,
    /// Whether it is answered when asked for by its id.
    pub by_id: bool,
    /// Whether filters lose it.
    pub lost_by_filters: bool,
    /// Whether the index, if there is one and its owner is listed, names it. Of users it is always false.
    pub named: bool,
}

/// Lies, ready to be told.
#[derive(Debug, Default)]
pub(crate) struct Lens {
    omissions: Vec<(Collection, Chosen, Hiding)>,
    lost: Vec<(Collection, Chosen)>,
    lacks: Vec<(Collection, Chosen)>,
    invents: Vec<(Collection, Chosen)>,
    by_id: Vec<(Collection, Chosen, ByIdHow)>,
    values: Vec<(OddValue, Chosen)>,
}

impl Lens {
    /// Chooses in `domain` what `lies` are about.
    pub(crate) fn new(lies: &Lies, domain: &Domain) -> Self {
        let choose = |collection, which| Chosen::new(domain, collection, which);
        let mut lens = Self::default();
        for omission in &lies.omissions {
            let hiding = Hiding { lists: omission.lists, by_id: omission.by_id, index: omission.index };
            let chosen = choose(omission.collection, omission.which);
            lens.omissions.push((omission.collection, chosen, hiding));
        }
        for lie in &lies.index {
            match *lie {
                IndexLie::Lacks(kind, users) => lens.lacks.push((kind, choose(Collection::Users, users))),
                IndexLie::Invents(kind, users) => lens.invents.push((kind, choose(Collection::Users, users))),
            }
        }
        for (collection, lie) in &lies.filters {
            if let FilterLie::Loses(which) = *lie {
                lens.lost.push((*collection, choose(*collection, which)));
            }
        }
        for lie in &lies.by_id {
            lens.by_id.push((lie.collection, choose(lie.collection, lie.which), lie.how));
        }
        lens.values = lies.values.iter().map(|odd| (*odd, choose(odd.collection, odd.which))).collect();
        lens
    }

    /// How lists treat a row.
    pub(crate) fn in_lists(&self, collection: Collection, id: &str) -> InLists {
        let mut ways =
            self.of(collection, id).map(|hiding| hiding.lists).filter(|way| *way != InLists::Shown);
        ways.next().unwrap_or_default()
    }

    /// Whether any row of the collection is treated by lists in a way of its own.
    pub(crate) fn touches_lists(&self, collection: Collection) -> bool {
        self.omissions.iter().any(|(of, _, hiding)| *of == collection && hiding.lists != InLists::Shown)
    }

    /// Whether a row is found by its id.
    pub(crate) fn is_found(&self, collection: Collection, id: &str) -> bool {
        !self.of(collection, id).any(|hiding| hiding.by_id)
    }

    /// What is answered to a request for a row, in place of it.
    pub(crate) fn in_place_of(&self, collection: Collection, id: &str) -> Option<ByIdHow> {
        let lie = self.by_id.iter().find(|(of, chosen, _)| *of == collection && chosen.has(id));
        lie.map(|(.., how)| *how)
    }

    /// Whether filters lose a row.
    pub(crate) fn is_lost(&self, collection: Collection, id: &str) -> bool {
        self.lost.iter().any(|(of, chosen)| *of == collection && chosen.has(id))
    }

    /// Whether a user shows an index at all.
    pub(crate) fn shows_index(&self, user: &User) -> bool {
        !self.of(Collection::Users, &user.id).any(|hiding| hiding.index)
    }

    /// Whether a user shows the list of one kind in the index.
    pub(crate) fn shows_list(&self, user: &User, kind: Collection) -> bool {
        !self.lacks.iter().any(|(of, users)| *of == kind && users.has(&user.id))
    }

    /// Whether the index names a credential.
    pub(crate) fn names(&self, kind: Collection, credential: &Credential) -> bool {
        !self.of(kind, &credential.id).any(|hiding| hiding.index)
    }

    /// The id of a credential that does not exist, where a user names one.
    pub(crate) fn invented(&self, user: &User, kind: Collection) -> Option<String> {
        let invents = self.invents.iter().any(|(of, users)| *of == kind && users.has(&user.id));
        invents.then(|| format!("{:032x}", u128::from(drawn(kind.path(), &user.id, 0)) | 1 << 127))
    }

    /// Puts odd values into the document of a row.
    pub(crate) fn spoil(&self, collection: Collection, id: &str, document: &mut Map<String, Value>) {
        for (odd, chosen) in &self.values {
            if odd.collection == collection && chosen.has(id) {
                values::put(document, odd);
            }
        }
    }

    /// What lies leave of a user or credential for a caller to see.
    pub(crate) fn sight(&self, domain: &Domain, collection: Collection, id: &str) -> Sight {
        let lists = self.in_lists(collection, id);
        Sight {
            lists,
            by_id: self.is_found(collection, id) && self.in_place_of(collection, id).is_none(),
            lost_by_filters: self.is_lost(collection, id),
            named: self.is_named(domain, collection, id),
        }
    }

    fn is_named(&self, domain: &Domain, collection: Collection, id: &str) -> bool {
        let row = domain.credentials(collection).iter().find(|row| &*row.id == id);
        let Some(row) = row else { return false };
        let Some(owner) = domain.users.get(row.owner).filter(|owner| !owner.ghost) else { return false };
        self.names(collection, row) && self.shows_list_readably(owner, collection)
    }

    /// Whether a user shows the list of a kind, and nothing odd in its place.
    pub(crate) fn shows_list_readably(&self, user: &User, kind: Collection) -> bool {
        self.shows_index(user)
            && self.shows_list(user, kind)
            && !self.is_odd(Collection::Users, &user.id, INDEX)
            && !self.is_odd(Collection::Users, &user.id, &format!("{INDEX}:{}", index_list(kind)))
    }

    /// Whether an attribute of a row holds something odd.
    fn is_odd(&self, collection: Collection, id: &str, attribute: &str) -> bool {
        let mut about = self
            .values
            .iter()
            .filter(|(odd, _)| odd.collection == collection && odd.attribute.eq_ignore_ascii_case(attribute));
        about.any(|(_, chosen)| chosen.has(id))
    }

    fn of(&self, collection: Collection, id: &str) -> impl Iterator<Item = Hiding> {
        let about = self.omissions.iter().filter(move |(of, chosen, _)| *of == collection && chosen.has(id));
        about.map(|(.., hiding)| *hiding)
    }
}

#[cfg(test)]
mod tests;

/// How often each request was made.
#[derive(Debug, Default)]
pub(crate) struct Repeats(HashMap<u64, u64>);

impl Repeats {
    /// Counts a request, and says how often it was made before.
    pub(crate) fn before(&mut self, request: u64) -> u64 {
        let count = self.0.entry(request).or_default();
        *count += 1;
        *count - 1
    }
}

/// A lie for one collection, where there is one.
pub(crate) fn about<T: Copy>(lies: &[(Collection, T)], collection: Collection) -> impl Iterator<Item = T> {
    lies.iter().filter(move |(of, _)| *of == collection).map(|(_, lie)| *lie)
}

/// Every credential of a domain, with its collection.
pub(crate) fn credentials(domain: &Domain) -> impl Iterator<Item = (Collection, &Credential)> {
    let all = Collection::CREDENTIALS.into_iter();
    all.flat_map(|collection| domain.credentials(collection).iter().map(move |row| (collection, row)))
}
