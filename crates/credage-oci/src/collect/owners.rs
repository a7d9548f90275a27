//! Reading a kind by its owners: many a request, or one.

use std::collections::{HashMap, VecDeque};

use credage_core::{Coverage, Credential, Expected, Incomplete, UserId};
use futures::{FutureExt, StreamExt, stream};

use super::listing::{Listed, count, sorted};
use super::reconcile::{Judged, KindReader, Settled, missing, named_only};
use super::users::Index;
use super::verdict;
use crate::client::RequestError;
use crate::scim::query::{Query, literal};

/// Owners in one request, at first; halved until the domain takes it.
pub(crate) const FIRST_BATCH: usize = 64;
/// How many owners are asked before we conclude that none will be answered.
const SCOUTS: usize = 3;

/// How asking by owners ended.
pub(crate) enum ByOwner {
    /// The domain does not answer in this way.
    Refused(RequestError),
    /// It answered.
    Judged(Judged),
}

#[derive(Default)]
struct Gathered {
    rows: Vec<Credential>,
    failed: usize,
    empty: usize,
    asked: usize,
    inconsistent: bool,
    error: Option<RequestError>,
}

impl Gathered {
    fn take(&mut self, owners: usize, answer: Result<Listed<Credential>, RequestError>) {
        self.asked += owners;
        match answer {
            Ok(listed) => {
                self.empty += usize::from(listed.rows.is_empty());
                self.inconsistent |= !listed.consistent;
                if let Some(error) = listed.failure {
                    self.failed += owners;
                    self.error = Some(error);
                }
                self.rows.extend(listed.rows);
            }
            Err(error) => {
                self.failed += owners;
                self.error = Some(error);
            }
        }
    }
}

impl KindReader<'_> {
    /// Asks for the `owners` in batches. The first batch is two owners whom the index names, and is believed only
    /// if it brings the credentials of both: a domain could heed the first term of a filter alone.
    pub(crate) async fn batched(&self, owners: &[&UserId], index: &Index) -> ByOwner {
        let (probe, rest) = owners.split_at(owners.len().min(2));
        let first = match self.list(&self.search(any_of(probe))).await {
            Ok(listed) => listed,
            Err(error) => return ByOwner::Refused(error),
        };
        let named = index.owners(self.kind);
        if !brings_all(&first.rows, probe, &named) {
            let why = Incomplete::new("a request for two owners did not bring the credentials of both", "");
            let settled = Settled { rows: Vec::new(), coverage: Coverage::Unreadable(why.clone()) };
            return ByOwner::Judged(Judged::Unproven(settled, why));
        }
        let mut gathered = Gathered::default();
        gathered.take(probe.len(), Ok(first));
        let mut queue: VecDeque<&UserId> = rest.iter().copied().collect();
        let mut size = FIRST_BATCH;
        let mut wave = 1;
        while !queue.is_empty() {
            let batches: Vec<Vec<&UserId>> = (0..wave)
                .map(|_| queue.drain(..size.min(queue.len())).collect::<Vec<_>>())
                .take_while(|batch| !batch.is_empty())
                .collect();
            wave = self.reader.client.options().concurrency.max(1);
            for (batch, answer) in self.ask_batches(batches).await {
                match answer {
                    Err(error) if batch.len() > 1 && verdict::may_answer_another_listing(&error) => {
                        size = (batch.len() / 2).min(size);
                        wave = 1;
                        queue.extend(batch);
                    }
                    answer => gathered.take(batch.len(), answer),
                }
            }
        }
        ByOwner::Judged(self.judge_owners(gathered, owners, index).await)
    }

    async fn ask_batches<'o>(
        &self,
        batches: Vec<Vec<&'o UserId>>,
    ) -> Vec<(Vec<&'o UserId>, Result<Listed<Credential>, RequestError>)> {
        let parallel = batches.len().max(1);
        let mut asked = Vec::new();
        for batch in batches {
            asked.push(self.ask_batch(batch).boxed());
        }
        stream::iter(asked).buffered(parallel).collect().await
    }

    /// Asks for the `owners` one by one. When the first few are all refused, or all empty although the index names
    /// credentials of theirs, the rest are not asked.
    pub(crate) async fn single(&self, owners: &[&UserId], index: &Index) -> ByOwner {
        let (scouts, rest) = owners.split_at(owners.len().min(SCOUTS));
        let mut gathered = Gathered::default();
        for answer in self.ask_singly(scouts).await {
            gathered.take(1, answer);
        }
        if gathered.failed == gathered.asked
            && let Some(error) = gathered.error
        {
            return ByOwner::Refused(error);
        }
        let named = index.of(self.kind);
        if index.available && gathered.empty == gathered.asked && !named.is_empty() {
            let why = verdict::unproven_empty(named.len());
            let settled = Settled {
                rows: named_only(named.iter(), self.kind),
                coverage: Coverage::Unreadable(why.clone()),
            };
            return ByOwner::Judged(Judged::Unproven(settled, why));
        }
        for answer in self.ask_singly(rest).await {
            gathered.take(1, answer);
        }
        ByOwner::Judged(self.judge_owners(gathered, owners, index).await)
    }

    async fn ask_singly(&self, owners: &[&UserId]) -> Vec<Result<Listed<Credential>, RequestError>> {
        let parallel = self.reader.client.options().concurrency.max(1);
        let mut answers = Vec::with_capacity(owners.len());
        // By the thousand, so that what waits for its turn is not large.
        for some in owners.chunks(1000) {
            let mut asked = Vec::with_capacity(some.len());
            for owner in some {
                asked.push(self.ask_one(owner).boxed());
            }
            answers.extend(stream::iter(asked).buffered(parallel).collect::<Vec<_>>().await);
        }
        answers
    }

    async fn ask_one(&self, owner: &UserId) -> Result<Listed<Credential>, RequestError> {
        self.list(&self.one(owner)).await
    }

    /// The rows of one owner.
    pub(super) fn one(&self, owner: &UserId) -> Query {
        self.filtered(format!("user.value eq {}", literal(owner.as_str()))).unsorted()
    }

    async fn ask_batch<'o>(
        &self,
        batch: Vec<&'o UserId>,
    ) -> (Vec<&'o UserId>, Result<Listed<Credential>, RequestError>) {
        let answer = self.list(&self.search(any_of(&batch))).await;
        (batch, answer)
    }

    async fn judge_owners(&self, gathered: Gathered, owners: &[&UserId], index: &Index) -> Judged {
        let Gathered { rows, failed, inconsistent, error, .. } = gathered;
        let rows = sorted(rows);
        let asked: std::collections::HashSet<&UserId> = owners.iter().copied().collect();
        let named: Vec<_> =
            index.of(self.kind).iter().filter(|(_, owner)| asked.contains(owner)).cloned().collect();
        let missing = missing(&rows, &named);
        if let Some(error) = error.as_ref().filter(|_| !index.available) {
            let (read, expected) = (count(rows.len()), Expected::Owners(count(owners.len())));
            let mut why = verdict::incomplete(error);
            why.reason = format!("{failed} of {} owners could not be asked: {}", owners.len(), why.reason);
            return Judged::Settled(Settled { rows, coverage: Coverage::Partial { read, expected, why } });
        }
        if rows.is_empty() && !index.proves_absence && error.is_none() {
            let coverage = Coverage::Unreadable(verdict::unproven_empty(named.len()));
            return Judged::Settled(Settled { rows: named_only(named.iter(), self.kind), coverage });
        }
        let total = count(rows.len());
        let listed = Listed { rows, total, consistent: !inconsistent, failure: error };
        Judged::Settled(self.settle(listed, missing).await)
    }
}

/// The filter that the rows of all `owners` pass.
pub(super) fn any_of(owners: &[&UserId]) -> String {
    let terms: Vec<_> =
        owners.iter().map(|owner| format!("user.value eq {}", literal(owner.as_str()))).collect();
    terms.join(" or ")
}

/// Whether rows of every one of `owners` are there who is named to have some.
pub(super) fn brings_all(rows: &[Credential], owners: &[&UserId], named: &HashMap<&UserId, usize>) -> bool {
    let has = |owner: &UserId| rows.iter().any(|row| row.owner == *owner);
    owners.iter().filter(|owner| named.contains_key(*owner)).all(|owner| has(owner))
}
