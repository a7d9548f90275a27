//! Reads identity domains over the wire and yields an inventory.
//!
//! [`collect::collect`] is the way in. Nothing that it yields claims more than was proven: see [`collect`] for the
//! ladder of listings and the reconciliation behind every verdict.

mod attempt;
pub mod auth;
mod breaker;
pub mod client;
pub mod clock;
pub mod collect;
pub mod connection;
pub mod deadline;
pub mod discovery;
pub mod doctor;
pub mod endpoint;
pub mod identity;
pub mod key;
pub mod network;
pub mod notifications;
mod pace_file;
pub mod profile;
pub mod rate_limit;
pub mod region;
mod request_error;
mod retry_after;
pub mod scim;
mod shared_pace;
pub mod signer;
pub mod transport;
mod waits;

pub use auth::{AuthError, Principal};
pub use client::{Client, ClientOptions, RequestError, Unavailability};
pub use clock::Clock;
pub use deadline::Deadline;
pub use endpoint::{Endpoint, EndpointError};
pub use network::{Network, NetworkError, Timeouts};
pub use rate_limit::RateLimit;
pub use shared_pace::PaceFolder;
