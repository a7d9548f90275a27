//! The pace at which one domain is asked.
//!
//! A domain counts the requests of every second and of every minute and answers 429 to what is too many. We keep
//! below that whatever the network does in between: a request occupies its place from before it is sent until a
//! full window after it was answered, so however late it arrived, no window on the other side holds more.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::shared_pace::SharedPace;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
/// The share of a licence's limit that we take, in percent: logins of the same domain live on the rest.
const SHARE: u32 = 80;

/// How fast a domain may be asked.
///
/// The licences' numbers are the row "Others" of Oracle's table of API rate limits
/// (docs.oracle.com, Identity, "API Rate Limits").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimit {
    /// A licence type, of whose limit we take four fifths.
    Licence(Licence),
    /// Exactly this many.
    Custom {
        /// Requests in any second.
        per_second: u32,
        /// Requests in any minute.
        per_minute: u32,
    },
    /// As fast as it goes.
    None,
}

/// A licence type of an identity domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Licence {
    /// `free`: 20 a second, 150 a minute.
    Free,
    /// `oracle-apps`: 50 a second, 1,500 a minute.
    OracleApps,
    /// `oracle-apps-premium`: 55 a second, 1,750 a minute.
    OracleAppsPremium,
    /// `premium`: 90 a second, 5,000 a minute.
    Premium,
    /// `external-user`: 80 a second, 4,000 a minute.
    ExternalUser,
}

/// A text that is no rate limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a rate limit; give the domain's licence (free, oracle-apps, oracle-apps-premium, premium, \
     external-user), `none`, or your own such as `10/s,300/min`"
)]
pub struct RateLimitError(String);

impl Licence {
    /// The licence of a name; one that is not known counts as free, the slowest.
    pub fn named(name: &str) -> Self {
        Self::known(name).unwrap_or(Self::Free)
    }

    /// Whether a licence goes by this name.
    pub fn is_known(name: &str) -> bool {
        Self::known(name).is_some()
    }

    fn known(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "free" => Self::Free,
            "oracle-apps" => Self::OracleApps,
            "oracle-apps-premium" => Self::OracleAppsPremium,
            "premium" => Self::Premium,
            "external-user" | "external-active-user" => Self::ExternalUser,
            _ => return None,
        })
    }

    /// What the licence allows everybody together, a second and a minute.
    pub const fn limits(self) -> (u32, u32) {
        match self {
            Self::Free => (20, 150),
            Self::OracleApps => (50, 1500),
            Self::OracleAppsPremium => (55, 1750),
            Self::Premium => (90, 5000),
            Self::ExternalUser => (80, 4000),
        }
    }

    /// The name, as the Identity service writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::OracleApps => "oracle-apps",
            Self::OracleAppsPremium => "oracle-apps-premium",
            Self::Premium => "premium",
            Self::ExternalUser => "external-user",
        }
    }
}

impl RateLimit {
    /// Requests a second and a minute that we allow ourselves; `None` without a limit.
    pub const fn budget(self) -> Option<(u32, u32)> {
        match self {
            Self::Licence(licence) => {
                let (second, minute) = licence.limits();
                Some((second * SHARE / 100, minute * SHARE / 100))
            }
            Self::Custom { per_second, per_minute } => Some((per_second, per_minute)),
            Self::None => None,
        }
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::Licence(Licence::Free)
    }
}

impl FromStr for RateLimit {
    type Err = RateLimitError;

    fn from_str(text: &str) -> Result<Self, RateLimitError> {
        let given = text.trim();
        if given.eq_ignore_ascii_case("none") {
            return Ok(Self::None);
        }
        if let Some(licence) = Licence::known(given) {
            return Ok(Self::Licence(licence));
        }
        custom(given).ok_or_else(|| RateLimitError(text.to_owned()))
    }
}

fn custom(text: &str) -> Option<RateLimit> {
    let (second, minute) = text.split_once(',')?;
    let count = |text: &str, unit: &str| {
        text.trim().strip_suffix(unit)?.trim().parse().ok().filter(|&count| count > 0)
    };
    Some(RateLimit::Custom { per_second: count(second, "/s")?, per_minute: count(minute, "/min")? })
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Licence(licence) => f.write_str(licence.name()),
            Self::Custom { per_second, per_minute } => write!(f, "{per_second}/s,{per_minute}/min"),
            Self::None => f.write_str("none"),
        }
    }
}

/// Gives out permits, first come, first served.
#[derive(Debug)]
pub struct Limiter {
    budget: Option<(usize, usize)>,
    state: Mutex<State>,
    /// Whoever holds it is next.
    turn: tokio::sync::Mutex<()>,
    answered: Notify,
    waiting: AtomicBool,
    /// The other processes that ask the same domain.
    shared: Option<SharedPace>,
}

#[derive(Debug, Default)]
struct State {
    in_flight: usize,
    second: VecDeque<Instant>,
    minute: VecDeque<Instant>,
    paused_until: Option<Instant>,
}

/// Leave to send one request. Give it back when the answer is there; one that is dropped occupies its place among the
/// requests of other processes for longer.
#[derive(Debug)]
pub struct Permit {
    limiter: Arc<Limiter>,
    place: Option<u64>,
}

impl Limiter {
    /// A limiter that has not sent anything yet.
    pub fn new(limit: RateLimit) -> Arc<Self> {
        Self::shared(limit, None)
    }

    /// The same for one of several processes.
    pub(crate) fn shared(limit: RateLimit, shared: Option<SharedPace>) -> Arc<Self> {
        let size = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        Arc::new(Self {
            budget: limit.budget().map(|(second, minute)| (size(second), size(minute))),
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            answered: Notify::new(),
            waiting: AtomicBool::new(false),
            // Without a limit there is nothing to share.
            shared: shared.filter(|_| limit.budget().is_some()),
        })
    }

    /// Waits until one more request may be sent.
    pub async fn permit(self: &Arc<Self>) -> Permit {
        let _turn = self.turn.lock().await;
        loop {
            let answered = self.answered.notified();
            let Err(until) = self.try_take(Instant::now()) else { break };
            self.waiting.store(true, Ordering::Relaxed);
            match until {
                Some(until) => tokio::select! { () = sleep_until(until) => {}, () = answered => {} },
                None => answered.await,
            }
        }
        let mut permit = Permit { limiter: Arc::clone(self), place: None };
        if let Some((shared, (second, minute))) = self.shared.as_ref().zip(self.budget) {
            permit.place = shared.take(second, minute, &self.waiting).await;
        }
        self.waiting.store(false, Ordering::Relaxed);
        permit
    }

    /// Nobody is let through for this long: the domain said that we are too fast.
    pub async fn pause(&self, duration: Duration) {
        let until = Instant::now() + duration;
        {
            let mut state = self.state();
            state.paused_until = Some(state.paused_until.map_or(until, |earlier| earlier.max(until)));
        }
        if let Some(shared) = &self.shared {
            shared.pause(duration).await;
        }
    }

    /// Whether somebody waits for their turn at this moment.
    pub fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Takes a place, or says until when to wait (`None`: until an answer comes).
    fn try_take(&self, now: Instant) -> Result<(), Option<Instant>> {
        let mut state = self.state();
        if let Some(until) = state.paused_until.filter(|&until| until > now) {
            return Err(Some(until));
        }
        if let Some((second, minute)) = self.budget {
            state.forget_until(now);
            if state.in_flight + state.minute.len() >= minute {
                return Err(state.minute.front().copied());
            }
            if state.in_flight + state.second.len() >= second {
                return Err(state.second.front().copied());
            }
        }
        state.in_flight += 1;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget_until(&mut self, now: Instant) {
        for window in [&mut self.second, &mut self.minute] {
            while window.front().is_some_and(|&free| free <= now) {
                window.pop_front();
            }
        }
    }
}

impl Permit {
    /// The answer is there.
    pub async fn give_back(self) {
        let (limiter, place) = (Arc::clone(&self.limiter), self.place);
        drop(self);
        if let Some((shared, place)) = limiter.shared.as_ref().zip(place) {
            shared.give_back(place).await;
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut state = self.limiter.state();
        state.in_flight -= 1;
        if self.limiter.budget.is_some() {
            state.second.push_back(now + SECOND);
            state.minute.push_back(now + MINUTE);
        }
        drop(state);
        self.limiter.answered.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_people_write_them() {
        assert_eq!("premium".parse(), Ok(RateLimit::Licence(Licence::Premium)));
        assert_eq!("10/s, 300/min".parse(), Ok(RateLimit::Custom { per_second: 10, per_minute: 300 }));
        assert_eq!("none".parse(), Ok(RateLimit::None));
        for bad in ["", "fast", "10/s", "0/s,5/min", "5/min,1/s", "-1/s,5/min"] {
            assert!(bad.parse::<RateLimit>().is_err(), "{bad}");
        }
        assert_eq!(Licence::named("something-new"), Licence::Free);
        assert_eq!(RateLimit::default().budget(), Some((16, 120)));
    }

    /// Whatever the delays, no window at the far end ever holds more than the limit.
    #[tokio::test(start_paused = true)]
    async fn no_window_of_arrivals_exceeds_the_limit() {
        let limiter = Limiter::new(RateLimit::Custom { per_second: 5, per_minute: 40 });
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let begin = Instant::now();
        let mut tasks = Vec::new();
        for number in 0_u64..120 {
            let (limiter, arrivals) = (Arc::clone(&limiter), Arc::clone(&arrivals));
            tasks.push(tokio::spawn(async move {
                let permit = limiter.permit().await;
                tokio::time::sleep(Duration::from_millis(number * 37 % 400)).await;
                arrivals.lock().unwrap().push(begin.elapsed());
                tokio::time::sleep(Duration::from_millis(number * 53 % 300)).await;
                drop(permit);
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let mut arrivals = arrivals.lock().unwrap().clone();
        arrivals.sort_unstable();
        for (window, limit) in [(SECOND, 5), (MINUTE, 40)] {
            for &start in &arrivals {
                let inside = arrivals.iter().filter(|&&at| at >= start && at < start + window).count();
                assert!(inside <= limit, "{inside} within {window:?} from {start:?}");
            }
        }
        assert!(
            begin.elapsed() < Duration::from_secs(135),
            "as fast as allowed, not slower: {:?}",
            begin.elapsed()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody() {
        let limiter = Limiter::new(RateLimit::None);
        limiter.pause(Duration::from_secs(7)).await;
        limiter.pause(Duration::from_secs(2)).await;
        let begin = Instant::now();
        drop(limiter.permit().await);
        assert_eq!(begin.elapsed(), Duration::from_secs(7));
    }
}
