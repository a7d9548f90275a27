//! Processes of one user on one machine share a domain's rate budget: each of them counts the requests of all.
//!
//! A small file for each domain, in a folder that belongs to the user alone, holds the requests that occupy a place in the
//! domain's windows (`pace_file.rs`). It is locked for as long as it takes to read and write it, never while waiting, and
//! off the asynchronous threads. Whatever is wrong with folder, file or lock, the process keeps its own pace as if it were
//! alone, and says so with -vv.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;

use crate::clock::Clock;
use crate::endpoint::Endpoint;
use crate::pace_file::{MAX_BYTES, Usage};
use crate::profile::Environment;

/// The longest that another process is waited for that holds the lock.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// Between two looks at a lock.
const LOCK_LOOK: Duration = Duration::from_millis(3);
/// The longest between two looks at the budget: another process may give a place back.
const LONGEST_LOOK: Duration = Duration::from_millis(500);

/// The folder of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaceFolder(Arc<Path>);

impl PaceFolder {
    /// `credage` in `XDG_RUNTIME_DIR`, or else `credage-UID` in the folder for temporary files; nothing where neither belongs
    /// to this user alone.
    pub fn find(env: &Environment) -> Option<Self> {
        let runtime = env.get("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
        let candidates = [runtime.map(|path| path.join("credage")), Some(temporary())];
        candidates.into_iter().flatten().find_map(|path| match private_folder(&path) {
            Ok(()) => Some(Self(path.into())),
            Err(error) => {
                tracing::debug!(path = %path.display(), %error, "not used to share the pace between processes");
                None
            }
        })
    }

    fn file_of(&self, endpoint: &Endpoint) -> PathBuf {
        let hash = digest(&SHA256, endpoint.to_string().as_bytes());
        let number = hash.as_ref().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        self.0.join(format!("pace-{number:016x}"))
    }
}

/// The pace that a domain's processes share.
pub(crate) struct SharedPace {
    path: Arc<Path>,
    clock: Clock,
    /// The most that a place is occupied by a request that never gives it back.
    hold: Duration,
    /// The next place's number. They begin anywhere, so that no two processes use the same.
    next: AtomicU64,
    off: AtomicBool,
}

impl std::fmt::Debug for SharedPace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedPace").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SharedPace {
    /// That of a domain; a request to it takes `hold` at most.
    pub(crate) fn new(folder: &PaceFolder, endpoint: &Endpoint, hold: Duration, clock: Clock) -> Self {
        let path = folder.file_of(endpoint).into();
        Self { path, clock, hold, next: AtomicU64::new(anything()), off: AtomicBool::new(false) }
    }

    /// Waits for a place among the requests of all processes: so many in any second and minute. Its number, or nothing
    /// where there is no file to count in. `waiting` tells others whether it waits.
    pub(crate) async fn take(
        &self,
        per_second: usize,
        per_minute: usize,
        waiting: &AtomicBool,
    ) -> Option<u64> {
        let place = self.next.fetch_add(1, Ordering::Relaxed);
        let hold = self.hold;
        loop {
            let take = move |usage: &mut Usage, now| usage.take(place, now, hold, per_second, per_minute);
            match self.with_usage(take).await? {
                Ok(()) => return Some(place),
                Err(wait) => {
                    waiting.store(true, Ordering::Relaxed);
                    tokio::time::sleep(wait.clamp(LOCK_LOOK, LONGEST_LOOK)).await;
                }
            }
        }
    }

    /// The request of this place was answered.
    pub(crate) async fn give_back(&self, place: u64) {
        self.with_usage(move |usage, now| usage.give_back(place, now)).await;
    }

    /// The domain wants nobody to ask for this long.
    pub(crate) async fn pause(&self, length: Duration) {
        self.with_usage(move |usage, now| usage.pause(now, length)).await;
    }

    /// Does something with what the processes have used.
    async fn with_usage<T, F>(&self, work: F) -> Option<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Usage, Timestamp) -> T + Clone + Send + 'static,
    {
        if self.off.load(Ordering::Relaxed) {
            return None;
        }
        let mut waited = Duration::ZERO;
        let error = loop {
            let (path, clock, work) = (Arc::clone(&self.path), Arc::clone(&self.clock), work.clone());
            let done = tokio::task::spawn_blocking(move || change(&path, &clock, work)).await;
            match done.map_err(io::Error::other).flatten() {
                Ok(Some(done)) => return Some(done),
                Ok(None) if waited >= LOCK_WAIT => break io::Error::from(io::ErrorKind::TimedOut),
                Ok(None) => {
                    tokio::time::sleep(LOCK_LOOK).await;
                    waited += LOCK_LOOK;
                }
                Err(error) => break error,
            }
        };
        self.off.store(true, Ordering::Relaxed);
        tracing::debug!(path = %self.path.display(), %error, "the pace is no longer shared between processes");
        None
    }
}

/// Reads, changes and writes the file under its lock; nothing where another process holds that.
fn change<T>(
    path: &Path,
    clock: &Clock,
    work: impl FnOnce(&mut Usage, Timestamp) -> T,
) -> io::Result<Option<T>> {
    let mut file = open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(MAX_BYTES).read_to_end(&mut bytes)?;
    // What was left half-written, or by somebody else, tells nothing.
    let mut usage = Usage::decode(&bytes).unwrap_or_default();
    let done = work(&mut usage, clock());
    let bytes = usage.encode();
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&bytes)?;
    file.set_len(u64::try_from(bytes.len()).map_err(io::Error::other)?)?;
    Ok(Some(done))
}

fn anything() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish()
}

#[cfg(unix)]
fn temporary() -> PathBuf {
    let user = rustix::process::geteuid().as_raw();
    std::env::temp_dir().join(format!("credage-{user}"))
}

/// Makes a folder that nobody else may use, or finds it so.
#[cfg(unix)]
fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};

    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // Not of what a link points at: whoever may write beside it could point it anywhere.
    let found = fs::symlink_metadata(path)?;
    let own = found.uid() == rustix::process::geteuid().as_raw();
    if found.is_dir() && own && found.mode() & 0o777 == 0o700 {
        return Ok(());
    }
    Err(io::Error::other("it is not a folder of this user's alone"))
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    let no_link = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).map_err(io::Error::other)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(no_link);
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    Ok(file)
}

#[cfg(not(unix))]
fn temporary() -> PathBuf {
    std::env::temp_dir().join("credage")
}

#[cfg(not(unix))]
fn private_folder(_path: &Path) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(not(unix))]
fn open(_path: &Path) -> io::Result<File> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(test)]
#[cfg(unix)]
#[path = "shared_pace_tests.rs"]
mod tests;
