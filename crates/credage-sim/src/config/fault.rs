//! What goes wrong on purpose.

use std::net::SocketAddr;

use crate::collection::Collection;

/// Something that goes wrong with certain requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The collection; nothing means the requests to all collections, counted together.
    pub collection: Option<Collection>,
    /// The first request that fails, counted from 1. Counted are authenticated requests within the rate
    /// limit.
    pub nth: u64,
    /// How many requests in a row fail; `u64::MAX` means for ever.
    pub times: u64,
    /// How they fail.
    pub action: FaultAction,
}

impl Fault {
    /// The `nth` request to `collection` fails once.
    pub const fn once(collection: Collection, nth: u64, action: FaultAction) -> Self {
        Self { collection: Some(collection), nth, times: 1, action }
    }

    /// Whether the fault strikes the request with this number.
    pub(crate) const fn strikes(&self, number: u64) -> bool {
        number >= self.nth && number - self.nth < self.times
    }
}

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultAction {
    /// This status with a SCIM error as its body.
    Status(u16),
    /// The same, with a `Retry-After`.
    Wait(u16, RetryAfter),
    /// The connection is reset (TCP RST) without an answer.
    Reset,
    /// A `Content-Length` larger than what is sent; then the connection ends.
    CutBody,
    /// 200 with a login page in HTML.
    Html,
    /// No answer at all until the client goes.
    Stall,
    /// 200 with JSON that ends in the middle, of consistent length.
    Malformed,
    /// The right answer with its first row twice.
    Duplicate,
    /// The right answer with a `totalResults` of four thousand million.
    Inflated,
    /// 302 to the same path at another address.
    Redirect(SocketAddr),
    /// 200 with 100 MB where a page was due.
    Oversized {
        /// Whether the size is announced (`Content-Length`), or the body just goes on.
        announced: bool,
    },
}

/// How a 429 says when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RetryAfter {
    /// Not at all.
    #[default]
    Unsaid,
    /// In seconds.
    Seconds,
    /// As an HTTP date.
    Date,
    /// At once: zero seconds.
    Zero,
    /// An HTTP date that has passed.
    Past,
    /// So many seconds, whatever is due.
    Fixed(u64),
    /// Neither a number nor a date.
    Nonsense,
}

/// A collection that the caller has no rights for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denied {
    /// The collection.
    pub collection: Collection,
    /// What it answers.
    pub how: DeniedHow,
}

/// How missing rights show. All of these have been reported of the service: statuses 401, 403 and 404
/// by mql, empty lists by the read-me of a community tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeniedHow {
    /// This status.
    Status(u16),
    /// 200 with `totalResults` 0 and no `Resources`.
    EmptyOk,
    /// Lists hold the auditor's own rows alone, and say that these are all.
    OwnOnly,
}

/// Rows that come or go while a listing is read. The `/Users` index follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Churn {
    /// From request number `at` (from 1) to `collection`, its first `rows` rows in order of id are gone:
    /// the later rows move to the front, past a reader between two pages.
    DeleteBetweenPages {
        /// The collection.
        collection: Collection,
        /// The request from which they are gone.
        at: u64,
        /// How many.
        rows: usize,
    },
    /// From request number `at` (from 1) to `collection`, there are `rows` more, which come first in
    /// order of id: a reader between two pages sees rows again.
    InsertBetweenPages {
        /// The collection.
        collection: Collection,
        /// The request from which they are there.
        at: u64,
        /// How many.
        rows: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_the_requests_it_names() {
        let fault = Fault { collection: None, nth: 2, times: 2, action: FaultAction::Reset };
        assert_eq!([1, 2, 3, 4].map(|number| fault.strikes(number)), [false, true, true, false]);
        let lasting = Fault { times: u64::MAX, ..fault };
        assert!(lasting.strikes(u64::MAX - 1));
    }
}
