//! What a simulation is told: how much data, which refusals, which faults.

mod fault;
mod listing;
mod rate;
mod settings;

pub use fault::{Churn, Denied, DeniedHow, Fault, FaultAction, RetryAfter};
pub use listing::{ListingPolicies, ListingPolicy};
pub use rate::{BadRateLimit, RateLimit};
pub use settings::SimConfig;
