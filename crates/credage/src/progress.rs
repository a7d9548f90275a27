//! The progress bar: kinds, rows, requests, and whether we wait for the rate limit.

use std::sync::Arc;
use std::time::Duration;

use credage_core::Kind;
use credage_oci::Client;
use credage_oci::collect::progress::{Counter, Progress};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

const TICK: Duration = Duration::from_millis(100);
const TEMPLATE: &str = "{spinner:.cyan} {prefix:.bold} [{bar:24.cyan/dim}] {wide_msg}";

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
        let multi = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bars: Vec<_> = domains
            .into_iter()
            .map(|watched| {
                let bar = multi.add(ProgressBar::new(1).with_style(style.clone()));
                bar.set_prefix(credage_report::sanitize::for_terminal(&watched.name).into_owned());
                (bar, watched)
            })
            .collect();
        let ticker = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(TICK);
            loop {
                ticks.tick().await;
                for (bar, watched) in &bars {
                    watched.update(bar);
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

impl Watched {
    fn update(&self, bar: &ProgressBar) {
        let kinds = || self.kinds.iter().map(|&kind| self.progress.kind(kind));
        let counters = || std::iter::once(self.progress.users()).chain(kinds());
        let total: u64 = counters().map(Counter::total).sum();
        bar.set_length(total.max(1));
        bar.set_position(counters().map(|counter| counter.rows().min(counter.total())).sum());
        let rows: u64 = kinds().map(Counter::rows).sum();
        let done = kinds().filter(|counter| counter.is_done()).count();
        let waiting = if self.client.is_waiting() { ", waiting for the rate limit" } else { "" };
        bar.set_message(format!(
            "{done}/{} kinds, {rows} credentials, {} requests{waiting}",
            self.kinds.len(),
            self.client.requests()
        ));
        bar.tick();
    }
}
