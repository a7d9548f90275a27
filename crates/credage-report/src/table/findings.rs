//! What to rotate first.

use credage_core::{Assessed, Assessment, Capability, Source, Standing};

use super::layout::{Column, Page, thousands};
use super::words;
use crate::RenderOptions;

/// Widths of the columns that do not grow, with the gaps.
const FIXED: usize = 8 + 2 + 10 + 2 + 5 + 2 + 2;

/// Writes the findings, most urgent first.
pub(super) fn render(assessment: &Assessment<'_>, options: &RenderOptions, page: &mut Page) {
    let findings: Vec<&Assessed<'_>> = assessment
        .credentials
        .iter()
        .take_while(|assessed| assessed.judgement.standing != Standing::Fresh)
        .collect();
    if findings.is_empty() {
        return nothing(assessment, page);
    }
    page.heading("Rotate first");
    let shown = findings.len().min(options.rows.unwrap_or(usize::MAX));
    let several = assessment.domains.len() > 1;
    let rows: Vec<_> = findings.iter().take(shown).map(|assessed| row(assessed, several)).collect();
    let standings: Vec<_> = findings.iter().take(shown).map(|assessed| assessed.judgement.standing).collect();
    page.table(&columns(page.width()), rows, &standings);
    let hidden = findings.get(shown..).unwrap_or_default();
    if !hidden.is_empty() {
        let of = |standing| hidden.iter().filter(|assessed| assessed.judgement.standing == standing).count();
        let parts = Standing::ALL
            .into_iter()
            .map(|standing| (of(standing), standing))
            .filter(|(count, _)| *count > 0);
        let parts: Vec<_> =
            parts.map(|(count, standing)| format!("{} {}", number(count), words(standing))).collect();
        page.text(&format!(
            "… and {} more ({}). See them all with --rows 0 or --format csv.",
            number(hidden.len()),
            parts.join(", ")
        ));
    }
}

fn nothing(assessment: &Assessment<'_>, page: &mut Page) {
    page.heading("Rotate first");
    page.text(match (assessment.credentials.is_empty(), assessment.is_complete()) {
        (false, true) => "Nothing: every credential is fresh.",
        (true, true) => "Nothing: nobody has a credential of the kinds asked for.",
        (_, false) => "Nothing that could be read is due; what could not be read may be.",
    });
}

fn columns(width: usize) -> [Column; 5] {
    let rest = width.saturating_sub(FIXED);
    let user = rest * 9 / 20;
    let column = |head, width, number| Column { head, width, number };
    [
        column("STANDING", 8, false),
        column("DUE", 10, false),
        column("DAYS", 5, true),
        column("USER", user, false),
        column("CREDENTIAL", rest - user, false),
    ]
}

fn row(assessed: &Assessed<'_>, several: bool) -> Vec<String> {
    let (credential, judgement) = (assessed.credential, &assessed.judgement);
    let due =
        judgement.due.map_or_else(|| "unknown".to_owned(), |due| due.on.strftime("%Y-%m-%d").to_string());
    let days = judgement.days_left.map_or_else(String::new, |days| days.to_string());
    let user = match assessed.owner_name() {
        "" => credential.owner.as_str(),
        name => name,
    };
    let user = if several { format!("{user} ({})", assessed.domain.name) } else { user.to_owned() };
    let name = credential
        .description
        .as_deref()
        .or(credential.fingerprint.as_deref())
        .unwrap_or(credential.id.as_str());
    let marks = marks(assessed);
    let marks = if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join(", ")) };
    vec![
        words(judgement.standing).to_owned(),
        due,
        days,
        user,
        format!("{}{marks} {name}", credential.kind.label()),
    ]
}

/// What else is remarkable about it.
fn marks(assessed: &Assessed<'_>) -> Vec<&'static str> {
    let index_only = assessed.credential.source == Source::IndexOnly;
    let marks = [
        (assessed.owner.is_none(), "owner gone"),
        (assessed.owner_active() == Some(false), "owner inactive"),
        (assessed.capability() == Capability::Disabled, "capability off"),
        (index_only, "not readable"),
        (assessed.judgement.undated.is_some() && !index_only, "undated"),
    ];
    marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect()
}

fn number(count: usize) -> String {
    thousands(u64::try_from(count).unwrap_or(u64::MAX))
}
