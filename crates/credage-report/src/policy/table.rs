//! A policy for people: what holds, for whom, and where each value comes from.

use std::io::Write;

use credage_core::policy::{
    Class, ConfirmedEmpty, LimitOrigins, Members, Origin, RuleConfig, Waiver, WaiverState,
};
use credage_core::{Days, DomainPattern, Kind, Limit, Limits, Pattern, Policy};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::table::layout::{Column, Page};
use crate::{RenderError, RenderOptions};

/// Writes the table.
pub fn render_table(
    policy: &Policy,
    now: Timestamp,
    width: usize,
    color: bool,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let options = RenderOptions { width, color, ..RenderOptions::default() };
    let mut page = Page::new(&options);
    page.strong(&match policy.file() {
        Some(file) => format!("The policy of {file}"),
        None => "No policy file was found: what holds is credage's default".to_owned(),
    });
    page.faint(&format!("As of {}.", now.strftime("%Y-%m-%d %H:%M UTC")));
    general(policy, &mut page);
    limits(policy, &mut page);
    classes(policy, &mut page);
    rules(policy, &mut page);
    waivers(policy, now, &mut page);
    confirmations(policy, now, &mut page);
    out.write_all(page.finish().as_bytes())?;
    Ok(())
}

/// Where a value comes from; the file is named above.
fn from(origin: &Origin) -> String {
    match origin {
        Origin::Default => "default".to_owned(),
        Origin::File { line, .. } => format!("line {line}"),
        Origin::Environment(name) | Origin::Flag(name) => (*name).to_owned(),
    }
}

const fn column(head: &'static str, width: usize) -> Column {
    Column { head, width, number: false }
}

fn general(policy: &Policy, page: &mut Page) {
    let row = |key: &str, value: String| vec![key.to_owned(), value, from(&policy.origins().of(key))];
    let mut rows = vec![row("boundary", policy.boundary().as_str().to_owned())];
    rows.extend(policy.boundary().zone().map(|zone| row("time_zone", zone.to_owned())));
    rows.push(row("max_waiver", days(policy.max_waiver())));
    rows.push(row("strict", policy.strict().to_string()));
    page.heading("In general");
    page.table(&[column("SETTING", 12), column("VALUE", 40), column("FROM", 22)], rows, &[]);
}

fn limits(policy: &Policy, page: &mut Page) {
    let mut rows = Vec::new();
    for class in policy.classes() {
        limit_rows(policy, Some(&class.name), &class.limits, &mut rows);
    }
    limit_rows(policy, None, policy.limits(), &mut rows);
    page.heading("Limits");
    let columns = [
        column("OF", 16),
        column("KIND", 24),
        column("MAX AGE", 9),
        column("FROM", 15),
        column("WARNING", 9),
        column("FROM", 19),
    ];
    page.table(&columns, rows, &[]);
}

/// What holds for most kinds, and the kinds that differ from it.
fn limit_rows(policy: &Policy, class: Option<&str>, limits: &Limits, rows: &mut Vec<Vec<String>>) {
    let who = match class {
        Some(name) => name.to_owned(),
        None if policy.classes().is_empty() => "everybody".to_owned(),
        None => "everybody else".to_owned(),
    };
    let usual = (limits.default, policy.limit_origins(class, None));
    let of = |kind: Kind| (limits.of(kind), policy.limit_origins(class, Some(kind)));
    let differing: Vec<Kind> = Kind::ALL.into_iter().filter(|&kind| of(kind) != usual).collect();
    let row = |who: &str, kind: &str, (limit, origins): (Limit, LimitOrigins)| {
        vec![
            who.to_owned(),
            kind.to_owned(),
            limit.max_age().map_or_else(|| "exempt".to_owned(), days),
            from(&origins.age),
            days(limit.warn_before()),
            from(&origins.warning),
        ]
    };
    rows.push(row(&who, if differing.is_empty() { "every kind" } else { "other kinds" }, usual));
    rows.extend(differing.into_iter().map(|kind| row(&who, kind.as_str(), of(kind))));
}

fn classes(policy: &Policy, page: &mut Page) {
    if policy.classes().is_empty() {
        return;
    }
    page.heading("Classes, the first that means somebody wins");
    for (place, class) in policy.classes().iter().enumerate() {
        let priority =
            if class.priority == 0 { String::new() } else { format!(", priority {}", class.priority) };
        page.point(&format!(
            "{}. {} (line {}{priority}): {}",
            place + 1,
            class.name,
            class.line,
            members(class)
        ));
    }
}

fn members(class: &Class) -> String {
    let Members { users, groups, tags, user_types, service_user, domains } = &class.members;
    let any = |what: &str, patterns: &[Pattern]| {
        let names: Vec<&str> = patterns.iter().map(Pattern::as_written).collect();
        (!names.is_empty()).then(|| format!("{what} {}", names.join(" or ")))
    };
    let users: Vec<Pattern> = users.iter().map(|user| user.pattern().clone()).collect();
    let service = service_user.map(|service| if service { "service users" } else { "no service users" });
    let tags = tags.iter().map(|(key, value)| Some(format!("tag {key} = {}", value.as_written())));
    let parts = [
        any("user", &users),
        any("group", groups),
        any("user type", user_types),
        service.map(str::to_owned),
        any_domain(domains),
    ];
    parts.into_iter().chain(tags).flatten().collect::<Vec<_>>().join(", ")
}

fn any_domain(domains: &[DomainPattern]) -> Option<String> {
    let names: Vec<&str> = domains.iter().map(DomainPattern::as_written).collect();
    (!names.is_empty()).then(|| format!("domain {}", names.join(" or ")))
}

fn rules(policy: &Policy, page: &mut Page) {
    let row = |config: &RuleConfig| {
        let id = config.meta.id;
        let origin = |key: &str| from(&policy.origins().of(&format!("rules.{id}.{key}")));
        vec![id.to_owned(), config.level.to_string(), origin("level"), config.meta.title.to_owned()]
    };
    page.heading("Rules");
    let columns = [column("RULE", 24), column("LEVEL", 8), column("FROM", 9), column("FINDS", 40)];
    page.table(&columns, policy.rules().iter().map(row).collect(), &[]);
    for config in policy.rules() {
        for (key, value) in config.values.iter() {
            let id = config.meta.id;
            let origin = policy.origins().of(&format!("rules.{id}.{key}"));
            page.point(&format!("{id}: {key} = {value} ({})", from(&origin)));
        }
    }
}

fn waivers(policy: &Policy, now: Timestamp, page: &mut Page) {
    if policy.waivers().is_empty() {
        return;
    }
    page.heading("Waivers");
    for waiver in policy.waivers() {
        let text = sentence(waiver, policy.waiver_state(waiver, now));
        page.point(&text);
    }
}

fn confirmations(policy: &Policy, now: Timestamp, page: &mut Page) {
    if policy.confirmations().is_empty() {
        return;
    }
    page.heading("Kinds confirmed to be empty");
    for entry in policy.confirmations() {
        let ConfirmedEmpty { line, reason, approved_by, until, .. } = entry;
        let ticket = entry.ticket.as_deref().map_or_else(String::new, |ticket| format!(", {ticket}"));
        let state = held(policy.confirmation_state(entry, now), *until);
        let subject = entry.subject();
        page.point(&format!("line {line}: {subject}: {state}; {reason} (approved by {approved_by}{ticket})"));
    }
}

/// How long something holds whose last day is `until`.
fn held(state: WaiverState, until: Date) -> String {
    match state {
        WaiverState::Holds { days_left } => format!("holds until {until}, {days_left} days left"),
        WaiverState::Expiring { days_left: 1 } => format!("EXPIRES SOON: {until} is its last day"),
        WaiverState::Expiring { days_left } => {
            format!("EXPIRES SOON: holds until {until}, {days_left} days left")
        }
        WaiverState::Expired => format!("EXPIRED: held until {until}"),
    }
}

fn sentence(waiver: &Waiver, state: WaiverState) -> String {
    let state = held(state, waiver.until);
    let Waiver { line, reason, approved_by, .. } = waiver;
    let ticket = waiver.ticket.as_deref().map_or_else(String::new, |ticket| format!(", {ticket}"));
    format!("line {line}: {}: {state}; {reason} (approved by {approved_by}{ticket})", waiver.subject())
}

fn days(days: Days) -> String {
    format!("{days} days")
}
