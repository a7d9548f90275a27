//! One row a credential, most urgent first. What could not be read has rows of its own on top, so that nobody who
//! has nothing but this file takes it for the whole.

use std::io::Write;

use credage_core::{Assessed, Assessment, Coverage, Domain, DomainAssessment, Kind};
use csv::Writer;

use crate::sanitize::for_cell;
use crate::{RenderError, RenderOptions};

/// The columns. New ones come before the last, if ever.
const COLUMNS: [&str; 22] = [
    "domain",
    "user_name",
    "user_id",
    "kind",
    "credential_id",
    "description",
    "created",
    "age_days",
    "expires_on",
    "due_on",
    "due_reason",
    "days_left",
    "standing",
    "capability",
    "owner_active",
    "coverage",
    "level",
    "rules",
    "class",
    "limit_days",
    "waived_until",
    "domain_url",
];

/// How many of the columns are written: the last one, the domain's URL, only where two domains have the same name.
pub(crate) fn shown<'d>(columns: usize, mut domains: impl Iterator<Item = &'d Domain>) -> usize {
    if domains.any(|domain| domain.qualifier.is_some()) { columns } else { columns - 1 }
}

/// Writes the report.
pub(crate) fn render(
    assessment: &Assessment<'_>,
    options: &RenderOptions,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let mut rows = options.dialect.writer(out)?;
    let shown = shown(COLUMNS.len(), assessment.domains.iter().map(|each| &each.inventory.domain));
    rows.write_record(COLUMNS.iter().take(shown))?;
    for gap in assessment.gaps {
        let mut row = Row::new("", "");
        row.set(3, "domains")
            .set(5, for_cell(&format!("not complete: could not {}: {}", gap.what, gap.why.reason)));
        row.set(12, "unknown").set(15, "unreadable");
        rows.write_record(row.0.iter().take(shown))?;
    }
    for domain in &assessment.domains {
        gaps(domain, shown, &mut rows)?;
    }
    for each in assessment.undecided.iter().filter(|each| each.is_unread()) {
        let mut row = Row::of(&each.domain.domain);
        row.set(3, for_cell(&each.name))
            .set(5, for_cell(&format!("not complete: {}; {}", each.sentence(), each.consequence())));
        row.set(12, "unknown").set(15, "undecided");
        rows.write_record(row.0.iter().take(shown))?;
    }
    for assessed in &assessment.credentials {
        rows.write_record(record(assessed, assessment).iter().take(shown).map(String::as_bytes))?;
    }
    if options.all_users {
        for owner in assessment.by_owner(true).iter().filter(|owner| owner.credentials.is_empty()) {
            let active = active(owner.user.and_then(|user| user.active.flag()));
            let mut row = Row::of(&owner.domain.domain);
            row.set(1, for_cell(owner.name)).set(2, for_cell(owner.id.as_str())).set(14, active);
            rows.write_record(row.0.iter().take(shown))?;
        }
    }
    rows.flush()?;
    Ok(())
}

/// A row that is empty but for its domain.
struct Row([String; COLUMNS.len()]);

impl Row {
    fn new(name: &str, url: &str) -> Self {
        let mut row = Self(std::array::from_fn(|_| String::new()));
        row.set(0, for_cell(name)).set(COLUMNS.len() - 1, for_cell(url));
        row
    }

    fn of(domain: &Domain) -> Self {
        Self::new(&domain.name, &domain.url)
    }

    fn set(&mut self, column: usize, text: impl Into<String>) -> &mut Self {
        if let Some(cell) = self.0.get_mut(column) {
            *cell = text.into();
        }
        self
    }
}

fn gaps(
    domain: &DomainAssessment<'_>,
    shown: usize,
    rows: &mut Writer<&mut dyn Write>,
) -> Result<(), RenderError> {
    let inventory = domain.inventory;
    let kinds = inventory.readings.iter().map(|(kind, reading)| (kind.as_str(), &reading.coverage));
    for (what, coverage) in std::iter::once(("users", &inventory.users_reading.coverage)).chain(kinds) {
        let Some(why) = coverage.incomplete() else { continue };
        let numbers = coverage.numbers().map_or_else(String::new, |numbers| format!("{numbers}: "));
        let mut row = Row::of(&inventory.domain);
        row.set(3, what).set(5, for_cell(&format!("not complete: {numbers}{}", why.reason)));
        row.set(12, "unknown").set(15, coverage.as_str());
        rows.write_record(row.0.iter().take(shown))?;
    }
    Ok(())
}

fn coverage_of<'a>(assessment: &'a Assessment<'_>, assessed: &Assessed<'_>) -> &'a Coverage {
    let of = |kind: Kind, domain: &'a DomainAssessment<'_>| &domain.inventory.readings.get(kind).coverage;
    let mut domains = assessment.domains.iter();
    let found = domains.find(|domain| std::ptr::eq(&raw const domain.inventory.domain, assessed.domain));
    found.map_or(&Coverage::NotApplicable, |domain| of(assessed.credential.kind, domain))
}

fn record(assessed: &Assessed<'_>, assessment: &Assessment<'_>) -> [String; COLUMNS.len()] {
    let coverage = coverage_of(assessment, assessed);
    let rules: Vec<&str> = assessment.findings_of(assessed).map(|finding| finding.rule.id).collect();
    let gravest = assessment.findings_of(assessed).find(|finding| finding.waiver.is_none());
    let waiver = assessed.waiver(assessment.policy).and_then(|place| assessment.policy.waivers().get(place));
    let (credential, judgement) = (assessed.credential, &assessed.judgement);
    let date = |at: Option<jiff::Timestamp>| at.map_or_else(String::new, |at| at.to_string());
    let number = |number: Option<i64>| number.map_or_else(String::new, |number| number.to_string());
    let description =
        credential.description.as_deref().or(credential.fingerprint.as_deref()).unwrap_or_default();
    [
        for_cell(&assessed.domain.name).into_owned(),
        for_cell(assessed.owner_name()).into_owned(),
        for_cell(credential.owner.as_str()).into_owned(),
        credential.kind.as_str().to_owned(),
        for_cell(credential.id.as_str()).into_owned(),
        for_cell(description).into_owned(),
        date(credential.created.instant()),
        number(judgement.age_days),
        date(credential.expires_on.instant()),
        date(judgement.due.map(|due| due.on)),
        judgement.due.map_or_else(String::new, |due| due.reason.as_str().to_owned()),
        number(judgement.days_left),
        judgement.standing.as_str().to_owned(),
        assessed.capability().as_str().to_owned(),
        active(assessed.owner_active()).to_owned(),
        coverage.as_str().to_owned(),
        gravest.map_or_else(String::new, |finding| finding.level.to_string()),
        rules.join(" "),
        for_cell(&assessed.class_in_words(assessment.policy)).into_owned(),
        assessed.limit.max_age().map_or_else(String::new, |days| days.to_string()),
        waiver.map_or_else(String::new, |waiver| waiver.until.to_string()),
        for_cell(&assessed.domain.url).into_owned(),
    ]
}

const fn active(active: Option<bool>) -> &'static str {
    match active {
        Some(true) => "true",
        Some(false) => "false",
        None => "",
    }
}
