//! What there is to say of a user: the account, the class and why that one, what they may create and what they have.

use credage_core::explain::{Explanation, KindFacts, OwnerFacts};
use credage_core::policy::{Claim, Origin};
use credage_core::{Assessed, Capability, Coverage, Known, Mfa, Policy, Standing, User};

use super::text::{day, findings, given, of_waiver};
use crate::table::layout::{Column, Page};
use crate::table::words;

/// Everything of a user.
pub(super) fn of_user(owner: &OwnerFacts<'_>, explanation: &Explanation<'_>, page: &mut Page) {
    let assessment = explanation.assessment;
    page.heading("Account");
    essentials(owner, page);
    if let Some(user) = owner.user {
        account(user, owner, page);
    }
    page.heading("Class");
    class(owner, assessment.policy, page);
    page.heading("May create and has");
    let rows = owner.kinds.iter().map(kind_row).collect();
    page.table(&KIND_COLUMNS, rows, &[]);
    if owner.kinds.iter().any(|facts| facts.limit.max_age_from.origin != Origin::Default) {
        let mut seen: Vec<String> = Vec::new();
        for facts in &owner.kinds {
            let line = given(&facts.limit.max_age_from);
            if !seen.contains(&line) {
                seen.push(line);
            }
        }
        page.text(&format!("Limits: {}.", seen.join("; ")));
    }
    if owner.credentials.is_empty() {
        page.text(if explanation.is_complete() { "Has no credential." } else { "No credential was read." });
    } else {
        page.heading("Credentials");
        let rows = owner.credentials.iter().map(|assessed| credential_row(assessed)).collect();
        let standings: Vec<Standing> =
            owner.credentials.iter().map(|assessed| assessed.judgement.standing).collect();
        page.table(&CREDENTIAL_COLUMNS, rows, &standings);
        page.faint("How to rotate one of them: credage explain ID");
    }
    findings("Findings about the user", &owner.findings, assessment, page);
    if !owner.waivers.is_empty() {
        page.heading("Waivers");
        for waiver in &owner.waivers {
            page.point(&of_waiver(waiver, assessment));
        }
    }
}

/// What every owner shows.
pub(super) fn essentials(owner: &OwnerFacts<'_>, page: &mut Page) {
    let domain = &owner.domain.domain;
    page.fact("name", if owner.name.is_empty() { "not known" } else { owner.name });
    page.fact("domain", &format!("{} ({})", domain.name, domain.url));
    page.fact("id", owner.id.as_str());
    let Some(user) = owner.user else {
        let whole = owner.domain.users_reading.coverage == Coverage::Complete;
        page.fact(
            "listed",
            if whole { "no: the owner is gone" } else { "not among the users that were read" },
        );
        return;
    };
    if let Some(ocid) = &user.ocid {
        page.fact("OCID", ocid);
    }
    page.fact("mail", or_none(user.email.is_read(), user.email.as_deref().unwrap_or_default()));
    page.fact("active", yes(user.active.flag()));
}

/// What there is to know of the account beside what every owner shows.
fn account(user: &User, owner: &OwnerFacts<'_>, page: &mut Page) {
    let joined = |names: &Known<Box<[std::sync::Arc<str>]>>| {
        let listed = names.as_deref().unwrap_or_default().iter().map(|name| &**name);
        or_none(names.is_read(), &listed.collect::<Vec<_>>().join(", ")).to_owned()
    };
    let kind = match (user.service.flag(), user.federated.flag()) {
        (Some(true), _) => "service user",
        (_, Some(true)) => "federated",
        (Some(false), Some(false)) => "local, for a person",
        _ => "not known",
    };
    let typed = user.user_type.as_deref().map_or_else(String::new, |text| format!(" ({text})"));
    page.fact("account", &format!("{kind}{typed}"));
    page.fact("created", &user.created.copied().map_or_else(|| NOT_READ.to_owned(), day));
    page.fact(
        "last login",
        &match user.last_login {
            Known::Value(at) => day(at),
            Known::Nothing => "never".to_owned(),
            Known::NotRead => NOT_READ.to_owned(),
        },
    );
    let mfa = match user.mfa {
        Mfa::Enrolled => "enrolled",
        Mfa::NotEnrolled => "not enrolled",
        Mfa::Unknown => "not known",
    };
    page.fact("second factor", mfa);
    page.fact("console", &format!("password {}", may(user.console_password)));
    page.fact("groups", &joined(&user.groups));
    page.fact("roles", &joined(&user.roles));
    let tags = user.tags.as_deref().unwrap_or_default().iter();
    let listed: Vec<String> = tags.map(|tag| format!("{}={}", tag.key, tag.value)).collect();
    page.fact("tags", or_none(user.tags.is_read(), &listed.join(", ")));
    for attribute in user.unreadable.iter() {
        page.fact("unreadable", &owner.domain.details.why_not(attribute));
    }
}

const NOT_READ: &str = "not read";

/// A text, or that there is none, or that nobody knows.
fn or_none(read: bool, text: &str) -> &str {
    match (read, text) {
        (false, _) => NOT_READ,
        (true, "") => "none",
        (true, text) => text,
    }
}

/// Which class applies, and why it and no other.
pub(super) fn class(owner: &OwnerFacts<'_>, policy: &Policy, page: &mut Page) {
    undecided(owner, policy, page);
    if !owner.doubt.classes.is_empty() {
        return;
    }
    let Some(first) = owner.claims.first() else {
        page.fact("class", "none; the general limits hold");
        return;
    };
    let named = |claim: &Claim<'_>| {
        format!("{} (line {}): {}", claim.class.name, claim.class.line, claim.by.join(", "))
    };
    page.fact("class", &named(first));
    for (before, claim) in owner.claims.iter().zip(owner.claims.iter().skip(1)) {
        let why = format!("behind {}: {}", before.class.name, before.reason(claim));
        page.fact("also", &format!("{}; {why}", named(claim)));
    }
}

/// What could not be decided, and what applies then.
pub(super) fn undecided(owner: &OwnerFacts<'_>, policy: &Policy, page: &mut Page) {
    if let Some(possible) = owner.doubt.possible_classes(policy) {
        page.fact("class", &format!("not decided: {possible}; the strictest limit that could apply is used"));
    }
    for sentence in owner.doubt.sentences(policy, &owner.domain.details) {
        page.fact("undecided", &sentence);
    }
}

const fn column(head: &'static str, width: usize, number: bool) -> Column {
    Column { head, width, number }
}

const KIND_COLUMNS: [Column; 6] = [
    column("KIND", 19, false),
    column("MAY CREATE", 10, false),
    column("HAS", 8, false),
    column("LIMIT", 6, true),
    column("WARNING", 7, true),
    column("COVERAGE", 12, false),
];

fn kind_row(facts: &KindFacts<'_>) -> Vec<String> {
    let applied = &facts.limit.limit;
    vec![
        facts.kind.label().to_owned(),
        may(facts.capability).to_owned(),
        format!("{} of {}", facts.have, facts.kind.slots()),
        applied.max_age().map_or_else(|| "exempt".to_owned(), |days| days.to_string()),
        applied.warn_before().to_string(),
        match facts.coverage {
            Coverage::NotApplicable => "not asked",
            coverage => coverage.as_str(),
        }
        .to_owned(),
    ]
}

const CREDENTIAL_COLUMNS: [Column; 5] = [
    column("STANDING", 8, false),
    column("DUE", 10, false),
    column("DAYS", 5, true),
    column("CREDENTIAL", 19, false),
    column("ID", 32, false),
];

fn credential_row(assessed: &Assessed<'_>) -> Vec<String> {
    let (row, judgement) = (assessed.credential, &assessed.judgement);
    vec![
        words(judgement.standing).to_owned(),
        judgement.due.map_or_else(|| "unknown".to_owned(), |due| day(due.on)),
        judgement.days_left.map_or_else(String::new, |days| days.to_string()),
        row.kind.label().to_owned(),
        row.id.to_string(),
    ]
}

const fn may(capability: Capability) -> &'static str {
    match capability {
        Capability::Enabled => "yes",
        Capability::Disabled => "no",
        Capability::Unknown => "unknown",
    }
}

const fn yes(flag: Option<bool>) -> &'static str {
    match flag {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not known",
    }
}
