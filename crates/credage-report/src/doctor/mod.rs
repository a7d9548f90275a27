//! What `credage doctor` found: lines for people, and `credage.doctor/v1` for programs.

mod text;
mod v1;

pub use text::render_text;
pub use v1::{render_json, schema};
