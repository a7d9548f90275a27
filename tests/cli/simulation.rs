//! `credage sim` as others run it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::harness::{NOW, Run, credage, finish, kind};

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

impl Running {
    /// Ends it as Ctrl-C does, and yields what it said.
    fn end(mut self) -> String {
        let ended = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(ended.success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{said}");
        said
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
    let requests = &kind(&report, "api_key")["requests"];
    assert_eq!(
        requests, 5,
        "two faults, the answer, a look at its end, and one at a key whose owner is gone"
    );
    assert_eq!(report["domains"][0]["index"], "absent");
}

/// The binary, signed in by a file of variables as its hint says.
fn by_way(dir: &Path, method: &str, args: &[&str]) -> Run {
    let file = dir.join("principals").join(format!("{method}.sh"));
    let mut command = assert_cmd::Command::new("sh");
    command.env_clear().env("HOME", "/nonexistent");
    command.args(["-c", r#". "$0"; exec "$@""#]).arg(file).arg(env!("CARGO_BIN_EXE_credage"));
    command.args(["audit", "--as-of", NOW, "--format", "json", "--auth", method]).args(args);
    finish(command)
}

#[test]
fn a_whole_tenancy_lets_every_principal_in() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("it's a tenancy");
    let sim = Running::start(&dir, &["--tenancy", "--users", "12", "--items", "1"]);
    let names = |report: &Value| -> Vec<String> {
        let domains = report["domains"].as_array().unwrap().iter();
        domains.map(|domain| domain["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = ["Applications", "Customers", "Default", "Partners"];
    for profile in ["DEFAULT", "SESSION"] {
        let mut command = credage();
        command.args(["audit", "--as-of", NOW, "--format", "json", "--identity-endpoint", &sim.url]);
        command.args(["--profile", profile, "--config-file"]).arg(dir.join("config"));
        let run = finish(command);
        assert_eq!(run.code, 0, "{profile}: {}", run.stderr);
        assert_eq!(names(&run.json()), all, "{profile}");
    }
    for method in ["instance_principal", "instance_obo_user", "resource_principal", "token_exchange"] {
        let run = by_way(&dir, method, &["--identity-endpoint", &sim.url]);
        assert_eq!(run.code, 0, "{method}: {}", run.stderr);
        assert_eq!(names(&run.json()), all, "{method}");
    }
    let mut command = credage();
    command.args(["domains", "--format", "json", "--identity-endpoint", &sim.url, "--config-file"]);
    let listed = finish(command_with(command, &dir)).json();
    let domain = |name: &str| {
        let domains = listed["domains"].as_array().unwrap().iter();
        domains.clone().find(|domain| domain["name"] == name).unwrap().clone()
    };
    assert_eq!(domain("Customers")["licence"], "external-user");
    assert_eq!(domain("Partners")["requests_per_second"], 72, "four fifths of its own");
    assert_eq!(
        (&domain("Default")["compartment"], &domain("Partners")["compartment"]),
        (&"root".into(), &"team-1".into())
    );
    let url = domain("Default")["url"].as_str().unwrap().to_owned();
    let run = by_way(&dir, "oauth_client", &["--domain-url", &url]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = sim.end();
    assert!(said.contains("requests were sent"), "{said}");
    // Its port is fixed, so that another run may hold it.
    let pod = dir.join("principals/oke_workload_identity.sh").exists();
    assert_ne!(pod, said.contains("port 12250 of 127.0.0.1 is taken"), "{said}");
    assert!(said.contains("--auth instance_principal --identity-endpoint"), "{said}");
}

fn command_with(mut command: assert_cmd::Command, dir: &Path) -> assert_cmd::Command {
    command.arg(dir.join("config"));
    command
}

#[test]
fn the_domains_of_a_tenancy_can_be_named() {
    let dir = tempfile::tempdir().unwrap();
    let options = ["--tenancy", "--domain", "One=premium", "--domain", "Two", "--compartments", "0"];
    let sim = Running::start(dir.path(), &[&options[..], &["--users", "9", "--rate-limit", "none"]].concat());
    let mut command = credage();
    command.args(["domains", "--format", "json", "--identity-endpoint", &sim.url, "--config-file"]);
    let listed = finish(command_with(command, dir.path())).json();
    let row = |place: usize| {
        let domain = &listed["domains"][place];
        ["name", "licence", "compartment"].map(|key| domain[key].as_str().unwrap().to_owned())
    };
    assert_eq!(row(0), ["One", "premium", "root"]);
    assert_eq!(row(1), ["Two", "free", "root"]);
    assert_eq!(listed["domains"].as_array().unwrap().len(), 2);
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
fn a_tenancy_of_nonsense_is_refused() {
    for (option, value, message) in [
        ("--domain", "One=gold", "is no licence"),
        ("--domain", "=free", "NAME=LICENCE"),
        ("--items", "0", "from 1 on"),
    ] {
        let mut command = credage();
        command.args(["sim", "--tenancy", option, value]);
        let run = finish(command);
        assert_eq!(run.code, 2, "{option} {value}");
        assert!(run.stderr.contains(message), "{option} {value}: {}", run.stderr);
    }
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
        ("--fault", "api_key:1=redirect@nowhere", "no address and port"),
        ("--fault", "api_key:1=redirected", "is no fault"),
        ("--domain", "One=premium", "--tenancy"),
        ("--compartments", "2", "--tenancy"),
    ] {
        let mut command = credage();
        command.args(["sim", option, value]);
        let run = finish(command);
        assert_eq!(run.code, 2, "{option} {value}");
        assert!(run.stderr.contains(message), "{option} {value}: {}", run.stderr);
    }
}
