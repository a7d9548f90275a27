//! Who may create what and who did, or what could be taken away: a table, CSV, and `credage.capabilities/v1`.

mod csv;
mod json;
mod table;

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use credage_core::capabilities::{Holding, Review, Usage};

pub use self::json::schema as capabilities_schema;
use crate::{Dialect, RenderError};

/// A format of the listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapabilitiesFormat {
    /// For people at a terminal.
    Table,
    /// One row a user and kind.
    Csv,
    /// `credage.capabilities/v1`.
    Json,
}

impl FromStr for CapabilitiesFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name.trim().to_ascii_lowercase().as_str() {
            "table" => Ok(Self::Table),
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            _ => Err(format!("`{name}` is not a format; the formats are table, csv and json")),
        }
    }
}

impl fmt::Display for CapabilitiesFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
        })
    }
}

/// How to render.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapabilitiesOptions {
    /// Only what could be taken away, and what lives on although it was.
    pub unused: bool,
    /// Columns of the table, at least 80.
    pub width: usize,
    /// Whether the table may use colour.
    pub color: bool,
    /// Rows of each list in the table before it is cut; all of them without.
    pub rows: Option<usize>,
    /// How CSV is written.
    pub dialect: Dialect,
}

/// Writes the listing to `out`.
pub fn render_capabilities(
    format: CapabilitiesFormat,
    review: &Review<'_>,
    options: &CapabilitiesOptions,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    match format {
        CapabilitiesFormat::Table => table::render(review, options, out),
        CapabilitiesFormat::Csv => csv::render(review, options, out),
        CapabilitiesFormat::Json => json::render(review, options, out),
    }
}

/// What is listed, in the order of the review; what lives on although it was switched off stands apart from it.
fn listed<'r, 'a>(review: &'r Review<'a>, unused: bool) -> impl Iterator<Item = &'r Holding<'a>> {
    review.holdings().filter(move |holding| {
        if unused {
            holding.is_to_take_away()
        } else {
            !matches!(holding.usage, Usage::None | Usage::DisabledButConfigured)
        }
    })
}

/// What lives on although it was switched off.
fn dormant<'r, 'a>(review: &'r Review<'a>) -> impl Iterator<Item = &'r Holding<'a>> {
    review.holdings().filter(|holding| holding.usage == Usage::DisabledButConfigured)
}
