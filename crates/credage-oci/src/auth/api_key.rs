//! Signing in with a user's API key.

use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::signature::RsaKeyPair;

use super::AuthWarning;
use super::error::AuthError;
use super::key_file;
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
        let user = ocid(profile.required("user", "OCI_CLI_USER")?, "user", "it starts with ocid1.user.")?;
        let tenancy = ocid(
            profile.required("tenancy", "OCI_CLI_TENANCY")?,
            "tenancy",
            "it starts with ocid1.tenancy.",
        )?;
        let fingerprint = profile.required("fingerprint", "OCI_CLI_FINGERPRINT")?;
        let wanted = well_formed(&fingerprint)?;
        let key_file::Loaded { pair, place, path, warnings } = key_file::load(profile)?;
        check_fingerprint(&pair, &place, &wanted, &fingerprint)?;
        let key = SigningKey::new(format!("{tenancy}/{user}/{wanted}"), pair);
        Ok((Self { user, fingerprint: wanted, tenancy, key_file: path, key }, warnings))
    }

    pub(super) fn signing_key(&self) -> SigningKey {
        self.key.clone()
    }
}

fn ocid(setting: Setting, key: &'static str, expected: &'static str) -> Result<String, AuthError> {
    let Setting { value, origin } = setting;
    // Federated users have longer names than `ocid1.user.…`, so no more than the shape is asked for.
    let parts = value.split(['.', ':']).count();
    let plain = value.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\''));
    if value.starts_with("ocid1.") && parts >= 5 && plain {
        return Ok(value);
    }
    Err(AuthError::MalformedValue { key, value, origin, expected })
}

fn well_formed(fingerprint: &Setting) -> Result<String, AuthError> {
    let lower = fingerprint.value.to_ascii_lowercase();
    let pairs: Vec<&str> = lower.split(':').collect();
    let pair = |pair: &&str| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    if pairs.len() == 16 && pairs.iter().all(pair) {
        return Ok(lower);
    }
    Err(AuthError::MalformedValue {
        key: "fingerprint",
        value: fingerprint.value.clone(),
        origin: fingerprint.origin.clone(),
        expected: "it has 16 pairs of hexadecimal digits with colons between them",
    })
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
