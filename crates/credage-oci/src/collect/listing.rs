//! One listing, read to its end.
//!
//! `startIndex` counts resources from 1 and advances by what came, never by what was asked; the first page tells
//! the step, and the rest is read in parallel, each stretch until it is full. Rows come back sorted by id and
//! without repetition, with the totals that the first and the last page gave.

use std::sync::atomic::AtomicU64;

use futures::{StreamExt, stream};

use super::progress::Counter;
use super::rows::Keyed;
use crate::client::{Client, RequestError};
use crate::scim::page::{Page, Row};
use crate::scim::query::Query;

/// Rows that room is made for at once where a total promises as many or more; a total may say anything.
const ROOM: usize = 1 << 18;

/// Asks for the pages of one collection.
pub(crate) struct Reader<'a> {
    pub(crate) client: &'a Client,
    pub(crate) tally: &'a AtomicU64,
    pub(crate) counter: &'a Counter,
}

/// What a listing gave.
#[derive(Debug)]
pub(crate) struct Listed<R> {
    /// The rows, by id, each once.
    pub(crate) rows: Vec<R>,
    /// The largest total that any page gave.
    pub(crate) total: u64,
    /// Whether all pages gave the same total and as many rows came.
    pub(crate) consistent: bool,
    /// What ended it early.
    pub(crate) failure: Option<RequestError>,
}

/// Rows that follow one another, with what their pages told.
struct Stretch<R> {
    rows: Vec<R>,
    totals: Vec<u64>,
    failure: Option<RequestError>,
}

impl<R> Listed<R> {
    /// How many rows, as the domain counts.
    pub(crate) fn len(&self) -> u64 {
        count(self.rows.len())
    }
}

impl Reader<'_> {
    /// Reads a listing; where its numbers do not add up, once more.
    ///
    /// Rows that come or go while pages are read shift the others over the edges of pages. A second reading that
    /// adds up stands alone; where neither does, both together are closest to the truth, and `consistent` is false.
    pub(crate) async fn read_twice_if_needed<T, R>(
        &self,
        query: &Query,
        convert: &(impl Fn(T) -> R + Sync),
    ) -> Result<Listed<R>, RequestError>
    where
        T: Row,
        R: Keyed,
    {
        let first = self.read(query, convert).await?;
        if first.consistent || first.failure.is_some() {
            return Ok(first);
        }
        tracing::debug!(
            path = query.path,
            total = first.total,
            read = first.len(),
            "reading again: rows moved"
        );
        let Ok(second) = self.read(query, convert).await else { return Ok(first) };
        if second.consistent {
            return Ok(second);
        }
        let total = first.total.max(second.total);
        let failure = second.failure;
        let rows = sorted(first.rows.into_iter().chain(second.rows).collect());
        Ok(Listed { rows, total, consistent: false, failure })
    }

    /// Reads a listing once. An error means that not even its first page came.
    pub(crate) async fn read<T, R>(
        &self,
        query: &Query,
        convert: &(impl Fn(T) -> R + Sync),
    ) -> Result<Listed<R>, RequestError>
    where
        T: Row,
        R: Keyed,
    {
        let first: Page<T> = self.page(query, 1, query.count).await?;
        let (total, step) = (first.total_results, count(first.len()));
        self.counter.announce(total);
        let mut whole = Stretch {
            rows: Vec::with_capacity(usize::try_from(total).unwrap_or(ROOM).min(ROOM)),
            totals: vec![total],
            failure: None,
        };
        whole.rows.extend(first.resources.into_iter().map(convert));
        if step > 0 {
            let starts = (1..).map(|page: u64| page * step + 1).take_while(|&start| start <= total);
            let rest = starts.map(|start| self.stretch(query, start, step.min(total + 1 - start), convert));
            let parallel = self.client.options().concurrency.max(1);
            let mut rest = stream::iter(rest).buffered(parallel);
            while let Some(stretch) = rest.next().await {
                // Beyond the last row every page is empty: a total that cannot be is not chased to its end.
                let beyond = stretch.rows.is_empty() && stretch.failure.is_none();
                whole.append(stretch);
                if beyond {
                    break;
                }
            }
        }
        Ok(whole.listed())
    }

    /// Reads the `length` rows from the `start`th on, in as many pages as the domain takes for it.
    async fn stretch<T, R>(
        &self,
        query: &Query,
        start: u64,
        length: u64,
        convert: &impl Fn(T) -> R,
    ) -> Stretch<R>
    where
        T: Row,
    {
        let mut stretch = Stretch { rows: Vec::new(), totals: Vec::new(), failure: None };
        let mut got = 0;
        while got < length {
            match self.page::<T>(query, start + got, length - got).await {
                Ok(page) if page.is_empty() => {
                    stretch.totals.push(page.total_results);
                    break;
                }
                Ok(page) => {
                    got += count(page.len());
                    stretch.totals.push(page.total_results);
                    stretch.rows.extend(page.resources.into_iter().map(convert));
                }
                Err(error) => {
                    stretch.failure = Some(error);
                    break;
                }
            }
        }
        stretch
    }

    /// One page of at most `rows` rows.
    pub(crate) async fn page<T: Row>(
        &self,
        query: &Query,
        start: u64,
        rows: u64,
    ) -> Result<Page<T>, RequestError> {
        let request = query.request(self.client.endpoint(), start, rows);
        let page: Page<T> = self.client.fetch(&request, self.tally).await?;
        self.counter.add(page.len());
        Ok(page)
    }
}

impl<R: Keyed> Stretch<R> {
    /// Adds the one that follows. Each is given back as soon as it came: kept until the end, hundreds of them leave holes
    /// in memory that nothing fits into, half as large as everything that was read.
    fn append(&mut self, next: Self) {
        self.rows.extend(next.rows);
        self.totals.extend(next.totals);
        self.failure = self.failure.take().or(next.failure);
    }

    /// What it comes to as a whole listing.
    fn listed(self) -> Listed<R> {
        let Self { rows, totals, failure } = self;
        let rows = sorted(rows);
        let total = totals.iter().copied().max().unwrap_or_default();
        let consistent = failure.is_none() && totals.iter().all(|&each| each == count(rows.len()));
        Listed { rows, total, consistent, failure }
    }
}

/// By id, each once.
pub(crate) fn sorted<R: Keyed>(mut rows: Vec<R>) -> Vec<R> {
    rows.sort_unstable_by(|a, b| a.key().cmp(b.key()));
    rows.dedup_by(|a, b| a.key() == b.key());
    rows
}

pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
