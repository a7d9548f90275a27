//! Who is let in: keys that sign, tokens that are borne, and clients that may ask for tokens. All domains of a tenancy
//! share one.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use jiff::Timestamp;

use crate::keys::Signer;

/// Who is let in.
#[derive(Debug, Default)]
pub(crate) struct Keyring {
    signers: RwLock<Vec<Signer>>,
    bearers: RwLock<HashMap<String, Timestamp>>,
    clients: RwLock<HashMap<String, String>>,
    subjects: RwLock<Vec<String>>,
}

impl Keyring {
    pub(crate) fn signers(&self) -> RwLockReadGuard<'_, Vec<Signer>> {
        self.signers.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the signatures of one more.
    pub(crate) fn welcome(&self, signer: Signer) {
        self.signers.write().unwrap_or_else(PoisonError::into_inner).push(signer);
    }

    /// Takes an access token until it ends.
    pub(crate) fn welcome_bearer(&self, token: String, expires: Timestamp) {
        self.bearers.write().unwrap_or_else(PoisonError::into_inner).insert(token, expires);
    }

    /// Whether an access token is good.
    pub(crate) fn knows_bearer(&self, token: &str, now: Timestamp) -> bool {
        self.bearers.read().unwrap_or_else(PoisonError::into_inner).get(token).is_some_and(|&end| now < end)
    }

    /// Takes a confidential application.
    pub(crate) fn welcome_client(&self, id: String, secret: String) {
        self.clients.write().unwrap_or_else(PoisonError::into_inner).insert(id, secret);
    }

    /// Whether a client knows its secret.
    pub(crate) fn knows_client(&self, id: &str, secret: &str) -> bool {
        self.clients
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .is_some_and(|known| known == secret)
    }

    /// Takes a foreign token in exchange for one of ours.
    pub(crate) fn welcome_subject(&self, token: String) {
        self.subjects.write().unwrap_or_else(PoisonError::into_inner).push(token);
    }

    /// Whether a foreign token is taken.
    pub(crate) fn knows_subject(&self, token: &str) -> bool {
        self.subjects.read().unwrap_or_else(PoisonError::into_inner).iter().any(|known| known == token)
    }

    /// Everything that was let in by a token is let in no more.
    pub(crate) fn revoke_tokens(&self) {
        self.signers.write().unwrap_or_else(PoisonError::into_inner).retain(Signer::is_lasting);
        self.bearers.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
