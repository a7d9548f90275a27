//! What all seeds come to.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use credage_sim::{Collection, Sim};
use serde_json::Value;

use crate::class::Class;
use crate::judge::Verdict;
use crate::plan::Plan;
use crate::run::Outcome;

/// Failures of one sort that are shown with their reasons.
const SHOWN: usize = 25;

/// Counts over all seeds.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    first: u64,
    seeds: u64,
    honest: u64,
    passed: u64,
    classes: BTreeMap<Class, u64>,
    silent: BTreeMap<u64, String>,
    alarms: BTreeMap<u64, String>,
    crashes: BTreeMap<u64, String>,
    endless: BTreeMap<u64, String>,
    hidden: u64,
    left_out: u64,
    unconfirmed: u64,
    unseen_orphans: u64,
    requests: u64,
    slowest: (Duration, u64),
    pub(crate) took: Duration,
}

impl Tally {
    pub(crate) fn new(first: u64) -> Self {
        Self { first, ..Self::default() }
    }

    /// Adds a seed.
    pub(crate) fn add(&mut self, plan: &Plan, verdict: &Verdict, outcome: &Outcome) {
        self.seeds += 1;
        self.honest += u64::from(plan.honest);
        self.passed += u64::from(verdict.passed);
        for class in &plan.classes {
            *self.classes.entry(*class).or_default() += 1;
        }
        let note = |to: &mut BTreeMap<u64, String>, what: Option<String>| {
            to.extend(what.map(|what| (plan.seed, what)));
        };
        note(&mut self.silent, first(&verdict.silent));
        note(&mut self.alarms, first(&verdict.alarms));
        note(&mut self.crashes, verdict.crash.clone());
        note(&mut self.endless, verdict.endless.clone());
        self.hidden += u64::from(!verdict.hidden.is_empty() && verdict.silent.is_empty());
        self.left_out += u64::from(!verdict.left_out.is_empty() && verdict.silent.is_empty());
        self.unconfirmed += u64::from(!verdict.unconfirmed.is_empty());
        self.unseen_orphans += u64::from(verdict.unseen_orphans > 0);
        self.requests += outcome.requests;
        self.slowest = self.slowest.max((outcome.took, plan.seed));
    }

    /// Seeds that failed the campaign, whatever comes of the others.
    pub(crate) fn failures(&self) -> usize {
        self.silent.len() + self.crashes.len() + self.endless.len()
    }

    /// Whether the campaign is passed.
    pub(crate) fn is_good(&self) -> bool {
        self.failures() == 0 && count(&self.alarms) * 100 < self.honest.max(1) && self.rare().is_empty()
    }

    /// Classes that occur in fewer than one of twenty seeds; a few seeds say nothing about that.
    fn rare(&self) -> Vec<Class> {
        let often = |class: &Class| self.classes.get(class).copied().unwrap_or_default() * 20 >= self.seeds;
        Class::ALL.into_iter().filter(|class| self.seeds >= 400 && !often(class)).collect()
    }

    /// Prints everything.
    pub(crate) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let Self { seeds, honest, .. } = self;
        writeln!(
            out,
            "{seeds} seeds from {}, {} s, {} requests",
            self.first,
            self.took.as_secs(),
            self.requests
        )?;
        writeln!(out, "slowest: seed {} in {:.1} s\n", self.slowest.1, self.slowest.0.as_secs_f64())?;
        writeln!(out, "seeds in which each class occurs")?;
        for class in Class::ALL {
            let number = self.classes.get(&class).copied().unwrap_or_default();
            writeln!(out, "  {class:<36} {number:>6}  {}", share(number, *seeds))?;
        }
        for class in self.rare() {
            writeln!(out, "  too rare: {class}")?;
        }
        writeln!(out)?;
        list(out, "silent", &self.silent)?;
        list(out, "endless", &self.endless)?;
        list(out, "crashes", &self.crashes)?;
        list(out, "false alarms", &self.alarms)?;
        let alarms = share(count(&self.alarms), *honest);
        writeln!(out, "  {alarms} of the {honest} seeds in which every response was true and unchanging")?;
        writeln!(out, "undetectable, because every witness tells the same lie: {}", self.hidden)?;
        writeln!(out, "owners missing from the index and from the sample: {}", self.left_out)?;
        writeln!(out, "rows missing from a kind that is reported as unconfirmed: {}", self.unconfirmed)?;
        writeln!(
            out,
            "orphans that an owner-by-owner listing cannot show, reported as not judged: {}",
            self.unseen_orphans
        )?;
        writeln!(out, "reported complete with exit code 0: {}", self.passed)?;
        writeln!(out, "\n{}", if self.is_good() { "passed" } else { "FAILED" })
    }
}

fn first(all: &[String]) -> Option<String> {
    let first = all.first()?;
    Some(if all.len() == 1 { first.clone() } else { format!("{first} (and {} more)", all.len() - 1) })
}

fn count(seeds: &BTreeMap<u64, String>) -> u64 {
    u64::try_from(seeds.len()).unwrap_or(u64::MAX)
}

fn share(part: u64, whole: u64) -> String {
    let mille = part * 1000 / whole.max(1);
    format!("{}.{} %", mille / 10, mille % 10)
}

fn list(out: &mut impl Write, name: &str, seeds: &BTreeMap<u64, String>) -> io::Result<()> {
    writeln!(out, "{name}: {}", seeds.len())?;
    for (seed, what) in seeds.iter().take(SHOWN) {
        writeln!(out, "  seed {seed}: {what}")?;
    }
    if seeds.len() > SHOWN {
        writeln!(out, "  and {} more", seeds.len() - SHOWN)?;
    }
    Ok(())
}

/// Verdicts beside the truth.
pub(crate) fn print_reported(out: &mut impl Write, sim: &Sim, outcome: &Outcome) -> io::Result<()> {
    writeln!(
        out,
        "exit {:?} after {} requests, {:.1} s",
        outcome.code,
        outcome.requests,
        outcome.took.as_secs_f64()
    )?;
    let Some(report) = &outcome.report else { return writeln!(out, "no report\n{}", outcome.stderr) };
    let domain = report.pointer("/domains/0").cloned().unwrap_or_default();
    let field = |of: &Value, path: &str| {
        of.pointer(path).map_or(String::new(), |value| match value {
            Value::String(text) => text.escape_debug().to_string(),
            other => other.to_string(),
        })
    };
    let line = |out: &mut dyn Write, name: &str, of: &Value, truth: usize, rows: &str| {
        let (verdict, reason) = (field(of, "/coverage/verdict"), field(of, "/coverage/reason"));
        let listing = field(of, "/listing");
        writeln!(out, "  {name:<26} {truth:>4} there, {rows:>4} read, {listing} {verdict} {reason}")
    };
    let users = domain.pointer("/users").cloned().unwrap_or_default();
    line(out, "users", &users, sim.users().len(), &field(&users, "/count"))?;
    for kind in domain.pointer("/kinds").and_then(Value::as_array).into_iter().flatten() {
        let name = field(kind, "/kind");
        let there = sim.truth().iter().filter(|row| row.collection.kind_name() == name).count();
        line(out, &name, kind, there, &field(kind, "/rows"))?;
    }
    let departed = sim.departed();
    if !departed.is_empty() {
        let of = |collection: Collection| departed.iter().filter(|row| row.collection == collection).count();
        writeln!(out, "  gone meanwhile: {:?}", Collection::CREDENTIALS.map(|each| (each.path(), of(each))))?;
    }
    Ok(())
}

/// What a seed comes to.
pub(crate) fn print_verdict(out: &mut impl Write, verdict: &Verdict) -> io::Result<()> {
    let sections = [
        ("silent", &verdict.silent),
        ("nothing gives it away", &verdict.hidden),
        ("the index leaves its owner out", &verdict.left_out),
        ("missing and unconfirmed", &verdict.unconfirmed),
        ("false alarm", &verdict.alarms),
    ];
    for (name, lines) in sections {
        for line in lines {
            writeln!(out, "{name}: {line}")?;
        }
    }
    for (name, what) in [("crash", &verdict.crash), ("endless", &verdict.endless)] {
        if let Some(what) = what {
            writeln!(out, "{name}: {what}")?;
        }
    }
    if verdict.silent.is_empty() && verdict.crash.is_none() && verdict.endless.is_none() {
        writeln!(out, "nothing silent")?;
    }
    Ok(())
}
