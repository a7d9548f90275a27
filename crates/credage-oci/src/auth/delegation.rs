//! Signing in as Cloud Shell does: an instance that signs on behalf of the user whose delegation token it was given
//! (`get_instance_principal_signer` in `cli_util.py` of Oracle's CLI, `instance_principals_delegation_token_signer.py` of
//! its Python SDK).
//!
//! The instance and its certificate belong to Oracle's own tenancy, so the tenancy to audit is the profile's, or else the
//! token's. The token is read again with every session, since Cloud Shell replaces it before it ends.

use futures::future::BoxFuture;
use jiff::Timestamp;
use secrecy::SecretString;

use super::error::AuthError;
use super::instance_principal::InstancePrincipal;
use super::key_file;
use super::renewal::{Authorization, Session, Source};
use super::token::Claims;
use super::value;
use crate::profile::Profile;

/// Where the token is named, in the profile and in the environment.
pub(super) const KEY: &str = "delegation_token_file";
/// See [`KEY`].
pub(super) const VARIABLE: &str = "OCI_CLI_DELEGATION_TOKEN_FILE";
const TOKEN: &str = "the delegation token";

/// An instance, and the profile that names the token.
#[derive(Debug)]
pub(super) struct Delegation {
    instance: InstancePrincipal,
    profile: Profile,
    tenancy: Option<String>,
}

impl Delegation {
    /// Takes the token's file and the tenancy from a profile.
    ///
    /// # Errors
    /// A file that cannot be read: that is known before anything is asked.
    pub(super) fn load(instance: InstancePrincipal, profile: Profile) -> Result<Self, AuthError> {
        let tenancy = profile.setting("tenancy", &["OCI_CLI_TENANCY"]).map(value::tenancy).transpose()?;
        let delegation = Self { instance, profile, tenancy };
        delegation.token()?;
        Ok(delegation)
    }

    fn token(&self) -> Result<String, AuthError> {
        let file = self.profile.required(KEY, VARIABLE)?;
        let text = key_file::read_file("delegation token", &file, &self.profile)?;
        let token = std::str::from_utf8(&text).map(str::trim).unwrap_or_default();
        if token.is_empty() {
            return Err(AuthError::BadToken { what: TOKEN, problem: "is empty" });
        }
        Ok(token.to_owned())
    }

    async fn begin_session(&self, now: Timestamp) -> Result<Session, AuthError> {
        let token = self.token()?;
        // What it says of itself counts where it can be read; only the service has to understand it.
        let claims = Claims::of(&token).unwrap_or_default();
        if let Some(at) = claims.expires().filter(|&at| at <= now) {
            return Err(AuthError::ExpiredDelegation { at });
        }
        let session = self.instance.federate().await?;
        let Authorization::Signature(key) = session.authorization else { return Err(AuthError::SessionKey) };
        Ok(Session {
            authorization: Authorization::Signature(key.on_behalf_of(SecretString::from(token))),
            expires: [session.expires, claims.expires()].into_iter().flatten().min(),
            tenancy: self.tenancy.clone().or_else(|| claims.tenancy()),
            ..session
        })
    }
}

impl Source for Delegation {
    fn begin(&self, now: Timestamp) -> BoxFuture<'_, Result<Session, AuthError>> {
        Box::pin(self.begin_session(now))
    }
}
