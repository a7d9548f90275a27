//! How much of a kind was read in a domain, and why that is believed.
//!
//! Coverage is what keeps a partial answer from looking like a pass: every kind of every domain carries a verdict,
//! and every output shows the ones that are not complete.

use std::fmt;

/// The verdict on one kind (or on the users) of one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All of it was read, and the numbers prove it.
    Complete,
    /// Something was read, and something is missing or unproven.
    Partial {
        /// Rows that were read.
        read: u64,
        /// What there should have been, as far as that is known.
        expected: Expected,
        /// Why the rest is missing, and what to do about it.
        why: Incomplete,
    },
    /// What was read adds up, but nothing distinguishes "there are no others" from "you may not see them".
    Unconfirmed {
        /// Why, and what would confirm it.
        why: Incomplete,
        /// Whether this alone leaves the run complete enough to pass; decided by [`settle`](crate::settle()).
        tolerated: bool,
    },
    /// Nothing was read that could be believed.
    Unreadable(Incomplete),
    /// It was not asked for.
    NotApplicable,
}

/// How many rows there should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// This many, as the domain itself or its index says.
    Rows(u64),
    /// Of these (owner, kind) pairs one request each was due; rows are not known beforehand.
    Owners(u64),
    /// Nobody can say.
    Unknown,
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incomplete {
    /// The HTTP status that stood in the way, if it was one.
    pub status: Option<u16>,
    /// Whether missing rights are the likely reason.
    pub rights: bool,
    /// What happened, in words.
    pub reason: String,
    /// What to do next.
    pub hint: String,
    /// Oracle's id of the request that failed (`opc-request-id`), to quote in a service request.
    pub request_id: Option<String>,
}

impl Incomplete {
    /// Something that is not a refusal: `reason`, and what to do about it.
    pub fn new(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { status: None, rights: false, reason: reason.into(), hint: hint.into(), request_id: None }
    }
}

impl Coverage {
    /// `complete`, `partial`, `unconfirmed`, `unreadable` or `not_applicable`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial { .. } => "partial",
            Self::Unconfirmed { .. } => "unconfirmed",
            Self::Unreadable(_) => "unreadable",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// Whether it is unconfirmed.
    pub const fn is_unconfirmed(&self) -> bool {
        matches!(self, Self::Unconfirmed { .. })
    }

    /// Whether it is proven that nothing is missing: complete, or not asked for.
    pub const fn is_proven(&self) -> bool {
        matches!(self, Self::Complete | Self::NotApplicable)
    }

    /// Whether a run may pass with it: proven, or unconfirmed and tolerated.
    pub const fn is_tolerable(&self) -> bool {
        matches!(self, Self::Complete | Self::NotApplicable | Self::Unconfirmed { tolerated: true, .. })
    }

    /// Why it is not complete, if it is not.
    pub const fn incomplete(&self) -> Option<&Incomplete> {
        match self {
            Self::Partial { why, .. } | Self::Unconfirmed { why, .. } | Self::Unreadable(why) => Some(why),
            Self::Complete | Self::NotApplicable => None,
        }
    }

    /// The numbers of a partial reading in words: `9 of 321 read`.
    pub fn numbers(&self) -> Option<String> {
        let Self::Partial { read, expected, .. } = self else { return None };
        Some(match expected {
            Expected::Rows(rows) => format!("{read} of {rows} read"),
            Expected::Owners(owners) => format!("{read} read, from fewer than {owners} owners"),
            Expected::Unknown => format!("{read} read, how many more is not known"),
        })
    }
}

/// How a kind was read: the rungs of the ladder, cheapest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listing {
    /// The whole collection, page by page.
    Whole,
    /// The whole collection, with a filter that everything passes.
    Filtered,
    /// Many owners a request.
    Batched,
    /// One owner a request.
    Single,
}

impl Listing {
    /// All listings, cheapest first.
    pub const ALL: [Self; 4] = [Self::Whole, Self::Filtered, Self::Batched, Self::Single];

    /// Whether it asks for named owners, so that a credential whose owner is not listed cannot be seen.
    pub const fn is_by_owner(self) -> bool {
        matches!(self, Self::Batched | Self::Single)
    }

    /// `whole`, `filtered`, `batched` or `single`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Filtered => "filtered",
            Self::Batched => "batched",
            Self::Single => "single",
        }
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A listing that was tried and left, with the reason: part of the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which listing.
    pub listing: Listing,
    /// What the domain answered, in words.
    pub reason: String,
}

/// What a verdict rests on. A verdict of `complete` needs witnesses for two things: that every page was read, and that
/// the caller may see credentials of other users at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Witness {
    /// Every page announced the same total, and as many rows came.
    Totals,
    /// A request beyond the last row brought nothing more.
    EndOfListing,
    /// The users' index names exactly the rows that were read.
    Index,
    /// Every user was asked for theirs.
    EveryUser,
    /// Rows of users other than the caller are among those that were read.
    OtherUsers,
    /// Rows of other users were read of a kind that the same right governs (facts about OCI, "What rights are needed").
    SameRight,
    /// Every owner that a credential names is among the users that were read, or was asked for by id.
    Owners,
    /// The policy confirms that there are none (`[[confirmed_empty]]`).
    Policy,
}

impl Witness {
    /// All witnesses.
    pub const ALL: [Self; 8] = [
        Self::Totals,
        Self::EndOfListing,
        Self::Index,
        Self::EveryUser,
        Self::OtherUsers,
        Self::SameRight,
        Self::Owners,
        Self::Policy,
    ];

    /// `totals`, `end_of_listing`, `index`, `every_user`, `other_users`, `same_right`, `owners` or `policy`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totals => "totals",
            Self::EndOfListing => "end_of_listing",
            Self::Index => "index",
            Self::EveryUser => "every_user",
            Self::OtherUsers => "other_users",
            Self::SameRight => "same_right",
            Self::Owners => "owners",
            Self::Policy => "policy",
        }
    }
}

/// How one kind of one domain was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The verdict.
    pub coverage: Coverage,
    /// What the verdict rests on; empty where it is not complete.
    pub witnesses: Vec<Witness>,
    /// The listing that the rows came from; `None` where none answered or none was asked.
    pub listing: Option<Listing>,
    /// Requests sent for it, retries included.
    pub requests: u64,
    /// Rows read, before any `--user` filter.
    pub rows: u64,
    /// The listings that were tried before.
    pub refusals: Vec<Refusal>,
}

impl Reading {
    /// A kind that nobody asked for.
    pub const fn not_applicable() -> Self {
        Self {
            coverage: Coverage::NotApplicable,
            witnesses: Vec::new(),
            listing: None,
            requests: 0,
            rows: 0,
            refusals: Vec::new(),
        }
    }
}

/// The positive control: were rows that we know to exist among those that we were shown?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// The auditor's own API key was among the rows.
    Seen,
    /// The auditor is a user of the domain, and their own API key was not among the rows.
    Missing,
    /// It could not be tried, for this reason.
    NotTried(&'static str),
}
