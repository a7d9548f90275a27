//! Signing in with a session token, as `oci session authenticate` leaves it in a profile.
//!
//! The token and its key are read together and used together. When the token is about to end they are read again,
//! so that `oci session refresh` beside a long audit is noticed.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::AuthWarning;
use super::error::AuthError;
use super::key_file;
use crate::profile::Profile;
use crate::signer::SigningKey;

/// How long before its end a token is read again.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// A session token with its key.
#[derive(Debug)]
pub struct SecurityToken {
    profile: Profile,
    pub(super) user: Option<String>,
    current: Mutex<Session>,
}

#[derive(Clone, Debug)]
struct Session {
    key: SigningKey,
    expires: Option<Timestamp>,
}

/// The claims of a token that matter here. The signature is for the service to check.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Claims {
    exp: Option<i64>,
    sub: Option<String>,
}

impl SecurityToken {
    /// Takes token and key from a profile.
    pub(super) fn load(profile: Profile) -> Result<(Self, Vec<AuthWarning>), AuthError> {
        let (session, claims, warnings) = read(&profile)?;
        let user = profile.setting("user", &["OCI_CLI_USER"]).map(|setting| setting.value).or(claims.sub);
        Ok((Self { profile, user, current: Mutex::new(session) }, warnings))
    }

    pub(super) fn signing_key(&self, now: Timestamp) -> Result<SigningKey, AuthError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.expires.is_some_and(|end| end <= now + MARGIN) {
            *current = read(&self.profile)?.0;
        }
        match current.expires {
            Some(at) if at <= now => Err(AuthError::ExpiredToken { profile: self.profile.name.clone(), at }),
            _ => Ok(current.key.clone()),
        }
    }
}

fn read(profile: &Profile) -> Result<(Session, Claims, Vec<AuthWarning>), AuthError> {
    let file = profile.required("security_token_file", "OCI_CLI_SECURITY_TOKEN_FILE")?;
    let path = profile.env().expand(&file.value);
    let text = key_file::read_file("session token", &path, &file.value, &file.origin)?;
    let token = std::str::from_utf8(&text).map(str::trim).unwrap_or_default();
    let claims = claims(token).map_err(|problem| malformed(path, problem, profile))?;
    let loaded = key_file::load(profile)?;
    let session = Session {
        key: SigningKey::new(format!("ST${token}"), loaded.pair),
        expires: claims.exp.and_then(|seconds| Timestamp::from_second(seconds).ok()),
    };
    Ok((session, claims, loaded.warnings))
}

fn claims(token: &str) -> Result<Claims, &'static str> {
    if token.is_empty() {
        return Err("is empty");
    }
    let not_a_token = "is not a token";
    let payload = token.split('.').nth(1).ok_or(not_a_token)?;
    let json = BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).map_err(|_| not_a_token)?;
    serde_json::from_slice(&json).map_err(|_| not_a_token)
}

fn malformed(path: PathBuf, problem: &'static str, profile: &Profile) -> AuthError {
    AuthError::MalformedToken { path, problem, profile: profile.name.clone() }
}
