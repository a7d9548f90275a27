//! The ladder of listings, climbed down kind by kind: whole, filtered, batched, single.
//!
//! A kind stays on the first rung that answers and proves right. A refusal (400, 403, 404, 405, 500, 501) or an answer that
//! cannot be believed leads one rung down; 401 ends it, since a signature that is not taken will not be taken further down;
//! a service that fails is not asked in other ways either. What the first kind learns on its way down spares the others that
//! were refused alike most of theirs.

use std::collections::HashSet;

use credage_core::{Coverage, Credential, Expected, Incomplete, Listing, Reading, Refusal, Source};

use super::listing::{Listed, count};
use super::owners::{ByOwner, Plan};
use super::reconcile::{Judged, KindReader, Known, Settled};
use super::verdict;
use crate::client::RequestError;
use crate::scim::query::Query;

/// Filters that every credential passes. The first needs no more than a searchable `meta.created`; the second also
/// satisfies a domain that insists on a filter on the user.
pub(super) const PASS_ALL: [&str; 2] = [r#"meta.created ge "1970-01-01T00:00:00Z""#, "user.value pr"];

/// What one kind learned on its way down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lessons {
    filters_refused: [bool; 2],
    batches_refused: bool,
}

/// The way down of one kind.
pub(crate) struct Ladder<'a> {
    kind: KindReader<'a>,
    known: Known<'a>,
    plan: Plan<'a>,
    refusals: Vec<Refusal>,
    best: Option<(Option<Listing>, Settled)>,
}

/// The answer of the topmost rung.
pub(crate) type Top = Result<Listed<Credential>, RequestError>;

enum Step {
    Done(Listing, Settled),
    Down,
}

impl<'a> Ladder<'a> {
    pub(crate) const fn new(kind: KindReader<'a>, known: Known<'a>, plan: Plan<'a>) -> Self {
        Self { kind, known, plan, refusals: Vec::new(), best: None }
    }

    /// Judges the answer of the topmost rung and climbs down as far as it takes.
    pub(crate) async fn climb(mut self, top: Top, lessons: Lessons) -> (Vec<Credential>, Reading, Lessons) {
        let query = self.kind.whole();
        let mut learned = lessons;
        let mut outcome = self.step(Listing::Whole, &query, top).await;
        for (filter, refused) in PASS_ALL.into_iter().zip(&mut learned.filters_refused) {
            if matches!(outcome, Step::Down) && !*refused {
                let query = self.kind.filtered(filter.to_owned());
                let answer = self.kind.list(&query).await;
                *refused = answer.is_err();
                outcome = self.step(Listing::Filtered, &query, answer).await;
            }
        }
        if matches!(outcome, Step::Down) && self.can_batch() && !learned.batches_refused {
            let answer = self.kind.batched(&self.plan, self.known).await;
            learned.batches_refused = !matches!(answer, ByOwner::Judged(Judged::Settled(_)));
            outcome = self.by_owner(Listing::Batched, answer);
        }
        if matches!(outcome, Step::Down) && self.has_anybody_to_ask() {
            let answer = self.kind.single(&self.plan, self.known).await;
            outcome = self.by_owner(Listing::Single, answer);
        }
        let (rows, reading) = self.finish(outcome);
        (rows, reading, learned)
    }

    /// Batches are believed only against the index, so two owners must be named.
    fn can_batch(&self) -> bool {
        self.plan.named.len() >= 2 && self.known.index.owners(self.kind.kind).len() >= 2
    }

    fn has_anybody_to_ask(&self) -> bool {
        !self.plan.named.is_empty() || !self.plan.others.is_empty()
    }

    async fn step(&mut self, listing: Listing, query: &Query, answer: Top) -> Step {
        match answer {
            Ok(listed) => {
                let judged = self.kind.judge(query, listed, self.known).await;
                self.believe(listing, judged)
            }
            Err(error) => self.refused(listing, &error),
        }
    }

    fn by_owner(&mut self, listing: Listing, answer: ByOwner) -> Step {
        match answer {
            ByOwner::Judged(judged) => self.believe(listing, judged),
            ByOwner::Refused(error) => self.refused(listing, &error),
        }
    }

    fn believe(&mut self, listing: Listing, judged: Judged) -> Step {
        match judged {
            Judged::Settled(settled) => {
                let before = self.best.take().map(|(_, best)| best.rows).unwrap_or_default();
                Step::Done(listing, self.with_rows_of(before, settled))
            }
            Judged::Unproven(settled, why) => {
                tracing::info!(kind = %self.kind.kind, %listing, reason = why.reason, "not believed");
                self.refusals.push(Refusal { listing, reason: why.reason });
                self.keep(Some(listing), settled);
                Step::Down
            }
        }
    }

    /// What a listing before this one returned exists, whatever this one says. Of credentials without a listed owner a
    /// listing by owners says nothing; any other one that it lacks contradicts it.
    fn with_rows_of(&self, before: Vec<Credential>, settled: Settled) -> Settled {
        let Settled { mut rows, mut coverage, mut witnesses } = settled;
        let has: HashSet<_> =
            rows.iter().filter(|row| row.source == Source::Listed).map(|row| row.id.clone()).collect();
        let more: Vec<Credential> =
            before.into_iter().filter(|row| row.source == Source::Listed && !has.contains(&row.id)).collect();
        if coverage == Coverage::Complete && more.iter().any(|row| self.known.users.contains(&row.owner)) {
            let read = count(has.len() + more.len());
            let why = verdict::contradiction();
            coverage = Coverage::Partial { read, expected: Expected::Unknown, why };
            witnesses = Vec::new();
        }
        let found: HashSet<_> = more.iter().map(|row| &row.id).collect();
        rows.retain(|row| row.source == Source::Listed || !found.contains(&row.id));
        rows.extend(more);
        Settled { rows, coverage, witnesses }
    }

    fn refused(&mut self, listing: Listing, error: &RequestError) -> Step {
        tracing::info!(kind = %self.kind.kind, %listing, reason = %error, "refused");
        let settled = self.unreadable(verdict::incomplete(error));
        if verdict::may_answer_another_listing(error) {
            self.refusals.push(Refusal { listing, reason: error.to_string() });
            self.keep(None, settled);
            return Step::Down;
        }
        let listing_left = self.best.take_if(|(_, best)| known(best) > 0);
        let (listing_of, settled) = listing_left.unwrap_or((Some(listing), settled));
        Step::Done(listing_of.unwrap_or(listing), settled)
    }

    fn unreadable(&self, why: Incomplete) -> Settled {
        let named = self.known.index.of(self.kind.kind);
        Settled::short(super::reconcile::named_only(named.iter(), self.kind.kind), Coverage::Unreadable(why))
    }

    /// Keeps the answer that knows most; of equals the last, whose reason is nearest to the point.
    fn keep(&mut self, listing: Option<Listing>, settled: Settled) {
        let better = self.best.as_ref().is_none_or(|(_, best)| known(&settled) >= known(best));
        if better {
            self.best = Some((listing, settled));
        }
    }

    fn finish(self, outcome: Step) -> (Vec<Credential>, Reading) {
        let (listing, settled) = match (outcome, self.best) {
            (Step::Done(listing, settled), _) => (Some(listing), settled),
            (Step::Down, Some((listing, settled))) => (listing, settled),
            (Step::Down, None) => {
                let why = Incomplete::new("there was nobody to ask for", "run the audit again");
                (None, Settled::short(Vec::new(), Coverage::Unreadable(why)))
            }
        };
        let read = known(&settled);
        let unreadable = matches!(settled.coverage, Coverage::Unreadable(_));
        let reading = Reading {
            coverage: settled.coverage,
            witnesses: settled.witnesses,
            listing: listing.filter(|_| !unreadable),
            requests: 0,
            rows: count(read),
            refusals: self.refusals,
        };
        (settled.rows, reading)
    }
}

fn known(settled: &Settled) -> usize {
    settled.rows.iter().filter(|row| row.source == Source::Listed).count()
}
