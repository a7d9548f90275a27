//! The users of a domain, and the index of who owns what.

use std::collections::HashSet;

use credage_core::kind::PerKind;
use credage_core::{
    AttributeReadings, Coverage, CredentialId, Expected, Kind, Listing, Reading, User, UserDetails, UserId,
    Witness,
};
use jiff::Timestamp;

use super::index::Index;
use super::interner::Interner;
use super::listing::{Listed, Reader, count};
use super::names::Names;
use super::rows::{UserRecord, UserRow};
use super::unsaid::Silences;
use super::{Scope, collections, verdict};
use crate::client::RequestError;
use crate::scim::query::Query;

/// The default size of a page (Oracle's page on query parameters), for domains that refuse to give as many as they may.
const SMALL_PAGE: u64 = 50;

/// Everything that the users' listing told.
#[derive(Debug)]
pub(crate) struct UsersRead {
    pub(crate) users: Vec<User>,
    pub(crate) index: Index,
    pub(crate) coverage: Coverage,
    /// The caller, where they are a user of the domain.
    pub(crate) own: Option<UserId>,
    /// How each attribute of the users was read.
    pub(crate) details: AttributeReadings,
}

/// Whose view of the users it is, and since when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    /// The caller's OCID, if they are a user.
    pub(crate) caller: Option<&'a str>,
    /// When reading began.
    pub(crate) since: Option<Timestamp>,
}

/// Reads all users with the index of the kinds and the details that are asked for.
pub(crate) async fn read(
    reader: &Reader<'_>,
    scope: &Scope,
    names: (&Interner, &Names),
    view: View<'_>,
) -> UsersRead {
    let mut details = scope.details;
    let mut listed = list(reader, scope, details, names).await;
    // Better users without details than no users: first without what costs most, then without any.
    for fewer in [UserDetails::USUAL, UserDetails::default()] {
        if matches!(&listed, Err(error) if verdict::may_answer_another_listing(error)) && fewer != details {
            tracing::info!("asking for users with fewer details");
            let answer = list(reader, scope, fewer, names).await;
            if answer.is_ok() {
                (listed, details) = (answer, fewer);
            }
        }
    }
    reader.counter.finish();
    match listed {
        Ok(listed) => {
            let coverage = coverage(&listed);
            split(listed.rows, coverage, scope, details, view)
        }
        Err(error) => {
            let coverage = Coverage::Unreadable(verdict::incomplete(&error));
            split(Vec::new(), coverage, scope, UserDetails::default(), view)
        }
    }
}

async fn list(
    reader: &Reader<'_>,
    scope: &Scope,
    details: UserDetails,
    (interner, names): (&Interner, &Names),
) -> Result<Listed<UserRecord>, RequestError> {
    let convert = |row: UserRow| row.into_record(interner, names);
    let attributes = collections::user_attributes(&scope.kinds, details);
    let mut query = Query::whole(collections::USERS, attributes);
    let mut listed = reader.read_twice_if_needed(&query, &convert, true).await;
    if matches!(&listed, Err(error) if verdict::may_answer_another_listing(error)) {
        tracing::info!("asking for users in the domain's own order");
        query = query.unsorted();
        listed = reader.read_twice_if_needed(&query, &convert, true).await;
    }
    if matches!(&listed, Err(error) if verdict::may_answer_another_listing(error)) {
        tracing::info!("asking for users in small pages");
        query.count = SMALL_PAGE;
        listed = reader.read_twice_if_needed(&query, &convert, true).await;
    }
    listed
}

/// How well the listing itself says that users were read.
fn coverage(listed: &Listed<UserRecord>) -> Coverage {
    let rows = listed.len();
    if let Some(why) = verdict::doubt(listed) {
        return Coverage::Partial { read: rows, expected: Expected::Rows(listed.announced()), why };
    }
    match rows {
        // Whoever asks is a user too: a tenancy's domain without users does not exist.
        0 => Coverage::Unreadable(verdict::no_users()),
        _ => Coverage::Complete,
    }
}

/// Takes users and index apart.
pub(super) fn split(
    records: Vec<UserRecord>,
    coverage: Coverage,
    scope: &Scope,
    details: UserDetails,
    view: View<'_>,
) -> UsersRead {
    let mut refs: PerKind<Vec<(CredentialId, UserId)>> = PerKind::from_fn(|_| Vec::new());
    let mut users = Vec::with_capacity(records.len());
    let mut silences = Silences::default();
    for record in records {
        silences.note(&record, &scope.kinds);
        for (kind, id) in record.refs.into_iter().flatten() {
            refs.get_mut(kind).push((id, record.user.id.clone()));
        }
        users.push(record.user);
    }
    let is_caller = |user: &&User| view.caller.is_some() && user.ocid.as_deref() == view.caller;
    let own = users.iter().find(is_caller).map(|user| user.id.clone());
    let complete = coverage == Coverage::Complete;
    let index =
        Index::new(refs, &scope.kinds, own.as_ref(), complete, view.since).leaving_open(silences.users());
    let details = AttributeReadings::settle(details.attributes(&scope.kinds), &mut users);
    UsersRead { users, index, coverage, own, details }
}

/// What owners that no listing has come to.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    /// Found by id although the listing does not have them, and not made while it was read.
    pub(crate) found: u64,
    /// Known not to exist, by id.
    pub(crate) gone: Vec<UserId>,
    /// What the index of those who were found names.
    pub(crate) named: Vec<(Kind, CredentialId, UserId)>,
    /// Neither, although they were asked for.
    pub(crate) unknown: Vec<UserId>,
    /// Not asked for, since they are too many.
    pub(crate) not_asked: u64,
}

impl Owners {
    /// Of how many nobody can say whether they exist.
    fn open(&self) -> u64 {
        count(self.unknown.len()) + self.not_asked
    }
}

/// The verdict on users, after the owners that credentials name were looked for.
pub(crate) fn reading(coverage: Coverage, owners: &Owners, users: usize, requests: u64) -> Reading {
    let rows = count(users);
    let coverage = match coverage {
        Coverage::Complete | Coverage::Unconfirmed { .. } if owners.found > 0 => Coverage::Partial {
            read: rows,
            expected: Expected::Unknown,
            why: verdict::unlisted_owners(owners.found),
        },
        Coverage::Complete | Coverage::Unconfirmed { .. } if owners.open() > 0 => Coverage::Partial {
            read: rows,
            expected: Expected::Unknown,
            why: verdict::unknown_owners(owners.open()),
        },
        coverage => coverage,
    };
    let witnesses = if coverage == Coverage::Complete {
        vec![Witness::Totals, Witness::EndOfListing, Witness::Owners]
    } else {
        Vec::new()
    };
    let listing = (rows > 0).then_some(Listing::Whole);
    Reading { coverage, witnesses, listing, requests, rows, refusals: Vec::new() }
}

/// The ids of those who are listed.
pub(crate) fn ids(users: &[User]) -> HashSet<&UserId> {
    users.iter().map(|user| &user.id).collect()
}

#[cfg(test)]
mod tests {
    use credage_core::Incomplete;

    use super::*;

    #[test]
    fn users_are_incomplete_as_long_as_an_owner_is_not_accounted_for() {
        let of = |owners: &Owners| reading(Coverage::Complete, owners, 3, 1).coverage.as_str();
        assert_eq!(of(&Owners::default()), "complete");
        assert_eq!(of(&Owners { gone: vec![UserId::new("g")], ..Owners::default() }), "complete");
        assert_eq!(of(&Owners { found: 1, ..Owners::default() }), "partial");
        assert_eq!(of(&Owners { not_asked: 1, ..Owners::default() }), "partial");
        let why = Incomplete::new("no", "ask");
        let unreadable = reading(Coverage::Unreadable(why), &Owners::default(), 0, 1);
        assert_eq!((unreadable.coverage.as_str(), unreadable.listing), ("unreadable", None));
    }
}
