//! `credage doctor`: every mistake is a line with its remedy, and none keeps the others from being seen.

mod domains;
mod network;
mod sign_in;

use std::path::Path;

use assert_cmd::Command;
use credage_sim::EstateConfig;
use serde_json::Value;

use crate::harness::{Run, credage, finish};
use crate::tenancy::{Whole, spec};

fn healthy() -> Whole {
    Whole::start(EstateConfig::new(vec![spec("Default", "free", 1), spec("Partners", "premium", 2)]))
}

/// `credage doctor --json` with a profile of this tenancy.
fn doctor(whole: &Whole, args: &[&str]) -> (Run, Value) {
    let run = finish(whole.command(&[&["doctor", "--json", "--retries", "0"], args].concat()));
    let json = run.json();
    (run, json)
}

/// The same with another configuration file, and the Identity service of nobody in particular.
fn with_file(path: &Path, args: &[&str]) -> Command {
    let mut command = credage();
    command.args(["doctor", "--json", "--retries", "0", "--config-file"]).arg(path).args(args);
    command
}

fn json_of(command: Command) -> (Run, Value) {
    let run = finish(command);
    let json = run.json();
    (run, json)
}

fn checks(json: &Value) -> impl Iterator<Item = &Value> {
    json["groups"].as_array().unwrap().iter().flat_map(|group| group["checks"].as_array().unwrap())
}

/// The first check of a subject that did not end well, else the first.
fn check<'j>(json: &'j Value, subject: &str) -> &'j Value {
    let mut of_subject = checks(json).filter(|check| check["subject"] == subject);
    let first = of_subject.next().unwrap_or_else(|| panic!("no check of {subject}: {json:#}"));
    if first["verdict"] == "problem" {
        return first;
    }
    of_subject.find(|check| check["verdict"] == "problem").unwrap_or(first)
}

fn verdict<'j>(json: &'j Value, subject: &str) -> &'j str {
    check(json, subject)["verdict"].as_str().unwrap()
}

fn text<'j>(json: &'j Value, subject: &str, field: &str) -> &'j str {
    check(json, subject)[field].as_str().unwrap_or_else(|| panic!("{:#}", check(json, subject)))
}

/// A problem whose detail and remedy hold these words.
fn assert_problem(json: &Value, subject: &str, detail: &str, remedy: &str) {
    let found = check(json, subject);
    assert_eq!(found["verdict"], "problem", "{found:#}");
    assert!(text(json, subject, "detail").contains(detail), "{detail}: {found:#}");
    assert!(text(json, subject, "remedy").contains(remedy), "{remedy}: {found:#}");
}

fn statements(json: &Value) -> Vec<&str> {
    json["statements"].as_array().unwrap().iter().map(|each| each.as_str().unwrap()).collect()
}

fn kinds(group: &Value) -> Vec<(&str, Option<&str>)> {
    let kinds = group["domain"]["kinds"].as_array().unwrap().iter();
    kinds.map(|kind| (kind["kind"].as_str().unwrap(), kind["listing"].as_str())).collect()
}

/// The group of a domain whose title begins so.
fn domain<'j>(json: &'j Value, name: &str) -> &'j Value {
    let mut groups = json["groups"].as_array().unwrap().iter();
    groups.find(|group| group["title"].as_str().unwrap().starts_with(name)).unwrap()
}

#[test]
fn a_healthy_tenancy_is_told_to_be_one() {
    let whole = healthy();
    let (run, json) = doctor(&whole, &[]);
    assert_eq!(run.code, 0, "{json:#}");
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    assert_eq!((&json["schema"], &json["prospect"]), (&"credage.doctor/v1".into(), &"complete".into()));
    assert_eq!((&json["counts"]["problem"], &json["counts"]["warning"]), (&0.into(), &0.into()));
    for subject in ["profile", "key", "tenancy", "proxy", "authorities", "connection", "clock", "domains"] {
        assert_eq!(verdict(&json, subject), "ok", "{subject}");
    }
    #[cfg(unix)]
    assert!(text(&json, "key_file", "detail").contains("mode 600"));
    for (name, second, minute) in [("Default", 16, 120), ("Partners", 72, 4000)] {
        let group = domain(&json, name);
        assert!(kinds(group).iter().all(|(_, listing)| *listing == Some("whole")), "{group:#}");
        assert_eq!(group["domain"]["requests_per_second"], second);
        assert_eq!(group["domain"]["requests_per_minute"], minute);
        assert_eq!(group["domain"]["estimate"]["requests"], 7, "users and six kinds, a page each");
    }
    assert_eq!(json["estimate"]["requests"], 14);
    assert_eq!(
        checks(&json).filter(|check| check["subject"] == "own_key" && check["verdict"] == "ok").count(),
        2
    );
    for sim in whole.estate.domains() {
        let stats = sim.stats();
        assert!(stats.requests <= 12, "a look is cheap: {stats:?}");
        assert_eq!(stats.rate_limited(), 0);
    }
    let people = finish(whole.command(&["doctor"]));
    assert_eq!(people.code, 0);
    for line in
        ["ok       clock: ", "ok       API key: ", "An audit can read everything", "It takes about 14"]
    {
        assert!(people.stdout.contains(line), "{line}: {}", people.stdout);
    }
    assert!(!people.stdout.contains('\u{1b}'));
    let coloured = finish(whole.command(&["doctor", "--color", "always"])).stdout;
    assert!(coloured.contains("\u{1b}[32mok\u{1b}[0m "), "{coloured}");
}

#[test]
fn the_demo_needs_nothing() {
    let mut command = credage();
    command.args(["doctor", "--demo", "--json"]).env("HTTPS_PROXY", "http://127.0.0.1:9");
    let (run, json) = json_of(command);
    assert_eq!(run.code, 0, "{json:#}");
    let listings: Vec<_> =
        kinds(domain(&json, "Demo")).into_iter().filter_map(|(_, listing)| listing).collect();
    assert_eq!(listings, ["whole", "filtered", "whole", "single", "whole", "whole"]);
    let mut command = credage();
    command.args(["doctor", "--demo"]);
    assert!(finish(command).stdout.contains("Look at your own tenancy"));
}

#[test]
fn the_schema_describes_the_format() {
    let mut command = credage();
    command.args(["schema", "doctor"]);
    let run = finish(command);
    let schema = run.json();
    assert_eq!(schema["title"], "credage.doctor/v1");
    let (_, json) = doctor(&healthy(), &[]);
    let required = schema["required"].as_array().unwrap();
    assert!(required.iter().all(|field| json.get(field.as_str().unwrap()).is_some()), "{required:?}");
    let check = &schema["$defs"]["CheckV1"]["properties"];
    let first = json["groups"][0]["checks"][0].as_object().unwrap();
    assert!(first.keys().all(|key| check.get(key).is_some()), "{first:?}");
}
