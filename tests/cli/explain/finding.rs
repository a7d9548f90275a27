//! One finding, by the fingerprint that every report gives it.

use credage_sim::Collection;
use serde_json::Value;

use super::{POLICY, explain, json, machine_key, policy, saved};
use crate::harness::{Tenancy, config, finish};

#[test]
fn a_finding_is_explained_by_its_fingerprint() {
    let tenancy = Tenancy::start(config());
    let path = saved(&tenancy);
    let mut seen = std::collections::BTreeSet::new();
    for real in tenancy.sim.truth().iter().step_by(5) {
        let told = json(&path, &real.id, &[]);
        let found = told["credential"]["findings"].as_array().unwrap().iter();
        let found: Vec<&Value> = found.chain(told["user"]["findings"].as_array().unwrap()).collect();
        for finding in
            found.into_iter().filter(|finding| seen.insert(finding["rule"].as_str().unwrap().to_owned()))
        {
            let fingerprint = finding["fingerprint"].as_str().unwrap();
            let again = json(&path, fingerprint, &[]);
            assert_eq!(
                (again["thing"].as_str(), &again["finding"]["rule"]),
                (Some("finding"), &finding["rule"])
            );
            assert_eq!(&again["finding"]["found"], finding, "found again as it was");
            assert!(!again["finding"]["why"].as_str().unwrap().is_empty());
            assert!(!again["steps"].as_array().unwrap().is_empty(), "{again}");
            assert_eq!(again["user"]["user_id"], real.owner);
            let text = explain(&path, fingerprint, &[]).stdout;
            assert!(text.contains("How to mend it") && text.contains("meaning"), "{text}");
        }
    }
    assert!(
        seen.contains("rotation-overdue") && seen.contains("unused-capability") && seen.len() > 6,
        "{seen:?}"
    );
    let overdue = tenancy.sim.truth().into_iter().find(|row| {
        row.collection == Collection::ApiKeys
            && row.created.is_some_and(|at| at.to_string().as_str() < "2026-02-01")
    });
    let told = json(&path, &overdue.unwrap().id, &[]);
    let rules = told["credential"]["findings"].as_array().unwrap();
    let finding = rules.iter().find(|finding| finding["rule"] == "rotation-overdue").unwrap();
    let mended = explain(&path, finding["fingerprint"].as_str().unwrap(), &["--max-age", "2000d"]);
    assert_eq!(mended.code, 0, "{}", mended.stderr);
    assert!(mended.stdout.contains("finds nothing about this (any more)"), "{}", mended.stdout);
}

#[test]
fn a_waiver_that_ended_is_explained_too() {
    let tenancy = Tenancy::start(config());
    let (path, policy) = (saved(&tenancy), policy(&tenancy, POLICY));
    let mut command = tenancy.command(&["--policy", &policy, "--format", "json", "--as-of", "2027-01-02"]);
    command.arg("--quiet");
    let report = finish(command).json();
    let mut findings = report["findings"].as_array().unwrap().iter();
    let ended = findings.find(|finding| finding["rule"] == "waiver-expired").unwrap();
    let args = ["--policy", &policy, "--as-of", "2027-01-02"];
    let told = json(&path, ended["fingerprint"].as_str().unwrap(), &args);
    assert_eq!((&told["thing"], &told["finding"]["rule"]), (&"finding".into(), &ended["rule"]));
    assert_eq!(told["finding"]["found"]["fingerprint"], ended["fingerprint"]);
    let means = &told["finding"]["found"]["facts"][1];
    assert_eq!(means["value"], "user svc-*, kind api_key, auth_token", "{told}");
    assert!(!told["steps"].as_array().unwrap().is_empty(), "{told}");
    let run = explain(&path, "svc-", &["--policy", &policy, "--as-of", "2027-01-02"]);
    assert_eq!(run.code, 2, "a beginning of many names");
    let real = machine_key(&tenancy);
    let text = explain(&path, &real.user_name, &["--policy", &policy, "--as-of", "2027-01-02"]).stdout;
    assert!(text.contains("ended after 2026-12-31: moved to instance principals"), "{text}");
}
