//! The users of a domain, and the index of who owns what.

use std::collections::HashMap;

use credage_core::kind::PerKind;
use credage_core::{
    AttributeReadings, AttributeSet, Coverage, CredentialId, Expected, Incomplete, Kind, Listing, Reading,
    User, UserDetails, UserId,
};

use super::interner::Interner;
use super::listing::{Listed, Reader, count};
use super::names::Names;
use super::rows::{UserRecord, UserRow};
use super::{Scope, collections, verdict};
use crate::client::RequestError;
use crate::scim::query::Query;

/// The page that Oracle's own CIS script falls back to for users with their credentials (its release 3.1.1).
const SMALLER_PAGE: u64 = 400;

/// Which credentials the users own, as the users' own extension says.
#[derive(Debug)]
pub(crate) struct Index {
    /// At least one user carried the extension.
    pub(crate) available: bool,
    /// It is available, and every user was read: what it does not name does not exist.
    pub(crate) proves_absence: bool,
    refs: PerKind<Vec<(CredentialId, UserId)>>,
}

impl Index {
    /// What is named of a kind, by id.
    pub(crate) fn of(&self, kind: Kind) -> &[(CredentialId, UserId)] {
        self.refs.get(kind)
    }

    /// The owners of a kind, each with how many are named.
    pub(crate) fn owners(&self, kind: Kind) -> HashMap<&UserId, usize> {
        let mut owners = HashMap::new();
        for (_, owner) in self.of(kind) {
            *owners.entry(owner).or_insert(0) += 1;
        }
        owners
    }
}

/// Everything that the users' listing told.
#[derive(Debug)]
pub(crate) struct UsersRead {
    pub(crate) users: Vec<User>,
    pub(crate) index: Index,
    pub(crate) coverage: Coverage,
    /// How each attribute of the users was read.
    pub(crate) details: AttributeReadings,
}

/// Reads all users with the index of the kinds and the details that are asked for.
pub(crate) async fn read(reader: &Reader<'_>, scope: &Scope, interner: &Interner) -> UsersRead {
    let names = Names::default();
    let mut details = scope.details;
    let mut listed = list(reader, scope, details, interner, &names).await;
    // Better users without details than no users: first without what costs most, then without any.
    for fewer in [UserDetails::USUAL, UserDetails::default()] {
        let refused = matches!(&listed, Err(RequestError::Refused { status: 400 | 403 | 404, .. }));
        if refused && fewer != details {
            tracing::info!("asking for users with fewer details");
            let answer = list(reader, scope, fewer, interner, &names).await;
            if answer.is_ok() {
                (listed, details) = (answer, fewer);
            }
        }
    }
    reader.counter.finish();
    match listed {
        Ok(listed) => {
            let (rows, total) = (listed.len(), listed.total);
            let why = match &listed.failure {
                Some(error) => Some(verdict::incomplete(error)),
                None if !listed.consistent => Some(verdict::moving_rows()),
                None => None,
            };
            let coverage = match why {
                Some(why) => Coverage::Partial { read: rows, expected: Expected::Rows(total.max(rows)), why },
                // Whoever asks is a user too: a tenancy's domain without users does not exist.
                None if rows == 0 => Coverage::Unreadable(no_users()),
                None => Coverage::Complete,
            };
            split(listed.rows, coverage, details.attributes(&scope.kinds))
        }
        Err(error) => {
            split(Vec::new(), Coverage::Unreadable(verdict::incomplete(&error)), AttributeSet::NONE)
        }
    }
}

async fn list(
    reader: &Reader<'_>,
    scope: &Scope,
    details: UserDetails,
    interner: &Interner,
    names: &Names,
) -> Result<Listed<UserRecord>, RequestError> {
    let convert = |row: UserRow| row.into_record(interner, names);
    let attributes = collections::user_attributes(&scope.kinds, details);
    let mut query = Query::whole(collections::USERS, attributes);
    let mut listed = reader.read_twice_if_needed(&query, &convert).await;
    if matches!(&listed, Err(RequestError::Refused { status: 400, .. })) {
        tracing::info!("asking for users in the domain's own order");
        query = query.unsorted();
        listed = reader.read_twice_if_needed(&query, &convert).await;
    }
    if let Err(RequestError::Unavailable { cause, reached: true, .. }) = &listed {
        tracing::debug!(%cause, "asking for users in smaller pages");
        query.count = SMALLER_PAGE;
        listed = reader.read_twice_if_needed(&query, &convert).await;
    }
    listed
}

fn no_users() -> Incomplete {
    Incomplete {
        reason: "the domain answered with an empty list of users".to_owned(),
        ..verdict::unproven_empty(0)
    }
}

pub(super) fn split(records: Vec<UserRecord>, coverage: Coverage, requested: AttributeSet) -> UsersRead {
    let available = records.iter().any(|record| record.refs.is_some());
    let mut refs: PerKind<Vec<(CredentialId, UserId)>> = PerKind::from_fn(|_| Vec::new());
    let mut users = Vec::with_capacity(records.len());
    for record in records {
        for (kind, id) in record.refs.into_iter().flatten() {
            refs.get_mut(kind).push((id, record.user.id.clone()));
        }
        users.push(record.user);
    }
    for kind in Kind::ALL {
        let named = refs.get_mut(kind);
        named.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        named.dedup_by(|a, b| a.0 == b.0);
    }
    let proves_absence = available && coverage == Coverage::Complete;
    let details = AttributeReadings::settle(requested, &mut users);
    UsersRead { users, index: Index { available, proves_absence, refs }, coverage, details }
}

/// How the users were read, for the report.
pub(crate) fn reading(coverage: Coverage, users: usize, requests: u64) -> Reading {
    let rows = count(users);
    let listing = (rows > 0).then_some(Listing::Whole);
    Reading { coverage, listing, requests, rows, refusals: Vec::new() }
}
