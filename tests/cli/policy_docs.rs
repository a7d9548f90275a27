//! What is generated of the declarations is what stands in `docs/`; the schema takes what credage takes.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{Run, credage, finish, read};

fn run(args: &[&str]) -> Run {
    let mut command = credage();
    command.args(args);
    finish(command)
}

fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

#[test]
fn the_pages_in_docs_are_the_generated_ones() {
    for (args, page) in [
        (&["rules", "--format", "markdown"][..], "rules.md"),
        (&["policy", "reference"][..], "policy.md"),
        (&["schema", "policy"][..], "schema/policy-v1.json"),
    ] {
        let run = run(args);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let written = read(&docs(page));
        let anew = format!("write it anew: credage {} > docs/{page}", args.join(" "));
        for (number, (is, should)) in written.lines().zip(run.stdout.lines()).enumerate() {
            assert_eq!(is, should, "line {} of docs/{page}; {anew}", number + 1);
        }
        assert_eq!(written.len(), run.stdout.len(), "{anew}");
    }
}

#[test]
fn every_rule_has_a_section() {
    let (rules, page) = (run(&["rules", "--format", "json"]).json(), read(&docs("rules.md")));
    for rule in rules["rules"].as_array().unwrap() {
        let id = rule["id"].as_str().unwrap();
        let (_, section) = page.split_once(&format!("\n## {id}\n")).unwrap_or_else(|| panic!("{id}"));
        let section = section.split("\n## ").next().unwrap();
        for key in ["title", "meaning", "why", "fix"] {
            assert!(section.contains(rule[key].as_str().unwrap()), "{id}: {key}");
        }
        for setting in rule["settings"].as_array().unwrap() {
            assert!(section.contains(&format!("| `{}` |", setting["key"].as_str().unwrap())), "{id}");
        }
        for cis in rule["cis"].as_array().unwrap() {
            let (version, control) = (cis["version"].as_str().unwrap(), cis["control"].as_str().unwrap());
            assert!(section.contains(&format!("{version}: ")) && section.contains(control), "{id} {cis}");
        }
    }
}

#[test]
fn rules_are_listed_and_shown_with_their_levels_by_the_policy() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("credage.toml"),
        "[rules.stale-owner]\nlevel = \"critical\"\nafter = \"30d\"\n",
    )
    .unwrap();
    let rules = |args: &[&str]| {
        let mut command = credage();
        command.current_dir(folder.path()).arg("rules").args(args);
        finish(command)
    };
    let list = rules(&[]);
    assert_eq!(list.code, 0, "{}", list.stderr);
    let row = |start: &str| list.stdout.lines().find(|line| line.starts_with(start)).unwrap();
    let cells: Vec<&str> = row("stale-owner").split_whitespace().take(4).collect();
    assert_eq!(cells, ["stale-owner", "critical", "medium", "1.16"]);
    assert!(row("rotation-overdue").contains("1.8-1.11"));
    assert!(
        list.stdout.lines().all(|line| line.chars().count() <= 80 && !line.contains('…')),
        "{}",
        list.stdout
    );
    let one = rules(&["stale-owner"]);
    for text in
        ["Level critical (default medium)", "after = 30d", "Why it matters", "3.1: 1.16", "put --endpoint"]
    {
        assert!(one.stdout.contains(text), "{text}\n{}", one.stdout);
    }
    let json = rules(&["stale-owner", "--format", "json"]).json();
    assert_eq!(
        (&json["schema"], &json["rules"][0]["level"]),
        (&json!("credage.rules/v1"), &json!("critical"))
    );
    assert_eq!(json["rules"].as_array().unwrap().len(), 1);
    let unknown = rules(&["stale_ownr"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("write `stale-owner`"), "{}", unknown.stderr);
    assert_eq!(rules(&["stale-owner", "--format", "markdown"]).code, 2);
}

/// A TOML value as a schema sees it: dates are texts.
fn as_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(day) => json!(day.to_string()),
        toml::Value::Array(items) => items.iter().map(as_json).collect(),
        toml::Value::Table(keys) => keys.iter().map(|(key, value)| (key.clone(), as_json(value))).collect(),
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(truth) => json!(truth),
    }
}

#[test]
fn the_schema_takes_the_example_and_refuses_mistakes() {
    let schema: Value = run(&["schema", "policy"]).json();
    let (mut schemas, mut boon) = (boon::Schemas::new(), boon::Compiler::new());
    boon.add_resource("policy.json", schema).unwrap();
    let policy = boon.compile("policy.json", &mut schemas).unwrap();
    let takes = |text: &str| {
        let document: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
        schemas.validate(&as_json(&toml::Value::Table(document)), policy).map_err(|error| error.to_string())
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credage.toml");
    let path = path.to_str().unwrap();
    assert_eq!(run(&["policy", "init", path]).code, 0);
    let example = read(path.as_ref());
    takes(&example).unwrap();
    let mark = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with([' ', ':']) => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    let everything: String = example.lines().map(mark).collect();
    takes(&everything).unwrap();
    std::fs::write(path, &everything).unwrap();
    let checked = run(&["policy", "check", path]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert!(
        checked.stdout.contains("2 classes, 1 waiver, 4 rules changed, 5 channels"),
        "{}",
        checked.stdout
    );
    takes(&run(&["policy", "show", "--format", "toml", "--policy", path]).stdout).unwrap();
    for (right, wrong) in [
        ("max_age = \"90d\"", "max_agee = \"90d\""),
        ("max_age = \"90d\"", "max_age = \"soon\""),
        ("max_age = \"90d\"", "max_age = -1"),
        ("no-own-expiry = \"low\"", "no-own-expiry = \"hihg\""),
        ("level = \"high\"", "level = \"hihg\""),
        ("[rules.stale-owner]", "[rules.stale-ownr]"),
        ("after = \"60d\"", "afterr = \"60d\""),
        ("max = 2", "max = \"2\""),
        ("kind = \"api_key\"", "kind = \"api_keey\""),
        ("reason = ", "raeson = "),
        ("service_user = true", "service_user = \"yes\""),
        ("boundary = \"calendar\"", "boundary = \"calender\""),
        ("type = \"slack\"", "type = \"slak\""),
        ("password_file = ", "password = "),
    ] {
        assert!(everything.contains(right), "{right}");
        assert!(takes(&everything.replacen(right, wrong, 1)).is_err(), "{wrong}");
    }
}
