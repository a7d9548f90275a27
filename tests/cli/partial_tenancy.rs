//! What one malformed domain or one broken profile costs the others: nothing.

use credage_sim::EstateConfig;

use crate::harness::{assert_same, credage, finish, ids};
use crate::tenancy::{Whole, domain, names, one, spec};

#[test]
fn a_malformed_entry_costs_no_other_domain() {
    use serde_json::json;
    let odd_domains = vec![
        json!({"id": "ocid1.domain.oc1..young", "displayName": "Young", "url": null, "homeRegionUrl": null,
            "lifecycleState": "CREATING"}),
        json!({"id": "ocid1.domain.oc1..bare", "displayName": "Bare", "url": null, "lifecycleState": "ACTIVE"}),
        json!({"id": "ocid1.domain.oc1..odd", "displayName": "Odd", "url": 7, "licenseType": [], "homeRegion": {}}),
        json!({"id": null, "displayName": "Nameless", "url": "no url", "replicaRegions": [null, 1]}),
        json!({"displayName": null, "id": "ocid1.domain.oc1..anonymous"}),
        // The same id a second time, elsewhere.
        json!({"displayName": "Double", "id": "ocid1.domain.oc1..anonymous", "url": "ftp://x"}),
        json!(null),
        json!({"url": ["https://x"]}),
    ];
    let whole =
        Whole::start(EstateConfig { odd_domains, ..EstateConfig::new(vec![spec("Default", "free", 1)]) });
    let (run, report) = whole.report(&["--retries", "1"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(domain(&report, "Default")["complete"], true);
    assert_same(&ids(&report), &whole.truth());
    for (name, said) in [
        ("Young", "CREATING"),
        ("Bare", "without a URL"),
        ("Odd", "without a URL"),
        ("Nameless", "`no url` is not a URL"),
        ("ocid1.domain.oc1..anonymous", "without a URL"),
        ("Double", "`ftp://x` is neither https://"),
    ] {
        let found = domain(&report, name);
        assert_eq!(found["complete"], false, "{name}");
        let reason = found["users"]["coverage"]["reason"].as_str().unwrap();
        assert!(reason.contains(said), "{name}: {reason}");
    }
    let gaps = report["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), 2, "for what has neither id nor name: {gaps:?}");
    assert!(gaps.iter().all(|gap| gap["what"] == "read all domains of the compartment root"), "{gaps:?}");
    let table = whole.audit(&["--retries", "1"]);
    assert!(table.stdout.contains("Young") && table.stdout.contains("NOT COMPLETE"), "{}", table.stdout);
    let listed = finish(whole.command(&["domains"]));
    assert_eq!(listed.code, 3, "{}", listed.stderr);
    assert!(listed.stdout.contains("Young") && listed.stdout.contains("Default"), "{}", listed.stdout);
}

/// A tenancy, a profile that it lets in, GONE without its key, and FAR of a realm that nobody knows.
fn with_broken_profiles() -> Whole {
    let whole = Whole::start(EstateConfig::new(vec![spec("Default", "free", 1)]));
    let good = std::fs::read_to_string(&whole.files.config).unwrap();
    let own = good.lines().skip(2).collect::<Vec<_>>().join("\n");
    let gone = own.replace(whole.files.key.to_str().unwrap(), "/nonexistent/key.pem");
    let foreign = own.replace("tenancy.oc1.", "tenancy.oc17.").replace("us-ashburn-1", "us-dcc-phoenix-1");
    std::fs::write(&whole.files.config, format!("{good}\n[GONE]\n{gone}\n\n[FAR]\n{foreign}\n")).unwrap();
    whole
}

#[test]
fn a_broken_profile_costs_no_other_tenancy() {
    let whole = with_broken_profiles();
    let (run, report) = whole.report(&["--profile", "GONE", "--profile", "DEFAULT"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(names(&report), ["Default"]);
    assert_same(&ids(&report), &whole.truth());
    assert_eq!(report["complete"], false);
    assert_eq!(report["gaps"][0]["what"], "sign in with the profile GONE");
    assert!(report["gaps"][0]["reason"].as_str().unwrap().contains("/nonexistent/key.pem"));
    assert!(run.stderr.contains("could not sign in with the profile GONE"), "{}", run.stderr);
    let csv = whole.audit(&["--profile", "GONE", "--profile", "DEFAULT", "--format", "csv"]).stdout;
    assert!(csv.contains("could not sign in with the profile GONE"), "{csv}");
    let listed = finish(whole.command(&["domains", "--profile", "DEFAULT", "--profile", "GONE"]));
    assert_eq!(listed.code, 3, "{}", listed.stderr);
    let looked = finish(whole.command(&["doctor", "--json", "--profile", "DEFAULT", "--profile", "GONE"]));
    assert_eq!((looked.code, &looked.json()["prospect"]), (3, &"incomplete".into()), "{}", looked.stdout);
}

#[test]
fn a_tenancy_that_cannot_be_searched_is_in_no_other_one_s_way() {
    let whole = with_broken_profiles();
    // The other one ends at a proxy that nobody runs.
    let mut command = credage();
    command.args([
        "domains",
        "--format",
        "json",
        "--retries",
        "0",
        "--profile",
        "FAR",
        "--profile",
        "DEFAULT",
    ]);
    command.arg("--config-file").arg(&whole.files.config).env("HTTPS_PROXY", "http://127.0.0.1:9");
    let run = finish(command);
    assert_eq!(run.code, 4, "{}", run.stderr);
    let what = |place: usize| run.json()["gaps"][place]["what"].as_str().unwrap().to_owned();
    let all = [what(0), what(1)];
    assert!(all.contains(&"search the tenancy of the profile FAR".to_owned()), "{all:?}");
    assert!(all.iter().any(|what| what.contains("identity.us-ashburn-1.oci.oraclecloud.com")), "{all:?}");
}

#[test]
fn profiles_that_are_all_broken_end_the_run() {
    let whole = with_broken_profiles();
    let run = whole.audit(&["--profile", "GONE", "--profile", "NONE"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("/nonexistent/key.pem") && run.stderr.contains("no profile NONE"),
        "{}",
        run.stderr
    );
    let run = whole.audit(&["--profile", "GONE"]);
    assert_eq!(run.code, 2, "alone it is a mistake");
    // Two profiles are two, even if one of them is broken.
    let url = whole.estate.domains()[0].url();
    let mut command = credage();
    command.args([
        "audit",
        "--profile",
        "DEFAULT",
        "--profile",
        "GONE",
        "--domain-url",
        url,
        "--config-file",
    ]);
    let run = finish({
        command.arg(&whole.files.config);
        command
    });
    assert!(run.code == 2 && run.stderr.contains("several profiles"), "{run:?}");
}

#[test]
fn a_caller_that_the_region_does_not_know_is_told_of_subscriptions() {
    let start = || Whole::start(EstateConfig::new(one()));
    let (one, two) = (start(), start());
    let mut command = credage();
    command.args(["domains", "--format", "json", "--identity-endpoint", one.estate.url(), "--config-file"]);
    command.arg(&two.files.config);
    let run = finish(command);
    assert_eq!(run.code, 4, "{}", run.stderr);
    let hint = run.json()["gaps"][0]["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("subscribed to this region") && hint.contains("--region"), "{hint}");
    assert!(!hint.contains("domain"), "no domain was asked yet: {hint}");
}
