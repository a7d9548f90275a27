//! `Retry-After`: seconds, or an HTTP date (RFC 9110, section 10.2.3).

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// How long to wait. A date is compared with the server's own `Date` where there is one, so that a clock that is off costs
/// nothing, else with `now`, where that is known. What is neither counts as not said.
pub(crate) fn wait(text: &str, date: Option<&str>, now: Option<Timestamp>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that is too large to be read is a very long time.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let at = instant(text)?;
    let from = date.and_then(instant).or(now)?;
    // One that has passed means "at once".
    Some(Duration::try_from(at.duration_since(from)).unwrap_or(Duration::ZERO))
}

fn instant(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-06-01T12:00:00Z";

    fn seconds(text: &str, date: Option<&str>) -> Option<u64> {
        wait(text, date, NOW.parse().ok()).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_read() {
        assert_eq!(seconds(" 7 ", None), Some(7));
        assert_eq!(seconds("Mon, 01 Jun 2026 12:00:05 GMT", None), Some(5));
        let theirs = Some("Mon, 01 Jun 2026 12:10:00 GMT");
        assert_eq!(seconds("Mon, 01 Jun 2026 12:10:03 GMT", theirs), Some(3), "by the server's clock");
        assert_eq!(seconds("Mon, 01 Jun 2026 12:00:05 GMT", Some("nonsense")), Some(5));
        assert_eq!(seconds("Mon, 01 Jun 2026 11:59:00 GMT", None), Some(0), "passed already");
    }

    #[test]
    fn what_is_neither_says_nothing() {
        for text in ["", "soon", "-5", "1.5", "2026-06-01T12:00:05Z", "Mon, 99 Jun 2026 12:00:05 GMT"] {
            assert_eq!(seconds(text, None), None, "{text}");
        }
        for large in ["18446744073709551615", "99999999999999999999999"] {
            assert_eq!(seconds(large, None), Some(u64::MAX), "the caller has its bounds");
        }
        assert_eq!(wait("Mon, 01 Jun 2026 12:00:05 GMT", None, None), None, "compared with nothing");
    }
}
