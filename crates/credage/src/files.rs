//! Files that are either whole or as they were: written beside their place, to the disk, then renamed.
//!
//! A symbolic link keeps pointing where it points, and the file behind it is replaced; one that points nowhere is refused,
//! and so is one that somebody else put into a folder that all may write to (as Linux's `protected_symlinks` does). A file
//! that exists keeps its mode. What a run that was killed left behind is removed by the next one that writes there: such
//! files are known by their name, and by the lock that whoever is still writing holds.

mod leftovers;

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

pub(crate) use self::leftovers::Workshop;
use crate::exit::Failure;
use crate::signals::Leftover;

/// Who may read a file that is new. One that exists keeps its mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Whoever may read any file that the user makes: the usual mask applies.
    Usual,
    /// Its owner alone.
    Owner,
}

/// A place for a file, whatever the spelling.
#[derive(Debug)]
pub(crate) struct Place {
    /// As it was given.
    pub(crate) given: PathBuf,
    /// Without links; where there is no file yet, in its folder without links.
    real: PathBuf,
    /// What is there.
    found: Option<Metadata>,
}

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct Draft {
    given: PathBuf,
    real: PathBuf,
    file: NamedTempFile,
    leftover: Leftover,
    permissions: Option<Permissions>,
}

impl Place {
    /// Finds it. What does not exist yet has a place, too.
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        let given = path.to_owned();
        // `reports/` means a folder, whether there is one or not.
        if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(no_file(path));
        }
        if let Ok(link) = fs::symlink_metadata(path).map(|found| found.is_symlink().then_some(found))
            && let Some(link) = link
        {
            check_link(path, &link)?;
        }
        match fs::canonicalize(path) {
            Ok(real) => {
                let found = fs::metadata(&real).map_err(|error| cannot_write(path, &error))?;
                Ok(Self { given, real, found: Some(found) })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let name = path.file_name().ok_or_else(|| no_file(path))?;
                let folder = fs::canonicalize(folder_of(path)).map_err(|error| cannot_write(path, &error))?;
                Ok(Self { given, real: folder.join(name), found: None })
            }
            Err(error) => Err(cannot_write(path, &error)),
        }
    }

    /// Whether both are one file.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let same = self.found.as_ref().zip(other.found.as_ref()).is_some_and(|(one, two)| is_same(one, two));
        same || self.real == other.real
    }

    /// Whether it is the file that standard output goes to.
    pub(crate) fn is_stdout(&self) -> bool {
        #[cfg(unix)]
        {
            let stdout = crate::terminal::stdout_file();
            self.found.as_ref().zip(stdout.as_ref()).is_some_and(|(one, two)| is_same(one, two))
        }
        #[cfg(not(unix))]
        false
    }

    /// Whether a file can be written there.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.check_found()?;
        let folder = folder_of(&self.real);
        leftovers::remove(&folder);
        // The temporary file is made where the report will be: if that works now, the name and the rights are good.
        leftovers::temporary(&folder, Access::Owner).map_err(|error| cannot_write(&self.given, &error))?;
        Ok(())
    }

    fn check_found(&self) -> Result<(), Failure> {
        match &self.found {
            Some(found) if !found.is_file() => Err(no_file(&self.given)),
            // Renaming would replace a file that nobody may write to.
            Some(_) => OpenOptions::new()
                .write(true)
                .open(&self.real)
                .map(drop)
                .map_err(|error| cannot_write(&self.given, &error)),
            None => Ok(()),
        }
    }
}

/// Begins a file; what is there stays as it is until [`Draft::finish`].
pub(crate) fn begin(path: &Path, access: Access) -> Result<Draft, Failure> {
    let place = Place::of(path)?;
    place.check_found()?;
    let failed = |error: &io::Error| cannot_write(path, error);
    let access = if place.found.is_some() { Access::Owner } else { access };
    let (file, leftover) =
        leftovers::temporary(&folder_of(&place.real), access).map_err(|error| failed(&error))?;
    let permissions = match &place.found {
        Some(found) => Some(kept(found, file.as_file()).map_err(|error| failed(&error))?),
        None => None,
    };
    Ok(Draft { given: place.given, real: place.real, file, leftover, permissions })
}

impl Draft {
    /// Brings it to the disk and to its place.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Self { given, real, file, leftover: _leftover, permissions } = self;
        let failed = |error: &io::Error| cannot_write(&given, error);
        if let Some(permissions) = permissions {
            file.as_file().set_permissions(permissions).map_err(|error| failed(&error))?;
        }
        file.as_file().sync_all().map_err(|error| failed(&error))?;
        file.persist(&real).map_err(|error| failed(&error.error))?;
        // The name is on the disk when the folder is. Some file systems know no such thing.
        let _ = File::open(folder_of(&real)).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

/// The mode of the file that is replaced; its owner and group too, where we may give those.
#[cfg(unix)]
fn kept(old: &Metadata, new: &File) -> io::Result<Permissions> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let fresh = new.metadata()?;
    let mut mode = old.mode() & 0o777;
    if fresh.uid() != old.uid() {
        // Only an administrator can; where it fails, it is the writer's file.
        let _ = fchown(new, Some(old.uid()), None);
    }
    if fresh.gid() != old.gid() && fchown(new, None, Some(old.gid())).is_err() {
        // What its group might do, another group must not.
        mode &= !0o070;
    }
    Ok(Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn kept(old: &Metadata, _: &File) -> io::Result<Permissions> {
    Ok(old.permissions())
}

#[cfg(unix)]
fn is_same(one: &Metadata, two: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (two.dev(), two.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    false
}

fn check_link(path: &Path, link: &Metadata) -> Result<(), Failure> {
    if is_planted(path, link) {
        return Err(Failure::usage(format!(
            "{} is a symbolic link of another user in a folder that all may write to",
            path.display()
        ))
        .hint("write to a folder of your own"));
    }
    if fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Err(Failure::usage(format!(
            "{} is a symbolic link to a file that does not exist",
            path.display()
        ))
        .hint("remove the link, or give the path of the file itself"));
    }
    Ok(())
}

/// Whether Linux would refuse to follow it with `fs.protected_symlinks`: a link in a sticky folder that all may write to,
/// of neither the folder's owner nor ourselves.
#[cfg(unix)]
fn is_planted(path: &Path, link: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    const STICKY_FOR_ALL: u32 = 0o1002;
    let Ok(folder) = fs::metadata(folder_of(path)) else { return false };
    let own =
        || tempfile::tempfile().and_then(|file| file.metadata()).is_ok_and(|file| file.uid() == link.uid());
    folder.mode() & STICKY_FOR_ALL == STICKY_FOR_ALL && link.uid() != folder.uid() && !own()
}

#[cfg(not(unix))]
fn is_planted(_: &Path, _: &Metadata) -> bool {
    false
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn no_file(path: &Path) -> Failure {
    Failure::usage(format!("{} is there and is no file", path.display())).hint("give the path of a file")
}

/// A file that could not be written; the one that was there before is untouched.
pub(crate) fn cannot_write(path: &Path, error: &dyn std::error::Error) -> Failure {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Failure::usage(format!("{} could not be written: {cause}", path.display()))
        .hint("nothing was left half-written; make room or choose another place")
}
