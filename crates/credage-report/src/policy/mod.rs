//! A policy as it holds: a table for people, `credage.policy/v1` for programs, TOML that reads back; and the reference
//! of its file.

mod json;
mod reference;
mod table;
mod toml;

pub use self::json::render_json;
pub use self::reference::render_reference;
pub use self::table::render_table;
pub use self::toml::render_toml;
