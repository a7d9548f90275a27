//! The pauses between tries: ours grow and are jittered, and `Retry-After` is a floor beneath them.
//!
//! Everything that is requested again waits by this: requests to domains, to the Identity service, to OCI Notifications
//! and to the endpoints that give tokens.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// The longest wait that a service may ask for. A limit by the minute, the longest that OCI documents for a domain
/// (docs.oracle.com, Identity, "API Rate Limits"), passes within it.
pub(crate) const LONGEST: Duration = Duration::from_mins(2);

/// How the pauses grow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    /// The first pause.
    pub(crate) first: Duration,
    /// The longest pause of our own.
    pub(crate) longest: Duration,
    /// How many there are.
    pub(crate) times: usize,
}

/// The pauses of one request.
#[derive(Debug)]
pub(crate) struct Waits {
    own: ExponentialBackoff,
    /// For the jitter above a wait that the service asks for.
    jitter: ExponentialBackoff,
}

/// What to do after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Try again after this long.
    Wait(Duration),
    /// The service asks for more than [`LONGEST`].
    TooLong(Duration),
    /// It was tried often enough.
    Spent,
}

impl Waits {
    pub(crate) fn new(growth: Growth) -> Self {
        let builder = ExponentialBuilder::default().with_min_delay(growth.first).with_jitter();
        let own = builder.with_max_delay(growth.longest).with_max_times(growth.times).build();
        // Always the first pause: whoever is told the same second as we are should not come in the same moment.
        let jitter = builder.with_factor(1.0).with_max_delay(growth.first).without_max_times().build();
        Self { own, jitter }
    }

    /// The pause before the next try, where the service asked for `floor`.
    pub(crate) fn next(&mut self, floor: Option<Duration>) -> Next {
        let Some(own) = self.own.next() else { return Next::Spent };
        match floor {
            Some(floor) if floor > LONGEST => Next::TooLong(floor),
            Some(floor) if floor > own => {
                let above = self.jitter.next().unwrap_or_default() / 2;
                Next::Wait(floor.saturating_add(above))
            }
            _ => Next::Wait(own),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GROWTH: Growth =
        Growth { first: Duration::from_millis(250), longest: Duration::from_secs(20), times: 5 };

    #[test]
    fn our_own_pauses_grow_and_end() {
        let mut waits = Waits::new(GROWTH);
        for least in [250, 500, 1000, 2000, 4000].map(Duration::from_millis) {
            let Next::Wait(pause) = waits.next(None) else { panic!("another pause") };
            assert!(pause >= least && pause <= least * 2, "{pause:?} after {least:?}");
        }
        assert_eq!(waits.next(None), Next::Spent);
        assert_eq!(waits.next(Some(Duration::ZERO)), Next::Spent);
    }

    #[test]
    fn pauses_differ() {
        let mut firsts: Vec<_> = (0..20)
            .flat_map(|_| {
                let mut waits = Waits::new(GROWTH);
                [waits.next(None), waits.next(Some(Duration::from_secs(30)))]
            })
            .map(|next| format!("{next:?}"))
            .collect();
        firsts.sort();
        firsts.dedup();
        assert!(firsts.len() > 20, "{firsts:?}");
    }

    #[test]
    fn hours_are_not_waited() {
        for seconds in [121, 3600, u64::MAX] {
            let asked = Duration::from_secs(seconds);
            assert_eq!(Waits::new(GROWTH).next(Some(asked)), Next::TooLong(asked));
        }
    }

    proptest! {
        #[test]
        fn what_is_asked_for_is_a_floor_and_no_pause_is_endless(asked in prop::collection::vec(prop::option::of(0_u64..=120_000), 1..8)) {
            let mut waits = Waits::new(GROWTH);
            for (place, floor) in asked.into_iter().enumerate() {
                let floor = floor.map(Duration::from_millis);
                match waits.next(floor) {
                    Next::Wait(pause) => {
                        prop_assert!(place < GROWTH.times);
                        prop_assert!(pause >= floor.unwrap_or_default());
                        prop_assert!(pause >= GROWTH.first);
                        prop_assert!(pause <= LONGEST + GROWTH.longest * 2);
                    }
                    Next::Spent => prop_assert!(place >= GROWTH.times),
                    Next::TooLong(_) => prop_assert!(false),
                }
            }
        }
    }
}
