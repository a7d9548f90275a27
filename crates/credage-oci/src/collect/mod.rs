//! From a domain to an inventory that can be believed.
//!
//! Users and all kinds are asked for at once, each as a whole listing. The users bring an index of who owns what;
//! every kind is then held against it (`reconcile.rs`) and read in other ways where the domain refuses or the
//! numbers do not add up (`ladder.rs`). Whatever cannot be proven is said in the kind's coverage.

mod collections;
mod control;
mod details;
mod interner;
mod ladder;
mod listing;
mod names;
mod owners;
pub mod probe;
pub mod progress;
mod reconcile;
mod rows;
mod users;
mod verdict;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use credage_core::kind::PerKind;
use credage_core::{
    Control, Credential, Domain, DomainInventory, IndexState, Kind, Reading, UserDetails, UserId, UserPattern,
};
use futures::future::join_all;

use self::interner::Interner;
use self::ladder::{Ladder, Lessons, Top};
use self::listing::Reader;
pub(crate) use self::owners::FIRST_BATCH;
use self::progress::Progress;
use self::reconcile::KindReader;
use self::users::{Index, UsersRead};
pub use self::verdict::incomplete;
use self::verdict::may_answer_another_listing;
use crate::client::{Client, RequestError};

/// What an audit is about.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The kinds to read, each once.
    pub kinds: Vec<Kind>,
    /// The users to read about; everybody without.
    pub users: Option<UserPattern>,
    /// Details of users to read beside what tells who may create and who has what.
    pub details: UserDetails,
}

impl Scope {
    /// Whether it leaves out kinds or users.
    pub fn is_narrow(&self) -> bool {
        self.users.is_some() || Kind::ALL.iter().any(|kind| !self.kinds.contains(kind))
    }
}

/// Reads a domain. Never fails: what could not be read is said in the inventory. Users whom the scope leaves out are in it, so
/// that somebody who means nobody can be told who there is; only what they have may have been left unread.
pub async fn collect(client: &Client, domain: Domain, scope: &Scope, progress: &Progress) -> DomainInventory {
    let run = Run::new(client, scope, progress);
    let tops = join_all(scope.kinds.iter().map(|&kind| run.top(kind)));
    let reader = Reader { client, tally: &run.users_tally, counter: progress.users() };
    let (read, tops) = futures::join!(users::read(&reader, scope, &run.interner), tops);
    let UsersRead { users, index, coverage, details } = read;
    let owners = run.owners(&users, &index);
    let results = run.climb_all(tops, &index, &owners).await;
    let index_state = if index.available { IndexState::Available } else { IndexState::Absent };
    drop(owners);
    drop(index);
    let mut readings = PerKind::from_fn(|_| Reading::not_applicable());
    let mut credentials = Vec::with_capacity(results.iter().map(|(_, rows, _)| rows.len()).sum());
    for (kind, rows, reading) in results {
        *readings.get_mut(kind) =
            Reading { requests: run.tallies.get(kind).load(Ordering::Relaxed), ..reading };
        credentials.extend(rows);
    }
    forget_names_of_known_owners(&mut credentials, &users);
    let users_reading = users::reading(coverage, users.len(), run.users_tally.load(Ordering::Relaxed));
    let mut inventory = DomainInventory {
        domain,
        users,
        credentials,
        details,
        users_reading,
        readings,
        index: index_state,
        control: Control::NotTried(""),
        requests: client.requests(),
        rate_limited: client.rate_limited(),
    };
    control::apply(client.principal(), &mut inventory);
    inventory
}

struct Run<'a> {
    client: &'a Client,
    scope: &'a Scope,
    progress: &'a Progress,
    interner: Interner,
    users_tally: AtomicU64,
    tallies: PerKind<AtomicU64>,
}

/// One kind, climbed down.
type Result = (Kind, Vec<Credential>, Reading);
/// Kinds whose topmost rung ended alike.
type Group = Vec<(Kind, Top)>;

impl<'a> Run<'a> {
    fn new(client: &'a Client, scope: &'a Scope, progress: &'a Progress) -> Self {
        Self {
            client,
            scope,
            progress,
            interner: Interner::default(),
            users_tally: AtomicU64::new(0),
            tallies: PerKind::from_fn(|_| AtomicU64::new(0)),
        }
    }

    fn kind_reader(&self, kind: Kind) -> KindReader<'_> {
        let reader =
            Reader { client: self.client, tally: self.tallies.get(kind), counter: self.progress.kind(kind) };
        KindReader { kind, reader, interner: &self.interner }
    }

    async fn top(&self, kind: Kind) -> (Kind, Top) {
        let reader = self.kind_reader(kind);
        (kind, reader.list(&reader.whole()).await)
    }

    /// Whom to ask for, kind by kind, where a domain wants to be asked for owners: those whom the index names, or
    /// everybody without one.
    fn owners<'u>(&self, users: &'u [credage_core::User], index: &'u Index) -> PerKind<Vec<&'u UserId>> {
        let meant = |user: &&credage_core::User| {
            self.scope.users.as_ref().is_none_or(|pattern| pattern.matches(&user.name, user.id.as_str()))
        };
        PerKind::from_fn(|kind| {
            let named = index.owners(kind);
            let asked = users.iter().filter(meant).map(|user| &user.id);
            asked.filter(|id| !index.available || named.contains_key(id)).collect()
        })
    }

    /// Judges all kinds. Of those that were refused alike, the first goes ahead and tells the others what it
    /// learned; a kind that needs no climbing waits for nobody.
    async fn climb_all(
        &self,
        tops: Vec<(Kind, Top)>,
        index: &Index,
        owners: &PerKind<Vec<&UserId>>,
    ) -> Vec<Result> {
        let (refused, answered): (Vec<_>, Vec<_>) =
            tops.into_iter().partition(|(_, top)| refusal(top).is_some());
        let mut groups: Vec<Group> = answered.into_iter().map(|each| vec![each]).collect();
        let mut by_status: Vec<(Option<u16>, Group)> = Vec::new();
        for each in refused {
            let status = refusal(&each.1);
            match by_status.iter_mut().find(|(known, _)| *known == status) {
                Some((_, group)) => group.push(each),
                None => by_status.push((status, vec![each])),
            }
        }
        groups.extend(by_status.into_iter().map(|(_, group)| group));
        let climbed = join_all(groups.into_iter().map(|group| self.climb_group(group, index, owners))).await;
        let mut results: Vec<Result> = climbed.into_iter().flatten().collect();
        results.sort_by_key(|(kind, ..)| kind.index());
        results
    }

    async fn climb_group(&self, group: Group, index: &Index, owners: &PerKind<Vec<&UserId>>) -> Vec<Result> {
        // The kind with the most owners learns most: with fewer than two, batches could not even be tried.
        let mut group = group;
        group.sort_by_key(|(kind, _)| std::cmp::Reverse(owners.get(*kind).len()));
        let mut rest = group.into_iter();
        let mut results = Vec::new();
        let mut lessons = Lessons::default();
        if let Some((kind, top)) = rest.next() {
            let (result, learned) = self.climb(kind, top, index, owners, lessons).await;
            lessons = learned;
            results.push(result);
        }
        let others = rest.map(|(kind, top)| self.climb(kind, top, index, owners, lessons));
        results.extend(join_all(others).await.into_iter().map(|(result, _)| result));
        results
    }

    async fn climb(
        &self,
        kind: Kind,
        top: Top,
        index: &Index,
        owners: &PerKind<Vec<&UserId>>,
        lessons: Lessons,
    ) -> (Result, Lessons) {
        // Where a kind cannot be listed as a whole, the index tells how many there are to come.
        self.progress.kind(kind).announce(listing::count(index.of(kind).len()));
        let ladder = Ladder::new(self.kind_reader(kind), index, owners.get(kind).clone());
        let (rows, reading, learned) = ladder.climb(top, lessons).await;
        self.progress.kind(kind).finish();
        let listing = reading.listing.map_or("none", credage_core::Listing::as_str);
        tracing::info!(%kind, listing, rows = reading.rows, coverage = reading.coverage.as_str(), "read");
        ((kind, rows, reading), learned)
    }
}

/// The status of a refusal that leads down the ladder.
fn refusal(top: &Top) -> Option<u16> {
    top.as_ref().err().filter(|error| may_answer_another_listing(error)).and_then(RequestError::status)
}

/// What a credential calls its owner matters only where the owner is not listed.
fn forget_names_of_known_owners(credentials: &mut [Credential], users: &[credage_core::User]) {
    let known: HashSet<&UserId> = users.iter().map(|user| &user.id).collect();
    for credential in credentials.iter_mut().filter(|credential| known.contains(&credential.owner)) {
        credential.owner_name = None;
    }
}
