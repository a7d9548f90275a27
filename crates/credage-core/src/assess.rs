//! From an inventory to an assessment: every credential judged, every rule asked. Pure, and the same for the same input.

use std::sync::Arc;

use jiff::Timestamp;

use crate::assessment::{Assessed, Assessment, DomainAssessment, KindSummary};
use crate::coverage::Coverage;
use crate::credential::Credential;
use crate::due::{Standing, judge};
use crate::findings::{Found, find};
use crate::inventory::{DomainInventory, Inventory, OwnerState};
use crate::kind::{Kind, PerKind};
use crate::pattern::Folded;
use crate::policy::{Candidate, Clause, Doubt, Lack, Meant, Membership, Policy};
use crate::roster::{Entered, Owner, Roster};
use crate::undecided::{Undecided, Undecideds};
use crate::user::{Capability, User};

/// Judges every credential of `inventory` by `policy` at `now`, and lets the rules look at everything.
pub fn assess<'a>(inventory: &'a Inventory, policy: &'a Policy, now: Timestamp) -> Assessment<'a> {
    let count = inventory.domains.iter().map(|domain| domain.credentials.len()).sum();
    let mut judge = Judge {
        policy,
        now,
        credentials: Vec::with_capacity(count),
        roster: Roster::default(),
        matched: vec![false; policy.waivers().len()],
        undecided: Vec::new(),
    };
    let domains: Vec<_> = inventory.domains.iter().map(|domain| judge.domain(domain)).collect();
    let Judge { mut credentials, matched, roster, undecided, .. } = judge;
    tell_places(&mut credentials, &roster);
    let Found { findings, by_credential, unjudged, assumptions } =
        find(inventory, policy, now, &credentials, roster, &matched);
    credentials.sort_unstable_by_key(|assessed| assessed.place);
    Assessment {
        as_of: now,
        policy,
        domains,
        credentials,
        findings,
        unjudged,
        assumptions,
        undecided,
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
    roster: Roster<'a>,
    /// Of each waiver, whether it means anything, or may.
    matched: Vec<bool>,
    undecided: Vec<Undecided<'a>>,
}

/// What the policy says of an owner.
#[derive(Clone, Default)]
struct Standpoint {
    class: Option<usize>,
    /// Waivers that mean the owner or may, whether they hold or not; those that name credentials are not among them.
    waivers: Vec<usize>,
    /// What is open about the owner.
    doubt: Option<Arc<Doubt>>,
}

impl<'a> Judge<'a> {
    fn domain(&mut self, inventory: &'a DomainInventory) -> DomainAssessment<'a> {
        let Entered { first: first_owner, credentials } = self.roster.enter(inventory);
        let standpoints = self.standpoints(inventory);
        let mut kinds = PerKind::from_fn(|_| KindSummary::default());
        let first = self.credentials.len();
        let mut undecided = Undecideds::default();
        for (number, credential) in credentials {
            let assessed = if let Some(standpoint) = standpoints.get(number.saturating_sub(first_owner)) {
                self.assessed(inventory, credential, number, standpoint)
            } else {
                let stranger = self.stranger(inventory, credential);
                self.assessed(inventory, credential, number, &stranger)
            };
            let summary = kinds.get_mut(credential.kind);
            summary.count(assessed.judgement.standing);
            summary.capability_off += u64::from(assessed.capability() == Capability::Disabled);
            undecided.note(number, assessed.doubt());
            self.roster.add(&assessed);
            self.credentials.push(assessed);
        }
        for assessed in self.credentials.iter_mut().skip(first) {
            let owner = self.roster.get(assessed.owner_number);
            let held = owner.map_or(0, |owner| owner.holdings.of(assessed.credential.kind).all);
            assessed.copies = usize::try_from(held).unwrap_or(usize::MAX);
        }
        self.undecided.extend(undecided.of(inventory, self.policy));
        let owners = self.roster.since(first_owner);
        DomainAssessment {
            inventory,
            may_but_has_none: count_idle_capabilities(inventory, owners, &mut kinds),
            kinds,
            owners: count(owners, |owner| !owner.holdings.is_empty()),
        }
    }

    fn assessed(
        &mut self,
        inventory: &'a DomainInventory,
        credential: &'a Credential,
        owner_number: usize,
        standpoint: &Standpoint,
    ) -> Assessed<'a> {
        let owner = self.roster.get(owner_number).and_then(|owner| owner.user);
        let certain = Doubt::default();
        let doubt = standpoint.doubt.as_deref().unwrap_or(&certain);
        let limit = self.policy.limit_for(standpoint.class, doubt, credential.kind);
        let (waivers, open) = self.waivers(credential, inventory, owner, standpoint);
        let mut assessed = Assessed {
            domain: &inventory.domain,
            credential,
            owner,
            unlisted: if owner.is_some() {
                OwnerState::Listed
            } else {
                inventory.unlisted(&credential.owner)
            },
            judgement: judge(credential, limit, self.policy.boundary(), self.now),
            limit,
            class: standpoint.class,
            waivers,
            doubt: with_waivers(standpoint.doubt.as_ref(), open),
            copies: 0,
            owner_number,
            place: 0,
        };
        if assessed.waiver(self.policy).is_some() {
            assessed.judgement.standing = Standing::Waived;
        }
        assessed
    }

    /// The waivers that hold and mean a credential, and those that hold and may; notes of all that mean it that they do.
    fn waivers(
        &mut self,
        credential: &Credential,
        inventory: &DomainInventory,
        owner: Option<&User>,
        standpoint: &Standpoint,
    ) -> (Box<[usize]>, Vec<(Clause, Lack)>) {
        let by_name = self.policy.index().waivers_of_credential(credential);
        if standpoint.waivers.is_empty() && by_name.is_empty() {
            return Default::default();
        }
        let (name, id) = names(credential, owner);
        let (mut holding, mut open) = (Vec::new(), Vec::new());
        for place in in_order(&standpoint.waivers, by_name) {
            let Some(waiver) = self.policy.waivers().get(place) else { continue };
            let meant = waiver.means(credential, &name, &id, &inventory.domain);
            if meant == Meant::No {
                continue;
            }
            if let Some(matched) = self.matched.get_mut(place) {
                *matched = true;
            }
            match meant {
                _ if !waiver.holds(self.now) => {}
                Meant::Yes => holding.push(place),
                // A waiver that cannot be decided does not waive.
                Meant::Unknown(lack) => open.push((Clause::Waiver(place), lack)),
                Meant::No => {}
            }
        }
        (holding.into(), open)
    }

    /// What the policy says of each user, in the order of the listing.
    fn standpoints(&mut self, inventory: &DomainInventory) -> Vec<Standpoint> {
        if self.policy.classes().is_empty() && self.policy.waivers().is_empty() {
            return vec![Standpoint::default(); inventory.users.len()];
        }
        let mut standpoints = Vec::with_capacity(inventory.users.len());
        for user in &inventory.users {
            let standpoint = self.standpoint(&Candidate::new(inventory, &user.name, &user.id, Some(user)));
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
            standpoints.push(standpoint);
        }
        standpoints
    }

    /// The same of somebody who is not in the listing.
    fn stranger(&self, inventory: &DomainInventory, credential: &Credential) -> Standpoint {
        let name = credential.owner_name.as_deref().unwrap_or_default();
        self.standpoint(&Candidate::new(inventory, name, &credential.owner, None))
    }

    fn standpoint(&self, who: &Candidate<'_>) -> Standpoint {
        let mut waivers = self.policy.index().waivers_of_user(&who.name, &who.id);
        waivers.retain(|place| {
            let waiver = self.policy.waivers().get(*place);
            waiver.is_some_and(|waiver| waiver.means_user(&who.name, &who.id, who.domain) != Meant::No)
        });
        let Membership { class, doubt } = self.policy.membership(who);
        let doubt = (!doubt.is_empty()).then(|| Arc::new(doubt));
        Standpoint { class, waivers, doubt }
    }
}

/// The places of waivers of both kinds, in the order of the file.
fn in_order(of_user: &[usize], mut of_credential: Vec<usize>) -> Vec<usize> {
    of_credential.extend(of_user);
    of_credential.sort_unstable();
    of_credential
}

/// What is open about an owner, and about which waivers mean one of their credentials.
fn with_waivers(doubt: Option<&Arc<Doubt>>, open: Vec<(Clause, Lack)>) -> Option<Arc<Doubt>> {
    if open.is_empty() {
        return doubt.cloned();
    }
    let mut doubt = doubt.map(|doubt| Doubt::clone(doubt)).unwrap_or_default();
    doubt.open.extend(open);
    Some(Arc::new(doubt))
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
    owners: &[Owner<'_>],
    kinds: &mut PerKind<KindSummary>,
) -> Option<u64> {
    if inventory.users_reading.coverage != Coverage::Complete {
        return None;
    }
    let has = |owner: &Owner<'_>, kind: Kind| owner.holdings.of(kind).all > 0;
    let may = |owner: &Owner<'_>, kind: Kind| {
        owner.user.is_some_and(|user| user.capability(kind) == Capability::Enabled)
    };
    for (kind, _) in inventory.readings.iter().filter(|(_, reading)| reading.coverage == Coverage::Complete) {
        let idle = count(owners, |owner| may(owner, kind) && !has(owner, kind));
        kinds.get_mut(kind).may_but_has_none = Some(idle);
    }
    let asked =
        || inventory.readings.iter().filter(|(_, reading)| reading.coverage != Coverage::NotApplicable);
    let all_known = asked().all(|(_, reading)| reading.coverage == Coverage::Complete);
    let nothing_at_all = |owner: &Owner<'_>| {
        asked().any(|(kind, _)| may(owner, kind)) && !asked().any(|(kind, _)| has(owner, kind))
    };
    all_known.then(|| count(owners, nothing_at_all))
}

fn count(owners: &[Owner<'_>], counts: impl Fn(&Owner<'_>) -> bool) -> u64 {
    let number = owners.iter().filter(|owner| counts(owner)).count();
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Tells each credential its place: standing first, then what is due first, then a fixed order so that the same input
/// gives the same bytes.
fn tell_places(credentials: &mut [Assessed<'_>], roster: &Roster<'_>) {
    let ranks = roster.ranks();
    let mut order: Vec<_> = credentials
        .iter_mut()
        .map(|assessed| {
            let due = assessed.judgement.due.map_or(Timestamp::MAX, |due| due.on);
            let owner = ranks.get(assessed.owner_number).copied().unwrap_or_default();
            let Credential { kind, id, .. } = assessed.credential;
            ((assessed.judgement.standing, due, owner, *kind, id), &mut assessed.place)
        })
        .collect();
    order.sort_unstable_by_key(|(key, _)| *key);
    for (number, (_, place)) in order.into_iter().enumerate() {
        *place = number;
    }
}

#[cfg(test)]
#[path = "assess_tests.rs"]
mod tests;
