//! Reading a kind by its owners: many a request, or one.
//!
//! Whom the index names is asked; where the index is returned for no kind, everybody is. Since an index may have holes, a
//! few whom it does not name are asked too, and everybody as soon as one of these has a credential that it should have
//! named. What an index that names nobody leaves open stays unconfirmed.

use std::collections::{HashMap, HashSet, VecDeque};

use credage_core::{Coverage, Credential, CredentialId, Expected, Incomplete, IndexState, UserId, Witness};
use futures::{FutureExt, StreamExt, stream};

use super::index::Index;
use super::listing::{End, Listed, Totals, count, sorted};
use super::reconcile::{Judged, KindReader, Known, MAX_SINGLE_LOOKS, Settled, missing, named_only};
use super::verdict;
use crate::client::RequestError;
use crate::scim::query::{Query, literal};

/// Owners in one request, at first; halved until the domain takes it.
pub(crate) const FIRST_BATCH: usize = 64;
/// How many owners are asked before we conclude that none will be answered.
const SCOUTS: usize = 3;
/// How many of those whom the index does not name are asked one by one: of a kind that it names owners of, and of one that
/// it names none of. What all kinds cost together is bounded by what a domain that answers one owner at a time may cost.
const SAMPLE: (usize, usize) = (1, 2);

/// How asking by owners ended.
pub(crate) enum ByOwner {
    /// The domain does not answer in this way.
    Refused(RequestError),
    /// It answered.
    Judged(Judged),
}

/// Whom to ask about one kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan<'a> {
    /// Whom the index names, or leaves open.
    pub(crate) named: Vec<&'a UserId>,
    /// All others that the audit is about; those who are likely to have one first.
    pub(crate) others: Vec<&'a UserId>,
}

/// What was asked and came.
#[derive(Default)]
struct Gathered {
    rows: Vec<Credential>,
    failed: usize,
    empty: usize,
    asked: usize,
    doubtful: usize,
    error: Option<RequestError>,
    unusable: u64,
}

impl Gathered {
    fn take(&mut self, owners: usize, answer: Result<Listed<Credential>, RequestError>, index: &Index) {
        self.asked += owners;
        match answer {
            Ok(listed) => {
                self.empty += usize::from(listed.rows.is_empty());
                self.unusable += listed.unusable;
                if listed.failure.is_none() && !listed.is_consistent() && !is_as_named(&listed, index) {
                    self.doubtful += owners;
                }
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

/// Whether the index names exactly the rows of a list whose own numbers are in doubt.
fn is_as_named(listed: &Listed<Credential>, index: &Index) -> bool {
    let Some(first) = listed.rows.first() else { return false };
    let owners: HashSet<&UserId> = listed.rows.iter().map(|row| &row.owner).collect();
    let named: Vec<&CredentialId> =
        index.of(first.kind).iter().filter(|(_, owner)| owners.contains(owner)).map(|(id, _)| id).collect();
    listed.totals != Totals::MoreAnnounced
        && named == listed.rows.iter().map(|row| &row.id).collect::<Vec<_>>()
}

impl KindReader<'_> {
    /// Asks for those whom the index names in batches. The first batch is two owners, and a batch is believed only if it
    /// brings everything that the index names of its owners: a domain could heed the first terms of a filter alone.
    pub(crate) async fn batched(&self, plan: &Plan<'_>, known: Known<'_>) -> ByOwner {
        let named = named_by_owner(known.index.of(self.kind));
        let (probe, rest) = plan.named.split_at(plan.named.len().min(2));
        let first = match self.list(&self.search(any_of(probe))).await {
            Ok(listed) => listed,
            Err(error) => return ByOwner::Refused(error),
        };
        if !lacking(&first.rows, probe, &named).is_empty() {
            let why = Incomplete::new("a request for two owners did not return the credentials of both", "");
            let settled = Settled::short(Vec::new(), Coverage::Unreadable(why.clone()));
            return ByOwner::Judged(Judged::Unproven(settled, why));
        }
        let mut gathered = Gathered::default();
        gathered.take(probe.len(), Ok(first), known.index);
        let size = self.ask_in_batches(rest, FIRST_BATCH, &named, &mut gathered, known.index).await;
        let everybody = self.ask_a_batch_of_others(plan, size, &mut gathered, known.index).await;
        ByOwner::Judged(self.judge_owners(gathered, plan, known, everybody).await)
    }

    /// Asks a batch of those whom the index does not name, and all of them if one has a credential that it should name.
    /// Answers whether everybody was asked.
    async fn ask_a_batch_of_others(
        &self,
        plan: &Plan<'_>,
        size: usize,
        gathered: &mut Gathered,
        index: &Index,
    ) -> bool {
        let (sample, rest) = plan.others.split_at(plan.others.len().min(size));
        let (before, nothing) = (gathered.rows.len(), HashMap::new());
        self.ask_in_batches(sample, size, &nothing, gathered, index).await;
        let hole = gathered.rows.iter().skip(before).any(|row| !index.is_new(row));
        if hole {
            tracing::info!(kind = %self.kind, "the index lacks a credential; asking every user");
            self.ask_in_batches(rest, size, &nothing, gathered, index).await;
        }
        hole || rest.is_empty()
    }

    /// Asks owners in batches of at most `size`, and answers how many the domain takes at once.
    async fn ask_in_batches(
        &self,
        owners: &[&UserId],
        size: usize,
        named: &HashMap<&UserId, Vec<&CredentialId>>,
        gathered: &mut Gathered,
        index: &Index,
    ) -> usize {
        let mut size = size;
        let mut queue: VecDeque<&UserId> = owners.iter().copied().collect();
        let mut wave = 1;
        while !queue.is_empty() {
            let batches: Vec<Vec<&UserId>> = (0..wave)
                .map(|_| queue.drain(..size.min(queue.len())).collect::<Vec<_>>())
                .take_while(|batch| !batch.is_empty())
                .collect();
            wave = self.reader.client.options().concurrency.max(1);
            for (batch, answer) in self.ask_batches(batches).await {
                let again = match &answer {
                    Err(error) if verdict::may_answer_another_listing(error) => batch.clone(),
                    Ok(listed) => lacking(&listed.rows, &batch, named),
                    Err(_) => Vec::new(),
                };
                if batch.len() > 1 && !again.is_empty() {
                    size = (batch.len() / 2).min(size);
                    wave = 1;
                    queue.extend(&again);
                }
                if batch.len() == 1 || answer.is_ok() || again.is_empty() {
                    gathered.take(batch.len(), answer, index);
                }
            }
        }
        size
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

    /// Asks owners one by one. When the first few are all refused, or all empty although the index names credentials of
    /// theirs, the rest are not asked.
    pub(crate) async fn single(&self, plan: &Plan<'_>, known: Known<'_>) -> ByOwner {
        let everybody = !known.index.is_returned();
        let mut asked = plan.named.clone();
        if everybody {
            asked.extend(&plan.others);
        }
        let (scouts, rest) = asked.split_at(asked.len().min(SCOUTS));
        let mut gathered = Gathered::default();
        self.ask_singly(scouts, &mut gathered, known.index).await;
        if let Some(error) = refused_all(&mut gathered) {
            return ByOwner::Refused(error);
        }
        let named = known.index.of(self.kind);
        if !plan.named.is_empty() && gathered.empty == gathered.asked {
            let why = verdict::hidden(named.len());
            let rows = named_only(named.iter(), self.kind);
            let settled = Settled::short(rows, Coverage::Unreadable(why.clone()));
            return ByOwner::Judged(Judged::Unproven(settled, why));
        }
        if !rest.is_empty() && gathered.doubtful == gathered.asked {
            let why = verdict::doubtful_owners(gathered.doubtful);
            let settled = Settled::short(Vec::new(), Coverage::Unreadable(why.clone()));
            return ByOwner::Judged(Judged::Unproven(settled, why));
        }
        self.ask_singly(rest, &mut gathered, known.index).await;
        let everybody = everybody || self.ask_a_few_others(plan, &mut gathered, known.index).await;
        if let Some(error) = refused_all(&mut gathered) {
            return ByOwner::Refused(error);
        }
        ByOwner::Judged(self.judge_owners(gathered, plan, known, everybody).await)
    }

    /// Asks some of those whom the index does not name, and all of them if one has a credential that it should name.
    /// Answers whether everybody was asked.
    async fn ask_a_few_others(&self, plan: &Plan<'_>, gathered: &mut Gathered, index: &Index) -> bool {
        let (few, of_nobody) = SAMPLE;
        let number = if index.state(self.kind) == IndexState::Available { few } else { of_nobody };
        let (sample, rest) = plan.others.split_at(plan.others.len().min(number));
        let before = gathered.rows.len();
        self.ask_singly(sample, gathered, index).await;
        let hole = gathered.rows.iter().skip(before).any(|row| !index.is_new(row));
        if hole {
            tracing::info!(kind = %self.kind, "the index lacks a credential; asking every user");
            self.ask_singly(rest, gathered, index).await;
        }
        hole || rest.is_empty()
    }

    async fn ask_singly(&self, owners: &[&UserId], gathered: &mut Gathered, index: &Index) {
        let parallel = self.reader.client.options().concurrency.max(1);
        // By the thousand, so that what waits for its turn is not large.
        for some in owners.chunks(1000) {
            let mut asked = Vec::with_capacity(some.len());
            for owner in some {
                asked.push(self.ask_one(owner, index).boxed());
            }
            let mut answers = stream::iter(asked).buffered(parallel);
            while let Some(answer) = answers.next().await {
                gathered.take(1, answer, index);
            }
        }
    }

    async fn ask_one(&self, owner: &UserId, index: &Index) -> Result<Listed<Credential>, RequestError> {
        let query = self.one(owner);
        let mut listed = self.list(&query).await?;
        // A list as long as the pages that the domain cuts may be one of them, whatever its total says.
        if self.reader.habits.cut() == Some(listed.len()) && !index.is_witness(self.kind) {
            self.reader.see_end(&query, &mut listed, &|row| self.convert(row)).await;
        }
        // A filter that was ignored brings what was not asked for: others' rows are theirs, and prove nothing here.
        let all = listed.rows.len();
        listed.rows.retain(|row| row.owner == *owner || row.owner.as_str().is_empty());
        if listed.rows.len() < all {
            listed.totals = Totals::FewerAnnounced;
        }
        Ok(listed)
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

    async fn judge_owners(
        &self,
        gathered: Gathered,
        plan: &Plan<'_>,
        known: Known<'_>,
        everybody: bool,
    ) -> Judged {
        let Gathered { rows, failed, asked, doubtful, error, unusable, .. } = gathered;
        let rows = sorted(rows);
        let meant: HashSet<&UserId> = plan.named.iter().copied().collect();
        let index = known.index.of(self.kind);
        let named: Vec<_> = index.iter().filter(|(_, owner)| meant.contains(owner)).cloned().collect();
        let missing = missing(&rows, &named);
        let read = count(rows.len());
        if let Some(error) = error {
            let mut why = verdict::incomplete(&error);
            why.reason = format!("{failed} of {asked} owners could not be asked: {}", why.reason);
            let expected = if everybody {
                Expected::Owners(count(asked))
            } else {
                Expected::Rows(read + count(missing.len()))
            };
            let rows = rows.into_iter().chain(named_only(missing.iter(), self.kind)).collect();
            return Judged::Settled(Settled::short(rows, Coverage::Partial { read, expected, why }));
        }
        let listed = Listed {
            rows,
            total: None,
            totals: Totals::Agree,
            end: End::Seen,
            joined: true,
            trouble: None,
            failure: None,
            unusable,
        };
        let looked =
            if missing.len() > MAX_SINGLE_LOOKS { None } else { Some(self.look_for(&missing, index).await) };
        let Some(looked) = looked.filter(|looked| looked.lost.is_empty()) else {
            let why = verdict::missing_rows(missing.len(), 0);
            return Judged::Settled(self.partial(listed, &missing, why));
        };
        let why =
            verdict::doubt(&listed).or_else(|| (doubtful > 0).then(|| verdict::doubtful_owners(doubtful)));
        if let Some(why) = why {
            return Judged::Settled(self.partial(listed, &[], why));
        }
        let rows = sorted(listed.rows.into_iter().chain(looked.found).collect());
        Judged::Settled(self.settle_owners(rows, asked, plan, known, everybody))
    }

    fn settle_owners(
        &self,
        rows: Vec<Credential>,
        asked: usize,
        plan: &Plan<'_>,
        known: Known<'_>,
        everybody: bool,
    ) -> Settled {
        if everybody {
            return Settled::complete(rows, vec![Witness::EveryUser]);
        }
        if known.index.state(self.kind) == IndexState::Available {
            return Settled::complete(rows, vec![Witness::Index]);
        }
        let why = verdict::not_everybody_asked(asked, plan.named.len() + plan.others.len());
        Settled::short(rows, Coverage::Unconfirmed { why, tolerated: false })
    }
}

/// The error, where everybody who was asked was refused.
fn refused_all(gathered: &mut Gathered) -> Option<RequestError> {
    if gathered.failed == gathered.asked { gathered.error.take() } else { None }
}

/// The filter that the rows of all `owners` pass.
pub(super) fn any_of(owners: &[&UserId]) -> String {
    let terms: Vec<_> =
        owners.iter().map(|owner| format!("user.value eq {}", literal(owner.as_str()))).collect();
    terms.join(" or ")
}

/// What the index names, owner by owner.
pub(super) fn named_by_owner(named: &[(CredentialId, UserId)]) -> HashMap<&UserId, Vec<&CredentialId>> {
    let mut owners: HashMap<&UserId, Vec<&CredentialId>> = HashMap::new();
    for (id, owner) in named {
        owners.entry(owner).or_default().push(id);
    }
    owners
}

/// Which of the `owners` lack a row that is named of them.
pub(super) fn lacking<'o>(
    rows: &[Credential],
    owners: &[&'o UserId],
    named: &HashMap<&UserId, Vec<&CredentialId>>,
) -> Vec<&'o UserId> {
    let has: HashSet<&CredentialId> = rows.iter().map(|row| &row.id).collect();
    let lacks =
        |owner: &&&UserId| named.get(**owner).is_some_and(|ids| ids.iter().any(|id| !has.contains(*id)));
    owners.iter().filter(lacks).copied().collect()
}
