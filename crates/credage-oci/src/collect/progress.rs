//! How far a domain has been read, for a progress bar to look at from time to time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use credage_core::Kind;
use credage_core::kind::PerKind;

/// Shared counters; written by the collector, read by whoever shows them.
#[derive(Debug)]
pub struct Progress {
    users: Counter,
    kinds: PerKind<Counter>,
}

/// Rows of one collection.
#[derive(Debug, Default)]
pub struct Counter {
    rows: AtomicU64,
    total: AtomicU64,
    done: AtomicBool,
}

impl Default for Progress {
    fn default() -> Self {
        Self { users: Counter::default(), kinds: PerKind::from_fn(|_| Counter::default()) }
    }
}

impl Progress {
    /// The users.
    pub const fn users(&self) -> &Counter {
        &self.users
    }

    /// One kind.
    pub fn kind(&self, kind: Kind) -> &Counter {
        self.kinds.get(kind)
    }
}

impl Counter {
    /// Rows read so far. May exceed the total where something was read again.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Rows that the domain announced; 0 until it did.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Whether its verdict is in.
    pub fn is_done(&self) -> bool {
        self.done.load(Ordering::Relaxed)
    }

    pub(crate) fn announce(&self, total: u64) {
        self.total.fetch_max(total, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, rows: usize) {
        self.rows.fetch_add(u64::try_from(rows).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn finish(&self) {
        self.done.store(true, Ordering::Relaxed);
    }
}
