//! Asking for tokens: one request, tried a few times, its refusals read.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

use super::error::AuthError;
use crate::scim::error::message;
use crate::transport::{Reply, Transport, TransportError};
use crate::waits::{Growth, Next, Waits};

/// The pauses after a failure that may pass.
const RETRIES: Growth =
    Growth { first: Duration::from_millis(200), longest: Duration::from_secs(20), times: 3 };

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
        let mut waits = Waits::new(RETRIES);
        loop {
            let sent = self.transport.send(&self.method, &self.url, headers()?, body, self.timeout).await;
            let (failure, passes, asked) = match sent {
                Ok(reply) if (200..300).contains(&reply.status) => return Ok(reply.body),
                Ok(reply) => {
                    let passes = matches!(reply.status, 429 | 500 | 502..);
                    let asked = reply.wait(None);
                    (self.refused(reply), passes, asked)
                }
                Err(error) => (self.unavailable(&error), !error.is_lasting(), None),
            };
            if !passes {
                return Err(failure);
            }
            match waits.next(asked) {
                Next::Wait(pause) => {
                    tracing::debug!(%failure, pause = pause.as_secs_f64(), "asking for a token again");
                    tokio::time::sleep(pause).await;
                }
                Next::TooLong(asked) => return Err(self.too_long(&failure, asked)),
                Next::Spent => return Err(failure),
            }
        }
    }

    fn refused(&self, reply: Reply) -> AuthError {
        AuthError::TokenRefused {
            what: self.what,
            url: self.url.to_string(),
            status: reply.status,
            message: reply.location.map_or_else(
                || reason(&reply.body),
                |to| format!("it redirects to {to}, where no secret follows"),
            ),
        }
    }

    fn unavailable(&self, error: &TransportError) -> AuthError {
        self.failed(error.to_string(), error.remedy())
    }

    fn too_long(&self, failure: &AuthError, asked: Duration) -> AuthError {
        let status = match failure {
            AuthError::TokenRefused { status, .. } => format!("it answers {status} and "),
            _ => String::new(),
        };
        let seconds = asked.as_secs();
        self.failed(format!("{status}asks to retry in {seconds} s, which exceeds the limit"), None)
    }

    fn failed(&self, cause: String, remedy: Option<&'static str>) -> AuthError {
        AuthError::TokenUnavailable { what: self.what, url: self.url.to_string(), cause, remedy }
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
