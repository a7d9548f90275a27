//! The clock of this machine against the server's.
//!
//! OCI refuses signatures whose date is more than 5 minutes away from its own clock (Oracle's page "Request Signatures").

use credage_core::Check;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

/// From here on signatures are refused.
const LIMIT: SignedDuration = SignedDuration::from_mins(5);
/// From here on somebody should look after the clock.
const NOTEWORTHY: SignedDuration = SignedDuration::from_mins(1);
const REMEDY: &str = "set the clock of this machine, best by a time service (NTP): OCI refuses signatures that are more \
                      than 5 minutes off";

/// How far this machine is ahead of a server that wrote `date` between the two instants; a `Date` is cut to seconds.
pub fn offset(date: &str, sent: Timestamp, answered: Timestamp) -> Option<SignedDuration> {
    let theirs = rfc2822::parse(date).ok()?.timestamp();
    let half = SignedDuration::from_millis_i128(answered.duration_since(sent).as_millis() / 2);
    let ours = sent.checked_add(half).ok()?;
    Some(ours.duration_since(theirs))
}

/// Whether that is close enough; `signs` says whether requests are signed with a date.
pub fn check(ahead: SignedDuration, signs: bool) -> Check {
    let apart = ahead.abs();
    if apart < NOTEWORTHY {
        return Check::ok("clock", format!("{} from the server's", spoken(apart)));
    }
    let side = if ahead.is_negative() { "behind" } else { "ahead of" };
    let detail = format!("this machine's clock is {} {side} the server's", spoken(apart));
    if apart >= LIMIT && signs {
        Check::problem("clock", detail, REMEDY)
    } else {
        Check::warning("clock", detail, REMEDY)
    }
}

/// Whether every signature is refused for it.
pub fn is_off(ahead: Option<SignedDuration>) -> bool {
    ahead.is_some_and(|ahead| ahead.abs() >= LIMIT)
}

/// A length of time in the largest units that matter: `2 h 5 min`, `12 min`, `3 s`.
pub(super) fn spoken(time: SignedDuration) -> String {
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
    use credage_core::Verdict;

    use super::*;

    #[test]
    fn the_offset_is_that_of_the_middle() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let date = "Mon, 05 Jan 2026 21:31:40 GMT";
        let ahead = offset(date, at("2026-01-05T21:32:40Z"), at("2026-01-05T21:32:44Z")).unwrap();
        assert_eq!(ahead, SignedDuration::from_secs(62));
        assert_eq!(offset("yesterday", at("2026-01-05T21:32:40Z"), at("2026-01-05T21:32:44Z")), None);
    }

    #[test]
    fn a_minute_is_worth_a_word_and_five_are_a_problem() {
        let verdict = |seconds, signs| check(SignedDuration::from_secs(seconds), signs).verdict;
        assert_eq!(verdict(59, true), Verdict::Ok);
        assert_eq!(verdict(-59, true), Verdict::Ok);
        assert_eq!(verdict(60, true), Verdict::Warning);
        assert_eq!(verdict(-299, true), Verdict::Warning);
        assert_eq!(verdict(300, true), Verdict::Problem);
        assert_eq!(verdict(-300, false), Verdict::Warning, "a token carries no date");
        let detail = check(SignedDuration::from_secs(-720), true).detail;
        assert_eq!(detail, "this machine's clock is 12 min behind the server's");
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
