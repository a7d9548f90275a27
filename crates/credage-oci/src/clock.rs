//! The clock, passed in: requests carry the date of their signature, so somebody has to say what time it is. And how far
//! it is from the servers'.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

/// Tells the present instant.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// From here on signatures are refused (Oracle's page "Request Signatures").
pub(crate) const LIMIT: SignedDuration = SignedDuration::from_mins(5);
/// From here on somebody should look after the clock.
pub(crate) const NOTEWORTHY: SignedDuration = SignedDuration::from_secs(30);
/// A `Date` is cut to seconds.
const CUT: SignedDuration = SignedDuration::from_secs(1);

/// How far this machine's clock is ahead of a server's, by the quickest answer so far: it leaves the least doubt about when
/// the server looked at its own.
#[derive(Debug, Default)]
pub(crate) struct Drift(Mutex<Option<Sample>>);

#[derive(Clone, Copy, Debug)]
struct Sample {
    ahead: SignedDuration,
    /// How long the answer took.
    took: SignedDuration,
}

impl Drift {
    /// An answer that carries `date` to a request sent at `sent` came at `answered`.
    pub(crate) fn learn(&self, date: &str, sent: Timestamp, answered: Timestamp) {
        let took = answered.duration_since(sent);
        let Some(ahead) = offset(date, sent, answered).filter(|_| !took.is_negative()) else { return };
        let mut best = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if best.is_none_or(|best| took < best.took) {
            *best = Some(Sample { ahead, took });
        }
    }

    /// How far it is ahead, where that is more than the network and the form of the header explain.
    pub(crate) fn noteworthy(&self) -> Option<SignedDuration> {
        let best = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Sample { ahead, took } = best?;
        let doubt = SignedDuration::from_millis_i128(took.as_millis() / 2).saturating_add(CUT);
        (ahead.abs().saturating_sub(doubt) >= NOTEWORTHY).then_some(ahead)
    }

    /// Why every signature is refused, where the clock is the reason.
    pub(crate) fn explains_refusals(&self) -> Option<String> {
        let ahead = self.noteworthy().filter(|ahead| ahead.abs() >= LIMIT)?;
        Some(format!("{}; OCI refuses signatures that are more than 5 minutes off", disagreement(ahead)))
    }
}

/// That the clocks disagree, as a sentence.
pub fn disagreement(ahead: SignedDuration) -> String {
    let side = if ahead.is_negative() { "behind" } else { "ahead of" };
    let minute = SignedDuration::from_mins(1);
    // A `Date` is cut to seconds, so that nine minutes may measure as a second less.
    let whole = if ahead.abs() < minute { ahead } else { ahead.round(jiff::Unit::Minute).unwrap_or(ahead) };
    format!("this machine's clock is {} {side} the server's", spoken(whole))
}

/// How far this machine is ahead of a server that wrote `date` between the two instants; a `Date` is cut to seconds.
pub fn offset(date: &str, sent: Timestamp, answered: Timestamp) -> Option<SignedDuration> {
    let theirs = rfc2822::parse(date).ok()?.timestamp();
    let half = SignedDuration::from_millis_i128(answered.duration_since(sent).as_millis() / 2);
    let ours = sent.checked_add(half).ok()?;
    Some(ours.duration_since(theirs))
}

/// A length of time in the largest units that matter: `2 h 5 min`, `12 min`, `3 s`.
pub(crate) fn spoken(time: SignedDuration) -> String {
    let seconds = time.abs().as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let pair = |large: i64, unit: &str, small: i64, below: &str| {
        if small == 0 { format!("{large} {unit}") } else { format!("{large} {unit} {small} {below}") }
    };
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=3599 => format!("{minutes} min"),
        3600..=86_399 => pair(hours, "h", minutes, "min"),
        _ => pair(days, "d", hours, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_quickest_answer_counts() {
        let drift = Drift::default();
        let date = "Mon, 05 Jan 2026 21:31:40 GMT";
        assert_eq!(drift.noteworthy(), None);
        drift.learn(date, at("2026-01-05T21:31:10Z"), at("2026-01-05T21:33:10Z"));
        assert_eq!(drift.noteworthy(), None, "a slow answer proves nothing");
        drift.learn(date, at("2026-01-05T21:32:40Z"), at("2026-01-05T21:32:41Z"));
        assert_eq!(drift.noteworthy(), Some(SignedDuration::from_millis(60_500)));
        drift.learn(date, at("2026-01-05T21:31:40Z"), at("2026-01-05T21:31:50Z"));
        drift.learn("yesterday", at("2026-01-05T21:31:40Z"), at("2026-01-05T21:31:40Z"));
        assert!(drift.noteworthy().is_some(), "a slower one does not");
        assert_eq!(drift.explains_refusals(), None);
        drift.learn(date, at("2026-01-05T21:26:00.5Z"), at("2026-01-05T21:26:00.6Z"));
        let why = drift.explains_refusals().unwrap();
        assert!(why.starts_with("this machine's clock is 6 min behind the server's"), "{why}");
    }

    #[test]
    fn a_disagreement_counts_from_half_a_minute_on() {
        for (seconds, noteworthy) in [(0, false), (30, false), (32, true), (-30, false), (-32, true)] {
            let (drift, ours) =
                (Drift::default(), at("2026-01-05T21:31:40Z") + SignedDuration::from_secs(seconds));
            drift.learn("Mon, 05 Jan 2026 21:31:40 GMT", ours, ours);
            assert_eq!(drift.noteworthy().is_some(), noteworthy, "{seconds}");
        }
    }

    #[test]
    fn the_offset_is_that_of_the_middle() {
        let date = "Mon, 05 Jan 2026 21:31:40 GMT";
        let ahead = offset(date, at("2026-01-05T21:32:40Z"), at("2026-01-05T21:32:44Z")).unwrap();
        assert_eq!(ahead, SignedDuration::from_secs(62));
        assert_eq!(offset("yesterday", at("2026-01-05T21:32:40Z"), at("2026-01-05T21:32:44Z")), None);
    }

    #[test]
    fn times_are_spoken_in_units_that_matter() {
        let spoken = |seconds| spoken(SignedDuration::from_secs(seconds));
        assert_eq!(
            [0, 59, 60, 3600, 3900, 90_000].map(spoken),
            ["0 s", "59 s", "1 min", "1 h", "1 h 5 min", "1 d 1 h"]
        );
    }
}
