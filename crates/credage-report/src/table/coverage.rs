//! What could not be read, and why.

use credage_core::{Assessment, Control, Coverage};

use super::layout::Page;

/// Writes the problems, if there are any.
pub(super) fn render(assessment: &Assessment<'_>, page: &mut Page) {
    if assessment.is_complete() {
        return;
    }
    page.heading("Coverage");
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
        if inventory.control == Control::Missing {
            page.point(&format!(
                "{}: the auditor's own API key is not among the rows.",
                inventory.domain.label()
            ));
        }
    }
}

/// Why something is not complete, in one sentence; nothing where it is.
pub(crate) fn problem(domain: &str, what: &str, coverage: &Coverage) -> Option<String> {
    let why = coverage.incomplete()?;
    let numbers = coverage.numbers().map_or_else(String::new, |numbers| format!(" ({numbers})"));
    let request = why.request_id.as_ref().map_or_else(String::new, |id| format!(" [opc-request-id {id}]"));
    let hint = if why.hint.is_empty() { String::new() } else { format!(" Next: {}.", why.hint) };
    Some(format!("{domain}, {what}: {}{numbers}: {}.{request}{hint}", coverage.as_str(), why.reason))
}
