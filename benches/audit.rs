//! What an audit costs: requests, time, CPU and memory of the whole process, against simulated domains that run in
//! processes of their own. Prints figures and ratios, and judges nothing: `cargo bench`. See docs/performance.md.
#![expect(clippy::indexing_slicing, reason = "a JSON value that is not there reads as null")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use wait4::Wait4;

type Failure = Box<dyn std::error::Error>;

/// One domain, and what is aimed at.
struct Case {
    name: &'static str,
    sim: &'static [&'static str],
    audit: &'static [&'static str],
    /// Rounds of requests that must follow one another: a first page, and the pages after it.
    rounds: u32,
    latency: Duration,
}

const CASES: [Case; 4] = [
    Case {
        name: "2,000 users, 2,200 credentials, 50 ms, whole listings, Free licence",
        sim: &["--users", "2000", "--credentials", "2200", "--latency", "50", "--rate-limit", "free"],
        audit: &[],
        rounds: 2,
        latency: Duration::from_millis(50),
    },
    Case {
        name: "100,000 users, 250,000 credentials, whole listings, no limit, CSV written",
        sim: &["--users", "100000", "--credentials", "250000"],
        audit: &["--rate-limit", "none"],
        rounds: 2,
        latency: Duration::ZERO,
    },
    Case {
        name: "2,000 users, 2,200 credentials, one user a request, no limit",
        sim: &["--users", "2000", "--credentials", "2200", "--listing", "all=one-user"],
        audit: &["--rate-limit", "none"],
        rounds: 3,
        latency: Duration::ZERO,
    },
    Case {
        name: "1 user, 1 credential: the start of the process up to its end",
        sim: &["--users", "1", "--credentials", "1"],
        audit: &[],
        rounds: 1,
        latency: Duration::ZERO,
    },
];

/// A simulation in a process of its own; ended when dropped.
struct Sim {
    child: Child,
    url: String,
    config: std::path::PathBuf,
}

impl Sim {
    fn start(dir: &Path, args: &[&str]) -> Result<Self, Failure> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
        command.arg("sim").args(args).arg("--dir").arg(dir).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or("the simulation has no output")?;
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        Ok(Self { child, url: url.trim().to_owned(), config: dir.join("config") })
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
    // All figures before any report is read: a child's peak memory starts from what its parent holds.
    let mut measured = Vec::new();
    for case in &CASES {
        let dir = tempfile::tempdir()?;
        let sim = Sim::start(dir.path(), case.sim)?;
        let mut best = measure(&sim, case, dir.path())?;
        for _ in 0..2 {
            best = best.min(measure(&sim, case, dir.path())?);
        }
        measured.push((case, dir, sim, best));
    }
    #[expect(clippy::disallowed_methods, reason = "figures of our own, and no names")]
    let mut out = std::io::stdout().lock();
    for (case, _dir, sim, best) in &measured {
        print(&mut out, case, &report(sim, case)?, *best)?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
struct Figures {
    wall: Duration,
    cpu: Duration,
    peak: u64,
}

impl Figures {
    fn min(self, other: Self) -> Self {
        Self {
            wall: self.wall.min(other.wall),
            cpu: self.cpu.min(other.cpu),
            peak: self.peak.min(other.peak),
        }
    }
}

fn audit(sim: &Sim, case: &Case) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
    command
        .args(["audit", "--no-progress", "--quiet", "--domain-url", &sim.url, "--config-file"])
        .arg(&sim.config);
    command.args(case.audit);
    command
}

fn report(sim: &Sim, case: &Case) -> Result<Value, Failure> {
    let output = audit(sim, case).args(["--format", "json"]).output()?;
    let report: Value = serde_json::from_slice(&output.stdout)?;
    if report["complete"] != true {
        return Err("the audit was not complete, so its cost says nothing".into());
    }
    Ok(report)
}

fn measure(sim: &Sim, case: &Case, dir: &Path) -> Result<Figures, Failure> {
    let target = format!("csv={}", dir.join("report.csv").display());
    let begin = Instant::now();
    let mut child = audit(sim, case).args(["--write", &target]).stdout(Stdio::null()).spawn()?;
    let used = child.wait4()?;
    let wall = begin.elapsed();
    Ok(Figures { wall, cpu: used.rusage.utime + used.rusage.stime, peak: used.rusage.maxrss })
}

/// The requests that cannot be saved: every page of users and kinds, or every owner of every kind.
fn minimum(report: &Value) -> u64 {
    let domain = &report["domains"][0];
    let kinds = domain["kinds"].as_array().map(Vec::as_slice).unwrap_or_default();
    let pages = |rows: &Value| rows.as_u64().unwrap_or_default().div_ceil(1000).max(1);
    let of_kind = |kind: &Value| {
        if kind["listing"] == "single" { owners(report, &kind["kind"]) } else { pages(&kind["rows"]) }
    };
    pages(&domain["users"]["count"]) + kinds.iter().map(of_kind).sum::<u64>()
}

fn owners(report: &Value, kind: &Value) -> u64 {
    let rows = report["credentials"].as_array().map(Vec::as_slice).unwrap_or_default();
    let owners: std::collections::BTreeSet<_> =
        rows.iter().filter(|row| row["kind"] == *kind).filter_map(|row| row["user_id"].as_str()).collect();
    u64::try_from(owners.len()).unwrap_or(u64::MAX)
}

fn print(out: &mut impl Write, case: &Case, report: &Value, best: Figures) -> Result<(), Failure> {
    let requests = report["domains"][0]["requests"].as_u64().unwrap_or_default();
    let least = minimum(report);
    writeln!(out, "{}", case.name)?;
    writeln!(out, "  requests  {requests:>9}    minimum {least}, ratio {}", ratio(requests, least))?;
    write!(out, "  wall      {:>6} ms", best.wall.as_millis())?;
    let floor = (case.latency * case.rounds).as_millis();
    if floor > 0 {
        let (wall, floor) = (u64::try_from(best.wall.as_millis())?, u64::try_from(floor)?);
        write!(out, "    minimum {floor} ms of waiting, ratio {}", ratio(wall, floor))?;
    }
    writeln!(out)?;
    writeln!(out, "  CPU       {:>6} ms", best.cpu.as_millis())?;
    writeln!(out, "  peak      {:>6} MB\n", best.peak / 1024 / 1024)?;
    Ok(())
}

/// Two decimals, without floating point.
fn ratio(value: u64, minimum: u64) -> String {
    let hundredths = value * 100 / minimum.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
