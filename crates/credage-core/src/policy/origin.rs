//! Where a value of the policy comes from.

use std::collections::BTreeMap;
use std::fmt;

/// Where a value comes from: flag over environment over file over default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// credage's own.
    #[default]
    Default,
    /// A line of the policy file.
    File {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(&'static str),
    /// An option of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { file, line } => write!(f, "{file} line {line}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "option {name}"),
        }
    }
}

/// Where a limit comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitOrigins {
    /// The maximum age, or that there is none.
    pub age: Origin,
    /// The warning.
    pub warning: Origin,
}

/// The origins of all values that are not defaults, by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// Remembers where the value of `key` comes from.
    pub(super) fn set(&mut self, key: impl Into<String>, origin: Origin) {
        self.0.insert(key.into(), origin);
    }

    /// Where the value of `key` comes from.
    pub fn of(&self, key: &str) -> Origin {
        self.0.get(key).cloned().unwrap_or_default()
    }
}
