//! Everything that is known about one user, one credential or one finding.
//!
//! [`find()`] says what is meant, [`Thing::narrow`] leaves what has to do with it, the usual assessment judges that, and an
//! [`Explanation`] gathers what there is to say.

mod find;
mod reckoning;

pub use self::find::{Candidates, NotFound, Target, Thing, find};
pub use self::reckoning::Reckoning;
use crate::assessment::{Assessed, Assessment};
use crate::coverage::Coverage;
use crate::due::Standing;
use crate::findings::{Finding, Subject};
use crate::id::UserId;
use crate::inventory::DomainInventory;
use crate::kind::Kind;
use crate::policy::{AppliedLimit, Claim, Class, Clause, Doubt, Lack, Policy, Waiver};
use crate::remedy::{Step, rotation};
use crate::rules::{Cis, Meta};
use crate::user::{Capability, User};

/// Everything that is known about a thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation<'a> {
    /// What it rests on.
    pub assessment: &'a Assessment<'a>,
    /// The finding, where one is meant.
    pub finding: Option<RuleFacts<'a>>,
    /// The credential, where one is meant or the finding is about one.
    pub credential: Option<&'a Assessed<'a>>,
    /// The user, or the owner of the credential.
    pub owner: Option<OwnerFacts<'a>>,
    /// The waiver that the finding is about.
    pub waiver: Option<&'a Waiver>,
}

/// A finding that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleFacts<'a> {
    /// Its rule.
    pub rule: &'static Meta,
    /// The finding; `None` where the rule finds nothing about the thing (any more).
    pub finding: Option<&'a Finding<'a>>,
}

/// What is known about a user, or an owner who is not in the listing of users.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerFacts<'a> {
    /// The domain that they live in.
    pub domain: &'a DomainInventory,
    /// The id.
    pub id: &'a UserId,
    /// The user name, as far as it is known; else empty.
    pub name: &'a str,
    /// The user; `None` where the listing does not have them.
    pub user: Option<&'a User>,
    /// The classes that certainly claim them; the first one applies, unless the class is in doubt.
    pub claims: Vec<Claim<'a>>,
    /// What could not be decided about them and what they have: classes and waivers.
    pub doubt: Doubt,
    /// The place of their class in [`crate::Policy::classes`]; `None` for none, and where it is in doubt.
    class: Option<usize>,
    /// What they may create and have.
    pub kinds: Vec<KindFacts<'a>>,
    /// What they have, most urgent first.
    pub credentials: Vec<&'a Assessed<'a>>,
    /// Findings about the user, not about what they have.
    pub findings: Vec<&'a Finding<'a>>,
    /// Waivers that mean the user or something that they have, whether they hold or not.
    pub waivers: Vec<&'a Waiver>,
}

/// What is known about one kind of a user.
#[derive(Clone, Debug, PartialEq)]
pub struct KindFacts<'a> {
    /// The kind.
    pub kind: Kind,
    /// Whether the user may create one.
    pub capability: Capability,
    /// How well the kind was read.
    pub coverage: &'a Coverage,
    /// How many the user has, as far as they were read.
    pub have: usize,
    /// The limit that applies.
    pub limit: AppliedLimit,
}

impl<'a> Explanation<'a> {
    /// What there is to say about a thing that was found in the assessed inventory or in a larger one; `None` where it is
    /// not in here.
    pub fn new(assessment: &'a Assessment<'a>, thing: &Thing) -> Option<Self> {
        let credential = match &thing.target {
            Target::Credential(kind, id) => Some(
                assessment
                    .credentials
                    .iter()
                    .find(|each| each.credential.kind == *kind && each.credential.id == *id)?,
            ),
            Target::User(_) | Target::Waiver(_) => None,
        };
        let waiver = match &thing.target {
            Target::Waiver(place) => Some((*place, assessment.policy.waivers().get(*place)?)),
            Target::User(_) | Target::Credential(..) => None,
        };
        let owner = match &thing.target {
            Target::User(id) => Some(OwnerFacts::new(assessment, id)?),
            Target::Credential(..) => {
                credential.and_then(|each| OwnerFacts::new(assessment, &each.credential.owner))
            }
            Target::Waiver(_) => None,
        };
        let is_about = |finding: &&Finding<'_>| match finding.subject {
            Subject::Credential(place) => credential.is_some_and(|each| each.place == place),
            Subject::User(_, user) => {
                credential.is_none() && owner.as_ref().is_some_and(|owner| *owner.id == user.id)
            }
            Subject::Waiver(place) => waiver.is_some_and(|(own, _)| own == place),
        };
        let finding = thing.rule.map(|rule| {
            let mut about = assessment.findings.iter().filter(is_about);
            RuleFacts { rule, finding: about.find(|finding| finding.rule == rule) }
        });
        Some(Self { assessment, finding, credential, owner, waiver: waiver.map(|(_, waiver)| waiver) })
    }

    /// What bears on it and could not be read, or not all of it: `users` or a kind, with the verdict.
    pub fn gaps(&self) -> Vec<(&'static str, &'a Coverage)> {
        let Some(owner) = &self.owner else { return Vec::new() };
        let users = ("users", &owner.domain.users_reading.coverage);
        let asked = |kind: Kind| self.credential.is_none_or(|each| each.credential.kind == kind);
        let kinds = owner.kinds.iter().filter(|facts| asked(facts.kind));
        let all = std::iter::once(users).chain(kinds.map(|facts| (facts.kind.as_str(), facts.coverage)));
        all.filter(|(_, coverage)| !coverage.is_proven()).collect()
    }

    /// Whether everything that bears on it was read.
    pub fn is_complete(&self) -> bool {
        // A waiver may mean anything.
        let decided =
            self.owner.as_ref().map_or_else(|| self.assessment.is_complete(), OwnerFacts::is_decided);
        self.gaps().is_empty() && decided
    }

    /// Whether a run may pass: complete, or unconfirmed only where that is tolerated.
    pub fn is_tolerable(&self) -> bool {
        let decided =
            self.owner.as_ref().map_or_else(|| self.assessment.is_tolerable(), OwnerFacts::is_decided);
        self.gaps().iter().all(|(_, coverage)| coverage.is_tolerable()) && decided
    }

    /// What to do: the steps that mend the finding, that delete an expired credential, or that rotate one. About a user
    /// there is nothing to do but what their findings say.
    pub fn steps(&self) -> Vec<Step> {
        let assessment = self.assessment;
        if let Some(facts) = &self.finding {
            return facts.finding.map(|finding| finding.steps(assessment)).unwrap_or_default();
        }
        if let Some(assessed) = self.credential {
            let mut findings = assessment.findings_of(assessed);
            let expired = findings.find(|_| assessed.judgement.is(Standing::Expired));
            return expired.map_or_else(|| rotation(assessed), |finding| finding.steps(assessment));
        }
        Vec::new()
    }
}

impl<'a> OwnerFacts<'a> {
    fn new(assessment: &'a Assessment<'a>, id: &UserId) -> Option<Self> {
        let owned = |domain: &DomainInventory| {
            domain.users.iter().any(|user| user.id == *id)
                || domain.credentials.iter().any(|credential| credential.owner == *id)
        };
        let domain = assessment.domains.iter().map(|domain| domain.inventory).find(|domain| owned(domain))?;
        let is_own = |each: &&Assessed<'a>| {
            each.credential.owner == *id && std::ptr::eq(each.domain, &raw const domain.domain)
        };
        let credentials: Vec<&Assessed<'_>> = assessment.credentials.iter().filter(is_own).collect();
        let user = find::user(domain, id);
        let first = credentials.first();
        let name = user.map_or_else(|| first.map_or("", |each| each.owner_name()), |user| &user.name);
        let id = user.map(|user| &user.id).or_else(|| first.map(|each| &each.credential.owner))?;
        let policy = assessment.policy;
        let (claims, membership) = policy.claims(domain, id, name, user);
        let mut doubt = membership.doubt;
        let class = membership.class;
        let kinds = Kind::ALL.map(|kind| KindFacts {
            kind,
            capability: user.map_or(Capability::Unknown, |user| user.capability(kind)),
            coverage: &domain.readings.get(kind).coverage,
            have: credentials.iter().filter(|each| each.credential.kind == kind).count(),
            limit: policy.applied_limit_for(class, &doubt, kind),
        });
        let kinds = kinds.into();
        let open = credentials.iter().filter_map(|each| each.doubt()).flat_map(|each| &each.open);
        let waivers: Vec<(Clause, Lack)> =
            open.filter(|(clause, _)| matches!(clause, Clause::Waiver(_))).copied().collect();
        for each in waivers {
            if !doubt.open.contains(&each) {
                doubt.open.push(each);
            }
        }
        let rows: Vec<_> = credentials.iter().map(|each| each.credential).collect();
        Some(Self {
            domain,
            id,
            name,
            user,
            claims,
            doubt,
            class,
            kinds,
            credentials,
            findings: user.map(|user| assessment.findings_of_user(user).collect()).unwrap_or_default(),
            waivers: policy.waivers_about(&domain.domain, id, name, &rows),
        })
    }

    /// Whether no class or waiver is in doubt because something was not read.
    fn is_decided(&self) -> bool {
        self.doubt.open.iter().all(|(_, lack)| !lack.is_unread())
    }

    /// Their class; `None` where the general limits hold, and where the class is in doubt.
    pub fn class<'p>(&self, policy: &'p Policy) -> Option<&'p Class> {
        policy.classes().get(self.class?)
    }

    /// The limit of a kind.
    pub fn limit(&self, kind: Kind) -> Option<&AppliedLimit> {
        self.kinds.iter().find(|facts| facts.kind == kind).map(|facts| &facts.limit)
    }
}

/// The controls of the CIS benchmark that findings about a credential speak to, each once.
pub fn controls<'a>(findings: &[&'a Finding<'a>], assessment: &'a Assessment<'a>) -> Vec<&'static Cis> {
    let mut controls: Vec<&Cis> = Vec::new();
    for control in findings.iter().flat_map(|finding| finding.cis(assessment)) {
        if !controls.contains(&control) {
            controls.push(control);
        }
    }
    controls
}

#[cfg(test)]
mod tests;
