//! A simulated OCI tenancy on the wire: identity domains that answer signed requests as the real service is documented
//! to, and around them the Identity service and everything that gives tokens, so that credage can be tried without an
//! account and tests can play every fault.
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
mod estate;
mod http;
mod keyring;
mod keys;
mod lens;
mod profile;
mod scim;
mod sim;
mod truth;

pub use collection::{Collection, UnknownCollection};
pub use config::{
    Asked, BadRateLimit, ByIdHow, ByIdLie, Change, Churn, DateForm, DateHeader, Denied, DeniedHow, Fault,
    FaultAction, FilterLie, InLists, IndexLie, ItemsPerPage, Lies, ListingPolicies, ListingPolicy, NextPage,
    Noise, Odd, OddValue, Omission, PageLie, RateLimit, Refusal, ResourcesForm, RetryAfter, SimConfig,
    TotalLie, What, Which,
};
pub use error::SimError;
pub use estate::{DomainSpec, Estate, EstateConfig, Place, Published, ServerCertificate, TOPIC, Way};
pub use http::Stats;
pub use lens::Sight;
pub use profile::ProfileFiles;
pub use sim::{Recorded, Sim};
pub use truth::{TruthRow, TruthUser};
