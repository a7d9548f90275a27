//! `credage.policy/v1`: every value with where it comes from. Types of its own, so that the format does not change with
//! the policy's.

use std::io::Write;

use credage_core::policy::{Class, ConfirmedEmpty, Members, Origin, RuleConfig, Waiver};
use credage_core::rules::Value;
use credage_core::{Days, DomainPattern, Kind, Limits, Pattern, Policy};
use jiff::Timestamp;
use serde::Serialize;

use crate::RenderError;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    as_of: String,
    /// The file that it was read from; null without one.
    file: Option<&'a str>,
    boundary: ValueV1<&'static str>,
    /// Null unless days are those of a calendar.
    time_zone: Option<ValueV1<&'a str>>,
    max_waiver_days: ValueV1<u32>,
    /// The limits of everybody who is in no class.
    limits: Vec<LimitV1>,
    /// In the order in which they are asked.
    classes: Vec<ClassV1<'a>>,
    rules: Vec<RuleV1<'a>>,
    waivers: Vec<WaiverV1<'a>>,
    confirmed_empty: Vec<ConfirmedEmptyV1<'a>>,
    /// Whether what is unconfirmed counts as not read.
    strict: ValueV1<bool>,
}

#[derive(Serialize)]
struct ValueV1<T> {
    value: T,
    origin: OriginV1,
}

#[derive(Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
enum OriginV1 {
    Default,
    File { file: String, line: usize },
    Environment { name: &'static str },
    Option { name: &'static str },
}

#[derive(Serialize)]
struct LimitV1 {
    /// Null for what holds where no kind says otherwise.
    kind: Option<&'static str>,
    /// Null where age does not matter.
    max_age_days: ValueV1<Option<u32>>,
    warn_before_days: ValueV1<u32>,
}

#[derive(Serialize)]
struct ClassV1<'a> {
    name: &'a str,
    line: usize,
    priority: i32,
    #[serde(rename = "match")]
    members: MembersV1<'a>,
    limits: Vec<LimitV1>,
}

#[derive(Serialize)]
struct MembersV1<'a> {
    user: Vec<&'a str>,
    group: Vec<&'a str>,
    user_type: Vec<&'a str>,
    service_user: Option<bool>,
    tag: Vec<TagV1<'a>>,
    domain: Vec<&'a str>,
}

#[derive(Serialize)]
struct TagV1<'a> {
    key: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct RuleV1<'a> {
    id: &'static str,
    level: ValueV1<&'static str>,
    settings: Vec<SettingV1<'a>>,
}

#[derive(Serialize)]
struct SettingV1<'a> {
    key: &'static str,
    value: SettingValueV1<'a>,
    origin: OriginV1,
}

#[derive(Serialize)]
#[serde(untagged)]
enum SettingValueV1<'a> {
    /// Days, or a number of things.
    Number(u32),
    Names(Vec<&'a str>),
}

#[derive(Serialize)]
struct WaiverV1<'a> {
    line: usize,
    user: Vec<&'a str>,
    credential: Vec<&'a str>,
    kind: Vec<&'static str>,
    domain: Vec<&'a str>,
    /// Empty for all rules about credentials.
    rule: &'a [&'static str],
    reason: &'a str,
    ticket: Option<&'a str>,
    approved_by: &'a str,
    /// The last day on which it holds.
    until: String,
    /// The instant at which it ends.
    ends: String,
    /// `holds`, `expiring` or `expired`.
    state: &'static str,
    /// Null once it has expired.
    days_left: Option<i64>,
}

#[derive(Serialize)]
struct ConfirmedEmptyV1<'a> {
    line: usize,
    /// Empty for all domains.
    domain: Vec<&'a str>,
    /// Empty for every kind.
    kind: Vec<&'static str>,
    reason: &'a str,
    ticket: Option<&'a str>,
    approved_by: &'a str,
    /// The last day on which it holds.
    until: String,
    /// The instant at which it ends.
    ends: String,
    /// `holds`, `expiring` or `expired`.
    state: &'static str,
    /// Null once it has expired.
    days_left: Option<i64>,
}

/// Writes `credage.policy/v1`.
pub fn render_json(policy: &Policy, now: Timestamp, out: &mut dyn Write) -> Result<(), RenderError> {
    let from = |key: &str| origin(&policy.origins().of(key));
    let document = Document {
        schema: "credage.policy/v1",
        as_of: now.to_string(),
        file: policy.file(),
        boundary: ValueV1 { value: policy.boundary().as_str(), origin: from("boundary") },
        time_zone: policy.boundary().zone().map(|value| ValueV1 { value, origin: from("time_zone") }),
        max_waiver_days: ValueV1 { value: policy.max_waiver().get(), origin: from("max_waiver") },
        limits: limits(policy, None, policy.limits()),
        classes: policy.classes().iter().map(|each| class(policy, each)).collect(),
        rules: policy.rules().iter().map(|each| rule(policy, each)).collect(),
        waivers: policy.waivers().iter().map(|each| waiver(policy, each, now)).collect(),
        confirmed_empty: policy.confirmations().iter().map(|each| confirmed(policy, each, now)).collect(),
        strict: ValueV1 { value: policy.strict(), origin: from("strict") },
    };
    crate::safe_json::write_pretty(out, &document)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn origin(origin: &Origin) -> OriginV1 {
    match origin {
        Origin::Default => OriginV1::Default,
        Origin::File { file, line } => OriginV1::File { file: file.clone(), line: *line },
        Origin::Environment(name) => OriginV1::Environment { name },
        Origin::Flag(name) => OriginV1::Option { name },
    }
}

fn limits(policy: &Policy, class: Option<&str>, limits: &Limits) -> Vec<LimitV1> {
    let one = |kind: Option<Kind>| {
        let limit = kind.map_or(limits.default, |kind| limits.of(kind));
        let origins = policy.limit_origins(class, kind);
        LimitV1 {
            kind: kind.map(Kind::as_str),
            max_age_days: ValueV1 { value: limit.max_age().map(Days::get), origin: origin(&origins.age) },
            warn_before_days: ValueV1 { value: limit.warn_before().get(), origin: origin(&origins.warning) },
        }
    };
    std::iter::once(None).chain(Kind::ALL.map(Some)).map(one).collect()
}

fn class<'a>(policy: &Policy, class: &'a Class) -> ClassV1<'a> {
    let Members { users, groups, tags, user_types, service_user, domains } = &class.members;
    ClassV1 {
        name: &class.name,
        line: class.line,
        priority: class.priority,
        members: MembersV1 {
            user: users.iter().map(|user| user.pattern().as_written()).collect(),
            group: names(groups),
            user_type: names(user_types),
            service_user: *service_user,
            tag: tags.iter().map(|(key, value)| TagV1 { key, value: value.as_written() }).collect(),
            domain: domain_names(domains),
        },
        limits: limits(policy, Some(&class.name), &class.limits),
    }
}

fn names(patterns: &[Pattern]) -> Vec<&str> {
    patterns.iter().map(Pattern::as_written).collect()
}

fn domain_names(domains: &[DomainPattern]) -> Vec<&str> {
    domains.iter().map(DomainPattern::as_written).collect()
}

fn rule<'a>(policy: &Policy, config: &'a RuleConfig) -> RuleV1<'a> {
    let id = config.meta.id;
    let from = |key: &str| origin(&policy.origins().of(&format!("rules.{id}.{key}")));
    let setting = |(key, value): (&'static str, &'a Value)| SettingV1 {
        key,
        value: match value {
            Value::Days(days) => SettingValueV1::Number(days.get()),
            Value::Count(count) => SettingValueV1::Number(*count),
            Value::Names(patterns) => SettingValueV1::Names(names(patterns)),
        },
        origin: from(key),
    };
    RuleV1 {
        id,
        level: ValueV1 { value: config.level.as_str(), origin: from("level") },
        settings: config.values.iter().map(setting).collect(),
    }
}

fn waiver<'a>(policy: &Policy, waiver: &'a Waiver, now: Timestamp) -> WaiverV1<'a> {
    let state = policy.waiver_state(waiver, now);
    WaiverV1 {
        line: waiver.line,
        user: waiver.users.iter().map(|user| user.pattern().as_written()).collect(),
        credential: waiver.credentials.iter().map(|id| &**id).collect(),
        kind: waiver.kinds.iter().map(|kind| kind.as_str()).collect(),
        domain: domain_names(&waiver.domains),
        rule: &waiver.rules,
        reason: &waiver.reason,
        ticket: waiver.ticket.as_deref(),
        approved_by: &waiver.approved_by,
        until: waiver.until.to_string(),
        ends: waiver.ends.to_string(),
        state: state.as_str(),
        days_left: state.days_left(),
    }
}

fn confirmed<'a>(policy: &Policy, entry: &'a ConfirmedEmpty, now: Timestamp) -> ConfirmedEmptyV1<'a> {
    let state = policy.confirmation_state(entry, now);
    ConfirmedEmptyV1 {
        line: entry.line,
        domain: domain_names(&entry.domains),
        kind: entry.kinds.iter().map(|kind| kind.as_str()).collect(),
        reason: &entry.reason,
        ticket: entry.ticket.as_deref(),
        approved_by: &entry.approved_by,
        until: entry.until.to_string(),
        ends: entry.ends.to_string(),
        state: state.as_str(),
        days_left: state.days_left(),
    }
}
