//! What an audit has to say beside its report: what could not be decided, and what could not be read in single rows.

use credage_core::Assessment;

use crate::cli::GlobalArgs;
use crate::terminal;

/// Tells it on standard error.
pub(crate) fn tell(assessment: &Assessment<'_>, global: &GlobalArgs) {
    for each in &assessment.undecided {
        let text = format!("{}: {}; {}", each.domain.domain.label(), each.sentence(), each.consequence());
        // What is assumed for want of a flag is good to know; what was not read leaves the run incomplete.
        if each.is_unread() { terminal::warn(&text, global) } else { terminal::note(&text, global) }
    }
    for each in &assessment.assumptions {
        let text = format!("{}: {}: {}", each.domain.label(), each.rule.id, each.sentence());
        terminal::note(&text, global);
    }
    for inventory in assessment.domains.iter().map(|domain| domain.inventory) {
        for part in inventory.unreadable_parts() {
            terminal::warn(&format!("{}: {}", inventory.domain.label(), part.sentence()), global);
        }
    }
}
