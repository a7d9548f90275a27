//! The progress bars: kinds, rows, requests, and whether we wait for the rate limit. Of many domains only as many are
//! shown as leave the terminal readable, those that are still being read first, and a line for all of them.

use std::sync::Arc;
use std::time::Duration;

use credage_core::Kind;
use credage_oci::Client;
use credage_oci::collect::progress::{Counter, Progress};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::terminal::{self, Bar};

const TICK: Duration = Duration::from_millis(100);
const TEMPLATE: &str = "{spinner:.cyan} {prefix:.bold} [{bar:24.cyan/dim}] {wide_msg}";
/// The most domains that are shown one by one, however large the terminal.
const MOST: usize = 12;
/// Lines that stay free for what was there before.
const SPARE: usize = 4;

/// The bars of all domains. Dropping it leaves the terminal clean.
pub(crate) struct Bars {
    multi: MultiProgress,
    ticker: tokio::task::JoinHandle<()>,
}

/// One domain to watch.
pub(crate) struct Watched {
    pub(crate) name: String,
    pub(crate) client: Arc<Client>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) kinds: Vec<Kind>,
}

impl Bars {
    /// Shows `domains` on standard error until dropped.
    pub(crate) fn show(domains: Vec<Watched>) -> Self {
        let multi = terminal::bars();
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let room = slots(domains.len(), terminal::lines_on_stderr());
        let bar = || Bar(multi.add(ProgressBar::new(1).with_style(style.clone())));
        let bars: Vec<Bar> = (0..room).map(|_| bar()).collect();
        let all = (room < domains.len()).then(bar);
        let ticker = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(TICK);
            loop {
                ticks.tick().await;
                let done: Vec<bool> = domains.iter().map(Watched::is_done).collect();
                let chosen = shown(&done, room).into_iter().filter_map(|place| domains.get(place));
                for (bar, watched) in bars.iter().zip(chosen) {
                    watched.update(bar);
                }
                if let Some(bar) = &all {
                    update_all(bar, &domains, &done);
                }
            }
        });
        Self { multi, ticker }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.ticker.abort();
        // The bars are decoration: a terminal that cannot be cleared is no reason to fail.
        let _ = self.multi.clear();
    }
}

/// How many of the domains have a line of their own on a terminal of so many lines.
fn slots(domains: usize, lines: usize) -> usize {
    let room = lines.saturating_sub(SPARE).clamp(1, MOST);
    // Where not all fit, one line tells of all.
    if domains <= room { domains } else { room.saturating_sub(1).max(1) }
}

/// Which domains are shown: in their order, those that are not done before those that are.
fn shown(done: &[bool], slots: usize) -> Vec<usize> {
    let of = |wanted: bool| done.iter().enumerate().filter(move |(_, done)| **done == wanted);
    let mut chosen: Vec<usize> = of(false).chain(of(true)).map(|(place, _)| place).take(slots).collect();
    chosen.sort_unstable();
    chosen
}

fn update_all(bar: &Bar, domains: &[Watched], done: &[bool]) {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let finished = done.iter().filter(|&&done| done).count();
    let rows: u64 = domains.iter().map(Watched::rows).sum();
    let requests: u64 = domains.iter().map(|watched| watched.client.requests()).sum();
    let message = format!("{finished}/{} domains, {rows} credentials, {requests} requests", domains.len());
    bar.show("all domains", (count(finished), count(done.len())), &message);
}

impl Watched {
    fn counters(&self) -> impl Iterator<Item = &Counter> {
        self.kinds.iter().map(|&kind| self.progress.kind(kind))
    }

    fn rows(&self) -> u64 {
        self.counters().map(Counter::rows).sum()
    }

    fn is_done(&self) -> bool {
        self.counters().all(Counter::is_done)
    }

    fn update(&self, bar: &Bar) {
        let counters = || std::iter::once(self.progress.users()).chain(self.counters());
        let total: u64 = counters().map(Counter::total).sum();
        let read = counters().map(|counter| counter.rows().min(counter.total())).sum();
        let done = self.counters().filter(|counter| counter.is_done()).count();
        let waiting = if self.client.is_waiting() { ", waiting for the rate limit" } else { "" };
        let message = format!(
            "{done}/{} kinds, {} credentials, {} requests{waiting}",
            self.kinds.len(),
            self.rows(),
            self.client.requests()
        );
        bar.show(&self.name, (read, total.max(1)), &message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_terminal_is_not_flooded() {
        assert_eq!(slots(3, 24), 3);
        assert_eq!(slots(12, 24), 12);
        assert_eq!(slots(40, 24), 11, "and a line for all");
        assert_eq!(slots(40, 8), 3);
        assert_eq!(slots(2, 0), 1);
        assert_eq!(slots(1, 3), 1);
    }

    #[test]
    fn those_at_work_are_shown_before_those_that_are_done() {
        assert_eq!(shown(&[false, true, false, true, false], 3), [0, 2, 4]);
        assert_eq!(shown(&[true, true, false, false], 3), [0, 2, 3], "filled up with what is done");
        assert_eq!(shown(&[false; 5], 2), [0, 1]);
        assert_eq!(shown(&[], 2), [0_usize; 0]);
    }
}
