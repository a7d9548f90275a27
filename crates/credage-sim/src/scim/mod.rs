//! SCIM as a domain serves it: filters, attributes, pages, errors.

pub(crate) mod document;
pub(crate) mod filter;
pub(crate) mod page;
pub(crate) mod projection;
pub(crate) mod search;
