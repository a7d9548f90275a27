//! The example that `credage policy init` writes.
//!
//! It says nothing but the defaults. Lines that begin with `#` and no blank after it are settings to try: with all of
//! these marks taken away it is a policy, too.

use jiff::civil::Date;

/// Where the schema of the policy file is published, for editors.
const SCHEMA: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/raw/refs/heads/main/docs/schema/policy-v1.json");
/// The day that stands in the file for the end of its waiver.
const UNTIL: &str = "2027-01-31";

/// The example, with a waiver that ends on `until`.
pub fn example(until: Date) -> String {
    format!("#:schema {SCHEMA}\n{}", include_str!("example.toml").replace(UNTIL, &until.to_string()))
}
