//! Signing in as a resource (a function, a container instance, a job): token and key are handed to it, as values or
//! as paths (`ephemeral_resource_principals_signer.py` of Oracle's Python SDK, version 2.2).
//!
//! Paths are read again at every renewal, since whoever runs us puts fresh ones there.

use std::fs;
use std::path::Path;

use futures::future::BoxFuture;
use jiff::Timestamp;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::error::AuthError;
use super::renewal::{Authorization, Session, Source};
use super::token::Claims;
use crate::key;
use crate::profile::Environment;
use crate::signer::SigningKey;

const TOKEN: &str = "OCI_RESOURCE_PRINCIPAL_RPST";
const KEY: &str = "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM";
const PASSPHRASE: &str = "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM_PASSPHRASE";
const REGION: &str = "OCI_RESOURCE_PRINCIPAL_REGION";
const VERSION: &str = "OCI_RESOURCE_PRINCIPAL_VERSION";

/// A resource.
#[derive(Debug)]
pub(super) struct ResourcePrincipal {
    env: Environment,
}

impl ResourcePrincipal {
    /// Whether the environment hands over a token, or says where to get one.
    pub(super) fn is_offered(env: &Environment) -> bool {
        let sources = [
            TOKEN,
            KEY,
            "OCI_RESOURCE_PRINCIPAL_RPT_ENDPOINT",
            "OCI_RESOURCE_PRINCIPAL_RPT_URL_FOR_PARENT_RESOURCE",
        ];
        Self::is_announced(env) && sources.iter().any(|name| env.get(name).is_some())
    }

    /// Whether the environment speaks of one at all. Pods are given the version and the region alone, since Oracle's Go SDK
    /// wants them for workload identity (oracle/oci-go-sdk#489).
    pub(super) fn is_announced(env: &Environment) -> bool {
        env.get(VERSION).is_some()
    }

    /// Takes the environment's word.
    pub(super) fn load(env: &Environment) -> Result<Self, AuthError> {
        match env.get(VERSION) {
            Some("2.2") => {}
            Some(other) => return Err(AuthError::ResourcePrincipalVersion(other.to_owned())),
            None => {
                return Err(AuthError::MissingVariable { variable: VERSION, method: "resource_principal" });
            }
        }
        for variable in [TOKEN, KEY] {
            if env.get(variable).is_none() {
                return Err(AuthError::MissingVariable { variable, method: "resource_principal" });
            }
        }
        Ok(Self { env: env.clone() })
    }

    fn read(&self, now: Timestamp) -> Result<Session, AuthError> {
        let token = self.value(TOKEN)?;
        let token = std::str::from_utf8(&token).map(str::trim).unwrap_or_default();
        let claims = Claims::of(token).map_err(|problem| AuthError::BadToken { what: TOKEN, problem })?;
        if let Some(at) = claims.expires().filter(|&at| at <= now) {
            return Err(AuthError::ExpiredResourceToken { at });
        }
        let pem = self.value(KEY)?;
        let passphrase = match self.env.get(PASSPHRASE) {
            Some(_) => Some(SecretString::from(
                String::from_utf8_lossy(&self.value(PASSPHRASE)?).trim_end().to_owned(),
            )),
            None => None,
        };
        let pair = key::read(&pem, passphrase.as_ref())
            .map_err(|cause| AuthError::Key { place: format!("of {KEY}"), cause })?;
        Ok(Session {
            authorization: Authorization::Signature(SigningKey::new(format!("ST${token}"), pair)),
            expires: claims.expires(),
            tenancy: claims.tenancy(),
            region: self.env.get(REGION).map(str::to_owned),
            described: None,
        })
    }

    /// A value, or what stands in the file that it names by an absolute path.
    fn value(&self, variable: &'static str) -> Result<Zeroizing<Vec<u8>>, AuthError> {
        let text = self.env.get(variable).unwrap_or_default();
        let path = Path::new(text);
        if !path.is_absolute() {
            return Ok(Zeroizing::new(text.as_bytes().to_vec()));
        }
        fs::read(path).map(Zeroizing::new).map_err(|error| AuthError::UnreadableFile {
            what: variable,
            path: path.to_owned(),
            cause: error.to_string(),
        })
    }
}

impl Source for ResourcePrincipal {
    fn begin(&self, now: Timestamp) -> BoxFuture<'_, Result<Session, AuthError>> {
        Box::pin(std::future::ready(self.read(now)))
    }
}
