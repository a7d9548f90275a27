//! Signing in with a session token, as `oci session authenticate` leaves it in a profile.
//!
//! The token and its key are read together and used together. When the token is about to end they are read again,
//! so that `oci session refresh` beside a long audit is noticed.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::AuthWarning;
use super::error::AuthError;
use super::key_file::{self, Loaded};
use super::token::Claims;
use super::value;
use crate::profile::Profile;
use crate::signer::SigningKey;

/// Where the token is named, in the profile and in the environment.
pub(super) const KEY: &str = "security_token_file";
/// See [`KEY`].
pub(super) const VARIABLE: &str = "OCI_CLI_SECURITY_TOKEN_FILE";
/// How long before its end a token is read again.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// A session token with its key.
#[derive(Debug)]
pub struct SecurityToken {
    profile: Profile,
    pub(super) user: Option<String>,
    pub(super) tenancy: Option<String>,
    pub(super) key_file: Option<PathBuf>,
    current: Mutex<Session>,
}

#[derive(Clone, Debug)]
struct Session {
    key: SigningKey,
    expires: Option<Timestamp>,
}

impl SecurityToken {
    /// Takes token and key from a profile.
    pub(super) fn load(profile: Profile) -> Result<(Self, Vec<AuthWarning>), AuthError> {
        let (session, claims, Loaded { path: key_file, warnings, .. }) = read(&profile)?;
        let user = profile.setting("user", &["OCI_CLI_USER"]).map(value::user).transpose()?;
        let user = user.or_else(|| claims.sub.clone());
        let tenancy = profile.setting("tenancy", &["OCI_CLI_TENANCY"]).map(value::tenancy).transpose()?;
        let tenancy = tenancy.or_else(|| claims.tenancy());
        Ok((Self { profile, user, tenancy, key_file, current: Mutex::new(session) }, warnings))
    }

    /// When the present token ends.
    pub(super) fn expires(&self) -> Option<Timestamp> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).expires
    }

    pub(super) fn signing_key(&self, now: Timestamp) -> Result<SigningKey, AuthError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.expires.is_some_and(|end| end <= now + MARGIN) {
            match read(&self.profile) {
                Ok((session, ..)) => *current = session,
                // Somebody may be writing the files at this moment; the present session still serves.
                Err(error) if current.lasts(now) => {
                    tracing::debug!(%error, "the session could not be read again");
                }
                Err(error) => return Err(error),
            }
        }
        match current.expires {
            Some(at) if at <= now => Err(AuthError::ExpiredToken { profile: self.profile.name.clone(), at }),
            _ => Ok(current.key.clone()),
        }
    }

    /// Whether there is anything else to sign with, or to say, than `used`, which the service did not take: another session
    /// in the files, or that this one has ended on the way.
    pub(super) fn has_moved_on(&self, used: &SigningKey, now: Timestamp) -> bool {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.key.is(used)
            && let Ok((session, ..)) = read(&self.profile)
            && session.key.key_id() != used.key_id()
        {
            *current = session;
        }
        !current.key.is(used) || !current.lasts(now)
    }
}

impl Session {
    fn lasts(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|end| now < end)
    }
}

fn read(profile: &Profile) -> Result<(Session, Claims, Loaded), AuthError> {
    let file = profile.required(KEY, VARIABLE)?;
    let path = profile.env().expand(&file.value);
    let text = key_file::read_file("session token", &file, profile)?;
    let token = std::str::from_utf8(&text).map(str::trim).unwrap_or_default();
    let claims = Claims::of(token).map_err(|problem| malformed(path, problem, profile))?;
    let loaded = key_file::load(profile)?;
    let key = SigningKey::new(format!("ST${token}"), Arc::clone(&loaded.pair));
    Ok((Session { key, expires: claims.expires() }, claims, loaded))
}

fn malformed(path: PathBuf, problem: &'static str, profile: &Profile) -> AuthError {
    AuthError::MalformedToken { path, problem, profile: profile.name.clone() }
}
