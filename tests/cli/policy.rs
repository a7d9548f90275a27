//! The policy file: where it is found, what lies over it, what it changes, and what bad input gets.

use std::fs;
use std::path::Path;

use credage_core::Kind;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{
    NOW, Run, Tenancy, assert_same, assert_whole, config, credage, finish, ids, instant, read,
};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// `credage policy …` in a folder with an environment of its own.
fn policy(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = credage();
    command.current_dir(folder).envs(env.iter().copied()).arg("policy").args(args);
    finish(command)
}

fn shown(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Value {
    let run = policy(folder, env, &[&["show", "--as-of", NOW, "--format", "json"], args].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.json()
}

fn general(document: &Value) -> (u64, &str) {
    let age = &document["limits"][0]["max_age_days"];
    (age["value"].as_u64().unwrap(), age["origin"]["from"].as_str().unwrap())
}

#[test]
fn the_file_is_found_where_it_is_looked_for_first() {
    let folder = folder();
    let (home, xdg) = (folder.path().join("home"), folder.path().join("xdg"));
    let here = folder.path().join("here");
    fs::create_dir_all(&here).unwrap();
    let limit = |days: u32| format!("[rotation]\nmax_age = {days}\n");
    let env = [("HOME", home.to_str().unwrap()), ("XDG_CONFIG_HOME", xdg.to_str().unwrap())];
    assert_eq!(general(&shown(&here, &env, &[])), (90, "default"));
    write(&home, ".config/credage/credage.toml", &limit(81));
    assert_eq!(general(&shown(&here, &env[..1], &[])).0, 81);
    assert_eq!(general(&shown(&here, &env, &[])).0, 90, "XDG_CONFIG_HOME stands for ~/.config");
    write(&xdg, "credage/credage.toml", &limit(82));
    assert_eq!(general(&shown(&here, &env, &[])).0, 82);
    write(&here, "credage.toml", &limit(83));
    let document = shown(&here, &env, &[]);
    assert_eq!((general(&document).0, document["file"].as_str()), (83, Some("credage.toml")));
    let named = write(folder.path(), "named.toml", &limit(84));
    let with_name = [env[0], env[1], ("CREDAGE_POLICY", named.as_str())];
    assert_eq!(general(&shown(&here, &with_name, &[])).0, 84);
    let other = write(folder.path(), "other.toml", &limit(85));
    assert_eq!(general(&shown(&here, &with_name, &["--policy", &other])).0, 85);
    let run = policy(&here, &env, &["show", "--policy", "nowhere.toml"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("there is no policy file nowhere.toml"), "{}", run.stderr);
    let odd = [("XDG_CONFIG_HOME", "/dev/null")];
    assert_eq!(general(&shown(folder.path(), &odd, &[])), (90, "default"), "no folder is no file");
}

#[test]
fn a_flag_lies_over_the_environment_over_the_file_over_the_default() {
    let folder = folder();
    let from = |document: &Value| {
        let (days, from) = general(document);
        (days, from.to_owned())
    };
    assert_eq!(from(&shown(folder.path(), &[], &[])), (90, "default".to_owned()));
    write(
        folder.path(),
        "credage.toml",
        "[rotation]\nmax_age = \"80d\"\n[rotation.api_key]\nmax_age = \"50d\"\n",
    );
    let document = shown(folder.path(), &[], &[]);
    assert_eq!(from(&document), (80, "file".to_owned()));
    assert_eq!(document["limits"][0]["max_age_days"]["origin"]["line"], 2);
    assert_eq!(document["limits"][0]["warn_before_days"]["origin"]["from"], "default");
    let env = [("CREDAGE_MAX_AGE", "70d")];
    assert_eq!(from(&shown(folder.path(), &env, &[])), (70, "environment".to_owned()));
    let document = shown(folder.path(), &env, &["--max-age", "60d"]);
    assert_eq!(from(&document), (60, "option".to_owned()));
    let api_key = &document["limits"][1];
    assert_eq!(
        (api_key["kind"].as_str(), api_key["max_age_days"]["value"].as_u64()),
        (Some("api_key"), Some(50))
    );
    let run = policy(folder.path(), &env, &["show", "--warn-before", "10"]);
    for text in ["70 days  CREDAGE_MAX_AGE", "10 days  --warn-before", "50 days  line 4"] {
        assert!(run.stdout.contains(text), "{text}\n{}", run.stdout);
    }
    let run = policy(folder.path(), &[("CREDAGE_MAX_AGE", "soon")], &["show"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("CREDAGE_MAX_AGE: `soon` is not a number of days"), "{}", run.stderr);
}

#[test]
fn bad_input_is_shown_with_what_to_write_before_anything_is_asked() {
    let waiver = "[[waiver]]\nuser = \"ada\"\napproved_by = \"b\"\nuntil = 2026-07-01\n";
    let with_reason = waiver.replace("user", "reason = \"r\"\nuser");
    let class = |name: &str, group: &str| {
        format!("[[class]]\nname = \"{name}\"\nmatch = {{ group = \"{group}\" }}\n")
    };
    let cases = [
        (
            "[rotation]\nmax_agee = \"60d\"\n".to_owned(),
            "line 2 column 1: unknown key `max_agee`",
            "write `max_age`",
        ),
        ("[rotation]\nmax_age = \"-5d\"\n".to_owned(), "line 2 column 11: `-5d` is not a number of days", ""),
        (
            "[rotation]\nmax_age = \"99999d\"\n".to_owned(),
            "line 2 column 11: `99999d` is more than 36500 days",
            "",
        ),
        (
            format!("{with_reason}{with_reason}"),
            "line 6 column 1: this waiver and the one in line 1",
            "join them",
        ),
        (waiver.to_owned(), "line 1 column 1: the waiver has no `reason`", "add such as reason ="),
        (
            "[[class]]\nname = \"x\"\nmatch = { user = \"^svc-.*\" }\n".to_owned(),
            "line 3 column 18: `^svc-.*` looks like a regular expression",
            "svc-*",
        ),
        (
            format!("{}{}", class("a", "A"), class("b", "B")),
            "line 5 column 8: the classes `a` (line 2) and `b` could claim the same user with equal right",
            "priority = 1",
        ),
        (
            "[rules]\nstale-owner = \"hihg\"\n".to_owned(),
            "line 2 column 15: `hihg` is no level",
            "write \"high\"",
        ),
    ];
    let tenancy = Tenancy::start(config());
    for (text, message, hint) in cases {
        let file = write(tenancy.dir.path(), "bad.toml", &text);
        let run = tenancy.audit(&["--policy", &file]);
        assert_eq!(run.code, 2, "{text}\n{}", run.stderr);
        assert!(run.stdout.is_empty());
        assert!(run.stderr.contains(&format!("{file} {message}")), "{text}\n{}", run.stderr);
        assert!(run.stderr.contains(hint), "{text}\n{}", run.stderr);
        let lines: Vec<&str> = run.stderr.lines().collect();
        let number = message.split(' ').nth(1).unwrap();
        let line = text.lines().nth(number.parse::<usize>().unwrap() - 1).unwrap();
        assert_eq!(lines[1], format!("  {number} | {line}"), "the line as it stands");
        assert!(lines[2].trim_start().starts_with("| ") && lines[2].ends_with('^'), "{}", run.stderr);
    }
    let run = tenancy.audit(&["--max-age", "5d"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("add --warn-before 5 or less"), "{}", run.stderr);
    assert_eq!(tenancy.stats().requests, 0);
}

#[test]
fn days_of_the_calendar_change_verdicts() {
    let tenancy = Tenancy::start(config());
    let (_, usual) = tenancy.report(&[]);
    let rows = usual["credentials"].as_array().unwrap();
    let basis = |row: &Value| {
        let text = row["last_set"].as_str().or(row["created"].as_str());
        text.and_then(|text| text.parse::<jiff::Timestamp>().ok()).filter(|at| *at <= instant(NOW))
    };
    let date = |at: jiff::Timestamp| jiff::tz::TimeZone::UTC.to_datetime(at).date();
    let days = |at: jiff::Timestamp| i64::from((date(instant(NOW)) - date(at)).get_days());
    // Somebody whose key becomes a day older at midnight, not at the hour of its making.
    let between = |row: &&Value| {
        let age = row["age_days"].as_i64();
        row["expires_on"].is_null()
            && age.is_some_and(|age| age > 20 && basis(row).is_some_and(|at| days(at) > age))
    };
    let chosen = rows.iter().find(between).unwrap();
    let limit = days(basis(chosen).unwrap());
    let text = format!("boundary = \"calendar\"\ntime_zone = \"UTC\"\n[rotation]\nmax_age = {limit}\n");
    let file = write(tenancy.dir.path(), "calendar.toml", &text);
    let (run, calendar) = tenancy.report(&["--policy", &file]);
    assert_whole(&tenancy, &run, &calendar);
    let (_, instants) = tenancy.report(&["--max-age", &limit.to_string()]);
    let standing = |report: &Value| {
        let mut rows = report["credentials"].as_array().unwrap().iter();
        rows.find(|row| row["credential_id"] == chosen["credential_id"]).unwrap()["standing"].clone()
    };
    assert_eq!((standing(&instants), standing(&calendar)), ("due_soon".into(), "overdue".into()));
    for row in calendar["credentials"].as_array().unwrap() {
        assert_eq!(row["age_days"].as_i64(), basis(row).map(days), "{row}");
    }
}

#[test]
fn limits_of_kinds_and_classes_set_the_days_on_which_things_are_due() {
    let tenancy = Tenancy::start(config());
    let text = "[rotation]\nmax_age = \"100d\"\n[rotation.api_key]\nmax_age = \"60d\"\n[rotation.smtp_credential]\nexempt = true\n\
                [[class]]\nname = \"services\"\nmatch = { user = \"svc-*\" }\nmax_age = \"40d\"\n[class.auth_token]\nmax_age = \"25d\"\n";
    let file = write(tenancy.dir.path(), "limits.toml", text);
    let (run, report) = tenancy.report(&["--policy", &file]);
    assert_whole(&tenancy, &run, &report);
    let limit = |service: bool, kind: Kind| match (service, kind) {
        (true, Kind::AuthToken) => Some(25),
        (true, _) => Some(40),
        (false, Kind::ApiKey) => Some(60),
        (false, Kind::SmtpCredential) => None,
        (false, _) => Some(100),
    };
    let mut seen = std::collections::BTreeSet::new();
    for row in report["credentials"].as_array().unwrap() {
        let at = |key: &str| row[key].as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
        let Some(basis) = at("last_set").or(at("created")).filter(|at| *at <= instant(NOW)) else { continue };
        let service = row["user_name"].as_str().unwrap().to_lowercase().starts_with("svc-");
        let kind: Kind = row["kind"].as_str().unwrap().parse().unwrap();
        let by_age = limit(service, kind).map(|days| basis + jiff::SignedDuration::from_hours(24 * days));
        let due = [by_age, at("expires_on")].into_iter().flatten().min();
        assert_eq!(at("due_on"), due, "{row}");
        seen.insert((service, kind));
    }
    assert!(seen.len() > 8, "people and services with most kinds: {seen:?}");
}

#[test]
fn waivers_make_things_waived_and_hide_nothing() {
    let tenancy = Tenancy::start(config());
    let (_, usual) = tenancy.report(&[]);
    let text = "[[waiver]]\nuser = \"svc-*\"\nkind = [\"api_key\", \"auth_token\"]\nreason = \"moving\"\napproved_by = \"ciso\"\nuntil = 2026-06-01\n";
    let file = write(tenancy.dir.path(), "waived.toml", text);
    let (run, report) = tenancy.report(&["--policy", &file]);
    assert_whole(&tenancy, &run, &report);
    assert_same(&ids(&report), &ids(&usual));
    let mut waived = 0;
    for before in usual["credentials"].as_array().unwrap() {
        let mut rows = report["credentials"].as_array().unwrap().iter();
        let after = rows.find(|row| row["credential_id"] == before["credential_id"]).unwrap();
        let meant = before["user_name"].as_str().unwrap().to_lowercase().starts_with("svc-")
            && matches!(before["kind"].as_str(), Some("api_key" | "auth_token"));
        if meant && before["standing"] != "fresh" {
            assert_eq!(after["standing"], "waived", "{before}");
            waived += 1;
        } else {
            assert_eq!(after["standing"], before["standing"], "{before}");
        }
        assert_eq!(after["due_on"], before["due_on"], "a waiver moves no day");
    }
    assert!(waived > 3, "{waived}");
    assert_eq!(report["summary"]["waived"], waived);
    // The day after, it has ended.
    let mut command = tenancy.command(&["--format", "json", "--policy", &file]);
    command.args(["--as-of", "2026-06-02"]);
    assert_eq!(finish(command).json()["summary"]["waived"], 0);
    // A look back at a day from which the end is far off is not refused.
    let mut command = tenancy.command(&["--format", "json", "--policy", &file]);
    command.args(["--as-of", "2024-06-02"]);
    assert_eq!(finish(command).code, 0);
}

#[test]
fn a_check_tells_every_mistake_or_what_the_file_holds() {
    let folder = folder();
    let check = |args: &[&str]| policy(folder.path(), &[], &[&["check", "--as-of", NOW], args].concat());
    let run = check(&[]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("there is no policy file") && run.stderr.contains("policy init"),
        "{}",
        run.stderr
    );
    let bad = write(
        folder.path(),
        "bad.toml",
        "boundary = \"calender\"\n[rotation]\nmax_age = 0\n[rules]\nno-such = \"low\"\n[[channel]]\ntype = \"fax\"\n",
    );
    let run = check(&[&bad]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert_eq!(run.stderr.matches("error: ").count(), 4, "{}", run.stderr);
    for text in [
        "line 1 column 12",
        "line 3 column 11",
        "line 5 column 1",
        "line 7 column 8: `fax` is no type of channel",
        "hint: write \"calendar\"",
    ] {
        assert!(run.stderr.contains(text), "{text}\n{}", run.stderr);
    }
    let waiver = |user: &str, until: &str| {
        format!("[[waiver]]\nuser = \"{user}\"\nreason = \"r\"\napproved_by = \"b\"\nuntil = {until}\n")
    };
    let text = format!(
        "[rules]\nno-own-expiry = \"low\"\n{}{}{}{}",
        waiver("ada", "2026-05-31"),
        waiver("bea", "2026-06-01"),
        waiver("cid", "2026-06-10"),
        waiver("dan", "2026-12-31")
    );
    write(folder.path(), "credage.toml", &text);
    let run = check(&[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        run.stdout,
        "credage.toml: right; 90 days in general, no classes, 4 waivers, 1 rule changed, no channels, days counted by instants\n"
    );
    let warnings: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(warnings.len(), 3, "{}", run.stderr);
    assert!(warnings[0].contains("line 3: the waiver (user ada) ended with 2026-05-31"), "{}", run.stderr);
    assert!(warnings[1].contains("2026-06-01 is the last day of the waiver (user bea)"), "{}", run.stderr);
    assert!(warnings[2].contains("(user cid) ends in 10 days, after 2026-06-10"), "{}", run.stderr);
    let run = policy(folder.path(), &[], &["show", "--as-of", NOW]);
    for text in ["user ada: EXPIRED", "user bea: EXPIRES SOON", "user dan: holds until 2026-12-31"] {
        assert!(run.stdout.contains(text), "{text}\n{}", run.stdout);
    }
}

#[test]
fn the_example_is_written_whole_once_and_is_right() {
    let folder = folder();
    let init = |args: &[&str]| policy(folder.path(), &[], &[&["init"], args].concat());
    let run = init(&[]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.contains("credage policy check"), "{}", run.stderr);
    let path = folder.path().join("credage.toml");
    let written = read(&path);
    assert_eq!(policy(folder.path(), &[], &["check"]).code, 0);
    fs::write(&path, "# mine\n").unwrap();
    let run = init(&[]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("credage.toml is there already") && run.stderr.contains("--force"),
        "{}",
        run.stderr
    );
    assert_eq!(read(&path), "# mine\n");
    assert_eq!(init(&["--force"]).code, 0);
    assert_eq!(read(&path), written);
    assert_eq!(init(&["nowhere/credage.toml"]).code, 2);
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["credage.toml"], "nothing half-written is left");
}

#[test]
fn the_policy_as_toml_is_the_same_policy() {
    let folder = folder();
    let text = "boundary = \"calendar\"\ntime_zone = \"Europe/Berlin\"\n[rotation.api_key]\nmax_age = \"60d\"\n\
                [[class]]\nname = \"m\"\nmatch = { service_user = true }\nexempt = true\n[rules.stale-owner]\nafter = \"30d\"\n";
    write(folder.path(), "credage.toml", text);
    let run = policy(folder.path(), &[], &["show", "--format", "toml", "--max-age", "80d"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let again = write(folder.path(), "again.toml", &run.stdout);
    let mut documents =
        [shown(folder.path(), &[], &["--max-age", "80d"]), shown(folder.path(), &[], &["--policy", &again])];
    for document in &mut documents {
        forget_places(document);
    }
    assert_eq!(documents[0], documents[1]);
}

/// Leaves out where values come from.
fn forget_places(value: &mut Value) {
    match value {
        Value::Object(keys) => {
            for place in ["origin", "line", "file"] {
                keys.remove(place);
            }
            keys.values_mut().for_each(forget_places);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_places),
        _ => {}
    }
}

#[test]
fn a_file_of_any_size_is_read_or_refused() {
    let folder = folder();
    let waiver = |number: u32| {
        format!(
            "[[waiver]]\nuser = \"{number:032x}\"\nreason = \"r\"\napproved_by = \"a\"\nuntil = 2026-12-31\n{}",
            "# a comment that somebody wrote\n".repeat(15)
        )
    };
    let many: String = (0..20_000).map(waiver).collect();
    assert!(many.len() > 10_000_000);
    let path = write(folder.path(), "many.toml", &many);
    let run = policy(folder.path(), &[], &["check", &path, "--as-of", NOW]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("20000 waivers"), "{}", run.stdout);
    let path = write(folder.path(), "larger.toml", &"#".repeat(17 * 1024 * 1024));
    let run = policy(folder.path(), &[], &["check", &path]);
    assert!(run.code == 2 && run.stderr.contains("is larger than 16 MiB"), "{}", run.stderr);
}
