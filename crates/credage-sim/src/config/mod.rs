//! What a simulation is told: how much data, which refusals, which faults.

mod change;
mod fault;
mod lies;
mod listing;
mod rate;
mod settings;

pub use change::{Change, What};
pub use fault::{Churn, Denied, DeniedHow, Fault, FaultAction, RetryAfter};
pub use lies::{
    Asked, ByIdHow, ByIdLie, DateForm, DateHeader, FilterLie, InLists, IndexLie, ItemsPerPage, Lies,
    NextPage, Noise, Odd, OddValue, Omission, PageLie, Refusal, ResourcesForm, TotalLie, Which,
};
pub use listing::{ListingPolicies, ListingPolicy};
pub use rate::{BadRateLimit, RateLimit};
pub use settings::SimConfig;
