//! `credage.capabilities/v1`: frozen types of its own. Fields are added at most; a change of meaning is a `v2` beside it.

use std::io::Write;

use credage_core::Coverage;
use credage_core::capabilities::{Counts, DomainReview, Holding, Review};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{CapabilitiesOptions, dormant, listed};
use crate::RenderError;

const SCHEMA: &str = "credage.capabilities/v1";

/// Who may create which credentials, who did, and what could be taken away.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "credage.capabilities/v1")]
struct CapabilitiesV1<'a> {
    /// Always `credage.capabilities/v1`.
    schema: &'static str,
    /// The instant at which waivers were looked at (RFC 3339, UTC).
    as_of: String,
    /// When the inventory was read, where that was in a run before (`--from`); else null.
    collected_at: Option<String>,
    /// Whether everything that was asked for was read. Where it is false, absence proves nothing.
    complete: bool,
    /// Whether only what could be taken away is listed (`--unused`).
    only_unused: bool,
    /// Where domains were looked for in vain: more of them may exist than are here.
    gaps: Vec<GapV1<'a>>,
    domains: Vec<DomainV1<'a>>,
    /// One for each user and kind: what may be created or was; with `--unused` what could be taken away.
    capabilities: Vec<HoldingV1<'a>>,
    /// Credentials that live on although their kind was switched off for the user.
    disabled_but_configured: Vec<HoldingV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct GapV1<'a> {
    /// The OCID of the tenancy.
    tenancy: &'a str,
    /// What could not be done.
    what: &'a str,
    reason: &'a str,
    /// What to do about it.
    hint: &'a str,
    /// `opc-request-id`.
    request_id: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct DomainV1<'a> {
    name: &'a str,
    url: &'a str,
    /// Users that were read, after any `--user` filter.
    users: usize,
    /// How well they were read: `complete`, `partial` or `unreadable`.
    users_coverage: &'static str,
    kinds: Vec<KindV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct KindV1<'a> {
    kind: &'static str,
    /// `complete`, `partial` or `unreadable`. Only where it is complete anybody is said to have none.
    coverage: &'static str,
    /// Why it is not complete.
    reason: Option<&'a str>,
    /// What to do about it.
    hint: Option<&'a str>,
    /// Users who may create one.
    may_create: u64,
    /// Users who have at least one, whether they may or not.
    did: u64,
    /// Users who may and have none, without those of waivers; null unless the kind is complete.
    unused: Option<u64>,
    /// The same, where a waiver says that they need it; null unless the kind is complete.
    waived: Option<u64>,
    /// Users who may not (any more) and have at least one.
    disabled_but_configured: u64,
    /// Users of whom it is not known whether they may, or whether they have any.
    unknown: u64,
}

#[derive(Serialize, JsonSchema)]
struct HoldingV1<'a> {
    domain: &'a str,
    domain_url: &'a str,
    /// Empty where nobody knows it.
    user_name: &'a str,
    user_id: &'a str,
    user_ocid: Option<&'a str>,
    kind: &'static str,
    /// `used`, `unused`, `disabled_but_configured` or `unknown`.
    status: &'static str,
    /// `enabled`, `disabled` or `unknown`.
    capability: &'static str,
    /// How many the user has, as far as they were read.
    credentials: u64,
    /// When the oldest of them was created.
    since: Option<String>,
    /// When the account was created.
    account_created: Option<String>,
    /// Null for never, and where logins were not read.
    last_login: Option<String>,
    active: Option<bool>,
    /// Whether the user is in the listing of users.
    listed: bool,
    /// The last day of the waiver that says that an unused one is needed.
    waived_until: Option<String>,
}

/// Writes the listing for programs.
pub(super) fn render(
    review: &Review<'_>,
    options: &CapabilitiesOptions,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let document = CapabilitiesV1 {
        schema: SCHEMA,
        as_of: review.as_of.to_string(),
        collected_at: review.collected_at.map(|at| at.to_string()),
        complete: review.is_tolerable(),
        only_unused: options.unused,
        gaps: review.gaps.iter().map(gap).collect(),
        domains: review.domains.iter().map(domain).collect(),
        capabilities: listed(review, options.unused).map(holding).collect(),
        disabled_but_configured: dormant(review).map(holding).collect(),
    };
    crate::safe_json::write_pretty(out, &document)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// The JSON Schema of the listing.
pub fn schema() -> String {
    let schema = schemars::schema_for!(CapabilitiesV1<'static>);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

fn gap(gap: &credage_core::Gap) -> GapV1<'_> {
    GapV1 {
        tenancy: &gap.tenancy,
        what: &gap.what,
        reason: &gap.why.reason,
        hint: &gap.why.hint,
        request_id: gap.why.request_id.as_deref(),
    }
}

fn domain<'a>(review: &'a DomainReview<'_>) -> DomainV1<'a> {
    let inventory = review.inventory;
    let kinds = review.kinds.iter();
    DomainV1 {
        name: &inventory.domain.name,
        url: &inventory.domain.url,
        users: inventory.users.len(),
        users_coverage: inventory.users_reading.coverage.as_str(),
        kinds: kinds
            .map(|(kind, counts)| {
                let coverage = &inventory.readings.get(*kind).coverage;
                of_kind(kind.as_str(), coverage, *counts)
            })
            .collect(),
    }
}

fn of_kind<'a>(kind: &'static str, coverage: &'a Coverage, counts: Counts) -> KindV1<'a> {
    let known = *coverage == Coverage::Complete;
    let why = coverage.incomplete();
    KindV1 {
        kind,
        coverage: coverage.as_str(),
        reason: why.map(|why| why.reason.as_str()),
        hint: why.map(|why| why.hint.as_str()),
        may_create: counts.may,
        did: counts.did,
        unused: known.then_some(counts.unused),
        waived: known.then_some(counts.waived),
        disabled_but_configured: counts.disabled_but_configured,
        unknown: counts.unknown,
    }
}

fn holding<'a>(holding: &Holding<'a>) -> HoldingV1<'a> {
    let date = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let user = holding.user;
    HoldingV1 {
        domain: &holding.domain.name,
        domain_url: &holding.domain.url,
        user_name: holding.name,
        user_id: holding.id.as_str(),
        user_ocid: user.and_then(|user| user.ocid.as_deref()),
        kind: holding.kind.as_str(),
        status: holding.usage.as_str(),
        capability: holding.capability.as_str(),
        credentials: holding.have,
        since: date(holding.since),
        account_created: date(user.and_then(|user| user.created.copied())),
        last_login: date(user.and_then(|user| user.last_login.copied())),
        active: user.and_then(|user| user.active.flag()),
        listed: user.is_some(),
        waived_until: holding.waiver.map(|waiver| waiver.until.to_string()),
    }
}
