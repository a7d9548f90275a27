//! One assessment in every format. Renders a [`credage_core::Assessment`] and never looks back at OCI.
//!
//! User names, descriptions and error texts come from outside and are hostile: see [`sanitize`].

mod capabilities;
mod csv;
mod dialect;
pub mod doctor;
pub mod domains;
mod explanation;
mod findings_csv;
mod format;
mod json;
pub mod policy;
pub mod rules;
pub mod safe_json;
pub mod sanitize;
mod table;
mod wide_csv;

use std::io::Write;

use credage_core::Assessment;

pub use capabilities::{CapabilitiesFormat, CapabilitiesOptions, capabilities_schema, render_capabilities};
pub use dialect::Dialect;
pub use explanation::{explanation_schema, render_explanation, render_explanation_json};
pub use format::{Format, UnknownFormat};
pub use json::report_schema;

/// How to render.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenderOptions {
    /// Columns of the table, at least 80.
    pub width: usize,
    /// Whether the table may use colour. Meaning never rests on it.
    pub color: bool,
    /// Whether users without credentials are reported (csv, wide-csv, json).
    pub all_users: bool,
    /// Findings in the table before it is cut; all of them without.
    pub rows: Option<usize>,
    /// Whether it is the demo, whose next step is a real audit.
    pub demo: bool,
    /// How CSV is written.
    pub dialect: Dialect,
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// Where it was written to failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The CSV writer failed.
    #[error(transparent)]
    Csv(#[from] ::csv::Error),
    /// The JSON writer failed.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The TOML writer failed.
    #[error(transparent)]
    Toml(#[from] toml::ser::Error),
}

/// Writes an assessment to `out`.
pub fn render(
    format: Format,
    assessment: &Assessment<'_>,
    options: &RenderOptions,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    match format {
        Format::Table => table::render(assessment, options, out),
        Format::Csv => csv::render(assessment, options, out),
        Format::FindingsCsv => findings_csv::render(assessment, options, out),
        Format::WideCsv => wide_csv::render(assessment, options, out),
        Format::Json => json::render(assessment, options, out),
    }
}
