//! One request over HTTP: sent, answered within a time, and its body read up to a size.
//!
//! Redirects are never followed, since a signature must not travel to another host. HTTP/1.1 is spoken, because
//! the signed `host` header is what that version sends.

use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method};
use url::Url;

use crate::connection::{self, NoConnection};

/// The most that a body may hold, after decompression. A page of 1,000 users is some 3 MB.
const MAX_BODY: usize = 64 * 1024 * 1024;
const USER_AGENT: &str = concat!("credage/", env!("CARGO_PKG_VERSION"));

/// Sends requests.
#[derive(Clone, Debug)]
pub struct Transport {
    client: Client,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// `opc-request-id`, Oracle's name for the request.
    pub request_id: Option<String>,
    /// `Retry-After` in seconds; dates are not understood and count as none.
    pub retry_after: Option<Duration>,
    /// `opc-next-page`, where the Identity service has more.
    pub next_page: Option<String>,
    /// `Date`, the server's clock.
    pub date: Option<String>,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A request without an answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TransportError {
    /// The HTTP client could not be made: most likely the machine has no authorities to trust.
    #[error(
        "the HTTP client could not be set up: {0}; install the system's CA certificates, or give --ca-bundle FILE"
    )]
    Setup(String),
    /// No connection.
    #[error("no connection: {cause}")]
    Connect {
        /// The deepest cause, in words.
        cause: String,
        /// What it comes to.
        why: NoConnection,
    },
    /// Nothing came in time.
    #[error("no answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// The connection ended before the answer did.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// More than a page can hold.
    #[error("the answer is larger than {} MiB", MAX_BODY / 1024 / 1024)]
    TooLarge,
}

impl Transport {
    /// A transport by these settings, which may name a proxy, authorities to trust, and times.
    pub fn new(settings: ClientBuilder) -> Result<Self, TransportError> {
        let builder = settings.user_agent(USER_AGENT).redirect(Policy::none()).tcp_nodelay(true).http1_only();
        let client = builder.build().map_err(|error| TransportError::Setup(innermost(&error)))?;
        Ok(Self { client })
    }

    /// Sends one request and reads the answer; `timeout` is only for the message.
    pub async fn send(
        &self,
        method: &Method,
        url: &Url,
        headers: HeaderMap,
        body: Option<&[u8]>,
        timeout: Duration,
    ) -> Result<Reply, TransportError> {
        let mut request = self.client.request(method.clone(), url.clone()).headers(headers);
        if let Some(body) = body {
            request = request.body(body.to_vec());
        }
        let mut response = request.send().await.map_err(|error| classify(&error, timeout))?;
        let text =
            |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut reply = Reply {
            status: response.status().as_u16(),
            request_id: text("opc-request-id"),
            retry_after: text(RETRY_AFTER.as_str())
                .and_then(|text| text.trim().parse().ok())
                .map(Duration::from_secs),
            next_page: text("opc-next-page").filter(|token| !token.is_empty()),
            date: text("date"),
            location: text(LOCATION.as_str()),
            body: Vec::new(),
        };
        while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error, timeout))? {
            if reply.body.len() + chunk.len() > MAX_BODY {
                return Err(TransportError::TooLarge);
            }
            reply.body.extend_from_slice(&chunk);
        }
        Ok(reply)
    }
}

fn classify(error: &reqwest::Error, timeout: Duration) -> TransportError {
    if error.is_connect() {
        let why = if error.is_timeout() { NoConnection::Timeout } else { connection::reason(error) };
        TransportError::Connect { cause: innermost(error), why }
    } else if error.is_timeout() {
        TransportError::Timeout(timeout)
    } else {
        TransportError::Broken(innermost(error))
    }
}

/// The deepest cause, which is the one that says something ("connection refused", "certificate has expired").
pub(crate) fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
