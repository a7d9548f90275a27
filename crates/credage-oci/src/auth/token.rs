//! Tokens: what can be read off them, and fresh keys for those that come with one.

use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;

use super::error::AuthError;

/// The claims of a token that matter here. The signature is for the service to check.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Claims {
    exp: Option<i64>,
    /// Who it speaks for.
    pub(super) sub: Option<String>,
    tenant: Option<String>,
    res_tenant: Option<String>,
    #[serde(rename = "opc-tenant")]
    opc_tenant: Option<String>,
}

impl Claims {
    /// Reads the claims of a token.
    pub(super) fn of(token: &str) -> Result<Self, &'static str> {
        if token.is_empty() {
            return Err("is empty");
        }
        let not_a_token = "is not a token";
        let payload = token.split('.').nth(1).ok_or(not_a_token)?;
        let json = BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).map_err(|_| not_a_token)?;
        serde_json::from_slice(&json).map_err(|_| not_a_token)
    }

    /// When it ends.
    pub(super) fn expires(&self) -> Option<Timestamp> {
        self.exp.and_then(|seconds| Timestamp::from_second(seconds).ok())
    }

    /// The tenancy that it is of.
    pub(super) fn tenancy(&self) -> Option<String> {
        self.res_tenant.clone().or_else(|| self.tenant.clone())
    }

    /// A tenancy that it names as its bearer's, and that is another one.
    pub(super) fn other_than(&self, tenancy: &str) -> Option<&str> {
        let mut named = [&self.tenant, &self.opc_tenant].into_iter().flatten();
        named.find(|named| *named != tenancy).map(String::as_str)
    }
}

/// A fresh session key (RSA, 2,048 bits) and its public half in base64 (DER, SubjectPublicKeyInfo).
pub(super) async fn session_key() -> Result<(Arc<RsaKeyPair>, String), AuthError> {
    let made = tokio::task::spawn_blocking(|| RsaKeyPair::generate(KeySize::Rsa2048)).await;
    let pair = made.map_err(|_| AuthError::SessionKey)?.map_err(|_| AuthError::SessionKey)?;
    let public = pair.public_key().as_der().map_err(|_| AuthError::SessionKey)?;
    let public = BASE64_STANDARD.encode(public.as_ref());
    Ok((Arc::new(pair), public))
}
