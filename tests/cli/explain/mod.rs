//! `credage explain`: what is known of one thing is what is so, from a saved inventory as from the tenancy itself.

mod finding;

use std::collections::BTreeMap;
use std::path::PathBuf;

use credage_sim::{Collection, Denied, DeniedHow, DomainSpec, EstateConfig, SimConfig, TruthRow};
use serde_json::Value;

use crate::harness::{NOW, Run, Tenancy, config, credage, finish, read};
use crate::tenancy::{Whole, spec};

/// `credage explain` of a tenancy, over the wire.
fn live(tenancy: &Tenancy, thing: &str, args: &[&str]) -> Run {
    let mut command = credage();
    command.args([
        "explain",
        thing,
        "--domain-url",
        tenancy.sim.url(),
        "--as-of",
        NOW,
        "--rate-limit",
        "none",
    ]);
    command.arg("--config-file").arg(&tenancy.files.config).args(args);
    finish(command)
}

/// The inventory of a tenancy in a file.
fn saved(tenancy: &Tenancy) -> PathBuf {
    let path = tenancy.path("inventory.json.zst");
    let run = tenancy.audit(&["--quiet", "--save", path.to_str().unwrap()]);
    assert!(matches!(run.code, 0 | 3), "{}", run.stderr);
    path
}

/// `credage explain` of a file.
fn explain(path: &std::path::Path, thing: &str, args: &[&str]) -> Run {
    let mut command = credage();
    command.args(["explain", thing, "--as-of", NOW, "--from"]).arg(path).args(args);
    finish(command)
}

fn json(path: &std::path::Path, thing: &str, args: &[&str]) -> Value {
    let run = explain(path, thing, &[&["--json"], args].concat());
    assert_eq!(run.code, 0, "{thing}: {}", run.stderr);
    run.json()
}

fn kind_of(collection: Collection) -> &'static str {
    match collection {
        Collection::ApiKeys => "api_key",
        Collection::AuthTokens => "auth_token",
        Collection::CustomerSecretKeys => "customer_secret_key",
        Collection::UserDbCredentials => "db_credential",
        Collection::OAuth2ClientCredentials => "oauth2_client_credential",
        Collection::SmtpCredentials => "smtp_credential",
        Collection::Users => "users",
    }
}

fn policy(tenancy: &Tenancy, text: &str) -> String {
    let path = tenancy.path("credage.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const POLICY: &str = r#"
[rotation]
max_age = "100d"
warn_before = "10d"
[[class]]
name = "machines"
match = { service_user = true }
max_age = "180d"
[[class]]
name = "services"
match = { user = "svc-*" }
[class.api_key]
max_age = "60d"
[[waiver]]
user = "svc-*"
kind = ["api_key", "auth_token"]
reason = "moved to instance principals next month"
approved_by = "ciso@example.com"
ticket = "SEC-7"
until = 2026-12-31
"#;

#[test]
fn every_credential_is_explained_as_it_is() {
    let tenancy = Tenancy::start(config());
    let (path, truth) = (saved(&tenancy), tenancy.sim.truth());
    let report = tenancy.audit(&["--format", "json"]).json();
    let judged: BTreeMap<&str, &Value> = report["credentials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| (each["credential_id"].as_str().unwrap(), each))
        .collect();
    for real in truth.iter().step_by(7) {
        let told = json(&path, &real.id, &[]);
        let credential = &told["credential"];
        assert_eq!((told["thing"].as_str(), told["complete"].as_bool()), (Some("credential"), Some(true)));
        assert_eq!(credential["credential_id"], real.id);
        assert_eq!(credential["kind"], kind_of(real.collection));
        let same = [
            "created",
            "last_set",
            "expires_on",
            "age_days",
            "due_on",
            "due_reason",
            "days_left",
            "standing",
        ];
        for field in same {
            assert_eq!(credential[field], judged[real.id.as_str()][field], "{field} of {}", real.id);
        }
        let user = &told["user"];
        assert_eq!(
            (user["user_id"].as_str().unwrap(), user["listed"].as_bool()),
            (&*real.owner, Some(real.owner_listed))
        );
        let owned = truth.iter().filter(|other| other.owner == real.owner);
        assert_eq!(user["credentials"].as_array().unwrap().len(), owned.count(), "everything of the owner");
        let basis = if real.last_set.is_some() { "lastSetDate" } else { "meta.created" };
        assert_eq!(credential["age_basis"], basis);
    }
}

#[test]
fn a_file_and_the_wire_tell_the_same() {
    let tenancy = Tenancy::start(config());
    let path = saved(&tenancy);
    let real = tenancy.sim.truth().into_iter().find(|row| row.collection == Collection::ApiKeys).unwrap();
    let strip = |run: Run| {
        let mut value = run.json();
        value["collected_at"] = Value::Null;
        // A saved audit without classes by tag has read none.
        value["user"]["tags"] = Value::Null;
        value["user"]["unknown"].as_array_mut().unwrap().retain(|attribute| attribute != "tags");
        value
    };
    let (one, two) = (live(&tenancy, &real.id, &["--json"]), explain(&path, &real.id, &["--json"]));
    assert_eq!(one.code, 0, "{}", one.stderr);
    assert_eq!(strip(one), strip(two));
    let mut demo = credage();
    demo.args(["explain", "credage-auditor", "--demo", "--as-of", NOW]);
    let run = finish(demo);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with("User credage-auditor in Demo"), "{}", run.stdout);
}

#[test]
fn a_user_is_found_by_name_id_ocid_and_mail() {
    let tenancy = Tenancy::start(SimConfig { users: 40, odd_users: false, ..config() });
    let path = saved(&tenancy);
    let real = tenancy.sim.truth().into_iter().find(|row| row.user_name.contains('@')).unwrap();
    let user = json(&path, &real.user_name, &[])["user"].clone();
    assert_eq!(user["user_id"], real.owner);
    let mail = user["email"].as_str().unwrap().to_uppercase();
    for name in [real.user_name.to_uppercase(), real.owner.to_uppercase(), mail] {
        assert_eq!(json(&path, &name, &[])["user"]["user_id"], real.owner, "{name}");
    }
    assert_eq!(json(&path, user["user_ocid"].as_str().unwrap(), &[])["user"], user);
    let (head, _) = real.user_name.split_once('@').unwrap();
    assert_eq!(json(&path, head, &[])["user"]["user_id"], real.owner, "a beginning is enough");
    let text = explain(&path, &real.user_name, &[]).stdout;
    for part in ["Account", "May create and has", "Class", "none; the general limits hold", "of 3"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn what_is_not_there_or_not_one_is_said() {
    let whole =
        Whole::start(EstateConfig::new(vec![spec("Default", "free", 1), spec("Partners", "premium", 2)]));
    let file = whole.dir.path().join("inventory.json.zst");
    assert_eq!(whole.audit(&["--quiet", "--save", file.to_str().unwrap()]).code, 0);
    let run = explain(&file, "person14@example.com", &[]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr.contains("means several things") && run.stderr.contains("in Partners"),
        "{}",
        run.stderr
    );
    let run = explain(&file, "person14@example.com", &["--domain", "Partners"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains(" in Partners"), "{}", run.stdout);
    let run = explain(&file, "credage-auditr", &["--domain", "Default"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("did you mean credage-auditor?"), "{}", run.stderr);
    let run = explain(&file, "svc", &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.lines().next().unwrap().len() < 2_000, "{}", run.stderr);
    let run = explain(&file, "ffffffffffffffffffffffffffffffff", &[]);
    assert_eq!(run.code, 2, "no finding of this fingerprint: {}", run.stdout);
}

fn machine_key(tenancy: &Tenancy) -> TruthRow {
    let mut rows = tenancy.sim.truth().into_iter();
    rows.find(|row| row.collection == Collection::ApiKeys && row.user_name.starts_with("svc-")).unwrap()
}

#[test]
fn the_class_the_limit_and_the_waiver_say_where_they_come_from() {
    let tenancy = Tenancy::start(config());
    let (path, policy, real) = (saved(&tenancy), policy(&tenancy, POLICY), machine_key(&tenancy));
    let told = json(&path, &real.id, &["--policy", &policy]);
    let (credential, user) = (&told["credential"], &told["user"]);
    assert_eq!((credential["class"].as_str(), user["class"].as_str()), (Some("services"), Some("services")));
    assert_eq!(credential["limit"]["max_age_days"], 60);
    assert_eq!(credential["limit"]["max_age_key"], "class.services.api_key.max_age");
    assert!(
        credential["limit"]["max_age_origin"].as_str().unwrap().ends_with("credage.toml line 13"),
        "{credential}"
    );
    let claims = user["claims"].as_array().unwrap();
    assert_eq!(
        claims.iter().map(|claim| claim["class"].as_str().unwrap()).collect::<Vec<_>>(),
        ["services", "machines"]
    );
    assert_eq!(claims[0]["before_next_by"], "closeness");
    assert_eq!(user["waivers"][0]["ticket"], "SEC-7");
    let text = explain(&path, &real.id, &["--policy", &policy]).stdout;
    for part in [
        "by class.services.api_key.max_age",
        "behind services: a pattern of user names is closer than a type of user",
        "+ 60 days =",
        "API keys do not expire by themselves",
        "days are       instants",
        "How to rotate it",
        "oci identity-domains api-key create",
        "oci identity-domains api-key delete",
    ] {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(part) || flat.contains(part), "{part} in {text}");
    }
    let flagged = json(&path, &real.id, &["--max-age", "30d"]);
    assert_eq!(flagged["credential"]["limit"]["max_age_origin"], "option --max-age");
}

#[test]
fn a_waived_credential_says_where_it_would_stand() {
    let tenancy = Tenancy::start(config());
    let (path, policy) = (saved(&tenancy), policy(&tenancy, POLICY));
    let overdue = tenancy.sim.truth().into_iter().find(|row| {
        row.collection == Collection::ApiKeys
            && row.user_name.starts_with("svc-")
            && row.created.is_some_and(|made| made.to_string().as_str() < "2026-04-02")
    });
    let overdue = overdue.unwrap();
    let told = json(&path, &overdue.id, &["--policy", &policy]);
    assert_eq!(told["credential"]["standing"], "waived");
    assert_eq!(told["credential"]["standing_without_waiver"], "overdue");
    assert_eq!(told["credential"]["waiver"]["approved_by"], "ciso@example.com");
    let text = explain(&path, &overdue.id, &["--policy", &policy]).stdout;
    assert!(text.contains("waived (else overdue since"), "{text}");
}

#[test]
fn places_that_are_taken_come_before_the_new_one() {
    let tenancy = Tenancy::start(SimConfig { whale: Some((Collection::AuthTokens, 2)), ..config() });
    let path = saved(&tenancy);
    let mut owned: BTreeMap<String, Vec<TruthRow>> = BTreeMap::new();
    for row in tenancy.sim.truth().into_iter().filter(|row| row.collection == Collection::AuthTokens) {
        owned.entry(row.owner.clone()).or_default().push(row);
    }
    let now = crate::harness::instant(NOW);
    let alive = |row: &TruthRow| row.expires_on.is_none_or(|end| end > now) && row.owner_listed;
    let full = owned.values().find(|rows| rows.len() >= 2 && rows.iter().all(alive)).unwrap();
    let text = explain(&path, &full[0].id, &[]).stdout;
    assert!(text.contains("All 2 places that a user has for this kind are taken"), "{text}");
    let free = owned.values().find(|rows| rows.len() == 1 && rows.iter().all(alive)).unwrap();
    let text = explain(&path, &free[0].id, &[]).stdout;
    assert!(!text.contains("places that a user has") && text.contains("auth-token create"), "{text}");
}

#[test]
fn what_bears_on_it_and_was_not_read_is_said() {
    let denied = Denied { collection: Collection::SmtpCredentials, how: DeniedHow::Status(403) };
    let tenancy = Tenancy::start(SimConfig { denied: vec![denied], ..config() });
    let path = saved(&tenancy);
    let real = machine_key(&tenancy);
    let run = explain(&path, &real.user_name, &["--json"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let told = run.json();
    assert_eq!(
        (told["complete"].as_bool(), told["gaps"][0]["what"].as_str()),
        (Some(false), Some("smtp_credential"))
    );
    assert!(!told["gaps"][0]["hint"].as_str().unwrap().is_empty());
    let text = explain(&path, &real.user_name, &[]);
    assert!(
        text.stdout.contains("NOT COMPLETE") && text.stdout.contains("smtp_credential: unreadable"),
        "{}",
        text.stdout
    );
    assert_eq!(explain(&path, &real.id, &[]).code, 0, "an API key has nothing to do with it");
}

#[test]
fn hostile_names_obey_nobody() {
    let tenancy = Tenancy::start(SimConfig { hostile_names: true, ..config() });
    let path = saved(&tenancy);
    let mut armed = 0;
    for real in tenancy.sim.truth().iter().step_by(6) {
        armed += usize::from(real.user_name.chars().any(char::is_control));
        for thing in [&real.id, &real.owner] {
            let run = explain(&path, thing, &[]);
            assert_eq!(run.code, 0, "{}", run.stderr);
            let harmful = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
            assert_eq!(run.stdout.chars().find(|&c| harmful(c)), None, "{}", run.stdout);
        }
    }
    assert!(armed > 0, "there were some to disarm");
}

#[test]
fn the_explanation_is_what_its_schema_says() {
    let tenancy = Tenancy::start(config());
    let (path, policy, real) = (saved(&tenancy), policy(&tenancy, POLICY), machine_key(&tenancy));
    let told = json(&path, &real.id, &["--policy", &policy]);
    let mut command = credage();
    command.args(["schema", "explanation"]);
    let schema: Value = serde_json::from_str(&finish(command).stdout).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&told), keys(&schema["properties"]));
    assert_eq!(told["schema"], "credage.explanation/v1");
    let of = |name: &str| keys(&schema["$defs"][name]["properties"]);
    assert_eq!(keys(&told["credential"]), of("CredentialV1"));
    assert_eq!(keys(&told["user"]), of("UserV1"));
    assert_eq!(keys(&told["user"]["claims"][0]), of("ClaimV1"));
    let written = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema/explanation-v1.json");
    assert_eq!(serde_json::from_str::<Value>(&read(written.as_ref())).unwrap(), schema);
}

#[test]
fn two_domains_keep_their_own() {
    let mut specs: Vec<DomainSpec> = vec![spec("Default", "free", 1), spec("Partners", "premium", 2)];
    specs[1].compartment = 1;
    let whole = Whole::start(EstateConfig::new(specs));
    let file = whole.dir.path().join("inventory.json.zst");
    assert_eq!(whole.audit(&["--quiet", "--save", file.to_str().unwrap()]).code, 0);
    for (sim, name) in whole.estate.domains().iter().zip(["Default", "Partners"]) {
        for real in sim.truth().iter().step_by(9) {
            let told = json(&file, &format!("{}/{}", kind_of(real.collection), real.id), &[]);
            assert_eq!(told["credential"]["domain"]["name"], name);
            assert_eq!(told["user"]["user_name"], real.user_name);
        }
    }
}
