//! A simulated OCI tenancy on the wire: one identity domain that answers signed requests as the real service is
//! documented to, so that credage can be tried without an account and tests can play every fault.
//!
//! Guarantees:
//! - It shares no code with the collector, so that both cannot be wrong alike.
//! - Every request is authenticated before anything else about it is looked at.
//! - The data is a function of the configuration; only the keys are random. See [`SimConfig`].
//! - It listens on loopback addresses only.

mod clock;
mod collection;
mod config;
mod data;
mod error;
mod http;
mod keys;
mod profile;
mod scim;
mod sim;

pub use collection::{Collection, UnknownCollection};
pub use config::{
    BadRateLimit, Churn, Denied, DeniedHow, Fault, FaultAction, ListingPolicies, ListingPolicy, RateLimit,
    SimConfig,
};
pub use error::SimError;
pub use http::Stats;
pub use profile::ProfileFiles;
pub use sim::{Sim, TruthRow};
