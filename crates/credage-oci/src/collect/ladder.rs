//! The ladder of listings, climbed down kind by kind: whole, filtered, batched, single.
//!
//! A kind stays on the first rung that answers and proves right. A refusal (400, 403, 404, 405) or an answer that
//! cannot be believed leads one rung down; 401 ends it, since a signature that is not taken will not be taken
//! further down; a service that fails is not asked in other ways either. What the first kind learns on its way
//! down spares the others that were refused alike most of theirs.

use credage_core::{Coverage, Credential, Incomplete, Listing, Reading, Refusal, UserId};

use super::listing::{Listed, count};
use super::owners::ByOwner;
use super::reconcile::{Judged, KindReader, Settled};
use super::users::Index;
use super::verdict;
use crate::client::RequestError;
use crate::scim::query::Query;

/// Filters that every credential passes. The first needs no more than a searchable `meta.created`; the second also
/// satisfies a domain that insists on a filter on the user.
pub(super) const PASS_ALL: [&str; 2] = [r#"meta.created ge "1970-01-01T00:00:00Z""#, "user.value pr"];

/// What one kind learned on its way down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lessons {
    first_filter_refused: bool,
    batches_refused: bool,
}

/// The way down of one kind.
pub(crate) struct Ladder<'a> {
    pub(crate) kind: KindReader<'a>,
    pub(crate) index: &'a Index,
    /// Whom the audit is about, where it is not about everybody.
    pub(crate) owners: Vec<&'a UserId>,
    refusals: Vec<Refusal>,
    /// Whether a refusal may have meant us rather than the question.
    for_want_of_rights: bool,
    best: Option<(Option<Listing>, Settled)>,
}

/// The answer of the topmost rung.
pub(crate) type Top = Result<Listed<Credential>, RequestError>;

enum Step {
    Done(Listing, Settled),
    Down,
}

impl<'a> Ladder<'a> {
    pub(crate) const fn new(kind: KindReader<'a>, index: &'a Index, owners: Vec<&'a UserId>) -> Self {
        Self { kind, index, owners, refusals: Vec::new(), for_want_of_rights: false, best: None }
    }

    /// Judges the answer of the topmost rung and climbs down as far as it takes.
    pub(crate) async fn climb(mut self, top: Top, lessons: Lessons) -> (Vec<Credential>, Reading, Lessons) {
        let query = self.kind.whole();
        let mut learned = lessons;
        let mut outcome = self.step(Listing::Whole, &query, top).await;
        if matches!(outcome, Step::Down) && self.nobody_to_ask() {
            outcome = Step::Done(Listing::Single, Settled { rows: Vec::new(), coverage: Coverage::Complete });
        }
        for (place, filter) in PASS_ALL.into_iter().enumerate() {
            if matches!(outcome, Step::Down) && !(place == 0 && lessons.first_filter_refused) {
                let query = self.kind.filtered(filter.to_owned());
                let answer = self.kind.list(&query).await;
                learned.first_filter_refused |= place == 0 && answer.is_err();
                outcome = self.step(Listing::Filtered, &query, answer).await;
            }
        }
        if matches!(outcome, Step::Down) && self.can_batch() && !lessons.batches_refused {
            let answer = self.kind.batched(&self.owners, self.index).await;
            learned.batches_refused |= !matches!(answer, ByOwner::Judged(Judged::Settled(_)));
            outcome = self.by_owner(Listing::Batched, answer);
        }
        if matches!(outcome, Step::Down) && !self.owners.is_empty() {
            let answer = self.kind.single(&self.owners, self.index).await;
            outcome = self.by_owner(Listing::Single, answer);
        }
        let (rows, reading) = self.finish(outcome);
        (rows, reading, learned)
    }

    /// Whether the index proves that there is no owner to ask for, so that the last rung is done without a request.
    /// Where rights are missing it proves nothing: what may not be read may not be named either.
    const fn nobody_to_ask(&self) -> bool {
        self.index.proves_absence && self.owners.is_empty() && !self.for_want_of_rights
    }

    /// Batches are believed only against the index, so two owners must be named.
    fn can_batch(&self) -> bool {
        self.index.available && self.owners.len() >= 2
    }

    async fn step(&mut self, listing: Listing, query: &Query, answer: Top) -> Step {
        match answer {
            Ok(listed) => {
                let judged = self.kind.judge(query, listed, self.index).await;
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
            Judged::Settled(settled) => Step::Done(listing, settled),
            Judged::Unproven(settled, why) => {
                self.for_want_of_rights |= why.rights;
                tracing::info!(kind = %self.kind.kind, %listing, reason = why.reason, "not believed");
                self.refusals.push(Refusal { listing, reason: why.reason });
                self.keep(Some(listing), settled);
                Step::Down
            }
        }
    }

    fn refused(&mut self, listing: Listing, error: &RequestError) -> Step {
        tracing::info!(kind = %self.kind.kind, %listing, reason = %error, "refused");
        let why = verdict::incomplete(error);
        self.for_want_of_rights |= why.rights;
        let settled = self.unreadable(why);
        if verdict::may_answer_another_listing(error) {
            self.refusals.push(Refusal { listing, reason: error.to_string() });
            self.keep(None, settled);
            return Step::Down;
        }
        let listing_left = self.best.take_if(|(_, best)| known(best) > 0);
        listing_left
            .map_or(Step::Done(listing, settled), |(left, best)| Step::Done(left.unwrap_or(listing), best))
    }

    /// Nothing was read; what the index names is known to exist all the same.
    fn unreadable(&self, why: Incomplete) -> Settled {
        let rows = super::reconcile::named_only(self.index.of(self.kind.kind).iter(), self.kind.kind);
        Settled { rows, coverage: Coverage::Unreadable(why) }
    }

    /// Keeps what is known best so far; between equals the later, which tells of a rung closer to the ground.
    fn keep(&mut self, listing: Option<Listing>, settled: Settled) {
        if self.best.as_ref().is_none_or(|(_, best)| known(&settled) >= known(best)) {
            self.best = Some((listing, settled));
        }
    }

    fn finish(self, outcome: Step) -> (Vec<Credential>, Reading) {
        let (listing, settled) = match (outcome, self.best) {
            (Step::Done(listing, settled), _) => (Some(listing), settled),
            (Step::Down, Some((listing, settled))) => (listing, settled),
            (Step::Down, None) => {
                let why = Incomplete::new("there was nobody to ask for", "run the audit again");
                (None, Settled { rows: Vec::new(), coverage: Coverage::Unreadable(why) })
            }
        };
        let read = settled.rows.iter().filter(|row| row.source == credage_core::Source::Listed).count();
        let unreadable = matches!(settled.coverage, Coverage::Unreadable(_));
        let reading = Reading {
            coverage: settled.coverage,
            listing: listing.filter(|_| !unreadable),
            requests: 0,
            rows: count(read),
            refusals: self.refusals,
        };
        (settled.rows, reading)
    }
}

fn known(settled: &Settled) -> usize {
    settled.rows.iter().filter(|row| row.source == credage_core::Source::Listed).count()
}
