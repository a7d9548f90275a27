//! Where reports go: standard output, and files that are either whole or not there (`files.rs`).

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use credage_report::Format;

use crate::exit::Failure;
use crate::files::{self, Access, Place};
use crate::{signals, terminal};

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

/// Says beforehand what would fail afterwards, so that no audit is run for a report that cannot be kept: two outputs to one
/// file, however it is spelt; a file that is read by this run; a place that cannot be written to.
pub(crate) fn check<'p>(
    outputs: impl IntoIterator<Item = &'p Path>,
    inputs: impl IntoIterator<Item = &'p Path>,
) -> Result<(), Failure> {
    let inputs: Vec<Place> = inputs.into_iter().filter_map(|path| Place::of(path).ok()).collect();
    let mut taken: Vec<Place> = Vec::new();
    for path in outputs {
        let place = Place::of(path)?;
        let shown = path.display();
        if let Some(other) = taken.iter().find(|other| other.is(&place)) {
            let same = if other.given == *path {
                String::new()
            } else {
                format!(", which is also {}", other.given.display())
            };
            return Err(Failure::usage(format!("two outputs would be written to {shown}{same}"))
                .hint("give each output its own path"));
        }
        if let Some(input) = inputs.iter().find(|input| input.is(&place)) {
            let read = input.given.display();
            return Err(Failure::usage(format!(
                "{shown} would be overwritten, but this run reads it ({read})"
            ))
            .hint("write to another path"));
        }
        if place.is_stdout() {
            return Err(Failure::usage(format!(
                "two outputs would be written to {shown}: standard output goes there, too"
            ))
            .hint("give each output its own path"));
        }
        place.check()?;
        taken.push(place);
    }
    Ok(())
}

/// Writes a report as a whole.
pub(crate) fn write_file(
    path: &Path,
    access: Access,
    render: impl FnOnce(&mut dyn Write) -> Result<(), credage_report::RenderError>,
) -> Result<(), Failure> {
    let mut file = BufWriter::new(files::begin(path, access)?);
    render(&mut file).map_err(|error| files::cannot_write(path, &error))?;
    let file = file.into_inner().map_err(|error| files::cannot_write(path, error.error()))?;
    file.finish()?;
    signals::stage("some reports may not have been written");
    Ok(())
}

/// Writes to standard output. A reader that has seen enough (`| head`) is no error.
pub(crate) fn write_stdout(
    render: impl FnOnce(&mut dyn Write) -> Result<(), credage_report::RenderError>,
) -> Result<(), Failure> {
    signals::stage("the output may be incomplete");
    let mut guarded = Guarded { inner: BufWriter::with_capacity(64 * 1024, terminal::stdout()), gone: false };
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
