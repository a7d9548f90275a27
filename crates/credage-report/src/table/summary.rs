//! The numbers of each kind, domain by domain.

use credage_core::{Assessment, Coverage, DomainAssessment, Kind, Standing};

use super::layout::{Column, Page, plural, thousands};

/// Up to so many domains have a table of their own each.
const FEW: usize = 3;

/// Writes the numbers.
pub(super) fn render(assessment: &Assessment<'_>, page: &mut Page) {
    if assessment.domains.len() > FEW {
        by_domain(assessment, page);
        return;
    }
    for domain in &assessment.domains {
        let inventory = domain.inventory;
        let asked =
            inventory.readings.iter().filter(|(_, reading)| reading.coverage != Coverage::NotApplicable);
        let kinds: Vec<Kind> = asked.map(|(kind, _)| kind).collect();
        page.heading(&format!("By kind: {}", inventory.domain.label()));
        let rows = kinds.iter().map(|&kind| row(domain, kind)).collect();
        page.table(&columns(), rows, &[]);
        let idle = kinds.iter().filter_map(|&kind| Some((kind, domain.kinds.get(kind).may_but_has_none?)));
        let idle = idle.filter(|(_, count)| *count > 0);
        let idle: Vec<_> =
            idle.map(|(kind, count)| format!("{} {}", kind.label(), thousands(count))).collect();
        if !idle.is_empty() {
            page.text(&format!("May create one and has none: {}.", idle.join(", ")));
        }
        if let Some(users) = domain.may_but_has_none.filter(|&users| users > 0) {
            page.text(&format!("{} may create credentials and have none at all.", plural(users, "user")));
        }
        page.faint(&format!(
            "{}, {} of them refused for pace.",
            plural(inventory.requests, "request"),
            thousands(inventory.rate_limited)
        ));
    }
}

/// One line a domain.
fn by_domain(assessment: &Assessment<'_>, page: &mut Page) {
    page.heading("By domain");
    let rows = assessment.domains.iter().map(domain_row).collect();
    page.table(&domain_columns(), rows, &[]);
    let requests = assessment.domains.iter().map(|domain| domain.inventory.requests).sum();
    let refused = assessment.domains.iter().map(|domain| domain.inventory.rate_limited).sum();
    page.faint(&format!("{}, {} of them refused for pace.", plural(requests, "request"), thousands(refused)));
}

fn domain_row(domain: &DomainAssessment<'_>) -> Vec<String> {
    let inventory = domain.inventory;
    let of = |standing| domain.kinds.iter().map(|(_, summary)| summary.of(standing)).sum::<u64>();
    let all = domain.kinds.iter().map(|(_, summary)| summary.credentials()).sum();
    let worst = if inventory.coverages().all(Coverage::is_proven) {
        "complete"
    } else if inventory.coverages().all(|coverage| coverage.is_proven() || coverage.is_unconfirmed()) {
        "unconfirmed"
    } else if inventory
        .coverages()
        .all(|coverage| matches!(coverage, Coverage::Unreadable(_) | Coverage::NotApplicable))
    {
        "unreadable"
    } else {
        "partial"
    };
    let mut row = vec![inventory.domain.label().into_owned(), thousands(all)];
    row.extend(
        [Standing::Fresh, Standing::DueSoon, Standing::Overdue, Standing::Expired, Standing::Unknown]
            .map(|standing| thousands(of(standing))),
    );
    row.extend([worst.to_owned(), thousands(inventory.requests)]);
    row
}

const fn domain_columns() -> [Column; 9] {
    const fn number(head: &'static str) -> Column {
        Column { head, width: 7, number: true }
    }
    [
        Column { head: "DOMAIN", width: 22, number: false },
        number("ALL"),
        number("FRESH"),
        number("SOON"),
        number("OVER"),
        number("EXP"),
        number("UNKN"),
        Column { head: "COVERAGE", width: 11, number: false },
        number("REQS"),
    ]
}

const fn columns() -> [Column; 9] {
    const fn text(head: &'static str, width: usize) -> Column {
        Column { head, width, number: false }
    }
    const fn number(head: &'static str) -> Column {
        Column { head, width: 7, number: true }
    }
    [
        text("KIND", 19),
        number("ALL"),
        number("FRESH"),
        number("SOON"),
        number("OVER"),
        number("EXP"),
        number("UNKN"),
        text("COVERAGE", 11),
        text("LISTING", 8),
    ]
}

fn row(domain: &DomainAssessment<'_>, kind: Kind) -> Vec<String> {
    let (summary, reading) = (domain.kinds.get(kind), domain.inventory.readings.get(kind));
    let listing = reading.listing.map_or("-", credage_core::Listing::as_str);
    let numbers = [
        summary.credentials(),
        summary.fresh,
        summary.due_soon,
        summary.overdue,
        summary.expired,
        summary.unknown,
    ];
    let mut row = vec![kind.label().to_owned()];
    row.extend(numbers.map(thousands));
    row.extend([reading.coverage.as_str().to_owned(), listing.to_owned()]);
    row
}
