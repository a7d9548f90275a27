//! The domain's rate limit, as strictly as it can be read: no second and no minute, wherever it starts, may hold
//! more requests than allowed, and the refused ones count.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::config::RateLimit;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// Remembers when requests came.
#[derive(Debug)]
pub(crate) struct Pace {
    limits: Option<(usize, usize)>,
    arrivals: VecDeque<Instant>,
}

impl Pace {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let size = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let limits = limit.windows().map(|(second, minute)| (size(second), size(minute)));
        Self { limits, arrivals: VecDeque::new() }
    }

    /// Notes a request; an error is the time after which another may be taken.
    pub(crate) fn arrive(&mut self, now: Instant) -> Result<(), Duration> {
        let Some((second, minute)) = self.limits else { return Ok(()) };
        while self.arrivals.front().is_some_and(|&at| now.duration_since(at) >= MINUTE) {
            self.arrivals.pop_front();
        }
        self.arrivals.push_back(now);
        let recent = self.arrivals.iter().rev().take_while(|&&at| now.duration_since(at) < SECOND).count();
        if self.arrivals.len() > minute {
            return Err(self
                .arrivals
                .front()
                .map_or(MINUTE, |&at| MINUTE.saturating_sub(now.duration_since(at))));
        }
        if recent > second { Err(SECOND) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_may_start_anywhere() {
        let mut pace = Pace::new(RateLimit::custom(2, 3));
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        assert!(pace.arrive(at(0)).is_ok());
        assert!(pace.arrive(at(900)).is_ok());
        assert!(pace.arrive(at(950)).is_err(), "three within a second");
        assert!(pace.arrive(at(3_000)).is_err(), "four within a minute, the refused one counted");
        assert!(pace.arrive(at(61_000)).is_ok());
    }
}
