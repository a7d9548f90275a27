//! The listing of domains: a table for people, and `credage.domains/v1` for programs.

use std::io::Write;

use serde::Serialize;

use crate::table::layout::{Column, Page};
use crate::{RenderError, RenderOptions};

/// What discovery found.
#[derive(Serialize)]
pub struct Listing<'a> {
    /// The domains.
    pub domains: Vec<DomainRow<'a>>,
    /// Where more were looked for in vain.
    pub gaps: Vec<GapRow<'a>>,
}

/// One domain.
#[derive(Serialize)]
pub struct DomainRow<'a> {
    /// Its display name.
    pub name: &'a str,
    /// Its endpoint.
    pub url: &'a str,
    /// Its OCID.
    pub ocid: Option<&'a str>,
    /// The OCID of its tenancy.
    pub tenancy: Option<&'a str>,
    /// The name of its compartment.
    pub compartment: Option<&'a str>,
    /// `DEFAULT` or `SECONDARY`.
    #[serde(rename = "type")]
    pub domain_type: Option<&'a str>,
    /// Its licence type.
    pub licence: Option<&'a str>,
    /// Its lifecycle state.
    pub state: Option<&'a str>,
    /// The region that it lives in.
    pub home_region: Option<&'a str>,
    /// Where it is copied to.
    pub replica_regions: Vec<&'a str>,
    /// Requests a second that an audit allows itself; null without a limit.
    pub requests_per_second: Option<u32>,
    /// The same a minute.
    pub requests_per_minute: Option<u32>,
    /// Why it could not be audited.
    pub problem: Option<&'a str>,
}

/// Something that could not be searched.
#[derive(Serialize)]
pub struct GapRow<'a> {
    /// The OCID of the tenancy.
    pub tenancy: &'a str,
    /// What could not be done.
    pub what: &'a str,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Why.
    pub reason: &'a str,
    /// What to do about it.
    pub hint: &'a str,
    /// `opc-request-id`.
    pub request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    complete: bool,
    #[serde(flatten)]
    listing: &'a Listing<'a>,
}

/// Writes `credage.domains/v1`.
pub fn render_json(listing: &Listing<'_>, out: &mut dyn Write) -> Result<(), RenderError> {
    let document = Document { schema: "credage.domains/v1", complete: listing.gaps.is_empty(), listing };
    crate::safe_json::write_pretty(out, &document)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Writes the table.
pub fn render_table(
    listing: &Listing<'_>,
    width: usize,
    color: bool,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let options = RenderOptions { width, color, ..RenderOptions::default() };
    let mut page = Page::new(&options);
    if listing.domains.is_empty() {
        page.strong("No identity domain was found.");
    } else {
        let rows = listing.domains.iter().map(row).collect();
        page.table(&columns(), rows, &[]);
        for domain in &listing.domains {
            page.faint(&format!("{}: {}", domain.name, domain.url));
        }
    }
    let problems = listing.domains.iter().filter_map(|domain| Some((domain.name, domain.problem?)));
    let problems: Vec<_> = problems.collect();
    if !problems.is_empty() || !listing.gaps.is_empty() {
        page.heading("Problems");
    }
    for (name, problem) in problems {
        page.point(&format!("{name}: {problem}."));
    }
    for gap in &listing.gaps {
        page.point(&crate::table::gap(gap.what, gap.reason, gap.hint, gap.request_id));
    }
    out.write_all(page.finish().as_bytes())?;
    Ok(())
}

const fn columns() -> [Column; 6] {
    const fn text(head: &'static str, width: usize) -> Column {
        Column { head, width, number: false }
    }
    [
        text("DOMAIN", 20),
        text("COMPARTMENT", 12),
        text("LICENCE", 13),
        text("STATE", 8),
        text("PACE", 10),
        text("HOME REGION", 12),
    ]
}

fn row(domain: &DomainRow<'_>) -> Vec<String> {
    let text = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let pace = match (domain.requests_per_second, domain.requests_per_minute) {
        (Some(second), Some(minute)) => format!("{second}/s {minute}/m"),
        _ => "-".to_owned(),
    };
    vec![
        domain.name.to_owned(),
        text(domain.compartment),
        text(domain.licence),
        text(domain.state),
        pace,
        text(domain.home_region),
    ]
}
