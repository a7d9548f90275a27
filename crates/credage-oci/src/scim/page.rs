//! One page of a listing.

use serde::Deserialize;

/// A page, as RFC 7644 section 3.4.2 has it. `Resources` may be missing where there are none.
#[derive(Debug, Deserialize)]
pub struct Page<T> {
    /// How many rows the whole listing has, as of this page.
    #[serde(rename = "totalResults")]
    pub total_results: u64,
    /// The rows of this page.
    #[serde(rename = "Resources", default = "Vec::new")]
    pub resources: Vec<T>,
}
