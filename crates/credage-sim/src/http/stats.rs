//! What was asked of the simulation.

use std::collections::BTreeMap;

use crate::collection::Collection;

/// Counts of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// All requests that arrived.
    pub requests: u64,
    /// Answers by HTTP status; broken connections and silence are not here.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests by collection, as far as they were let through to one.
    pub by_collection: BTreeMap<Collection, u64>,
    /// Requests whose signature was not taken.
    pub refused_signatures: u64,
    /// The most requests that were being answered at one time.
    pub max_concurrency: u64,
}

impl Stats {
    /// How many requests were answered 429.
    pub fn rate_limited(&self) -> u64 {
        self.by_status.get(&429).copied().unwrap_or_default()
    }
}
