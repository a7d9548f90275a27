//! Who may create what, who did, and what could be taken away.
//!
//! One [`Holding`] for each user and kind that was asked for. Nobody is said to have none of a kind that was not read
//! completely: that is unknown, and unknown is neither used nor unused.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::coverage::Coverage;
use crate::domain::Domain;
use crate::id::UserId;
use crate::inventory::{DomainInventory, Gap, Inventory};
use crate::kind::{Kind, PerKind};
use crate::pattern::Folded;
use crate::policy::{Meant, Policy, Waiver};
use crate::user::{Capability, User};

/// The rule whose waivers say that somebody needs what they do not use.
const RULE: &str = "unused-capability";

/// What there is to say about the capabilities of a tenancy.
#[derive(Clone, Debug, PartialEq)]
pub struct Review<'a> {
    /// The instant at which waivers were looked at.
    pub as_of: Timestamp,
    /// Each domain, in the order of the inventory.
    pub domains: Vec<DomainReview<'a>>,
    /// Where domains were looked for in vain.
    pub gaps: &'a [Gap],
    /// When the inventory was read, where that was in a run before.
    pub collected_at: Option<Timestamp>,
}

/// One domain.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainReview<'a> {
    /// What was read of it.
    pub inventory: &'a DomainInventory,
    /// The numbers of each kind that was asked for.
    pub kinds: Vec<(Kind, Counts)>,
    /// By user name (case folded), then id, then kind.
    pub holdings: Vec<Holding<'a>>,
}

/// The numbers of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Users who may create one.
    pub may: u64,
    /// Users who have at least one, whether they may or not.
    pub did: u64,
    /// Users who may and have none; those of waivers left out.
    pub unused: u64,
    /// The same, where a waiver says that they need it.
    pub waived: u64,
    /// Users who may not (any more) and have at least one.
    pub disabled_but_configured: u64,
    /// Users of whom either is not known.
    pub unknown: u64,
}

/// One user and one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding<'a> {
    /// The domain.
    pub domain: &'a Domain,
    /// The user; `None` for an owner who is not in the listing of users.
    pub user: Option<&'a User>,
    /// The user's id.
    pub id: &'a UserId,
    /// The user name, as far as it is known; else empty.
    pub name: &'a str,
    /// The kind.
    pub kind: Kind,
    /// Whether the user may create one.
    pub capability: Capability,
    /// How many the user has, as far as they were read.
    pub have: u64,
    /// When the oldest of them was created, where that is known.
    pub since: Option<Timestamp>,
    /// What follows.
    pub usage: Usage,
    /// The waiver that says that an unused one is needed.
    pub waiver: Option<&'a Waiver>,
}

/// What may and has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Usage {
    /// May not, and has some all the same.
    DisabledButConfigured,
    /// May, and has none: could be taken away.
    Unused,
    /// May, and has some.
    Used,
    /// It is not known whether the user may, or whether they have any.
    Unknown,
    /// May not, and has none.
    None,
}

impl Usage {
    /// `disabled_but_configured`, `unused`, `used`, `unknown` or `none`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DisabledButConfigured => "disabled_but_configured",
            Self::Unused => "unused",
            Self::Used => "used",
            Self::Unknown => "unknown",
            Self::None => "none",
        }
    }

    const fn of(capability: Capability, have: u64, coverage: &Coverage) -> Self {
        match (capability, have, coverage) {
            (Capability::Disabled, 1.., _) => Self::DisabledButConfigured,
            (Capability::Enabled, 1.., _) => Self::Used,
            (Capability::Enabled, 0, Coverage::Complete) => Self::Unused,
            (Capability::Disabled, 0, Coverage::Complete) => Self::None,
            _ => Self::Unknown,
        }
    }
}

impl Holding<'_> {
    /// Whether the capability could be taken away.
    pub const fn is_to_take_away(&self) -> bool {
        matches!(self.usage, Usage::Unused) && self.waiver.is_none()
    }
}

impl<'a> Review<'a> {
    /// Every holding of every domain.
    pub fn holdings(&self) -> impl Iterator<Item = &Holding<'a>> {
        self.domains.iter().flat_map(|domain| domain.holdings.iter())
    }

    /// Whether it is proven that everything that was asked for was read.
    pub fn is_complete(&self) -> bool {
        let mut coverages = self.domains.iter().flat_map(|domain| domain.inventory.coverages());
        self.gaps.is_empty() && coverages.all(Coverage::is_proven)
    }

    /// Whether a run may pass: complete, or unconfirmed only where that is tolerated.
    pub fn is_tolerable(&self) -> bool {
        let mut coverages = self.domains.iter().flat_map(|domain| domain.inventory.coverages());
        self.gaps.is_empty() && coverages.all(Coverage::is_tolerable)
    }

    /// Whether not even a part of anything could be read.
    pub fn is_empty_handed(&self) -> bool {
        let read = |domain: &DomainReview<'_>| {
            let mut kinds = domain.inventory.readings.iter().map(|(_, reading)| &reading.coverage);
            !domain.holdings.is_empty()
                || kinds.any(|coverage| matches!(coverage, Coverage::Complete | Coverage::Partial { .. }))
        };
        !self.domains.iter().any(read)
    }
}

/// Looks at everybody's capabilities; waivers of `policy` are held against `now`.
pub fn review<'a>(inventory: &'a Inventory, policy: &'a Policy, now: Timestamp) -> Review<'a> {
    let waivers = Waivers { policy, now };
    Review {
        as_of: now,
        domains: inventory.domains.iter().map(|domain| review_domain(domain, waivers)).collect(),
        gaps: &inventory.gaps,
        collected_at: inventory.collected_at,
    }
}

/// The waivers of capabilities that hold.
#[derive(Clone, Copy)]
struct Waivers<'a> {
    policy: &'a Policy,
    now: Timestamp,
}

impl<'a> Waivers<'a> {
    /// Those that mean somebody.
    fn of(self, name: &str, id: &UserId, domain: &Domain) -> Vec<&'a Waiver> {
        if self.policy.waivers().is_empty() {
            return Vec::new();
        }
        let (name, id) = (Folded::new(name), Folded::new(id.as_str()));
        let candidates = self.policy.index().waivers_of_user(&name, &id).into_iter();
        let waivers = candidates.filter_map(|place| self.policy.waivers().get(place));
        let holds = |waiver: &&Waiver| waiver.holds(self.now) && waiver.excepts(RULE, false);
        waivers.filter(holds).filter(|waiver| waiver.means_user(&name, &id, domain) == Meant::Yes).collect()
    }
}

/// How many somebody has of a kind, and since when.
#[derive(Clone, Copy, Default)]
struct Owned {
    have: u64,
    since: Option<Timestamp>,
}

/// Somebody who has something.
struct Owner<'a> {
    name: &'a str,
    kinds: PerKind<Owned>,
}

fn review_domain<'a>(inventory: &'a DomainInventory, waivers: Waivers<'a>) -> DomainReview<'a> {
    let mut owners = owners(inventory);
    let asked: Vec<(Kind, &Coverage)> = inventory
        .readings
        .iter()
        .map(|(kind, reading)| (kind, &reading.coverage))
        .filter(|(_, coverage)| **coverage != Coverage::NotApplicable)
        .collect();
    let mut people: Vec<(&str, &UserId, Option<&User>, PerKind<Owned>)> = Vec::new();
    for user in &inventory.users {
        let kinds = owners.remove(&user.id).map(|owner| owner.kinds).unwrap_or_default();
        people.push((&user.name, &user.id, Some(user), kinds));
    }
    people.extend(owners.into_iter().map(|(id, owner)| (owner.name, id, None, owner.kinds)));
    people.sort_by_cached_key(|(name, id, ..)| (name.to_lowercase(), (*id).clone()));
    let mut holdings = Vec::with_capacity(people.len() * asked.len());
    for (name, id, user, kinds) in people {
        let excepting = waivers.of(name, id, &inventory.domain);
        for &(kind, coverage) in &asked {
            let Owned { have, since } = *kinds.get(kind);
            let capability = user.map_or(Capability::Unknown, |user| user.capability(kind));
            let usage = Usage::of(capability, have, coverage);
            let means = |waiver: &&&Waiver| waiver.kinds.is_empty() || waiver.kinds.contains(&kind);
            let waiver = if usage == Usage::Unused { excepting.iter().find(means).copied() } else { None };
            let domain = &inventory.domain;
            holdings.push(Holding { domain, user, id, name, kind, capability, have, since, usage, waiver });
        }
    }
    let kinds = asked.iter().map(|&(kind, _)| (kind, count(&holdings, kind))).collect();
    DomainReview { inventory, kinds, holdings }
}

fn owners(inventory: &DomainInventory) -> HashMap<&UserId, Owner<'_>> {
    let mut owners: HashMap<&UserId, Owner<'_>> = HashMap::new();
    for credential in &inventory.credentials {
        let owner = owners
            .entry(&credential.owner)
            .or_insert_with(|| Owner { name: "", kinds: PerKind::from_fn(|_| Owned::default()) });
        if let Some(name) = &credential.owner_name {
            owner.name = name;
        }
        let kind = owner.kinds.get_mut(credential.kind);
        kind.have += 1;
        kind.since = match (kind.since, credential.created.instant()) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
    }
    owners
}

fn count(holdings: &[Holding<'_>], kind: Kind) -> Counts {
    let mut counts = Counts::default();
    for holding in holdings.iter().filter(|holding| holding.kind == kind) {
        counts.may += u64::from(holding.capability == Capability::Enabled);
        counts.did += u64::from(holding.have > 0);
        match holding.usage {
            Usage::Unused if holding.waiver.is_some() => counts.waived += 1,
            Usage::Unused => counts.unused += 1,
            Usage::DisabledButConfigured => counts.disabled_but_configured += 1,
            Usage::Unknown => counts.unknown += 1,
            Usage::Used | Usage::None => {}
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::AttributeReadings;
    use crate::config::ConfigSource;
    use crate::coverage::{Control, Expected, Incomplete, Listing, Reading};
    use crate::credential::{Credential, DateReading};
    use crate::id::CredentialId;
    use crate::inventory::IndexState;
    use crate::policy::{Overrides, read};

    const NOW: &str = "2026-06-01T12:00:00Z";

    fn user(id: &str, capability: Capability) -> User {
        User { capabilities: PerKind::from_fn(|_| capability), ..User::named(UserId::new(id), id) }
    }

    fn credential(id: &str, kind: Kind, owner: &str, created: &str) -> Credential {
        Credential {
            created: DateReading::parse(created),
            ..Credential::index_only(CredentialId::new(id), kind, UserId::new(owner))
        }
    }

    /// API keys are complete, auth tokens partial, the others were not asked for.
    fn inventory() -> Inventory {
        let reading = |coverage| Reading {
            coverage,
            listing: Some(Listing::Whole),
            witnesses: Vec::new(),
            requests: 1,
            rows: 0,
            refusals: Vec::new(),
        };
        let domain = DomainInventory {
            domain: Domain::at("Default", "https://idcs-1.example"),
            users: vec![
                user("Zoe", Capability::Enabled),
                user("ada", Capability::Disabled),
                user("ben", Capability::Unknown),
            ],
            credentials: vec![
                credential("1", Kind::ApiKey, "ada", "2026-02-01T00:00:00Z"),
                credential("2", Kind::ApiKey, "ada", "2026-01-01T00:00:00Z"),
                credential("3", Kind::AuthToken, "Zoe", "yesterday"),
                credential("4", Kind::ApiKey, "gone", "2026-03-01T00:00:00Z"),
            ],
            details: AttributeReadings::all_read(),
            users_reading: reading(Coverage::Complete),
            readings: PerKind::from_fn(|kind| match kind {
                Kind::ApiKey => reading(Coverage::Complete),
                Kind::AuthToken => reading(Coverage::Partial {
                    read: 1,
                    expected: Expected::Rows(2),
                    why: Incomplete::new("403", "ask"),
                }),
                _ => Reading::not_applicable(),
            }),
            index: PerKind::from_fn(|_| IndexState::Available),
            gone: Vec::new(),
            other_users: true,
            others_visible: true,
            control: Control::Seen,
            requests: 7,
            rate_limited: 0,
            clock_ahead: None,
        };
        Inventory { domains: vec![domain], ..Inventory::default() }
    }

    #[test]
    fn may_and_has_are_told_apart() {
        let (inventory, policy) = (inventory(), Policy::default());
        let review = review(&inventory, &policy, NOW.parse().unwrap());
        let seen: Vec<_> =
            review.holdings().map(|each| (each.id.as_str(), each.kind, each.have, each.usage)).collect();
        let expected = [
            ("gone", Kind::ApiKey, 1, Usage::Unknown),
            ("gone", Kind::AuthToken, 0, Usage::Unknown),
            ("ada", Kind::ApiKey, 2, Usage::DisabledButConfigured),
            ("ada", Kind::AuthToken, 0, Usage::Unknown),
            ("ben", Kind::ApiKey, 0, Usage::Unknown),
            ("ben", Kind::AuthToken, 0, Usage::Unknown),
            ("Zoe", Kind::ApiKey, 0, Usage::Unused),
            ("Zoe", Kind::AuthToken, 1, Usage::Used),
        ];
        assert_eq!(seen, expected);
        let counts = review.domains[0].kinds[0].1;
        assert_eq!(
            counts,
            Counts { may: 1, did: 2, unused: 1, waived: 0, disabled_but_configured: 1, unknown: 2 }
        );
        let since = review.holdings().find(|each| each.id.as_str() == "ada").unwrap().since;
        assert_eq!(since.unwrap().to_string(), "2026-01-01T00:00:00Z", "the oldest one");
        assert!(!review.is_complete() && !review.is_empty_handed());
    }

    #[test]
    fn a_waiver_says_that_somebody_needs_it() {
        let text = r#"
            [[waiver]]
            user = "zoe"
            rule = "unused-capability"
            reason = "on call"
            approved_by = "ciso"
            until = 2026-12-31
        "#;
        let now = NOW.parse().unwrap();
        let policy =
            read(Some(&ConfigSource::new("credage.toml", text)), &Overrides::default(), now).unwrap();
        let inventory = inventory();
        let review = review(&inventory, &policy, now);
        assert_eq!((review.domains[0].kinds[0].1.unused, review.domains[0].kinds[0].1.waived), (0, 1));
        assert!(!review.holdings().any(Holding::is_to_take_away));
    }
}
