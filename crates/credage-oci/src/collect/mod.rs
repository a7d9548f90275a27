//! From a domain to an inventory that can be believed.
//!
//! Users and all kinds are asked for at once, each as a whole listing. The users bring an index of who owns what; every kind
//! is then compared with it (`reconcile.rs`) and read in other ways where the domain refuses or the numbers do not add up
//! (`ladder.rs`). Owners who are not listed are asked for by id (`absent.rs`), and an empty kind is believed only if other
//! users' credentials can be seen at all (`sight.rs`). Whatever cannot be proven is said in the kind's coverage.

mod absent;
mod again;
mod collections;
mod control;
mod details;
mod doubts;
mod habits;
mod index;
mod interner;
mod ladder;
mod listing;
mod look;
mod names;
mod orphans;
mod own;
mod owners;
pub mod probe;
pub mod progress;
mod reconcile;
mod rows;
mod sight;
mod unsaid;
mod users;
mod verdict;
mod verify;
mod walk;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use credage_core::kind::PerKind;
use credage_core::{
    Capability, Control, Credential, Domain, DomainInventory, IndexState, Kind, Listing, Reading, User,
    UserDetails, UserId, UserPattern,
};
use futures::future::join_all;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use self::absent::Search;
use self::again::Again;
use self::doubts::{
    doubt_what_lacks, doubt_what_names_no_owner, doubt_what_rests_on_users, name_owners_by_id,
};
use self::habits::Habits;
use self::index::Index;
use self::interner::Interner;
use self::ladder::{Ladder, Lessons, Top};
use self::listing::{Listed, Reader};
use self::names::Names;
use self::own::{Own, doubt_a_list_of_one};
pub(crate) use self::owners::FIRST_BATCH;
use self::owners::Plan;
use self::progress::Progress;
use self::reconcile::{KindReader, Known};
use self::users::{UsersRead, View};
pub use self::verdict::incomplete;
use self::verdict::may_answer_another_listing;
use crate::client::{Client, RequestError};
use crate::scim::query::MAX_COUNT;

/// Requests that any domain may cost beyond what was announced.
const LEEWAY: u64 = 2_000;
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

/// Reads a domain. Never fails: what could not be read is said in the inventory.
pub async fn collect(client: &Client, domain: Domain, scope: &Scope, progress: &Progress) -> DomainInventory {
    let run = Run::new(client, scope, progress);
    let tops = join_all(scope.kinds.iter().map(|&kind| run.top(kind)));
    let reader = run.users_reader();
    let (read, tops) = futures::join!(users::read(&reader, scope, run.names(), run.view()), tops);
    let UsersRead { mut users, index, coverage, own, details } = read;
    run.bound_requests(&tops, users.len());
    let results = run.climb_all(tops, &users, &index).await;
    let mut credentials = Vec::with_capacity(results.iter().map(|(_, rows, _)| rows.len()).sum());
    let mut readings = PerKind::from_fn(|_| Reading::not_applicable());
    for (kind, rows, reading) in results {
        *readings.get_mut(kind) =
            Reading { requests: run.tallies.get(kind).load(Ordering::Relaxed), ..reading };
        credentials.extend(rows);
    }
    name_owners_by_id(&mut credentials, &users);
    let states = run.index_states(&index, &users, &credentials);
    let caller = run.own.caller(&users, &coverage);
    let mut owners = run.search(&reader).look(&mut users, &credentials, own.as_ref()).await;
    doubt_what_lacks(&owners.named, &mut readings, &mut credentials);
    doubt_what_names_no_owner(&credentials, &mut readings);
    // Whoever was found by id is no witness to what the listing returns.
    for user in &mut users {
        details.take_back(user);
    }
    users.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    owners.gone.sort_unstable();
    run.look_at_orphans(&users, &mut credentials, &mut readings, &mut owners).await;
    forget_names_of_known_owners(&mut credentials, &users);
    let requests = run.users_tally.load(Ordering::Relaxed);
    let mut inventory = DomainInventory {
        domain,
        users_reading: users::reading(coverage, &owners, users.len(), requests),
        users,
        credentials,
        details,
        gone: owners.gone,
        readings,
        index: states,
        other_users: true,
        others_visible: false,
        control: Control::NotTried(""),
        requests: client.requests(),
        rate_limited: client.rate_limited(),
        clock_ahead: client.clock_disagreement(),
    };
    doubt_a_list_of_one(&mut inventory, &caller);
    doubt_what_rests_on_users(&mut inventory);
    control::apply(client.principal(), &mut inventory);
    sight::apply(&mut inventory, &caller);
    if !inventory.others_visible {
        inventory.others_visible = run.glimpses_others(&inventory, &caller).await;
    }
    run.doubt_what_may_not_be_asked(&mut inventory).await;
    inventory.requests = client.requests();
    inventory
}

struct Run<'a> {
    client: &'a Client,
    scope: &'a Scope,
    progress: &'a Progress,
    interner: Interner,
    names: Names,
    users_tally: AtomicU64,
    tallies: PerKind<AtomicU64>,
    habits: Habits,
    own: Own<'a>,
    /// When reading began.
    since: Timestamp,
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
            names: Names::default(),
            users_tally: AtomicU64::new(0),
            tallies: PerKind::from_fn(|_| AtomicU64::new(0)),
            habits: Habits::default(),
            own: Own::new(client.principal()),
            since: client.now(),
        }
    }

    fn kind_reader(&self, kind: Kind) -> KindReader<'_> {
        let reader = Reader {
            client: self.client,
            tally: self.tallies.get(kind),
            counter: self.progress.kind(kind),
            habits: &self.habits,
        };
        KindReader { kind, reader, interner: &self.interner, own: &self.own }
    }

    fn users_reader(&self) -> Reader<'_> {
        Reader {
            client: self.client,
            tally: &self.users_tally,
            counter: self.progress.users(),
            habits: &self.habits,
        }
    }

    const fn names(&self) -> (&Interner, &Names) {
        (&self.interner, &self.names)
    }

    fn view(&self) -> View<'_> {
        View { caller: self.own.ocid(), since: Some(self.since) }
    }

    fn search<'s>(&'s self, reader: &'s Reader<'s>) -> Search<'s> {
        Search { reader, scope: self.scope, names: (&self.interner, &self.names), view: self.view() }
    }

    async fn top(&self, kind: Kind) -> (Kind, Top) {
        let reader = self.kind_reader(kind);
        (kind, reader.list(&reader.whole()).await)
    }

    /// Bounds what may be sent from now on, several times over, by what was announced: a domain that answers for ever must
    /// not be asked for ever.
    fn bound_requests(&self, tops: &[(Kind, Top)], users: usize) {
        let announced = |top: &Top| top.as_ref().map_or(0, Listed::announced);
        let pages: u64 = tops.iter().map(|(_, top)| announced(top).div_ceil(MAX_COUNT)).sum();
        let users = listing::count(users);
        let pairs = users.saturating_mul(listing::count(tops.len()));
        let pages = pages + users.div_ceil(MAX_COUNT);
        let most = LEEWAY + pages.saturating_mul(8) + pairs.saturating_mul(4);
        self.client.set_budget(self.client.requests().saturating_add(most));
    }

    /// Whom to ask for one kind, where a domain wants to be asked for owners.
    fn plan<'u>(&self, kind: Kind, users: &'u [User], index: &'u Index) -> Plan<'u> {
        let named = index.owners(kind);
        let meant = |user: &&User| {
            self.scope.users.as_ref().is_none_or(|pattern| pattern.matches(&user.name, user.id.as_str()))
        };
        let (mut asked, mut others): (Vec<&User>, Vec<&User>) = users
            .iter()
            .filter(meant)
            .partition(|user| named.contains_key(&user.id) || index.leaves_open(kind, &user.id));
        // Batches are tried with owners whose credentials are known.
        asked.sort_by_key(|user| !named.contains_key(&user.id));
        // Who may create one is likelier to have one than who may not.
        others.sort_by_key(|user| user.capability(kind) != Capability::Enabled);
        let ids = |users: Vec<&'u User>| users.into_iter().map(|user| &user.id).collect();
        Plan { named: ids(asked), others: ids(others) }
    }

    /// Judges all kinds. Of those that were refused alike, the first goes ahead and tells the others what it
    /// learned; a kind that needs no climbing waits for nobody.
    async fn climb_all(&self, tops: Vec<(Kind, Top)>, users: &[User], index: &Index) -> Vec<Result> {
        let (listed, reader) = (users::ids(users), self.users_reader());
        let again = Again {
            reader: &reader,
            scope: self.scope,
            names: self.names(),
            view: self.view(),
            read: OnceCell::new(),
        };
        let known = Known { index, users: &listed, again: &again };
        let plans = PerKind::from_fn(|kind| self.plan(kind, users, index));
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
        let climbed = join_all(groups.into_iter().map(|group| self.climb_group(group, known, &plans))).await;
        let mut results: Vec<Result> = climbed.into_iter().flatten().collect();
        results.sort_by_key(|(kind, ..)| kind.index());
        results
    }

    async fn climb_group(&self, group: Group, known: Known<'_>, plans: &PerKind<Plan<'_>>) -> Vec<Result> {
        // The kind with the most owners learns most: with fewer than two, batches could not even be tried.
        let mut group = group;
        group.sort_by_key(|(kind, _)| std::cmp::Reverse(plans.get(*kind).named.len()));
        let mut rest = group.into_iter();
        let mut results = Vec::new();
        let mut lessons = Lessons::default();
        if let Some((kind, top)) = rest.next() {
            let (result, learned) = self.climb(kind, top, known, plans, lessons).await;
            lessons = learned;
            results.push(result);
        }
        let others = rest.map(|(kind, top)| self.climb(kind, top, known, plans, lessons));
        results.extend(join_all(others).await.into_iter().map(|(result, _)| result));
        results
    }

    async fn climb(
        &self,
        kind: Kind,
        top: Top,
        known: Known<'_>,
        plans: &PerKind<Plan<'_>>,
        lessons: Lessons,
    ) -> (Result, Lessons) {
        // Where a kind cannot be listed as a whole, the index tells how many there are to come.
        self.progress.kind(kind).announce(listing::count(known.index.of(kind).len()));
        let ladder = Ladder::new(self.kind_reader(kind), known, plans.get(kind).clone());
        let (rows, reading, learned) = ladder.climb(top, lessons).await;
        self.progress.kind(kind).finish();
        let listing = reading.listing.map_or("none", Listing::as_str);
        tracing::info!(%kind, listing, rows = reading.rows, coverage = reading.coverage.as_str(), "read");
        ((kind, rows, reading), learned)
    }

    /// What the index of each kind is worth, after the rows were read.
    fn index_states(&self, index: &Index, users: &[User], credentials: &[Credential]) -> PerKind<IndexState> {
        let listed = users::ids(users);
        let mut states = PerKind::from_fn(|kind| index.state(kind));
        for kind in self.scope.kinds.iter().copied() {
            let mut rows = credentials.iter().filter(|row| row.kind == kind);
            if rows.any(|row| index.lacks(row, &listed)) {
                *states.get_mut(kind) = IndexState::Incomplete;
            }
        }
        states
    }
}

/// The status of a refusal that leads down the ladder.
fn refusal(top: &Top) -> Option<u16> {
    top.as_ref().err().filter(|error| may_answer_another_listing(error)).and_then(RequestError::status)
}

/// What a credential calls its owner matters only where the owner is not listed.
fn forget_names_of_known_owners(credentials: &mut [Credential], users: &[User]) {
    let known: HashSet<&UserId> = users.iter().map(|user| &user.id).collect();
    for credential in credentials.iter_mut().filter(|credential| known.contains(&credential.owner)) {
        credential.owner_name = None;
    }
}
