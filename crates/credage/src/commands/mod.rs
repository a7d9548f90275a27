//! The subcommands, one file each.

pub(crate) mod audit;
pub(crate) mod schema;
pub(crate) mod sim;
