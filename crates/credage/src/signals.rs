//! SIGINT and SIGTERM end a run at every moment: while it reads, writes, notifies or waits for a pipe.
//!
//! A thread of its own waits for them, since the main one may be busy anywhere. It removes the temporary files that exist
//! at that moment and ends the process with 130 or 143. `credage sim` is ended by them in the ordinary way, with 0.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// What is to be done when a signal comes.
struct State {
    /// Temporary files and folders.
    leftovers: Vec<PathBuf>,
    /// What the run is doing, as the message tells it.
    stage: &'static str,
    /// Who is told instead.
    instead: Option<oneshot::Sender<()>>,
}

static STATE: Mutex<State> =
    Mutex::new(State { leftovers: Vec::new(), stage: "nothing was written", instead: None });

/// A temporary file or folder that is removed if a signal ends the run. It is forgotten when this is dropped.
#[derive(Debug)]
pub(crate) struct Leftover(PathBuf);

impl Drop for Leftover {
    fn drop(&mut self) {
        state().leftovers.retain(|path| *path != self.0);
    }
}

/// Makes something temporary. No signal ends the run between the moment in which it is made and the one in which it is
/// known here.
pub(crate) fn temporary<T, E>(
    make: impl FnOnce() -> Result<T, E>,
    path: impl FnOnce(&T) -> &Path,
) -> Result<(T, Leftover), E> {
    let mut state = state();
    let thing = make()?;
    let path = path(&thing).to_owned();
    state.leftovers.push(path.clone());
    drop(state);
    Ok((thing, Leftover(path)))
}

/// Says what the run does from now on, for the message of an interruption.
pub(crate) fn stage(stage: &'static str) {
    state().stage = stage;
}

/// Completes with the next signal, which does not end the run by itself then; the one after it does.
pub(crate) fn instead() -> impl Future<Output = ()> {
    let (sender, receiver) = oneshot::channel();
    state().instead = Some(sender);
    async move {
        // The sender is never dropped without having been used.
        let _ = receiver.await;
    }
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Listens from now on.
#[cfg(unix)]
pub(crate) fn listen() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let guard = runtime.enter();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    drop(guard);
    let wait = move || {
        loop {
            let signal = runtime.block_on(async {
                tokio::select! {
                    _ = interrupt.recv() => Signal { word: "interrupted", code: 130 },
                    _ = terminate.recv() => Signal { word: "terminated", code: 143 },
                }
            });
            signal.act();
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait).map(drop)
}

/// Listens from now on.
#[cfg(not(unix))]
pub(crate) fn listen() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let wait = move || {
        while runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            Signal { word: "interrupted", code: 130 }.act();
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait).map(drop)
}

struct Signal {
    word: &'static str,
    code: i32,
}

impl Signal {
    fn act(&self) {
        // Nothing temporary can be made any more until the process is gone.
        let mut state = state();
        if let Some(instead) = state.instead.take()
            && instead.send(()).is_ok()
        {
            return;
        }
        for path in &state.leftovers {
            // What is not there any more needs no removal, and nobody can be told of what cannot be removed.
            let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        }
        crate::terminal::complain_plainly(&format!("{}; {}", self.word, state.stage));
        end(self.code);
    }
}

#[expect(clippy::exit, reason = "a signal ends the run wherever it is")]
fn end(code: i32) -> ! {
    std::process::exit(code)
}
