//! The report for people: what to rotate first, then the numbers, then what could not be read, last the next steps.
//!
//! It fits its width exactly, reads well without colour, and is the same for the same input.

pub(crate) mod coverage;
pub(crate) mod layout;
mod next_steps;
mod people;
mod rules;
mod summary;
mod work_list;

use std::io::Write;

use credage_core::{Assessment, Level, Policy, Standing};

use self::layout::{Page, thousands};
use crate::{RenderError, RenderOptions};

/// Writes the report.
pub(crate) fn render(
    assessment: &Assessment<'_>,
    options: &RenderOptions,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let mut page = Page::new(options);
    headline(assessment, &mut page);
    work_list::render(assessment, options, &mut page);
    rules::render(assessment, &mut page);
    summary::render(assessment, &mut page);
    people::render(assessment, &mut page);
    coverage::render(assessment, &mut page);
    next_steps::render(assessment, options, &mut page);
    out.write_all(page.finish().as_bytes())?;
    Ok(())
}

/// Something that could not be searched, in one sentence.
pub(crate) fn gap(what: &str, reason: &str, hint: &str, request_id: Option<&str>) -> String {
    let request = request_id.map_or_else(String::new, |id| format!(" [opc-request-id {id}]"));
    let hint = if hint.is_empty() { String::new() } else { format!(" Next: {hint}.") };
    format!("could not {what}: {reason}.{request} More domains may exist.{hint}")
}

fn headline(assessment: &Assessment<'_>, page: &mut Page) {
    let names: Vec<_> = assessment.domains.iter().map(|domain| domain.inventory.domain.label()).collect();
    let owners: u64 = assessment.domains.iter().map(|domain| domain.owners).sum();
    let users: u64 = assessment
        .domains
        .iter()
        .map(|domain| u64::try_from(domain.inventory.users.len()).unwrap_or(u64::MAX))
        .sum();
    let names = match names.as_slice() {
        [] => "No domain".to_owned(),
        few if few.len() <= 3 => few.join(", "),
        many => format!("{} domains", many.len()),
    };
    page.strong(&format!(
        "{names}: {} credentials of {} users ({} users in all)",
        thousands(u64::try_from(assessment.credentials.len()).unwrap_or(u64::MAX)),
        thousands(owners),
        thousands(users),
    ));
    if !assessment.is_tolerable() {
        page.alarm("NOT COMPLETE: not everything that was asked for could be read; see Coverage below.");
    } else if assessment.unconfirmed() > 0 {
        page.strong("UNCONFIRMED: some empty lists may hide what you may not see; see Coverage below.");
    }
    let counts = Standing::ALL.into_iter().filter(|&standing| assessment.count(standing) > 0);
    let counts: Vec<_> = counts
        .map(|standing| format!("{} {}", thousands(assessment.count(standing)), words(standing)))
        .collect();
    if !counts.is_empty() {
        page.text(&format!("{}.", counts.join(", ")));
    }
    page.faint(&format!("As of {}. {}", minute(assessment.as_of), limits(assessment.policy)));
    if let Some(at) = assessment.collected_at {
        page.faint(&format!("Read from a saved inventory of {}; nothing was asked today.", minute(at)));
    }
}

fn limits(policy: &Policy) -> String {
    let limit = policy.limits().default;
    let warn = limit.warn_before().get();
    let general = match limit.max_age().map(credage_core::Days::get) {
        Some(max_age) => format!("Limit {max_age} days, warning from day {}", max_age - warn),
        None => format!("No limit of age, warning {warn} days before expiry"),
    };
    let classes = match policy.classes().len() {
        0 => String::new(),
        1 => ", one class with its own".to_owned(),
        several => format!(", {several} classes with their own"),
    };
    format!("{general}{classes}; own expiry honoured.")
}

/// A level in four letters.
const fn short(level: Level) -> &'static str {
    match level {
        Level::Critical => "crit",
        Level::High => "high",
        Level::Medium => "med",
        Level::Low => "low",
        Level::Info => "info",
        Level::Off => "off",
    }
}

/// A standing in words.
pub(crate) const fn words(standing: Standing) -> &'static str {
    match standing {
        Standing::DueSoon => "due soon",
        other => other.as_str(),
    }
}

fn minute(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
