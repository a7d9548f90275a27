//! One domain, asked politely: pace, then sign, then send, then retry.
//!
//! Signing is inside the retry, since a request that waited would carry a stale date. 429, 5xx, timeouts, broken
//! connections and bodies that are cut or no JSON are tried again, with growing, jittered pauses; a refusal
//! (400, 401, 403, 404 …) is an answer and is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use reqwest::Method;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use crate::auth::{AuthError, Authorization, Principal};
use crate::clock::Clock;
use crate::endpoint::Endpoint;
use crate::network::Network;
use crate::rate_limit::{Limiter, RateLimit};
use crate::scim::{error, query::Request};
use crate::transport::{Reply, Transport, TransportError};

/// How often a request is sent again that was refused for coming too fast, before we give up.
pub const MAX_SLOW_DOWNS: usize = 10;
/// The first pause after a 429 that names none; it doubles up to [`MAX_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause, whoever asks for it.
const MAX_PAUSE: Duration = Duration::from_mins(1);
const FIRST_RETRY: Duration = Duration::from_millis(250);
const MAX_RETRY: Duration = Duration::from_secs(20);

/// How a domain is asked.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// The pace.
    pub rate_limit: RateLimit,
    /// Requests on their way at the same time.
    pub concurrency: usize,
    /// How often a request that failed is sent again.
    pub retries: usize,
    /// How often a request is sent again that was refused for coming too fast.
    pub slow_downs: usize,
    /// How the network is reached.
    pub network: Network,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            rate_limit: RateLimit::default(),
            concurrency: 8,
            retries: 5,
            slow_downs: MAX_SLOW_DOWNS,
            network: Network::default(),
        }
    }
}

/// Asks one domain.
pub struct Client {
    endpoint: Endpoint,
    transport: Transport,
    principal: Arc<Principal>,
    clock: Clock,
    options: ClientOptions,
    limiter: Arc<Limiter>,
    gate: Semaphore,
    requests: AtomicU64,
    rate_limited: AtomicU64,
}

/// A question that got no usable answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RequestError {
    /// The domain said no.
    #[error("{status}: {message}")]
    Refused {
        /// The HTTP status, 300 to 499.
        status: u16,
        /// What the domain said.
        message: String,
        /// Oracle's id of the request.
        request_id: Option<String>,
    },
    /// No try brought an answer.
    #[error("{cause}, {}", tried(*tries))]
    Unavailable {
        /// How the last try failed.
        cause: String,
        /// The HTTP status of the last try, if it had one.
        status: Option<u16>,
        /// Whether the domain was reached at all.
        reached: bool,
        /// How often it was tried.
        tries: usize,
        /// How long the service wants us to wait, where it says.
        after: Option<Duration>,
        /// Oracle's id of the last request.
        request_id: Option<String>,
        /// What to do about it, where that is known.
        remedy: Option<&'static str>,
    },
    /// There was nothing to sign with.
    #[error("{0}")]
    Auth(Arc<AuthError>),
}

impl RequestError {
    /// The HTTP status, if it was one.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            Self::Unavailable { status, .. } => *status,
            Self::Auth(_) => None,
        }
    }
}

/// An answer, and what its headers tell.
#[derive(Debug)]
pub struct Fetched<T> {
    /// The body.
    pub value: T,
    /// Where the Identity service goes on.
    pub next_page: Option<String>,
    /// The server's clock, as it wrote it.
    pub date: Option<String>,
}

/// One try that was not the answer.
enum Miss {
    Final(RequestError),
    /// 401 under this authorization.
    Stale(Authorization, RequestError),
    Again {
        cause: String,
        status: Option<u16>,
        reached: bool,
        request_id: Option<String>,
        after: Option<Duration>,
        remedy: Option<&'static str>,
    },
    TooFast {
        request_id: Option<String>,
        after: Option<Duration>,
    },
}

impl Client {
    /// A client of the domain at `endpoint`.
    pub fn new(
        endpoint: Endpoint,
        principal: Arc<Principal>,
        options: ClientOptions,
        clock: Clock,
    ) -> Result<Self, TransportError> {
        let transport = options.network.transport(endpoint.is_loopback())?;
        let limiter = Limiter::new(options.rate_limit);
        let gate = Semaphore::new(options.concurrency.clamp(1, Semaphore::MAX_PERMITS));
        let (requests, rate_limited) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Self { endpoint, transport, principal, clock, options, limiter, gate, requests, rate_limited })
    }

    /// The domain.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Who asks.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The present instant, by the clock that dates signatures.
    pub fn now(&self) -> jiff::Timestamp {
        (self.clock)()
    }

    /// How it is asked.
    pub const fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// Requests sent so far, retries included.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// How many of them were answered 429.
    pub fn rate_limited(&self) -> u64 {
        self.rate_limited.load(Ordering::Relaxed)
    }

    /// Whether requests wait for the rate limit at this moment.
    pub fn is_waiting(&self) -> bool {
        self.limiter.is_waiting()
    }

    /// Sends `request` until it is answered, and reads the answer as `T`; `tally` counts what was sent.
    pub async fn fetch<T: DeserializeOwned>(
        &self,
        request: &Request,
        tally: &AtomicU64,
    ) -> Result<T, RequestError> {
        self.fetch_page(request, tally).await.map(|page| page.value)
    }

    /// The same, with what the headers tell.
    pub async fn fetch_page<T: DeserializeOwned>(
        &self,
        request: &Request,
        tally: &AtomicU64,
    ) -> Result<Fetched<T>, RequestError> {
        let (mut retries, mut pauses) = (self.retries(), self.pauses());
        let mut tries = 0;
        let mut renewed = false;
        loop {
            tries += 1;
            match self.attempt(request, tally).await {
                Ok(answer) => return Ok(answer),
                Err(Miss::Stale(used, error)) => {
                    // A session may end before its time; once, another one is tried.
                    let now = (self.clock)();
                    if renewed || !self.principal.give_up(&self.endpoint, &used, now).await {
                        return Err(error);
                    }
                    tracing::info!("the service no longer takes the session; beginning another");
                    renewed = true;
                }
                Err(Miss::Final(error)) => return Err(error),
                Err(Miss::Again { cause, status, reached, request_id, after, remedy }) => {
                    if let Some(delay) = retries.next() {
                        tracing::debug!(url = %request.url, %cause, tries, "trying again");
                        tokio::time::sleep(after.unwrap_or_default().min(MAX_PAUSE).max(delay)).await;
                        continue;
                    }
                    return Err(RequestError::Unavailable {
                        cause,
                        status,
                        reached,
                        tries,
                        after,
                        request_id,
                        remedy,
                    });
                }
                Err(Miss::TooFast { request_id, after }) => {
                    if let Some(pause) = pauses.next() {
                        tracing::debug!(url = %request.url, tries, "the domain asks to slow down");
                        self.limiter.pause(after.unwrap_or(pause).min(MAX_PAUSE));
                        continue;
                    }
                    return Err(RequestError::Unavailable {
                        cause: "the domain goes on answering that we are too fast".to_owned(),
                        status: Some(429),
                        reached: true,
                        tries,
                        after,
                        request_id,
                        remedy: None,
                    });
                }
            }
        }
    }

    /// The pauses between tries of a request that failed.
    fn retries(&self) -> ExponentialBackoff {
        ExponentialBuilder::default()
            .with_min_delay(FIRST_RETRY)
            .with_max_delay(MAX_RETRY)
            .with_max_times(self.options.retries)
            .with_jitter()
            .build()
    }

    /// The pauses after answers that we are too fast and that name no pause.
    fn pauses(&self) -> ExponentialBackoff {
        ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(MAX_PAUSE)
            .with_max_times(self.options.slow_downs)
            .build()
    }

    async fn attempt<T: DeserializeOwned>(
        &self,
        request: &Request,
        tally: &AtomicU64,
    ) -> Result<Fetched<T>, Miss> {
        // The gate is never closed, so a permit always comes.
        let _slot = self.gate.acquire().await;
        let permit = self.limiter.permit().await;
        let (headers, used) = self
            .authorize(request)
            .await
            .map_err(|error| Miss::Final(RequestError::Auth(Arc::new(error))))?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        tally.fetch_add(1, Ordering::Relaxed);
        let (method, url) = (&request.method, &request.url);
        let sent = self
            .transport
            .send(method, url, headers, request.body.as_deref(), self.options.network.timeout())
            .await;
        drop(permit);
        let reply = sent.map_err(|error| unsent(&error))?;
        tracing::debug!(%url, status = reply.status, bytes = reply.body.len(), "answered");
        let (next_page, date) = (reply.next_page.clone(), reply.date.clone());
        match self.read(reply) {
            Ok(value) => Ok(Fetched { value, next_page, date }),
            Err(Miss::Final(error)) if error.status() == Some(401) => Err(Miss::Stale(used, error)),
            Err(miss) => Err(miss),
        }
    }

    async fn authorize(
        &self,
        request: &Request,
    ) -> Result<(reqwest::header::HeaderMap, Authorization), AuthError> {
        let now = (self.clock)();
        let authorization = self.principal.authorization(&self.endpoint, now).await?;
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert(reqwest::header::ACCEPT, reqwest::header::HeaderValue::from_static(ACCEPTED));
        if request.method == Method::GET {
            headers.insert(reqwest::header::CONTENT_TYPE, reqwest::header::HeaderValue::from_static(JSON));
        }
        // A session may have taken its time to begin: the date of the signature is read after that.
        let now = (self.clock)();
        authorization.apply(request, now, &mut headers)?;
        Ok((headers, authorization))
    }

    fn read<T: DeserializeOwned>(&self, reply: Reply) -> Result<T, Miss> {
        let after = reply.wait((self.clock)());
        let Reply { status, request_id, location, body, .. } = reply;
        match status {
            200..=299 => crate::scim::body::read(&body).map_err(|error| Miss::Again {
                cause: format!("the answer is not what an OCI service sends ({error})"),
                status: None,
                reached: true,
                request_id,
                after: None,
                remedy: None,
            }),
            429 => {
                self.rate_limited.fetch_add(1, Ordering::Relaxed);
                Err(Miss::TooFast { request_id, after })
            }
            500.. => Err(Miss::Again {
                cause: format!("{status}: {}", error::message(&body)),
                status: Some(status),
                reached: true,
                request_id,
                after,
                remedy: None,
            }),
            _ => {
                let message = location.map_or_else(|| error::message(&body), |to| redirected(&to));
                Err(Miss::Final(RequestError::Refused { status, message, request_id }))
            }
        }
    }
}

/// A try that brought no answer.
fn unsent(error: &TransportError) -> Miss {
    let (reached, remedy, cause) = (error.reached(), error.remedy(), error.to_string());
    if error.is_lasting() {
        return Miss::Final(RequestError::Unavailable {
            cause,
            status: None,
            reached,
            after: None,
            tries: 1,
            request_id: None,
            remedy,
        });
    }
    Miss::Again { cause, status: None, reached, request_id: None, after: None, remedy }
}

fn tried(times: usize) -> String {
    if times == 1 { "tried once".to_owned() } else { format!("tried {times} times") }
}

const ACCEPTED: &str = "application/json, application/scim+json";
const JSON: &str = "application/json";

fn redirected(to: &str) -> String {
    format!("redirects to {to}; a signed request never follows to another place, so check the domain URL")
}
