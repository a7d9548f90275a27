//! Writes `credage.explanation/v1`.

use std::io::Write;

use credage_core::explain::{Explanation, KindFacts, OwnerFacts, RuleFacts};
use credage_core::policy::{AppliedLimit, Claim, Waiver};
use credage_core::{
    Assessed, Assessment, Coverage, CredentialField, DateReading, Days, Domain, Finding, Known, Tag, Undated,
    UserAttribute,
};
use jiff::Timestamp;

use super::v1::{
    CisV1, ClaimV1, CredentialV1, DomainV1, ExplanationV1, FactV1, FindingV1, GapV1, KindV1, LimitV1,
    OwnedV1, RuleV1, StepV1, TagV1, UserV1, WaiverV1,
};
use crate::RenderError;

const SCHEMA: &str = "credage.explanation/v1";

/// Writes an explanation for programs.
pub fn render(explanation: &Explanation<'_>, out: &mut dyn Write) -> Result<(), RenderError> {
    crate::safe_json::write_pretty(out, &document(explanation))?;
    out.write_all(b"\n")?;
    Ok(())
}

/// The JSON Schema of an explanation.
pub fn schema() -> String {
    let schema = schemars::schema_for!(ExplanationV1<'static>);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

fn document<'a>(explanation: &'a Explanation<'a>) -> ExplanationV1<'a> {
    let assessment = explanation.assessment;
    let thing = match (&explanation.finding, &explanation.credential) {
        (Some(_), _) => "finding",
        (None, Some(_)) => "credential",
        (None, None) => "user",
    };
    let steps = explanation.steps().into_iter();
    ExplanationV1 {
        schema: SCHEMA,
        as_of: assessment.as_of.to_string(),
        collected_at: assessment.collected_at.map(text),
        thing,
        complete: explanation.is_tolerable(),
        gaps: explanation.gaps().into_iter().map(gap).collect(),
        policy_file: assessment.policy.file(),
        boundary: assessment.policy.boundary().describe(),
        finding: explanation.finding.as_ref().map(|facts| rule(facts, assessment)),
        credential: explanation.credential.map(|assessed| credential(assessed, explanation)),
        user: explanation.owner.as_ref().map(|owner| user(owner, assessment)),
        waiver: explanation.waiver.map(|each| waiver(each, assessment)),
        steps: steps.map(|step| StepV1 { text: step.text, command: step.command }).collect(),
    }
}

fn gap<'a>((what, coverage): (&'static str, &'a Coverage)) -> GapV1<'a> {
    let why = coverage.incomplete();
    GapV1 {
        what,
        verdict: coverage.as_str(),
        numbers: coverage.numbers(),
        status: why.and_then(|why| why.status),
        reason: why.map(|why| why.reason.as_str()),
        hint: why.map(|why| why.hint.as_str()),
        request_id: why.and_then(|why| why.request_id.as_deref()),
    }
}

fn rule<'a>(facts: &'a RuleFacts<'a>, assessment: &'a Assessment<'a>) -> RuleV1<'a> {
    let meta = facts.rule;
    RuleV1 {
        rule: meta.id,
        title: meta.title,
        meaning: meta.meaning,
        why: meta.why,
        fix: meta.fix,
        found: facts.finding.map(|each| finding(each, assessment)),
    }
}

fn finding<'a>(finding: &'a Finding<'a>, assessment: &'a Assessment<'a>) -> FindingV1<'a> {
    let facts = finding.facts(assessment).into_iter();
    FindingV1 {
        rule: finding.rule.id,
        fingerprint: finding.fingerprint(assessment),
        level: finding.level.as_str(),
        risk: finding.risk,
        sentence: finding.sentence(assessment),
        facts: facts.map(|(name, value)| FactV1 { name, value }).collect(),
        cis: finding
            .cis(assessment)
            .map(|cis| CisV1 { version: cis.version, control: cis.control })
            .collect(),
        waiver: finding.waived_by(assessment).map(|each| waiver(each, assessment)),
    }
}

fn waiver<'a>(waiver: &'a Waiver, assessment: &Assessment<'_>) -> WaiverV1<'a> {
    WaiverV1 {
        means: waiver.subject(),
        reason: &waiver.reason,
        approved_by: &waiver.approved_by,
        ticket: waiver.ticket.as_deref(),
        until: waiver.until.to_string(),
        holds: waiver.holds(assessment.as_of),
        line: waiver.line,
    }
}

fn credential<'a>(assessed: &'a Assessed<'a>, explanation: &'a Explanation<'a>) -> CredentialV1<'a> {
    let assessment = explanation.assessment;
    let (policy, owner) = (assessment.policy, explanation.owner.as_ref());
    let (row, judgement) = (assessed.credential, &assessed.judgement);
    let reckoning = assessed.reckoning(policy.boundary());
    let coverage = owner.map(|owner| &owner.domain.readings.get(row.kind).coverage);
    CredentialV1 {
        domain: domain(assessed.domain),
        kind: row.kind.as_str(),
        credential_id: row.id.as_str(),
        description: row.description.as_deref(),
        fingerprint: row.fingerprint.as_deref(),
        created: date(&row.created),
        last_set: date(&row.last_set),
        expires_on: date(&row.expires_on),
        age_basis: reckoning.basis_field,
        age_days: judgement.age_days,
        class: assessed.class_name(policy),
        possible_classes: assessed.possible_classes(policy),
        undecided: assessed.undecided(assessment),
        unreadable: row.unreadable.iter().map(CredentialField::as_str).collect(),
        limit: owner.and_then(|owner| owner.limit(row.kind)).map(limit),
        due_by_age: reckoning.by_age.map(text),
        due_on: judgement.due.map(|due| text(due.on)),
        due_reason: judgement.due.map(|due| due.reason.as_str()),
        reckoning: assessed.reckoning_in_words(policy.boundary()),
        days_left: judgement.days_left,
        standing: judgement.standing.as_str(),
        standing_without_waiver: judgement.unwaived.as_str(),
        waiver: assessed
            .waiver(policy)
            .and_then(|place| policy.waivers().get(place))
            .map(|each| waiver(each, assessment)),
        undated: judgement.undated.as_ref().map(Undated::reason),
        coverage: coverage.unwrap_or(&Coverage::NotApplicable).as_str(),
        findings: assessment.findings_of(assessed).map(|each| finding(each, assessment)).collect(),
    }
}

fn user<'a>(owner: &'a OwnerFacts<'a>, assessment: &'a Assessment<'a>) -> UserV1<'a> {
    let user = owner.user;
    let policy = assessment.policy;
    let of = |names: &'a Known<Box<[std::sync::Arc<str>]>>| {
        let names = names.is_read().then(|| names.as_deref().unwrap_or_default())?;
        Some(names.iter().map(|name| &**name).collect::<Vec<&str>>())
    };
    let tags = |tags: &'a Known<Box<[Tag]>>| {
        let tags = tags.is_read().then(|| tags.as_deref().unwrap_or_default())?;
        Some(tags.iter().map(|tag| TagV1 { key: &tag.key, value: &tag.value }).collect())
    };
    UserV1 {
        domain: domain(&owner.domain.domain),
        user_name: owner.name,
        user_id: owner.id.as_str(),
        user_ocid: user.and_then(|user| user.ocid.as_deref()),
        email: user.and_then(|user| user.email.as_deref()),
        listed: user.is_some(),
        active: user.and_then(|user| user.active.flag()),
        service_user: user.and_then(|user| user.service.flag()),
        federated: user.and_then(|user| user.federated.flag()),
        user_type: user.and_then(|user| user.user_type.as_deref()),
        created: user.and_then(|user| user.created.copied()).map(text),
        last_login: user.and_then(|user| user.last_login.copied()).map(text),
        logins_read: user.is_some_and(|user| user.last_login.is_read()),
        mfa: user.map_or("unknown", |user| user.mfa.as_str()),
        console_password: user.map_or("unknown", |user| user.console_password.as_str()),
        groups: user.and_then(|user| of(&user.groups)),
        roles: user.and_then(|user| of(&user.roles)),
        tags: user.and_then(|user| tags(&user.tags)),
        unknown: user
            .map(|user| user.unknown().iter().map(UserAttribute::as_str).collect())
            .unwrap_or_default(),
        class: owner.class(policy).map(|class| class.name.as_str()),
        undecided: owner.doubt.sentences(policy, &owner.domain.details),
        claims: owner.claims.iter().map(claim).collect(),
        kinds: owner.kinds.iter().map(kind).collect(),
        credentials: owner.credentials.iter().map(|assessed| owned(assessed, assessment)).collect(),
        findings: owner.findings.iter().map(|each| finding(each, assessment)).collect(),
        waivers: owner.waivers.iter().map(|each| waiver(each, assessment)).collect(),
    }
}

fn claim<'a>(claim: &'a Claim<'a>) -> ClaimV1<'a> {
    ClaimV1 {
        class: &claim.class.name,
        by: claim.by.clone(),
        priority: claim.class.priority,
        line: claim.class.line,
        before_next_by: claim.before_next.map(credage_core::policy::Precedence::as_str),
    }
}

fn kind(facts: &KindFacts<'_>) -> KindV1 {
    KindV1 {
        kind: facts.kind.as_str(),
        capability: facts.capability.as_str(),
        coverage: facts.coverage.as_str(),
        credentials: facts.have,
        slots: facts.kind.slots(),
        limit: limit(&facts.limit),
    }
}

fn limit(applied: &AppliedLimit) -> LimitV1 {
    LimitV1 {
        max_age_days: applied.limit.max_age().map(Days::get),
        max_age_key: applied.max_age_from.key.clone(),
        max_age_origin: applied.max_age_from.origin.to_string(),
        warn_before_days: applied.limit.warn_before().get(),
        warn_before_key: applied.warn_before_from.key.clone(),
        warn_before_origin: applied.warn_before_from.origin.to_string(),
    }
}

fn owned<'a>(assessed: &'a Assessed<'a>, assessment: &Assessment<'a>) -> OwnedV1<'a> {
    let (row, judgement) = (assessed.credential, &assessed.judgement);
    OwnedV1 {
        kind: row.kind.as_str(),
        credential_id: row.id.as_str(),
        description: row.description.as_deref(),
        age_days: judgement.age_days,
        due_on: judgement.due.map(|due| text(due.on)),
        days_left: judgement.days_left,
        standing: judgement.standing.as_str(),
        rules: assessment.findings_of(assessed).map(|finding| finding.rule.id).collect(),
    }
}

fn domain(domain: &Domain) -> DomainV1<'_> {
    DomainV1 {
        name: &domain.name,
        url: &domain.url,
        ocid: domain.ocid.as_deref(),
        tenancy: domain.tenancy.as_deref(),
    }
}

fn date(reading: &DateReading) -> Option<String> {
    match reading {
        DateReading::At(at) => Some(text(*at)),
        DateReading::Missing => None,
        DateReading::Unreadable(text) => Some(text.to_string()),
    }
}

fn text(at: Timestamp) -> String {
    at.to_string()
}
