//! The server: connections, what is checked before an answer, and what goes wrong on purpose.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod oauth;
pub(crate) mod pace;
pub(crate) mod server;
pub(crate) mod signature;
pub(crate) mod stats;

pub use stats::Stats;
