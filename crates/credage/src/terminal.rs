//! The edge to the terminal: its size, whether it takes colour, and the only ways to standard error and output.
//!
//! Nothing that a terminal obeys and no secret of a URL gets past here, whoever said it: a server, a configuration file, a
//! file name, the environment. The linter keeps the rest of the program from taking another way (`clippy.toml`).

mod harmless;

use std::io::{IsTerminal, Stderr, Stdout, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use credage_report::sanitize::{for_lines, for_terminal};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};

pub(crate) use self::harmless::Harmless;
use crate::cli::{Color, GlobalArgs};
use crate::exit::Failure;
use crate::redact;

/// The width of a report where there is no terminal.
pub(crate) const DEFAULT_WIDTH: usize = 80;

#[expect(clippy::disallowed_methods, reason = "this is the edge that all others go through")]
fn stderr() -> Stderr {
    std::io::stderr()
}

#[expect(clippy::disallowed_methods, reason = "this is the edge that all others go through")]
fn raw_stdout() -> Stdout {
    std::io::stdout()
}

/// Standard output, for text with our own colours in it and nothing else that acts on a terminal.
pub(crate) fn stdout() -> Harmless<Stdout> {
    Harmless::new(raw_stdout())
}

/// Whether standard output goes to this file.
#[cfg(unix)]
pub(crate) fn stdout_file() -> Option<std::fs::Metadata> {
    use std::os::fd::AsFd;
    let file = std::fs::File::from(raw_stdout().as_fd().try_clone_to_owned().ok()?);
    file.metadata().ok().filter(std::fs::Metadata::is_file)
}

/// Columns and rows of the terminal on standard output, if there is one.
pub(crate) fn size() -> Option<(usize, usize)> {
    let (terminal_size::Width(width), terminal_size::Height(height)) =
        terminal_size::terminal_size_of(raw_stdout())?;
    Some((width.into(), height.into()))
}

/// Rows of the terminal on standard error; those of the smallest usual one where nobody says.
pub(crate) fn lines_on_stderr() -> usize {
    let found = terminal_size::terminal_size_of(stderr());
    found.map_or(24, |(_, terminal_size::Height(height))| height.into())
}

/// Whether standard output takes colour.
pub(crate) fn color_on_stdout(color: Color) -> bool {
    wants(color, AutoStream::choice(&raw_stdout()))
}

/// Whether standard error takes colour.
fn color_on_stderr(color: Color) -> bool {
    wants(color, AutoStream::choice(&stderr()))
}

/// Whether somebody watches standard error.
pub(crate) fn is_watched() -> bool {
    stderr().is_terminal()
}

/// Tells an error with its remedy.
pub(crate) fn complain(failure: &Failure, global: &GlobalArgs) {
    let mark = AnsiColor::Red.on_default().bold();
    tell("error", mark, &failure.message, global.color);
    if let Some(excerpt) = &failure.excerpt {
        let shown: String = excerpt.lines().map(|line| redact::in_excerpt(line) + "\n").collect();
        put(&for_lines(&shown));
    }
    if let Some(hint) = &failure.hint {
        tell("hint", AnsiColor::Cyan.on_default().bold(), hint, global.color);
    }
}

/// The same where no options are at hand.
pub(crate) fn complain_plainly(message: &str) {
    tell("error", AnsiColor::Red.on_default().bold(), message, Color::Auto);
}

/// Tells something that does not stop the run.
pub(crate) fn warn(message: &str, global: &GlobalArgs) {
    tell("warning", AnsiColor::Yellow.on_default().bold(), message, global.color);
}

/// Tells something that is good to know.
pub(crate) fn note(message: &str, global: &GlobalArgs) {
    if !global.quiet {
        tell("note", AnsiColor::Cyan.on_default().bold(), message, global.color);
    }
}

/// A text of several lines that was asked for, as it is.
pub(crate) fn lines(text: &str) {
    put(&for_lines(text));
}

/// Tells what is wrong with the command line; the error repeats what was typed.
pub(crate) fn usage(error: &clap::Error) {
    let text = error.render().to_string();
    let shown: String = text.lines().map(|line| redact::in_message(line).into_owned() + "\n").collect();
    put(&for_lines(&shown));
}

/// What `--help` and `--version` say, in colour where standard output takes it.
pub(crate) fn help(error: &clap::Error) -> String {
    let text = error.render();
    if color_on_stdout(Color::Auto) { text.ansi().to_string() } else { text.to_string() }
}

/// Where the log goes: an event a line, whatever its values hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Log;

impl Write for Log {
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        put(&format!("{}\n", for_terminal(&redact::in_log(text))));
        Ok(event.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Progress bars on standard error.
pub(crate) fn bars() -> MultiProgress {
    MultiProgress::with_draw_target(ProgressDrawTarget::stderr())
}

/// A progress bar whose words are harmless.
pub(crate) struct Bar(pub(crate) ProgressBar);

impl Bar {
    /// Shows what it is of, how far that is, and how it is.
    pub(crate) fn show(&self, name: &str, (done, total): (u64, u64), message: &str) {
        self.0.set_prefix(for_terminal(name).into_owned());
        self.0.set_length(total);
        self.0.set_position(done);
        self.0.set_message(for_terminal(message).into_owned());
        self.0.tick();
    }
}

fn tell(what: &str, mark: Style, message: &str, color: Color) {
    let message = redact::in_message(message);
    let message = for_terminal(&message);
    put(&if color_on_stderr(color) {
        format!("{mark}{what}:{mark:#} {message}\n")
    } else {
        format!("{what}: {message}\n")
    });
}

/// Everything on standard error ends up here, harmless already.
fn put(text: &str) {
    // Nobody can be told that standard error is gone.
    let _ = stderr().lock().write_all(text.as_bytes());
}

fn wants(color: Color, automatic: ColorChoice) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => automatic != ColorChoice::Never,
    }
}
