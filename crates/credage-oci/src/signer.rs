//! stub
/// k
pub struct SigningKey;
/// h
pub struct SignedHeaders;
impl SigningKey {
    /// s
    pub fn sign(
        &self,
        _m: &reqwest::Method,
        _u: &url::Url,
        _b: Option<&[u8]>,
        _n: jiff::Timestamp,
    ) -> Result<SignedHeaders, crate::auth::AuthError> {
        Ok(SignedHeaders)
    }
}
impl SignedHeaders {
    /// a
    pub fn apply(&self, _h: &mut reqwest::header::HeaderMap) {}
}
