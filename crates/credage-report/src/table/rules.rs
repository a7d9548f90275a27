//! What the rules found, rule by rule; what is excepted, and until when; what could not be judged.

use credage_core::{Assessment, Finding, Level, RuleCount, Subject};

use super::layout::{Column, Page, plural, thousands};

/// Widths of the usual columns but the last, with the gaps.
const WITHOUT_WHAT: usize = 6 + 21 + 5 + 6 + 4 * 2;
/// Waivers that are shown one by one.
const MOST_WAIVERS: usize = 8;
/// Findings about the policy that are shown one by one.
const MOST_POLICY: usize = 8;

/// Writes the numbers of the rules.
pub(super) fn render(assessment: &Assessment<'_>, page: &mut Page) {
    let counts = assessment.rule_counts();
    if !counts.is_empty() {
        page.heading("By rule");
        page.table(&columns(page.width()), counts.iter().map(row).collect(), &[]);
    }
    policy(assessment, page);
    waived(assessment, page);
    unjudged(assessment, page);
}

fn columns(width: usize) -> [Column; 5] {
    let column = |head, width, number| Column { head, width, number };
    [
        column("LEVEL", 8, false),
        column("RULE", 23, false),
        column("FOUND", 7, true),
        column("WAIVED", 7, true),
        column("WHAT", width.saturating_sub(WITHOUT_WHAT).max(20), false),
    ]
}

fn row(count: &RuleCount) -> Vec<String> {
    vec![
        count.level.to_string(),
        count.rule.id.to_owned(),
        thousands(count.found),
        thousands(count.waived),
        count.rule.title.to_owned(),
    ]
}

/// What is wrong with the policy itself.
fn policy(assessment: &Assessment<'_>, page: &mut Page) {
    let about = |finding: &&Finding<'_>| {
        matches!(finding.subject, Subject::Waiver(_)) && finding.level.is_at_least(Level::Low)
    };
    let found: Vec<&Finding<'_>> = assessment.findings.iter().filter(about).collect();
    if found.is_empty() {
        return;
    }
    page.heading("Policy");
    for finding in found.iter().take(MOST_POLICY) {
        page.point(&format!(
            "{}: {} ({}).",
            finding.rule.title,
            finding.sentence(assessment),
            finding.subject_id(assessment)
        ));
    }
    rest(found.len(), MOST_POLICY, page);
}

/// The waivers that except something, with their reasons and ends.
fn waived(assessment: &Assessment<'_>, page: &mut Page) {
    let waivers = assessment.policy.waivers();
    let mut counts = vec![0_u64; waivers.len()];
    for finding in &assessment.findings {
        if let Some(count) = finding.waiver.and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
    }
    let used: Vec<_> = waivers.iter().zip(counts).filter(|(_, count)| *count > 0).collect();
    if used.is_empty() {
        return;
    }
    page.heading("Waived");
    for (waiver, count) in used.iter().take(MOST_WAIVERS) {
        let ticket = waiver.ticket.as_ref().map_or_else(String::new, |ticket| format!(", {ticket}"));
        page.point(&format!(
            "{} until {}: {} ({}; approved by {}{ticket}).",
            plural(*count, "finding"),
            waiver.until,
            waiver.reason,
            waiver.subject(),
            waiver.approved_by
        ));
    }
    rest(used.len(), MOST_WAIVERS, page);
}

/// What the rules could not say.
fn unjudged(assessment: &Assessment<'_>, page: &mut Page) {
    if assessment.unjudged.is_empty() && assessment.assumptions.is_empty() {
        return;
    }
    page.heading("Not judged");
    for each in &assessment.assumptions {
        page.point(&format!("{}, {}: {}.", each.domain.label(), each.rule.id, each.sentence()));
    }
    for each in &assessment.unjudged {
        let domain = each.domain.map_or_else(String::new, |domain| format!("{}, ", domain.label()));
        page.point(&format!(
            "{domain}{}: {}. This rule cannot judge what was not read.",
            each.rule.id, each.reason
        ));
    }
}

fn rest(all: usize, shown: usize, page: &mut Page) {
    if all > shown {
        page.text(&format!("… and {} more. See them all with --format json.", all - shown));
    }
}
