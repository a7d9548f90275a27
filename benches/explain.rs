//! How long `credage explain` takes to answer from a saved inventory, as a user waits for it: the whole process, best of
//! five. Prints figures and judges nothing: `cargo bench --bench explain`. See docs/performance.md.
#![expect(clippy::indexing_slicing, reason = "a JSON value that is not there reads as null")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use wait4::Wait4;

type Failure = Box<dyn std::error::Error>;

const RUNS: usize = 5;
/// Users and credentials of the domains.
const SIZES: [(&str, &str); 2] = [("2000", "2200"), ("100000", "250000")];

/// A simulation in a process of its own; ended when dropped.
struct Sim {
    child: Child,
    url: String,
}

impl Sim {
    fn start(dir: &Path, users: &str, credentials: &str) -> Result<Self, Failure> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
        command.args(["sim", "--users", users, "--credentials", credentials, "--dir"]).arg(dir);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let output = child.stdout.take().ok_or("the simulation has no output")?;
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        Ok(Self { child, url: url.trim().to_owned() })
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn main() -> Result<(), Failure> {
    #[expect(clippy::disallowed_methods, reason = "figures of our own, and no names")]
    let mut out = std::io::stdout().lock();
    for (users, credentials) in SIZES {
        let dir = tempfile::tempdir()?;
        let file = save(dir.path(), users, credentials)?;
        let megabytes = std::fs::metadata(&file)?.len() / 1024 / 1024;
        writeln!(out, "{users} users, {credentials} credentials, a file of {megabytes} MB")?;
        for (what, thing) in things(&file)? {
            let (wall, cpu) = best(&file, &thing)?;
            writeln!(out, "  {what:<12} wall {:>5} ms, CPU {:>5} ms", wall.as_millis(), cpu.as_millis())?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn save(dir: &Path, users: &str, credentials: &str) -> Result<PathBuf, Failure> {
    let sim = Sim::start(dir, users, credentials)?;
    let file = dir.join("inventory.json.zst");
    let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
    command.args(["audit", "--quiet", "--no-progress", "--rate-limit", "none", "--domain-url", &sim.url]);
    command.arg("--config-file").arg(dir.join("config")).arg("--save").arg(&file);
    if command.stdout(Stdio::null()).status()?.success() { Ok(file) } else { Err("the audit failed".into()) }
}

fn explain(file: &Path, thing: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
    command.args(["explain", thing, "--quiet", "--json", "--from"]).arg(file);
    command
}

/// A user, something of theirs, a finding, and what can only be found by looking at everybody.
fn things(file: &Path) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
    command.args(["audit", "--quiet", "--kind", "auth_token", "--format", "json", "--from"]).arg(file);
    let report: Value = serde_json::from_slice(&command.output()?.stdout)?;
    let rows = report["credentials"].as_array().ok_or("no credentials")?;
    let row = rows.get(rows.len() / 2).ok_or("no credential")?;
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("not there");
    let credential = text(&row["credential_id"])?;
    let user = text(&row["user_name"])?;
    let told: Value = serde_json::from_slice(&explain(file, &credential).output()?.stdout)?;
    let findings =
        ["credential", "user"].iter().filter_map(|about| told[*about]["findings"].as_array()).flatten();
    let finding = findings.map(|finding| &finding["fingerprint"]).next().ok_or("no finding")?;
    let beginning: String = user.chars().take(user.chars().count() - 1).collect();
    let finding = text(finding)?;
    Ok(vec![("user", user), ("credential", credential), ("finding", finding), ("beginning", beginning)])
}

fn best(file: &Path, thing: &str) -> Result<(Duration, Duration), Failure> {
    let (mut wall, mut cpu) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        let begin = Instant::now();
        let mut child = explain(file, thing).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let used = child.wait4()?;
        wall = wall.min(begin.elapsed());
        cpu = cpu.min(used.rusage.utime + used.rusage.stime);
    }
    Ok((wall, cpu))
}
