//! `credage sim` as others run it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::harness::{NOW, credage, finish, kind};

/// A simulation in a process of its own, killed when dropped.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(dir: &Path, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
        command.args(["sim", "--as-of", NOW, "--dir"]).arg(dir).args(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }

    fn audit(&self, dir: &Path, args: &[&str]) -> (i32, Value) {
        let mut command = credage();
        command.args([
            "audit",
            "--format",
            "json",
            "--rate-limit",
            "none",
            "--as-of",
            NOW,
            "--domain-url",
            &self.url,
        ]);
        command.arg("--config-file").arg(dir.join("config")).args(args);
        let run = finish(command);
        (run.code, run.json())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_prints_its_url_and_lets_the_profile_in() {
    let dir = tempfile::tempdir().unwrap();
    let sim = Running::start(dir.path(), &["--users", "30", "--listing", "all=one-user", "--page-cap", "9"]);
    assert!(sim.url.starts_with("http://127.0.0.1:"));
    for profile in ["DEFAULT", "SESSION"] {
        let (code, report) = sim.audit(dir.path(), &["--profile", profile]);
        assert_eq!(code, 0, "{profile}");
        assert_eq!(kind(&report, "api_key")["listing"], "single");
    }
}

#[cfg(unix)]
#[test]
fn keys_are_private_and_it_ends_when_asked() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let mut sim = Running::start(dir.path(), &["--users", "5"]);
    for name in ["config", "oci_api_key.pem", "session_key.pem", "session_token"] {
        let mode = fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let killed = Command::new("kill").args(["-TERM", &sim.child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(sim.child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_it_is_told_to_do_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let options =
        ["--deny", "smtp_credential=403", "--fault", "api_key:1x2=503", "--churn", "auth_token:1=+2"];
    let sim = Running::start(
        dir.path(),
        &[&options[..], &["--whale", "db_credential=1500", "--no-index"]].concat(),
    );
    let (code, report) = sim.audit(dir.path(), &[]);
    assert_eq!(code, 3);
    assert_eq!(kind(&report, "smtp_credential")["coverage"]["status"], 403);
    assert!(kind(&report, "db_credential")["rows"].as_u64().unwrap() > 1500);
    assert_eq!(kind(&report, "api_key")["requests"], 3, "two faults, then the answer");
    assert_eq!(report["domains"][0]["index"], "absent");
}

#[test]
fn files_of_others_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config");
    fs::write(&config, "[DEFAULT]\nuser=mine\n").unwrap();
    let mut command = credage();
    command.args(["sim", "--dir"]).arg(dir.path());
    let run = finish(command);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("was not written by a simulation"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(&config).unwrap(), "[DEFAULT]\nuser=mine\n");
}

#[test]
fn nonsense_is_refused() {
    for (option, value, message) in [
        ("--listing", "api_key", "KIND=POLICY"),
        ("--listing", "api_key=some", "is no policy"),
        ("--deny", "api_key=418", "none of 401"),
        ("--fault", "api_key:0=500", "KIND:NxTIMES=WHAT"),
        ("--fault", "api_key:1=fire", "is no fault"),
        ("--whale", "password=3", "no collection is called"),
        ("--churn", "api_key:2=5", "KIND:N=+ROWS"),
        ("--rate-limit", "0/s,1/min", "is no rate limit"),
    ] {
        let mut command = credage();
        command.args(["sim", option, value]);
        let run = finish(command);
        assert_eq!(run.code, 2, "{option} {value}");
        assert!(run.stderr.contains(message), "{option} {value}: {}", run.stderr);
    }
}
