//! The fault campaign: seeds draw simulated domains that refuse, fail, lie and change, the built binary audits them, and
//! what it reports is held against what there really is. See docs/reliability.md.
//!
//!     cargo test --release -p credage --test campaign -- --seeds 1..10000
//!     cargo test --release -p credage --test campaign -- --seed 4711 -v
//!
//! It drives the binary rather than the libraries, so that the report and the exit code that users get are judged, and it
//! shares no code with what it judges.
#![expect(clippy::disallowed_methods, reason = "prints figures and escaped texts, for developers alone")]

mod attributes;
mod class;
mod draw;
mod evidence;
mod failures;
mod judge;
mod plan;
mod report;
mod rng;
mod run;
mod tally;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use credage_sim::{Sim, SimConfig};

use crate::judge::{Verdict, judge};
use crate::plan::Plan;
use crate::run::{Ground, Outcome};
use crate::tally::Tally;

/// Seeds of the bounded form.
const FEW: u64 = 600;

/// What was asked for on the command line.
struct Args {
    first: u64,
    last: u64,
    jobs: usize,
    verbose: bool,
    single: bool,
    /// No further seed is begun after so long.
    budget: Option<Duration>,
    /// No further seed is begun after so many that failed.
    stop_at: usize,
}

fn main() -> ExitCode {
    let ended = args().and_then(|args| campaign(&args));
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "campaign: {error}");
            ExitCode::from(2)
        }
    }
}

fn args() -> Result<Args, Box<dyn Error>> {
    let mut args = Args {
        first: 1,
        last: FEW,
        jobs: 24,
        verbose: false,
        single: false,
        budget: None,
        stop_at: usize::MAX,
    };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "--seeds" => {
                let value = value()?;
                let (first, last) = value.split_once("..").ok_or("--seeds needs a range such as 1..10000")?;
                (args.first, args.last) = (first.parse()?, last.trim_start_matches('=').parse()?);
            }
            "--seed" => {
                args.first = value()?.parse()?;
                (args.last, args.single) = (args.first, true);
            }
            "--jobs" => args.jobs = value()?.parse()?,
            "--stop-at" => args.stop_at = value()?.parse()?,
            "--budget" => args.budget = Some(Duration::from_secs(value()?.parse()?)),
            "-v" | "--verbose" => args.verbose = true,
            _ => {
                return Err(format!(
                    "{name} is not known; use --seeds A..B, --seed N, -v, --jobs N, --budget SECONDS or --stop-at FAILURES"
                )
                .into());
            }
        }
    }
    Ok(args)
}

fn campaign(args: &Args) -> Result<bool, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let dir = tempfile::tempdir()?;
    let now = plan::NOW.parse()?;
    let root = runtime.block_on(Sim::start(SimConfig { users: 1, ..SimConfig::new(now) }))?;
    let files = root.write_profile(dir.path())?;
    let ground = Ground {
        binary: Path::new(env!("CARGO_BIN_EXE_credage")),
        runtime: runtime.handle(),
        root: &root,
        config_file: &files.config,
        dir: dir.path(),
    };
    if args.single {
        return replay(&ground, args);
    }
    let tally = play(&ground, args)?;
    let mut out = std::io::stdout().lock();
    tally.print(&mut out)?;
    Ok(tally.is_good())
}

/// Plays all seeds, several at a time: they wait more than they work.
fn play(ground: &Ground<'_>, args: &Args) -> Result<Tally, Box<dyn Error>> {
    let next = AtomicU64::new(args.first);
    let begin = Instant::now();
    let tally = Mutex::new(Tally::new(args.first));
    let failed = Mutex::new(None);
    let one_after_another = || loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        let over = args.budget.is_some_and(|budget| begin.elapsed() > budget);
        let enough = tally.lock().is_ok_and(|tally| tally.failures() >= args.stop_at);
        if seed > args.last || over || enough || failed.lock().is_ok_and(|failed| failed.is_some()) {
            return;
        }
        match one(ground, seed) {
            Ok((plan, verdict, outcome)) => {
                if let Ok(mut tally) = tally.lock() {
                    tally.add(&plan, &verdict, &outcome);
                }
            }
            Err(error) => {
                if let Ok(mut failed) = failed.lock() {
                    *failed = Some(format!("seed {seed}: {error}"));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..args.jobs.max(1) {
            scope.spawn(one_after_another);
        }
    });
    if let Some(error) = failed.into_inner()? {
        return Err(error.into());
    }
    let mut tally = tally.into_inner()?;
    tally.took = begin.elapsed();
    Ok(tally)
}

fn one(ground: &Ground<'_>, seed: u64) -> Result<(Plan, Verdict, Outcome), Box<dyn Error>> {
    let plan = Plan::of(seed);
    let (sim, outcome) = ground.play(&plan, false)?;
    let verdict = judge(&plan, &sim, &outcome);
    Ok((plan, verdict, outcome))
}

/// One seed, told in full.
fn replay(ground: &Ground<'_>, args: &Args) -> Result<bool, Box<dyn Error>> {
    let plan = Plan::of(args.first);
    let (sim, outcome) = ground.play(&plan, true)?;
    let verdict = judge(&plan, &sim, &outcome);
    let mut out = std::io::stdout().lock();
    writeln!(out, "seed {}, {}", plan.seed, if plan.honest { "honest" } else { "not honest" })?;
    for note in &plan.notes {
        writeln!(out, "  {note}")?;
    }
    if args.verbose {
        writeln!(out, "requests")?;
        for line in sim.trace() {
            writeln!(out, "  {line}")?;
        }
        writeln!(out, "standard error\n{}", outcome.stderr)?;
    }
    tally::print_reported(&mut out, &sim, &outcome)?;
    tally::print_verdict(&mut out, &verdict)?;
    Ok(verdict.silent.is_empty() && verdict.crash.is_none() && verdict.endless.is_none())
}
