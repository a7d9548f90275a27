//! What the pages of one listing come to. Pure: pages in, rows and doubts out.
//!
//! A listing has no snapshot: rows that come and go shift the others over the edges of pages. So each page after the first
//! begins with the last row of the one before; where it does not, rows moved. A server may also repeat itself, go on for
//! ever, or announce totals that its rows contradict; each of these is noticed here, and what is doubtful is never taken
//! for whole.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::listing::{End, Listed, Totals, Trouble, count};
use super::rows::Keyed;
use crate::client::RequestError;
use crate::scim::page::Page;

/// Pages in a row without a new row before we conclude that the server repeats itself.
const IDLE_PAGES: usize = 2;

/// Pages of fewer rows do not overlap.
const SMALLEST_OVERLAPPING: u64 = 2;

/// Rows in the order in which they came, with what their pages told.
pub(crate) struct Walk<R> {
    rows: Vec<R>,
    /// Rows of the listing that were passed, counted as the server counts: repetitions included, overlaps once.
    reached: u64,
    /// The size of the largest page.
    largest: u64,
    /// The size of the last page, where there was one.
    last: Option<u64>,
    smallest_total: Option<u64>,
    largest_total: Option<u64>,
    total_left_out: bool,
    overlapping: bool,
    idle: usize,
    seen: Option<HashSet<u64>>,
    hasher: RandomState,
    state: State,
    trouble: Option<Trouble>,
    failure: Option<RequestError>,
    unusable: u64,
}

/// How the pages follow one another.
#[derive(Clone, Copy)]
struct State {
    /// A request brought nothing new.
    ended: bool,
    /// Each page was held together with the one before.
    joined: bool,
}

impl<R: Keyed> Walk<R> {
    /// Begins; `overlapping` where rows come in a known order, so that pages can be held together by a common row.
    pub(crate) fn new(overlapping: bool, room: usize) -> Self {
        Self {
            rows: Vec::with_capacity(room),
            reached: 0,
            largest: 0,
            last: None,
            smallest_total: None,
            largest_total: None,
            total_left_out: false,
            overlapping,
            idle: 0,
            seen: None,
            hasher: RandomState::new(),
            state: State { ended: false, joined: true },
            trouble: None,
            failure: None,
            unusable: 0,
        }
    }

    /// Takes the next page, of which `asked` rows were requested.
    pub(crate) fn take<T>(&mut self, page: Page<T>, asked: u64, convert: &impl Fn(T) -> R) {
        self.note_total(page.total_results);
        let (first, overlap) = (self.reached == 0, u64::from(self.overlaps()));
        let unusable = count(page.unusable);
        self.unusable += unusable;
        let mut rows: Vec<R> = page.resources.into_iter().map(convert).collect();
        rows.dedup_by(|next, row| next.key() == row.key());
        // Whoever sends more than was asked for is not trusted with our memory.
        rows.truncate(usize::try_from(asked).unwrap_or(usize::MAX));
        // The server counts rows that are of no use to us like all others.
        let length = count(rows.len()) + unusable;
        self.largest = self.largest.max(length);
        self.last = Some(length);
        let mut rows = rows.into_iter();
        if overlap == 1 {
            self.check_overlap(rows.next());
        }
        let new = length.saturating_sub(overlap);
        self.reached += new;
        let fresh = rows.map(|row| self.add(row)).filter(|fresh| *fresh).count();
        self.state.joined &= first || overlap == 1 || new == 0;
        self.state.ended = new == 0;
        self.idle = if new > 0 && fresh == 0 { self.idle + 1 } else { 0 };
        if self.idle >= IDLE_PAGES {
            self.trouble = Some(Trouble::Repeats);
        }
    }

    /// Notes that the next page could not be had.
    pub(crate) fn fail(&mut self, error: RequestError) {
        self.failure = Some(error);
    }

    /// Notes that more rows came than there can be.
    pub(crate) fn overflow(&mut self) {
        self.trouble = Some(Trouble::Endless);
    }

    /// Where the next page begins, counted from 1.
    pub(crate) fn next(&self) -> u64 {
        if self.overlaps() { self.reached } else { self.reached + 1 }
    }

    /// Rows passed so far.
    pub(crate) const fn reached(&self) -> u64 {
        self.reached
    }

    /// The size of the largest page so far.
    pub(crate) const fn largest(&self) -> u64 {
        self.largest
    }

    /// The largest total that a page announced.
    pub(crate) const fn total(&self) -> Option<u64> {
        self.largest_total
    }

    /// Whether nothing more is to be asked: something failed or a request brought nothing new.
    pub(crate) const fn is_over(&self) -> bool {
        self.state.ended
            || self.failure.is_some()
            || matches!(self.trouble, Some(Trouble::Repeats | Trouble::Endless))
    }

    /// Whether the pages say themselves that there are no more: all announce what came, and the last one had room for more.
    pub(crate) fn is_at_end(&self) -> bool {
        let short = self.last.is_some_and(|last| last < self.largest);
        short && self.totals() == Totals::Agree
    }

    /// Appends what was read from where this one ends.
    pub(crate) fn append(&mut self, next: Self) {
        let Self { rows, reached, largest, last, failure, trouble, state, unusable, .. } = next;
        let State { ended, joined } = state;
        self.state.joined &= joined && (self.reached == 0 || self.overlaps() || reached == 0);
        self.note_total(next.smallest_total);
        self.note_total(next.largest_total);
        self.total_left_out |= next.total_left_out;
        self.largest = self.largest.max(largest);
        self.last = last;
        let overlap = self.overlaps();
        let mut rows = rows.into_iter();
        if overlap {
            self.check_overlap(rows.next());
        }
        self.reached += reached.saturating_sub(u64::from(overlap));
        self.rows.reserve(rows.len());
        let new = rows.len();
        let fresh = rows.map(|row| self.add(row)).filter(|fresh| *fresh).count();
        self.state.ended |= ended;
        self.idle = if new > 0 && fresh == 0 { self.idle + 1 } else { 0 };
        if self.idle >= IDLE_PAGES {
            self.trouble = Some(Trouble::Repeats);
        }
        self.trouble = self.trouble.or(trouble);
        self.failure = self.failure.take().or(failure);
        self.unusable += unusable;
    }

    /// What it comes to as a whole listing.
    pub(crate) fn listed(self) -> Listed<R> {
        let totals = self.totals();
        let end = if self.state.ended || self.is_at_end() { End::Seen } else { End::Announced };
        Listed {
            total: self.largest_total,
            totals,
            end,
            joined: self.state.joined,
            trouble: self.trouble,
            failure: self.failure,
            unusable: self.unusable,
            rows: super::listing::sorted(self.rows),
        }
    }

    /// Whether the next page begins with the last row. Pages of a single row would not get on so.
    fn overlaps(&self) -> bool {
        self.overlapping && self.largest >= SMALLEST_OVERLAPPING && self.reached >= SMALLEST_OVERLAPPING
    }

    fn note_total(&mut self, total: Option<u64>) {
        match total {
            Some(total) => {
                self.smallest_total = Some(self.smallest_total.map_or(total, |least| least.min(total)));
                self.largest_total = Some(self.largest_total.map_or(total, |most| most.max(total)));
            }
            None => self.total_left_out = true,
        }
    }

    /// The first row of a page is to be the last row of the page before.
    fn check_overlap(&mut self, first: Option<R>) {
        let expected = self.rows.last();
        if first.as_ref().is_some_and(|first| expected.is_some_and(|last| last.key() == first.key())) {
            return;
        }
        self.trouble = self.trouble.or(Some(Trouble::Moved));
        if let Some(row) = first {
            self.add(row);
        }
    }

    /// Adds a row and answers whether it is new.
    fn add(&mut self, row: R) -> bool {
        let in_order = self.rows.last().is_none_or(|last| last.key() < row.key());
        let fresh = match &mut self.seen {
            None if in_order => true,
            None => {
                let hash = |row: &R| self.hasher.hash_one(row.key());
                let mut seen: HashSet<u64> = self.rows.iter().map(hash).collect();
                let fresh = seen.insert(hash(&row));
                self.seen = Some(seen);
                fresh
            }
            Some(seen) => seen.insert(self.hasher.hash_one(row.key())),
        };
        self.rows.push(row);
        fresh
    }

    fn totals(&self) -> Totals {
        let distinct = count(self.seen.as_ref().map_or(self.rows.len(), HashSet::len)) + self.unusable;
        match (self.smallest_total, self.largest_total) {
            (Some(least), Some(most)) if least == most && most == distinct && !self.total_left_out => {
                Totals::Agree
            }
            (Some(_), Some(most)) if most > distinct => Totals::MoreAnnounced,
            (Some(_), Some(_)) if self.total_left_out => Totals::LeftOut,
            (Some(_), Some(_)) => Totals::FewerAnnounced,
            _ => Totals::LeftOut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(String);

    impl Keyed for Row {
        fn key(&self) -> &str {
            &self.0
        }
    }

    fn page(total: Option<u64>, ids: &[&str]) -> Page<String> {
        Page { total_results: total, resources: ids.iter().map(|id| (*id).to_owned()).collect(), unusable: 0 }
    }

    fn walk(pages: &[(Option<u64>, &[&str])]) -> Walk<Row> {
        let mut walk = Walk::new(true, 0);
        for (total, ids) in pages {
            walk.take(page(*total, ids), 3, &Row);
        }
        walk
    }

    fn listed(pages: &[(Option<u64>, &[&str])]) -> (usize, Totals, End, Option<Trouble>) {
        let listed = walk(pages).listed();
        (listed.rows.len(), listed.totals, listed.end, listed.trouble)
    }

    #[test]
    fn pages_are_held_together_by_a_common_row() {
        let whole = listed(&[(Some(4), &["a", "b", "c"]), (Some(4), &["c", "d"])]);
        assert_eq!(whole, (4, Totals::Agree, End::Seen, None));
        // `a` was deleted and `e` created between the pages: totals stay, and `d` would have been passed over unseen.
        let moved = listed(&[(Some(4), &["a", "b", "c"]), (Some(4), &["d", "e"])]);
        assert_eq!((moved.1, moved.3), (Totals::FewerAnnounced, Some(Trouble::Moved)));
        let deleted = listed(&[(Some(3), &["a", "b", "c"]), (Some(3), &[])]);
        assert_eq!(deleted.3, Some(Trouble::Moved), "the last row went");
    }

    #[test]
    fn a_short_page_ends_a_listing_only_where_the_totals_agree() {
        let first: &[&str] = &["a", "b", "c"];
        assert_eq!(
            listed(&[(Some(3), first)]).2,
            End::Announced,
            "it may be all that the server gives at once"
        );
        assert_eq!(listed(&[(Some(3), first), (Some(3), &["c"])]).2, End::Seen);
        let page_totals = listed(&[(Some(3), &["a", "b", "c"]), (Some(2), &["c", "d"])]);
        assert_eq!((page_totals.1, page_totals.2), (Totals::FewerAnnounced, End::Announced));
    }

    #[test]
    fn totals_are_claims() {
        assert_eq!(listed(&[(Some(9), &["a"])]).1, Totals::MoreAnnounced);
        assert_eq!(listed(&[(None, &["a"])]).1, Totals::LeftOut);
        assert_eq!(listed(&[(Some(1), &["a", "b"])]).1, Totals::FewerAnnounced);
        assert_eq!(listed(&[(Some(2), &["a", "b"]), (None, &[])]).1, Totals::LeftOut);
    }

    #[test]
    fn a_server_that_repeats_itself_is_noticed() {
        let first: &[&str] = &["a", "b", "c"];
        let walk = walk(&[(Some(90), first), (Some(90), first), (Some(90), first)]);
        assert!(walk.is_over());
        assert_eq!(walk.listed().trouble, Some(Trouble::Repeats));
    }

    #[test]
    fn no_more_rows_are_taken_than_were_asked_for() {
        let mut walk = Walk::new(true, 0);
        walk.take(page(Some(5), &["a", "a", "b", "c", "d", "e"]), 3, &Row);
        assert_eq!(walk.reached(), 3, "a repetition does not count");
    }

    #[test]
    fn rows_without_a_usable_id_count_and_cost_no_others() {
        let mut walk = Walk::new(true, 0);
        walk.take(Page { unusable: 1, ..page(Some(5), &["a", "b"]) }, 3, &Row);
        assert_eq!((walk.reached(), walk.is_over()), (3, false));
        walk.take(page(Some(5), &["b", "c", "d"]), 3, &Row);
        let listed = walk.listed();
        assert_eq!((listed.rows.len(), listed.unusable, listed.totals), (4, 1, Totals::Agree));
        let mut odd = Walk::<Row>::new(true, 0);
        odd.take(Page { unusable: 2, ..page(Some(2), &[]) }, 3, &Row);
        assert!(!odd.is_over(), "a page of such rows is no end");
    }

    #[test]
    fn rows_out_of_order_are_counted_once() {
        let mut walk = Walk::new(false, 0);
        walk.take(page(Some(4), &["d", "a"]), 2, &Row);
        walk.take(page(Some(4), &["c", "a"]), 2, &Row);
        let listed = walk.listed();
        assert_eq!((listed.rows.len(), listed.totals), (3, Totals::MoreAnnounced));
    }
}
