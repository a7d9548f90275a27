//! Where reports go: standard output, and files that are either whole or not there.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use credage_report::Format;

use crate::exit::Failure;
use crate::signals;

/// A report to be written to a file: `FORMAT=PATH`.
#[derive(Clone, Debug)]
pub(crate) struct WriteTarget {
    pub(crate) format: Format,
    pub(crate) path: PathBuf,
}

impl FromStr for WriteTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text
            .split_once('=')
            .ok_or_else(|| "write FORMAT=PATH, such as csv=credentials.csv".to_owned())?;
        let format = format.parse::<Format>().map_err(|error| error.to_string())?;
        if path.is_empty() {
            return Err(format!("no path after `{}=`", format.as_str()));
        }
        Ok(Self { format, path: path.into() })
    }
}

/// Says beforehand what would fail afterwards, so that no audit is run for a report that cannot be kept.
pub(crate) fn check(targets: &[WriteTarget]) -> Result<(), Failure> {
    for (place, target) in targets.iter().enumerate() {
        let path = &target.path;
        if targets.iter().take(place).any(|earlier| earlier.path == *path) {
            return Err(Failure::usage(format!("two reports would be written to {}", path.display()))
                .hint("give each --write a path of its own"));
        }
        check_path(path)?;
    }
    Ok(())
}

/// Whether a file can be written there.
pub(crate) fn check_path(path: &Path) -> Result<(), Failure> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Failure::usage(format!("{} is there and is no file", path.display()))
            .hint("give the path of a file"));
    }
    // The temporary file is made where the report will be: if that works now, the name and the rights are good.
    let made = signals::temporary(|| temporary(&folder_of(path)), tempfile::NamedTempFile::path);
    made.map_err(|error| cannot_write(path, &error))?;
    Ok(())
}

/// Writes a file as a whole: to a temporary file beside it, to the disk, then renamed.
pub(crate) fn write_file(
    path: &Path,
    render: impl FnOnce(&mut dyn Write) -> Result<(), credage_report::RenderError>,
) -> Result<(), Failure> {
    // A link keeps pointing where it points; the file behind it is replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let made = signals::temporary(|| temporary(&folder_of(path)), tempfile::NamedTempFile::path);
    let (file, _leftover) = made.map_err(|error| cannot_write(path, &error))?;
    let mut file = BufWriter::new(file);
    render(&mut file).map_err(|error| cannot_write(path, &error))?;
    let file = file.into_inner().map_err(|error| cannot_write(path, error.error()))?;
    file.as_file().sync_all().map_err(|error| cannot_write(path, &error))?;
    file.persist(path).map_err(|error| cannot_write(path, &error.error))?;
    signals::stage("some reports may not have been written");
    Ok(())
}

/// Writes to standard output. A reader that has seen enough (`| head`) is no error.
pub(crate) fn write_stdout(
    render: impl FnOnce(&mut dyn Write) -> Result<(), credage_report::RenderError>,
) -> Result<(), Failure> {
    signals::stage("the output may be incomplete");
    let mut guarded =
        Guarded { inner: BufWriter::with_capacity(64 * 1024, io::stdout().lock()), gone: false };
    let written = render(&mut guarded);
    let flushed = guarded.flush();
    if guarded.gone {
        return Ok(());
    }
    let problem =
        written.err().map(|error| error.to_string()).or_else(|| flushed.err().map(|error| error.to_string()));
    problem.map_or(Ok(()), |problem| {
        Err(Failure::usage(format!("the report could not be written to standard output: {problem}"))
            .hint("make room, or write it to a file elsewhere with --write"))
    })
}

/// Remembers whether the reader went away, which a renderer's own error would hide.
struct Guarded<W> {
    inner: W,
    gone: bool,
}

impl<W: Write> Guarded<W> {
    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        self.gone |= result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        result
    }
}

impl<W: Write> Write for Guarded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.inner.write(bytes);
        self.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.inner.flush();
        self.note(result)
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".credage-").suffix(".tmp");
    // A report is readable as any file that the user makes: the usual mask applies.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

fn cannot_write(path: &Path, error: &dyn std::error::Error) -> Failure {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Failure::usage(format!("{} could not be written: {cause}", path.display()))
        .hint("nothing was left half-written; make room or choose another place")
}
