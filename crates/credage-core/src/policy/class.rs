//! Classes of users: people and machines, teams and domains, each with limits of its own.
//!
//! The class with the highest `priority` wins; between equals the one that names users more closely (a user by name,
//! a pattern, a group, a tag, a type, a domain), then the one with more criteria. Two classes that could claim the same
//! user with equal right are refused when the policy is read.

use std::cmp::Reverse;

use super::limit::Limits;
use super::meant::{Lack, Meant};
use crate::attributes::{AttributeReadings, AttributeSet, UserAttribute};
use crate::domain::Domain;
use crate::domain_pattern::DomainPattern;
use crate::id::UserId;
use crate::inventory::{DomainInventory, OwnerState};
use crate::known::Known;
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
    /// `None` for somebody who is not in the user listing.
    pub(crate) user: Option<&'a User>,
    /// Whether they are not in it because they do not exist: classes by what only a listing tells do not claim them. Of
    /// others who are not in it nobody can say.
    pub(crate) gone: bool,
    pub(crate) domain: &'a Domain,
    /// How the attributes of the domain's users were read.
    pub(crate) readings: &'a AttributeReadings,
}

/// How closely a class means its members; the greatest wins.
pub(super) type Rank = (i32, u8, usize);

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

    /// The attributes of users that tell the members.
    pub fn needs(&self) -> AttributeSet {
        let given = [
            (!self.groups.is_empty(), UserAttribute::Groups),
            (!self.tags.is_empty(), UserAttribute::Tags),
            (!self.user_types.is_empty(), UserAttribute::UserType),
            (self.service_user.is_some(), UserAttribute::ServiceUser),
        ];
        given.into_iter().filter(|(given, _)| *given).map(|(_, attribute)| attribute).collect()
    }

    /// Whether they mean somebody: all criteria that are given do.
    pub(crate) fn mean(&self, who: &Candidate<'_>) -> Meant {
        users_mean(&self.users, &who.name, &who.id)
            .and(|| domain_meant(&self.domains, who.domain))
            .and(|| self.service_user.map_or(Meant::Yes, |wanted| who.is_service(wanted)))
            .and(|| who.is_of_type(&self.user_types))
            .and(|| who.is_in(&self.groups))
            .and(|| {
                let tags = self.tags.iter();
                tags.fold(Meant::Yes, |all, (key, value)| all.and(|| who.is_tagged(key, value)))
            })
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

/// Whether users of these names or ids are meant; everybody where none are given. Of somebody without a name that could be
/// read, only the id tells.
pub(super) fn users_mean(users: &[UserPattern], name: &Folded, id: &Folded) -> Meant {
    if users.is_empty() || users.iter().any(|each| each.matches_folded(name, id)) {
        return Meant::Yes;
    }
    let by_name = users.iter().any(|user| !user.is_id());
    if name.is_empty() && by_name { Meant::Unknown(Lack::of(UserAttribute::Name)) } else { Meant::No }
}

/// Whether a domain is meant; every one where none is given.
pub(super) fn domain_meant(domains: &[DomainPattern], domain: &Domain) -> Meant {
    if domains.is_empty() {
        return Meant::Yes;
    }
    DomainPattern::any(domains, domain).map_or(Meant::Unknown(Lack::domain()), Meant::certain)
}

fn any(patterns: &[Pattern], text: &str) -> bool {
    let text = Folded::new(text);
    patterns.iter().any(|pattern| pattern.matches(&text))
}

impl<'a> Candidate<'a> {
    /// Somebody of a domain.
    pub(crate) fn new(domain: &'a DomainInventory, name: &str, id: &UserId, user: Option<&'a User>) -> Self {
        Self {
            name: Folded::new(name),
            id: Folded::new(id.as_str()),
            user,
            gone: user.is_none() && domain.unlisted(id) == OwnerState::Gone,
            domain: &domain.domain,
            readings: &domain.details,
        }
    }

    /// What a listing tells of them.
    fn listed(&self, tell: impl FnOnce(&User) -> Meant) -> Meant {
        match self.user {
            Some(user) => tell(user),
            None if self.gone => Meant::No,
            None => Meant::Unknown(Lack::unlisted()),
        }
    }

    fn is_service(&self, wanted: bool) -> Meant {
        const SERVICE: UserAttribute = UserAttribute::ServiceUser;
        self.listed(|user| match user.service {
            Known::Value(service) => Meant::certain(service == wanted),
            _ if self.readings.may_mean_false(SERVICE) && !user.unreadable.has(SERVICE) => {
                Meant::Unknown(Lack::maybe_false(SERVICE))
            }
            _ => Meant::Unknown(Lack::of(SERVICE)),
        })
    }

    fn is_of_type(&self, types: &[Pattern]) -> Meant {
        if types.is_empty() {
            return Meant::Yes;
        }
        self.listed(|user| match &user.user_type {
            Known::Value(text) => Meant::certain(any(types, text)),
            Known::Nothing => Meant::No,
            Known::NotRead => Meant::Unknown(Lack::of(UserAttribute::UserType)),
        })
    }

    fn is_in(&self, groups: &[Pattern]) -> Meant {
        if groups.is_empty() {
            return Meant::Yes;
        }
        self.listed(|user| among(user, UserAttribute::Groups, &user.groups, |group| any(groups, group)))
    }

    fn is_tagged(&self, key: &str, value: &Pattern) -> Meant {
        let same = |tag: &Tag| tag.key.eq_ignore_ascii_case(key) && value.matches(&Folded::new(&tag.value));
        self.listed(|user| among(user, UserAttribute::Tags, &user.tags, same))
    }
}

/// Whether one of a list is meant. A list of which a part could not be read proves presence, and no absence.
fn among<T>(
    user: &User,
    attribute: UserAttribute,
    list: &Known<Box<[T]>>,
    is_meant: impl Fn(&T) -> bool,
) -> Meant {
    match list {
        Known::Value(list) if list.iter().any(is_meant) => Meant::Yes,
        Known::Value(_) | Known::Nothing if !user.unreadable.has(attribute) => Meant::No,
        _ => Meant::Unknown(Lack::of(attribute)),
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
