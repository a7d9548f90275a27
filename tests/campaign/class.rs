//! The classes of what can go wrong. Each occurs in at least one of twenty seeds, which the campaign checks.

use std::fmt;

/// Something that may be wrong with a domain, or hard about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    RestrictedListings,
    NoIndex,
    OddUsers,
    SmallPages,
    RefusedQuestions,
    OmittedRows,
    OmittedUsers,
    OwnOnly,
    IndexHoles,
    Totals,
    Pages,
    Envelope,
    Filters,
    ById,
    OddValues,
    NeverReturned,
    Dates,
    Churn,
    Denied,
    StatusNoise,
    BrokenBodies,
    LastingFaults,
    Waiting,
    Headers,
}

impl Class {
    pub(crate) const ALL: [Self; 24] = [
        Self::RestrictedListings,
        Self::NoIndex,
        Self::OddUsers,
        Self::SmallPages,
        Self::RefusedQuestions,
        Self::OmittedRows,
        Self::OmittedUsers,
        Self::OwnOnly,
        Self::IndexHoles,
        Self::Totals,
        Self::Pages,
        Self::Envelope,
        Self::Filters,
        Self::ById,
        Self::OddValues,
        Self::NeverReturned,
        Self::Dates,
        Self::Churn,
        Self::Denied,
        Self::StatusNoise,
        Self::BrokenBodies,
        Self::LastingFaults,
        Self::Waiting,
        Self::Headers,
    ];

    const fn words(self) -> &'static str {
        match self {
            Self::RestrictedListings => "restricted listings",
            Self::NoIndex => "no index",
            Self::OddUsers => "odd users and dates",
            Self::SmallPages => "small pages",
            Self::RefusedQuestions => "questions refused (4xx, 500, 501)",
            Self::OmittedRows => "omitted credentials",
            Self::OmittedUsers => "omitted users",
            Self::OwnOnly => "own-only views",
            Self::IndexHoles => "an index with holes",
            Self::Totals => "wrong totals",
            Self::Pages => "wrong pages",
            Self::Envelope => "odd Resources and itemsPerPage",
            Self::Filters => "filters that lose or ignore",
            Self::ById => "mismatched reads by id",
            Self::OddValues => "odd types and encodings",
            Self::NeverReturned => "attributes never returned",
            Self::Dates => "dates written otherwise",
            Self::Churn => "changes while reading",
            Self::Denied => "missing rights",
            Self::StatusNoise => "passing 5xx",
            Self::BrokenBodies => "broken bodies and connections",
            Self::LastingFaults => "lasting faults",
            Self::Waiting => "429 and Retry-After",
            Self::Headers => "Date and opc-next-page",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}
