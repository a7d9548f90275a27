//! The CIS numbers of the rules, held against the benchmark's own.
//!
//! Source: CIS Oracle Cloud Infrastructure Foundations Benchmark 1.2.0, 2.0.0 and 3.1.0, section 1, identity and access
//! management. Numbers shift between versions; SMTP and OAuth 2.0 client credentials are in none of them.

use std::collections::BTreeSet;

use super::*;
use crate::kind::Kind;

type Control = (&'static str, Option<Kind>, [Option<&'static str>; 3]);

const VERSIONS: [&str; 3] = ["1.2", "2.0", "3.1"];

/// For each rule, and kind where the control is about one: the controls of the three versions.
const CONTROLS: [Control; 9] = [
    // Ensure MFA is enabled for all users with a console password.
    ("owner-without-mfa", None, [Some("1.7"), Some("1.7"), Some("1.7")]),
    // Ensure user API keys rotate within 90 days.
    ("rotation-overdue", Some(Kind::ApiKey), [Some("1.8"), Some("1.8"), Some("1.8")]),
    // Ensure user customer secret keys rotate every 90 days.
    ("rotation-overdue", Some(Kind::CustomerSecretKey), [Some("1.9"), Some("1.9"), Some("1.9")]),
    // Ensure user auth tokens rotate within 90 days or less.
    ("rotation-overdue", Some(Kind::AuthToken), [Some("1.10"), Some("1.10"), Some("1.10")]),
    // Ensure user IAM database passwords rotate within 90 days.
    ("rotation-overdue", Some(Kind::DbCredential), [None, Some("1.11"), Some("1.11")]),
    // Ensure API keys are not created for tenancy administrator users.
    ("administrator-api-key", None, [Some("1.11"), Some("1.12"), Some("1.12")]),
    // Ensure all OCI IAM local user accounts have a valid and current email address.
    ("owner-without-email", None, [Some("1.12"), Some("1.13"), Some("1.13")]),
    // Ensure OCI IAM credentials unused for 45 days or more are disabled.
    ("stale-owner", None, [None, None, Some("1.16")]),
    // Ensure there is only one active API key for any single OCI IAM user.
    ("excess-api-keys", None, [None, None, Some("1.17")]),
];

#[test]
fn the_numbers_are_those_of_the_benchmark() {
    let mut wanted = BTreeSet::new();
    for (rule, kind, numbers) in CONTROLS {
        for (version, number) in VERSIONS.into_iter().zip(numbers) {
            wanted.extend(number.map(|number| (rule, version, number, kind)));
        }
    }
    let mut declared = BTreeSet::new();
    for rule in &REGISTRY {
        for cis in rule.meta.cis {
            let new = declared.insert((rule.meta.id, cis.version, cis.control, cis.kind));
            assert!(new, "{} says {} twice", rule.meta.id, cis.control);
        }
    }
    assert_eq!(declared, wanted);
}

#[test]
fn defaults_are_what_the_benchmark_asks_for() {
    assert_eq!(crate::Limit::DEFAULT_MAX_AGE.get(), 90);
    let preset = |id: &str| &by_id(id).unwrap().settings[0].default;
    assert!(matches!(preset("stale-owner"), Preset::Days(45)));
    assert!(matches!(preset("excess-api-keys"), Preset::Count(1)));
}

#[test]
fn every_rule_is_declared_in_full_and_under_the_name_of_its_file() {
    let ids: BTreeSet<&str> = REGISTRY.iter().map(|rule| rule.meta.id).collect();
    assert_eq!(ids.len(), REGISTRY.len(), "each id once");
    for rule in &REGISTRY {
        let meta = rule.meta;
        assert!(meta.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", meta.id);
        for text in [meta.meaning, meta.why, meta.fix] {
            assert!(text.ends_with('.') && !text.contains("  "), "{}: {text}", meta.id);
        }
        assert!(!meta.title.is_empty() && !meta.title.ends_with('.'), "{}", meta.id);
        let file = format!("{}/src/rules/{}.rs", env!("CARGO_MANIFEST_DIR"), meta.id.replace('-', "_"));
        assert!(std::path::Path::new(&file).is_file(), "{file}");
    }
}
