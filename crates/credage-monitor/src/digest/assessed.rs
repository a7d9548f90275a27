//! From an assessment to a digest: the one place that knows both.

use std::collections::BTreeSet;

use credage_core::remedy::rotation;
use credage_core::rules::Remedy;
use credage_core::{Assessed, Assessment, Coverage, Days, Domain, Finding, Gap, Standing};

use super::{Counts, Digest, DigestDomain, Item, Problem, Step};

impl Digest {
    /// Everything of an assessment that somebody may have to hear of.
    pub fn of(assessment: &Assessment<'_>) -> Self {
        let domains = assessment.domains.iter().map(|domain| &domain.inventory.domain);
        let tenancies: BTreeSet<_> = domains.clone().filter_map(|domain| domain.tenancy.clone()).collect();
        let count = |standing| assessment.count(standing);
        Self {
            as_of: assessment.as_of,
            tenancies: tenancies.into_iter().collect(),
            domains: domains.map(named).collect(),
            max_age_days: assessment.policy.limits().default.max_age().map(Days::get),
            warn_before_days: assessment.policy.limits().default.warn_before().get(),
            counts: Counts {
                expired: count(Standing::Expired),
                overdue: count(Standing::Overdue),
                due_soon: count(Standing::DueSoon),
                unknown: count(Standing::Unknown),
                fresh: count(Standing::Fresh),
                waived: count(Standing::Waived),
            },
            items: assessment
                .credentials
                .iter()
                .filter(|assessed| !matches!(assessed.judgement.standing, Standing::Fresh | Standing::Waived))
                .map(|assessed| item(assessed, assessment))
                .collect(),
            problems: assessment
                .gaps
                .iter()
                .map(gap)
                .chain(unread(assessment))
                .chain(undecided(assessment))
                .collect(),
            sample: false,
        }
    }
}

fn named(domain: &Domain) -> DigestDomain {
    DigestDomain { name: domain.name.clone(), url: domain.url.clone() }
}

fn item(assessed: &Assessed<'_>, assessment: &Assessment<'_>) -> Item {
    let findings = || assessment.findings_of(assessed).filter(|finding| finding.waiver.is_none());
    let (credential, judgement) = (assessed.credential, &assessed.judgement);
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    Item {
        standing: judgement.standing,
        level: findings().map(|finding| finding.level).min(),
        kind: credential.kind,
        description: text(&credential.description),
        credential_id: credential.id.as_str().to_owned(),
        fingerprint: text(&credential.fingerprint),
        user_name: assessed.owner_name().to_owned(),
        user_id: credential.owner.as_str().to_owned(),
        user_email: assessed.owner.and_then(|owner| owner.email.as_deref()).map(str::to_owned),
        domain: assessed.domain.name.clone(),
        domain_url: assessed.domain.url.clone(),
        due_on: judgement.due.map(|due| due.on),
        due_reason: judgement.due.map(|due| due.reason),
        days_left: judgement.days_left,
        age_days: judgement.age_days,
        undated: judgement.undated.as_ref().map(credage_core::Undated::reason),
        steps: steps(assessed, assessment, findings()),
    }
}

/// What mends its age: the steps of the rule about that, or how to rotate where no such rule is applied.
fn steps<'f, 'a: 'f>(
    assessed: &Assessed<'a>,
    assessment: &Assessment<'a>,
    mut findings: impl Iterator<Item = &'f Finding<'a>>,
) -> Vec<Step> {
    let of_age = findings.find(|finding| matches!(finding.rule.remedy, Remedy::Rotate | Remedy::Date));
    of_age.map_or_else(|| rotation(assessed), |finding| finding.steps(assessment))
}

fn gap(gap: &Gap) -> Problem {
    Problem {
        domain: None,
        what: gap.what.clone(),
        verdict: "gap",
        status: gap.why.status,
        reason: gap.why.reason.clone(),
        hint: gap.why.hint.clone(),
        request_id: gap.why.request_id.clone(),
    }
}

/// Every (domain, kind) that keeps the run from passing, and users that do.
fn unread(assessment: &Assessment<'_>) -> impl Iterator<Item = Problem> {
    assessment.domains.iter().flat_map(|domain| {
        let inventory = domain.inventory;
        let users = std::iter::once(("users", &inventory.users_reading.coverage));
        let kinds = inventory.readings.iter().map(|(kind, reading)| (kind.as_str(), &reading.coverage));
        users.chain(kinds).filter_map(|(what, coverage)| problem(&inventory.domain.label(), what, coverage))
    })
}

/// Every class and waiver that could not be decided, because what decides it was not read.
fn undecided(assessment: &Assessment<'_>) -> impl Iterator<Item = Problem> {
    let unread = assessment.undecided.iter().filter(|each| each.is_unread());
    unread.map(|each| Problem {
        domain: Some(each.domain.domain.label().into_owned()),
        what: each.name.clone(),
        verdict: "undecided",
        status: None,
        reason: format!("{}; {}", each.sentence(), each.consequence()),
        hint: "let the domain return these attributes, or use other criteria in the policy".to_owned(),
        request_id: None,
    })
}

fn problem(domain: &str, what: &str, coverage: &Coverage) -> Option<Problem> {
    // What is unconfirmed and tolerated would be an alarm on every run.
    let why = coverage.incomplete().filter(|_| !coverage.is_tolerable())?;
    let numbers = coverage.numbers().map_or_else(String::new, |numbers| format!("{numbers}: "));
    Some(Problem {
        domain: Some(domain.to_owned()),
        what: what.to_owned(),
        verdict: coverage.as_str(),
        status: why.status,
        reason: format!("{numbers}{}", why.reason),
        hint: why.hint.clone(),
        request_id: why.request_id.clone(),
    })
}
