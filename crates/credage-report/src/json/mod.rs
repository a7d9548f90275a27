//! The JSON report, by version.

mod findings_v1;
mod v1;

pub(crate) use v1::render;
pub use v1::report_schema;
