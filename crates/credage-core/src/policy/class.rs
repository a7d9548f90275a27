//! Classes of users: people and machines, teams and domains, each with limits of its own.
//!
//! The class with the highest `priority` wins; between equals the one that names users more closely (a user by name,
//! a pattern, a group, a tag, a type, a domain), then the one with more criteria. Two classes that could claim the same
//! user with equal right are refused when the policy is read.

use std::cmp::Reverse;

use super::limit::Limits;
use crate::domain::Domain;
use crate::domain_pattern::DomainPattern;
use crate::pattern::{Folded, Pattern, UserPattern};
use crate::user::{Tag, User};

/// A class of users with limits of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Whom it means.
    pub members: Members,
    /// Their limits.
    pub limits: Limits,
    /// What comes before closeness.
    pub priority: i32,
    /// The line of the policy file that declares it.
    pub line: usize,
}

/// Whom a class means. Every criterion that is given must hold; of its values one is enough.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members {
    /// User names or ids.
    pub users: Vec<UserPattern>,
    /// Names of groups.
    pub groups: Vec<Pattern>,
    /// Tags, by key, each with its value.
    pub tags: Vec<(Box<str>, Pattern)>,
    /// User types.
    pub user_types: Vec<Pattern>,
    /// Whether service users are meant, or all others.
    pub service_user: Option<bool>,
    /// Domains.
    pub domains: Vec<DomainPattern>,
}

/// What there is to know of somebody whose class is asked for.
pub(crate) struct Candidate<'a> {
    pub(crate) name: Folded,
    pub(crate) id: Folded,
    /// `None` for somebody who is not in the user listing: classes by what only a listing tells do not claim them.
    pub(crate) user: Option<&'a User>,
    pub(crate) domain: &'a Domain,
}

/// How closely a class means its members; the greatest wins.
type Rank = (i32, u8, usize);

impl Class {
    /// What decides between classes that claim the same user.
    pub(super) fn rank(&self) -> Rank {
        (self.priority, self.members.closeness(), self.members.criteria())
    }

    /// Whether no user can be a member of both, as far as the criteria tell.
    pub(super) fn is_disjoint(&self, other: &Self) -> bool {
        self.members.is_disjoint(&other.members)
    }
}

/// The classes in the order in which they are asked: the first that means somebody wins.
pub(super) fn in_order(mut classes: Vec<Class>) -> Vec<Class> {
    classes.sort_by_key(|class| Reverse(class.rank()));
    classes
}

impl Members {
    /// Whether no criterion is given.
    pub(super) fn is_nobody(&self) -> bool {
        self.criteria() == 0
    }

    /// Whether groups must be read to know the members.
    pub const fn needs_groups(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Whether tags must be read to know the members.
    pub const fn needs_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    pub(crate) fn mean(&self, who: &Candidate<'_>) -> bool {
        let of_user = |holds: &dyn Fn(&User) -> bool| who.user.is_some_and(holds);
        let any = |patterns: &[Pattern], text: &str| {
            let text = Folded::new(text);
            patterns.iter().any(|pattern| pattern.matches(&text))
        };
        let tagged = |tags: &[Tag], key: &str, value: &Pattern| {
            let same =
                |tag: &Tag| tag.key.eq_ignore_ascii_case(key) && value.matches(&Folded::new(&tag.value));
            tags.iter().any(same)
        };
        (self.users.is_empty() || self.users.iter().any(|each| each.matches_folded(&who.name, &who.id)))
            && (self.domains.is_empty() || DomainPattern::any(&self.domains, who.domain) == Some(true))
            && self.service_user.is_none_or(|wanted| of_user(&|user| user.service == Some(wanted)))
            && (self.user_types.is_empty()
                || of_user(&|user| user.user_type.as_deref().is_some_and(|text| any(&self.user_types, text))))
            && (self.groups.is_empty()
                || of_user(&|user| user.groups.iter().any(|group| any(&self.groups, group))))
            && self.tags.iter().all(|(key, value)| of_user(&|user| tagged(&user.tags, key, value)))
    }

    /// How closely the closest criterion means somebody.
    pub(super) fn closeness(&self) -> u8 {
        if !self.users.is_empty() {
            if self.users.iter().all(|user| user.pattern().is_literal()) { 6 } else { 5 }
        } else if !self.groups.is_empty() {
            4
        } else if !self.tags.is_empty() {
            3
        } else if !self.user_types.is_empty() || self.service_user.is_some() {
            2
        } else {
            u8::from(!self.domains.is_empty())
        }
    }

    /// How many criteria are given.
    pub(super) fn criteria(&self) -> usize {
        [
            !self.users.is_empty(),
            !self.groups.is_empty(),
            !self.tags.is_empty(),
            !self.user_types.is_empty(),
            self.service_user.is_some(),
            !self.domains.is_empty(),
        ]
        .into_iter()
        .filter(|given| *given)
        .count()
    }

    fn is_disjoint(&self, other: &Self) -> bool {
        let services = match (self.service_user, other.service_user) {
            (Some(one), Some(two)) => one != two,
            _ => false,
        };
        let tag_apart = |(key, value): &(Box<str>, Pattern)| {
            let same = other.tags.iter().find(|(other, _)| other.eq_ignore_ascii_case(key));
            same.is_some_and(|(_, other)| value.is_disjoint(other))
        };
        services
            || users_apart(&self.users, &other.users)
            || apart(&self.user_types, &other.user_types)
            || domains_apart(&self.domains, &other.domains)
            || self.tags.iter().any(tag_apart)
    }
}

/// Whether both are given and no name can be meant by both.
pub(super) fn apart(one: &[Pattern], two: &[Pattern]) -> bool {
    !one.is_empty()
        && !two.is_empty()
        && one.iter().all(|pattern| two.iter().all(|other| pattern.is_disjoint(other)))
}

/// The same for domains.
pub(super) fn domains_apart(one: &[DomainPattern], two: &[DomainPattern]) -> bool {
    !one.is_empty()
        && !two.is_empty()
        && one.iter().all(|pattern| two.iter().all(|other| pattern.is_disjoint(other)))
}

/// The same for users, who have a name and an id: an id says nothing about a name.
pub(super) fn users_apart(one: &[UserPattern], two: &[UserPattern]) -> bool {
    !one.is_empty()
        && !two.is_empty()
        && one
            .iter()
            .all(|a| two.iter().all(|b| a.is_id() == b.is_id() && a.pattern().is_disjoint(b.pattern())))
}
