//! Which classes could claim the same user with equal right, without comparing each with all others.

use std::collections::{BTreeMap, HashMap};

use super::overlap::Selected;
use crate::policy::Class;
use crate::policy::class::Rank;

/// The classes so far.
#[derive(Default)]
pub(super) struct Rivals {
    classes: Vec<Class>,
    names: HashMap<String, usize>,
    /// Those that come between no others: of the same rank.
    ranks: BTreeMap<Rank, OfRank>,
}

#[derive(Default)]
struct OfRank {
    users: Selected,
    domains: Selected,
    places: Vec<usize>,
}

impl Rivals {
    /// The class of a name.
    pub(super) fn named(&self, name: &str) -> Option<&Class> {
        self.names.get(name).and_then(|place| self.classes.get(*place))
    }

    /// The first class that could claim the same user with equal right.
    pub(super) fn first(&self, class: &Class) -> Option<&Class> {
        let mut candidates = self.ranks.get(&class.rank())?.near(class);
        candidates.sort_unstable();
        let mut others = candidates.into_iter().filter_map(|place| self.classes.get(place));
        others.find(|other| !other.is_disjoint(class))
    }

    /// Adds a class that has no rival.
    pub(super) fn add(&mut self, class: Class) {
        let place = self.classes.len();
        self.names.insert(class.name.clone(), place);
        let rank = self.ranks.entry(class.rank()).or_default();
        rank.users.add_users(place, &class.members.users);
        rank.domains.add_domains(place, &class.members.domains);
        rank.places.push(place);
        self.classes.push(class);
    }

    /// All of them, in the order in which they were added.
    pub(super) fn into_classes(self) -> Vec<Class> {
        self.classes
    }
}

impl OfRank {
    /// The classes that this one may share a user with.
    fn near(&self, class: &Class) -> Vec<usize> {
        let users = self.users.near_users(&class.members.users);
        let domains = self.domains.near_domains(&class.members.domains);
        let ways = [users, domains].into_iter().flatten();
        ways.min_by_key(Vec::len).unwrap_or_else(|| self.places.clone())
    }
}
