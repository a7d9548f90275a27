//! When exactly a day is over.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::days::{Days, days_between, days_until};

/// How days are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Boundary {
    /// A day is 24 hours from the instant on: what was made at noon is 1 day old at noon.
    #[default]
    Instants,
    /// A day is a day of the calendar in a time zone: what was made at noon is 1 day old from midnight on.
    CalendarDays(TimeZone),
}

impl Boundary {
    /// `instants`, or `calendar days in Europe/Berlin`.
    pub fn describe(&self) -> String {
        match self {
            Self::Instants => "instants".to_owned(),
            Self::CalendarDays(zone) => {
                format!("calendar days in {}", zone.iana_name().unwrap_or("a fixed zone"))
            }
        }
    }

    /// Its name in the policy file: `instants` or `calendar`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Instants => "instants",
            Self::CalendarDays(_) => "calendar",
        }
    }

    /// The IANA name of the time zone of calendar days.
    pub fn zone(&self) -> Option<&str> {
        match self {
            Self::Instants => None,
            Self::CalendarDays(zone) => zone.iana_name(),
        }
    }

    /// Whole days from `from` to `to`: the age at `to` of what was made at `from`.
    pub fn age(&self, from: Timestamp, to: Timestamp) -> i64 {
        match self {
            Self::Instants => days_between(from, to),
            Self::CalendarDays(zone) => days(date(from, zone), date(to, zone)),
        }
    }

    /// Whole days from `now` until `due`: 0 or less once it has been reached.
    pub fn left(&self, now: Timestamp, due: Timestamp) -> i64 {
        match self {
            Self::Instants => days_until(now, due),
            // Something that ends later today has not ended: it is a matter of this day, not of the last.
            Self::CalendarDays(zone) if due > now => days(date(now, zone), date(due, zone)).max(1),
            Self::CalendarDays(zone) => days(date(now, zone), date(due, zone)),
        }
    }

    /// The instant that lies `days` after `from`; with calendar days the midnight at which that day begins. `None`
    /// beyond the end of time.
    pub fn after(&self, from: Timestamp, days: Days) -> Option<Timestamp> {
        match self {
            Self::Instants => from.checked_add(days.duration()).ok(),
            Self::CalendarDays(zone) => {
                let day = date(from, zone).checked_add(i64::from(days.get()).days()).ok()?;
                midnight(day, zone)
            }
        }
    }

    /// The instant that lies `days` before `due`; the beginning of time where there is none.
    pub fn before(&self, due: Timestamp, days: Days) -> Timestamp {
        let earlier = match self {
            Self::Instants => due.checked_sub(days.duration()).ok(),
            Self::CalendarDays(zone) => {
                let day = date(due, zone).checked_sub(i64::from(days.get()).days()).ok();
                day.and_then(|day| midnight(day, zone))
            }
        };
        earlier.unwrap_or(Timestamp::MIN)
    }

    /// The day that lies `days` after that of an instant; `None` beyond the end of time.
    pub fn day_after(&self, from: Timestamp, days: Days) -> Option<Date> {
        let zone = match self {
            Self::Instants => &TimeZone::UTC,
            Self::CalendarDays(zone) => zone,
        };
        date(from, zone).checked_add(i64::from(days.get()).days()).ok()
    }

    /// The instant at which a day is over: in its zone, or in UTC.
    pub fn end_of(&self, day: Date) -> Option<Timestamp> {
        let next = day.checked_add(1.day()).ok()?;
        match self {
            Self::Instants => midnight(next, &TimeZone::UTC),
            Self::CalendarDays(zone) => midnight(next, zone),
        }
    }
}

fn date(at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(at).date()
}

fn days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

fn midnight(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    // Where clocks are put forward at midnight, the day begins at the first instant that exists.
    zone.to_timestamp(day.into()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn berlin() -> Boundary {
        Boundary::CalendarDays(TimeZone::get("Europe/Berlin").unwrap())
    }

    #[test]
    fn a_calendar_day_ends_at_midnight_where_one_lives() {
        let made = at("2026-01-01T22:30:00Z");
        assert_eq!(berlin().age(made, at("2026-01-01T22:59:59Z")), 0);
        assert_eq!(berlin().age(made, at("2026-01-01T23:00:00Z")), 1);
        assert_eq!(Boundary::Instants.age(made, at("2026-01-02T22:29:59Z")), 0);
        let due = berlin().after(made, Days::literal(90)).unwrap();
        assert_eq!(due, at("2026-03-31T22:00:00Z"), "midnight of 1 April, in summer time");
        assert_eq!(berlin().left(at("2026-03-31T21:59:59Z"), due), 1);
        assert_eq!(berlin().left(due, due), 0);
        assert_eq!(berlin().before(due, Days::literal(15)), at("2026-03-16T23:00:00Z"));
        assert_eq!(berlin().end_of("2026-06-30".parse().unwrap()), Some(at("2026-06-30T22:00:00Z")));
    }

    #[test]
    fn an_expiry_later_today_is_not_over() {
        assert_eq!(berlin().left(at("2026-06-01T08:00:00Z"), at("2026-06-01T09:00:00Z")), 1);
        assert_eq!(berlin().left(at("2026-06-01T09:00:00Z"), at("2026-06-01T09:00:00Z")), 0);
    }

    proptest! {
        #[test]
        fn what_is_due_is_as_old_as_the_limit(seconds in 0_i64..4_000_000_000, days in 1_u32..1000) {
            let made = Timestamp::from_second(seconds).unwrap();
            for boundary in [Boundary::Instants, berlin()] {
                let due = boundary.after(made, Days::literal(days)).unwrap();
                prop_assert_eq!(boundary.age(made, due), i64::from(days));
                let just_before = due - jiff::SignedDuration::from_nanos(1);
                prop_assert_eq!(boundary.age(made, just_before), i64::from(days) - 1);
                prop_assert!(boundary.left(just_before, due) >= 1);
                prop_assert_eq!(boundary.left(due, due), 0);
            }
        }
    }
}
