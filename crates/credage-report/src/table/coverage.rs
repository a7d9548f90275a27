//! What could not be read, and why.

use credage_core::{Assessment, Control, Coverage, DomainAssessment, Undecided};

use super::layout::Page;

/// Writes the problems, if there are any.
pub(super) fn render(assessment: &Assessment<'_>, page: &mut Page) {
    let unreadable = |domain: &DomainAssessment<'_>| !domain.inventory.unreadable_parts().is_empty();
    let clock_off = |domain: &DomainAssessment<'_>| domain.inventory.clock_ahead.is_some();
    let in_full = assessment.undecided.is_empty()
        && !assessment.domains.iter().any(|domain| unreadable(domain) || clock_off(domain));
    if assessment.is_complete() && in_full {
        return;
    }
    page.heading("Coverage");
    for each in &assessment.undecided {
        page.point(&undecided(each));
    }
    for gap in assessment.gaps {
        let why = &gap.why;
        page.point(&super::gap(&gap.what, &why.reason, &why.hint, why.request_id.as_deref()));
    }
    for domain in &assessment.domains {
        let inventory = domain.inventory;
        let users = std::iter::once(("users", &inventory.users_reading.coverage));
        let kinds = inventory.readings.iter().map(|(kind, reading)| (kind.as_str(), &reading.coverage));
        for (what, coverage) in users.chain(kinds) {
            if let Some(text) = problem(&inventory.domain.label(), what, coverage) {
                page.point(&text);
            }
        }
        for part in inventory.unreadable_parts() {
            page.point(&format!(
                "{}, {}. The rows are shown with the rest.",
                inventory.domain.label(),
                part.sentence()
            ));
        }
        if let Some(ahead) = inventory.clock_ahead {
            let how = if ahead.is_negative() { "behind" } else { "ahead of" };
            page.point(&format!(
                "{}: this machine's clock was {} seconds {how} the domain's, so ages and due dates may be wrong.",
                inventory.domain.label(),
                ahead.as_secs().abs()
            ));
        }
        if inventory.control == Control::Missing {
            page.point(&format!(
                "{}: the auditor's own API key is not among the rows.",
                inventory.domain.label()
            ));
        }
    }
}

/// A class or waiver that could not be decided, in one paragraph.
pub(crate) fn undecided(each: &Undecided<'_>) -> String {
    format!("{}: {}; {}.", each.domain.domain.label(), each.sentence(), each.consequence())
}

/// Why something is not complete, in one sentence; nothing where it is.
pub(crate) fn problem(domain: &str, what: &str, coverage: &Coverage) -> Option<String> {
    let why = coverage.incomplete()?;
    let numbers = coverage.numbers().map_or_else(String::new, |numbers| format!(" ({numbers})"));
    let request = why.request_id.as_ref().map_or_else(String::new, |id| format!(" [opc-request-id {id}]"));
    let hint = if why.hint.is_empty() { String::new() } else { format!(" Next: {}.", why.hint) };
    Some(format!("{domain}, {what}: {}{numbers}: {}.{request}{hint}", coverage.as_str(), why.reason))
}
