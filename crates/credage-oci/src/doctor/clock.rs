//! The clock of this machine against the server's.
//!
//! OCI refuses signatures whose date is more than 5 minutes away from its own clock (Oracle's page "Request Signatures").

use credage_core::Check;
use jiff::SignedDuration;

pub use crate::clock::offset;
use crate::clock::{LIMIT, NOTEWORTHY, spoken};

const REMEDY: &str = "set the clock of this machine, best by a time service (NTP): OCI refuses signatures that are more \
                      than 5 minutes off";

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

#[cfg(test)]
mod tests {
    use credage_core::Verdict;

    use super::*;

    #[test]
    fn half_a_minute_is_worth_a_word_and_five_are_a_problem() {
        let verdict = |seconds, signs| check(SignedDuration::from_secs(seconds), signs).verdict;
        assert_eq!(verdict(29, true), Verdict::Ok);
        assert_eq!(verdict(-29, true), Verdict::Ok);
        assert_eq!(verdict(30, true), Verdict::Warning);
        assert_eq!(verdict(-299, true), Verdict::Warning);
        assert_eq!(verdict(300, true), Verdict::Problem);
        assert_eq!(verdict(-300, false), Verdict::Warning, "a token carries no date");
        let detail = check(SignedDuration::from_secs(-720), true).detail;
        assert_eq!(detail, "this machine's clock is 12 min behind the server's");
    }
}
