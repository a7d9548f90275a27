//! Everything that is known about one thing: for people, and `credage.explanation/v1` for programs.

mod json;
mod text;
mod user;
mod v1;

pub use self::json::{render as render_explanation_json, schema as explanation_schema};
pub use self::text::render as render_explanation;
