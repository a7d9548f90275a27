//! What is kept of an audit: inventories in files that stay readable for years.
//!
//! [`snapshot`] writes an [`credage_core::Inventory`] to a file and reads it back. The format has a version of its own;
//! a newer one than this program knows is refused by name.

pub mod snapshot;
