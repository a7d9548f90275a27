//! Which waivers can except the same finding, without comparing each with all others.
//!
//! Two waivers overlap where no selector keeps them apart. A new one is compared only with those that share what it names
//! most closely: a credential, or the beginning or end of a user name or of a domain's.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use crate::domain_pattern::DomainPattern;
use crate::kind::{Kind, PerKind};
use crate::pattern::{Pattern, UserPattern};
use crate::policy::Waiver;

/// The waivers so far, kind by kind: those of different kinds never overlap.
#[derive(Default)]
pub(super) struct Overlaps {
    waivers: Vec<Waiver>,
    kinds: PerKind<OfKind>,
}

/// The waivers of a kind by what they name.
#[derive(Default)]
struct OfKind {
    credentials: HashMap<String, Vec<usize>>,
    /// Those that name no credential.
    all_credentials: Vec<usize>,
    users: Selected,
    domains: Selected,
    places: Vec<usize>,
}

/// What names users or domains, and what does not and so means all of them.
#[derive(Default)]
pub(super) struct Selected {
    /// By the sort of text: a text of one sort says nothing about one of another.
    sorts: BTreeMap<u8, Names>,
    all: Vec<usize>,
}

/// Places by the beginnings and by the ends of texts.
#[derive(Default)]
struct Names {
    heads: BTreeMap<String, Vec<usize>>,
    /// Written backwards.
    tails: BTreeMap<String, Vec<usize>>,
    places: Vec<usize>,
}

/// What is compared of a text: what everything that it means begins and ends with.
struct Ends {
    sort: u8,
    head: String,
    /// Written backwards.
    tail: String,
}

impl Overlaps {
    /// The first waiver that can except the same finding as this one.
    pub(super) fn first(&self, waiver: &Waiver) -> Option<&Waiver> {
        let kinds = self.kinds.iter().filter(|(kind, _)| is_about(waiver, *kind));
        let mut candidates: Vec<usize> = kinds.flat_map(|(_, known)| known.near(waiver)).collect();
        candidates.sort_unstable();
        candidates.dedup();
        let mut others = candidates.into_iter().filter_map(|place| self.waivers.get(place));
        others.find(|other| !other.is_disjoint(waiver))
    }

    /// Adds a waiver that overlaps with none.
    pub(super) fn add(&mut self, waiver: Waiver) {
        for kind in Kind::ALL.into_iter().filter(|kind| is_about(&waiver, *kind)) {
            self.kinds.get_mut(kind).add(self.waivers.len(), &waiver);
        }
        self.waivers.push(waiver);
    }

    /// All of them, in the order in which they were added.
    pub(super) fn into_waivers(self) -> Vec<Waiver> {
        self.waivers
    }
}

fn is_about(waiver: &Waiver, kind: Kind) -> bool {
    waiver.kinds.is_empty() || waiver.kinds.contains(&kind)
}

impl OfKind {
    fn add(&mut self, place: usize, waiver: &Waiver) {
        if waiver.credentials.is_empty() {
            self.all_credentials.push(place);
        }
        for text in &waiver.credentials {
            self.credentials.entry(text.to_string()).or_default().push(place);
        }
        self.users.add_users(place, &waiver.users);
        self.domains.add_domains(place, &waiver.domains);
        self.places.push(place);
    }

    /// Whom a waiver may overlap with: by the selector that leaves the fewest.
    fn near(&self, waiver: &Waiver) -> Vec<usize> {
        let named = waiver.credentials.iter().filter_map(|text| self.credentials.get(&**text));
        let named = || named.flatten().chain(&self.all_credentials).copied().collect();
        let credentials = (!waiver.credentials.is_empty()).then(named);
        let users = self.users.near_users(&waiver.users);
        let domains = self.domains.near_domains(&waiver.domains);
        let ways = [credentials, users, domains].into_iter().flatten();
        ways.min_by_key(Vec::len).unwrap_or_else(|| self.places.clone())
    }
}

impl Selected {
    /// Adds what names these users; all of them where it names none.
    pub(super) fn add_users(&mut self, place: usize, users: &[UserPattern]) {
        self.add(place, users.iter().map(Ends::of_user));
    }

    /// The same for domains.
    pub(super) fn add_domains(&mut self, place: usize, domains: &[DomainPattern]) {
        self.add(place, domains.iter().map(Ends::of_domain));
    }

    /// What may mean one of these users; nothing where none is named.
    pub(super) fn near_users(&self, users: &[UserPattern]) -> Option<Vec<usize>> {
        (!users.is_empty()).then(|| self.near(users.iter().map(Ends::of_user)))
    }

    /// The same for domains.
    pub(super) fn near_domains(&self, domains: &[DomainPattern]) -> Option<Vec<usize>> {
        (!domains.is_empty()).then(|| self.near(domains.iter().map(Ends::of_domain)))
    }

    fn add(&mut self, place: usize, texts: impl ExactSizeIterator<Item = Ends>) {
        if texts.len() == 0 {
            self.all.push(place);
        }
        for ends in texts {
            self.sorts.entry(ends.sort).or_default().add(place, ends);
        }
    }

    fn near(&self, texts: impl Iterator<Item = Ends>) -> Vec<usize> {
        let mut places = self.all.clone();
        for ends in texts {
            for (sort, names) in &self.sorts {
                if *sort == ends.sort {
                    names.near(&ends, &mut places);
                } else {
                    places.extend(&names.places);
                }
            }
        }
        places
    }
}

impl Names {
    fn add(&mut self, place: usize, ends: Ends) {
        self.heads.entry(ends.head).or_default().push(place);
        self.tails.entry(ends.tail).or_default().push(place);
        self.places.push(place);
    }

    /// Adds every place whose beginning, or end, agrees with that of a text.
    fn near(&self, ends: &Ends, places: &mut Vec<usize>) {
        let Ends { head, tail, .. } = ends;
        let (map, text) = if head.len() >= tail.len() { (&self.heads, head) } else { (&self.tails, tail) };
        // Texts that begin like this one …
        let longer = map.range::<String, _>((Bound::Included(text), Bound::Unbounded));
        for (_, found) in longer.take_while(|(other, _)| other.starts_with(text.as_str())) {
            places.extend(found);
        }
        // … and texts that this one begins with.
        for (end, _) in text.char_indices() {
            places.extend(text.get(..end).and_then(|shorter| map.get(shorter)).into_iter().flatten());
        }
    }
}

impl Ends {
    fn of_user(user: &UserPattern) -> Self {
        Self::new(user.is_id().into(), user.pattern())
    }

    fn of_domain(domain: &DomainPattern) -> Self {
        let sort = domain.sort();
        // The two URLs of a domain have the same first label and nothing else in common.
        match domain.first_label() {
            Some(label) => {
                let head = label.split(['*', '?']).next().unwrap_or_default().to_owned();
                let tail = label.rsplit(['*', '?']).next().unwrap_or_default();
                Self { sort, head, tail: tail.chars().rev().collect() }
            }
            None => Self::new(sort, domain.pattern()),
        }
    }

    fn new(sort: u8, pattern: &Pattern) -> Self {
        Self { sort, head: pattern.head().to_owned(), tail: pattern.tail().chars().rev().collect() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::ConfigSource;
    use crate::policy::{Overrides, read};

    /// A waiver that is read from a file of its own, so that nothing is compared there.
    fn waiver(select: &str) -> Waiver {
        let text = format!("[[waiver]]\n{select}\nreason = \"r\"\napproved_by = \"a\"\nuntil = 2026-07-01\n");
        let now = "2026-06-01T12:00:00Z".parse().unwrap();
        let policy = read(Some(&ConfigSource::new("credage.toml", &*text)), &Overrides::default(), now);
        policy.unwrap_or_else(|error| panic!("{error}")).waivers()[0].clone()
    }

    fn list(texts: &[&str]) -> String {
        let texts: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
        format!("[{}]", texts.join(", "))
    }

    fn some_of(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
        proptest::sample::subsequence(texts, 0..3)
    }

    #[test]
    fn waivers_that_name_different_things_are_not_compared() {
        let shapes: [&dyn Fn(usize) -> String; 8] = [
            &|n| format!("user = \"svc-{n:04}\""),
            &|n| format!("user = \"svc-{n:04}-*\""),
            &|n| format!("user = \"*@d{n:04}.example\""),
            &|n| format!("user = \"{n:032x}\""),
            &|n| format!("credential = \"{n}\""),
            &|n| format!("kind = \"api_key\"\ndomain = \"Domain{n:04}\""),
            &|n| format!("kind = \"api_key\"\ndomain = \"ocid1.domain.oc1..{n:04}\""),
            &|n| format!("kind = \"api_key\"\ndomain = \"https://idcs-{n:04}.example.com\""),
        ];
        for shape in shapes {
            let mut overlaps = Overlaps::default();
            for number in 0..300 {
                let waiver = waiver(&shape(number));
                let near = overlaps.kinds.get(Kind::ApiKey).near(&waiver).len();
                assert_eq!(near, 0, "{}", shape(number));
                overlaps.add(waiver);
            }
        }
    }

    proptest! {
        #[test]
        fn every_overlap_is_found(selectors in proptest::collection::vec((
            some_of(&["a", "ab", "abc", "a*", "ab*", "*c", "*bc", "a*c", "?b", "x", "0123456789abcdef0123456789abcdef"]),
            some_of(&["one", "two", "aa:bb"]),
            some_of(&["api_key", "auth_token"]),
            some_of(&["One", "O*", "Two", "*o", "ocid1.domain.oc1..a", "ocid1.domain.oc1..b", "ocid1.domain.*", "https://a.example", "https://a.home.example", "https://b.example", "https://*.example"]),
        ), 1..9)) {
            let mut overlaps = Overlaps::default();
            for (users, credentials, kinds, domains) in selectors {
                let mut select = String::new();
                let keys = [("user", users), ("credential", credentials), ("kind", kinds), ("domain", domains)];
                for (key, texts) in keys.into_iter().filter(|(_, texts)| !texts.is_empty()) {
                    select.push_str(&[key, " = ", &list(&texts), "\n"].concat());
                }
                if !["user", "credential", "kind"].iter().any(|key| select.contains(key)) {
                    continue;
                }
                let waiver = waiver(&select);
                let expected = overlaps.waivers.iter().find(|other| !other.is_disjoint(&waiver)).cloned();
                prop_assert_eq!(overlaps.first(&waiver).cloned(), expected);
                overlaps.add(waiver);
            }
        }
    }
}
