//! Which classes claim somebody, and why the first of them wins.

use super::class::{Candidate, Class, Members};
use super::meant::Meant;
use super::{Membership, Policy, Waiver};
use crate::credential::Credential;
use crate::domain::Domain;
use crate::id::UserId;
use crate::inventory::DomainInventory;
use crate::pattern::{Folded, Pattern};
use crate::user::User;

/// A class that claims somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim<'p> {
    /// The class.
    pub class: &'p Class,
    /// Which of its criteria mean them, such as `user svc-*`.
    pub by: Vec<String>,
    /// Why it comes before the next class that claims them; `None` where there is no next one.
    pub before_next: Option<Precedence>,
}

/// What decides between two classes that claim the same user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precedence {
    /// Its `priority` is higher.
    Priority,
    /// Its closest criterion means users more closely.
    Closeness,
    /// It has more criteria.
    Criteria,
}

impl Precedence {
    /// `priority`, `closeness` or `criteria`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Priority => "priority",
            Self::Closeness => "closeness",
            Self::Criteria => "criteria",
        }
    }
}

impl Policy {
    /// The classes that certainly claim a user of a domain, most specific first, and what that comes to. Of somebody who is
    /// not in the listing of users nothing but name and id is known.
    pub(crate) fn claims(
        &self,
        domain: &DomainInventory,
        id: &UserId,
        name: &str,
        user: Option<&User>,
    ) -> (Vec<Claim<'_>>, Membership) {
        let who = Candidate::new(domain, name, id, user);
        let mut claims: Vec<Claim<'_>> = Vec::new();
        for class in self.classes().iter().filter(|class| class.members.mean(&who) == Meant::Yes) {
            if let Some(before) = claims.last_mut() {
                before.before_next = Some(decides(before.class, class));
            }
            claims.push(Claim { class, by: class.members.meaning(&who), before_next: None });
        }
        (claims, self.membership(&who))
    }

    /// The waivers that mean a user as such or one of these credentials of theirs, whether they hold or not.
    pub fn waivers_about<'p>(
        &'p self,
        domain: &Domain,
        id: &UserId,
        name: &str,
        credentials: &[&Credential],
    ) -> Vec<&'p Waiver> {
        let (name, id) = (Folded::new(name), Folded::new(id.as_str()));
        let about = |waiver: &&Waiver| {
            let of_credentials =
                || credentials.iter().any(|each| waiver.means(each, &name, &id, domain) == Meant::Yes);
            let of_user = waiver.means_user(&name, &id, domain) == Meant::Yes;
            of_user && (waiver.credentials.is_empty() || of_credentials())
        };
        self.waivers().iter().filter(about).collect()
    }
}

/// What decides between a class and one that comes after it.
fn decides(class: &Class, after: &Class) -> Precedence {
    if class.priority != after.priority {
        Precedence::Priority
    } else if class.members.closeness() != after.members.closeness() {
        Precedence::Closeness
    } else {
        Precedence::Criteria
    }
}

impl Claim<'_> {
    /// Why it comes before `next`, in words.
    pub fn reason(&self, next: &Claim<'_>) -> String {
        let (own, other) = (&self.class.members, &next.class.members);
        match decides(self.class, next.class) {
            Precedence::Priority => {
                format!("its priority {} is higher than {}", self.class.priority, next.class.priority)
            }
            Precedence::Closeness => {
                format!("{} is closer than {}", closeness(own.closeness()), closeness(other.closeness()))
            }
            Precedence::Criteria => {
                format!("it has more criteria ({} over {})", own.criteria(), other.criteria())
            }
        }
    }
}

/// How closely a class means its members, in words.
const fn closeness(rank: u8) -> &'static str {
    match rank {
        6 => "a user by name",
        5 => "a pattern of user names",
        4 => "a group",
        3 => "a tag",
        2 => "a type of user",
        _ => "a domain",
    }
}

impl Members {
    /// Which criteria mean somebody, each with the value that does.
    fn meaning(&self, who: &Candidate<'_>) -> Vec<String> {
        let first = |patterns: &[Pattern], holds: &dyn Fn(&Pattern) -> bool| {
            patterns.iter().find(|pattern| holds(pattern)).map(|pattern| pattern.as_str().to_owned())
        };
        let is = |text: &str| {
            let text = Folded::new(text);
            move |pattern: &Pattern| pattern.matches(&text)
        };
        let mut by = Vec::new();
        let user = self.users.iter().find(|user| user.matches_folded(&who.name, &who.id));
        by.extend(user.map(|user| format!("user {}", user.pattern().as_str())));
        let groups = who.user.and_then(|user| user.groups.as_deref()).unwrap_or_default();
        let group = first(&self.groups, &|pattern| groups.iter().any(|group| is(group)(pattern)));
        by.extend(group.map(|group| format!("group {group}")));
        by.extend(self.tags.iter().map(|(key, value)| format!("tag {key} = {}", value.as_str())));
        let user_type = who.user.and_then(|user| user.user_type.as_deref()).unwrap_or_default();
        by.extend(first(&self.user_types, &is(user_type)).map(|text| format!("user type {text}")));
        by.extend(
            self.service_user
                .map(|service| if service { "service user" } else { "no service user" }.to_owned()),
        );
        let home = self.domains.iter().find(|each| each.means(who.domain) == Some(true));
        by.extend(home.map(|each| format!("domain {}", each.as_str())));
        by
    }
}

#[cfg(test)]
mod tests {
    use crate::attributes::{AttributeReadings, UserAttribute};
    use crate::config::ConfigSource;
    use crate::coverage::{Coverage, Incomplete};
    use crate::kind::Kind;
    use crate::known::Known;
    use crate::policy::{Overrides, Policy, read};

    use super::*;

    fn policy(text: &str) -> Policy {
        let now = "2026-06-01T12:00:00Z".parse().unwrap();
        read(Some(&ConfigSource::new("credage.toml", text)), &Overrides::default(), now).unwrap()
    }

    fn user() -> User {
        User {
            service: Known::Value(true),
            groups: Known::Value(Box::new(["Pipelines".into()])),
            ..User::named(UserId::new("1"), "svc-ci")
        }
    }

    /// A domain whose users are complete, and whose attributes are those that `users` carry.
    fn domain(users: Vec<User>) -> DomainInventory {
        let mut users = users;
        let details = AttributeReadings::settle(UserAttribute::ALL.into_iter().collect(), &mut users);
        let why = Incomplete::new("not yet", "");
        let mut domain = DomainInventory::unreadable(Domain::at("Default", "u"), &Kind::ALL, &why);
        domain.users_reading.coverage = Coverage::Complete;
        DomainInventory { users, details, ..domain }
    }

    #[test]
    fn the_most_specific_class_comes_first_and_says_why() {
        let policy = policy(
            r#"
            [[class]]
            name = "machines"
            match = { service_user = true }
            [[class]]
            name = "pipelines"
            match = { group = "pipe*" }
            [[class]]
            name = "frozen"
            match = { domain = "Default" }
            priority = 3
            [[class]]
            name = "people"
            match = { service_user = false }
            "#,
        );
        let domain = domain(vec![user()]);
        let user = &domain.users[0];
        let (claims, membership) = policy.claims(&domain, &user.id, &user.name, Some(user));
        assert_eq!(policy.classes()[membership.class.unwrap()].name, "frozen");
        let names: Vec<_> = claims.iter().map(|claim| claim.class.name.as_str()).collect();
        assert_eq!(names, ["frozen", "pipelines", "machines"]);
        assert_eq!(claims[1].by, ["group pipe*"]);
        let why: Vec<_> = claims.iter().map(|claim| claim.before_next).collect();
        assert_eq!(why, [Some(Precedence::Priority), Some(Precedence::Closeness), None]);
        assert_eq!(claims[0].reason(&claims[1]), "its priority 3 is higher than 0");
        assert_eq!(claims[1].reason(&claims[2]), "a group is closer than a type of user");
        let gone = DomainInventory { gone: vec![user.id.clone()], ..domain.clone() };
        let (unlisted, membership) = policy.claims(&gone, &user.id, "", None);
        assert_eq!(unlisted.len(), 1, "only the domain is known of somebody who is not listed");
        assert!(membership.doubt.is_empty(), "who is gone is in no class by what a listing tells");
        let (_, membership) = policy.claims(&domain, &UserId::new("2"), "", None);
        let open: Vec<_> = membership.doubt.open.iter().map(|(clause, _)| clause.name(&policy)).collect();
        // `frozen` comes first and is certain, so nothing behind it matters.
        assert!(open.is_empty(), "{open:?}");
    }
}
