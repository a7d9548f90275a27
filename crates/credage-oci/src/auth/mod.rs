//! stub
use crate::signer::SigningKey;
use jiff::Timestamp;
/// e
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// x
    #[error("x")]
    X,
}
/// p
pub struct Principal;
impl Principal {
    /// k
    pub async fn signing_key(&self, _now: Timestamp) -> Result<SigningKey, AuthError> {
        Ok(SigningKey)
    }
    /// u
    pub fn user_ocid(&self) -> Option<&str> {
        None
    }
    /// f
    pub fn fingerprint(&self) -> Option<&str> {
        None
    }
}
