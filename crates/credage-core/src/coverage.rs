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
    /// `complete`, `partial`, `unreadable` or `not_applicable`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial { .. } => "partial",
            Self::Unreadable(_) => "unreadable",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// Whether nothing is missing: complete, or not asked for.
    pub const fn is_whole(&self) -> bool {
        matches!(self, Self::Complete | Self::NotApplicable)
    }

    /// Why it is not complete, if it is not.
    pub const fn incomplete(&self) -> Option<&Incomplete> {
        match self {
            Self::Partial { why, .. } | Self::Unreadable(why) => Some(why),
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

/// How one kind of one domain was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The verdict.
    pub coverage: Coverage,
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
        Self { coverage: Coverage::NotApplicable, listing: None, requests: 0, rows: 0, refusals: Vec::new() }
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
