//! A policy as a file that reads back to the same policy. Every value is written out, defaults too.

use std::collections::BTreeMap;
use std::io::Write;

use credage_core::policy::{Class, ConfirmedEmpty, Members, RuleConfig, Waiver};
use credage_core::rules::Value;
use credage_core::{Days, DomainPattern, Kind, Limit, Limits, Pattern, Policy};
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use toml::value::Datetime;

use crate::RenderError;
use crate::sanitize::is_harmful;

/// In the order in which TOML wants it: plain values first.
#[derive(Serialize)]
struct File<'a> {
    boundary: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<&'a str>,
    max_waiver: String,
    strict: bool,
    rotation: LimitsTable,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    class: Vec<ClassTable<'a>>,
    rules: InOrder<InOrder<SettingValue<'a>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waiver: Vec<WaiverTable<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    confirmed_empty: Vec<ConfirmedEmptyTable<'a>>,
}

#[derive(Serialize)]
struct LimitsTable {
    #[serde(flatten)]
    default: LimitTable,
    #[serde(flatten)]
    kinds: BTreeMap<&'static str, LimitTable>,
}

#[derive(Serialize)]
struct LimitTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exempt: Option<bool>,
    warn_before: String,
}

#[derive(Serialize)]
struct ClassTable<'a> {
    name: &'a str,
    priority: i32,
    #[serde(flatten)]
    default: LimitTable,
    #[serde(rename = "match")]
    members: MembersTable<'a>,
    #[serde(flatten)]
    kinds: BTreeMap<&'static str, LimitTable>,
}

#[derive(Serialize)]
struct MembersTable<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    user: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    user_type: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_user: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    domain: Vec<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tag: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct WaiverTable<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    user: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    credential: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kind: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    domain: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    rule: &'a [&'static str],
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    approved_by: &'a str,
    until: Until,
}

#[derive(Serialize)]
struct ConfirmedEmptyTable<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    domain: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kind: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all: Option<bool>,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    approved_by: &'a str,
    until: Until,
}

/// A day as TOML writes it, or else as text.
#[derive(Serialize)]
#[serde(untagged)]
enum Until {
    Day(Datetime),
    Text(String),
}

#[derive(Serialize)]
#[serde(untagged)]
enum SettingValue<'a> {
    Text(String),
    Count(u32),
    Names(Vec<&'a str>),
}

/// A table whose keys keep their order.
struct InOrder<T>(Vec<(&'static str, T)>);

impl<T: Serialize> Serialize for InOrder<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// Writes the file. Channels, which are no part of the policy, are not in it.
pub fn render_toml(policy: &Policy, out: &mut dyn Write) -> Result<(), RenderError> {
    let file = File {
        boundary: policy.boundary().as_str(),
        time_zone: policy.boundary().zone(),
        max_waiver: days(policy.max_waiver()),
        strict: policy.strict(),
        rotation: LimitsTable { default: limit(policy.limits().default), kinds: kinds(policy.limits()) },
        class: policy.classes().iter().map(class).collect(),
        rules: InOrder(policy.rules().iter().map(|config| (config.meta.id, rule(config))).collect()),
        waiver: policy.waivers().iter().map(waiver).collect(),
        confirmed_empty: policy.confirmations().iter().map(confirmed_empty).collect(),
    };
    writeln!(out, "# The policy as it holds, defaults included; channels are left out.")?;
    out.write_all(harmless(&toml::to_string(&file)?).as_bytes())?;
    Ok(())
}

/// With what a terminal obeys as the escapes that TOML has for it.
fn harmless(text: &str) -> String {
    let escaped = |c: char| {
        if is_harmful(c) && c != '\n' { format!("\\U{:08X}", u32::from(c)) } else { c.to_string() }
    };
    text.chars().map(escaped).collect()
}

fn days(days: Days) -> String {
    format!("{days}d")
}

fn limit(limit: Limit) -> LimitTable {
    LimitTable {
        max_age: limit.max_age().map(days),
        exempt: limit.max_age().is_none().then_some(true),
        warn_before: days(limit.warn_before()),
    }
}

/// The kinds that differ from what holds around them.
fn kinds(limits: &Limits) -> BTreeMap<&'static str, LimitTable> {
    let differing = Kind::ALL.into_iter().filter(|&kind| limits.of(kind) != limits.default);
    differing.map(|kind| (kind.as_str(), limit(limits.of(kind)))).collect()
}

fn names(patterns: &[Pattern]) -> Vec<&str> {
    patterns.iter().map(Pattern::as_written).collect()
}

fn domain_names(domains: &[DomainPattern]) -> Vec<&str> {
    domains.iter().map(DomainPattern::as_written).collect()
}

fn class(class: &Class) -> ClassTable<'_> {
    let Members { users, groups, tags, user_types, service_user, domains } = &class.members;
    ClassTable {
        name: &class.name,
        priority: class.priority,
        default: limit(class.limits.default),
        members: MembersTable {
            user: users.iter().map(|user| user.pattern().as_written()).collect(),
            group: names(groups),
            user_type: names(user_types),
            service_user: *service_user,
            domain: domain_names(domains),
            tag: tags.iter().map(|(key, value)| (&**key, value.as_written())).collect(),
        },
        kinds: kinds(&class.limits),
    }
}

fn rule(config: &RuleConfig) -> InOrder<SettingValue<'_>> {
    let level = ("level", SettingValue::Text(config.level.as_str().to_owned()));
    let settings = config.values.iter().map(|(key, value)| {
        let value = match value {
            Value::Days(value) => SettingValue::Text(days(*value)),
            Value::Count(count) => SettingValue::Count(*count),
            Value::Names(patterns) => SettingValue::Names(names(patterns)),
        };
        (key, value)
    });
    InOrder(std::iter::once(level).chain(settings).collect())
}

fn waiver(waiver: &Waiver) -> WaiverTable<'_> {
    WaiverTable {
        user: waiver.users.iter().map(|user| user.pattern().as_written()).collect(),
        credential: waiver.credentials.iter().map(|id| &**id).collect(),
        kind: waiver.kinds.iter().map(|kind| kind.as_str()).collect(),
        domain: domain_names(&waiver.domains),
        rule: &waiver.rules,
        reason: &waiver.reason,
        ticket: waiver.ticket.as_deref(),
        approved_by: &waiver.approved_by,
        until: until(waiver.until),
    }
}

fn confirmed_empty(entry: &ConfirmedEmpty) -> ConfirmedEmptyTable<'_> {
    ConfirmedEmptyTable {
        domain: domain_names(&entry.domains),
        kind: entry.kinds.iter().map(|kind| kind.as_str()).collect(),
        all: entry.kinds.is_empty().then_some(true),
        reason: &entry.reason,
        ticket: entry.ticket.as_deref(),
        approved_by: &entry.approved_by,
        until: until(entry.until),
    }
}

fn until(day: Date) -> Until {
    let text = day.to_string();
    text.parse().map_or_else(|_| Until::Text(text), Until::Day)
}

#[cfg(test)]
#[path = "toml_tests.rs"]
mod tests;
