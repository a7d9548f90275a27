//! Signing in with a user's API key.

use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::signature::RsaKeyPair;

use super::AuthWarning;
use super::error::AuthError;
use super::{key_file, value};
use crate::key;
use crate::profile::{Profile, Setting};
use crate::signer::SigningKey;

/// A user's API key.
#[derive(Debug)]
pub struct ApiKey {
    pub(super) user: String,
    pub(super) fingerprint: String,
    pub(super) tenancy: String,
    pub(super) key_file: Option<PathBuf>,
    key: SigningKey,
}

impl ApiKey {
    /// Takes user, tenancy, fingerprint and key from a profile.
    pub(super) fn load(profile: &Profile) -> Result<(Self, Vec<AuthWarning>), AuthError> {
        let user = value::user(profile.required("user", "OCI_CLI_USER")?)?;
        let tenancy = value::tenancy(profile.required("tenancy", "OCI_CLI_TENANCY")?)?;
        let fingerprint = profile.required("fingerprint", "OCI_CLI_FINGERPRINT")?;
        let wanted = value::fingerprint(fingerprint.clone())?;
        let key_file::Loaded { pair, place, path, warnings } = key_file::load(profile)?;
        check_fingerprint(&pair, &place, &wanted, &fingerprint)?;
        let key = SigningKey::new(format!("{tenancy}/{user}/{wanted}"), pair);
        Ok((Self { user, fingerprint: wanted, tenancy, key_file: path, key }, warnings))
    }

    pub(super) fn signing_key(&self) -> SigningKey {
        self.key.clone()
    }
}

fn check_fingerprint(
    pair: &Arc<RsaKeyPair>,
    place: &str,
    wanted: &str,
    said: &Setting,
) -> Result<(), AuthError> {
    let actual = key::fingerprint(pair).map_err(|cause| AuthError::Key { place: place.to_owned(), cause })?;
    if actual == wanted {
        return Ok(());
    }
    Err(AuthError::FingerprintMismatch {
        place: place.to_owned(),
        actual,
        configured: wanted.to_owned(),
        origin: said.origin.clone(),
    })
}
