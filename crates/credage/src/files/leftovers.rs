//! Temporary files, and what is left of those whose writer was killed.
//!
//! A writer holds a lock on its file for as long as it lives. A file of our name that nobody has locked is a leftover, even
//! where its writer was on another machine that shares the folder, and whatever became of its process id.

use std::fs::{self, File, Metadata, TryLockError};
use std::io;
use std::path::Path;

use tempfile::{NamedTempFile, TempDir};

use super::{Access, is_same};
use crate::signals::{self, Leftover};

const PREFIX: &str = ".credage-";
const SUFFIX: &str = ".tmp";
const WORKSHOP: &str = "credage-";
const LOCK: &str = "lock";
/// Random characters of a name, as `tempfile` makes them.
const RANDOM: usize = 6;
/// How often a file is made anew that somebody who cleans up took for a leftover before it was locked.
const TRIES: usize = 10;

/// A file that no other run takes for a leftover.
pub(super) fn temporary(folder: &Path, access: Access) -> io::Result<(NamedTempFile, Leftover)> {
    let mut last = io::Error::other("the temporary file was removed by another run");
    for _ in 0..TRIES {
        let (file, leftover) = signals::temporary(|| make(folder, access), NamedTempFile::path)?;
        // Where files cannot be locked, they cannot be cleaned up either.
        let _ = file.as_file().lock();
        match fs::symlink_metadata(file.path()) {
            Ok(_) => return Ok((file, leftover)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn make(folder: &Path, access: Access) -> io::Result<NamedTempFile> {
    let prefix = format!("{PREFIX}{}-", std::process::id());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(SUFFIX).rand_bytes(RANDOM);
    #[cfg(unix)]
    if access == Access::Usual {
        // The usual mask applies to this.
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Removes leftovers from a folder. None of this is worth an error: what cannot be removed stays.
pub(super) fn remove(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(is_ours) {
            remove_one(&entry.path());
        }
    }
}

fn remove_one(path: &Path) {
    // A link, a folder or a pipe of this name is not from here.
    let Ok(found) = fs::symlink_metadata(path) else { return };
    if !found.is_file() {
        return;
    }
    let Ok(file) = File::options().read(true).write(true).open(path) else { return };
    if !is_still(&file, &found) {
        return;
    }
    match file.try_lock() {
        Ok(()) => {
            if fs::remove_file(path).is_ok() {
                tracing::info!(file = %path.display(), "removed what a run that was killed left behind");
            }
        }
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
    }
}

fn is_still(file: &File, found: &Metadata) -> bool {
    file.metadata().is_ok_and(|opened| is_same(&opened, found))
}

/// A folder for the files of this run, which goes when it is dropped, or with the next run where this one is killed.
#[derive(Debug)]
pub(crate) struct Workshop {
    folder: TempDir,
    _lock: File,
    _leftover: Leftover,
}

impl Workshop {
    /// Makes one, and removes those that were left behind.
    pub(crate) fn open() -> io::Result<Self> {
        let prefix = format!("{WORKSHOP}{}-", std::process::id());
        let make = || tempfile::Builder::new().prefix(&prefix).rand_bytes(RANDOM).tempdir();
        let (folder, leftover) = signals::temporary(make, TempDir::path)?;
        let lock = File::create_new(folder.path().join(LOCK))?;
        // Where files cannot be locked, folders cannot be cleaned up either.
        let _ = lock.lock();
        remove_workshops(&std::env::temp_dir(), folder.path());
        Ok(Self { folder, _lock: lock, _leftover: leftover })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn remove_workshops(place: &Path, own: &Path) {
    let (Ok(entries), Ok(ours)) = (fs::read_dir(place), fs::symlink_metadata(own)) else { return };
    for entry in entries.flatten() {
        let named = entry.file_name().to_str().is_some_and(|name| is_numbered(name, WORKSHOP, ""));
        let path = entry.path();
        let mine = || fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir() && is_of(&found, &ours));
        if named && mine() && is_abandoned(&path.join(LOCK)) && fs::remove_dir_all(&path).is_ok() {
            tracing::info!(folder = %path.display(), "removed what a run that was killed left behind");
        }
    }
}

fn is_abandoned(lock: &Path) -> bool {
    let is_file = fs::symlink_metadata(lock).is_ok_and(|found| found.is_file());
    is_file && File::open(lock).is_ok_and(|file| file.try_lock().is_ok())
}

/// Whether both belong to the same user.
#[cfg(unix)]
fn is_of(one: &Metadata, two: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    one.uid() == two.uid()
}

#[cfg(not(unix))]
fn is_of(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// `.credage-PROCESS-RANDOM.tmp`.
fn is_ours(name: &str) -> bool {
    is_numbered(name, PREFIX, SUFFIX)
}

fn is_numbered(name: &str, prefix: &str, suffix: &str) -> bool {
    let middle = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix));
    middle.and_then(|middle| middle.split_once('-')).is_some_and(|(process, random)| {
        !process.is_empty()
            && process.bytes().all(|byte| byte.is_ascii_digit())
            && random.len() == RANDOM
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_and_nobody_s_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let others =
            [".credage-x-abcdef.tmp", ".credage-12-abc.tmp", ".credage-12.tmp", "credage-12-abcdef.tmp"];
        for name in others.into_iter().chain([".credage-12-abcdef.tmp", "target"]) {
            fs::write(path(name), "x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(path("target"), path(".credage-13-abcdef.tmp")).unwrap();
        fs::create_dir(path(".credage-14-abcdef.tmp")).unwrap();
        let (living, _leftover) = temporary(folder.path(), Access::Owner).unwrap();
        remove(folder.path());
        assert!(!path(".credage-12-abcdef.tmp").exists(), "nobody writes it");
        assert!(living.path().exists(), "somebody writes it");
        assert!(others.iter().all(|name| path(name).exists()) && path("target").exists());
        assert!(path(".credage-13-abcdef.tmp").exists() && path(".credage-14-abcdef.tmp").exists());
        drop(living);
    }

    #[test]
    fn a_writer_is_known_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let (file, _leftover) = temporary(folder.path(), Access::Usual).unwrap();
        assert!(is_ours(file.path().file_name().unwrap().to_str().unwrap()), "{file:?}");
    }
}
