//! One seed: the simulation, the built binary, and what came of it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use credage_sim::{Sim, SimConfig};
use serde_json::Value;
use tokio::runtime::Handle;

use crate::plan::{NOW, Plan};

/// A run that takes longer never ends, as far as anybody waits.
const PATIENCE: Duration = Duration::from_mins(2);

/// What one run of the binary left.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) report: Option<Value>,
    /// The exit code; nothing where a signal ended it or we did.
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
    pub(crate) requests: u64,
    pub(crate) took: Duration,
    pub(crate) gave_up: bool,
}

/// Where runs take place: who signs, and where files go.
pub(crate) struct Ground<'a> {
    pub(crate) binary: &'a Path,
    pub(crate) runtime: &'a Handle,
    pub(crate) root: &'a Sim,
    pub(crate) config_file: &'a Path,
    pub(crate) dir: &'a Path,
}

impl Ground<'_> {
    /// Simulates what the plan says and audits it; the simulation is given back for its truth.
    pub(crate) fn play(
        &self,
        plan: &Plan,
        trace: bool,
    ) -> Result<(Sim, Outcome), Box<dyn std::error::Error>> {
        let config = SimConfig { trace, ..plan.config.clone() };
        let sim = self.runtime.block_on(self.root.start_beside(config))?;
        let (out, err) = (self.file(plan, "out"), self.file(plan, "err"));
        let begin = Instant::now();
        let mut child = self.command(plan, &sim, &out, &err)?.spawn()?;
        let (code, gave_up) = wait(&mut child, begin)?;
        let took = begin.elapsed();
        let text = std::fs::read(&out)?;
        let outcome = Outcome {
            report: serde_json::from_slice(&text).ok(),
            code,
            stderr: String::from_utf8_lossy(&std::fs::read(&err)?).into_owned(),
            requests: sim.stats().requests,
            took,
            gave_up,
        };
        std::fs::remove_file(out)?;
        std::fs::remove_file(err)?;
        Ok((sim, outcome))
    }

    fn file(&self, plan: &Plan, name: &str) -> PathBuf {
        self.dir.join(format!("{}.{name}", plan.seed))
    }

    fn command(&self, plan: &Plan, sim: &Sim, out: &Path, err: &Path) -> Result<Command, std::io::Error> {
        let mut command = Command::new(self.binary);
        command.env_clear().env("HOME", "/nonexistent");
        command.args(["audit", "--domain-url", sim.url(), "--as-of", NOW, "--rate-limit", "none"]);
        command.args(["--format", "json", "--all-users", "--retries", "2", "--timeout"]);
        command.arg(plan.timeout.to_string()).arg("--concurrency").arg(plan.concurrency.to_string());
        command.arg("--config-file").arg(self.config_file);
        command.stdin(Stdio::null()).stdout(File::create(out)?).stderr(File::create(err)?);
        Ok(command)
    }
}

/// Waits for the end, or brings it about.
fn wait(child: &mut Child, begin: Instant) -> Result<(Option<i32>, bool), std::io::Error> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status.code(), false));
        }
        if begin.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Ok((None, true));
        }
        std::thread::sleep(Duration::from_millis(3));
    }
}
