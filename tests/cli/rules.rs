//! Every rule, through the binary, against what the simulation holds: exactly the things that it is about are found, those
//! that comply are not, and a rule that is off finds nothing.

use std::collections::{BTreeMap, BTreeSet};

use credage_sim::{Collection, EstateConfig, TruthRow, TruthUser};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::harness::{NOW, Run, Tenancy, config, instant};
use crate::tenancy::{Whole, spec};

const KINDS: [Collection; 6] = [
    Collection::ApiKeys,
    Collection::AuthTokens,
    Collection::CustomerSecretKeys,
    Collection::OAuth2ClientCredentials,
    Collection::SmtpCredentials,
    Collection::UserDbCredentials,
];

/// What a rule is about in the simulation: everything that it could speak of, and what it must find.
struct Expected {
    all: BTreeSet<String>,
    found: BTreeSet<String>,
}

struct World {
    tenancy: Tenancy,
    rows: Vec<TruthRow>,
    users: Vec<TruthUser>,
}

impl World {
    fn new() -> Self {
        let tenancy = Tenancy::start(credage_sim::SimConfig { users: 400, ..config() });
        let (rows, users) = (tenancy.sim.truth(), tenancy.sim.users());
        Self { tenancy, rows, users }
    }

    /// An audit with a policy.
    fn audit(&self, policy: &str, args: &[&str]) -> (Run, Value) {
        let file = self.tenancy.path("credage.toml");
        std::fs::write(&file, policy).unwrap();
        self.tenancy.report(&[&["--policy", file.to_str().unwrap()], args].concat())
    }

    fn credentials(&self, found: impl Fn(&TruthRow) -> bool) -> Expected {
        Expected {
            all: self.rows.iter().map(|row| row.id.clone()).collect(),
            found: self.rows.iter().filter(|row| found(row)).map(|row| row.id.clone()).collect(),
        }
    }

    fn owners(&self, found: impl Fn(&TruthUser) -> bool) -> Expected {
        Expected {
            all: self.users.iter().map(|user| user.id.clone()).collect(),
            found: self.users.iter().filter(|user| found(user)).map(|user| user.id.clone()).collect(),
        }
    }

    fn owner(&self, row: &TruthRow) -> Option<&TruthUser> {
        self.users.iter().find(|user| user.id == row.owner)
    }

    fn owned(&self, user: &TruthUser, collection: Collection) -> usize {
        self.rows.iter().filter(|row| row.owner == user.id && row.collection == collection).count()
    }

    fn owns_any(&self, user: &TruthUser) -> bool {
        self.rows.iter().any(|row| row.owner == user.id)
    }
}

/// The findings of a rule in a report, by what they are about.
fn found<'r>(report: &'r Value, rule: &str) -> BTreeMap<String, &'r Value> {
    let all = report["findings"].as_array().unwrap();
    let of_rule = all.iter().filter(|finding| finding["rule"] == rule);
    of_rule
        .map(|finding| {
            let id = finding["credential_id"].as_str().or(finding["user_id"].as_str());
            (id.unwrap_or_default().to_owned(), finding)
        })
        .collect()
}

/// A rule finds exactly what it should, passes over what complies, before and after it, and nothing while it is off.
fn assert_rule(world: &World, report: &Value, rule: &str, level: &str, expected: &Expected) {
    let findings = found(report, rule);
    let ids: BTreeSet<String> = findings.keys().cloned().collect();
    let (missing, surplus): (Vec<_>, Vec<_>) =
        (expected.found.difference(&ids).collect(), ids.difference(&expected.found).collect());
    assert!(missing.is_empty() && surplus.is_empty(), "{rule}: missing {missing:?}, surplus {surplus:?}");
    let last = expected.found.last().unwrap_or_else(|| panic!("{rule}: the simulation has no such case"));
    let complies = expected.all.iter().find(|id| !expected.found.contains(*id)).unwrap();
    assert!(complies < last, "{rule}: a compliant case comes before a failing one");
    for finding in findings.values() {
        assert_eq!(finding["level"], level, "{rule}");
        assert!(!finding["what"].as_str().unwrap().is_empty(), "{finding}");
        assert_eq!(finding["fingerprint"].as_str().unwrap().len(), 32);
        assert_eq!(finding["waived"], Value::Null);
    }
    let (run, off) = world.audit(&format!("[rules]\n{rule} = \"off\"\n"), &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(found(&off, rule).is_empty(), "{rule} is off");
}

fn basis(row: &TruthRow) -> Option<Timestamp> {
    row.last_set.or(row.created).filter(|at| *at <= instant(NOW))
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

fn is_expired(row: &TruthRow) -> bool {
    row.expires_on.is_some_and(|at| at <= instant(NOW))
}

fn is_overdue(row: &TruthRow) -> bool {
    !is_expired(row) && basis(row).is_some_and(|at| at + days(90) <= instant(NOW))
}

fn is_due_soon(row: &TruthRow) -> bool {
    let due = [basis(row).map(|at| at + days(90)), row.expires_on].into_iter().flatten().min();
    // Without a date only an own expiry could be due, and the simulation's undated ones have none.
    due.is_some_and(|due| due > instant(NOW) && due - days(15) <= instant(NOW))
}

#[test]
fn rules_about_ages_find_what_they_should() {
    let world = World::new();
    let (run, report) = world.audit("[rules]\nno-own-expiry = \"low\"\n", &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_rule(&world, &report, "rotation-overdue", "high", &world.credentials(is_overdue));
    assert_rule(&world, &report, "rotation-due-soon", "low", &world.credentials(is_due_soon));
    assert_rule(&world, &report, "credential-expired", "medium", &world.credentials(is_expired));
    let undated = world.credentials(|row| basis(row).is_none());
    assert_rule(&world, &report, "undated-credential", "medium", &undated);
    let in_progress = world.credentials(|row| {
        let younger = |other: &&TruthRow| {
            other.owner == row.owner && other.collection == row.collection && !is_expired(other)
        };
        (is_overdue(row) || is_due_soon(row))
            && world.rows.iter().filter(younger).any(|other| basis_of(other) > basis_of(row))
    });
    assert_rule(&world, &report, "rotation-in-progress", "low", &in_progress);
    let without_expiry =
        world.credentials(|row| row.collection != Collection::ApiKeys && row.expires_on.is_none());
    assert_rule(&world, &report, "no-own-expiry", "low", &without_expiry);
    let evidence = found(&report, "rotation-overdue").into_values().next().unwrap()["evidence"].clone();
    assert_eq!((&evidence["limit_days"], &evidence["warn_before_days"]), (&"90".into(), &"15".into()));
    assert!(evidence["age_basis"].is_string() && evidence["due_on"].is_string(), "{evidence}");
}

fn basis_of(row: &TruthRow) -> Option<Timestamp> {
    row.last_set.or(row.created)
}

#[test]
fn rules_about_owners_find_the_credentials_they_should() {
    let world = World::new();
    let (_, report) = world.audit("", &[]);
    let dormant =
        world.credentials(|row| row.owner_listed && row.capability == Some(false) && !is_expired(row));
    assert_rule(&world, &report, "dormant-credential", "high", &dormant);
    let inactive = world.credentials(|row| world.owner(row).is_some_and(|owner| owner.active == Some(false)));
    assert_rule(&world, &report, "inactive-owner", "high", &inactive);
    let orphaned = world.credentials(|row| !row.owner_listed);
    assert_rule(&world, &report, "orphaned-credential", "high", &orphaned);
    let administrators = world.credentials(|row| {
        let administers = |owner: &TruthUser| {
            owner.groups.contains(&"Administrators")
                || owner.roles.contains(&("Identity Domain Administrator", true))
        };
        row.collection == Collection::ApiKeys && world.owner(row).is_some_and(administers)
    });
    assert_rule(&world, &report, "administrator-api-key", "high", &administrators);
}

#[test]
fn rules_about_users_find_the_users_they_should() {
    let world = World::new();
    let (_, report) = world.audit("", &[]);
    let excess = world.owners(|user| world.owned(user, Collection::ApiKeys) > 1);
    assert_rule(&world, &report, "excess-api-keys", "medium", &excess);
    let unused = world.owners(|user| {
        let idle = |(place, collection): (usize, &Collection)| {
            user.capabilities[place] == Some(true) && world.owned(user, *collection) == 0
        };
        user.active != Some(false) && KINDS.iter().enumerate().any(idle)
    });
    assert_rule(&world, &report, "unused-capability", "info", &unused);
    let signs_in = |user: &TruthUser| {
        user.active != Some(false) && user.console_password == Some(true) && !user.federated && !user.service
    };
    let stale = world.owners(|user| {
        let seen = user.last_login.unwrap_or(user.created);
        signs_in(user) && world.owns_any(user) && seen + days(45) <= instant(NOW)
    });
    assert_rule(&world, &report, "stale-owner", "medium", &stale);
    let never = found(&report, "stale-owner");
    assert!(never.values().any(|finding| finding["evidence"]["last_login"] == "never"));
    let without_mfa =
        world.owners(|user| signs_in(user) && world.owns_any(user) && user.mfa == Some("UN_ENROLLED"));
    assert_rule(&world, &report, "owner-without-mfa", "medium", &without_mfa);
    let without_email = world.owners(|user| user.email.is_none() && world.owns_any(user));
    assert_rule(&world, &report, "owner-without-email", "low", &without_email);
}

#[test]
fn settings_of_rules_move_their_findings() {
    let world = World::new();
    let policy = "[rules.excess-api-keys]\nmax = 2\n[rules.stale-owner]\nlevel = \"critical\"\nafter = \"200d\"\n\
                  [rules.administrator-api-key]\ngroups = [\"Pipe*\"]\napp_roles = []\n";
    let (_, report) = world.audit(policy, &[]);
    let excess = world.owners(|user| world.owned(user, Collection::ApiKeys) > 2);
    assert_eq!(found(&report, "excess-api-keys").into_keys().collect::<BTreeSet<_>>(), excess.found);
    let (_, usual) = world.audit("", &[]);
    let (fewer, more) = (found(&report, "stale-owner"), found(&usual, "stale-owner"));
    assert!(fewer.len() < more.len() && fewer.keys().all(|id| more.contains_key(id)));
    assert!(fewer.values().all(|finding| finding["level"] == "critical"));
    let pipelines = world.credentials(|row| {
        row.collection == Collection::ApiKeys
            && world.owner(row).is_some_and(|owner| owner.groups.contains(&"Pipelines"))
    });
    assert_eq!(found(&report, "administrator-api-key").into_keys().collect::<BTreeSet<_>>(), pipelines.found);
}

#[test]
fn waivers_except_and_are_watched_themselves() {
    let world = World::new();
    let overdue: Vec<&TruthRow> =
        world.rows.iter().filter(|row| is_overdue(row) && row.owner_listed).collect();
    let (one, two) = (overdue[0], overdue.iter().find(|row| row.owner != overdue[0].owner).unwrap());
    let waiver = |select: &str, until: &str| {
        format!(
            "[[waiver]]\n{select}\nreason = \"vendor\"\nticket = \"SEC-1\"\napproved_by = \"ciso\"\nuntil = {until}\n"
        )
    };
    let policy = [
        waiver(&format!("credential = \"{}\"", one.id), "2026-12-31"),
        waiver(&format!("credential = \"{}\"", two.id), "2026-05-31"),
        waiver("credential = \"no-such-id\"", "2026-06-05"),
    ]
    .concat();
    let (run, report) = world.audit(&policy, &["--fail-on", "high"]);
    assert_eq!(run.code, 1, "others are overdue still");
    let credential = |id: &str| {
        let all = report["credentials"].as_array().unwrap();
        all.iter().find(|each| each["credential_id"] == id).unwrap()
    };
    let excepted = credential(&one.id);
    assert_eq!((&excepted["standing"], &excepted["unwaived"]), (&"waived".into(), &"overdue".into()));
    assert_eq!(excepted["waiver"]["ticket"], "SEC-1");
    assert_eq!(excepted["waiver"]["until"], "2026-12-31");
    assert_eq!(
        found(&report, "rotation-overdue")[&one.id]["waived"]["approved_by"],
        "ciso",
        "shown, not dropped"
    );
    assert_eq!(credential(&two.id)["standing"], "overdue", "its waiver has expired");
    assert_eq!(report["summary"]["waived"], 1);
    let about =
        |rule: &str| found(&report, rule).into_values().next().map(|each| each["evidence"]["means"].clone());
    assert_eq!(about("waiver-expired"), Some(format!("credential {}", two.id).into()));
    assert_eq!(about("waiver-expiring"), Some("credential no-such-id".into()));
    let last = report["findings"].as_array().unwrap().last().unwrap();
    assert_ne!(last["waived"], Value::Null, "what is excepted comes last");
    assert!(
        found(&report, "waiver-unmatched").is_empty(),
        "it may mean something in a domain that was not asked"
    );
}

#[test]
fn a_waiver_that_means_nothing_is_found_where_everything_was_read() {
    let specs = vec![spec("Default", "premium", 1), spec("Second", "premium", 2)];
    let whole = Whole::start(EstateConfig::new(specs));
    let known = whole.estate.domains()[1].truth().into_iter().find(|row| row.owner_listed).unwrap();
    let waiver = |user: &str| {
        format!("[[waiver]]\nuser = \"{user}\"\nreason = \"r\"\napproved_by = \"b\"\nuntil = 2026-12-31\n")
    };
    let file = whole.dir.path().join("credage.toml");
    std::fs::write(&file, [waiver(&known.user_name), waiver("no-such-user")].concat()).unwrap();
    let policy = ["--policy", file.to_str().unwrap()];
    let (run, report) = whole.report(&policy);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let unmatched = report["findings"].as_array().unwrap().iter();
    let unmatched: Vec<&Value> = unmatched.filter(|each| each["rule"] == "waiver-unmatched").collect();
    assert_eq!(unmatched.len(), 1, "the first one means somebody: {unmatched:?}");
    assert_eq!(unmatched[0]["evidence"]["means"], "user no-such-user");
    for narrow in [["--kind", "api_key"], ["--user", "a*"], ["--domain", "Second"]] {
        let (_, report) = whole.report(&[policy, narrow].concat());
        assert!(found(&report, "waiver-unmatched").is_empty(), "what was not read may be meant: {narrow:?}");
    }
}

#[test]
fn the_work_list_is_ordered_and_levels_decide_the_exit() {
    let world = World::new();
    let (_, report) = world.audit("", &[]);
    let rank = |finding: &Value| {
        let levels = ["critical", "high", "medium", "low", "info"];
        let level = levels.iter().position(|level| finding["level"] == *level).unwrap();
        (level, std::cmp::Reverse(finding["risk"].as_u64().unwrap()))
    };
    let order: Vec<_> = report["findings"].as_array().unwrap().iter().map(rank).collect();
    assert!(order.is_sorted(), "by level, then by risk");
    let admin = found(&report, "administrator-api-key").into_values().next().unwrap();
    assert!(admin["risk"].as_u64().unwrap() >= 200, "{admin}");
    for (level, code) in [("critical", 0), ("high", 1), ("medium", 1), ("info", 1)] {
        assert_eq!(world.audit("", &["--fail-on", level]).0.code, code, "{level}");
    }
    let quiet = "[rules]\nadministrator-api-key = \"off\"\n";
    let (again, same) = world.audit(quiet, &[]);
    assert_eq!(again.code, 0);
    let prints = |report: &Value| -> BTreeSet<String> {
        let all = found(report, "rotation-overdue").into_values();
        all.map(|finding| finding["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(prints(&report), prints(&same), "the same fingerprints under another policy");
}

#[test]
fn what_cannot_be_judged_is_said() {
    for (refused, shows) in [(Some(403), true), (Some(400), true), (None, false)] {
        let tenancy = Tenancy::start(credage_sim::SimConfig {
            groups_refused: refused,
            shows_groups: shows,
            ..config()
        });
        let (run, report) = tenancy.report(&[]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(report["complete"], true);
        assert_eq!(report["unjudged"][0]["rule"], "administrator-api-key", "{refused:?}");
        assert!(found(&report, "administrator-api-key").is_empty());
        assert!(!found(&report, "stale-owner").is_empty(), "what could be read is judged");
        let (run, _) =
            tenancy.report(&["--fail-on", "high", "--kind", "smtp_credential", "--user", "credage-auditor"]);
        assert_ne!(run.code, 0, "a rule that was asked for and could not look is no pass");
        let table = tenancy.audit(&[]);
        assert!(table.stdout.contains("Not judged"), "{}", table.stdout);
    }
}

#[test]
fn every_format_shows_levels_rules_and_waivers() {
    let world = World::new();
    let row = world.rows.iter().find(|row| is_overdue(row) && row.owner_listed).unwrap();
    let policy = format!(
        "[[class]]\nname = \"machines\"\nmatch = {{ service_user = true }}\nmax_age = \"200d\"\n[[waiver]]\n\
         credential = \"{}\"\nreason = \"=vendor\"\napproved_by = \"ciso\"\nuntil = 2026-12-31\n",
        row.id
    );
    let file = world.tenancy.path("credage.toml");
    std::fs::write(&file, policy).unwrap();
    let audit = |args: &[&str]| {
        let run = world.tenancy.audit(&[&["--policy", file.to_str().unwrap()], args].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.stdout
    };
    let table = audit(&[]);
    for text in ["Work list", "RANK", "By rule", "rotation-overdue", "Waived", "until 2026-12-31"] {
        assert!(table.contains(text), "{text}\n{table}");
    }
    let csv = audit(&["--format", "csv"]);
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let heads = rows.headers().unwrap().clone();
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let waived = rows.iter().find(|each| each[column("credential_id")] == row.id).unwrap();
    assert_eq!((&waived[column("standing")], &waived[column("waived_until")]), ("waived", "2026-12-31"));
    assert!(waived[column("rules")].contains("rotation-overdue"));
    let machine = rows.iter().find(|each| &each[column("class")] == "machines").unwrap();
    assert_eq!(&machine[column("limit_days")], "200");
    let findings = audit(&["--format", "findings-csv"]);
    let mut rows = csv::Reader::from_reader(findings.as_bytes());
    let heads = rows.headers().unwrap().clone();
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let reasons: Vec<&str> =
        rows.iter().map(|each| &each[column("waiver_reason")]).filter(|text| !text.is_empty()).collect();
    assert!(reasons.contains(&"'=vendor"), "no formula: {reasons:?}");
    let cis: BTreeSet<&str> = rows
        .iter()
        .filter(|each| &each[column("rule")] == "rotation-overdue" && &each[column("kind")] == "api_key")
        .map(|each| &each[column("cis")])
        .collect();
    assert_eq!(cis, BTreeSet::from(["1.2:1.8 2.0:1.8 3.1:1.8"]));
}
