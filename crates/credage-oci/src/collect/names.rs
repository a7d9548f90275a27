//! One copy of every group, role, tag and user type, however many users have it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Hands out shared names.
#[derive(Debug, Default)]
pub(crate) struct Names(Mutex<HashSet<Arc<str>>>);

impl Names {
    /// The shared copy of `name`.
    pub(crate) fn share(&self, name: &str) -> Arc<str> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = known.get(name) {
            return Arc::clone(shared);
        }
        let shared: Arc<str> = Arc::from(name);
        known.insert(Arc::clone(&shared));
        shared
    }
}
