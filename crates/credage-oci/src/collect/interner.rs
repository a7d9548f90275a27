//! One copy of every user id, however many credentials name it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use credage_core::UserId;

/// Hands out shared ids.
#[derive(Debug, Default)]
pub(crate) struct Interner(Mutex<HashSet<UserId>>);

impl Interner {
    /// The shared copy of `id`.
    pub(crate) fn intern(&self, id: &str) -> UserId {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = known.get(id) {
            return shared.clone();
        }
        let shared = UserId::new(id);
        known.insert(shared.clone());
        shared
    }
}
