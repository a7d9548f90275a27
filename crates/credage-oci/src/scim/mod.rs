//! SCIM as OCI speaks it: what is asked, what a page looks like, and how errors are told.

pub mod error;
pub mod page;
pub mod query;
