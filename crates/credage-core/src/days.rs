//! Whole days, as people write them.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

/// Seconds in a day. Ages count days of 24 hours, in UTC, where no day is longer or shorter.
const SECONDS: i64 = 86_400;

/// A number of whole days, 0 to 36,500.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days(u32);

/// A text that is no number of days.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DaysError {
    /// Not `90`, `90d` or `12w`.
    #[error("`{0}` is not a number of days; write whole days or weeks, such as `90d`, `90` or `12w`")]
    Malformed(String),
    /// More than a hundred years.
    #[error("`{0}` is more than {max} days (100 years)", max = Days::MAX)]
    TooMany(String),
}

impl Days {
    const MAX: u32 = 36_500;

    /// That many days; at most 36,500.
    pub const fn new(days: u32) -> Option<Self> {
        if days <= Self::MAX { Some(Self(days)) } else { None }
    }

    /// A number of days that is known when the program is built; more than 36,500 become 36,500.
    pub const fn literal(days: u32) -> Self {
        Self(if days <= Self::MAX { days } else { Self::MAX })
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The same as a duration.
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.0) * SECONDS)
    }
}

impl FromStr for Days {
    type Err = DaysError;

    fn from_str(text: &str) -> Result<Self, DaysError> {
        let malformed = || DaysError::Malformed(text.to_owned());
        let trimmed = text.trim();
        let (digits, unit) = match trimmed.strip_suffix(['d', 'D']) {
            Some(digits) => (digits, 1),
            None => trimmed.strip_suffix(['w', 'W']).map_or((trimmed, 1), |digits| (digits, 7)),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed());
        }
        let days = digits.parse::<u32>().ok().and_then(|count| count.checked_mul(unit));
        days.and_then(Self::new).ok_or_else(|| DaysError::TooMany(text.to_owned()))
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Whole days from `from` to `to`, rounded down: the age at `to` of what was made at `from`.
pub fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    nanoseconds(from, to).div_euclid(i128::from(SECONDS) * 1_000_000_000).try_into().unwrap_or(i64::MAX)
}

/// Whole days from `now` until `due`, rounded up: 0 or less once `due` has been reached, never 0 before.
pub fn days_until(now: Timestamp, due: Timestamp) -> i64 {
    // Rounding up is rounding down the way back.
    -days_between(due, now)
}

fn nanoseconds(from: Timestamp, to: Timestamp) -> i128 {
    to.as_nanosecond() - from.as_nanosecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        assert_eq!("90".parse(), Ok(Days(90)));
        assert_eq!("90d".parse(), Ok(Days(90)));
        assert_eq!(" 12W ".parse(), Ok(Days(84)));
        assert_eq!("0".parse(), Ok(Days(0)));
        for bad in ["", "d", "-1", "1.5d", "90 days", "+5", "٣"] {
            assert!(matches!(bad.parse::<Days>(), Err(DaysError::Malformed(_))), "{bad}");
        }
        assert!(matches!("36501".parse::<Days>(), Err(DaysError::TooMany(_))));
        assert!(matches!("99999999999w".parse::<Days>(), Err(DaysError::TooMany(_))));
    }

    #[test]
    fn ages_round_down_and_days_left_round_up() {
        let made = at("2026-01-01T12:00:00Z");
        assert_eq!(days_between(made, at("2026-01-02T11:59:59.999Z")), 0);
        assert_eq!(days_between(made, at("2026-01-02T12:00:00Z")), 1);
        assert_eq!(days_between(made, at("2025-12-31T13:00:00Z")), -1);
        assert_eq!(days_until(made, at("2026-01-01T12:00:00.001Z")), 1);
        assert_eq!(days_until(made, made), 0);
        assert_eq!(days_until(made, at("2026-01-01T11:00:00Z")), 0);
        assert_eq!(days_until(made, at("2025-12-31T12:00:00Z")), -1);
    }
}
