//! Starts simulated tenancies and runs the binary against them, with a clean environment.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use credage_sim::{Collection, ProfileFiles, Sim, SimConfig, Stats};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The instant that every test judges at.
pub(crate) const NOW: &str = "2026-06-01T12:00:00Z";

/// The usual simulation, laid out around [`NOW`].
pub(crate) fn config() -> SimConfig {
    SimConfig::new(NOW.parse().unwrap())
}

/// A running simulation and a profile that it lets in.
pub(crate) struct Tenancy {
    pub(crate) sim: Sim,
    pub(crate) files: ProfileFiles,
    pub(crate) dir: TempDir,
    // Dropped last: the simulation runs on it.
    _runtime: Runtime,
}

/// What a run of the binary left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self:?}"))
    }
}

impl Tenancy {
    pub(crate) fn start(config: SimConfig) -> Self {
        let runtime = Runtime::new().unwrap();
        let sim = runtime.block_on(Sim::start(config)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let files = sim.write_profile(dir.path()).unwrap();
        Self { sim, files, dir, _runtime: runtime }
    }

    /// `credage audit` of this tenancy with further arguments.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = credage();
        command.args([
            "audit",
            "--domain-url",
            self.sim.url(),
            "--as-of",
            NOW,
            "--rate-limit",
            "none",
            "--config-file",
        ]);
        command.arg(&self.files.config).args(args);
        command
    }

    pub(crate) fn audit(&self, args: &[&str]) -> Run {
        finish(self.command(args))
    }

    /// The JSON report of an audit.
    pub(crate) fn report(&self, args: &[&str]) -> (Run, Value) {
        let run = self.audit(&[&["--format", "json"], args].concat());
        let json = run.json();
        (run, json)
    }

    pub(crate) fn stats(&self) -> Stats {
        self.sim.stats()
    }

    /// The ids of all credentials as they really are.
    pub(crate) fn truth(&self) -> BTreeSet<String> {
        self.sim.truth().into_iter().map(|row| row.id).collect()
    }

    /// The same without those that cannot be seen: credentials of owners whom the domain does not list, of a kind that was
    /// read owner by owner. The report must say that orphans were not judged.
    pub(crate) fn visible(&self, report: &Value) -> BTreeSet<String> {
        let by_owner = |collection: Collection| {
            matches!(kind(report, collection.kind_name())["listing"].as_str(), Some("batched" | "single"))
        };
        let (unseen, seen): (Vec<_>, Vec<_>) =
            self.sim.truth().into_iter().partition(|row| !row.owner_listed && by_owner(row.collection));
        if !unseen.is_empty() {
            let unjudged = report["unjudged"].as_array().unwrap();
            assert!(unjudged.iter().any(|each| each["rule"] == "orphaned-credential"), "{unjudged:?}");
        }
        seen.into_iter().map(|row| row.id).collect()
    }

    /// How many credentials of a collection there really are.
    pub(crate) fn count(&self, collection: Collection) -> usize {
        self.sim.truth().iter().filter(|row| row.collection == collection).count()
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }
}

/// The binary, with nothing of our own environment.
pub(crate) fn credage() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
    command.env_clear().env("HOME", "/nonexistent");
    command
}

pub(crate) fn finish(mut command: Command) -> Run {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Run {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// The ids of all credentials in a JSON report.
pub(crate) fn ids(report: &Value) -> BTreeSet<String> {
    let credentials = report["credentials"].as_array().unwrap();
    let ids: BTreeSet<_> =
        credentials.iter().map(|each| each["credential_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), credentials.len(), "each credential once");
    ids
}

/// What a JSON report says of a kind.
pub(crate) fn kind<'r>(report: &'r Value, name: &str) -> &'r Value {
    let kinds = report["domains"][0]["kinds"].as_array().unwrap();
    kinds.iter().find(|kind| kind["kind"] == name).unwrap()
}

pub(crate) fn verdict<'r>(report: &'r Value, name: &str) -> &'r str {
    kind(report, name)["coverage"]["verdict"].as_str().unwrap()
}

/// An audit that found everything and can prove it.
pub(crate) fn assert_whole(tenancy: &Tenancy, run: &Run, report: &Value) {
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(report["complete"], true, "{:#}", report["domains"]);
    assert_eq!(report["domains"][0]["control"], "seen");
    assert_same(&ids(report), &tenancy.visible(report));
}

/// The same ids; what differs is named, and nothing else.
pub(crate) fn assert_same(found: &BTreeSet<String>, wanted: &BTreeSet<String>) {
    let missing: Vec<_> = wanted.difference(found).collect();
    let surplus: Vec<_> = found.difference(wanted).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing {missing:?}, surplus {surplus:?}");
}

/// An audit that says that a kind is not complete, and what is missing where.
pub(crate) fn assert_gap(run: &Run, report: &Value, name: &str) {
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(report["complete"], false);
    let coverage = &kind(report, name)["coverage"];
    assert!(
        matches!(coverage["verdict"].as_str(), Some("partial" | "unreadable" | "unconfirmed")),
        "{coverage}"
    );
    assert!(!coverage["reason"].as_str().unwrap().is_empty());
    assert!(!coverage["hint"].as_str().unwrap().is_empty());
}

pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}
