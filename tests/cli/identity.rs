//! A domain is the same domain however it is found and whatever it is called.

use std::collections::BTreeSet;

use credage_sim::EstateConfig;
use serde_json::Value;

use crate::harness::{NOW, Run, Tenancy, config, credage, finish};
use crate::tenancy::{Whole, spec};

/// A tenancy with a `Default`, and a second profile in another tenancy with a `Default` of its own.
fn two_tenancies() -> (Whole, Whole) {
    let one = Whole::start(EstateConfig {
        tenancy: "ocid1.tenancy.oc1..aaaaone".to_owned(),
        ..EstateConfig::new(vec![spec("Default", "premium", 1)])
    });
    let two = Whole::start(EstateConfig {
        tenancy: "ocid1.tenancy.oc1..aaaatwo".to_owned(),
        ..EstateConfig::new(vec![spec("Default", "premium", 101)])
    });
    one.estate.serve_neighbour(&two.estate);
    let first = std::fs::read_to_string(&one.files.config).unwrap();
    let second = std::fs::read_to_string(&two.files.config).unwrap();
    let second = second.lines().skip(2).collect::<Vec<_>>().join("\n");
    std::fs::write(&one.files.config, format!("{first}\n[TWO]\n{second}\n")).unwrap();
    (one, two)
}

fn policy(whole: &Whole, domain: &str) -> String {
    let path = whole.dir.path().join("credage.toml");
    let text = format!(
        "[[class]]\nname = \"chosen\"\nmatch = {{ domain = \"{domain}\" }}\nmax_age = 400\n\
         [[waiver]]\nuser = \"*\"\nkind = \"smtp_credential\"\ndomain = \"{domain}\"\nreason = \"r\"\napproved_by = \"a\"\n\
         until = 2026-12-31\n"
    );
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn rows<'r>(report: &'r Value, url: &str) -> Vec<&'r Value> {
    let all = report["credentials"].as_array().unwrap();
    all.iter().filter(|row| row["domain_url"].as_str() == Some(url)).collect()
}

/// The ids of a domain's credentials that are in the class, and whether all of its SMTP credentials are waived.
fn applied(report: &Value, url: &str) -> (usize, usize, bool) {
    let rows = rows(report, url);
    let chosen = rows.iter().filter(|row| row["class"] == "chosen").count();
    let smtp = rows.iter().filter(|row| row["kind"] == "smtp_credential" && row["unwaived"] != "fresh");
    (rows.len(), chosen, smtp.clone().count() > 0 && smtp.clone().all(|row| row["standing"] == "waived"))
}

fn fingerprints(report: &Value, url: &str) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let own = findings.filter(|finding| finding["domain_url"].as_str() == Some(url));
    own.map(|finding| finding["fingerprint"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_policy_means_a_domain_in_every_way_of_reading_it() {
    let (one, _two) = two_tenancies();
    let url = one.estate.domains()[0].url().to_owned();
    let report = one.report(&[]).1;
    let ocid = report["domains"][0]["ocid"].as_str().unwrap();
    let port = url.rsplit(':').next().unwrap();
    let spellings = ["Default", "default", "Def*", &url, &format!("HTTP://127.0.0.1:{port}/"), ocid];
    for domain in spellings {
        let policy = policy(&one, domain);
        let ways: [&[&str]; 3] =
            [&[], &["--domain-url", &url], &["--profile", "DEFAULT", "--profile", "TWO"]];
        for way in ways {
            let (run, report) = one.report(&[way, &["--policy", &policy]].concat());
            assert_eq!(run.code, 0, "{domain} {way:?}: {}", run.stderr);
            let (all, chosen, waived) = applied(&report, &url);
            assert!(
                all > 0 && chosen == all && waived,
                "{domain} {way:?}: {chosen} of {all}, waived {waived}"
            );
        }
    }
}

#[test]
fn findings_keep_their_fingerprints_in_every_way_of_reading() {
    let (one, two) = two_tenancies();
    let url = one.estate.domains()[0].url().to_owned();
    let saved = one.dir.path().join("inventory");
    let saved = saved.to_str().unwrap();
    let (_, discovered) = one.report(&["--save", saved]);
    let usual = fingerprints(&discovered, &url);
    assert!(usual.len() > 20, "{}", usual.len());
    let (_, by_url) = one.report(&["--domain-url", &url]);
    assert_eq!(fingerprints(&by_url, &url), usual);
    let (_, several) = one.report(&["--profile", "DEFAULT", "--profile", "TWO"]);
    assert_eq!(fingerprints(&several, &url), usual);
    let other = fingerprints(&several, two.estate.domains()[0].url());
    assert!(!other.is_empty() && other.is_disjoint(&usual), "of the other tenancy");
    let explained = |fingerprint: &str| {
        let mut command = credage();
        command.args(["explain", fingerprint, "--from", saved, "--as-of", NOW, "--json"]);
        finish(command)
    };
    for fingerprint in usual.iter().step_by(7) {
        let run = explained(fingerprint);
        assert_eq!(run.json()["finding"]["found"]["fingerprint"], fingerprint.as_str(), "{}", run.stderr);
    }
}

#[test]
fn domains_of_the_same_name_are_told_apart_and_keep_their_name() {
    let (one, two) = two_tenancies();
    let both = ["--profile", "DEFAULT", "--profile", "TWO"];
    let (run, report) = one.report(&both);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let domains = report["domains"].as_array().unwrap();
    assert!(domains.iter().all(|domain| domain["name"] == "Default"), "{domains:?}");
    assert_eq!((&domains[0]["profile"], &domains[1]["profile"]), (&"DEFAULT".into(), &"TWO".into()));
    let table = one.audit(&both).stdout;
    assert!(
        table.contains("Default (profile DEFAULT)") && table.contains("Default (profile TWO)"),
        "{table}"
    );
    let urls: BTreeSet<_> = [&one, &two].map(|whole| whole.estate.domains()[0].url().to_owned()).into();
    for format in ["csv", "findings-csv", "wide-csv"] {
        let column = |run: &Run, name: &str| {
            let mut lines = run.stdout.lines();
            let place = lines.next().unwrap().split(',').position(|each| each == name)?;
            Some(lines.map(|line| line.rsplit(',').next().unwrap().to_owned()).collect::<BTreeSet<_>>())
                .filter(|_| place > 0)
        };
        let several = one.audit(&[&both[..], &["--format", format]].concat());
        let found = column(&several, "domain_url").unwrap();
        assert!(urls.is_subset(&found), "{format}: {found:?}");
        let alone = one.audit(&["--format", format]);
        assert_eq!(column(&alone, "domain_url"), None, "{format}: nothing to tell apart");
    }
}

#[test]
fn what_a_url_does_not_tell_is_asked_only_where_the_policy_needs_it() {
    let one = Whole::start(EstateConfig::new(vec![spec("Default", "premium", 1)]));
    let url = one.estate.domains()[0].url().to_owned();
    let name = |args: &[&str]| one.report(&[&["--domain-url", &url], args].concat()).1["domains"][0].clone();
    let plain = name(&[]);
    assert_eq!((&plain["name"], &plain["ocid"]), (&url["http://".len()..].into(), &Value::Null));
    let named = name(&["--policy", &policy(&one, "Other")]);
    assert_eq!(named["name"], "Default", "the policy must know");
    assert_eq!(name(&["--policy", &policy(&one, &url)])["ocid"], Value::Null, "a URL is known already");
    let run = one.audit(&["--domain-url", &url, "--exclude-domain", "Default"]);
    assert!(run.code == 2 && run.stderr.contains("is not known"), "{run:?}");
    let run = one.audit(&["--domain-url", &url, "--exclude-domain", &format!("{url}/")]);
    assert!(run.code == 2 && run.stderr.contains("no domain"), "{run:?}");
}

#[test]
fn a_name_that_cannot_be_known_is_undecided_and_no_mismatch() {
    let tenancy = Tenancy::start(config());
    let path = tenancy.path("credage.toml");
    let audit = |domain: &str| {
        let class = format!(
            "[[class]]\nname = \"chosen\"\nmatch = {{ domain = \"{domain}\" }}\nmax_age = \"20d\"\nwarn_before = \"1d\"\n"
        );
        std::fs::write(&path, class).unwrap();
        tenancy.report(&["--policy", path.to_str().unwrap()])
    };
    let (run, report) = audit("Default");
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("chosen") || run.stdout.contains("chosen"), "{}", run.stderr);
    let rows = report["credentials"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["limit_days"] == 20), "the strictest limit that could apply");
    let (run, report) = audit(tenancy.sim.url());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(report["credentials"].as_array().unwrap().iter().all(|row| row["class"] == "chosen"));
    let (run, report) = audit("https://idcs-1.example.com");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(report["credentials"].as_array().unwrap().iter().all(|row| row["limit_days"] == 90));
}
