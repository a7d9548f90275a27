//! Does what was read add up? Rows against totals, against the end of the listing, and against the index of the users.
//!
//! What the index names and the rows lack is looked for: first by reading the listing again, then the index, then row by
//! row. What is gone by then from the index too was deleted in the meantime; what is still named and cannot be had stays in
//! the inventory as a credential of which only the index tells, and the kind is partial.

use std::collections::HashSet;

use credage_core::{Coverage, Credential, CredentialId, Expected, Incomplete, Kind, UserId, Witness};

use super::again::Again;
use super::collections;
use super::index::Index;
use super::interner::Interner;
use super::ladder::PASS_ALL;
use super::listing::{End, Listed, Reader, Totals, Trouble, count, sorted, union};
use super::look::Looked;
use super::own::Own;
use super::rows::CredentialRow;
use super::verdict;
use crate::client::RequestError;
use crate::scim::query::Query;

/// How many missing rows are asked for one by one.
pub(super) const MAX_SINGLE_LOOKS: usize = 8;
/// Finds what a filter on the creation date loses.
const WITHOUT_DATE: &str = "not (meta.created pr)";

/// Reads one kind.
pub(crate) struct KindReader<'a> {
    pub(crate) kind: Kind,
    pub(crate) reader: Reader<'a>,
    pub(crate) interner: &'a Interner,
    pub(crate) own: &'a Own<'a>,
}

/// What rows are compared with.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) index: &'a Index,
    /// The users who are listed.
    pub(crate) users: &'a HashSet<&'a UserId>,
    /// Reads the index once more.
    pub(crate) again: &'a Again<'a>,
}

/// Rows and what is to be said about them.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) rows: Vec<Credential>,
    pub(crate) coverage: Coverage,
    pub(crate) witnesses: Vec<Witness>,
}

/// A listing, compared with what is known.
#[derive(Debug)]
pub(crate) enum Judged {
    /// This is the answer.
    Settled(Settled),
    /// It answered, and cannot be believed; another listing may do better.
    Unproven(Settled, Incomplete),
}

impl Settled {
    /// Rows that are all there are.
    pub(crate) const fn complete(rows: Vec<Credential>, witnesses: Vec<Witness>) -> Self {
        Self { rows, coverage: Coverage::Complete, witnesses }
    }

    /// Rows with a verdict that rests on nothing.
    pub(crate) const fn short(rows: Vec<Credential>, coverage: Coverage) -> Self {
        Self { rows, coverage, witnesses: Vec::new() }
    }
}

impl KindReader<'_> {
    /// Reads a listing of the kind.
    pub(crate) async fn list(&self, query: &Query) -> Result<Listed<Credential>, RequestError> {
        self.reader.read_twice_if_needed(query, &|row| self.convert(row), false).await
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
        let ocid = row.owner_ocid().filter(|ocid| Some(*ocid) == self.own.ocid()).map(str::to_owned);
        let credential = row.into_credential(self.kind, self.interner);
        self.own.note(ocid.as_deref(), &credential);
        credential
    }

    /// Judges a listing of the whole kind.
    pub(crate) async fn judge(&self, query: &Query, listed: Listed<Credential>, known: Known<'_>) -> Judged {
        let named = known.index.of(self.kind);
        let mut missing = missing(&listed.rows, named);
        if let Some(error) = &listed.failure {
            let why = verdict::incomplete(error);
            return Judged::Unproven(self.partial(listed, &missing, why.clone()), why);
        }
        let mut listed = listed;
        if missing.len() > MAX_SINGLE_LOOKS {
            (listed, missing) = self.once_more(query, listed, known).await;
        }
        let hidden = listed.rows.is_empty() && missing.len() > 1;
        if hidden || missing.len() > MAX_SINGLE_LOOKS {
            let why = if listed.rows.is_empty() {
                verdict::hidden(missing.len())
            } else {
                verdict::missing_rows(missing.len(), 0)
            };
            return Judged::Unproven(self.partial(listed, &missing, why.clone()), why);
        }
        let looked = self.look_for(&missing, named).await;
        if !looked.lost.is_empty() {
            return Judged::Settled(self.lost(listed, looked));
        }
        self.corroborate(query, listed, looked, known).await
    }

    /// Reads the listing again, and if that does not help, the index: many deletions cost one more reading, not one request
    /// each.
    async fn once_more(
        &self,
        query: &Query,
        listed: Listed<Credential>,
        known: Known<'_>,
    ) -> (Listed<Credential>, Vec<(CredentialId, UserId)>) {
        let listed = match self.list(query).await {
            // A second reading that adds up stands alone: what only the first one had was deleted since.
            Ok(again) if again.is_consistent() => again,
            Ok(again) => union(listed, again),
            Err(_) => listed,
        };
        let mut missing = missing(&listed.rows, known.index.of(self.kind));
        if missing.len() > MAX_SINGLE_LOOKS
            && let Some(index) = known.again.index().await
        {
            let still = index.of(self.kind);
            missing.retain(|(id, _)| still.binary_search_by(|(named, _)| named.cmp(id)).is_ok());
        }
        (listed, missing)
    }

    /// Nothing is missing as far as the index tells; do the numbers say so too?
    async fn corroborate(
        &self,
        query: &Query,
        listed: Listed<Credential>,
        looked: Looked,
        known: Known<'_>,
    ) -> Judged {
        let mut listed = listed;
        let omitted = !looked.found.is_empty();
        let mut rows = std::mem::take(&mut listed.rows);
        rows.extend(looked.found);
        listed.rows = sorted(rows);
        let index_agrees = known.index.is_witness(self.kind)
            && known.index.unnamed(self.kind, &listed.rows, known.users).next().is_none();
        let overrun = matches!(listed.trouble, Some(Trouble::Repeats | Trouble::Endless));
        if listed.unusable == 0 && listed.totals != Totals::MoreAnnounced && index_agrees {
            let mut witnesses = vec![Witness::Index];
            if listed.totals == Totals::Agree && !omitted {
                witnesses.insert(0, Witness::Totals);
            }
            // The index cannot name credentials whose owner is gone.
            if is_by_date(query) {
                return Judged::Settled(self.undated_too(listed, witnesses).await);
            }
            return Judged::Settled(Settled::complete(listed.rows, witnesses));
        }
        let doubt = verdict::doubt(&listed).or_else(|| omitted.then(verdict::omitting));
        if let Some(why) = doubt {
            let settled = self.partial(listed, &[], why.clone());
            return if overrun { Judged::Unproven(settled, why) } else { Judged::Settled(settled) };
        }
        Judged::Settled(self.see_end(query, listed).await)
    }

    /// Nothing but its own totals speaks for a listing, so its end is to be seen, and what its filter loses.
    async fn see_end(&self, query: &Query, listed: Listed<Credential>) -> Settled {
        let mut listed = listed;
        self.reader.see_end(query, &mut listed, &|row| self.convert(row)).await;
        if let Some(error) = listed.failure.as_ref().filter(|_| listed.totals == Totals::Agree) {
            let why = verdict::unseen_end(error);
            return self.partial(listed, &[], why);
        }
        if listed.end != End::Seen || !listed.is_consistent() {
            let why = verdict::doubt(&listed).unwrap_or_else(verdict::omitting);
            return self.partial(listed, &[], why);
        }
        let witnesses = vec![Witness::Totals, Witness::EndOfListing];
        if is_by_date(query) {
            return self.undated_too(listed, witnesses).await;
        }
        Settled::complete(listed.rows, witnesses)
    }

    /// A filter on the creation date loses rows without one: counts with another filter, or asks for those alone.
    async fn undated_too(&self, listed: Listed<Credential>, witnesses: Vec<Witness>) -> Settled {
        let other = self.filtered(PASS_ALL[1].to_owned());
        let counted =
            self.reader.page::<CredentialRow>(&other, 1, 1).await.ok().and_then(|page| page.total_results);
        if counted == Some(listed.len()) {
            return Settled::complete(listed.rows, witnesses);
        }
        let query = if counted > Some(listed.len()) { other } else { self.filtered(WITHOUT_DATE.to_owned()) };
        match self.reader.read_twice_if_needed(&query, &|row| self.convert(row), true).await {
            Ok(more) if more.is_consistent() => {
                let rows = sorted(listed.rows.into_iter().chain(more.rows).collect());
                Settled::complete(rows, witnesses)
            }
            _ => self.partial(listed, &[], verdict::lossy_filter()),
        }
    }

    /// The rows, with what could not be had beside them.
    pub(super) fn lost(&self, listed: Listed<Credential>, looked: Looked) -> Settled {
        let why = verdict::missing_rows(looked.lost.len(), looked.with_owner);
        let mut listed = listed;
        listed.rows.extend(looked.found);
        listed.rows = sorted(listed.rows);
        self.partial(listed, &looked.lost, why)
    }

    /// The rows, with what only the index names beside them.
    pub(super) fn partial(
        &self,
        listed: Listed<Credential>,
        missing: &[(CredentialId, UserId)],
        why: Incomplete,
    ) -> Settled {
        let read = listed.len();
        let expected = listed.announced().max(read + count(missing.len()));
        let expected = if expected > read { Expected::Rows(expected) } else { Expected::Unknown };
        let rows: Vec<Credential> =
            listed.rows.into_iter().chain(named_only(missing.iter(), self.kind)).collect();
        let coverage =
            if read == 0 { Coverage::Unreadable(why) } else { Coverage::Partial { read, expected, why } };
        Settled::short(rows, coverage)
    }
}

fn is_by_date(query: &Query) -> bool {
    query.filter.as_deref() == Some(PASS_ALL[0])
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
