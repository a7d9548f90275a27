//! What to do first: every credential that a rule speaks of, gravest and riskiest first, each once.

use std::collections::HashSet;

use credage_core::{Assessed, Assessment, Capability, Finding, Level, OwnerState, Source, Standing};

use super::layout::{Column, Page, thousands};
use super::words;
use crate::RenderOptions;

/// Widths of the columns that do not grow, with the gaps.
const FIXED: usize = 4 + 2 + 8 + 2 + 10 + 2 + 5 + 2 + 2;

/// Writes the work list.
pub(super) fn render(assessment: &Assessment<'_>, options: &RenderOptions, page: &mut Page) {
    let work = work(assessment);
    page.heading("Work list");
    if work.is_empty() {
        return nothing(assessment, page);
    }
    let shown = work.len().min(options.rows.unwrap_or(usize::MAX));
    let several = assessment.domains.len() > 1;
    let rows: Vec<_> =
        work.iter().take(shown).map(|(level, each)| row(assessment, *level, each, several)).collect();
    let standings: Vec<_> = work.iter().take(shown).map(|(_, each)| each.judgement.standing).collect();
    page.table(&columns(page.width()), rows, &standings);
    let hidden = work.get(shown..).unwrap_or_default();
    if !hidden.is_empty() {
        let of = |level| hidden.iter().filter(|(each, _)| *each == level).count();
        let levels = Level::ALL.into_iter().map(|level| (of(level), level)).filter(|(count, _)| *count > 0);
        let parts: Vec<_> = levels.map(|(count, level)| format!("{} {level}", number(count))).collect();
        page.text(&format!(
            "… and {} more ({}). See them all with --rows 0 or --format findings-csv.",
            number(hidden.len()),
            parts.join(", ")
        ));
    }
}

/// Each credential with the level of its gravest finding that counts. What is only good to know is no work.
fn work<'s, 'a>(assessment: &'s Assessment<'a>) -> Vec<(Level, &'s Assessed<'a>)> {
    let mut seen = HashSet::new();
    let counts = |finding: &&Finding<'_>| finding.level.is_at_least(Level::Low) && finding.waiver.is_none();
    let credentials = assessment
        .findings
        .iter()
        .filter(counts)
        .filter_map(|finding| Some((finding.level, finding.credential(assessment)?)));
    credentials.filter(|(_, assessed)| seen.insert(assessed.place)).collect()
}

fn nothing(assessment: &Assessment<'_>, page: &mut Page) {
    page.text(match (assessment.credentials.is_empty(), assessment.is_complete()) {
        (true, true) => "Nothing: nobody has a credential of the kinds asked for.",
        (false, true) if assessment.count(Standing::Waived) > 0 => {
            "Nothing: every credential is fresh, or excepted by a waiver."
        }
        (false, true) => "Nothing: every credential is fresh.",
        (_, false) => "Nothing that could be read is due; what could not be read may be.",
    });
}

fn columns(width: usize) -> [Column; 6] {
    let rest = width.saturating_sub(FIXED);
    let user = rest * 9 / 20;
    let column = |head, width, number| Column { head, width, number };
    [
        column("RANK", 4, false),
        column("STANDING", 8, false),
        column("DUE", 10, false),
        column("DAYS", 5, true),
        column("USER", user, false),
        column("CREDENTIAL", rest - user, false),
    ]
}

fn row(assessment: &Assessment<'_>, level: Level, assessed: &Assessed<'_>, several: bool) -> Vec<String> {
    let (credential, judgement) = (assessed.credential, &assessed.judgement);
    let unknown = || if judgement.undated.is_some() { "unknown" } else { "never" }.to_owned();
    let due = judgement.due.map_or_else(unknown, |due| due.on.strftime("%Y-%m-%d").to_string());
    let days = judgement.days_left.map_or_else(String::new, |days| days.to_string());
    let user = match assessed.owner_name() {
        "" => credential.owner.as_str(),
        name => name,
    };
    let user = if several { format!("{user} ({})", assessed.domain.label()) } else { user.to_owned() };
    let name = credential
        .description
        .as_deref()
        .or(credential.fingerprint.as_deref())
        .unwrap_or(credential.id.as_str());
    let marks = marks(assessment, assessed);
    let marks = if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join(", ")) };
    vec![
        super::short(level).to_owned(),
        words(judgement.standing).to_owned(),
        due,
        days,
        user,
        format!("{}{marks} {name}", credential.kind.label()),
    ]
}

/// What else is remarkable about it.
fn marks(assessment: &Assessment<'_>, assessed: &Assessed<'_>) -> Vec<&'static str> {
    let index_only = assessed.credential.source == Source::IndexOnly;
    let found = |rule: &str| assessment.findings_of(assessed).any(|finding| finding.rule.id == rule);
    let marks = [
        (found("administrator-api-key"), "administrator"),
        (found("rotation-in-progress"), "younger one exists"),
        (assessed.owner_state() == OwnerState::Gone, "owner gone"),
        (assessed.owner_state() == OwnerState::Unlisted, "owner not listed"),
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
