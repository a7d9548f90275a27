//! What to do now.

use credage_core::{Assessment, Standing};

use super::layout::{Page, plural};
use crate::RenderOptions;

/// Writes the next steps.
pub(super) fn render(assessment: &Assessment<'_>, options: &RenderOptions, page: &mut Page) {
    let steps = steps(assessment, options);
    if steps.is_empty() {
        return;
    }
    page.heading("Next steps");
    for step in steps {
        page.point(&step);
    }
}

fn steps(assessment: &Assessment<'_>, options: &RenderOptions) -> Vec<String> {
    let count = |standing| assessment.count(standing);
    let off: u64 = assessment
        .domains
        .iter()
        .flat_map(|domain| domain.kinds.iter())
        .map(|(_, kind)| kind.capability_off)
        .sum();
    let mut steps = Vec::new();
    if !assessment.is_tolerable() {
        steps.push(
            "Fix the problems listed under Coverage (credage doctor says how) and run the audit again. Until then, \
             missing entries may simply not have been read."
                .to_owned(),
        );
    }
    let late = count(Standing::Overdue) + count(Standing::DueSoon);
    if late > 0 {
        steps.push(format!(
            "Rotate {}: create a new one, switch over, test, then delete the old one.",
            plural(late, "credential")
        ));
    }
    if count(Standing::Expired) > 0 {
        steps.push(format!(
            "Delete {} that no longer {}.",
            plural(count(Standing::Expired), "expired credential"),
            works(count(Standing::Expired))
        ));
    }
    if count(Standing::Unknown) > 0 {
        steps.push(format!(
            "Look at {} without a usable date in the console.",
            plural(count(Standing::Unknown), "credential")
        ));
    }
    if off > 0 {
        steps.push(format!(
            "Delete {} whose capability was switched off, if nobody needs them any more.",
            plural(off, "credential")
        ));
    }
    if !assessment.findings.is_empty() {
        let demo = if options.demo { " --demo" } else { "" };
        steps.push(format!("See why, and the exact steps, for one of them: credage explain{demo} USER|ID"));
    }
    if !assessment.credentials.is_empty() {
        steps.push("Keep the whole list: credage audit … --write csv=credentials.csv".to_owned());
    }
    if options.demo {
        steps.push("Audit your own tenancy, with the profile of the `oci` command: credage audit".to_owned());
    }
    steps
}

const fn works(count: u64) -> &'static str {
    if count == 1 { "works" } else { "work" }
}
