//! What there is to say of a user: the account, the class and why that one, what they may create and what they have.

use credage_core::explain::{Explanation, KindFacts, OwnerFacts};
use credage_core::policy::{Claim, Origin};
use credage_core::{Assessed, Capability, Coverage, Mfa, Standing, User};

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
    class(owner, page);
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
    page.fact("mail", user.email.as_deref().unwrap_or("none"));
    page.fact("active", yes(user.active));
}

/// What there is to know of the account beside what every owner shows.
fn account(user: &User, owner: &OwnerFacts<'_>, page: &mut Page) {
    let read = owner.domain.details;
    let known = |read: bool, text: String| if read { text } else { "not read".to_owned() };
    let joined = |names: &[std::sync::Arc<str>]| {
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let kind = match (user.service, user.federated) {
        (Some(true), _) => "service user",
        (_, Some(true)) => "federated",
        (Some(false), Some(false)) => "local, for a person",
        _ => "not known",
    };
    let typed = user.user_type.as_deref().map_or_else(String::new, |text| format!(" ({text})"));
    page.fact("account", &known(read.account, format!("{kind}{typed}")));
    let made = user.created.map_or_else(|| "not known".to_owned(), day);
    page.fact("created", &known(read.account, made));
    page.fact("last login", &known(read.logins, user.last_login.map_or_else(|| "never".to_owned(), day)));
    let mfa = match user.mfa {
        Mfa::Enrolled => "enrolled",
        Mfa::NotEnrolled => "not enrolled",
        Mfa::Unknown => "not known",
    };
    page.fact("second factor", &known(read.mfa, mfa.to_owned()));
    page.fact("console", &format!("password {}", may(user.console_password)));
    page.fact("groups", &known(read.groups, joined(&user.groups)));
    page.fact("roles", &known(read.groups, joined(&user.roles)));
    let tags: Vec<String> = user.tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect();
    let tags = if tags.is_empty() { "none".to_owned() } else { tags.join(", ") };
    page.fact("tags", &known(read.tags, tags));
}

/// Which class applies, and why it and no other.
pub(super) fn class(owner: &OwnerFacts<'_>, page: &mut Page) {
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
