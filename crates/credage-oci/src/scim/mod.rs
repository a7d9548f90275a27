//! SCIM as OCI speaks it: what is asked, what a page looks like, and how errors are told.

pub mod body;
pub mod error;
pub mod lenient;
pub mod page;
pub mod query;
