//! One row a user and kind. What could not be read has rows of its own on top; `DISABLED BUT CONFIGURED` comes last.

use std::io::Write;

use credage_core::Domain;
use credage_core::capabilities::{Holding, Review, Usage};
use jiff::Timestamp;

use super::{CapabilitiesOptions, dormant, listed};
use crate::RenderError;
use crate::csv::shown;
use crate::sanitize::for_cell;

/// The columns. New ones come before the last, if ever.
const COLUMNS: [&str; 15] = [
    "domain",
    "user_name",
    "user_id",
    "user_ocid",
    "kind",
    "status",
    "capability",
    "credentials",
    "since",
    "account_created",
    "last_login",
    "active",
    "waived_until",
    "coverage",
    "domain_url",
];
const STATUS: usize = 5;
const COVERAGE: usize = 13;
const DOMAIN_URL: usize = 14;

/// Writes the rows.
pub(super) fn render(
    review: &Review<'_>,
    options: &CapabilitiesOptions,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let mut rows = options.dialect.writer(out)?;
    let shown = shown(COLUMNS.len(), review.domains.iter().map(|each| &each.inventory.domain));
    rows.write_record(COLUMNS.iter().take(shown))?;
    for gap in review.gaps {
        let what = format!("NOT COMPLETE: could not {}: {}", gap.what, gap.why.reason);
        rows.write_record(missing(None, "", &what, "unreadable").iter().take(shown))?;
    }
    for domain in &review.domains {
        let inventory = domain.inventory;
        let kinds = inventory.readings.iter().map(|(kind, reading)| (kind.as_str(), &reading.coverage));
        for (what, coverage) in std::iter::once(("users", &inventory.users_reading.coverage)).chain(kinds) {
            let Some(why) = coverage.incomplete() else { continue };
            let numbers = coverage.numbers().map_or_else(String::new, |numbers| format!("{numbers}: "));
            let said = format!("NOT COMPLETE: {numbers}{}", why.reason);
            let domain = Some(&inventory.domain);
            rows.write_record(missing(domain, what, &said, coverage.as_str()).iter().take(shown))?;
        }
        let of_domain = |holding: &&Holding<'_>| std::ptr::eq(holding.domain, &raw const inventory.domain);
        let all = listed(review, options.unused).filter(of_domain).chain(dormant(review).filter(of_domain));
        for holding in all {
            let coverage = inventory.readings.get(holding.kind).coverage.as_str();
            rows.write_record(record(holding, coverage).iter().take(shown).map(String::as_bytes))?;
        }
    }
    rows.flush()?;
    Ok(())
}

fn missing(domain: Option<&Domain>, what: &str, said: &str, coverage: &str) -> [String; COLUMNS.len()] {
    let mut row: [String; COLUMNS.len()] = std::array::from_fn(|_| String::new());
    let (name, url) = domain.map_or(("", ""), |domain| (&domain.name, &domain.url));
    let cells = [
        (0, for_cell(name)),
        (4, what.into()),
        (STATUS, for_cell(said)),
        (COVERAGE, coverage.into()),
        (DOMAIN_URL, for_cell(url)),
    ];
    for (column, text) in cells {
        if let Some(cell) = row.get_mut(column) {
            *cell = text.into_owned();
        }
    }
    row
}

fn record(holding: &Holding<'_>, coverage: &str) -> [String; COLUMNS.len()] {
    let date = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.to_string());
    let user = holding.user;
    [
        for_cell(&holding.domain.name).into_owned(),
        for_cell(holding.name).into_owned(),
        for_cell(holding.id.as_str()).into_owned(),
        for_cell(user.and_then(|user| user.ocid.as_deref()).unwrap_or_default()).into_owned(),
        holding.kind.as_str().to_owned(),
        match holding.usage {
            Usage::DisabledButConfigured => "DISABLED BUT CONFIGURED".to_owned(),
            usage => usage.as_str().to_owned(),
        },
        holding.capability.as_str().to_owned(),
        holding.have.to_string(),
        date(holding.since),
        date(user.and_then(|user| user.created.copied())),
        date(user.and_then(|user| user.last_login.copied())),
        user.and_then(|user| user.active.flag()).map_or_else(String::new, |active| active.to_string()),
        holding.waiver.map_or_else(String::new, |waiver| waiver.until.to_string()),
        coverage.to_owned(),
        for_cell(&holding.domain.url).into_owned(),
    ]
}
