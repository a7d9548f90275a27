//! Configuration files: raw types that are parsed, mistakes that are shown where they stand.
//!
//! A file is parsed into raw types that keep the place of every value, then validated into types that cannot be wrong.
//! Whatever is wrong is a [`ConfigError`]: line, column, the line itself, and what to write instead.

mod source;

pub use source::{ConfigError, ConfigSource, did_you_mean};
