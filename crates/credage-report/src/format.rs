//! The formats by name.

use std::fmt;
use std::str::FromStr;

/// A format of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    Table,
    /// One row a credential.
    Csv,
    /// One row a user, in the columns of Oracle's sample script.
    WideCsv,
    /// One row a finding.
    FindingsCsv,
    /// `credage.report/v1`.
    Json,
}

/// A name that is no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a format; the formats are table, csv, wide-csv, findings-csv and json")]
pub struct UnknownFormat(String);

impl Format {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Table, Self::Csv, Self::WideCsv, Self::FindingsCsv, Self::Json];

    /// `table`, `csv`, `wide-csv`, `findings-csv` or `json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::WideCsv => "wide-csv",
            Self::FindingsCsv => "findings-csv",
            Self::Json => "json",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let wanted = name.trim().to_ascii_lowercase().replace('_', "-");
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == wanted)
            .ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
