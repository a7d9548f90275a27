//! One listing, read to its end.
//!
//! `startIndex` counts resources from 1 and advances by what came, never by what was asked. The first pages tell how many
//! rows the server gives at once; the rest is read in parallel. A total only says how far to plan: the end is where a
//! request brings nothing more, and that request is made wherever nothing else proves the end.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::{StreamExt, stream};

use super::habits::Habits;
use super::progress::Counter;
use super::rows::Keyed;
use super::walk::Walk;
use crate::client::{Client, RequestError};
use crate::scim::page::{Page, Row};
use crate::scim::query::Query;

/// Rows that room is made for at once where a total promises as many or more; a total may say anything.
const ROOM: usize = 1 << 18;
/// Sizes of page to fall back to where a larger one fails: that of Oracle's CIS script for users with their credentials
/// (its release 3.1.1), and a small one.
const SMALLER_PAGES: [u64; 2] = [400, 50];
/// How many rows may come beyond twice the announced number before a listing counts as endless.
const SLACK: u64 = 5_000;
/// The most rows of a listing that never says how many it has.
const MOST_UNANNOUNCED: u64 = 200_000;

/// Asks for the pages of one collection.
pub(crate) struct Reader<'a> {
    pub(crate) client: &'a Client,
    pub(crate) tally: &'a AtomicU64,
    pub(crate) counter: &'a Counter,
    pub(crate) habits: &'a Habits,
}

/// What a listing gave.
#[derive(Debug)]
pub(crate) struct Listed<R> {
    /// The rows, by id, each once.
    pub(crate) rows: Vec<R>,
    /// The largest total that any page announced.
    pub(crate) total: Option<u64>,
    /// What the announced totals are worth.
    pub(crate) totals: Totals,
    /// What says that there are no more rows.
    pub(crate) end: End,
    /// Whether every page began with the last row of the one before, so that no row can have slipped between them.
    pub(crate) joined: bool,
    /// What was odd about the pages.
    pub(crate) trouble: Option<Trouble>,
    /// What ended it early.
    pub(crate) failure: Option<RequestError>,
    /// Rows that were there and could not be used.
    pub(crate) unusable: u64,
}

/// Announced totals, compared with the rows that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Totals {
    /// Every page announced exactly what came.
    Agree,
    /// A page announced more than came.
    MoreAnnounced,
    /// Pages announced less than came.
    FewerAnnounced,
    /// A page did not say.
    LeftOut,
}

/// What says that a listing has no more rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The announced total alone.
    Announced,
    /// A page that had room for more, or a request beyond the last row that brought nothing.
    Seen,
}

/// What was odd about the pages of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A page did not begin where the one before ended.
    Moved,
    /// Page after page brought nothing new.
    Repeats,
    /// More rows came than were ever announced, and more.
    Endless,
}

impl<R> Listed<R> {
    /// How many rows came.
    pub(crate) fn len(&self) -> u64 {
        count(self.rows.len())
    }

    /// Whether its own numbers add up.
    pub(crate) fn is_consistent(&self) -> bool {
        self.totals == Totals::Agree && self.trouble.is_none() && self.failure.is_none() && self.unusable == 0
    }

    /// How many rows there should be, as far as it tells.
    pub(crate) fn announced(&self) -> u64 {
        self.total.unwrap_or_default().max(self.len())
    }
}

impl Reader<'_> {
    /// Reads a listing; where its numbers do not add up, once more.
    ///
    /// Rows that come or go while pages are read shift the others over the edges of pages. A second reading that adds up
    /// stands alone; where neither does, both together are closest to the truth, and the numbers stay in doubt.
    pub(crate) async fn read_twice_if_needed<T, R>(
        &self,
        query: &Query,
        convert: &(impl Fn(T) -> R + Sync),
        see_end: bool,
    ) -> Result<Listed<R>, RequestError>
    where
        T: Row,
        R: Keyed,
    {
        let first = self.read(query, convert, see_end).await?;
        let hopeless = matches!(first.trouble, Some(Trouble::Repeats | Trouble::Endless));
        if (first.is_consistent() && first.joined) || first.failure.is_some() || hopeless {
            return Ok(first);
        }
        tracing::debug!(
            path = query.path,
            total = first.total,
            read = first.len(),
            "reading again: numbers differ"
        );
        let Ok(second) = self.read(query, convert, see_end).await else { return Ok(first) };
        // Where nothing holds pages together, rows can slip between them while totals stay: two readings have to agree.
        if second.is_consistent() && (second.joined || is_same(&first, &second)) {
            return Ok(second);
        }
        let slipped = first.is_consistent() && second.is_consistent();
        let both = union(first, second);
        Ok(if slipped { Listed { trouble: both.trouble.or(Some(Trouble::Moved)), ..both } } else { both })
    }

    /// Reads a listing once; with `see_end` it goes on until a request brings nothing more. An error means that not even
    /// its first page came.
    pub(crate) async fn read<T, R>(
        &self,
        query: &Query,
        convert: &(impl Fn(T) -> R + Sync),
        see_end: bool,
    ) -> Result<Listed<R>, RequestError>
    where
        T: Row,
        R: Keyed,
    {
        let size = AtomicU64::new(self.habits.first_size(query.count));
        let first: Page<T> = self.page_or_smaller(query, (1, query.count), &size).await?;
        let total = first.total_results;
        self.counter.announce(total.unwrap_or_default());
        let room = usize::try_from(total.unwrap_or_default()).unwrap_or(ROOM).min(ROOM);
        let mut walk = Walk::new(query.sorted, room);
        walk.take(first, query.count, convert);
        let most = total.map_or(MOST_UNANNOUNCED, |total| total.saturating_mul(2).saturating_add(SLACK));
        // The first page may be short by chance: the second one tells how many rows the server really gives.
        if walk.largest() < size.load(Ordering::Relaxed) && is_more_announced(&walk) {
            self.step(query, &size, &mut walk, convert).await;
        }
        self.read_announced(query, &size, &mut walk, convert, most).await;
        while !walk.is_over() && wants_more(&walk, see_end) {
            if walk.reached() > most {
                walk.overflow();
                break;
            }
            self.step(query, &size, &mut walk, convert).await;
        }
        if walk.reached() > walk.largest() && walk.largest() < query.count {
            self.habits.note_cut(walk.largest());
        }
        Ok(walk.listed())
    }

    /// Asks once more behind the last row of a listing that was read, where only its total says that it ended.
    pub(crate) async fn see_end<T, R>(
        &self,
        query: &Query,
        listed: &mut Listed<R>,
        convert: &(impl Fn(T) -> R + Sync),
    ) where
        T: Row,
        R: Keyed,
    {
        if listed.end == End::Seen || listed.failure.is_some() {
            return;
        }
        match self.page::<T>(query, listed.len() + 1, query.count).await {
            Ok(page) if page.is_empty() => listed.end = End::Seen,
            // There is more: the total was no total, and the listing has to be read to its real end.
            Ok(_) => {
                if let Ok(again) = self.read(query, convert, true).await {
                    *listed = again;
                }
            }
            Err(error) => listed.failure = Some(error),
        }
    }

    /// Reads what is announced and was not reached, in parallel stretches of the size that the server gives.
    async fn read_announced<T, R>(
        &self,
        query: &Query,
        size: &AtomicU64,
        walk: &mut Walk<R>,
        convert: &(impl Fn(T) -> R + Sync),
        most: u64,
    ) where
        T: Row,
        R: Keyed,
    {
        let (total, step) = (walk.total().unwrap_or_default(), walk.largest());
        let overlap = u64::from(walk.next() == walk.reached());
        if walk.is_over() || step <= 1 + overlap {
            return;
        }
        let (from, advance) = (walk.next(), step - overlap);
        let starts =
            (0..).map(|number: u64| from + number * advance).take_while(|start| start + overlap <= total);
        let stretches =
            starts.map(|start| self.stretch(query, size, (start, step, total + 1 - start), convert));
        let parallel = self.client.options().concurrency.max(1);
        let mut stretches = stream::iter(stretches).buffered(parallel);
        while let Some(stretch) = stretches.next().await {
            // Beyond the last row every page is empty: a total that cannot be is not chased to its end.
            walk.append(stretch);
            if walk.reached() > most {
                walk.overflow();
            }
            if walk.is_over() {
                break;
            }
        }
    }

    /// Reads the `length` rows from the `start`th on, of which `announced` are there, in as many pages as the domain takes
    /// for it.
    async fn stretch<T, R>(
        &self,
        query: &Query,
        size: &AtomicU64,
        (start, length, announced): (u64, u64, u64),
        convert: &impl Fn(T) -> R,
    ) -> Walk<R>
    where
        T: Row,
        R: Keyed,
    {
        let mut walk = Walk::new(query.sorted, usize::try_from(length).unwrap_or(ROOM).min(ROOM));
        while !walk.is_over() && walk.reached() < length.min(announced) {
            let from = start + walk.next() - 1;
            let asked = start + length - from;
            match self.page_or_smaller(query, (from, asked), size).await {
                Ok(page) => walk.take(page, asked, convert),
                Err(error) => walk.fail(error),
            }
        }
        walk
    }

    /// Reads the next page.
    async fn step<T, R>(&self, query: &Query, size: &AtomicU64, walk: &mut Walk<R>, convert: &impl Fn(T) -> R)
    where
        T: Row,
        R: Keyed,
    {
        match self.page_or_smaller(query, (walk.next(), query.count), size).await {
            Ok(page) => walk.take(page, query.count, convert),
            Err(error) => walk.fail(error),
        }
    }

    /// One page of at most `asked` rows, or a smaller one where the service fails to give that many; later pages begin with
    /// the size that worked.
    async fn page_or_smaller<T: Row>(
        &self,
        query: &Query,
        (start, asked): (u64, u64),
        size: &AtomicU64,
    ) -> Result<Page<T>, RequestError> {
        let rows = size.load(Ordering::Relaxed).min(asked);
        let mut answer = self.page(query, start, rows).await;
        for smaller in SMALLER_PAGES.into_iter().filter(|smaller| *smaller < rows) {
            if !matches!(&answer, Err(error) if may_be_too_large(error)) {
                break;
            }
            tracing::debug!(path = query.path, start, smaller, "asking for a smaller page");
            answer = self.page(query, start, smaller).await;
            if answer.is_ok() {
                size.fetch_min(smaller, Ordering::Relaxed);
                self.habits.note_shrunk(smaller);
            }
        }
        answer
    }

    /// One page of at most `rows` rows.
    pub(crate) async fn page<T: Row>(
        &self,
        query: &Query,
        start: u64,
        rows: u64,
    ) -> Result<Page<T>, RequestError> {
        let request = query.request(self.client.endpoint(), start, rows);
        // What has answered once is supported.
        let request = if query.speculative && start == 1 { request.speculative() } else { request };
        let page: Page<T> = self.client.fetch(&request, self.tally).await?;
        self.counter.add(page.len());
        Ok(page)
    }
}

fn is_more_announced<R: Keyed>(walk: &Walk<R>) -> bool {
    !walk.is_over() && walk.total().is_none_or(|total| total > walk.reached())
}

/// Whether another page is to be asked for: more is announced, more came than was ever announced, or the end is to be seen.
fn wants_more<R: Keyed>(walk: &Walk<R>, see_end: bool) -> bool {
    let announced = walk.total().is_none_or(|total| total != walk.reached());
    announced || (see_end && !walk.is_at_end())
}

/// Whether a page of fewer rows may be answered where this one was not.
fn may_be_too_large(error: &RequestError) -> bool {
    match error {
        RequestError::Unavailable { reached, status, .. } => *reached && *status != Some(429),
        RequestError::Refused { status, .. } => *status == 413,
        RequestError::Auth(_) => false,
    }
}

fn is_same<R: Keyed>(one: &Listed<R>, two: &Listed<R>) -> bool {
    one.rows.len() == two.rows.len() && one.rows.iter().zip(&two.rows).all(|(a, b)| a.key() == b.key())
}

/// What two readings come to together where neither adds up.
pub(crate) fn union<R: Keyed>(first: Listed<R>, second: Listed<R>) -> Listed<R> {
    let rows = sorted(first.rows.into_iter().chain(second.rows).collect());
    let totals = if second.totals == Totals::Agree { first.totals } else { second.totals };
    Listed {
        total: first.total.max(second.total),
        totals,
        end: second.end,
        joined: second.joined,
        trouble: second.trouble.or(first.trouble),
        failure: second.failure,
        unusable: first.unusable.max(second.unusable),
        rows,
    }
}

/// By id, each once.
pub(crate) fn sorted<R: Keyed>(mut rows: Vec<R>) -> Vec<R> {
    if !rows.is_sorted_by(|a, b| a.key() < b.key()) {
        rows.sort_unstable_by(|a, b| a.key().cmp(b.key()));
        rows.dedup_by(|a, b| a.key() == b.key());
    }
    rows
}

pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
