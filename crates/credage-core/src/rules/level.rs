//! How grave a finding is.

use std::fmt;
use std::str::FromStr;

/// How grave a finding is, gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Act today.
    Critical,
    /// Act this week.
    High,
    /// Plan it.
    Medium,
    /// Know of it.
    Low,
    /// Nothing is wrong.
    Info,
    /// The rule is not applied.
    Off,
}

/// A text that is no level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no level; the levels are off, info, low, medium, high and critical")]
pub struct UnknownLevel(pub String);

impl Level {
    /// All levels, gravest first.
    pub const ALL: [Self; 6] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info, Self::Off];

    /// `critical`, `high`, `medium`, `low`, `info` or `off`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
            Self::Off => "off",
        }
    }

    /// Whether it is at least as grave as `other`.
    pub fn is_at_least(self, other: Self) -> bool {
        self <= other
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        let name = text.trim().to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|level| level.as_str() == name)
            .ok_or_else(|| UnknownLevel(text.to_owned()))
    }
}
