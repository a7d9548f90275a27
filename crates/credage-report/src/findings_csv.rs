//! One row a finding: the whole work list, gravest and riskiest first, what is waived last.

use std::io::Write;

use credage_core::{Assessment, Domain, Finding, Subject};

use crate::csv::shown;
use crate::sanitize::for_cell;
use crate::{RenderError, RenderOptions};

/// The columns. New ones are added before the last, if ever.
const COLUMNS: [&str; 21] = [
    "level",
    "rule",
    "title",
    "domain",
    "user_name",
    "user_id",
    "kind",
    "credential_id",
    "description",
    "standing",
    "due_on",
    "days_left",
    "risk",
    "what",
    "cis",
    "waived_until",
    "waiver_reason",
    "waiver_approved_by",
    "waiver_ticket",
    "fingerprint",
    "domain_url",
];
const DOMAIN_URL: usize = 20;

/// Writes the findings. What could not be read has rows on top, as in the other formats.
pub(crate) fn render(
    assessment: &Assessment<'_>,
    options: &RenderOptions,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let mut rows = options.dialect.writer(out)?;
    let shown = shown(COLUMNS.len(), assessment.domains.iter().map(|each| &each.inventory.domain));
    rows.write_record(COLUMNS.iter().take(shown))?;
    for problem in problems(assessment) {
        rows.write_record(problem.iter().take(shown))?;
    }
    for finding in &assessment.findings {
        rows.write_record(record(finding, assessment).iter().take(shown))?;
    }
    rows.flush()?;
    Ok(())
}

/// What could not be read or judged: absence of a finding proves nothing there.
fn problems(assessment: &Assessment<'_>) -> Vec<[String; COLUMNS.len()]> {
    let row = |domain: Option<&Domain>, what: &str, text: String| {
        let mut row = std::array::from_fn(|_| String::new());
        let (name, url) = domain.map_or(("", ""), |domain| (&domain.name, &domain.url));
        let cells =
            [(0, "unknown"), (1, "coverage"), (3, name), (6, what), (13, text.as_str()), (DOMAIN_URL, url)];
        for (place, text) in cells {
            if let Some(cell) = row.get_mut(place) {
                *cell = for_cell(text).into_owned();
            }
        }
        row
    };
    let mut rows = Vec::new();
    for gap in assessment.gaps {
        rows.push(row(None, "domains", format!("not complete: could not {}: {}", gap.what, gap.why.reason)));
    }
    for domain in &assessment.domains {
        let inventory = domain.inventory;
        let kinds = inventory.readings.iter().map(|(kind, reading)| (kind.as_str(), &reading.coverage));
        for (what, coverage) in std::iter::once(("users", &inventory.users_reading.coverage)).chain(kinds) {
            if let Some(why) = coverage.incomplete() {
                let text = format!("not complete: {}: {}", coverage.as_str(), why.reason);
                rows.push(row(Some(&inventory.domain), what, text));
            }
        }
    }
    for each in &assessment.undecided {
        let text = format!("{}; {}", each.sentence(), each.consequence());
        rows.push(row(Some(&each.domain.domain), &each.name, text));
    }
    for each in &assessment.unjudged {
        rows.push(row(each.domain, "", format!("{} could not be judged: {}", each.rule.id, each.reason)));
    }
    rows
}

fn record(finding: &Finding<'_>, assessment: &Assessment<'_>) -> [String; COLUMNS.len()] {
    let cell = |text: &str| for_cell(text).into_owned();
    let assessed = finding.credential(assessment);
    let waiver = finding.waived_by(assessment);
    let (domain, user_name, user_id) = match (finding.subject, assessed) {
        (_, Some(each)) => (Some(each.domain), each.owner_name(), each.credential.owner.as_str()),
        (Subject::User(domain, user), _) => (Some(domain), &*user.name, user.id.as_str()),
        _ => (None, "", ""),
    };
    let of = |text: Option<String>| text.unwrap_or_default();
    let judgement = assessed.map(|each| &each.judgement);
    let cis: Vec<String> =
        finding.cis(assessment).map(|cis| format!("{}:{}", cis.version, cis.control)).collect();
    [
        finding.level.to_string(),
        finding.rule.id.to_owned(),
        finding.rule.title.to_owned(),
        cell(domain.map_or("", |domain| &domain.name)),
        cell(user_name),
        cell(user_id),
        of(assessed.map(|each| each.credential.kind.to_string())),
        of(assessed.map(|each| cell(each.credential.id.as_str()))),
        of(assessed.and_then(|each| each.credential.description.as_deref()).map(cell)),
        of(judgement.map(|each| each.standing.as_str().to_owned())),
        of(judgement.and_then(|each| each.due).map(|due| due.on.to_string())),
        of(judgement.and_then(|each| each.days_left).map(|days| days.to_string())),
        finding.risk.to_string(),
        cell(&finding.sentence(assessment)),
        cis.join(" "),
        of(waiver.map(|waiver| waiver.until.to_string())),
        of(waiver.map(|waiver| cell(&waiver.reason))),
        of(waiver.map(|waiver| cell(&waiver.approved_by))),
        of(waiver.and_then(|waiver| waiver.ticket.as_deref()).map(cell)),
        finding.fingerprint(assessment),
        cell(domain.map_or("", |domain| &domain.url)),
    ]
}
