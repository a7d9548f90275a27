//! From an inventory to an assessment: every credential judged, every rule asked. Pure, and the same for the same input.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::assessment::{Assessed, Assessment, DomainAssessment, KindSummary};
use crate::coverage::Coverage;
use crate::credential::Credential;
use crate::due::{Standing, judge};
use crate::findings::{Found, find};
use crate::id::UserId;
use crate::inventory::{DomainInventory, Inventory};
use crate::kind::{Kind, PerKind};
use crate::pattern::Folded;
use crate::policy::{Candidate, Policy};
use crate::user::{Capability, User};

/// Judges every credential of `inventory` by `policy` at `now`, and lets the rules look at everything.
pub fn assess<'a>(inventory: &'a Inventory, policy: &'a Policy, now: Timestamp) -> Assessment<'a> {
    let count = inventory.domains.iter().map(|domain| domain.credentials.len()).sum();
    let mut judge = Judge {
        policy,
        now,
        credentials: Vec::with_capacity(count),
        matched: vec![false; policy.waivers().len()],
    };
    let domains: Vec<_> = inventory.domains.iter().map(|domain| judge.domain(domain)).collect();
    let Judge { mut credentials, matched, .. } = judge;
    credentials.sort_unstable_by(most_urgent_first);
    for (place, assessed) in credentials.iter_mut().enumerate() {
        assessed.place = place;
    }
    let Found { findings, by_credential, unjudged } =
        find(inventory, policy, now, &credentials, &domains, &matched);
    Assessment {
        as_of: now,
        policy,
        domains,
        credentials,
        findings,
        unjudged,
        by_credential,
        gaps: &inventory.gaps,
        collected_at: inventory.collected_at,
    }
}

/// Judges domain by domain.
struct Judge<'a> {
    policy: &'a Policy,
    now: Timestamp,
    credentials: Vec<Assessed<'a>>,
    /// Of each waiver, whether it means anything.
    matched: Vec<bool>,
}

/// What the policy says of an owner.
#[derive(Clone, Default)]
struct Standpoint {
    class: Option<usize>,
    /// Waivers that mean the owner, whether they hold or not.
    waivers: Vec<usize>,
}

impl<'a> Judge<'a> {
    fn domain(&mut self, inventory: &'a DomainInventory) -> DomainAssessment<'a> {
        let users: HashMap<&UserId, &User> = inventory.users.iter().map(|user| (&user.id, user)).collect();
        let standpoints = self.standpoints(inventory);
        let mut kinds = PerKind::from_fn(|_| KindSummary::default());
        let mut held: HashMap<(&UserId, Kind), usize> = HashMap::new();
        let first = self.credentials.len();
        for credential in &inventory.credentials {
            let owner = users.get(&credential.owner).copied();
            let assessed = if let Some(standpoint) = standpoints.get(&credential.owner) {
                self.assessed(inventory, credential, owner, standpoint)
            } else {
                let stranger = self.stranger(inventory, credential);
                self.assessed(inventory, credential, owner, &stranger)
            };
            let summary = kinds.get_mut(credential.kind);
            summary.count(assessed.judgement.standing);
            summary.capability_off += u64::from(assessed.capability() == Capability::Disabled);
            *held.entry((&credential.owner, credential.kind)).or_default() += 1;
            self.credentials.push(assessed);
        }
        for assessed in self.credentials.iter_mut().skip(first) {
            let pair = (&assessed.credential.owner, assessed.credential.kind);
            assessed.copies = held.get(&pair).copied().unwrap_or_default();
        }
        let may_but_has_none = count_idle_capabilities(inventory, &held, &mut kinds);
        let owners = held.keys().map(|(owner, _)| owner).collect::<HashSet<_>>().len();
        DomainAssessment {
            inventory,
            kinds,
            may_but_has_none,
            owners: u64::try_from(owners).unwrap_or(u64::MAX),
        }
    }

    fn assessed(
        &mut self,
        inventory: &'a DomainInventory,
        credential: &'a Credential,
        owner: Option<&'a User>,
        standpoint: &Standpoint,
    ) -> Assessed<'a> {
        let limit = self.policy.limits_of(standpoint.class).of(credential.kind);
        let mut assessed = Assessed {
            domain: &inventory.domain,
            credential,
            owner,
            judgement: judge(credential, limit, self.policy.boundary(), self.now),
            limit,
            class: standpoint.class,
            waivers: self.waivers(credential, inventory, owner, standpoint),
            copies: 0,
            place: 0,
        };
        if assessed.waiver(self.policy).is_some() {
            assessed.judgement.standing = Standing::Waived;
        }
        assessed
    }

    /// The waivers that hold and mean a credential; notes of all that mean it that they do.
    fn waivers(
        &mut self,
        credential: &Credential,
        inventory: &DomainInventory,
        owner: Option<&User>,
        standpoint: &Standpoint,
    ) -> Box<[usize]> {
        if standpoint.waivers.is_empty() {
            return Box::default();
        }
        let (name, id) = names(credential, owner);
        let mut holding = Vec::new();
        for &place in &standpoint.waivers {
            let Some(waiver) = self.policy.waivers().get(place) else { continue };
            if !waiver.means(credential, &name, &id, &inventory.domain) {
                continue;
            }
            if let Some(matched) = self.matched.get_mut(place) {
                *matched = true;
            }
            if waiver.holds(self.now) {
                holding.push(place);
            }
        }
        holding.into()
    }

    /// What the policy says of each user; nothing where it speaks of nobody.
    fn standpoints(&mut self, inventory: &'a DomainInventory) -> HashMap<&'a UserId, Standpoint> {
        let mut standpoints = HashMap::with_capacity(inventory.users.len());
        let silent = self.policy.classes().is_empty() && self.policy.waivers().is_empty();
        for user in &inventory.users {
            let standpoint = if silent {
                Standpoint::default()
            } else {
                let who = Candidate {
                    name: Folded::new(&user.name),
                    id: Folded::new(user.id.as_str()),
                    user: Some(user),
                    domain: &inventory.domain,
                };
                self.standpoint(&who)
            };
            // A waiver about a user alone means something as soon as the user exists.
            for &place in &standpoint.waivers {
                let of_user =
                    |waiver: &crate::policy::Waiver| waiver.kinds.is_empty() && waiver.credentials.is_empty();
                if self.policy.waivers().get(place).is_some_and(of_user)
                    && let Some(matched) = self.matched.get_mut(place)
                {
                    *matched = true;
                }
            }
            standpoints.insert(&user.id, standpoint);
        }
        standpoints
    }

    /// The same of somebody who is not in the listing.
    fn stranger(&self, inventory: &DomainInventory, credential: &Credential) -> Standpoint {
        let (name, id) = names(credential, None);
        self.standpoint(&Candidate { name, id, user: None, domain: &inventory.domain })
    }

    fn standpoint(&self, who: &Candidate<'_>) -> Standpoint {
        let waivers = self.policy.waivers().iter().enumerate();
        let meant = waivers.filter(|(_, waiver)| waiver.means_user(&who.name, &who.id, who.domain));
        Standpoint { class: self.policy.class_of(who), waivers: meant.map(|(place, _)| place).collect() }
    }
}

fn names(credential: &Credential, owner: Option<&User>) -> (Folded, Folded) {
    let own = || credential.owner_name.as_deref().unwrap_or_default();
    let name = owner.map_or_else(own, |owner| &owner.name);
    (Folded::new(name), Folded::new(credential.owner.as_str()))
}

/// Counts, kind by kind, the users who may create a credential and have none; answers how many have none at all.
/// Of what was not read completely nobody can say who has none.
fn count_idle_capabilities(
    inventory: &DomainInventory,
    owned: &HashMap<(&UserId, Kind), usize>,
    kinds: &mut PerKind<KindSummary>,
) -> Option<u64> {
    if inventory.users_reading.coverage != Coverage::Complete {
        return None;
    }
    let idle = |user: &&User, kind: Kind| {
        user.capability(kind) == Capability::Enabled && !owned.contains_key(&(&user.id, kind))
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
            && !asked().any(|(kind, _)| owned.contains_key(&(&user.id, kind)))
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
#[path = "assess_tests.rs"]
mod tests;
