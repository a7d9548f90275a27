//! Findings: what the rules say of an assessment, gravest and riskiest first.

mod fingerprint;
mod risk;
mod run;
mod unjudged;
mod words;

pub use self::fingerprint::{LOCATOR, locator};
pub(crate) use self::fingerprint::{Named, fingerprint};
pub(crate) use self::run::{Found, find};
pub use self::words::Fact;
use crate::assessment::{Assessed, Assessment};
use crate::attributes::UserAttribute;
use crate::domain::Domain;
use crate::policy::Waiver;
use crate::rules::{Cis, Evidence, Level, Meta};
use crate::user::User;

/// A rule's verdict on a credential, a user or a waiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding<'a> {
    /// The rule.
    pub rule: &'static Meta,
    /// How grave it is by the policy.
    pub level: Level,
    /// What it is about.
    pub subject: Subject<'a>,
    /// What it rests on.
    pub evidence: Evidence<'a>,
    /// The place of the waiver that excepts it, in [`crate::Policy::waivers`].
    pub waiver: Option<usize>,
    /// How much is at stake, to order findings of one level by: see `risk.rs`.
    pub risk: u32,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Subject<'a> {
    /// The credential at this place of [`Assessment::credentials`].
    Credential(usize),
    /// A user of a domain.
    User(&'a Domain, &'a User),
    /// The waiver at this place of [`crate::Policy::waivers`].
    Waiver(usize),
}

/// A rule that could not judge, because what it needs was not read.
#[derive(Clone, Debug, PartialEq)]
pub struct Unjudged<'a> {
    /// The rule.
    pub rule: &'static Meta,
    /// Where; everywhere where there is none.
    pub domain: Option<&'a Domain>,
    /// What is missing.
    pub reason: String,
    /// Whether a run that is to fail on findings of this rule's level must not pass. Not where all that is missing is what the
    /// domain's own way of listing cannot show.
    pub gates: bool,
}

/// A rule that found something on the assumption that a flag which the domain returned for nobody is false for everybody.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumption<'a> {
    /// The rule.
    pub rule: &'static Meta,
    /// Where.
    pub domain: &'a Domain,
    /// The flag.
    pub attribute: UserAttribute,
}

impl Assumption<'_> {
    /// In words: what was assumed.
    pub fn sentence(&self) -> String {
        format!("{} was not returned for any user and is taken to be false for everybody", self.attribute)
    }
}

/// How many findings a rule has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule.
    pub rule: &'static Meta,
    /// Its level by the policy.
    pub level: Level,
    /// Findings that count.
    pub found: u64,
    /// Findings that a waiver excepts.
    pub waived: u64,
}

/// What a waiver is called among the subjects of findings.
pub(crate) fn id_of_waiver(waiver: &Waiver) -> String {
    format!("{} until {}", waiver.subject(), waiver.until)
}

impl Finding<'_> {
    /// What it is called: the same for the same rule, thing and age basis, in every run and however the domain was found
    /// (32 hexadecimal digits).
    pub fn fingerprint(&self, assessment: &Assessment<'_>) -> String {
        let id;
        let subject = if let Some(assessed) = self.credential(assessment) {
            Named::Credential(assessed.credential)
        } else {
            id = self.subject_id(assessment);
            Named::Other(&id)
        };
        format!("{:032x}", u128::from_be_bytes(fingerprint(self.rule, subject)))
    }

    /// The id of what it is about: a credential's, a user's, or what a waiver means.
    pub fn subject_id(&self, assessment: &Assessment<'_>) -> String {
        match self.subject {
            Subject::Credential(place) => assessment
                .credentials
                .get(place)
                .map(|assessed| assessed.credential.full_id())
                .unwrap_or_default(),
            Subject::User(_, user) => user.id.to_string(),
            Subject::Waiver(place) => {
                assessment.policy.waivers().get(place).map(id_of_waiver).unwrap_or_default()
            }
        }
    }

    /// The waiver that excepts it.
    pub fn waived_by<'p>(&self, assessment: &'p Assessment<'_>) -> Option<&'p Waiver> {
        self.waiver.and_then(|place| assessment.policy.waivers().get(place))
    }

    /// The credential that it is about.
    pub fn credential<'s, 'a>(&self, assessment: &'s Assessment<'a>) -> Option<&'s Assessed<'a>> {
        match self.subject {
            Subject::Credential(place) => assessment.credentials.get(place),
            Subject::User(..) | Subject::Waiver(_) => None,
        }
    }

    /// The controls of the CIS benchmark that it speaks to: those of its kind of credential, and those of all kinds.
    pub fn cis<'s>(&'s self, assessment: &'s Assessment<'_>) -> impl Iterator<Item = &'static Cis> + 's {
        let kind = self.credential(assessment).map(|assessed| assessed.credential.kind);
        self.rule.cis.iter().filter(move |cis| cis.kind.is_none() || cis.kind == kind)
    }
}

impl<'a> Assessment<'a> {
    /// The findings about one credential, gravest first.
    pub fn findings_of<'s>(
        &'s self,
        assessed: &Assessed<'a>,
    ) -> impl Iterator<Item = &'s Finding<'a>> + use<'s, 'a> {
        let places = self.by_credential.of(assessed.place);
        places.iter().filter_map(|&place| self.findings.get(place))
    }

    /// The findings about one user of a domain (not about their credentials).
    pub fn findings_of_user<'s>(&'s self, user: &'a User) -> impl Iterator<Item = &'s Finding<'a>> {
        self.findings.iter().filter(
            move |finding| matches!(finding.subject, Subject::User(_, each) if std::ptr::eq(each, user)),
        )
    }

    /// Findings that count at a level or above.
    pub fn findings_from(&self, level: Level) -> impl Iterator<Item = &Finding<'a>> {
        self.findings
            .iter()
            .filter(move |finding| finding.waiver.is_none() && finding.level.is_at_least(level))
    }

    /// How many findings each rule has, gravest first; rules without findings are left out.
    pub fn rule_counts(&self) -> Vec<RuleCount> {
        let mut counts: Vec<RuleCount> = self
            .policy
            .rules()
            .iter()
            .map(|rule| RuleCount { rule: rule.meta, level: rule.level, found: 0, waived: 0 })
            .collect();
        for finding in &self.findings {
            if let Some(count) = counts.iter_mut().find(|count| count.rule == finding.rule) {
                let which = if finding.waiver.is_some() { &mut count.waived } else { &mut count.found };
                *which += 1;
            }
        }
        counts.retain(|count| count.found + count.waived > 0);
        counts.sort_by_key(|count| (count.level, std::cmp::Reverse(count.found)));
        counts
    }
}

/// For each credential, where its findings are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ByCredential {
    starts: Vec<usize>,
    places: Vec<usize>,
}

impl ByCredential {
    fn new(credentials: usize, findings: &[Finding<'_>]) -> Self {
        let mut starts = vec![0; credentials + 1];
        let of = |finding: &Finding<'_>| match finding.subject {
            Subject::Credential(place) => Some(place),
            Subject::User(..) | Subject::Waiver(_) => None,
        };
        for place in findings.iter().filter_map(of) {
            if let Some(count) = starts.get_mut(place + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut places = vec![0; sum];
        for (number, finding) in findings.iter().enumerate() {
            let Some(slot) = of(finding).and_then(|place| next.get_mut(place)) else { continue };
            if let Some(free) = places.get_mut(*slot) {
                *free = number;
            }
            *slot += 1;
        }
        Self { starts, places }
    }

    fn of(&self, credential: usize) -> &[usize] {
        match (self.starts.get(credential), self.starts.get(credential + 1)) {
            (Some(&start), Some(&end)) => self.places.get(start..end).unwrap_or_default(),
            _ => &[],
        }
    }
}
