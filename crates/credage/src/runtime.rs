//! What asynchronous work runs on.

use crate::exit::Failure;

/// Runs it to its end. What it began and did not wait for, a demo's server say, is of no more use then.
pub(crate) fn run<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().map_err(unavailable)?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    result
}

/// The system gives no threads.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(crate) fn unavailable(error: std::io::Error) -> Failure {
    Failure::usage(format!("no worker threads could be started: {error}"))
}
