//! The listing for people: the numbers of each kind, what lives on although it was switched off, then user by user.

use std::io::Write;

use credage_core::capabilities::{Counts, Holding, Review, Usage};
use credage_core::{Capability, Coverage, Kind, Known, UserId};
use jiff::Timestamp;

use super::{CapabilitiesOptions, dormant, listed};
use crate::table::layout::{Column, Page, plural, thousands};
use crate::{RenderError, RenderOptions};

/// Writes the listing for people.
pub(super) fn render(
    review: &Review<'_>,
    options: &CapabilitiesOptions,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let CapabilitiesOptions { width, color, rows, unused, .. } = *options;
    let mut page = Page::new(&RenderOptions { width, color, rows, ..RenderOptions::default() });
    head(review, &mut page);
    numbers(review, &mut page);
    if unused {
        to_take_away(review, options, &mut page);
    }
    switched_off(review, options, &mut page);
    if !unused {
        by_user(review, options, &mut page);
    }
    gaps(review, &mut page);
    out.write_all(page.finish().as_bytes())?;
    Ok(())
}

fn head(review: &Review<'_>, page: &mut Page) {
    let users = review.domains.iter().map(|domain| domain.inventory.users.len()).sum::<usize>();
    let names: Vec<_> = review.domains.iter().map(|domain| domain.inventory.domain.label()).collect();
    let names = match names.as_slice() {
        [] => "No domain".to_owned(),
        few if few.len() <= 3 => few.join(", "),
        many => format!("{} domains", many.len()),
    };
    let dormant = dormant(review).count();
    let unused = review.holdings().filter(|holding| holding.is_to_take_away()).count();
    page.strong(&format!(
        "{names}: {}; {} to take away; {} disabled but configured",
        plural(count(users), "user"),
        capabilities(unused),
        thousands(count(dormant)),
    ));
    if !review.is_complete() {
        page.alarm("NOT COMPLETE: who has none of a kind that was not read is unknown; see Coverage below.");
    }
    if let Some(at) = review.collected_at {
        page.faint(&format!("Read from a saved inventory of {}.", at.strftime("%Y-%m-%d %H:%M UTC")));
    }
}

fn capabilities(unused: usize) -> String {
    if unused == 1 { "1 capability".to_owned() } else { format!("{} capabilities", thousands(count(unused))) }
}

const fn text(head: &'static str, width: usize) -> Column {
    Column { head, width, number: false }
}

const fn number(head: &'static str, width: usize) -> Column {
    Column { head, width, number: true }
}

const KIND_COLUMNS: [Column; 7] = [
    text("KIND", 19),
    number("MAY", 7),
    number("DID", 7),
    number("UNUSED", 7),
    number("OFF BUT HAS", 11),
    number("UNKNOWN", 7),
    text("COVERAGE", 10),
];

/// The numbers of all domains together; where one of them is not complete, the worst verdict.
fn numbers(review: &Review<'_>, page: &mut Page) {
    page.heading("By kind");
    let mut waived = 0;
    let mut rows = Vec::new();
    for kind in Kind::ALL {
        let mut sum = Counts::default();
        let mut worst: Option<&Coverage> = None;
        for domain in &review.domains {
            let Some((_, counts)) = domain.kinds.iter().find(|(each, _)| *each == kind) else { continue };
            sum = Counts {
                may: sum.may + counts.may,
                did: sum.did + counts.did,
                unused: sum.unused + counts.unused,
                waived: sum.waived + counts.waived,
                disabled_but_configured: sum.disabled_but_configured + counts.disabled_but_configured,
                unknown: sum.unknown + counts.unknown,
            };
            let coverage = &domain.inventory.readings.get(kind).coverage;
            worst = Some(worst.filter(|worst| rank(worst) >= rank(coverage)).unwrap_or(coverage));
        }
        let Some(coverage) = worst else { continue };
        waived += sum.waived;
        let numbers = [sum.may, sum.did, sum.unused, sum.disabled_but_configured, sum.unknown];
        let mut row = vec![kind.label().to_owned()];
        row.extend(numbers.map(thousands));
        row.push(coverage.as_str().to_owned());
        rows.push(row);
    }
    page.table(&KIND_COLUMNS, rows, &[]);
    if waived > 0 {
        page.text(&format!("Left out by waivers: {}.", plural(waived, "unused one")));
    }
}

const fn rank(coverage: &Coverage) -> u8 {
    match coverage {
        Coverage::Complete | Coverage::NotApplicable => 0,
        Coverage::Unconfirmed { .. } => 1,
        Coverage::Partial { .. } => 2,
        Coverage::Unreadable(_) => 3,
    }
}

/// Widths of the columns of a list that do not grow, with the gaps.
const FIXED: usize = 19 + 10 + 10 + 6 + 5 * 2;

fn to_take_away(review: &Review<'_>, options: &CapabilitiesOptions, page: &mut Page) {
    page.heading("To take away: may create, never did");
    let user = page.width().saturating_sub(FIXED);
    let columns = [
        text("USER", user),
        text("KIND", 19),
        text("ACCOUNT", 10),
        text("LAST LOGIN", 10),
        text("ACTIVE", 6),
    ];
    let several = review.domains.len() > 1;
    let row = |holding: &Holding<'_>| {
        vec![
            who(holding, several),
            holding.kind.label().to_owned(),
            day(holding.user.and_then(|user| user.created.copied())),
            match holding.user.map(|user| user.last_login) {
                Some(Known::Nothing) => "never".to_owned(),
                at => day(at.and_then(Known::copied)),
            },
            active(holding),
        ]
    };
    list(&columns, listed(review, true).map(row), options, page, "Nothing: whoever may create one did.");
}

fn switched_off(review: &Review<'_>, options: &CapabilitiesOptions, page: &mut Page) {
    page.heading("DISABLED BUT CONFIGURED: may not create, and has some all the same");
    let user = page.width().saturating_sub(FIXED);
    let columns =
        [text("USER", user), text("KIND", 19), number("HAS", 10), text("SINCE", 10), text("ACTIVE", 6)];
    let several = review.domains.len() > 1;
    let row = |holding: &Holding<'_>| {
        vec![
            who(holding, several),
            holding.kind.label().to_owned(),
            thousands(holding.have),
            day(holding.since),
            active(holding),
        ]
    };
    list(&columns, dormant(review).map(row), options, page, "Nobody, as far as was read.");
}

/// A list that is cut where it is too long for a screen.
fn list(
    columns: &[Column],
    rows: impl Iterator<Item = Vec<String>>,
    options: &CapabilitiesOptions,
    page: &mut Page,
    nothing: &str,
) {
    let mut rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        page.text(nothing);
        return;
    }
    let hidden = rows.len().saturating_sub(options.rows.unwrap_or(usize::MAX));
    rows.truncate(rows.len() - hidden);
    page.table(columns, rows, &[]);
    if hidden > 0 {
        let more = thousands(count(hidden));
        page.text(&format!("… and {more} more. See them all with --rows 0 or --format csv."));
    }
}

/// One user, with the oldest thing that they have.
struct Line<'a> {
    id: &'a UserId,
    domain: *const credage_core::Domain,
    since: Option<Timestamp>,
    cells: Vec<String>,
    silent: bool,
}

/// Widths of the columns of the matrix that do not grow, with the gaps.
const MATRIX: usize = 6 * (6 + 1) + 10 + 2;

fn by_user(review: &Review<'_>, options: &CapabilitiesOptions, page: &mut Page) {
    page.heading("By user");
    let asked: Vec<Kind> = Kind::ALL
        .into_iter()
        .filter(|kind| review.domains.iter().any(|domain| domain.kinds.iter().any(|(each, _)| each == kind)))
        .collect();
    let several = review.domains.len() > 1;
    let mut lines: Vec<Line<'_>> = Vec::new();
    for holding in review.holdings() {
        let home = std::ptr::from_ref(holding.domain);
        if lines.last().is_none_or(|line| line.id != holding.id || line.domain != home) {
            let cells = vec![who(holding, several)];
            lines.push(Line { id: holding.id, domain: home, since: None, cells, silent: true });
        }
        let Some(line) = lines.last_mut() else { continue };
        // Domains may have been asked for different kinds.
        let place = asked.iter().position(|kind| *kind == holding.kind).unwrap_or_default() + 1;
        line.cells.resize(place.max(line.cells.len()), String::new());
        line.cells.push(cell(holding));
        line.silent &= holding.usage == Usage::None;
        line.since = match (line.since, holding.since) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
    }
    lines.retain(|line| !line.silent);
    let mut columns = vec![text("USER", page.width().saturating_sub(MATRIX))];
    columns.extend(asked.iter().map(|kind| number(short(*kind), 6)));
    columns.push(text("SINCE", 10));
    let width = columns.len();
    let rows = lines.into_iter().map(|mut line| {
        line.cells.resize(width - 1, String::new());
        line.cells.push(day(line.since));
        line.cells
    });
    list(&columns, rows, options, page, "Nobody may create anything, or has anything.");
    page.faint(
        "A number: may, and has so many. may: has none. off N: may not, and has N. ?: unknown. -: may not, has none.",
    );
}

const fn short(kind: Kind) -> &'static str {
    match kind {
        Kind::ApiKey => "API",
        Kind::AuthToken => "TOKEN",
        Kind::CustomerSecretKey => "SECRET",
        Kind::DbCredential => "DB",
        Kind::Oauth2ClientCredential => "OAUTH",
        Kind::SmtpCredential => "SMTP",
    }
}

fn cell(holding: &Holding<'_>) -> String {
    match (holding.usage, holding.capability) {
        (Usage::Used, _) => holding.have.to_string(),
        (Usage::Unused, _) => "may".to_owned(),
        (Usage::DisabledButConfigured, _) => format!("off {}", holding.have),
        (Usage::Unknown, Capability::Enabled) => "may ?".to_owned(),
        (Usage::Unknown, _) if holding.have > 0 => format!("? {}", holding.have),
        (Usage::Unknown, _) => "?".to_owned(),
        (Usage::None, _) => "-".to_owned(),
    }
}

fn gaps(review: &Review<'_>, page: &mut Page) {
    if review.is_complete() {
        return;
    }
    page.heading("Coverage");
    for gap in review.gaps {
        let why = &gap.why;
        page.point(&crate::table::gap(&gap.what, &why.reason, &why.hint, why.request_id.as_deref()));
    }
    for inventory in review.domains.iter().map(|domain| domain.inventory) {
        let users = std::iter::once(("users", &inventory.users_reading.coverage));
        let kinds = inventory.readings.iter().map(|(kind, reading)| (kind.as_str(), &reading.coverage));
        for (what, coverage) in users.chain(kinds) {
            if let Some(text) = crate::table::coverage::problem(&inventory.domain.label(), what, coverage) {
                page.point(&text);
            }
        }
    }
}

fn who(holding: &Holding<'_>, several: bool) -> String {
    let name = if holding.name.is_empty() { holding.id.as_str() } else { holding.name };
    let gone = if holding.user.is_none() { " [not listed]" } else { "" };
    let home = if several { format!(" ({})", holding.domain.label()) } else { String::new() };
    format!("{name}{gone}{home}")
}

fn active(holding: &Holding<'_>) -> String {
    let active = holding.user.and_then(|user| user.active.flag());
    active.map_or("-", |active| if active { "yes" } else { "no" }).to_owned()
}

fn day(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
