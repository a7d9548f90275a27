//! Does what was read add up? Rows against totals, and rows against the index of the users.
//!
//! What is missing is asked for once more: first by reading the listing again, then row by row. What is gone by
//! then from the index too was deleted in the meantime; what still is named and cannot be had stays in the
//! inventory as a credential of which only the index tells, and the kind is partial.

use credage_core::{Coverage, Credential, CredentialId, Expected, Incomplete, Kind, UserId};

use super::collections;
use super::interner::Interner;
use super::listing::{Listed, Reader, count, sorted};
use super::names::Names;
use super::rows::{CredentialRow, UserRow};
use super::users::Index;
use super::verdict;
use crate::client::RequestError;
use crate::scim::query::{Query, get_one};

/// How many missing rows are asked for one by one.
const MAX_SINGLE_LOOKS: usize = 8;

/// Reads one kind.
pub(crate) struct KindReader<'a> {
    pub(crate) kind: Kind,
    pub(crate) reader: Reader<'a>,
    pub(crate) interner: &'a Interner,
}

/// Rows and what is to be said about them.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) rows: Vec<Credential>,
    pub(crate) coverage: Coverage,
}

/// A listing, held against the index.
#[derive(Debug)]
pub(crate) enum Judged {
    /// This is the answer.
    Settled(Settled),
    /// It answered, and cannot be believed; another listing may do better.
    Unproven(Settled, Incomplete),
}

impl KindReader<'_> {
    /// Reads a listing of the kind.
    pub(crate) async fn list(&self, query: &Query) -> Result<Listed<Credential>, RequestError> {
        self.reader.read_twice_if_needed(query, &|row| self.convert(row)).await
    }

    /// The whole collection.
    pub(crate) fn whole(&self) -> Query {
        Query::whole(collections::path(self.kind), collections::attributes(self.kind).to_owned())
    }

    /// The rows that pass `filter`.
    pub(crate) fn filtered(&self, filter: String) -> Query {
        Query::filtered(collections::path(self.kind), collections::attributes(self.kind).to_owned(), filter)
    }

    /// The rows that pass `filter`, which may be long.
    pub(crate) fn search(&self, filter: String) -> Query {
        Query::search(collections::path(self.kind), collections::attributes(self.kind).to_owned(), filter)
    }

    /// A row in our words.
    pub(super) fn convert(&self, row: CredentialRow) -> Credential {
        row.into_credential(self.kind, self.interner)
    }

    /// Judges a listing of the whole kind.
    pub(crate) async fn judge(&self, query: &Query, listed: Listed<Credential>, index: &Index) -> Judged {
        if listed.rows.is_empty() && listed.failure.is_none() {
            return self.judge_empty(&listed, index);
        }
        let mut listed = listed;
        let mut missing = missing(&listed.rows, index.of(self.kind));
        if missing.len() > MAX_SINGLE_LOOKS && listed.failure.is_none() {
            if let Ok(again) = self.list(query).await {
                listed = union(listed, again);
                missing = self::missing(&listed.rows, index.of(self.kind));
            }
            if missing.len() > MAX_SINGLE_LOOKS {
                let why = verdict::missing_rows(missing.len());
                return Judged::Unproven(self.partial(listed, &missing, why.clone()), why);
            }
        }
        Judged::Settled(self.settle(listed, missing).await)
    }

    fn judge_empty(&self, listed: &Listed<Credential>, index: &Index) -> Judged {
        let named = index.of(self.kind).len();
        if named == 0 && index.proves_absence && listed.total == 0 {
            return Judged::Settled(Settled { rows: Vec::new(), coverage: Coverage::Complete });
        }
        let why = verdict::unproven_empty(named);
        let rows = named_only(index.of(self.kind).iter(), self.kind);
        let settled = Settled { rows, coverage: Coverage::Unreadable(why.clone()) };
        // Nothing that the index could prove: asking in other ways would prove no more.
        if named == 0 { Judged::Settled(settled) } else { Judged::Unproven(settled, why) }
    }

    /// Asks for what is missing row by row, and gives the verdict.
    pub(crate) async fn settle(
        &self,
        listed: Listed<Credential>,
        missing: Vec<(CredentialId, UserId)>,
    ) -> Settled {
        let Listed { mut rows, total, consistent, failure } = listed;
        let mut lost = Vec::new();
        let looks = if failure.is_some() { 0 } else { MAX_SINGLE_LOOKS };
        for (place, (id, owner)) in missing.into_iter().enumerate() {
            match if place < looks { self.look(&id, &owner).await } else { Look::Lost } {
                Look::Found(credential) => rows.push(*credential),
                Look::Gone => {}
                Look::Lost => lost.push((id, owner)),
            }
        }
        let mut rows = sorted(rows);
        let why = match failure {
            Some(error) => Some(verdict::incomplete(&error)),
            None if !lost.is_empty() => Some(verdict::missing_rows(lost.len())),
            None if !consistent => Some(verdict::moving_rows()),
            None => None,
        };
        let Some(why) = why else { return Settled { rows, coverage: Coverage::Complete } };
        let read = count(rows.len());
        let expected = total.max(read + count(lost.len()));
        let coverage = Coverage::Partial { read, expected: Expected::Rows(expected), why };
        rows.extend(named_only(lost.iter(), self.kind));
        Settled { rows, coverage }
    }

    /// The rows, with what only the index names beside them.
    fn partial(
        &self,
        listed: Listed<Credential>,
        missing: &[(CredentialId, UserId)],
        why: Incomplete,
    ) -> Settled {
        let read = listed.len();
        let expected = Expected::Rows(listed.total.max(read + count(missing.len())));
        let rows = listed.rows.into_iter().chain(named_only(missing.iter(), self.kind)).collect();
        Settled { rows, coverage: Coverage::Partial { read, expected, why } }
    }

    async fn look(&self, id: &CredentialId, owner: &UserId) -> Look {
        let (client, tally) = (self.reader.client, self.reader.tally);
        let path = collections::path(self.kind);
        let request = get_one(client.endpoint(), path, id.as_str(), collections::attributes(self.kind));
        match client.fetch::<CredentialRow>(&request, tally).await {
            Ok(row) => Look::Found(Box::new(self.convert(row))),
            Err(RequestError::Refused { status: 404, .. }) if self.is_gone(id, owner).await => Look::Gone,
            Err(_) => Look::Lost,
        }
    }

    /// Whether the owner's index has stopped naming the credential, or the owner is gone altogether.
    async fn is_gone(&self, id: &CredentialId, owner: &UserId) -> bool {
        let (client, tally) = (self.reader.client, self.reader.tally);
        let attributes = collections::index_attributes(self.kind);
        let request = get_one(client.endpoint(), collections::USERS, owner.as_str(), &attributes);
        match client.fetch::<UserRow>(&request, tally).await {
            Ok(row) => {
                let refs = row.into_record(self.interner, &Names::default()).refs.unwrap_or_default();
                refs.iter().all(|(_, named)| named != id)
            }
            Err(RequestError::Refused { status: 404, .. }) => true,
            Err(_) => false,
        }
    }
}

enum Look {
    Found(Box<Credential>),
    Gone,
    Lost,
}

/// What the index names and the rows lack. Both are sorted by id.
pub(crate) fn missing(rows: &[Credential], named: &[(CredentialId, UserId)]) -> Vec<(CredentialId, UserId)> {
    let has = |id: &CredentialId| rows.binary_search_by(|row| row.id.cmp(id)).is_ok();
    named.iter().filter(|(id, _)| !has(id)).cloned().collect()
}

/// Credentials of which only the index tells.
pub(crate) fn named_only<'i>(
    named: impl Iterator<Item = &'i (CredentialId, UserId)>,
    kind: Kind,
) -> Vec<Credential> {
    named.map(|(id, owner)| Credential::index_only(id.clone(), kind, owner.clone())).collect()
}

fn union(first: Listed<Credential>, second: Listed<Credential>) -> Listed<Credential> {
    let total = second.total;
    let consistent = second.consistent;
    let failure = second.failure;
    // A second reading that adds up stands alone: what only the first one had was deleted since.
    let rows =
        if consistent { second.rows } else { sorted(first.rows.into_iter().chain(second.rows).collect()) };
    Listed { rows, total, consistent, failure }
}
