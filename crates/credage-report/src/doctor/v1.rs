//! `credage.doctor/v1`: frozen types of its own, as for the report.
//!
//! Fields are added at most; a change of meaning is a `v2` beside it.

use std::io::Write;

use credage_core::{Check, DomainFacts, Estimate, Examination, Group, KindFacts, Listing, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

use crate::RenderError;

const SCHEMA: &str = "credage.doctor/v1";

/// What credage found out about its chances before an audit.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "credage.doctor/v1")]
struct Document<'a> {
    /// Always `credage.doctor/v1`.
    schema: &'static str,
    /// What an audit would come to: `complete`, `incomplete`, `nothing` (nothing could be read), or `misuse` (usage or
    /// configuration ends it before it begins).
    prospect: &'static str,
    counts: CountsV1,
    /// What an audit of all domains takes; null where it is not known.
    estimate: Option<EstimateV1>,
    /// Every IAM policy statement that is missing, once.
    statements: Vec<&'a str>,
    /// The checks in groups, in the order in which they were made.
    groups: Vec<GroupV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct CountsV1 {
    ok: usize,
    skipped: usize,
    warning: usize,
    problem: usize,
}

#[derive(Serialize, JsonSchema)]
struct EstimateV1 {
    /// About how many requests.
    requests: u64,
    /// Seconds that these take at the pace that is kept; network and retries come on top.
    seconds: u64,
}

#[derive(Serialize, JsonSchema)]
struct GroupV1<'a> {
    /// `signing_in`, `network`, `discovery` or `domain`.
    topic: &'static str,
    /// For people.
    title: &'a str,
    checks: Vec<CheckV1<'a>>,
    /// What was found out about the domain; null in groups of other topics.
    domain: Option<DomainV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct CheckV1<'a> {
    /// A lasting name, such as `clock`; of the check of a kind, its name.
    subject: &'a str,
    /// `ok`, `skipped`, `warning` or `problem`.
    verdict: &'static str,
    /// Whether a problem is one of usage or configuration.
    misuse: bool,
    /// What was found; of a skipped check, why it was not made.
    detail: &'a str,
    /// What to do about it.
    remedy: Option<&'a str>,
    /// IAM policy statements that grant what is missing.
    statements: Vec<&'a str>,
    /// What about the remedy is not certain.
    uncertain: Option<&'a str>,
    /// `opc-request-id`.
    request_id: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct DomainV1<'a> {
    url: &'a str,
    /// Null for a domain that was named by its URL. So is the licence.
    ocid: Option<&'a str>,
    licence: Option<&'a str>,
    /// Requests a second that an audit allows itself; null without a limit.
    requests_per_second: Option<u32>,
    /// The same a minute.
    requests_per_minute: Option<u32>,
    users: Option<u64>,
    kinds: Vec<KindV1>,
    /// What an audit of this domain takes; null where not every kind can be listed.
    estimate: Option<EstimateV1>,
}

#[derive(Serialize, JsonSchema)]
struct KindV1 {
    kind: &'static str,
    /// `whole`, `filtered`, `batched` or `single`; null where no listing answers.
    listing: Option<&'static str>,
    /// How many credentials there are; null where the listing does not tell.
    total: Option<u64>,
}

/// The JSON Schema of `credage.doctor/v1`.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Document<'static>);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// Writes `credage.doctor/v1`.
pub fn render_json(examination: &Examination, out: &mut dyn Write) -> Result<(), RenderError> {
    let document = Document {
        schema: SCHEMA,
        prospect: examination.prospect().as_str(),
        counts: CountsV1 {
            ok: examination.count(Verdict::Ok),
            skipped: examination.count(Verdict::Skipped),
            warning: examination.count(Verdict::Warning),
            problem: examination.count(Verdict::Problem),
        },
        estimate: examination.estimate().map(estimate),
        statements: examination.statements(),
        groups: examination.groups.iter().map(group).collect(),
    };
    crate::safe_json::write_pretty(out, &document)?;
    out.write_all(b"\n")?;
    Ok(())
}

const fn estimate(estimate: Estimate) -> EstimateV1 {
    EstimateV1 { requests: estimate.requests, seconds: estimate.seconds }
}

fn group(group: &Group) -> GroupV1<'_> {
    GroupV1 {
        topic: group.topic.as_str(),
        title: &group.title,
        checks: group.checks.iter().map(check).collect(),
        domain: group.domain.as_ref().map(domain),
    }
}

fn check(check: &Check) -> CheckV1<'_> {
    CheckV1 {
        subject: check.subject,
        verdict: check.verdict.as_str(),
        misuse: check.misuse,
        detail: &check.detail,
        remedy: check.remedy.as_deref(),
        statements: check.statements.iter().map(String::as_str).collect(),
        uncertain: check.uncertain.as_deref(),
        request_id: check.request_id.as_deref(),
    }
}

fn domain(facts: &DomainFacts) -> DomainV1<'_> {
    DomainV1 {
        url: &facts.url,
        ocid: facts.ocid.as_deref(),
        licence: facts.licence.as_deref(),
        requests_per_second: facts.budget.map(|(second, _)| second),
        requests_per_minute: facts.budget.map(|(_, minute)| minute),
        users: facts.users,
        kinds: facts.kinds.iter().map(kind).collect(),
        estimate: facts.estimate.map(estimate),
    }
}

fn kind(facts: &KindFacts) -> KindV1 {
    KindV1 { kind: facts.kind.as_str(), listing: facts.listing.map(Listing::as_str), total: facts.total }
}
