//! The auditor's keys and tokens: made anew for every simulation, and the proof that requests carry them.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use md5::{Digest, Md5};
use serde_json::json;

use crate::error::SimError;

/// The tenancy that everything belongs to.
pub(crate) const TENANCY: &str = "ocid1.tenancy.oc1..aaaaaaaasimulatedtenancy";
/// The user under whom the profile signs.
pub(crate) const AUDITOR: &str = "ocid1.user.oc1..aaaaaaaasimulatedauditor";

/// A fresh RSA key.
#[derive(Debug)]
pub(crate) struct Key {
    pair: KeyPair,
    pub(crate) fingerprint: String,
}

/// Somebody whose signature is taken.
#[derive(Debug)]
pub(crate) struct Signer {
    key_id: String,
    public: Vec<u8>,
    expires: Option<Timestamp>,
    needs_delegation: bool,
}

impl Key {
    pub(crate) fn generate() -> Result<Self, SimError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| SimError::Key)?;
        let public = pair.public_key().as_der().map_err(|_| SimError::Key)?;
        let digest = Md5::digest(public.as_ref());
        let fingerprint = digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
        Ok(Self { pair, fingerprint })
    }

    /// The private key as PEM, PKCS#8.
    pub(crate) fn pem(&self) -> Result<String, SimError> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(|_| SimError::Key)?;
        let text = BASE64_STANDARD.encode(der.as_ref());
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        Ok(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n")))
    }

    /// Its signature over a text.
    #[cfg(test)]
    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = aws_lc_rs::rand::SystemRandom::new();
        self.pair
            .sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
            .expect("the key signs");
        signature
    }

    /// The public half in DER (SubjectPublicKeyInfo).
    pub(crate) fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// Who signs with it as the auditor's API key.
    pub(crate) fn api_key_signer(&self) -> Signer {
        self.api_key_signer_in(TENANCY)
    }

    /// The same in another tenancy.
    pub(crate) fn api_key_signer_in(&self, tenancy: &str) -> Signer {
        let key_id = format!("{tenancy}/{AUDITOR}/{}", self.fingerprint);
        Signer::new(key_id, self.public().to_vec(), None)
    }

    /// Who signs with it under a session token.
    pub(crate) fn token_signer(&self, token: &str, expires: Timestamp) -> Signer {
        let public = self.pair.public_key().as_ref().to_vec();
        Signer::new(format!("ST${token}"), public, Some(expires))
    }

    /// A session token for it: a JWT whose claims are those that clients look at. Its signature is nobody's.
    pub(crate) fn token(&self, tenancy: &str, expires: Timestamp) -> String {
        jwt(&json!({
            "sub": AUDITOR, "tenant": tenancy, "exp": expires.as_second(), "sess_exp": expires.to_string(),
            "jwk": json!({"kid": self.fingerprint, "kty": "RSA"}).to_string(), "ptype": "user",
        }))
    }
}

/// A token with these claims. Its signature is nobody's.
pub(crate) fn jwt(claims: &serde_json::Value) -> String {
    let part = |value: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&json!({"kid": "simulated", "alg": "RS256"}));
    format!("{head}.{}.{}", part(claims), BASE64_URL_SAFE_NO_PAD.encode("simulated"))
}

impl Signer {
    /// Somebody who signs with the other half of `public` (DER) under `key_id`, for as long as it lasts.
    pub(crate) fn new(key_id: String, public: Vec<u8>, expires: Option<Timestamp>) -> Self {
        Self { key_id, public, expires, needs_delegation: false }
    }

    /// The same, taken only on behalf of a user.
    pub(crate) fn only_on_behalf(self, only: bool) -> Self {
        Self { needs_delegation: only, ..self }
    }

    /// Whether it is taken only on behalf of a user.
    pub(crate) const fn needs_delegation(&self) -> bool {
        self.needs_delegation
    }

    /// Whether it is a key that never ends.
    pub(crate) const fn is_lasting(&self) -> bool {
        self.expires.is_none()
    }

    /// Whether this is the one who goes by `key_id`, and may still sign.
    pub(crate) fn goes_by(&self, key_id: &str, now: Timestamp) -> bool {
        self.key_id == key_id && self.expires.is_none_or(|end| now < end)
    }

    /// Whether `signature` is theirs over `text`.
    pub(crate) fn signed(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.public)
            .verify(text.as_bytes(), signature)
            .is_ok()
    }
}
