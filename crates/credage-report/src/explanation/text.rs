//! An explanation for people: what it is, the dates, the limit and why that one, what is wrong, what to do, whose it is.

use std::io::Write;

use credage_core::explain::{Explanation, OwnerFacts, RuleFacts, controls};
use credage_core::policy::{Given, Origin, Waiver};
use credage_core::{Assessed, Assessment, DateReading, Finding, Kind, Policy, Standing, Undated};

use super::user::{class, essentials, of_user, undecided};
use crate::table::layout::Page;
use crate::table::words;
use crate::{RenderError, RenderOptions};

/// Writes an explanation for people.
pub fn render(
    explanation: &Explanation<'_>,
    width: usize,
    color: bool,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let options = RenderOptions { width, color, ..RenderOptions::default() };
    let mut page = Page::new(&options);
    head(explanation, &mut page);
    gaps(explanation, &mut page);
    if let Some(facts) = &explanation.finding {
        of_rule(facts, explanation, &mut page);
    }
    if let Some(assessed) = explanation.credential {
        of_credential(assessed, explanation, &mut page);
    } else if let Some(owner) = &explanation.owner {
        of_user(owner, explanation, &mut page);
    }
    steps(explanation, &mut page);
    let assessment = explanation.assessment;
    if let (Some(_), Some(owner)) = (explanation.credential, &explanation.owner) {
        page.heading("Owner");
        essentials(owner, &mut page);
        class(owner, assessment.policy, &mut page);
    }
    out.write_all(page.finish().as_bytes())?;
    Ok(())
}

fn head(explanation: &Explanation<'_>, page: &mut Page) {
    let assessment = explanation.assessment;
    if let Some(facts) = &explanation.finding {
        page.strong(&format!("{}: {}", facts.rule.id, facts.rule.title));
    } else if let Some(assessed) = explanation.credential {
        page.strong(&format!("{} of {}: {}", label(assessed), who(explanation), standing(assessed)));
    } else {
        page.strong(&format!("User {}", who(explanation)));
    }
    let day = |at: jiff::Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    let read = assessment.collected_at.map(|at| format!(" Read from a saved inventory of {}.", day(at)));
    page.faint(&format!("As of {}.{}", day(assessment.as_of), read.unwrap_or_default()));
}

fn label(assessed: &Assessed<'_>) -> String {
    let name = assessed.credential.description.as_deref();
    let kind = capitalised(assessed.credential.kind.label());
    name.map_or(kind.clone(), |name| format!("{kind} {name}"))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn who(explanation: &Explanation<'_>) -> String {
    explanation.owner.as_ref().map_or_else(String::new, |owner| {
        let name = if owner.name.is_empty() { owner.id.as_str() } else { owner.name };
        format!("{name} in {}", owner.domain.domain.label())
    })
}

/// Where it stands and since when, or how long it still has.
fn standing(assessed: &Assessed<'_>) -> String {
    let judgement = &assessed.judgement;
    let left = match (judgement.due, judgement.days_left) {
        (Some(due), Some(days)) if days <= 0 => format!(" since {} ({} days)", day(due.on), -days),
        (Some(due), Some(days)) => format!(", due on {} (in {days} days)", day(due.on)),
        _ => String::new(),
    };
    match judgement.standing {
        Standing::Waived => format!("waived (else {}{left})", words(judgement.unwaived)),
        other => format!("{}{left}", words(other)),
    }
}

fn gaps(explanation: &Explanation<'_>, page: &mut Page) {
    let gaps = explanation.gaps();
    if gaps.is_empty() {
        if !explanation.is_complete() {
            page.alarm("NOT COMPLETE: not everything that was asked for could be read.");
        }
        return;
    }
    page.alarm("NOT COMPLETE: not everything that bears on this could be read.");
    for (what, coverage) in gaps {
        let Some(why) = coverage.incomplete() else { continue };
        let numbers = coverage.numbers().map_or_else(String::new, |numbers| format!(" ({numbers})"));
        let request =
            why.request_id.as_ref().map_or_else(String::new, |id| format!(" [opc-request-id {id}]"));
        let hint = if why.hint.is_empty() { String::new() } else { format!(" Next: {}.", why.hint) };
        page.point(&format!("{what}: {}{numbers}: {}.{request}{hint}", coverage.as_str(), why.reason));
    }
}

fn of_rule(facts: &RuleFacts<'_>, explanation: &Explanation<'_>, page: &mut Page) {
    let assessment = explanation.assessment;
    page.heading("Finding");
    match facts.finding {
        Some(finding) => {
            page.fact("what", &finding.sentence(assessment));
            page.fact("level", &format!("{} (risk {})", finding.level, finding.risk));
            page.fact("fingerprint", &finding.fingerprint(assessment));
            for (name, value) in finding.facts(assessment) {
                page.fact(name, &value);
            }
            if let Some(waiver) = finding.waived_by(assessment) {
                page.fact("waived", &of_waiver(waiver, assessment));
            }
            cis(&[finding], assessment, page);
        }
        None => page.fact("what", "the rule finds nothing about this (any more)"),
    }
    if let Some(waiver) = explanation.waiver {
        page.fact("waiver", &of_waiver(waiver, assessment));
    }
    page.fact("meaning", facts.rule.meaning);
    page.fact("why", facts.rule.why);
    page.fact("fix", facts.rule.fix);
}

fn of_credential(assessed: &Assessed<'_>, explanation: &Explanation<'_>, page: &mut Page) {
    let assessment = explanation.assessment;
    let (row, judgement) = (assessed.credential, &assessed.judgement);
    page.heading("Credential");
    page.fact("kind", row.kind.as_str());
    page.fact("id", row.id.as_str());
    if let Some(fingerprint) = &row.fingerprint {
        page.fact("fingerprint", fingerprint);
    }
    if let Some(description) = &row.description {
        page.fact("name", description);
    }
    page.fact("created", &date(&row.created));
    if row.kind == Kind::DbCredential {
        page.fact("last set", &date(&row.last_set));
    }
    page.fact("own expiry", &date(&row.expires_on));
    let basis = assessed.reckoning(assessment.policy.boundary()).basis_field;
    let age = judgement.age_days.map(|days| format!("{days} days, counted from {basis}"));
    page.fact("age", &age.unwrap_or_else(|| "not known".to_owned()));
    if let Some(undated) = &judgement.undated {
        page.fact("undated", &Undated::reason(undated));
    }
    page.heading("Limit");
    if let Some(owner) = &explanation.owner {
        limit(owner, row.kind, assessment.policy, page);
    }
    page.fact("days are", &assessment.policy.boundary().describe());
    page.fact("due", &assessed.reckoning_in_words(assessment.policy.boundary()));
    page.fact("standing", &standing(assessed));
    if let Some(waiver) =
        assessed.waiver(assessment.policy).and_then(|place| assessment.policy.waivers().get(place))
    {
        page.fact("waived", &of_waiver(waiver, assessment));
    }
    let found: Vec<&Finding<'_>> = assessment.findings_of(assessed).collect();
    findings("Findings", &found, assessment, page);
}

fn limit(owner: &OwnerFacts<'_>, kind: Kind, policy: &Policy, page: &mut Page) {
    let Some(applied) = owner.limit(kind) else { return };
    let class = owner.class(policy).map_or_else(
        || "no class; the general limits hold".to_owned(),
        |class| format!("{} (line {})", class.name, class.line),
    );
    if owner.doubt.classes.is_empty() {
        page.fact("class", &class);
    }
    undecided(owner, policy, page);
    let age =
        applied.limit.max_age().map_or_else(|| "none (exempt)".to_owned(), |days| format!("{days} days"));
    page.fact("limit", &format!("{age}, {}", given(&applied.max_age_from)));
    let warn = applied.limit.warn_before();
    page.fact("warning", &format!("{warn} days before, {}", given(&applied.warn_before_from)));
}

pub(super) fn given(given: &Given) -> String {
    match &given.origin {
        Origin::Default => "credage's default".to_owned(),
        origin => format!("by {} ({origin})", given.key),
    }
}

pub(super) fn findings(title: &str, found: &[&Finding<'_>], assessment: &Assessment<'_>, page: &mut Page) {
    if found.is_empty() {
        return;
    }
    page.heading(title);
    for finding in found {
        let waived = if finding.waiver.is_some() { ", waived" } else { "" };
        page.point(&format!(
            "{} {} (risk {}{waived}): {}. {}",
            finding.level,
            finding.rule.id,
            finding.risk,
            finding.sentence(assessment),
            finding.fingerprint(assessment),
        ));
    }
    cis(found, assessment, page);
}

fn cis(found: &[&Finding<'_>], assessment: &Assessment<'_>, page: &mut Page) {
    let controls = controls(found, assessment);
    if !controls.is_empty() {
        let shown: Vec<String> =
            controls.iter().map(|cis| format!("{} (version {})", cis.control, cis.version)).collect();
        page.fact("CIS in all", &shown.join(", "));
    }
}

pub(super) fn of_waiver(waiver: &Waiver, assessment: &Assessment<'_>) -> String {
    let ticket = waiver.ticket.as_deref().map_or_else(String::new, |ticket| format!(", ticket {ticket}"));
    let state = if waiver.holds(assessment.as_of) { "until" } else { "ended after" };
    format!(
        "{state} {}: {} (approved by {}{ticket}; {}; line {})",
        waiver.until,
        waiver.reason,
        waiver.approved_by,
        waiver.subject(),
        waiver.line
    )
}

fn steps(explanation: &Explanation<'_>, page: &mut Page) {
    let steps = explanation.steps();
    if steps.is_empty() {
        return;
    }
    let expired = explanation.credential.is_some_and(|assessed| assessed.judgement.is(Standing::Expired));
    page.heading(match (&explanation.finding, expired) {
        (Some(_), _) => "How to mend it",
        (None, true) => "How to get rid of it",
        (None, false) => "How to rotate it",
    });
    for (place, step) in steps.iter().enumerate() {
        page.numbered(place + 1, &step.text);
        if let Some(command) = &step.command {
            page.verbatim(&format!("  {command}"));
        }
    }
}

fn date(reading: &DateReading) -> String {
    match reading {
        DateReading::At(at) => at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        DateReading::Missing => "none".to_owned(),
        DateReading::Unreadable(text) => format!("`{text}` (no date)"),
    }
}

pub(super) fn day(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
