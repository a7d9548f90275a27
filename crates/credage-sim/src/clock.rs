//! The only place of this crate that reads the clock: for the signature's date, the expiry of session
//! tokens and the key files' times. The data never depends on it.

use jiff::{SignedDuration, Timestamp};

/// The current instant.
#[expect(clippy::disallowed_methods, reason = "a server must compare a signature's date with the real time")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// The current instant by a clock that is that far ahead.
pub(crate) fn ahead(skew: SignedDuration) -> Timestamp {
    now().saturating_add(skew).unwrap_or(Timestamp::MAX)
}
