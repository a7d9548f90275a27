//! What the processes of one machine have used of a domain's rate budget, as they tell each other in a file.
//!
//! The rule is that of `rate_limit.rs`: a request occupies its place from before it is sent until a full window after it
//! was answered. The file is fixed-width numbers behind a mark, with a checksum: one that is cut, damaged or foreign is
//! told from a whole one. Instants are those of the machine's clock; where that was set back, places from the future are
//! dropped.

use std::time::Duration;

use jiff::Timestamp;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
/// Clocks of one machine agree; this is for reading them at different moments.
const AHEAD: i64 = SECOND;
/// The longest pause that another process is believed.
const LONGEST_PAUSE: i64 = 5 * MINUTE;
const MARK: [u8; 8] = *b"credpac1";
/// The most that a file may hold; more places than the fastest licence has in a minute.
pub(crate) const MAX_BYTES: u64 = 256 * 1024;

/// The places that are occupied, and whether the domain wants a pause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Until when nobody may ask; in milliseconds, like all instants here.
    paused_until: i64,
    places: Vec<Place>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    number: u64,
    taken: i64,
    /// When the request was answered, or has to be.
    answered: i64,
}

impl Usage {
    /// Takes a place for a request that is answered within `hold`, or tells how long until one may be free.
    pub(crate) fn take(
        &mut self,
        number: u64,
        now: Timestamp,
        hold: Duration,
        per_second: usize,
        per_minute: usize,
    ) -> Result<(), Duration> {
        let now = now.as_millisecond();
        self.forget(now);
        if self.paused_until > now {
            return Err(until(self.paused_until, now));
        }
        for (window, most) in [(MINUTE, per_minute), (SECOND, per_second)] {
            let ends = self.places.iter().map(|place| place.answered.saturating_add(window));
            let (occupied, first) = ends
                .filter(|end| *end > now)
                .fold((0_usize, i64::MAX), |(count, first), end| (count + 1, first.min(end)));
            if occupied >= most {
                return Err(until(first, now));
            }
        }
        self.places.push(Place { number, taken: now, answered: now.saturating_add(millis(hold)) });
        Ok(())
    }

    /// The request of a place was answered.
    pub(crate) fn give_back(&mut self, number: u64, now: Timestamp) {
        // Cut to milliseconds, it would be free too early.
        let now = now.as_millisecond().saturating_add(1);
        for place in self.places.iter_mut().filter(|place| place.number == number) {
            place.answered = place.answered.min(now);
        }
    }

    /// Nobody may ask for this long.
    pub(crate) fn pause(&mut self, now: Timestamp, length: Duration) {
        let until = now.as_millisecond().saturating_add(millis(length).min(LONGEST_PAUSE));
        self.paused_until = self.paused_until.max(until);
    }

    /// Leaves out what does not count any more, or cannot be.
    fn forget(&mut self, now: i64) {
        self.places.retain(|place| place.answered.saturating_add(MINUTE) > now && place.taken <= now + AHEAD);
        if self.paused_until > now.saturating_add(LONGEST_PAUSE) {
            self.paused_until = 0;
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32 + self.places.len() * 24);
        bytes.extend(MARK);
        bytes.extend(self.paused_until.to_le_bytes());
        for place in &self.places {
            bytes.extend(place.number.to_le_bytes());
            bytes.extend(place.taken.to_le_bytes());
            bytes.extend(place.answered.to_le_bytes());
        }
        bytes.extend(checksum(&bytes).to_le_bytes());
        bytes
    }

    /// What a whole file says.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (content, sum) = bytes.split_last_chunk::<8>()?;
        if checksum(content) != u64::from_le_bytes(*sum) {
            return None;
        }
        let (paused, places) = content.strip_prefix(&MARK)?.split_first_chunk::<8>()?;
        let (places, []) = places.as_chunks::<24>() else { return None };
        let places = places.iter().map(Place::decode).collect::<Option<_>>()?;
        Some(Self { paused_until: i64::from_le_bytes(*paused), places })
    }
}

impl Place {
    fn decode(bytes: &[u8; 24]) -> Option<Self> {
        let (number, rest) = bytes.split_first_chunk::<8>()?;
        let (taken, rest) = rest.split_first_chunk::<8>()?;
        let (answered, _) = rest.split_first_chunk::<8>()?;
        Some(Self {
            number: u64::from_le_bytes(*number),
            taken: i64::from_le_bytes(*taken),
            answered: i64::from_le_bytes(*answered),
        })
    }
}

fn until(end: i64, now: i64) -> Duration {
    Duration::from_millis(u64::try_from(end.saturating_sub(now)).unwrap_or_default())
}

fn millis(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}

/// FNV-1a: against accidents, not against attackers, who cannot write there.
fn checksum(bytes: &[u8]) -> u64 {
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOLD: Duration = Duration::from_secs(30);

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + millis).unwrap()
    }

    #[test]
    fn places_are_free_a_window_after_the_answer() {
        let mut usage = Usage::default();
        assert_eq!(usage.take(1, at(0), HOLD, 1, 2), Ok(()));
        assert_eq!(usage.take(2, at(500), HOLD, 1, 2), Err(Duration::from_millis(30_500)));
        usage.give_back(1, at(800));
        assert_eq!(usage.take(2, at(1500), HOLD, 1, 2), Err(Duration::from_millis(301)));
        assert_eq!(usage.take(2, at(1801), HOLD, 1, 2), Ok(()));
        usage.give_back(2, at(2000));
        assert_eq!(usage.take(3, at(10_000), HOLD, 1, 2), Err(Duration::from_millis(50_801)));
        assert_eq!(usage.take(3, at(60_801), HOLD, 1, 2), Ok(()));
    }

    #[test]
    fn what_a_crashed_process_left_is_given_back_in_time() {
        let mut usage = Usage::default();
        assert_eq!(usage.take(1, at(0), HOLD, 1, 1), Ok(()));
        assert!(usage.take(2, at(89_999), HOLD, 1, 1).is_err());
        assert_eq!(usage.take(2, at(90_000), HOLD, 1, 1), Ok(()));
    }

    #[test]
    fn a_clock_that_was_set_back_blocks_nobody() {
        let mut usage = Usage::default();
        usage.pause(at(3_600_000), Duration::from_mins(1));
        assert_eq!(usage.take(1, at(3_700_000), HOLD, 1, 1), Ok(()));
        assert_eq!(usage.take(2, at(0), HOLD, 1, 1), Ok(()));
    }

    #[test]
    fn a_pause_holds_everybody() {
        let mut usage = Usage::default();
        usage.pause(at(0), Duration::from_secs(7));
        usage.pause(at(0), Duration::from_secs(2));
        assert_eq!(usage.take(1, at(1000), HOLD, 9, 9), Err(Duration::from_secs(6)));
        usage.pause(at(1000), Duration::MAX);
        assert!(usage.take(1, at(1000), HOLD, 9, 9).unwrap_err() <= Duration::from_mins(5));
    }

    proptest! {
        #[test]
        fn a_whole_file_is_read_back_and_a_damaged_one_is_not(
            places in prop::collection::vec((any::<u64>(), any::<i64>(), any::<i64>()), 0..40),
            paused_until in any::<i64>(),
            cut in any::<prop::sample::Index>(),
            flip in 1_u8..,
        ) {
            let places = places.into_iter().map(|(number, taken, answered)| Place { number, taken, answered });
            let usage = Usage { paused_until, places: places.collect() };
            let bytes = usage.encode();
            prop_assert_eq!(Usage::decode(&bytes), Some(usage));
            let at = cut.index(bytes.len());
            prop_assert_eq!(Usage::decode(&bytes[..at]), None);
            let mut damaged = bytes;
            damaged[at] ^= flip;
            prop_assert_eq!(Usage::decode(&damaged), None);
        }

        /// Whatever a foreign file says, a process is not held for longer than the longest pause or window.
        #[test]
        fn nothing_in_a_file_blocks_for_ever(
            places in prop::collection::vec((any::<u64>(), any::<i64>(), any::<i64>()), 0..40),
            paused_until in any::<i64>(),
        ) {
            let places = places.into_iter().map(|(number, taken, answered)| Place { number, taken, answered });
            let mut usage = Usage { paused_until, places: places.collect() };
            if let Err(wait) = usage.take(1, at(0), HOLD, 50, 50) {
                prop_assert!(wait <= Duration::from_mins(5));
            }
        }
    }
}
