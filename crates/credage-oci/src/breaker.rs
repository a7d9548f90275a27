//! A domain that stopped answering is noticed after a handful of requests, and not asked again by each of the rest.
//!
//! The rule, for the requests to one domain together:
//!
//! - An answer of any kind, a refusal included, ends a streak of failures. Failures are what may pass: no connection, no
//!   answer in time, a broken connection, 5xx, 429, a body that is no JSON.
//! - After [`DOUBT`] failures in a row, or two in [`SLOW_DOUBT`], the domain is in doubt: one request at a time probes it,
//!   at growing intervals, and the others wait for how that ends. They lose no tries by it, and an overloaded domain
//!   gets room to recover.
//! - Where probes fail too, it is given up: after [`UNKNOWN`] if it never answered, later ([`KNOWN`]) if it did. Time that
//!   the domain asked us to wait does not count, up to [`EXCUSED`], or [`EXCUSED_PACE`] for 429. From then on requests
//!   fail at once; after [`CLOSED_FOR`] a single one may find out whether the domain is back.
//! - A domain that answered before is in doubt only if requests to two collections fail: trouble with one collection is
//!   not the domain's. A collection is given up by itself after [`GIVEN_UP`] requests in a row spent all their tries.
//!
//! A domain that fails three times out of ten is read completely: fifteen failures in a row happen once in 70 million
//! requests there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep_until};

use crate::request_error::{RequestError, Unavailability};
use crate::waits::LONGEST;

/// Failures in a row that put a domain in doubt.
const DOUBT: u32 = 5;
/// The time in which two are enough.
const SLOW_DOUBT: Duration = Duration::from_secs(15);
/// What ends it for a domain that never answered: failures, and the time since the first of them began.
const UNKNOWN: [(u32, Duration); 2] = [(DOUBT, Duration::from_secs(5)), (3, Duration::from_secs(20))];
/// The same for a domain that answered before.
const KNOWN: [(u32, Duration); 2] = [(15, Duration::from_secs(15)), (DOUBT, Duration::from_secs(90))];
/// The most time that the domain's own wishes may add to that.
const EXCUSED: Duration = Duration::from_mins(1);
/// The same where it says that we are too fast: others may use up its limit by the minute.
const EXCUSED_PACE: Duration = Duration::from_mins(5);
/// The first interval between probes; it doubles.
const FIRST_PROBE: Duration = Duration::from_millis(250);
const LONGEST_PROBE: Duration = Duration::from_secs(4);
/// How long nobody asks a domain that was given up.
const CLOSED_FOR: Duration = Duration::from_secs(30);
/// Requests to one collection that were given up in a row, after which the collection is.
const GIVEN_UP: u32 = 6;

/// One try that failed.
#[derive(Clone, Debug)]
pub(crate) struct Failed<'a> {
    /// The collection.
    pub(crate) place: &'a str,
    /// When it was sent.
    pub(crate) began: Instant,
    /// What happened.
    pub(crate) cause: &'a str,
    /// The HTTP status.
    pub(crate) status: Option<u16>,
    /// Whether the domain was reached.
    pub(crate) reached: bool,
    /// How long the domain wants us to wait.
    pub(crate) asked: Option<Duration>,
}

/// Watches one domain.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    circuit: Mutex<Circuit>,
    /// Whoever holds it is the one that probes.
    probe: Arc<tokio::sync::Mutex<()>>,
}

/// Leave to send a request; for a domain in doubt, to be the only one.
pub(crate) type Pass = Option<OwnedMutexGuard<()>>;

impl Breaker {
    /// Waits until a request to a collection may be sent.
    ///
    /// # Errors
    /// The domain or the collection was given up.
    pub(crate) async fn enter(&self, place: &str) -> Result<Pass, RequestError> {
        match self.circuit().verdict(place, Instant::now()) {
            Verdict::Closed => return Ok(None),
            Verdict::Open(error) => return Err(error),
            Verdict::Doubt(_) => {}
        }
        let pass = Arc::clone(&self.probe).lock_owned().await;
        loop {
            let verdict = self.circuit().verdict(place, Instant::now());
            match verdict {
                // Doubt is over, and with it the queue.
                Verdict::Closed => return Ok(None),
                Verdict::Open(error) => return Err(error),
                Verdict::Doubt(at) if at > Instant::now() => sleep_until(at).await,
                Verdict::Doubt(_) => return Ok(Some(pass)),
            }
        }
    }

    /// An answer came.
    pub(crate) fn answered(&self, place: &str) {
        self.circuit().answered(place);
    }

    /// None came.
    pub(crate) fn failed(&self, failed: &Failed<'_>) {
        self.circuit().failed(failed, Instant::now());
    }

    /// A request to a collection spent all its tries.
    pub(crate) fn gave_up(&self, place: &str) {
        *self.circuit().given_up.entry(place.to_owned()).or_default() += 1;
    }

    /// The domain wants no request for this long, which is longer than we wait.
    pub(crate) fn close_for(&self, cause: &str, wait: Duration) {
        let mut circuit = self.circuit();
        cause.clone_into(&mut circuit.cause);
        circuit.status = Some(429);
        // What is too far away to be counted is as good as a day.
        let until = Instant::now().checked_add(wait.min(Duration::from_hours(24)));
        circuit.closed = until.map(|until| (until, Unavailability::Wait));
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rule itself, without waiting.
#[derive(Debug, Default)]
struct Circuit {
    /// Whether the domain ever answered.
    known: bool,
    failures: u32,
    /// Since when the domain is in doubt.
    doubted: Option<Instant>,
    /// Failures of requests that were sent since then.
    probes: u32,
    /// When the first request of the streak was sent.
    began: Option<Instant>,
    last: Option<Instant>,
    /// Until when the domain wants us to wait, and how much of the streak was such waiting.
    asked_until: Option<Instant>,
    excused: Duration,
    /// The collections of the streak: the first, and whether there was another one.
    place: Option<String>,
    several: bool,
    cause: String,
    status: Option<u16>,
    reached: bool,
    closed: Option<(Instant, Unavailability)>,
    /// Requests in a row that were given up, by collection.
    given_up: HashMap<String, u32>,
}

#[derive(Debug)]
enum Verdict {
    Closed,
    /// One request at a time, and not before this instant.
    Doubt(Instant),
    Open(RequestError),
}

impl Circuit {
    fn answered(&mut self, place: &str) {
        let given_up = std::mem::take(&mut self.given_up);
        *self = Self { known: true, given_up, ..Self::default() };
        self.given_up.remove(place);
    }

    fn failed(&mut self, failed: &Failed<'_>, now: Instant) {
        self.failures += 1;
        self.began = Some(self.began.map_or(failed.began, |began| began.min(failed.began)));
        self.last = Some(now);
        failed.cause.clone_into(&mut self.cause);
        (self.status, self.reached) = (failed.status, self.reached || failed.reached);
        match &self.place {
            Some(place) => self.several |= place != failed.place,
            None => self.place = Some(failed.place.to_owned()),
        }
        if self.doubted.is_some_and(|since| failed.began >= since) {
            self.probes += 1;
        }
        if self.doubted.is_none() && self.is_doubtful() {
            self.doubted = Some(now);
        }
        self.excuse(failed, now);
        if self.is_hopeless() {
            let until = now.checked_add(CLOSED_FOR);
            self.closed = until.map(|until| (until, Unavailability::Silent));
        }
    }

    /// Waiting that was asked for is not silence; requests that wait at the same time do so once.
    fn excuse(&mut self, failed: &Failed<'_>, now: Instant) {
        // Nobody waits for longer than that, so nobody is kept waiting for it here either.
        let asked = failed.asked.filter(|asked| *asked <= LONGEST);
        let Some(until) = asked.and_then(|asked| now.checked_add(asked)) else { return };
        let from = self.asked_until.map_or(now, |earlier| earlier.max(now));
        let most = if failed.status == Some(429) { EXCUSED_PACE } else { EXCUSED };
        let more = self.excused.saturating_add(until.saturating_duration_since(from));
        self.excused = more.min(most.max(self.excused));
        self.asked_until = Some(from.max(until));
    }

    fn lasted(&self) -> Duration {
        let since = self.began.zip(self.last).map(|(began, last)| last.saturating_duration_since(began));
        since.unwrap_or_default()
    }

    fn is_doubtful(&self) -> bool {
        let many = self.failures >= DOUBT || (self.failures >= 2 && self.lasted() >= SLOW_DOUBT);
        many && (self.several || !self.known)
    }

    fn is_hopeless(&self) -> bool {
        let silent = self.lasted().saturating_sub(self.excused);
        let limits = if self.known { KNOWN } else { UNKNOWN };
        self.probes > 0 && limits.iter().any(|&(failures, time)| self.failures >= failures && silent >= time)
    }

    fn verdict(&self, place: &str, now: Instant) -> Verdict {
        if let Some((until, why)) = self.closed {
            if until > now {
                return Verdict::Open(self.error(why));
            }
            return Verdict::Doubt(until);
        }
        if self.given_up.get(place).is_some_and(|&times| times >= GIVEN_UP) {
            return Verdict::Open(given_up(place));
        }
        if !self.is_doubtful() {
            return Verdict::Closed;
        }
        let pause = FIRST_PROBE.saturating_mul(2_u32.saturating_pow(self.probes)).min(LONGEST_PROBE);
        let next = self.last.and_then(|last| last.checked_add(pause)).unwrap_or(now);
        Verdict::Doubt(self.asked_until.map_or(next, |asked| asked.max(next)))
    }

    fn error(&self, why: Unavailability) -> RequestError {
        let cause = if why == Unavailability::Wait {
            self.cause.clone()
        } else {
            let (failures, seconds) = (self.failures, self.lasted().as_secs());
            let cause = &self.cause;
            format!(
                "the service answered none of the last {failures} requests in {seconds} s ({cause}), so it is not asked again"
            )
        };
        RequestError::Unavailable {
            cause,
            why,
            status: self.status,
            reached: self.reached,
            tries: 0,
            after: None,
            request_id: None,
            remedy: None,
        }
    }
}

fn given_up(place: &str) -> RequestError {
    let cause = format!("the last {GIVEN_UP} requests for {place} failed, so no more are sent");
    RequestError::unsent(cause, Unavailability::Silent, None)
}

#[cfg(test)]
#[path = "breaker_tests.rs"]
mod tests;
