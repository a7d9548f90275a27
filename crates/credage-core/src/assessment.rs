//! The assessment: an inventory, seen through a policy at an instant. Everything that anybody is told is in here.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::coverage::Coverage;
use crate::credential::Credential;
use crate::domain::Domain;
use crate::due::{Judgement, Standing, judge};
use crate::id::UserId;
use crate::inventory::{DomainInventory, Gap, Inventory};
use crate::kind::{Kind, PerKind};
use crate::policy::Policy;
use crate::user::{Capability, User};

/// What there is to say about a tenancy at an instant. It borrows from the inventory, so that a large one is not
/// held twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment<'a> {
    /// The instant of the judgement.
    pub as_of: Timestamp,
    /// The policy of the judgement.
    pub policy: &'a Policy,
    /// Each domain, in the order of the inventory.
    pub domains: Vec<DomainAssessment<'a>>,
    /// Every credential of every domain, most urgent first.
    pub credentials: Vec<Assessed<'a>>,
    /// Where domains were looked for in vain.
    pub gaps: &'a [Gap],
    /// When the inventory was read, where that was in a run before.
    pub collected_at: Option<Timestamp>,
}

/// One credential and its judgement.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessed<'a> {
    /// The domain that it lives in.
    pub domain: &'a Domain,
    /// The credential.
    pub credential: &'a Credential,
    /// Its owner; `None` where the owner is not in the user listing.
    pub owner: Option<&'a User>,
    /// What there is to say about it.
    pub judgement: Judgement,
}

/// One domain: how it was read, and its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainAssessment<'a> {
    /// What was read of it.
    pub inventory: &'a DomainInventory,
    /// The numbers of each kind.
    pub kinds: PerKind<KindSummary>,
    /// Users who may create a credential of some kind that was asked for and have none of any such kind; unknown
    /// unless all of these kinds are complete.
    pub may_but_has_none: Option<u64>,
    /// Users who own at least one credential.
    pub owners: u64,
}

/// The numbers of one kind in one domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct KindSummary {
    /// Past their own expiry.
    pub expired: u64,
    /// Past the policy's maximum age.
    pub overdue: u64,
    /// Inside the warning window.
    pub due_soon: u64,
    /// Without a usable date.
    pub unknown: u64,
    /// None of these.
    pub fresh: u64,
    /// Credentials that live on although the capability of their kind was switched off.
    pub capability_off: u64,
    /// Users who may create one and have none; unknown unless users and kind are complete.
    pub may_but_has_none: Option<u64>,
}

impl KindSummary {
    /// All credentials of the kind.
    pub const fn credentials(&self) -> u64 {
        self.expired + self.overdue + self.due_soon + self.unknown + self.fresh
    }

    /// Those of one standing.
    pub const fn of(&self, standing: Standing) -> u64 {
        match standing {
            Standing::Expired => self.expired,
            Standing::Overdue => self.overdue,
            Standing::DueSoon => self.due_soon,
            Standing::Unknown => self.unknown,
            Standing::Fresh => self.fresh,
        }
    }

    const fn count(&mut self, standing: Standing) {
        match standing {
            Standing::Expired => self.expired += 1,
            Standing::Overdue => self.overdue += 1,
            Standing::DueSoon => self.due_soon += 1,
            Standing::Unknown => self.unknown += 1,
            Standing::Fresh => self.fresh += 1,
        }
    }
}

impl Assessed<'_> {
    /// What the owner may do about this kind; unknown where the owner is.
    pub fn capability(&self) -> Capability {
        self.owner.map_or(Capability::Unknown, |owner| owner.capability(self.credential.kind))
    }

    /// Whether the owner can sign in; `None` where that is not known.
    pub fn owner_active(&self) -> Option<bool> {
        self.owner.and_then(|owner| owner.active)
    }

    /// The owner's user name, as far as it is known; else empty.
    pub fn owner_name(&self) -> &str {
        self.owner
            .map_or_else(|| self.credential.owner_name.as_deref().unwrap_or_default(), |owner| &owner.name)
    }
}

impl Assessment<'_> {
    /// Whether everything that was asked for was read.
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
            && self.domains.iter().flat_map(|domain| domain.inventory.coverages()).all(Coverage::is_whole)
    }

    /// Whether not even a part of anything could be read.
    pub fn is_empty_handed(&self) -> bool {
        let mut asked = self
            .domains
            .iter()
            .flat_map(|domain| domain.inventory.readings.iter())
            .map(|(_, reading)| &reading.coverage);
        let mut any = self.domains.iter().any(|domain| !domain.inventory.credentials.is_empty());
        any |= asked.any(|coverage| matches!(coverage, Coverage::Complete | Coverage::Partial { .. }));
        !any
    }

    /// How many credentials have a standing.
    pub fn count(&self, standing: Standing) -> u64 {
        let kinds = self.domains.iter().flat_map(|domain| domain.kinds.iter());
        kinds.map(|(_, summary)| summary.of(standing)).sum()
    }
}

/// Judges every credential of `inventory` by `policy` at `now`.
pub fn assess<'a>(inventory: &'a Inventory, policy: &'a Policy, now: Timestamp) -> Assessment<'a> {
    let mut credentials =
        Vec::with_capacity(inventory.domains.iter().map(|domain| domain.credentials.len()).sum());
    let domains =
        inventory.domains.iter().map(|domain| assess_domain(domain, policy, now, &mut credentials)).collect();
    credentials.sort_unstable_by(most_urgent_first);
    Assessment {
        as_of: now,
        policy,
        domains,
        credentials,
        gaps: &inventory.gaps,
        collected_at: inventory.collected_at,
    }
}

fn assess_domain<'a>(
    inventory: &'a DomainInventory,
    policy: &Policy,
    now: Timestamp,
    credentials: &mut Vec<Assessed<'a>>,
) -> DomainAssessment<'a> {
    let users: HashMap<&UserId, &User> = inventory.users.iter().map(|user| (&user.id, user)).collect();
    let mut kinds = PerKind::from_fn(|_| KindSummary::default());
    let mut owned: HashSet<(&UserId, Kind)> = HashSet::new();
    for credential in &inventory.credentials {
        let assessed = Assessed {
            domain: &inventory.domain,
            credential,
            owner: users.get(&credential.owner).copied(),
            judgement: judge(credential, policy, now),
        };
        let summary = kinds.get_mut(credential.kind);
        summary.count(assessed.judgement.standing);
        summary.capability_off += u64::from(assessed.capability() == Capability::Disabled);
        owned.insert((&credential.owner, credential.kind));
        credentials.push(assessed);
    }
    let may_but_has_none = count_idle_capabilities(inventory, &owned, &mut kinds);
    let owners = owned.iter().map(|(owner, _)| owner).collect::<HashSet<_>>().len();
    DomainAssessment { inventory, kinds, may_but_has_none, owners: u64::try_from(owners).unwrap_or(u64::MAX) }
}

/// Counts, kind by kind, the users who may create a credential and have none; answers how many have none at all.
/// Of what was not read completely nobody can say who has none.
fn count_idle_capabilities(
    inventory: &DomainInventory,
    owned: &HashSet<(&UserId, Kind)>,
    kinds: &mut PerKind<KindSummary>,
) -> Option<u64> {
    if inventory.users_reading.coverage != Coverage::Complete {
        return None;
    }
    let idle = |user: &&User, kind: Kind| {
        user.capability(kind) == Capability::Enabled && !owned.contains(&(&user.id, kind))
    };
    let count = |users: usize| u64::try_from(users).unwrap_or(u64::MAX);
    for (kind, _) in inventory.readings.iter().filter(|(_, reading)| reading.coverage == Coverage::Complete) {
        let users = inventory.users.iter().filter(|user| idle(user, kind)).count();
        kinds.get_mut(kind).may_but_has_none = Some(count(users));
    }
    let asked =
        || inventory.readings.iter().filter(|(_, reading)| reading.coverage != Coverage::NotApplicable);
    let all_known = asked().all(|(_, reading)| reading.coverage == Coverage::Complete);
    let nothing_at_all = |user: &&User| {
        asked().any(|(kind, _)| idle(user, kind))
            && !asked().any(|(kind, _)| owned.contains(&(&user.id, kind)))
    };
    all_known.then(|| count(inventory.users.iter().filter(nothing_at_all).count()))
}

/// Standing first, then what is due first, then a fixed order so that the same input gives the same bytes.
fn most_urgent_first(a: &Assessed<'_>, b: &Assessed<'_>) -> Ordering {
    let due = |assessed: &Assessed<'_>| assessed.judgement.due.map_or(Timestamp::MAX, |due| due.on);
    (a.judgement.standing.cmp(&b.judgement.standing))
        .then_with(|| due(a).cmp(&due(b)))
        .then_with(|| a.domain.name.cmp(&b.domain.name))
        .then_with(|| a.domain.url.cmp(&b.domain.url))
        .then_with(|| a.owner_name().cmp(b.owner_name()))
        .then_with(|| a.credential.owner.cmp(&b.credential.owner))
        .then_with(|| a.credential.kind.cmp(&b.credential.kind))
        .then_with(|| a.credential.id.cmp(&b.credential.id))
}

#[cfg(test)]
#[path = "assessment_tests.rs"]
mod tests;
