//! Findings, waivers and the policy in `credage.report/v1`: part of the frozen format.

use std::collections::BTreeMap;

use credage_core::{Assessment, Days, Finding, Policy, Subject};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// By which policy was judged.
#[derive(Serialize, JsonSchema)]
pub(super) struct PolicyV1<'a> {
    /// The policy file; null where there is none.
    file: Option<&'a str>,
    /// Days from which on a credential is overdue, where no class or kind says otherwise; null where age does not matter.
    max_age_days: Option<u32>,
    /// Days before it is due from which on a credential is due soon.
    warn_before_days: u32,
    /// How days are counted: `instants`, or calendar days in a time zone.
    boundary: String,
    /// The classes of users, in the order in which they are asked.
    classes: Vec<&'a str>,
    /// The level of every rule.
    rules: BTreeMap<&'static str, &'static str>,
}

/// How many findings a rule has.
#[derive(Serialize, JsonSchema)]
pub(super) struct RuleCountV1 {
    rule: &'static str,
    /// `critical`, `high`, `medium`, `low` or `info`.
    level: &'static str,
    title: &'static str,
    /// Findings that count.
    found: u64,
    /// Findings that a waiver excepts.
    waived: u64,
}

/// A rule that could not judge.
#[derive(Serialize, JsonSchema)]
pub(super) struct UnjudgedV1<'a> {
    rule: &'static str,
    /// Null where it is no matter of a domain.
    domain: Option<&'a str>,
    domain_url: Option<&'a str>,
    /// What was not read.
    reason: &'a str,
}

/// Something that a rule took for granted where it found something.
#[derive(Serialize, JsonSchema)]
pub(super) struct AssumptionV1<'a> {
    rule: &'static str,
    domain: &'a str,
    domain_url: &'a str,
    /// The attribute that was not returned for any user, by its name in SCIM; it is taken to be false.
    attribute: &'static str,
}

/// A class or a waiver that could not be decided for some owners of credentials.
#[derive(Serialize, JsonSchema)]
pub(super) struct UndecidedV1<'a> {
    /// `class machines`, or `waiver in line 12`.
    what: &'a str,
    domain: &'a str,
    domain_url: &'a str,
    /// How many owners of credentials it could not be decided for.
    owners: u64,
    /// What was not read.
    reason: String,
    /// What was done instead.
    consequence: &'static str,
    /// Whether the run is incomplete because of it. It is not where only a flag is lacking that the domain may leave out where
    /// it is false.
    incomplete: bool,
}

/// A rule's verdict on a credential, a user or a waiver.
#[derive(Serialize, JsonSchema)]
pub(super) struct FindingV1<'a> {
    /// The same for the same rule and thing in every run.
    fingerprint: String,
    /// The id of the rule; docs/rules.md tells what it means and how to mend it.
    rule: &'static str,
    title: &'static str,
    /// `critical`, `high`, `medium`, `low` or `info`.
    level: &'static str,
    /// What orders findings of one level: days overdue, administrators, copies, owners who are inactive or gone.
    risk: u32,
    /// `credential`, `user` or `waiver`.
    about: &'static str,
    /// Null for a waiver. So are those that follow where there is none.
    domain: Option<&'a str>,
    domain_url: Option<&'a str>,
    user_name: Option<&'a str>,
    user_id: Option<&'a str>,
    kind: Option<&'static str>,
    credential_id: Option<&'a str>,
    /// One sentence.
    what: String,
    /// The timestamps and limits that it rests on.
    evidence: BTreeMap<&'static str, String>,
    /// Controls of the CIS OCI Foundations Benchmark that it speaks to.
    cis: Vec<CisV1>,
    /// The waiver that excepts it; null where it counts.
    waived: Option<WaiverV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct CisV1 {
    version: &'static str,
    control: &'static str,
}

/// A waiver.
#[derive(Serialize, JsonSchema)]
pub(super) struct WaiverV1<'a> {
    reason: &'a str,
    ticket: Option<&'a str>,
    approved_by: &'a str,
    /// The last day on which it holds.
    until: String,
    /// The line of the policy file.
    line: usize,
}

/// Written one by one, so that a large report is not held twice.
pub(super) struct Findings<'a>(pub(super) &'a Assessment<'a>);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.findings.iter().map(|each| finding(each, self.0)))
    }
}

pub(super) fn policy(policy: &Policy) -> PolicyV1<'_> {
    PolicyV1 {
        file: policy.file(),
        max_age_days: policy.limits().default.max_age().map(Days::get),
        warn_before_days: policy.limits().default.warn_before().get(),
        boundary: policy.boundary().describe(),
        classes: policy.classes().iter().map(|class| class.name.as_str()).collect(),
        rules: policy.rules().iter().map(|rule| (rule.meta.id, rule.level.as_str())).collect(),
    }
}

pub(super) fn rule_counts(assessment: &Assessment<'_>) -> Vec<RuleCountV1> {
    let counts = assessment.rule_counts().into_iter();
    counts
        .map(|count| RuleCountV1 {
            rule: count.rule.id,
            level: count.level.as_str(),
            title: count.rule.title,
            found: count.found,
            waived: count.waived,
        })
        .collect()
}

pub(super) fn unjudged<'a>(assessment: &'a Assessment<'_>) -> Vec<UnjudgedV1<'a>> {
    let all = assessment.unjudged.iter();
    all.map(|each| UnjudgedV1 {
        rule: each.rule.id,
        domain: each.domain.map(|domain| domain.name.as_str()),
        domain_url: each.domain.map(|domain| domain.url.as_str()),
        reason: &each.reason,
    })
    .collect()
}

pub(super) fn assumptions<'a>(assessment: &'a Assessment<'_>) -> Vec<AssumptionV1<'a>> {
    let all = assessment.assumptions.iter();
    all.map(|each| AssumptionV1 {
        rule: each.rule.id,
        domain: &each.domain.name,
        domain_url: &each.domain.url,
        attribute: each.attribute.as_str(),
    })
    .collect()
}

pub(super) fn undecided<'a>(assessment: &'a Assessment<'_>) -> Vec<UndecidedV1<'a>> {
    let all = assessment.undecided.iter();
    all.map(|each| UndecidedV1 {
        what: &each.name,
        domain: &each.domain.domain.name,
        domain_url: &each.domain.domain.url,
        owners: each.owners,
        reason: each.lack.sentence(&each.domain.details),
        consequence: each.consequence(),
        incomplete: each.is_unread(),
    })
    .collect()
}

/// The waiver at a place of the policy.
pub(super) fn waiver(policy: &Policy, place: Option<usize>) -> Option<WaiverV1<'_>> {
    let waiver = policy.waivers().get(place?)?;
    Some(WaiverV1 {
        reason: &waiver.reason,
        ticket: waiver.ticket.as_deref(),
        approved_by: &waiver.approved_by,
        until: waiver.until.to_string(),
        line: waiver.line,
    })
}

fn finding<'a>(finding: &'a Finding<'_>, assessment: &'a Assessment<'_>) -> FindingV1<'a> {
    let assessed = finding.credential(assessment);
    let (domain, user_name, user_id) = match (finding.subject, assessed) {
        (_, Some(each)) => (Some(each.domain), Some(each.owner_name()), Some(each.credential.owner.as_str())),
        (Subject::User(domain, user), _) => (Some(domain), Some(&*user.name), Some(user.id.as_str())),
        _ => (None, None, None),
    };
    FindingV1 {
        fingerprint: finding.fingerprint(assessment),
        rule: finding.rule.id,
        title: finding.rule.title,
        level: finding.level.as_str(),
        risk: finding.risk,
        about: finding.rule.about.as_str(),
        domain: domain.map(|domain| domain.name.as_str()),
        domain_url: domain.map(|domain| domain.url.as_str()),
        user_name,
        user_id,
        kind: assessed.map(|each| each.credential.kind.as_str()),
        credential_id: assessed.map(|each| each.credential.id.as_str()),
        what: finding.sentence(assessment),
        evidence: finding.facts(assessment).into_iter().collect(),
        cis: finding
            .cis(assessment)
            .map(|cis| CisV1 { version: cis.version, control: cis.control })
            .collect(),
        waived: waiver(assessment.policy, finding.waiver),
    }
}
