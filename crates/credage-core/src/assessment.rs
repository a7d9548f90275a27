//! The assessment: an inventory, seen through a policy at an instant. Everything that anybody is told is in here.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use crate::coverage::Coverage;
use crate::credential::Credential;
use crate::domain::Domain;
use crate::due::{Judgement, Standing};
use crate::findings::{Assumption, ByCredential, Finding, Unjudged};
use crate::inventory::{DomainInventory, Gap, OwnerState};
use crate::kind::PerKind;
use crate::policy::{Doubt, Limit, Policy};
use crate::undecided::Undecided;
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
    /// What the rules found, gravest and riskiest first; what is waived comes last.
    pub findings: Vec<Finding<'a>>,
    /// Rules that could not judge.
    pub unjudged: Vec<Unjudged<'a>>,
    /// What rules took for granted where they found something.
    pub assumptions: Vec<Assumption<'a>>,
    /// Classes and waivers that could not be decided for somebody.
    pub undecided: Vec<Undecided<'a>>,
    pub(crate) by_credential: ByCredential,
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
    /// What is known of an owner who is not in the user listing.
    pub unlisted: OwnerState,
    /// The limit that it was judged by.
    pub limit: Limit,
    /// The place of the owner's class in [`Policy::classes`]; `None` where the general limits hold, and where the class is in
    /// doubt: then the strictest limit holds that could.
    pub class: Option<usize>,
    /// The waivers that hold and mean it, by their places in [`Policy::waivers`].
    pub waivers: Box<[usize]>,
    /// What of the policy could not be decided about it.
    pub(crate) doubt: Option<Arc<Doubt>>,
    /// How many credentials of this kind its owner has, itself included.
    pub copies: usize,
    /// Its owner's number in the roster.
    pub(crate) owner_number: usize,
    /// Its place in [`Assessment::credentials`].
    pub place: usize,
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
    /// One of these, and excepted by a waiver.
    pub waived: u64,
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
        self.expired + self.overdue + self.due_soon + self.unknown + self.waived + self.fresh
    }

    /// Those of one standing.
    pub const fn of(&self, standing: Standing) -> u64 {
        match standing {
            Standing::Expired => self.expired,
            Standing::Overdue => self.overdue,
            Standing::DueSoon => self.due_soon,
            Standing::Unknown => self.unknown,
            Standing::Waived => self.waived,
            Standing::Fresh => self.fresh,
        }
    }

    pub(crate) const fn count(&mut self, standing: Standing) {
        match standing {
            Standing::Expired => self.expired += 1,
            Standing::Overdue => self.overdue += 1,
            Standing::DueSoon => self.due_soon += 1,
            Standing::Unknown => self.unknown += 1,
            Standing::Waived => self.waived += 1,
            Standing::Fresh => self.fresh += 1,
        }
    }
}

impl Assessed<'_> {
    /// What is known of the owner.
    pub fn owner_state(&self) -> OwnerState {
        if self.owner.is_some() { OwnerState::Listed } else { self.unlisted }
    }

    /// What the owner may do about this kind; unknown where the owner is.
    pub fn capability(&self) -> Capability {
        self.owner.map_or(Capability::Unknown, |owner| owner.capability(self.credential.kind))
    }

    /// Whether the owner can sign in; `None` where that is not known.
    pub fn owner_active(&self) -> Option<bool> {
        self.owner.and_then(|owner| owner.active.flag())
    }

    /// The owner's user name, as far as it is known; else empty.
    pub fn owner_name(&self) -> &str {
        self.owner
            .map_or_else(|| self.credential.owner_name.as_deref().unwrap_or_default(), |owner| &owner.name)
    }
}

impl Assessed<'_> {
    /// The name of the owner's class.
    pub fn class_name<'p>(&self, policy: &'p Policy) -> Option<&'p str> {
        self.class.and_then(|place| policy.classes().get(place)).map(|class| class.name.as_str())
    }

    /// What of the policy could not be decided about it.
    pub fn doubt(&self) -> Option<&Doubt> {
        self.doubt.as_deref()
    }

    /// The names of the classes that are possible where the class is in doubt; `None` among them stands for no class.
    pub fn possible_classes<'p>(&self, policy: &'p Policy) -> Option<Vec<Option<&'p str>>> {
        let classes = &self.doubt().filter(|doubt| !doubt.classes.is_empty())?.classes;
        let name = |place: Option<usize>| Some(policy.classes().get(place?)?.name.as_str());
        Some(classes.iter().map(|class| name(*class)).collect())
    }

    /// What of the policy could not be decided about it, one sentence each.
    pub fn undecided(&self, assessment: &Assessment<'_>) -> Vec<String> {
        let Some(doubt) = self.doubt() else { return Vec::new() };
        let mut domains = assessment.domains.iter().map(|domain| domain.inventory);
        let home = domains.find(|inventory| std::ptr::eq(&raw const inventory.domain, self.domain));
        home.map(|home| doubt.sentences(assessment.policy, &home.details)).unwrap_or_default()
    }

    /// The owner's class in words: its name, or the ones that are possible; nothing where the general limits hold.
    pub fn class_in_words<'p>(&self, policy: &'p Policy) -> Cow<'p, str> {
        let possible = self.doubt().and_then(|doubt| doubt.possible_classes(policy));
        possible.map_or_else(
            || Cow::Borrowed(self.class_name(policy).unwrap_or_default()),
            |names| Cow::Owned(format!("not decided: {names}")),
        )
    }

    /// The waiver that excepts it from a rule.
    pub fn waiver_of(&self, policy: &Policy, rule: &str) -> Option<usize> {
        let excepts =
            |place: &&usize| policy.waivers().get(**place).is_some_and(|each| each.excepts(rule, true));
        self.waivers.iter().find(excepts).copied()
    }

    /// The waiver because of which it stands as waived.
    pub fn waiver(&self, policy: &Policy) -> Option<usize> {
        rule_of(self.judgement.unwaived).and_then(|rule| self.waiver_of(policy, rule))
    }
}

/// The rule that finds a standing.
const fn rule_of(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Expired => Some("credential-expired"),
        Standing::Overdue => Some("rotation-overdue"),
        Standing::DueSoon => Some("rotation-due-soon"),
        Standing::Unknown => Some("undated-credential"),
        Standing::Waived | Standing::Fresh => None,
    }
}

impl Assessment<'_> {
    /// Whether it is proven that everything that was asked for was read, and with it everything that the policy needs to be
    /// applied.
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty() && self.is_decided() && self.coverages().all(Coverage::is_proven)
    }

    /// Whether a run may pass: complete, or unconfirmed only where that is tolerated.
    pub fn is_tolerable(&self) -> bool {
        self.gaps.is_empty() && self.is_decided() && self.coverages().all(Coverage::is_tolerable)
    }

    /// Whether no class or waiver is in doubt because something was not read.
    fn is_decided(&self) -> bool {
        self.undecided.iter().all(|each| !each.is_unread())
    }

    /// How many verdicts are unconfirmed, tolerated or not.
    pub fn unconfirmed(&self) -> u64 {
        let number = self.coverages().filter(|coverage| coverage.is_unconfirmed()).count();
        u64::try_from(number).unwrap_or(u64::MAX)
    }

    fn coverages(&self) -> impl Iterator<Item = &Coverage> {
        self.domains.iter().flat_map(|domain| domain.inventory.coverages())
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
        // Empty lists are an answer where users were read.
        any |= self.domains.iter().any(|domain| {
            domain.inventory.users_reading.rows > 0
                && domain.inventory.coverages().any(Coverage::is_unconfirmed)
        });
        !any
    }

    /// How many credentials have a standing.
    pub fn count(&self, standing: Standing) -> u64 {
        let kinds = self.domains.iter().flat_map(|domain| domain.kinds.iter());
        kinds.map(|(_, summary)| summary.of(standing)).sum()
    }
}
