//! Who is let in: keys that sign, tokens that are borne, and clients that may ask for tokens. All domains of a tenancy
//! share one.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use hyper::http::request::Parts;
use jiff::Timestamp;

use crate::http::signature;
use crate::keys::Signer;

/// Who is let in.
#[derive(Debug, Default)]
pub(crate) struct Keyring {
    signers: RwLock<Vec<Signer>>,
    bearers: RwLock<HashMap<String, Timestamp>>,
    clients: RwLock<HashMap<String, String>>,
    subjects: RwLock<Vec<String>>,
    delegations: RwLock<HashMap<String, Timestamp>>,
}

/// The header that carries a delegation token.
const DELEGATION: &str = "opc-obo-token";

impl Keyring {
    pub(crate) fn signers(&self) -> RwLockReadGuard<'_, Vec<Signer>> {
        self.signers.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks the signature of a request to a service, and on whose behalf it is; the error says what is wrong with it.
    pub(crate) fn check(&self, parts: &Parts, body: &[u8], now: Timestamp) -> Result<(), String> {
        let delegation = parts.headers.get(DELEGATION).map(|value| value.to_str().unwrap_or_default());
        let mut required = vec!["(request-target)", "host"];
        if delegation.is_some() {
            required.push(DELEGATION);
        }
        let signers = self.signers();
        let signer = signature::check_naming(parts, body, &signers, now, &required)?;
        match delegation {
            Some(token) if !self.knows_delegation(token, now) => {
                Err("the delegation token is not known or has expired".to_owned())
            }
            None if signer.needs_delegation() => Err(
                "this instance may do nothing in its own name, and no delegation token came with the request"
                    .to_owned(),
            ),
            _ => Ok(()),
        }
    }

    /// Takes requests that an instance makes on behalf of the user whose token this is, until it ends.
    pub(crate) fn welcome_delegation(&self, token: String, expires: Timestamp) {
        self.delegations.write().unwrap_or_else(PoisonError::into_inner).insert(token, expires);
    }

    fn knows_delegation(&self, token: &str, now: Timestamp) -> bool {
        let known = self.delegations.read().unwrap_or_else(PoisonError::into_inner);
        known.get(token).is_some_and(|&end| now < end)
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
