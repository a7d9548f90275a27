//! The search for domains, and what each of them lets be read.

use credage_sim::{
    Collection, Denied, DeniedHow, EstateConfig, Fault, FaultAction, ListingPolicies, ListingPolicy, Place,
    SimConfig,
};
use serde_json::Value;

use super::{
    assert_problem, check, doctor, domain, healthy, json_of, kinds, statements, text, verdict, with_file,
};
use crate::harness::{Run, Tenancy, config, finish};
use crate::tenancy::{Whole, spec};

#[test]
fn rights_that_the_search_lacks_are_named_as_statements() {
    let specs = || vec![spec("Default", "free", 1)];
    let of = |config| doctor(&Whole::start(config), &[]);
    let (run, json) = of(EstateConfig { denied_compartments: vec![1], ..EstateConfig::new(specs()) });
    assert_eq!(run.code, 3, "{json:#}");
    assert_problem(&json, "search", "domains of the compartment team-1", "policy of the root compartment");
    assert_eq!(statements(&json), ["allow group 'Default'/'CredAudit' to read domains in tenancy"]);
    assert!(text(&json, "search", "uncertain").contains("`domains`"));
    assert!(text(&json, "search", "request_id").starts_with("SIMULATED/"));
    let (_, json) = of(EstateConfig { compartments_denied: true, ..EstateConfig::new(specs()) });
    assert_eq!(statements(&json), ["allow group 'Default'/'CredAudit' to inspect compartments in tenancy"]);
    let none = EstateConfig { denied_compartments: vec![0, 1, 2], ..EstateConfig::new(specs()) };
    let (run, json) = of(none);
    assert_eq!(run.code, 4);
    assert_eq!(json["prospect"], "nothing");
    let whole = healthy();
    let (run, json) = doctor(&whole, &["--domain", "Parners"]);
    assert_eq!(run.code, 2);
    assert_problem(&json, "domains", "no domain Parners", "Default, Partners");
    let (run, json) = doctor(&whole, &["--exclude-domain", "Default", "--exclude-domain", "Partners"]);
    assert_eq!(run.code, 2);
    assert_problem(&json, "domains", "no domain that was asked for", "credage domains");
}

fn denied(collection: Collection, how: DeniedHow) -> (Run, Value) {
    let mut specs = vec![spec("Default", "free", 1)];
    specs[0].config.denied = vec![Denied { collection, how }];
    doctor(&Whole::start(EstateConfig::new(specs)), &[])
}

#[test]
fn kinds_that_may_not_be_read_are_told_with_their_statements() {
    let read_users = "allow group 'Default'/'CredAudit' to read users in tenancy";
    let inspect = "allow group 'Default'/'CredAudit' to inspect credentials in tenancy";
    let (run, json) = denied(Collection::SmtpCredentials, DeniedHow::Status(403));
    assert_eq!(run.code, 3);
    assert_problem(&json, "smtp_credential", "403", "policy of the root compartment");
    assert_eq!(statements(&json), [inspect]);
    assert!(text(&json, "smtp_credential", "uncertain").contains("role inside it"));
    assert_eq!(verdict(&json, "api_key"), "ok");
    assert_eq!(kinds(domain(&json, "Default"))[5], ("smtp_credential", None));
    for how in [DeniedHow::EmptyOk, DeniedHow::OwnOnly] {
        let (run, json) = denied(Collection::ApiKeys, how);
        assert_eq!(run.code, 3, "{how:?}: {json:#}");
        assert_problem(&json, "api_key", "are shown, although", "policy");
        assert_eq!(statements(&json), [read_users]);
        let own = if how == DeniedHow::EmptyOk { "problem" } else { "ok" };
        assert_eq!(verdict(&json, "own_key"), own, "{how:?}");
    }
    let (run, json) = denied(Collection::Users, DeniedHow::Status(404));
    assert_eq!(run.code, 3);
    assert_problem(&json, "users", "404", "policy");
    assert_eq!(verdict(&json, "api_key"), "ok", "kinds are looked at all the same");
    let (run, json) = denied(Collection::Users, DeniedHow::EmptyOk);
    assert_eq!(run.code, 3);
    assert_problem(&json, "users", "empty", "policy");
    let (run, json) = denied(Collection::Users, DeniedHow::Status(401));
    assert_eq!(run.code, 4);
    assert_problem(&json, "users", "401", "compare the profile with the console");
    assert_eq!(verdict(&json, "kinds"), "skipped");
}

#[test]
fn statements_stand_on_one_line_each_and_once() {
    let mut specs = vec![spec("Default", "free", 1)];
    let how = DeniedHow::Status(403);
    specs[0].config.denied =
        Collection::CREDENTIALS.into_iter().map(|collection| Denied { collection, how }).collect();
    let whole = Whole::start(EstateConfig::new(specs));
    let run = finish(whole.command(&["doctor"]));
    assert_eq!(run.code, 4, "users without credentials are nothing to audit: {}", run.stdout);
    for statement in ["read users in tenancy", "inspect credentials in tenancy"] {
        let line = format!("\n  allow group 'Default'/'CredAudit' to {statement}\n");
        assert_eq!(run.stdout.matches(&line).count(), 1, "{}", run.stdout);
    }
    assert!(run.stdout.contains("\nproblem  SMTP credential: 403"), "{}", run.stdout);
    assert!(run.stdout.contains("Not certain: whether a domain"), "{}", run.stdout);
    assert!(run.stdout.contains("exit code 4"), "{}", run.stdout);
}

#[test]
fn the_listing_that_an_audit_would_take_is_found() {
    let policies = [
        (ListingPolicy::AnyFilter, "filtered"),
        (ListingPolicy::UserFilter, "filtered"),
        (ListingPolicy::NamedUsers, "batched"),
        (ListingPolicy::OneUser, "single"),
    ];
    for (policy, listing) in policies {
        let mut specs = vec![spec("Default", "free", 1)];
        specs[0].config.listing = ListingPolicies::credentials(policy);
        let whole = Whole::start(EstateConfig::new(specs));
        let (run, json) = doctor(&whole, &[]);
        assert_eq!(run.code, 0, "{json:#}");
        let group = domain(&json, "Default");
        assert!(kinds(group).iter().all(|(_, found)| *found == Some(listing)), "{listing}: {group:#}");
        let asked = whole.estate.domains()[0].stats().requests;
        assert!(asked <= 40, "{listing}: {asked} requests");
        let (_, report) = whole.report(&[]);
        let taken: Vec<_> = report["domains"][0]["kinds"].as_array().unwrap().iter().collect();
        assert!(taken.iter().all(|kind| kind["listing"] == listing), "the audit agrees: {taken:#?}");
        let (foreseen, needed) = (
            group["domain"]["estimate"]["requests"].as_u64().unwrap(),
            report["domains"][0]["requests"].as_u64().unwrap(),
        );
        assert!(
            (needed / 2..=needed * 3).contains(&foreseen),
            "{listing}: {foreseen} foreseen, {needed} needed"
        );
    }
}

#[test]
fn one_sick_domain_hides_no_other() {
    let mut specs = vec![
        spec("Asleep", "free", 1),
        spec("Away", "premium", 2),
        spec("Gone", "free", 3),
        spec("Moved", "free", 4),
        spec("Well", "something-new", 5),
    ];
    specs[0].state = "INACTIVE";
    specs[1].place = Place::HomeRegion;
    specs[2].place = Place::Nowhere;
    let elsewhere = "127.0.0.1:9".parse().unwrap();
    specs[3].config.faults =
        vec![Fault { collection: None, nth: 1, times: u64::MAX, action: FaultAction::Redirect(elsewhere) }];
    let whole = Whole::start(EstateConfig::new(specs));
    let (run, json) = doctor(&whole, &[]);
    assert_eq!(run.code, 3, "{json:#}");
    let of = |name: &str, subject: &str| {
        let group = serde_json::json!({"groups": [domain(&json, name)]});
        check(&group, subject).clone()
    };
    let asleep = of("Asleep", "state");
    assert_eq!(asleep["verdict"], "problem");
    assert!(asleep["remedy"].as_str().unwrap().contains("--exclude-domain"), "{asleep:#}");
    assert!(of("Away", "region")["detail"].as_str().unwrap().contains("home region"));
    assert_eq!(of("Away", "smtp_credential")["verdict"], "ok");
    assert_eq!(of("Gone", "connection")["verdict"], "problem");
    assert_eq!(of("Gone", "kinds")["verdict"], "skipped");
    let moved = of("Moved", "users");
    assert!(moved["detail"].as_str().unwrap().contains("redirects to http://127.0.0.1:9/"), "{moved:#}");
    assert!(moved["remedy"].as_str().unwrap().contains("own URL"), "{moved:#}");
    assert_eq!(of("Well", "licence")["verdict"], "warning");
    assert_eq!(of("Well", "own_key")["verdict"], "ok");
}

#[test]
fn an_empty_kind_is_a_warning_and_under_a_strict_policy_a_problem() {
    let few = SimConfig { users: 12, credentials: Some(8), ..config() };
    let tenancy = Tenancy::start(few);
    let doctor = |args: &[&str]| {
        json_of(with_file(&tenancy.files.config, &[&["--domain-url", tenancy.sim.url()], args].concat()))
    };
    let (usual, json) = doctor(&[]);
    let empty = ["auth_token", "customer_secret_key", "db_credential", "smtp_credential"];
    let empty = empty.into_iter().find(|kind| verdict(&json, kind) == "warning").expect("one kind is empty");
    let (strict, json) = doctor(&["--strict"]);
    assert_eq!((usual.code, strict.code), (0, 3), "{json:#}");
    assert_eq!(verdict(&json, empty), "problem");
}

#[test]
fn a_domain_without_the_index_says_what_cannot_be_proven() {
    let tenancy = Tenancy::start(SimConfig { index: false, odd_users: false, ..config() });
    let (run, json) = json_of(with_file(&tenancy.files.config, &["--domain-url", tenancy.sim.url()]));
    assert_eq!((run.code, verdict(&json, "users")), (0, "warning"), "{json:#}");
    let bare = SimConfig { index: false, users: 2, credentials: Some(1), odd_users: false, ..config() };
    let tenancy = Tenancy::start(bare);
    let (run, json) = json_of(with_file(&tenancy.files.config, &["--domain-url", tenancy.sim.url()]));
    assert_eq!(run.code, 3);
    assert_eq!(verdict(&json, "smtp_credential"), "warning");
    assert_problem(&json, "visibility", "no kind shows more", "policy");
}
