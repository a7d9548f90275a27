//! Dates as the service writes them: RFC 3339 in UTC, with or without milliseconds.

use std::fmt;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;

/// A date, and how finely it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) at: Timestamp,
    pub(crate) millis: bool,
}

/// A `meta.created`, as far as it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dated {
    At(Stamp),
    Missing,
    Unreadable(&'static str),
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printer = DateTimePrinter::new().precision(Some(if self.millis { 3 } else { 0 }));
        f.write_str(&printer.timestamp_to_string(&self.at))
    }
}

impl Stamp {
    /// The instant as it is written.
    pub(crate) fn written(self) -> Timestamp {
        let whole = Timestamp::from_second(self.at.as_second()).unwrap_or(self.at);
        if self.millis {
            Timestamp::from_millisecond(self.at.as_millisecond()).unwrap_or(self.at)
        } else {
            whole
        }
    }
}

impl Dated {
    /// As it stands on the wire.
    pub(crate) fn text(self) -> Option<String> {
        match self {
            Self::At(stamp) => Some(stamp.to_string()),
            Self::Missing => None,
            Self::Unreadable(text) => Some(text.to_owned()),
        }
    }

    /// The instant, where there is one.
    pub(crate) fn instant(self) -> Option<Timestamp> {
        match self {
            Self::At(stamp) => Some(stamp.written()),
            Self::Missing | Self::Unreadable(_) => None,
        }
    }
}
