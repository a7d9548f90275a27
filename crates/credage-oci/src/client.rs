//! One domain, asked politely: pace, then sign, then send, then retry.
//!
//! Signing is inside the retry, since a request that waited would carry a stale date. 429, 5xx, timeouts, broken
//! connections and bodies that are cut or no JSON are tried again, with growing, jittered pauses (`waits.rs`); a refusal
//! (400, 401, 403, 404, 501 …) is an answer and is not. A domain that stops answering is given up (`breaker.rs`), and
//! nothing is read after the deadline.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Method;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::attempt::{Failure, How, Miss, read, unanswered, unauthorized};
use crate::auth::{AuthError, Authorization, Principal};
use crate::breaker::{Breaker, Failed};
use crate::clock::{Clock, Drift};
use crate::deadline::Deadline;
use crate::endpoint::Endpoint;
use crate::network::Network;
use crate::rate_limit::{Limiter, RateLimit};
pub use crate::request_error::{RequestError, Unavailability};
use crate::scim::query::Request;
use crate::shared_pace::{PaceFolder, SharedPace};
use crate::transport::{Transport, TransportError};
use crate::waits::{Growth, LONGEST, Next, Waits};

/// How often a request is sent again that was refused for coming too fast, before we give up.
pub const MAX_SLOW_DOWNS: usize = 10;
/// The pauses after a failure.
const RETRIES: Growth =
    Growth { first: Duration::from_millis(250), longest: Duration::from_secs(20), times: 5 };
/// The pauses after a 429.
const SLOW_DOWNS: Growth =
    Growth { first: Duration::from_secs(1), longest: Duration::from_mins(1), times: MAX_SLOW_DOWNS };

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
    /// When reading ends.
    pub deadline: Deadline,
    /// Where this machine's processes share a domain's rate budget; each is alone without.
    pub pace_folder: Option<PaceFolder>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            rate_limit: RateLimit::default(),
            concurrency: 8,
            retries: RETRIES.times,
            slow_downs: MAX_SLOW_DOWNS,
            network: Network::default(),
            deadline: Deadline::NONE,
            pace_folder: None,
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
    breaker: Breaker,
    drift: Drift,
    gate: Semaphore,
    requests: AtomicU64,
    rate_limited: AtomicU64,
    /// The most requests that may be sent.
    budget: AtomicU64,
}

/// An answer, and what its headers tell.
#[derive(Debug)]
pub struct Fetched<T> {
    /// The body.
    pub value: T,
    /// `opc-next-page`: where the Identity service goes on. Domains send it too, also after their last page.
    pub next_page: Option<String>,
    /// The server's clock, as it wrote it.
    pub date: Option<String>,
}

/// What was done for one request so far.
struct Effort {
    tries: usize,
    retries: Waits,
    slow_downs: Waits,
    /// For what one more try is enough.
    once: Waits,
    renewed: bool,
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
        let hold = options.network.timeout();
        let share = |folder| SharedPace::new(folder, &endpoint, hold, Arc::clone(&clock));
        let limiter = Limiter::shared(options.rate_limit, options.pace_folder.as_ref().map(share));
        let gate = Semaphore::new(options.concurrency.clamp(1, Semaphore::MAX_PERMITS));
        let (requests, rate_limited, budget) =
            (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(u64::MAX));
        let breaker = Breaker::default();
        Ok(Self {
            endpoint,
            transport,
            principal,
            clock,
            options,
            limiter,
            breaker,
            drift: Drift::default(),
            gate,
            requests,
            rate_limited,
            budget,
        })
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

    /// How far this machine's clock is ahead of the domain's (behind it where negative), from 30 s on: less may be the
    /// network's doing.
    pub fn clock_disagreement(&self) -> Option<SignedDuration> {
        self.drift.noteworthy()
    }

    /// Bounds the requests that are sent in all, retries included: those beyond it fail at once. Whoever knows how much
    /// there is to read sets it, and may set it again.
    pub fn set_budget(&self, requests: u64) {
        self.budget.store(requests, Ordering::Relaxed);
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
        let mut effort = Effort::new(&self.options);
        let answer = self.options.deadline.run(self.persist(request, tally, &mut effort)).await;
        answer.and_then(|answer| answer)
    }

    async fn persist<T: DeserializeOwned>(
        &self,
        request: &Request,
        tally: &AtomicU64,
        effort: &mut Effort,
    ) -> Result<Fetched<T>, RequestError> {
        loop {
            effort.tries += 1;
            match self.attempt(request, tally).await {
                Ok(answer) => return Ok(answer),
                Err(Miss::Final(error)) => return Err(error),
                Err(Miss::Stale(used, error)) => {
                    // A session may end before its time; once, another one is tried.
                    let now = (self.clock)();
                    if effort.renewed || !self.principal.give_up(&self.endpoint, &used, now).await {
                        return Err(error);
                    }
                    tracing::info!("the service no longer takes the session; beginning another");
                    effort.renewed = true;
                }
                Err(Miss::Again(failure)) => self.wait(request, failure, effort).await?,
            }
        }
    }

    /// Waits before another try.
    ///
    /// # Errors
    /// There is none.
    async fn wait(
        &self,
        request: &Request,
        failure: Failure,
        effort: &mut Effort,
    ) -> Result<(), RequestError> {
        let tries = effort.tries;
        match effort.waits(failure.how).next(failure.after) {
            // Nobody waits for what will not be asked any more.
            Next::Wait(pause) if self.options.deadline.cuts(pause) => Err(self.options.deadline.error()),
            Next::Wait(pause) => {
                let cause = &failure.cause;
                tracing::debug!(url = %request.url, %cause, tries, pause = pause.as_secs_f64(), "trying again");
                if failure.how == How::TooFast {
                    // The limit is the domain's: whoever else asks it waits too.
                    self.limiter.pause(pause).await;
                } else {
                    tokio::time::sleep(pause).await;
                }
                Ok(())
            }
            Next::TooLong(asked) => {
                if failure.how == How::TooFast {
                    self.breaker.close_for(&failure.cause_of_waiting(asked), asked);
                }
                Err(failure.end_of_waiting(tries, asked))
            }
            Next::Spent => {
                if failure.how == How::Passing {
                    self.breaker.gave_up(request.place());
                }
                Err(failure.end(tries))
            }
        }
    }

    async fn attempt<T: DeserializeOwned>(
        &self,
        request: &Request,
        tally: &AtomicU64,
    ) -> Result<Fetched<T>, Miss> {
        // The gate is never closed, so a permit always comes.
        let _slot = self.gate.acquire().await;
        let place = request.place();
        let _pass = self.breaker.enter(place).await.map_err(Miss::Final)?;
        let permit = self.limiter.permit().await;
        let ready = self.authorize(request).await.map_err(unauthorized);
        let (headers, used) = match ready.and_then(|ready| self.spend(tally).map(|()| ready)) {
            Ok(ready) => ready,
            Err(miss) => {
                permit.give_back().await;
                return Err(miss);
            }
        };
        let (began, dated) = (Instant::now(), (self.clock)());
        let (method, url) = (&request.method, &request.url);
        let sent = self
            .transport
            .send(method, url, headers, request.body.as_deref(), self.options.network.timeout())
            .await;
        let answered = (self.clock)();
        permit.give_back().await;
        let answer = sent.map_err(|error| unanswered(&error)).and_then(|reply| {
            self.drift.learn(reply.date.as_deref().unwrap_or_default(), dated, answered);
            tracing::debug!(%url, status = reply.status, bytes = reply.body.len(), "answered");
            let (next_page, date) = (reply.next_page.clone(), reply.date.clone());
            let value = read(request, reply, answered)?;
            Ok(Fetched { value, next_page, date })
        });
        self.watch(place, began, answer.as_ref().err());
        match answer {
            Err(Miss::Final(error)) if error.status() == Some(401) => {
                Err(Miss::Stale(used, error.because(self.drift.explains_refusals())))
            }
            answer => answer,
        }
    }

    /// Counts a request, if another one may be sent.
    fn spend(&self, tally: &AtomicU64) -> Result<(), Miss> {
        let budget = self.budget.load(Ordering::Relaxed);
        if self.requests.fetch_add(1, Ordering::Relaxed) >= budget {
            self.requests.fetch_sub(1, Ordering::Relaxed);
            let cause = format!("{budget} requests were sent, more than what the domain announced can need");
            return Err(Miss::Final(RequestError::unsent(cause, Unavailability::Budget, Some(OVERSPENT))));
        }
        tally.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Tells the breaker what came of a try.
    fn watch(&self, place: &str, began: Instant, miss: Option<&Miss>) {
        let (failure, asked) = match miss {
            None | Some(Miss::Stale(..)) => return self.breaker.answered(place),
            Some(Miss::Final(error)) => {
                let RequestError::Unavailable { cause, reached, .. } = error else {
                    return self.breaker.answered(place);
                };
                let failed =
                    Failed { place, began, cause, status: error.status(), reached: *reached, asked: None };
                return self.breaker.failed(&failed);
            }
            Some(Miss::Again(failure)) => match failure.how {
                How::Shape | How::Unsupported => return self.breaker.answered(place),
                How::Passing => (failure, failure.after),
                How::TooFast => {
                    self.rate_limited.fetch_add(1, Ordering::Relaxed);
                    (failure, Some(failure.after.unwrap_or_default().max(SLOW_DOWNS.first)))
                }
            },
        };
        let Failure { status, reached, .. } = failure;
        let wait = failure.after.filter(|after| *after > LONGEST);
        let cause = &wait.map_or_else(|| failure.cause.clone(), |wait| failure.cause_of_waiting(wait));
        self.breaker.failed(&Failed { place, began, cause, status: *status, reached: *reached, asked });
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
}

impl Effort {
    fn new(options: &ClientOptions) -> Self {
        Self {
            tries: 0,
            retries: Waits::new(Growth { times: options.retries, ..RETRIES }),
            slow_downs: Waits::new(Growth { times: options.slow_downs, ..SLOW_DOWNS }),
            once: Waits::new(Growth { times: options.retries.min(1), ..RETRIES }),
            renewed: false,
        }
    }

    const fn waits(&mut self, how: How) -> &mut Waits {
        match how {
            How::Passing => &mut self.retries,
            How::TooFast => &mut self.slow_downs,
            How::Shape | How::Unsupported => &mut self.once,
        }
    }
}

const OVERSPENT: &str =
    "run the audit again with -v to see the requests; the domain may be announcing more than it has";
const ACCEPTED: &str = "application/json, application/scim+json";
const JSON: &str = "application/json";
