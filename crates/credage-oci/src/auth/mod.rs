//! Who we are: principals, one file each, chosen by option, environment or profile.

pub mod api_key;
pub mod error;
mod key_file;
pub mod security_token;

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;

use self::api_key::ApiKey;
pub use self::error::AuthError;
use self::security_token::SecurityToken;
pub use crate::profile::Environment;
use crate::profile::Profile;
use crate::signer::SigningKey;

/// How to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// With a user's API key.
    ApiKey,
    /// With a session token.
    SecurityToken,
}

/// What the user said about signing in.
#[derive(Clone, Debug, Default)]
pub struct AuthOptions {
    /// The way; else `OCI_CLI_AUTH`, else a session token where the profile names one, else an API key.
    pub method: Option<AuthMethod>,
    /// The profile; else `OCI_CLI_PROFILE`, else DEFAULT.
    pub profile: Option<String>,
    /// The configuration file; else `OCI_CLI_CONFIG_FILE`, `OCI_CONFIG_FILE`, `~/.oci/config`.
    pub config_file: Option<PathBuf>,
}

/// Something about a profile that works and should be mended all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthWarning {
    /// Others on this machine can read the key.
    KeyReadableByOthers {
        /// The key.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
}

/// Somebody who can sign requests.
#[derive(Debug)]
pub struct Principal {
    way: Way,
    warnings: Vec<AuthWarning>,
}

#[derive(Debug)]
enum Way {
    ApiKey(ApiKey),
    SecurityToken(Box<SecurityToken>),
}

/// Finds out who we are. Reads files; sends nothing.
pub fn load(options: &AuthOptions, env: &Environment) -> Result<Principal, AuthError> {
    let profile = Profile::load(options.profile.as_deref(), options.config_file.as_deref(), env)?;
    let method = match options.method {
        Some(method) => method,
        None => method_of(&profile)?,
    };
    tracing::info!(profile = profile.name, place = profile.place(), ?method, "signing in");
    match method {
        AuthMethod::ApiKey => {
            let (key, warnings) = ApiKey::load(&profile)?;
            Ok(Principal { way: Way::ApiKey(key), warnings })
        }
        AuthMethod::SecurityToken => {
            let (token, warnings) = SecurityToken::load(profile)?;
            Ok(Principal { way: Way::SecurityToken(Box::new(token)), warnings })
        }
    }
}

fn method_of(profile: &Profile) -> Result<AuthMethod, AuthError> {
    if let Some(setting) = profile.setting("authentication_type", &["OCI_CLI_AUTH"]) {
        return match setting.value.to_ascii_lowercase().as_str() {
            "api_key" => Ok(AuthMethod::ApiKey),
            "security_token" => Ok(AuthMethod::SecurityToken),
            _ => Err(AuthError::UnsupportedMethod { method: setting.value, origin: setting.origin }),
        };
    }
    let token = profile.setting("security_token_file", &["OCI_CLI_SECURITY_TOKEN_FILE"]);
    Ok(if token.is_some() { AuthMethod::SecurityToken } else { AuthMethod::ApiKey })
}

impl Principal {
    /// A key that is good at `now`, with the id that belongs to it.
    ///
    /// # Errors
    /// Where a session has ended, or what it was read from has become unusable.
    #[expect(clippy::unused_async, reason = "principals that fetch their keys over the wire will wait here")]
    pub async fn signing_key(&self, now: Timestamp) -> Result<SigningKey, AuthError> {
        match &self.way {
            Way::ApiKey(key) => Ok(key.signing_key(now)),
            Way::SecurityToken(token) => token.signing_key(now),
        }
    }

    /// The OCID of the user who signs, where that is known.
    pub fn user_ocid(&self) -> Option<&str> {
        match &self.way {
            Way::ApiKey(key) => Some(&key.user),
            Way::SecurityToken(token) => token.user.as_deref(),
        }
    }

    /// The fingerprint of the API key that signs, if it is one.
    pub fn fingerprint(&self) -> Option<&str> {
        match &self.way {
            Way::ApiKey(key) => Some(&key.fingerprint),
            Way::SecurityToken(_) => None,
        }
    }

    /// What should be mended.
    pub fn warnings(&self) -> &[AuthWarning] {
        &self.warnings
    }
}

impl fmt::Display for AuthWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::KeyReadableByOthers { path, mode } = self;
        let path = path.display();
        write!(f, "the private key {path} can be read by others (mode {mode:o}); run `chmod 600 {path}`")
    }
}
