//! Which classes and waivers may mean somebody, without comparing everybody with all of them.
//!
//! A policy may have tens of thousands of waivers, and a tenancy hundreds of thousands of users. What is found here may
//! mean somebody; whether it does is decided by its own criteria. What is not found here cannot.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use super::{Candidate, Class, Policy, Waiver};
use crate::attributes::UserAttribute;
use crate::credential::Credential;
use crate::domain_pattern::DomainPattern;
use crate::kind::Kind;
use crate::pattern::{Folded, Pattern};
use crate::user::Tag;

/// The index of a policy, made when it is needed first. It says nothing that the policy does not.
#[derive(Clone, Debug, Default)]
pub(super) struct Lazy(OnceLock<Arc<Index>>);

impl PartialEq for Lazy {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The index.
#[derive(Debug)]
pub(crate) struct Index {
    classes: Classes,
    /// Waivers by the users that they name; those that name credentials are not among them.
    users: Named,
    /// Waivers that name credentials, by ids and fingerprints in lower case.
    credentials: HashMap<Box<str>, Vec<usize>>,
    /// Waivers that name a fingerprint: a key whose fingerprint was not read may be meant by any.
    fingerprints: Vec<usize>,
}

/// Classes by their closest criterion that can be looked up.
#[derive(Debug, Default)]
struct Classes {
    users: Patterns,
    groups: Patterns,
    /// By key in lower case.
    tags: HashMap<String, Patterns>,
    /// All others, each with its domains.
    others: Vec<(usize, Vec<DomainPattern>)>,
}

/// Things that name users by patterns, or mean everybody.
#[derive(Debug, Default)]
struct Named {
    patterns: Patterns,
    everybody: Vec<usize>,
}

/// Places by patterns: a whole text, the longer of a fixed beginning and a fixed end, or neither.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    whole: HashMap<Box<str>, Vec<usize>>,
    heads: Affixes,
    tails: Affixes,
    rest: Vec<usize>,
}

#[derive(Debug, Default)]
struct Affixes {
    places: HashMap<Box<str>, Vec<usize>>,
    /// The lengths that there are: few, so that a text is looked up a few times.
    lengths: BTreeSet<usize>,
}

impl Policy {
    /// The index.
    pub(crate) fn index(&self) -> &Index {
        self.index.0.get_or_init(|| Arc::new(Index::new(&self.classes, &self.waivers)))
    }
}

impl Index {
    fn new(classes: &[Class], waivers: &[Waiver]) -> Self {
        let mut index = Self {
            classes: Classes::default(),
            users: Named::default(),
            credentials: HashMap::new(),
            fingerprints: Vec::new(),
        };
        for (place, class) in classes.iter().enumerate() {
            index.classes.add(place, class);
        }
        for (place, waiver) in waivers.iter().enumerate() {
            index.add(place, waiver);
        }
        index
    }

    fn add(&mut self, place: usize, waiver: &Waiver) {
        for text in &waiver.credentials {
            self.credentials.entry(text.to_lowercase().into()).or_default().push(place);
        }
        if waiver.credentials.iter().any(|text| text.contains(':')) {
            self.fingerprints.push(place);
        }
        if waiver.credentials.is_empty() {
            self.users.add(place, waiver);
        }
    }

    /// The places of the classes that may mean somebody, in their order: whatever was not read of them may be anything.
    pub(crate) fn classes(&self, who: &Candidate<'_>) -> Vec<usize> {
        let mut found = Vec::new();
        self.classes.users.find_named(&who.name, &who.id, &mut found);
        let read = |attribute| who.user.filter(|user| !user.unreadable.has(attribute));
        let groups = read(UserAttribute::Groups).map(|user| &user.groups).filter(|groups| groups.is_read());
        self.classes.find_by_groups(groups.map(|groups| groups.as_deref().unwrap_or_default()), &mut found);
        let tags = read(UserAttribute::Tags).map(|user| &user.tags).filter(|tags| tags.is_read());
        let pairs = |tags: &[Tag]| tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
        self.classes.find_by_tags(tags.map(|tags| pairs(tags.as_deref().unwrap_or_default())), &mut found);
        for (place, domains) in &self.classes.others {
            if domains.is_empty() || DomainPattern::any(domains, who.domain) != Some(false) {
                found.push(*place);
            }
        }
        in_order(found)
    }

    /// The places of the waivers that may mean a user as such, in their order.
    pub(crate) fn waivers_of_user(&self, name: &Folded, id: &Folded) -> Vec<usize> {
        let mut found = self.users.everybody.clone();
        self.users.patterns.find_named(name, id, &mut found);
        in_order(found)
    }

    /// The places of the waivers that may mean a credential because they name it, in their order.
    pub(crate) fn waivers_of_credential(&self, credential: &Credential) -> Vec<usize> {
        if self.credentials.is_empty() {
            return Vec::new();
        }
        let of = |text: &str| self.credentials.get(text.to_lowercase().as_str()).into_iter().flatten();
        let mut found: Vec<usize> = of(credential.id.as_str()).copied().collect();
        match credential.fingerprint.as_deref() {
            Some(fingerprint) => found.extend(of(fingerprint)),
            None if credential.kind == Kind::ApiKey => found.extend(&self.fingerprints),
            None => {}
        }
        in_order(found)
    }
}

impl Classes {
    fn add(&mut self, place: usize, class: &Class) {
        let members = &class.members;
        if !members.users.is_empty() {
            for user in &members.users {
                self.users.add(place, user.pattern());
            }
        } else if !members.groups.is_empty() {
            for group in &members.groups {
                self.groups.add(place, group);
            }
        } else if let Some((key, value)) = members.tags.first() {
            self.tags.entry(key.to_lowercase()).or_default().add(place, value);
        } else {
            self.others.push((place, members.domains.clone()));
        }
    }

    /// Those by groups: all of them where it is not known which ones somebody is in.
    fn find_by_groups(&self, groups: Option<&[Arc<str>]>, found: &mut Vec<usize>) {
        match groups {
            _ if self.groups.is_empty() => {}
            Some(groups) => {
                for group in groups {
                    self.groups.find(Folded::new(group).as_str(), found);
                }
            }
            None => self.groups.all(found),
        }
    }

    /// Those by tags: all of them where it is not known which ones somebody has.
    fn find_by_tags(&self, tags: Option<Vec<(Arc<str>, Arc<str>)>>, found: &mut Vec<usize>) {
        match tags {
            _ if self.tags.is_empty() => {}
            Some(tags) => {
                for (key, value) in tags {
                    if let Some(patterns) = self.tags.get(&key.to_lowercase()) {
                        patterns.find(Folded::new(&value).as_str(), found);
                    }
                }
            }
            None => self.tags.values().for_each(|patterns| patterns.all(found)),
        }
    }
}

impl Named {
    fn add(&mut self, place: usize, waiver: &Waiver) {
        if waiver.users.is_empty() {
            self.everybody.push(place);
        }
        for user in &waiver.users {
            self.patterns.add(place, user.pattern());
        }
    }
}

impl Patterns {
    fn add(&mut self, place: usize, pattern: &Pattern) {
        let (head, tail) = (pattern.head(), pattern.tail());
        if pattern.is_literal() {
            self.whole.entry(pattern.as_str().into()).or_default().push(place);
        } else if head.is_empty() && tail.is_empty() {
            self.rest.push(place);
        } else if head.len() >= tail.len() {
            self.heads.add(place, head);
        } else {
            self.tails.add(place, tail);
        }
    }

    fn is_empty(&self) -> bool {
        self.whole.is_empty()
            && self.rest.is_empty()
            && self.heads.places.is_empty()
            && self.tails.places.is_empty()
    }

    /// Adds the places of everything that may match a text in lower case.
    fn find(&self, text: &str, found: &mut Vec<usize>) {
        found.extend(self.whole.get(text).into_iter().flatten());
        for &length in &self.heads.lengths {
            let Some(head) = text.get(..length) else { continue };
            found.extend(self.heads.places.get(head).into_iter().flatten());
        }
        for &length in &self.tails.lengths {
            let tail = text.len().checked_sub(length).and_then(|start| text.get(start..));
            found.extend(tail.and_then(|tail| self.tails.places.get(tail)).into_iter().flatten());
        }
        found.extend(&self.rest);
    }

    /// Adds the places of everything that may mean somebody of this name and id; a name that was not read may be any.
    fn find_named(&self, name: &Folded, id: &Folded, found: &mut Vec<usize>) {
        if name.is_empty() {
            return self.all(found);
        }
        self.find(name.as_str(), found);
        self.find(id.as_str(), found);
    }

    /// Adds every place.
    fn all(&self, found: &mut Vec<usize>) {
        let maps = [&self.whole, &self.heads.places, &self.tails.places];
        found.extend(maps.into_iter().flat_map(HashMap::values).flatten());
        found.extend(&self.rest);
    }
}

impl Affixes {
    fn add(&mut self, place: usize, text: &str) {
        self.lengths.insert(text.len());
        self.places.entry(text.into()).or_default().push(place);
    }
}

/// Each place once, in order.
fn in_order(mut places: Vec<usize>) -> Vec<usize> {
    places.sort_unstable();
    places.dedup();
    places
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
