//! The terminal: its size, whether it takes colour, and how errors are told on it.

use std::io::{IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::cli::{Color, GlobalArgs};
use crate::exit::Failure;

/// The width of a report where there is no terminal.
pub(crate) const DEFAULT_WIDTH: usize = 80;

/// Columns and rows of the terminal on standard output, if there is one.
pub(crate) fn size() -> Option<(usize, usize)> {
    let (terminal_size::Width(width), terminal_size::Height(height)) =
        terminal_size::terminal_size_of(std::io::stdout())?;
    Some((width.into(), height.into()))
}

/// Rows of the terminal on standard error; those of the smallest usual one where nobody says.
pub(crate) fn lines_on_stderr() -> usize {
    let found = terminal_size::terminal_size_of(std::io::stderr());
    found.map_or(24, |(_, terminal_size::Height(height))| height.into())
}

/// Whether standard output takes colour.
pub(crate) fn color_on_stdout(color: Color) -> bool {
    wants(color, AutoStream::choice(&std::io::stdout()))
}

/// Whether standard error takes colour.
pub(crate) fn color_on_stderr(color: Color) -> bool {
    wants(color, AutoStream::choice(&std::io::stderr()))
}

/// Whether somebody watches standard error.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Tells an error with its remedy.
pub(crate) fn complain(failure: &Failure, global: &GlobalArgs) {
    let mark = AnsiColor::Red.on_default().bold();
    tell("error", mark, &failure.message, global.color);
    for line in failure.excerpt.iter().flat_map(|excerpt| excerpt.lines()) {
        // Tabs keep the mark below what it means; everything else that acts on a terminal is shown as what it is.
        let parts: Vec<_> = line.split('\t').map(credage_report::sanitize::for_terminal).collect();
        let _ = writeln!(std::io::stderr().lock(), "{}", parts.join("\t"));
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
    // Nobody can be told that standard error is gone.
    let _ = std::io::stderr().lock().write_all(crate::notify::harmless(text).as_bytes());
}

fn tell(what: &str, mark: Style, message: &str, color: Color) {
    let message = credage_report::sanitize::for_terminal(message);
    let mut stderr = std::io::stderr().lock();
    // Nobody can be told that standard error is gone.
    let _ = if color_on_stderr(color) {
        writeln!(stderr, "{mark}{what}:{mark:#} {message}")
    } else {
        writeln!(stderr, "{what}: {message}")
    };
}

fn wants(color: Color, automatic: ColorChoice) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => automatic != ColorChoice::Never,
    }
}
