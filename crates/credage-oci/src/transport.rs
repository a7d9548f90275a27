//! One request over HTTP: sent, answered within a time, and its body read up to a size.
//!
//! Redirects are never followed, since a signature must not travel to another host. HTTP/1.1 is spoken, because
//! the signed `host` header is what that version sends.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method};
use url::Url;

use crate::connection::{self, NoConnection};
use crate::retry_after;

/// The most that a body may hold, after decompression. A page of 1,000 users is some 3 MB.
const MAX_BODY: usize = 64 * 1024 * 1024;
/// The same, as `Content-Length` counts.
const MAX_BODY_ANNOUNCED: u64 = 64 * 1024 * 1024;
const USER_AGENT: &str = concat!("credage/", env!("CARGO_PKG_VERSION"));

/// Sends requests.
#[derive(Clone, Debug)]
pub struct Transport {
    client: Client,
    proxy: Option<String>,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// `opc-request-id`, Oracle's name for the request.
    pub request_id: Option<String>,
    /// `Retry-After`, as it was written.
    pub retry_after: Option<String>,
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
    /// Somebody whom we have no reason to believe.
    #[error("the certificate of {host} is refused: {cause}")]
    Certificate {
        /// Who showed it.
        host: String,
        /// What is wrong with it.
        cause: String,
        /// What it comes to.
        why: NoConnection,
    },
    /// The proxy stands in the way. It is named without its password.
    #[error("the proxy {proxy} {cause}")]
    Proxy {
        /// Which one, and where it is named.
        proxy: String,
        /// What it did.
        cause: String,
        /// What it comes to.
        why: NoConnection,
    },
    /// More than a page can hold.
    #[error("the answer is larger than {} MiB, which no page is", MAX_BODY / 1024 / 1024)]
    TooLarge,
}

impl Reply {
    /// How long `Retry-After` wants us to wait at `now`; where that is not known, a date counts only with the server's own.
    pub fn wait(&self, now: Option<Timestamp>) -> Option<Duration> {
        retry_after::wait(self.retry_after.as_deref()?, self.date.as_deref(), now)
    }
}

impl TransportError {
    /// What will be so the next time too, and is not worth another try.
    pub const fn is_lasting(&self) -> bool {
        matches!(self, Self::Certificate { .. } | Self::TooLarge)
    }

    /// Whether the server was reached at all.
    pub const fn reached(&self) -> bool {
        !matches!(self, Self::Connect { .. } | Self::Certificate { .. } | Self::Proxy { .. } | Self::Setup(_))
    }

    /// What to do about it, where that is known better than "check the network".
    pub const fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Certificate { .. } => Some(
                "if a proxy or an authority of your own stands behind that certificate, name the authority's with \
                 --ca-bundle FILE; if not, somebody else answers in the service's place",
            ),
            Self::Proxy { .. } => Some(
                "ask whoever runs the proxy to let these hosts through, correct its user name and password in the \
                 variable, or name hosts in NO_PROXY",
            ),
            Self::Connect { why: NoConnection::NoDescriptor, .. } => Some(
                "allow this process more open files (`ulimit -n 4096`), or read fewer domains at once with --concurrency 2",
            ),
            Self::TooLarge => Some("check the URL: what answers there is no OCI service"),
            Self::Setup(_) | Self::Connect { .. } | Self::Timeout(_) | Self::Broken(_) => None,
        }
    }
}

impl Transport {
    /// A transport by these settings, which may name a proxy, authorities to trust, and times; `proxy` is what messages
    /// call the proxy, without its password.
    pub fn new(settings: ClientBuilder, proxy: Option<String>) -> Result<Self, TransportError> {
        let builder = settings.user_agent(USER_AGENT).redirect(Policy::none()).tcp_nodelay(true).http1_only();
        let client = builder.build().map_err(|error| TransportError::Setup(innermost(&error)))?;
        Ok(Self { client, proxy })
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
        let mut response = request.send().await.map_err(|error| self.classify(&error, url, timeout))?;
        let text =
            |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut reply = Reply {
            status: response.status().as_u16(),
            request_id: text("opc-request-id"),
            retry_after: text(RETRY_AFTER.as_str()),
            next_page: text("opc-next-page").filter(|token| !token.is_empty()),
            date: text("date"),
            location: text(LOCATION.as_str()),
            body: Vec::new(),
        };
        // What announces its size is refused before it comes.
        if response.content_length().is_some_and(|length| length > MAX_BODY_ANNOUNCED) {
            return Err(TransportError::TooLarge);
        }
        while let Some(chunk) = response.chunk().await.map_err(|error| self.classify(&error, url, timeout))? {
            if reply.body.len() + chunk.len() > MAX_BODY {
                return Err(TransportError::TooLarge);
            }
            reply.body.extend_from_slice(&chunk);
        }
        Ok(reply)
    }

    fn classify(&self, error: &reqwest::Error, url: &Url, timeout: Duration) -> TransportError {
        if !error.is_connect() {
            let broken = || TransportError::Broken(innermost(error));
            return if error.is_timeout() { TransportError::Timeout(timeout) } else { broken() };
        }
        let why = if error.is_timeout() { NoConnection::Timeout } else { connection::reason(error) };
        let chain = chain(error);
        if let Some(cause) = chain.iter().find_map(|text| text.strip_prefix(BAD_CERTIFICATE)) {
            let host = url.host_str().unwrap_or_default().to_owned();
            return TransportError::Certificate { host, cause: certificate(cause), why };
        }
        let tunnel = chain.iter().find_map(|text| text.strip_prefix(TUNNEL));
        match (&self.proxy, tunnel) {
            (Some(proxy), Some(cause)) => {
                let cause = refusal(cause, url, &innermost(error));
                TransportError::Proxy { proxy: proxy.clone(), cause, why }
            }
            _ => TransportError::Connect { cause: innermost(error), why },
        }
    }
}

/// How rustls begins to say that it does not believe a certificate.
const BAD_CERTIFICATE: &str = "invalid peer certificate: ";
/// How hyper-util begins to say that a proxy gave no tunnel. Its type is not public.
const TUNNEL: &str = "tunnel error: ";

/// What is wrong with a certificate, in words for those who do not know rustls.
fn certificate(cause: &str) -> String {
    match cause {
        "UnknownIssuer" => "it was issued by nobody whom this machine trusts".to_owned(),
        "CaUsedAsEndEntity" => "it is an authority's own, not a server's".to_owned(),
        "BadSignature" => "its signature is wrong".to_owned(),
        "Revoked" => "it was revoked".to_owned(),
        other => other.to_owned(),
    }
}

/// What a proxy did instead of opening a tunnel.
fn refusal(cause: &str, url: &Url, innermost: &str) -> String {
    let host = url.host_str().unwrap_or_default();
    match cause {
        "proxy authorization required" => {
            "wants a user name and a password, or others than these (407)".to_owned()
        }
        "unsuccessful" => format!("refuses to connect to {host}"),
        "failed to create underlying connection" => format!("cannot be reached: {innermost}"),
        other => format!("opens no way to {host}: {other}"),
    }
}

/// What every error in the chain says, from the outermost in.
fn chain(error: &reqwest::Error) -> Vec<String> {
    let mut texts = Vec::new();
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts
}

/// The deepest cause, which is the one that says something ("connection refused", "certificate has expired").
pub(crate) fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
