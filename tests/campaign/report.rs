//! What a report says, as far as it is judged. It is read without a type of the product's, which might be wrong alike.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

/// The judged part of a report of one domain.
#[derive(Debug, Default)]
pub(crate) struct Reported {
    pub(crate) complete: bool,
    /// The verdict on the users.
    pub(crate) users_verdict: String,
    /// By kind.
    pub(crate) kinds: BTreeMap<String, ReportedKind>,
    pub(crate) credentials: Vec<ReportedRow>,
    /// The ids of the users that it knows.
    pub(crate) users: BTreeSet<String>,
    /// Rules that found something.
    pub(crate) found: BTreeSet<String>,
    /// Rules that were not judged.
    pub(crate) unjudged: BTreeSet<String>,
}

/// What it says of a kind.
#[derive(Debug)]
pub(crate) struct ReportedKind {
    pub(crate) verdict: String,
    pub(crate) listing: String,
}

/// What it says of a credential.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the report")]
pub(crate) struct ReportedRow {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) owner_listed: bool,
    /// Whether its own row was read.
    pub(crate) listed: bool,
    pub(crate) created: Told,
    pub(crate) last_set: Told,
    pub(crate) expires_on: Told,
    /// Whether it is said that a date is missing or odd.
    pub(crate) flagged: bool,
    /// Whether it is called orphaned.
    pub(crate) orphaned: bool,
}

/// A date as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Nothing,
    At(Timestamp),
    /// Something that is no date, shown as such.
    Raw,
}

impl Reported {
    /// Reads a report; nothing where it is none.
    pub(crate) fn read(report: &Value) -> Option<Self> {
        let domain = report.get("domains")?.get(0)?;
        let kinds = domain.get("kinds")?.as_array()?.iter().map(|kind| {
            let of = ReportedKind { verdict: verdict(kind), listing: text(kind, "listing") };
            (text(kind, "kind"), of)
        });
        let credentials: Vec<_> = report.get("credentials")?.as_array()?.iter().map(row).collect();
        let idle =
            report.get("users_without_credentials")?.as_array()?.iter().map(|user| text(user, "user_id"));
        let owners = credentials.iter().filter(|row| row.owner_listed).map(|row| row.owner.clone());
        let users = idle.chain(owners).collect();
        let unjudged = report.get("unjudged")?.as_array()?.iter().map(|each| text(each, "rule")).collect();
        let found = report.get("rules")?.as_array()?.iter().map(|each| text(each, "rule")).collect();
        Some(Self {
            found,
            complete: report.get("complete")?.as_bool()?,
            users_verdict: verdict(domain.get("users")?),
            kinds: kinds.collect(),
            users,
            unjudged,
            credentials,
        })
    }
}

fn verdict(of: &Value) -> String {
    of.get("coverage").map(|coverage| text(coverage, "verdict")).unwrap_or_default()
}

fn text(of: &Value, name: &str) -> String {
    of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn row(row: &Value) -> ReportedRow {
    let rules = row.get("rules").and_then(Value::as_array);
    ReportedRow {
        kind: text(row, "kind"),
        id: text(row, "credential_id"),
        owner: text(row, "user_id"),
        owner_listed: text(row, "owner_state") == "listed",
        listed: text(row, "source") == "listed",
        created: told(row, "created"),
        last_set: told(row, "last_set"),
        expires_on: told(row, "expires_on"),
        flagged: row.get("undated").is_some_and(Value::is_string) || text(row, "unwaived") == "unknown",
        orphaned: rules.is_some_and(|rules| rules.iter().any(|rule| rule == "orphaned-credential")),
    }
}

fn told(row: &Value, name: &str) -> Told {
    match row.get(name).and_then(Value::as_str) {
        None => Told::Nothing,
        Some(text) => text.parse().map_or(Told::Raw, Told::At),
    }
}
