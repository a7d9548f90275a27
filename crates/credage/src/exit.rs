//! How a run ends: the exit codes that scripts rely on, and errors with their remedy. Signals end it too (`signals.rs`).

use std::fmt;
use std::process::ExitCode;

use credage_core::ConfigError;

/// The end of a run. Where several apply, the highest wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// 0: done, and nothing at or above `--fail-on`.
    Done,
    /// 1: findings at or above `--fail-on`.
    Findings,
    /// 2: usage or configuration.
    Usage,
    /// 3: not everything that was asked for could be read.
    Incomplete,
    /// 4: nothing could be audited.
    Nothing,
    /// 5: a notification was not delivered.
    Undelivered,
}

impl Exit {
    /// The code of [`Exit::Usage`].
    pub(crate) const USAGE: u8 = 2;

    const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::Usage => Self::USAGE,
            Self::Incomplete => 3,
            Self::Nothing => 4,
            Self::Undelivered => 5,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command could not do its work, with what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What happened.
    pub(crate) message: String,
    /// The place of the mistake, to be shown below the message: a line of a file, and a mark.
    pub(crate) excerpt: Option<String>,
    /// What to do next.
    pub(crate) hint: Option<String>,
    /// How the run ends.
    pub(crate) exit: Exit,
}

impl Failure {
    /// A mistake in usage or configuration.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), excerpt: None, hint: None, exit: Exit::Usage }
    }

    /// A mistake in a configuration file.
    pub(crate) fn config(error: ConfigError) -> Self {
        let shown = error.to_string();
        let (message, excerpt) = match shown.split_once('\n') {
            Some((message, excerpt)) => (message.to_owned(), Some(excerpt.to_owned())),
            None => (shown, None),
        };
        Self { message, excerpt, hint: error.hint, exit: Exit::Usage }
    }

    /// The same, with what to do next.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}
