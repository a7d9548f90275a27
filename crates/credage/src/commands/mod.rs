//! The subcommands, one file each, and what they share: the clock.

pub(crate) mod audit;
pub(crate) mod capabilities;
pub(crate) mod doctor;
pub(crate) mod domains;
pub(crate) mod explain;
pub(crate) mod notify;
pub(crate) mod policy;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod sim;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// An instant, or a day in UTC.
pub(crate) fn parse_as_of(text: &str) -> Result<Timestamp, String> {
    let instant = text.parse::<Timestamp>().ok();
    let midnight = || TimeZone::UTC.to_timestamp(text.parse::<Date>().ok()?.into()).ok();
    instant
        .or_else(midnight)
        .ok_or_else(|| "write a day or an instant, such as 2026-12-31 or 2026-12-31T12:00:00Z".to_owned())
}

/// The present instant.
#[expect(clippy::disallowed_methods, reason = "the one place where the binary reads the clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
