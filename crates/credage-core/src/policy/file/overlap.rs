//! Which waivers can except the same finding, without comparing each with all others.
//!
//! Two waivers overlap where no selector keeps them apart. A new one is compared only with those that share what it names
//! most closely: a credential, or the beginning or end of a user name or of a domain's.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use crate::pattern::{Pattern, UserPattern};
use crate::policy::Waiver;

/// The waivers so far, by what they name.
#[derive(Default)]
pub(super) struct Overlaps {
    waivers: Vec<Waiver>,
    credentials: Selected<HashMap<String, Vec<usize>>>,
    users: Selected<Names>,
    domains: Selected<Names>,
}

/// Waivers that name something of a sort, and those that do not and so mean all of it.
#[derive(Default)]
struct Selected<T> {
    named: T,
    all: Vec<usize>,
}

/// Places by the beginnings and by the ends of patterns.
#[derive(Default)]
struct Names {
    heads: BTreeMap<String, Vec<usize>>,
    /// Written backwards.
    tails: BTreeMap<String, Vec<usize>>,
    /// Those that nothing can be told apart from.
    others: Vec<usize>,
}

impl Overlaps {
    /// The first waiver that can except the same finding as this one.
    pub(super) fn first(&self, waiver: &Waiver) -> Option<&Waiver> {
        let candidates = self.candidates(waiver);
        let mut others = candidates.into_iter().filter_map(|place| self.waivers.get(place));
        others.find(|other| !other.is_disjoint(waiver))
    }

    /// Adds a waiver that overlaps with none.
    pub(super) fn add(&mut self, waiver: Waiver) {
        let place = self.waivers.len();
        if waiver.credentials.is_empty() {
            self.credentials.all.push(place);
        }
        for text in &waiver.credentials {
            self.credentials.named.entry(text.to_string()).or_default().push(place);
        }
        if waiver.users.is_empty() {
            self.users.all.push(place);
        }
        for user in &waiver.users {
            self.users.named.add(place, user.pattern(), user.is_id());
        }
        if waiver.domains.is_empty() {
            self.domains.all.push(place);
        }
        for domain in &waiver.domains {
            let (pattern, is_name) = domain.compared();
            self.domains.named.add(place, pattern, !is_name);
        }
        self.waivers.push(waiver);
    }

    /// All of them, in the order in which they were added.
    pub(super) fn into_waivers(self) -> Vec<Waiver> {
        self.waivers
    }

    /// Whom a waiver may overlap with: by the selector that leaves the fewest.
    fn candidates(&self, waiver: &Waiver) -> Vec<usize> {
        let mut ways: Vec<Vec<usize>> = Vec::new();
        if !waiver.credentials.is_empty() {
            let named = waiver.credentials.iter().filter_map(|text| self.credentials.named.get(&**text));
            ways.push(named.flatten().chain(&self.credentials.all).copied().collect());
        }
        if !waiver.users.is_empty() && !waiver.users.iter().any(UserPattern::is_id) {
            ways.push(self.users.near(waiver.users.iter().map(UserPattern::pattern)));
        }
        let domains: Vec<(&Pattern, bool)> = waiver.domains.iter().map(|each| each.compared()).collect();
        if !domains.is_empty() && domains.iter().all(|(_, is_name)| *is_name) {
            ways.push(self.domains.near(domains.into_iter().map(|(pattern, _)| pattern)));
        }
        let fewest = ways.into_iter().min_by_key(Vec::len);
        let mut places = fewest.unwrap_or_else(|| (0..self.waivers.len()).collect());
        places.sort_unstable();
        places.dedup();
        places
    }
}

impl Selected<Names> {
    fn near<'p>(&self, patterns: impl Iterator<Item = &'p Pattern>) -> Vec<usize> {
        let mut places = self.all.clone();
        places.extend(&self.named.others);
        for pattern in patterns {
            self.named.near(pattern, &mut places);
        }
        places
    }
}

impl Names {
    fn add(&mut self, place: usize, pattern: &Pattern, is_other: bool) {
        if is_other {
            self.others.push(place);
            return;
        }
        self.heads.entry(head(pattern)).or_default().push(place);
        self.tails.entry(tail(pattern)).or_default().push(place);
    }

    /// Adds every place whose beginning, or end, agrees with that of a pattern.
    fn near(&self, pattern: &Pattern, places: &mut Vec<usize>) {
        let (head, tail) = (head(pattern), tail(pattern));
        let (map, text) = if head.len() >= tail.len() { (&self.heads, head) } else { (&self.tails, tail) };
        // Texts that begin like this one …
        let longer = map.range::<String, _>((Bound::Included(&text), Bound::Unbounded));
        for (_, found) in longer.take_while(|(other, _)| other.starts_with(&text)) {
            places.extend(found);
        }
        // … and texts that this one begins with.
        for (end, _) in text.char_indices() {
            places.extend(text.get(..end).and_then(|shorter| map.get(shorter)).into_iter().flatten());
        }
    }
}

/// What every name that is meant begins with.
fn head(pattern: &Pattern) -> String {
    if pattern.is_literal() { pattern.as_str().to_owned() } else { pattern.head().to_owned() }
}

/// What every name that is meant ends with, backwards.
fn tail(pattern: &Pattern) -> String {
    let tail = if pattern.is_literal() { pattern.as_str() } else { pattern.tail() };
    tail.chars().rev().collect()
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

    proptest! {
        #[test]
        fn every_overlap_is_found(selectors in proptest::collection::vec((
            some_of(&["a", "ab", "abc", "a*", "ab*", "*c", "*bc", "a*c", "?b", "x", "0123456789abcdef0123456789abcdef"]),
            some_of(&["one", "two", "aa:bb"]),
            some_of(&["api_key", "auth_token"]),
            some_of(&["One", "O*", "Two", "*o", "ocid1.domain.oc1..a", "ocid1.domain.oc1..b", "https://a.example"]),
        ), 1..9)) {
            let mut overlaps = Overlaps::default();
            for (users, credentials, kinds, domains) in selectors {
                let mut select = String::new();
                let keys = [("user", users), ("credential", credentials), ("kind", kinds), ("domain", domains)];
                for (key, texts) in keys.into_iter().filter(|(_, texts)| !texts.is_empty()) {
                    select += &format!("{key} = {}\n", list(&texts));
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
