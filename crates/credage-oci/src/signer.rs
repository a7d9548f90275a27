//! OCI request signatures, to the letter of Oracle's "Request Signatures" and of the signer in its Python SDK
//! (`signer.py`).
//!
//! Signed are `date`, the request target and `host`, and on POST, PUT and PATCH the length, type and SHA-256 of the
//! body, empty or not. A delegation token is a signed header too
//! (`auth/signers/instance_principals_delegation_token_signer.py`). The host that is signed is the one that is sent: `ListDomains` gives URLs with `:443`, which
//! no HTTP client sends, and a signature over it is answered 401.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::Method;
use reqwest::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HOST, HeaderMap, HeaderName, HeaderValue,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

const DIGEST: HeaderName = HeaderName::from_static("x-content-sha256");
const DELEGATION: HeaderName = HeaderName::from_static("opc-obo-token");
const JSON: &str = "application/json";

/// A key and the key id that it signs under. The two never part, so that a refresh cannot mix an old key with a new
/// token.
#[derive(Clone)]
pub struct SigningKey {
    who: Arc<Who>,
    key: Arc<RsaKeyPair>,
}

/// Who signs, and on whose behalf.
struct Who {
    key_id: Arc<str>,
    delegation: Option<SecretString>,
}

/// Why a request could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The URL names no host.
    #[error("the request has no host to sign")]
    NoHost,
    /// A value cannot stand in a header.
    #[error("the {0} of the request cannot stand in an HTTP header")]
    Header(&'static str),
    /// The instant cannot be written as an HTTP date.
    #[error("the date of the request cannot be written: the clock is far off")]
    Date,
    /// The cryptographic library failed.
    #[error("the key could not sign")]
    Crypto,
}

/// The headers that a signed request carries.
pub struct SignedHeaders(Vec<(HeaderName, HeaderValue)>);

impl SigningKey {
    /// Joins a key with its id, which is `<tenancy>/<user>/<fingerprint>`, or `ST$` and a token.
    pub fn new(key_id: impl Into<Arc<str>>, key: Arc<RsaKeyPair>) -> Self {
        Self { who: Arc::new(Who { key_id: key_id.into(), delegation: None }), key }
    }

    /// The same, signing on behalf of the user whose delegation token this is.
    #[must_use]
    pub fn on_behalf_of(self, delegation: SecretString) -> Self {
        let who = Who { key_id: Arc::clone(&self.who.key_id), delegation: Some(delegation) };
        Self { who: Arc::new(who), ..self }
    }

    /// Signs a request that is sent at `now`.
    pub fn sign(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<SignedHeaders, SignError> {
        let mut signed = signed_headers(method, url, body, now)?;
        if let Some(delegation) = &self.who.delegation {
            // The last of the headers that every request has, before those of a body.
            signed.insert(GENERIC, (OBO, delegation.expose_secret().to_owned()));
        }
        self.sign_headers(&signed)
    }

    /// Signs a `POST` for a token: without the host, as the federation endpoint wants it (`AuthTokenRequestSigner` in
    /// `federation_client.py` of Oracle's Python SDK).
    pub fn sign_for_token(&self, url: &Url, body: &[u8], now: Timestamp) -> Result<SignedHeaders, SignError> {
        let mut signed = signed_headers(&Method::POST, url, Some(body), now)?;
        signed.retain(|(name, _)| *name != "host");
        self.sign_headers(&signed)
    }

    /// Under which name it signs. A session token is part of it, so it is not for display.
    pub(crate) fn key_id(&self) -> &str {
        &self.who.key_id
    }

    /// Whether it is this very key.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.key, &other.key) && self.key_id() == other.key_id()
    }

    fn sign_headers(&self, signed: &[(&'static str, String)]) -> Result<SignedHeaders, SignError> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signing_string(signed).as_bytes(), &mut signature)
            .map_err(|_| SignError::Crypto)?;
        let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
        let authorization = format!(
            "Signature algorithm=\"rsa-sha256\",headers=\"{}\",keyId=\"{}\",signature=\"{}\",version=\"1\"",
            names.join(" "),
            self.key_id(),
            BASE64_STANDARD.encode(signature)
        );
        let mut secret = HeaderValue::try_from(authorization).map_err(|_| SignError::Header("key id"))?;
        secret.set_sensitive(true);
        let mut headers = vec![(AUTHORIZATION, secret)];
        for (name, value) in signed.iter().filter(|(name, _)| *name != REQUEST_TARGET) {
            let header = header_named(name);
            let wrong = if header == DELEGATION { "delegation token" } else { "host" };
            let mut value = HeaderValue::try_from(value).map_err(|_| SignError::Header(wrong))?;
            value.set_sensitive(header == DELEGATION);
            headers.push((header, value));
        }
        Ok(SignedHeaders(headers))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A session token is as good as a password, and is part of its key id.
        let shown = if self.key_id().starts_with("ST$") { "ST$…" } else { self.key_id() };
        f.debug_struct("SigningKey").field("key_id", &shown).finish_non_exhaustive()
    }
}

impl SignedHeaders {
    /// Puts them on a request.
    pub fn apply(self, headers: &mut HeaderMap) {
        for (name, value) in self.0 {
            headers.insert(name, value);
        }
    }
}

const REQUEST_TARGET: &str = "(request-target)";
const OBO: &str = "opc-obo-token";
/// How many headers every signed request has: date, request target, host.
const GENERIC: usize = 3;

/// What is signed, in the order in which it is signed.
fn signed_headers(
    method: &Method,
    url: &Url,
    body: Option<&[u8]>,
    now: Timestamp,
) -> Result<Vec<(&'static str, String)>, SignError> {
    let date =
        rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).map_err(|_| SignError::Date)?;
    let mut target = format!("{} {}", method.as_str().to_ascii_lowercase(), url.path());
    if let Some(query) = url.query() {
        target.push('?');
        target.push_str(query);
    }
    let mut signed = vec![("date", date), (REQUEST_TARGET, target), ("host", host(url)?)];
    if [Method::POST, Method::PUT, Method::PATCH].contains(method) {
        let body = body.unwrap_or_default();
        signed.push(("content-length", body.len().to_string()));
        signed.push(("content-type", JSON.to_owned()));
        signed.push(("x-content-sha256", BASE64_STANDARD.encode(digest(&SHA256, body))));
    }
    Ok(signed)
}

fn signing_string(signed: &[(&str, String)]) -> String {
    signed.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

/// As an HTTP client sends it: with the port only where it is not the scheme's own.
fn host(url: &Url) -> Result<String, SignError> {
    let name = url.host_str().filter(|name| !name.is_empty()).ok_or(SignError::NoHost)?;
    Ok(url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}")))
}

fn header_named(name: &str) -> HeaderName {
    match name {
        "date" => DATE,
        "host" => HOST,
        "content-length" => CONTENT_LENGTH,
        "content-type" => CONTENT_TYPE,
        OBO => DELEGATION,
        _ => DIGEST,
    }
}

#[cfg(test)]
#[path = "signer_tests.rs"]
mod tests;
