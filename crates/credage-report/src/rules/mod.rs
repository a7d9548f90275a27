//! The rules, as they are declared and as a policy applies them: a table, one rule in full, `credage.rules/v1`, and
//! their page in the documentation.

mod json;
mod markdown;
mod table;

pub use self::json::render_json;
pub use self::markdown::render_markdown;
pub use self::table::{render_one, render_table};

use credage_core::Kind;
use credage_core::rules::{Cis, Meta};

/// The versions of the CIS benchmark that rules speak to, newest first.
const CIS_VERSIONS: [&str; 3] = ["3.1", "2.0", "1.2"];

/// The controls of a version that a rule speaks to, in words: `1.8 (API key)`.
fn controls(meta: &Meta, version: &str) -> String {
    let named = |cis: &Cis| match cis.kind.map(Kind::label) {
        Some(kind) => format!("{} ({kind})", cis.control),
        None => cis.control.to_owned(),
    };
    let of_version = meta.cis.iter().filter(|cis| cis.version == version);
    of_version.map(named).collect::<Vec<_>>().join(", ")
}
