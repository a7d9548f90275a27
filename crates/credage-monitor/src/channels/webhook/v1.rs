//! `credage.digest/v1`: what a webhook is sent, in frozen types of its own.
//!
//! Programs read this for years. Here fields are added at most; a change of meaning is a `v2` beside it. Texts are as the
//! domain gave them: whoever shows them escapes them.

use schemars::{JsonSchema, schema_for};
use serde::Serialize;

use crate::digest::{Digest, DigestDomain, Item, Problem, Step};

const SCHEMA: &str = "credage.digest/v1";

/// What an audit found that somebody should hear of.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "credage.digest/v1")]
struct DigestV1<'a> {
    /// Always `credage.digest/v1`.
    schema: &'static str,
    /// The instant of the judgement (RFC 3339, UTC).
    as_of: String,
    /// Whether it is made up, to try the channel (`credage notify test`).
    sample: bool,
    /// Whether everything that was asked for was read. Where it is false, absence proves nothing.
    complete: bool,
    /// The OCIDs of the tenancies, as far as they are known.
    tenancies: &'a [String],
    /// The domains that were asked.
    domains: Vec<DomainV1<'a>>,
    /// Days from which on a credential is overdue, where no class or kind says otherwise; null where age does not matter.
    max_age_days: Option<u32>,
    /// Days before it is due from which on a credential is due soon.
    warn_before_days: u32,
    /// How many credentials stand how, all of them.
    counts: CountsV1,
    /// The credentials, most urgent first, as many as the channel takes.
    items: Vec<ItemV1<'a>>,
    /// How many more credentials there are to tell of than `items` has.
    more: usize,
    /// What could not be read.
    problems: Vec<ProblemV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct DomainV1<'a> {
    name: &'a str,
    url: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct CountsV1 {
    /// Past their own expiry.
    expired: u64,
    /// Past the maximum age.
    overdue: u64,
    /// Inside the warning window.
    due_soon: u64,
    /// Without a usable date.
    unknown: u64,
    /// None of these.
    fresh: u64,
    /// Excepted by a waiver.
    waived: u64,
}

#[derive(Serialize, JsonSchema)]
struct ItemV1<'a> {
    /// `expired`, `overdue`, `due_soon` or `unknown`.
    standing: &'static str,
    /// `critical`, `high`, `medium`, `low` or `info`; null where no rule speaks.
    level: Option<&'static str>,
    /// `api_key`, `auth_token`, `customer_secret_key`, `db_credential`, `oauth2_client_credential`, `smtp_credential`.
    kind: &'static str,
    description: Option<&'a str>,
    credential_id: &'a str,
    /// Of API keys.
    fingerprint: Option<&'a str>,
    /// The owner's user name; empty where nobody knows it.
    user_name: &'a str,
    user_id: &'a str,
    /// The owner's mail address.
    user_email: Option<&'a str>,
    domain: &'a str,
    domain_url: &'a str,
    /// When it is due (RFC 3339, UTC); null where that is not known.
    due_on: Option<String>,
    /// `policy` or `expiry`, whichever comes first.
    due_reason: Option<&'static str>,
    /// Whole days until then; 0 or less once it is due.
    days_left: Option<i64>,
    /// Whole days since it was made or last set.
    age_days: Option<i64>,
    /// Why it has no usable date.
    undated: Option<&'a str>,
    /// What to do, in this order.
    steps: Vec<StepV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct StepV1<'a> {
    /// In words.
    text: &'a str,
    /// The command that does it, for a POSIX shell.
    command: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct ProblemV1<'a> {
    /// Null where domains were looked for in vain.
    domain: Option<&'a str>,
    /// A kind, `users`, or what could not be searched.
    what: &'a str,
    /// `partial`, `unreadable` or `gap`.
    verdict: &'static str,
    /// The HTTP status that stood in the way.
    status: Option<u16>,
    reason: &'a str,
    /// What to do about it.
    hint: &'a str,
    /// `opc-request-id`.
    request_id: Option<&'a str>,
}

/// The JSON of a digest, with at most `max_items` credentials.
pub fn write(digest: &Digest, max_items: usize) -> String {
    let counts = digest.counts;
    let body = DigestV1 {
        schema: SCHEMA,
        as_of: digest.as_of.to_string(),
        sample: digest.sample,
        complete: digest.is_complete(),
        tenancies: &digest.tenancies,
        domains: digest.domains.iter().map(domain).collect(),
        max_age_days: digest.max_age_days,
        warn_before_days: digest.warn_before_days,
        counts: CountsV1 {
            expired: counts.expired,
            overdue: counts.overdue,
            due_soon: counts.due_soon,
            unknown: counts.unknown,
            fresh: counts.fresh,
            waived: counts.waived,
        },
        items: digest.items.iter().take(max_items).map(item).collect(),
        more: digest.items.len().saturating_sub(max_items),
        problems: digest.problems.iter().map(problem).collect(),
    };
    // Texts and numbers can always be written as JSON.
    credage_report::safe_json::to_string(&body).unwrap_or_default()
}

/// The JSON Schema, generated from these types.
pub fn schema() -> String {
    // A schema is JSON already.
    let mut text = serde_json::to_string_pretty(&schema_for!(DigestV1<'_>)).unwrap_or_default();
    text.push('\n');
    text
}

fn domain(domain: &DigestDomain) -> DomainV1<'_> {
    DomainV1 { name: &domain.name, url: &domain.url }
}

fn item(item: &Item) -> ItemV1<'_> {
    ItemV1 {
        standing: item.standing.as_str(),
        level: item.level.map(credage_core::Level::as_str),
        kind: item.kind.as_str(),
        description: item.description.as_deref(),
        credential_id: &item.credential_id,
        fingerprint: item.fingerprint.as_deref(),
        user_name: &item.user_name,
        user_id: &item.user_id,
        user_email: item.user_email.as_deref(),
        domain: &item.domain,
        domain_url: &item.domain_url,
        due_on: item.due_on.map(|at| at.to_string()),
        due_reason: item.due_reason.map(credage_core::DueReason::as_str),
        days_left: item.days_left,
        age_days: item.age_days,
        undated: item.undated.as_deref(),
        steps: item.steps.iter().map(step).collect(),
    }
}

fn step(step: &Step) -> StepV1<'_> {
    StepV1 { text: &step.text, command: step.command.as_deref() }
}

fn problem(problem: &Problem) -> ProblemV1<'_> {
    ProblemV1 {
        domain: problem.domain.as_deref(),
        what: &problem.what,
        verdict: problem.verdict,
        status: problem.status,
        reason: &problem.reason,
        hint: &problem.hint,
        request_id: problem.request_id.as_deref(),
    }
}
