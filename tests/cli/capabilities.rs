//! `credage capabilities`: who may, who did, and what could be taken away, held against what is so.

use std::collections::{BTreeMap, BTreeSet};

use credage_sim::{Collection, Denied, DeniedHow, SimConfig, TruthRow};
use jiff::Timestamp;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::harness::{NOW, Run, Tenancy, config, credage, finish, kind as kind_of_report, read};

const KINDS: [(&str, Collection); 6] = [
    ("api_key", Collection::ApiKeys),
    ("auth_token", Collection::AuthTokens),
    ("customer_secret_key", Collection::CustomerSecretKeys),
    ("db_credential", Collection::UserDbCredentials),
    ("oauth2_client_credential", Collection::OAuth2ClientCredentials),
    ("smtp_credential", Collection::SmtpCredentials),
];

fn capabilities(tenancy: &Tenancy, args: &[&str]) -> Run {
    let mut command = credage();
    command.args(["capabilities", "--domain-url", tenancy.sim.url(), "--as-of", NOW, "--rate-limit", "none"]);
    command.arg("--config-file").arg(&tenancy.files.config).args(args);
    finish(command)
}

fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// Owners of a kind, each with their rows.
fn owners(truth: &[TruthRow], collection: Collection) -> BTreeMap<&str, Vec<&TruthRow>> {
    let mut owners: BTreeMap<&str, Vec<&TruthRow>> = BTreeMap::new();
    for row in truth.iter().filter(|row| row.collection == collection) {
        owners.entry(&row.owner).or_default().push(row);
    }
    owners
}

#[test]
fn counts_and_rows_are_the_truth() {
    let tenancy = Tenancy::start(config());
    let truth = tenancy.sim.truth();
    let (_, report) = tenancy.report(&[]);
    let run = capabilities(&tenancy, &["--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let told = run.json();
    assert_eq!(
        (told["schema"].as_str(), told["complete"].as_bool()),
        (Some("credage.capabilities/v1"), Some(true))
    );
    let all: Vec<&Value> = ["capabilities", "disabled_but_configured"]
        .iter()
        .flat_map(|list| told[*list].as_array().unwrap())
        .collect();
    for (place, (name, collection)) in KINDS.into_iter().enumerate() {
        let counts = &told["domains"][0]["kinds"][place];
        assert_eq!(counts["kind"], name);
        let owners = owners(&truth, collection);
        assert_eq!(counts["did"], owners.len());
        let off = |rows: &&Vec<&TruthRow>| rows[0].owner_listed && rows[0].capability == Some(false);
        assert_eq!(counts["disabled_but_configured"], owners.values().filter(off).count());
        assert_eq!(counts["unused"], kind_of_report(&report, name)["may_but_has_none"]);
        let of_kind = || all.iter().filter(|row| row["kind"] == name);
        for row in of_kind() {
            let owned = owners.get(row["user_id"].as_str().unwrap());
            assert_eq!(row["credentials"], owned.map_or(0, Vec::len), "{row}");
            let oldest = owned.and_then(|rows| rows.iter().filter_map(|each| each.created).min());
            let since = row["since"].as_str().map(|text| text.parse::<Timestamp>().unwrap());
            assert_eq!(since, oldest, "{row}");
            let status = row["status"].as_str().unwrap();
            assert_eq!(status == "unused", row["capability"] == "enabled" && owned.is_none(), "{row}");
            assert_eq!(status == "disabled_but_configured", row["capability"] == "disabled", "{row}");
        }
        let with = of_kind().filter(|row| row["credentials"].as_u64() > Some(0)).count();
        assert_eq!(with, owners.len(), "each who did has a row");
        let enabled = of_kind().filter(|row| row["capability"] == "enabled").count();
        assert_eq!(counts["may_create"], enabled);
    }
}

#[test]
fn what_could_be_taken_away_is_listed_and_what_lives_on_apart() {
    let tenancy = Tenancy::start(config());
    let everything = capabilities(&tenancy, &["--format", "json"]).json();
    let told = capabilities(&tenancy, &["--unused", "--format", "json"]).json();
    let list = told["capabilities"].as_array().unwrap();
    assert!(list.iter().all(|row| row["status"] == "unused" && row["account_created"].is_string()));
    let sum: u64 = everything["domains"][0]["kinds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["unused"].as_u64().unwrap())
        .sum();
    assert_eq!(u64::try_from(list.len()).unwrap(), sum);
    assert_eq!(told["disabled_but_configured"], everything["disabled_but_configured"]);
    let rows = rows(&capabilities(&tenancy, &["--unused", "--format", "csv"]).stdout);
    let statuses: Vec<&str> = rows.iter().map(|row| row["status"].as_str()).collect();
    let first_off = statuses.iter().position(|status| *status == "DISABLED BUT CONFIGURED").unwrap();
    assert_eq!(first_off, list.len(), "they come after the others");
    assert!(statuses[..first_off].iter().all(|status| *status == "unused"));
    assert!(statuses[first_off..].iter().all(|status| *status == "DISABLED BUT CONFIGURED"));
    let names: BTreeSet<(String, String)> =
        rows.iter().map(|row| (row["user_id"].clone(), row["kind"].clone())).collect();
    assert_eq!(names.len(), rows.len(), "one row a user and kind");
    let table = capabilities(&tenancy, &["--unused"]).stdout;
    let (away, off) = (table.find("To take away").unwrap(), table.find("DISABLED BUT CONFIGURED:").unwrap());
    assert!(away < off, "{table}");
}

#[test]
fn of_what_was_not_read_nobody_has_none() {
    let denied = Denied { collection: Collection::SmtpCredentials, how: DeniedHow::Status(403) };
    let tenancy = Tenancy::start(SimConfig { denied: vec![denied], ..config() });
    let run = capabilities(&tenancy, &["--format", "json"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let told = run.json();
    let smtp = &told["domains"][0]["kinds"][5];
    assert_eq!((smtp["unused"].clone(), smtp["coverage"].as_str()), (Value::Null, Some("unreadable")));
    assert!(smtp["unknown"].as_u64() > Some(0) && !smtp["hint"].as_str().unwrap().is_empty(), "{smtp}");
    let listed = told["capabilities"].as_array().unwrap();
    let of_smtp: Vec<&Value> = listed.iter().filter(|row| row["kind"] == "smtp_credential").collect();
    assert!(of_smtp.iter().any(|row| row["status"] == "unknown"));
    // Of some the users' index proves that they have one; nobody is said to have none.
    assert!(of_smtp.iter().all(|row| row["status"] == "unknown" || row["credentials"].as_u64() > Some(0)));
    let run = capabilities(&tenancy, &["--unused", "--format", "csv"]);
    assert_eq!(run.code, 3);
    let rows = rows(&run.stdout);
    let gap = rows.iter().find(|row| row["kind"] == "smtp_credential").unwrap();
    assert!(gap["status"].starts_with("NOT COMPLETE") && gap["coverage"] == "unreadable", "{gap:?}");
    let others = rows.iter().filter(|row| row["kind"] == "smtp_credential" && !row["user_id"].is_empty());
    let others: Vec<_> = others.map(|row| row["status"].as_str()).collect();
    assert!(others.iter().all(|status| *status == "DISABLED BUT CONFIGURED"), "nobody has none: {others:?}");
    let table = capabilities(&tenancy, &[]);
    assert!(table.stdout.contains("NOT COMPLETE") && table.stdout.contains("Coverage"), "{}", table.stdout);
    let others = capabilities(&tenancy, &["--kind", "api_key"]);
    assert_eq!(others.code, 0, "what was not asked for is no gap: {}", others.stderr);
}

#[test]
fn kinds_users_files_and_waivers_narrow_the_list() {
    let tenancy = Tenancy::start(config());
    let path = tenancy.path("inventory.json.zst");
    assert_eq!(tenancy.audit(&["--quiet", "--save", path.to_str().unwrap()]).code, 0);
    let offline = |args: &[&str]| {
        let mut command = credage();
        command.args(["capabilities", "--as-of", NOW, "--format", "json", "--from"]).arg(&path).args(args);
        let run = finish(command);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.json()
    };
    let live = capabilities(&tenancy, &["--format", "json"]).json();
    let all = offline(&[]);
    assert_eq!((&all["capabilities"], &all["domains"]), (&live["capabilities"], &live["domains"]));
    let few = offline(&["--kind", "auth_token", "--user", "svc-*", "--unused"]);
    let rows = few["capabilities"].as_array().unwrap();
    assert!(!rows.is_empty());
    assert!(
        rows.iter()
            .all(|row| row["kind"] == "auth_token" && row["user_name"].as_str().unwrap().starts_with("svc-"))
    );
    let policy = tenancy.path("credage.toml");
    let text = "[[waiver]]\nuser = \"svc-*\"\nrule = \"unused-capability\"\nreason = \"on call\"\n\
                  approved_by = \"ciso\"\nuntil = 2026-12-31\n";
    std::fs::write(&policy, text).unwrap();
    let waived = offline(&["--unused", "--policy", policy.to_str().unwrap()]);
    let rows = waived["capabilities"].as_array().unwrap();
    assert!(
        !rows.is_empty() && rows.iter().all(|row| !row["user_name"].as_str().unwrap().starts_with("svc-"))
    );
    let kept = offline(&["--policy", policy.to_str().unwrap()]);
    let machine = |row: &&Value| row["status"] == "unused" && row["waived_until"] == "2026-12-31";
    assert!(
        kept["capabilities"].as_array().unwrap().iter().any(|row| machine(&row)),
        "it is shown with its waiver"
    );
}

#[test]
fn hostile_names_reach_nobody() {
    let tenancy = Tenancy::start(SimConfig { hostile_names: true, ..config() });
    let mut disarmed = 0;
    for args in [&["--rows", "0"][..], &["--unused", "--rows", "0"], &["--format", "csv"]] {
        let run = capabilities(&tenancy, args);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let harmful =
            |c: char| (c.is_control() && c != '\n' && c != '\r') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert_eq!(run.stdout.chars().find(|&c| harmful(c)), None, "{args:?}");
        if args.contains(&"csv") {
            for record in csv::Reader::from_reader(run.stdout.as_bytes()).records() {
                for cell in &record.unwrap() {
                    assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
                    disarmed += usize::from(cell.starts_with('\''));
                }
            }
        } else {
            let widest = run.stdout.lines().map(UnicodeWidthStr::width).max().unwrap();
            assert!(widest <= 80, "{widest}");
        }
    }
    assert!(disarmed > 0, "there were some to disarm");
}

#[test]
fn the_listing_is_what_its_schema_says() {
    let tenancy = Tenancy::start(config());
    let told = capabilities(&tenancy, &["--format", "json"]).json();
    let mut command = credage();
    command.args(["schema", "capabilities"]);
    let schema: Value = serde_json::from_str(&finish(command).stdout).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&told), keys(&schema["properties"]));
    assert_eq!(keys(&told["capabilities"][0]), keys(&schema["$defs"]["HoldingV1"]["properties"]));
    let written = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema/capabilities-v1.json");
    assert_eq!(serde_json::from_str::<Value>(&read(written.as_ref())).unwrap(), schema);
}
