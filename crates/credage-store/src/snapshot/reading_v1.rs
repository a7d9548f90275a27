//! How a kind was read, as it is kept: the verdict, what it rests on, and names of states.

use credage_core::coverage::Expected;
use credage_core::{Coverage, Incomplete, IndexState, Kind, Listing, Reading, Refusal, Witness};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct ReadingV1 {
    verdict: String,
    read: Option<u64>,
    expected_rows: Option<u64>,
    expected_owners: Option<u64>,
    why: Option<IncompleteV1>,
    listing: Option<String>,
    requests: u64,
    rows: u64,
    refusals: Vec<(String, String)>,
    #[serde(default)]
    witnesses: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct IncompleteV1 {
    status: Option<u16>,
    rights: bool,
    reason: String,
    hint: String,
    request_id: Option<String>,
}

impl From<&Reading> for ReadingV1 {
    fn from(reading: &Reading) -> Self {
        let (read, expected_rows, expected_owners) = match &reading.coverage {
            Coverage::Partial { read, expected: Expected::Rows(rows), .. } => {
                (Some(*read), Some(*rows), None)
            }
            Coverage::Partial { read, expected: Expected::Owners(owners), .. } => {
                (Some(*read), None, Some(*owners))
            }
            Coverage::Partial { read, expected: Expected::Unknown, .. } => (Some(*read), None, None),
            Coverage::Complete
            | Coverage::Unconfirmed { .. }
            | Coverage::Unreadable(_)
            | Coverage::NotApplicable => (None, None, None),
        };
        let refusals = reading.refusals.iter();
        Self {
            verdict: reading.coverage.as_str().to_owned(),
            read,
            expected_rows,
            expected_owners,
            why: reading.coverage.incomplete().map(IncompleteV1::from),
            listing: reading.listing.map(|listing| listing.as_str().to_owned()),
            requests: reading.requests,
            rows: reading.rows,
            refusals: refusals.map(|each| (each.listing.as_str().to_owned(), each.reason.clone())).collect(),
            witnesses: reading.witnesses.iter().map(|witness| witness.as_str().to_owned()).collect(),
        }
    }
}

impl TryFrom<ReadingV1> for Reading {
    type Error = String;

    fn try_from(read: ReadingV1) -> Result<Self, String> {
        let expected = match (read.expected_rows, read.expected_owners) {
            (Some(rows), _) => Expected::Rows(rows),
            (None, Some(owners)) => Expected::Owners(owners),
            (None, None) => Expected::Unknown,
        };
        let why = read.why.map(Incomplete::from);
        let coverage = match (read.verdict.as_str(), why) {
            ("complete", _) => Coverage::Complete,
            ("not_applicable", _) => Coverage::NotApplicable,
            ("partial", Some(why)) => {
                Coverage::Partial { read: read.read.unwrap_or(read.rows), expected, why }
            }
            ("unconfirmed", Some(why)) => Coverage::Unconfirmed { why, tolerated: false },
            ("unreadable", Some(why)) => Coverage::Unreadable(why),
            (other, _) => return Err(format!("`{other}` is no verdict, or lacks its reason")),
        };
        let refusals = read.refusals.into_iter();
        Ok(Self {
            coverage,
            witnesses: read.witnesses.iter().map(|name| witness(name)).collect::<Result<_, _>>()?,
            listing: read.listing.as_deref().map(listing).transpose()?,
            requests: read.requests,
            rows: read.rows,
            refusals: refusals
                .map(|(name, reason)| Ok(Refusal { listing: listing(&name)?, reason }))
                .collect::<Result<_, String>>()?,
        })
    }
}

impl From<&Incomplete> for IncompleteV1 {
    fn from(why: &Incomplete) -> Self {
        let Incomplete { status, rights, reason, hint, request_id } = why.clone();
        Self { status, rights, reason, hint, request_id }
    }
}

impl From<IncompleteV1> for Incomplete {
    fn from(read: IncompleteV1) -> Self {
        let IncompleteV1 { status, rights, reason, hint, request_id } = read;
        Self { status, rights, reason, hint, request_id }
    }
}

pub(super) fn kind(name: &str) -> Result<Kind, String> {
    name.parse().map_err(|error: credage_core::kind::UnknownKind| error.to_string())
}

pub(super) fn index_state(name: &str) -> Result<IndexState, String> {
    let states =
        [IndexState::NotRequested, IndexState::Silent, IndexState::Available, IndexState::Incomplete];
    let known = states.into_iter().find(|state| state.as_str() == name);
    known.ok_or_else(|| format!("`{name}` is not a state of an index"))
}

fn witness(name: &str) -> Result<Witness, String> {
    let known = Witness::ALL.into_iter().find(|witness| witness.as_str() == name);
    known.ok_or_else(|| format!("`{name}` is not a witness"))
}

fn listing(name: &str) -> Result<Listing, String> {
    let known = Listing::ALL.into_iter().find(|listing| listing.as_str() == name);
    known.ok_or_else(|| format!("`{name}` is no listing"))
}
