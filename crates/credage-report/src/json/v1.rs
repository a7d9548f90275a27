//! `credage.report/v1`: frozen types of its own.
//!
//! Programs read this for years, so it is not the internal types written out: those may change with every release.
//! Here fields are added at most; a change of meaning is a `v2` beside it.

mod fill;

use std::collections::BTreeMap;
use std::io::Write;

use credage_core::Assessment;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use self::fill::{credential, domain, gap, may_create, person, standings, text};
use super::findings_v1::{
    self, AssumptionV1, FindingV1, Findings, PolicyV1, RuleCountV1, UndecidedV1, UnjudgedV1, WaiverV1,
};
use crate::{RenderError, RenderOptions};

const SCHEMA: &str = "credage.report/v1";

/// What credage found out about the credentials of one or several identity domains.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "credage.report/v1")]
struct Report<'a> {
    /// Always `credage.report/v1`.
    schema: &'static str,
    /// The instant of the judgement (RFC 3339, UTC).
    as_of: String,
    /// The limits that were judged by.
    policy: PolicyV1<'a>,
    /// Whether everything that was asked for was read; kinds that are unconfirmed where that is tolerated do not count.
    /// Where it is false, absence proves nothing.
    complete: bool,
    /// How many kinds (or lists of users) are unconfirmed, tolerated or not.
    unconfirmed: u64,
    /// When the inventory was read, where that was in a run before (`--from`); else null.
    collected_at: Option<String>,
    /// Where domains were looked for in vain: more of them may exist than are here.
    gaps: Vec<GapV1<'a>>,
    /// How many credentials have each standing.
    summary: StandingsV1,
    /// Each domain, in the order in which it was asked for.
    domains: Vec<DomainV1<'a>>,
    /// Every credential, most urgent first.
    #[schemars(with = "Vec<CredentialV1>")]
    credentials: Credentials<'a>,
    /// What the rules found, gravest and riskiest first; what is waived comes last.
    #[schemars(with = "Vec<FindingV1>")]
    findings: Findings<'a>,
    /// How many findings each rule has; rules without findings are left out.
    rules: Vec<RuleCountV1>,
    /// Rules that could not judge, because what they need was not read: they find nothing there.
    unjudged: Vec<UnjudgedV1<'a>>,
    /// What rules took for granted where they found something.
    assumptions: Vec<AssumptionV1<'a>>,
    /// Classes and waivers that could not be decided for somebody, because what decides them was not read.
    undecided: Vec<UndecidedV1<'a>>,
    /// People who are users of several domains (the same mail address) and own a credential.
    people: Vec<PersonV1<'a>>,
    /// Users without credentials; only with `--all-users`.
    #[serde(skip_serializing_if = "Option::is_none")]
    users_without_credentials: Option<Vec<UserV1<'a>>>,
}

#[derive(Serialize, JsonSchema)]
struct GapV1<'a> {
    /// The OCID of the tenancy.
    tenancy: &'a str,
    /// What could not be done.
    what: &'a str,
    status: Option<u16>,
    reason: &'a str,
    /// What to do about it.
    hint: &'a str,
    /// `opc-request-id`.
    request_id: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct PersonV1<'a> {
    /// In lower case.
    email: String,
    /// Credentials in all domains together.
    credentials: u64,
    users: Vec<PersonUserV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct PersonUserV1<'a> {
    domain: &'a str,
    domain_url: &'a str,
    user_name: &'a str,
    user_id: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct StandingsV1 {
    /// Past their own expiry.
    expired: u64,
    /// Past the maximum age.
    overdue: u64,
    /// Inside the warning window.
    due_soon: u64,
    /// Without a usable date.
    unknown: u64,
    /// One of these, and excepted by a waiver.
    waived: u64,
    /// None of these.
    fresh: u64,
}

#[derive(Serialize, JsonSchema)]
struct DomainV1<'a> {
    /// Its display name, or the host of its URL. It identifies nothing: two tenancies both have a `Default`.
    name: &'a str,
    url: &'a str,
    /// The profile that it was read with, where several profiles were; else null.
    profile: Option<&'a str>,
    /// Where discovery found it; null for a domain that was named by its URL. So are the three that follow.
    ocid: Option<&'a str>,
    /// The OCID of its tenancy.
    tenancy: Option<&'a str>,
    /// Its licence type, as the Identity service writes it.
    licence: Option<&'a str>,
    home_region: Option<&'a str>,
    /// Whether everything that was asked for was read; kinds that are unconfirmed where that is tolerated do not count.
    complete: bool,
    /// Whether the users' own index of their credentials was there as proof.
    index: &'static str,
    /// Whether the auditor's own API key was among the rows: `seen`, `missing` or `not_tried`.
    control: &'static str,
    /// Seconds by which this machine's clock was ahead of the domain's (negative: behind), where that was 30 or more.
    clock_ahead_seconds: Option<i64>,
    /// All requests, retries included.
    requests: u64,
    /// Requests that the domain refused for coming too fast.
    rate_limited: u64,
    users: UsersV1<'a>,
    kinds: Vec<KindV1<'a>>,
    /// How each attribute of the users was read, by its name in SCIM: `read`, `not_requested`, or `not_returned` where it was
    /// requested and no user has it in a readable form.
    user_attributes: BTreeMap<&'static str, &'static str>,
    /// Attributes that could not be read in some rows; the rows themselves are in this report.
    unreadable: Vec<UnreadableV1>,
    /// Users who own at least one credential.
    owners: u64,
    /// Users who may create a credential and have none at all; null unless everything was read.
    may_but_has_none: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
struct UnreadableV1 {
    /// `users` or a kind.
    what: &'static str,
    /// Its name in SCIM.
    attribute: &'static str,
    /// In how many rows.
    rows: u64,
}

#[derive(Serialize, JsonSchema)]
struct UsersV1<'a> {
    /// Users that were read, after any `--user` filter.
    count: u64,
    requests: u64,
    coverage: CoverageV1<'a>,
    /// What a verdict of `complete` rests on.
    witnesses: Vec<&'static str>,
}

#[derive(Serialize, JsonSchema)]
struct KindV1<'a> {
    /// `api_key`, `auth_token`, `customer_secret_key`, `db_credential`, `oauth2_client_credential`, `smtp_credential`.
    kind: &'static str,
    coverage: CoverageV1<'a>,
    /// What a verdict of `complete` rests on: `totals`, `end_of_listing`, `index`, `every_user`, `other_users`,
    /// `same_right`, `owners` or `policy`.
    witnesses: Vec<&'static str>,
    /// What the users' index of this kind is worth: `available`, `incomplete`, `silent` or `not_requested`.
    index: &'static str,
    /// `whole`, `filtered`, `batched` or `single`; null where none answered or none was asked.
    listing: Option<&'static str>,
    requests: u64,
    /// Rows read, before any `--user` filter.
    rows: u64,
    /// Listings that were tried before, and why they were left.
    refusals: Vec<RefusalV1<'a>>,
    /// Credentials in this report.
    credentials: u64,
    standings: StandingsV1,
    /// Credentials whose capability was switched off.
    capability_off: u64,
    /// Users who may create one and have none; null unless users and kind are complete.
    may_but_has_none: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
struct RefusalV1<'a> {
    listing: &'static str,
    reason: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct CoverageV1<'a> {
    /// `complete`, `partial`, `unconfirmed` (nothing distinguishes "there are none" from "not visible"), `unreadable` or
    /// `not_applicable`.
    verdict: &'static str,
    /// Rows read, where it is partial.
    read: Option<u64>,
    /// Rows that there should have been, where that is known.
    expected: Option<u64>,
    /// The HTTP status that stood in the way.
    status: Option<u16>,
    /// Whether missing rights are the likely reason.
    rights: Option<bool>,
    reason: Option<&'a str>,
    /// What to do about it.
    hint: Option<&'a str>,
    /// `opc-request-id`.
    request_id: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct CredentialV1<'a> {
    domain: &'a str,
    domain_url: &'a str,
    /// The owner's user name; empty where nobody knows it.
    user_name: &'a str,
    user_id: &'a str,
    user_ocid: Option<&'a str>,
    /// The owner's mail address.
    user_email: Option<&'a str>,
    kind: &'static str,
    credential_id: &'a str,
    description: Option<&'a str>,
    /// Of API keys.
    fingerprint: Option<&'a str>,
    /// `meta.created` (RFC 3339), or as the domain wrote it where that is no date.
    created: Option<String>,
    /// `lastSetDate` of database passwords.
    last_set: Option<String>,
    expires_on: Option<String>,
    /// Whole days; null where there is no usable date.
    age_days: Option<i64>,
    due_on: Option<String>,
    /// `policy` or `expiry`.
    due_reason: Option<&'static str>,
    /// 0 or less once it is due.
    days_left: Option<i64>,
    /// `expired`, `overdue`, `due_soon`, `unknown`, `waived` or `fresh`.
    standing: &'static str,
    /// Where it would stand without its waiver; the same where there is none.
    unwaived: &'static str,
    /// The waiver because of which it stands as waived.
    waiver: Option<WaiverV1<'a>>,
    /// The level of the gravest finding that counts; null where there is none.
    level: Option<&'static str>,
    /// The rules that found something about it, gravest first, waived or not.
    rules: Vec<&'static str>,
    /// Days at which it is overdue; null where age does not matter.
    limit_days: Option<u32>,
    /// The owner's class of the policy; null where the general limits hold, and where the class could not be decided.
    class: Option<&'a str>,
    /// The classes that are possible where the class could not be decided, null among them for none: the strictest of their
    /// limits was used. Null where the class is certain.
    possible_classes: Option<Vec<Option<&'a str>>>,
    /// What could not be decided about it: classes and waivers, each with what was not read.
    undecided: Vec<String>,
    /// Attributes of its row that could not be read, by their names in SCIM.
    unreadable: Vec<&'static str>,
    /// Why it is not, or not fully, dated.
    undated: Option<String>,
    /// `enabled`, `disabled` or `unknown`.
    capability: &'static str,
    owner_active: Option<bool>,
    /// Whether the owner is in the listing of users.
    owner_listed: bool,
    /// `listed`, `unlisted` (not among the users that were read), or `gone` (the domain answered 404 for them).
    owner_state: &'static str,
    /// `listed`, or `index_only` where nothing but its existence is known.
    source: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct UserV1<'a> {
    domain: &'a str,
    domain_url: &'a str,
    user_name: &'a str,
    user_id: &'a str,
    active: Option<bool>,
    /// Kinds that the user may create.
    may_create: Vec<&'static str>,
}

/// Written one by one, so that a large report is not held twice.
struct Credentials<'a>(&'a Assessment<'a>);

impl Serialize for Credentials<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.credentials.iter().map(|each| credential(each, self.0)))
    }
}

/// Writes the report.
pub(crate) fn render(
    assessment: &Assessment<'_>,
    options: &RenderOptions,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let owners = options.all_users.then(|| assessment.by_owner(true));
    let report = Report {
        schema: SCHEMA,
        as_of: assessment.as_of.to_string(),
        policy: findings_v1::policy(assessment.policy),
        complete: assessment.is_tolerable(),
        unconfirmed: assessment.unconfirmed(),
        collected_at: assessment.collected_at.map(text),
        gaps: assessment.gaps.iter().map(gap).collect(),
        summary: standings(|standing| assessment.count(standing)),
        domains: assessment.domains.iter().map(domain).collect(),
        credentials: Credentials(assessment),
        findings: Findings(assessment),
        rules: findings_v1::rule_counts(assessment),
        unjudged: findings_v1::unjudged(assessment),
        assumptions: findings_v1::assumptions(assessment),
        undecided: findings_v1::undecided(assessment),
        people: assessment.people().into_iter().map(person).collect(),
        users_without_credentials: owners.as_ref().map(|owners| {
            let idle = owners.iter().filter(|owner| owner.credentials.is_empty());
            idle.map(|owner| UserV1 {
                domain: &owner.domain.domain.name,
                domain_url: &owner.domain.domain.url,
                user_name: owner.name,
                user_id: owner.id.as_str(),
                active: owner.user.and_then(|user| user.active.flag()),
                may_create: owner.user.map(may_create).unwrap_or_default(),
            })
            .collect()
        }),
    };
    crate::safe_json::write_pretty(out, &report)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// The JSON Schema of the report.
pub fn report_schema() -> String {
    let schema = schemars::schema_for!(Report<'static>);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
