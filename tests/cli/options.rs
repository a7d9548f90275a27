//! What one can ask for, and how a run ends.

use credage_sim::{Collection, SimConfig};
use jiff::Timestamp;

use crate::harness::{NOW, Run, Tenancy, assert_whole, config, credage, finish, instant, kind, verdict};

fn run(args: &[&str]) -> Run {
    let mut command = credage();
    command.args(args);
    finish(command)
}

#[test]
fn the_demo_needs_nothing() {
    let run = run(&["audit", "--demo", "--as-of", "2026-11-24"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for text in ["Work list", "By rule", "By kind: Demo", "filtered", "single", "Next steps"] {
        assert!(run.stdout.contains(text), "{text}:\n{}", run.stdout);
    }
    assert!(!run.stdout.contains('\u{1b}'), "no colour where there is no terminal");
    assert!(run.stderr.is_empty(), "{}", run.stderr);
}

#[test]
fn kinds_and_users_can_be_chosen() {
    let tenancy = Tenancy::start(config());
    let (run, report) = tenancy.report(&["--kind", "api-keys", "--kind", "smtp_credential"]);
    assert_eq!(run.code, 0);
    assert_eq!(verdict(&report, "auth_token"), "not_applicable");
    assert_eq!(kind(&report, "auth_token")["requests"], 0);
    let wanted = tenancy.count(Collection::ApiKeys) + tenancy.count(Collection::SmtpCredentials);
    assert_eq!(report["credentials"].as_array().unwrap().len(), wanted);
    let (_, report) = tenancy.report(&["--user", "SVC-*"]);
    let rows = report["credentials"].as_array().unwrap();
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["user_name"].as_str().unwrap().starts_with("svc-")));
    let real = tenancy.sim.truth().iter().filter(|row| row.user_name.starts_with("svc-")).count();
    assert_eq!(rows.len(), real);
}

#[test]
fn limits_and_time_move_the_verdicts() {
    let tenancy = Tenancy::start(config());
    let count = |args: &[&str]| tenancy.report(args).1["summary"]["overdue"].as_u64().unwrap();
    let usual = count(&[]);
    assert!(count(&["--max-age", "30d", "--warn-before", "5"]) > usual);
    assert!(count(&["--max-age", "52w"]) < usual);
    let (_, all) = tenancy.report(&["--all-users"]);
    assert!(!all["users_without_credentials"].as_array().unwrap().is_empty());
}

#[test]
fn exit_codes_follow_the_findings() {
    let tenancy = Tenancy::start(config());
    assert_eq!(tenancy.audit(&[]).code, 0);
    assert_eq!(tenancy.audit(&["--fail-on", "overdue"]).code, 1);
    assert_eq!(tenancy.audit(&["--fail-on", "due-soon"]).code, 1);
    let young = ["--kind", "api_key", "--max-age", "36500", "--warn-before", "0"];
    assert_eq!(tenancy.audit(&[&young[..], &["--fail-on", "due-soon"]].concat()).code, 0);
}

#[test]
fn usage_is_checked_before_anything_is_asked() {
    let tenancy = Tenancy::start(config());
    let cases: [(&[&str], &str); 8] = [
        (&["--max-age", "10", "--warn-before", "20"], "give at most 10"),
        (&["--max-age", "soon"], "whole days or weeks"),
        (&["--kind", "password"], "the kinds are"),
        (&["--format", "pdf"], "the formats are"),
        (&["--write", "csv"], "FORMAT=PATH"),
        (&["--write", "csv=/nonexistent/dir/x.csv"], "could not be written"),
        (&["--write", "csv=/dev/null"], "is no file"),
        (&["--rate-limit", "fast"], "is not a rate limit"),
    ];
    for (args, message) in cases {
        let run = tenancy.audit(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.stderr.contains(message), "{args:?}: {}", run.stderr);
        assert!(run.stdout.is_empty());
    }
    assert_eq!(tenancy.stats().requests, 0);
}

#[test]
fn urls_that_would_leak_are_refused() {
    for (url, message) in [
        ("http://idcs-1.identity.oraclecloud.com", "in the clear"),
        ("idcs-1.identity.oraclecloud.com", "is not a URL"),
        ("https://ada:secret@example.com", "carries a user name"),
        ("https://example.com/ui", "root of the domain"),
    ] {
        let run = run(&["audit", "--domain-url", url]);
        assert_eq!(run.code, 2, "{url}");
        assert!(run.stderr.contains(message), "{}", run.stderr);
    }
    assert_eq!(run(&["audit"]).code, 2, "somewhere to look is needed");
}

#[test]
fn nobody_at_home_is_said() {
    let tenancy = Tenancy::start(config());
    let mut command = credage();
    // A port that was free a moment ago and that nobody listens on.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    command.args(["audit", "--retries", "0", "--domain-url", &format!("http://{free}"), "--config-file"]);
    command.arg(&tenancy.files.config);
    let run = finish(command);
    assert_eq!(run.code, 4);
    assert!(run.stdout.contains("no connection"), "{}", run.stdout);
}

#[test]
fn several_domains_are_one_report() {
    let (one, two) = (Tenancy::start(config()), Tenancy::start(SimConfig { seed: 2, ..config() }));
    // The second domain does not know the first one's key.
    let (run, report) = one.report(&["--domain-url", two.sim.url(), "--domain-url", one.sim.url()]);
    assert_eq!(run.code, 3, "one domain's refusal is a gap");
    assert_eq!(report["domains"].as_array().unwrap().len(), 2, "the repeated one counts once");
    assert_eq!(report["domains"][0]["complete"], true);
    assert_eq!(report["domains"][1]["users"]["coverage"]["status"], 401);
    assert_eq!(report["credentials"].as_array().unwrap().len(), one.truth().len());
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_an_error() {
    let tenancy = Tenancy::start(config());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_credage"));
    command.args(["audit", "--demo", "--format", "csv"]).stdout(full).stderr(std::process::Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be written to standard output"));
    drop(tenancy);
}

#[cfg(unix)]
#[test]
fn interrupting_leaves_no_file() {
    let latency = std::time::Duration::from_secs(20);
    let tenancy = Tenancy::start(SimConfig { latency, ..config() });
    let file = tenancy.path("never.csv");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_credage"));
    command
        .env_clear()
        .args(["audit", "--domain-url", tenancy.sim.url(), "--config-file"])
        .arg(&tenancy.files.config);
    command.args(["--write", &format!("csv={}", file.display())]).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    while tenancy.stats().requests == 0 {
        std::thread::yield_now();
    }
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing was written"));
    assert!(!file.exists());
}

#[test]
fn quiet_and_verbose_speak_on_standard_error_alone() {
    let tenancy = Tenancy::start(config());
    let usual = tenancy.audit(&["--format", "csv"]);
    let quiet = tenancy.audit(&["--format", "csv", "--quiet"]);
    let verbose = tenancy.audit(&["--format", "csv", "-vv"]);
    assert_eq!((&usual.stdout, &usual.stdout), (&quiet.stdout, &verbose.stdout));
    assert!(quiet.stderr.is_empty());
    assert!(verbose.stderr.contains("/admin/v1/Users"));
    let (run, report) = tenancy.report(&["--color", "always"]);
    assert_whole(&tenancy, &run, &report);
    assert!(tenancy.audit(&["--color", "always"]).stdout.contains('\u{1b}'));
}

#[test]
fn the_readme_shows_what_one_sees() {
    let shown = run(&["audit", "--demo", "--as-of", "2026-11-24", "--rows", "6"]).stdout;
    let readme = include_str!("../../README.md");
    let indented = |line: &str| if line.is_empty() { String::new() } else { format!("    {line}") };
    let wanted: Vec<_> = shown.lines().map(indented).collect();
    assert!(wanted.len() > 30);
    assert!(readme.contains(&wanted.join("\n")), "paste this into the README:\n{}", wanted.join("\n"));
}

#[test]
fn the_instant_of_judgement_is_the_one_at_which_reading_had_finished() {
    let latency = std::time::Duration::from_millis(700);
    let tenancy = Tenancy::start(SimConfig { latency, ..config() });
    let live = |command: &str, args: &[&str]| {
        let mut process = credage();
        process.args([
            command,
            "--domain-url",
            tenancy.sim.url(),
            "--rate-limit",
            "none",
            "--format",
            "json",
        ]);
        process.args(args).arg("--config-file").arg(&tenancy.files.config);
        #[expect(clippy::disallowed_methods, reason = "this is about the clock of the binary")]
        let started = Timestamp::now();
        let run = finish(process);
        let at: Timestamp = run.json()["as_of"].as_str().unwrap().parse().unwrap();
        (at, at.duration_since(started).as_millis() >= 700)
    };
    assert!(live("audit", &[]).1, "whatever was created until the last answer is not in the future");
    assert!(live("capabilities", &[]).1);
    assert!(live("explain", &[&tenancy.sim.truth()[0].user_name]).1);
    assert_eq!(live("audit", &["--as-of", NOW]).0, instant(NOW));
}
