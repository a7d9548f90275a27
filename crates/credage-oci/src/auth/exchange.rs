//! Asking for tokens: one request, tried a few times, its refusals read.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

use super::error::AuthError;
use crate::scim::error::message;
use crate::transport::{Transport, TransportError};

/// How often a request is sent that fails in a way that may pass.
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// What is asked for a token: who it is, for messages, and the request.
pub(super) struct Ask<'a> {
    /// Such as `the federation endpoint`.
    pub(super) what: &'static str,
    pub(super) transport: &'a Transport,
    pub(super) timeout: Duration,
    pub(super) method: Method,
    pub(super) url: Url,
}

impl Ask<'_> {
    /// Sends it; `headers` makes the headers of each try afresh, since a signature must not be stale.
    pub(super) async fn send(
        &self,
        headers: impl Fn() -> Result<HeaderMap, AuthError>,
        body: Option<&[u8]>,
    ) -> Result<Vec<u8>, AuthError> {
        let mut pause = FIRST_PAUSE;
        for number in 1.. {
            let sent = self.transport.send(&self.method, &self.url, headers()?, body, self.timeout).await;
            let lasting = sent.as_ref().is_err_and(TransportError::is_lasting);
            let failure = match sent {
                Ok(reply) if (200..300).contains(&reply.status) => return Ok(reply.body),
                Ok(reply) => AuthError::TokenRefused {
                    what: self.what,
                    url: self.url.to_string(),
                    status: reply.status,
                    message: reply.location.map_or_else(
                        || reason(&reply.body),
                        |to| format!("it redirects to {to}, where no secret follows"),
                    ),
                },
                Err(error) => AuthError::TokenUnavailable {
                    what: self.what,
                    url: self.url.to_string(),
                    cause: error.to_string(),
                    remedy: error.remedy(),
                },
            };
            let passes = match &failure {
                AuthError::TokenRefused { status, .. } => *status == 429 || *status >= 500,
                _ => !lasting,
            };
            if number >= TRIES || !passes {
                return Err(failure);
            }
            tracing::debug!(%failure, "asking for a token again");
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(AuthError::SessionKey)
    }
}

/// What a refusal says: OAuth's pair, or the services' own.
fn reason(body: &[u8]) -> String {
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| parsed.get(name).and_then(Value::as_str);
    match (text("error"), text("error_description")) {
        (Some(error), Some(description)) => format!("{error}: {}", description.trim_end_matches('.')),
        (Some(error), None) => error.to_owned(),
        _ => message(body),
    }
}

/// A field of a JSON answer that must be there.
pub(super) fn field(what: &'static str, url: &Url, body: &[u8], name: &str) -> Result<String, AuthError> {
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    parsed.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| AuthError::TokenUnavailable {
        what,
        url: url.to_string(),
        cause: format!("the answer holds no `{name}`"),
        remedy: None,
    })
}
