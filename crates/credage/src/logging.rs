//! What is said on standard error while a command runs.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::GlobalArgs;
use crate::terminal;

/// Starts writing messages. Only our own crates speak; what libraries log may hold more than it should.
pub(crate) fn start(global: &GlobalArgs) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    let ours = ["credage", "credage_monitor", "credage_oci", "credage_report", "credage_sim"];
    let targets =
        ours.into_iter().fold(Targets::new(), |targets, crate_name| targets.with_target(crate_name, level));
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(|| terminal::Log)
        .with_ansi(false)
        .with_target(false)
        .without_time();
    // A second start in one process is only seen in tests, and harmless.
    let _ = tracing_subscriber::registry().with(targets).with(layer).try_init();
}
