//! What an audit of a domain would meet, found out in a few cheap requests: a page of users, and for every kind one row
//! of each listing of the ladder until one answers.
//!
//! The questions are the collector's own. A hundred users with their index are what the answers are held against: a
//! listing that has fewer rows than these users alone are named to own hides some.

use std::sync::atomic::AtomicU64;

use credage_core::kind::PerKind;
use credage_core::{Coverage, Credential, Kind, Listing, User, UserDetails, UserId};
use futures::future::join_all;

use super::Scope;
use super::collections;
use super::control::is_own;
use super::habits::Habits;
use super::index::Index;
use super::interner::Interner;
use super::ladder::PASS_ALL;
use super::listing::{Reader, count};
use super::names::Names;
use super::own::Own;
use super::owners::{any_of, lacking, named_by_owner};
use super::progress::Counter;
use super::reconcile::KindReader;
use super::rows::{CredentialRow, UserRow};
use super::users::{self, View};
use super::verdict::may_answer_another_listing;
use crate::client::{Client, RequestError};
use crate::scim::page::Page;
use crate::scim::query::{MAX_COUNT, Query, literal};

/// Users that are looked at.
const SAMPLE: u64 = 100;

/// What was met.
#[derive(Debug)]
pub struct Probe {
    /// The users, and what their index names.
    pub users: Result<UsersSeen, RequestError>,
    /// Every kind, in the order of [`Kind::ALL`]; none where the domain answers nothing.
    pub kinds: Vec<KindSeen>,
    /// Whether the caller's own API key is shown.
    pub own_key: OwnKey,
}

/// A look at the users.
#[derive(Debug)]
pub struct UsersSeen {
    /// How many there are.
    pub total: u64,
    /// How many were looked at.
    pub sampled: u64,
    /// Whether they carry the index of their credentials.
    pub index: bool,
    /// Of those that were looked at, how many own a credential of each kind.
    pub owners: PerKind<u64>,
}

/// A look at a kind.
#[derive(Debug)]
pub struct KindSeen {
    /// Which one.
    pub kind: Kind,
    /// How it answered.
    pub answer: Answer,
    /// How many listings above it were refused or not believed.
    pub left: u64,
}

/// How a kind answered.
#[derive(Debug)]
pub enum Answer {
    /// This listing answers. It has so many rows in all, where it tells.
    Rows(Listing, Option<u64>),
    /// The listing is empty, and no user who was looked at is named to own one.
    Empty(Listing),
    /// The listing has fewer rows than the users who were looked at are named to own.
    Hides {
        /// Which listing.
        listing: Listing,
        /// Its rows.
        rows: u64,
        /// What is named.
        named: u64,
    },
    /// No listing answers; this is what the last one said.
    Refused(RequestError),
    /// No listing of the whole answers, and no user is known to ask for.
    NobodyToAsk(RequestError),
}

/// Whether the caller's own API key is among the rows of its owner.
#[derive(Debug)]
pub enum OwnKey {
    /// It is.
    Seen,
    /// It is not.
    Missing,
    /// The question was refused.
    Refused(RequestError),
    /// It could not be looked for, for this reason.
    NotTried(&'static str),
}

/// Looks at a domain.
pub async fn probe(client: &Client) -> Probe {
    let run = Run {
        client,
        interner: Interner::default(),
        names: Names::default(),
        tally: AtomicU64::new(0),
        habits: Habits::default(),
        own: Own::new(client.principal()),
        counter: Counter::default(),
    };
    let sample = match run.sample().await {
        Ok(sample) => sample,
        Err(error) if answers_nobody(&error) => {
            let own_key = OwnKey::NotTried("the domain does not answer");
            return Probe { users: Err(error), kinds: Vec::new(), own_key };
        }
        Err(error) => {
            let nobody = Sample { total: 0, users: Vec::new(), index: nothing_named(), own: None };
            let kinds = join_all(Kind::ALL.map(|kind| run.kind(kind, &nobody))).await;
            return Probe {
                users: Err(error),
                kinds,
                own_key: OwnKey::NotTried("the users cannot be listed"),
            };
        }
    };
    let kinds = join_all(Kind::ALL.map(|kind| run.kind(kind, &sample))).await;
    let own_key = run.own_key(&sample).await;
    Probe { users: Ok(sample.seen()), kinds, own_key }
}

/// Whether an answer to one question is the answer to all.
const fn answers_nobody(error: &RequestError) -> bool {
    match error {
        RequestError::Refused { status, .. } => matches!(status, 300..=399 | 401),
        RequestError::Unavailable { .. } | RequestError::Auth(_) => true,
    }
}

fn nothing_named() -> Index {
    Index::default()
}

struct Run<'a> {
    client: &'a Client,
    interner: Interner,
    names: Names,
    tally: AtomicU64,
    habits: Habits,
    own: Own<'a>,
    counter: Counter,
}

/// The users who were looked at.
struct Sample {
    total: u64,
    users: Vec<User>,
    index: Index,
    own: Option<UserId>,
}

impl Sample {
    fn named(&self, kind: Kind) -> u64 {
        count(self.index.of(kind).len())
    }

    /// Users who are named to own one, else the caller, else anybody.
    fn to_ask(&self, kind: Kind) -> Vec<&UserId> {
        let named = self.index.owners(kind);
        let mut owners: Vec<&UserId> =
            self.users.iter().map(|user| &user.id).filter(|id| named.contains_key(id)).take(2).collect();
        if owners.is_empty() {
            owners.extend(self.own.as_ref().or_else(|| self.users.first().map(|user| &user.id)));
        }
        owners
    }

    fn seen(&self) -> UsersSeen {
        UsersSeen {
            total: self.total,
            sampled: count(self.users.len()),
            index: self.index.is_returned(),
            owners: PerKind::from_fn(|kind| count(self.index.owners(kind).len())),
        }
    }
}

impl Run<'_> {
    fn reader(&self) -> Reader<'_> {
        Reader { client: self.client, tally: &self.tally, counter: &self.counter, habits: &self.habits }
    }

    fn kind_reader(&self, kind: Kind) -> KindReader<'_> {
        KindReader { kind, reader: self.reader(), interner: &self.interner, own: &self.own }
    }

    async fn sample(&self) -> Result<Sample, RequestError> {
        let mut query = Query::whole(
            collections::USERS,
            collections::user_attributes(&Kind::ALL, UserDetails::default()),
        );
        let mut answer = self.reader().page::<UserRow>(&query, 1, SAMPLE).await;
        if matches!(&answer, Err(RequestError::Refused { status: 400, .. })) {
            query = query.unsorted();
            answer = self.reader().page(&query, 1, SAMPLE).await;
        }
        let page = answer?;
        let total = page.announced();
        let mut rows: Vec<_> =
            page.resources.into_iter().map(|row| row.into_record(&self.interner, &self.names)).collect();
        let caller = self.client.principal().user_ocid();
        let is_caller = |user: &User| caller.is_some() && user.ocid.as_deref() == caller;
        if let Some(ocid) = caller
            && !rows.iter().any(|row| is_caller(&row.user))
        {
            // Where the caller lives in another domain, nobody is found.
            let filter = format!("ocid eq {}", literal(ocid));
            let query = Query::filtered(query.path, query.attributes, filter).unsorted();
            let found = self.reader().page::<UserRow>(&query, 1, 1).await;
            let found = found.map_or_else(|_| Vec::new(), |page| page.resources);
            rows.extend(found.into_iter().map(|row| row.into_record(&self.interner, &self.names)));
        }
        let scope = Scope { kinds: Kind::ALL.to_vec(), users: None, details: UserDetails::default() };
        let view = View { caller, since: None };
        let users::UsersRead { users, index, .. } =
            users::split(rows, Coverage::NotApplicable, &scope, UserDetails::default(), view);
        let own = users.iter().find(|user| is_caller(user)).map(|user| user.id.clone());
        Ok(Sample { total, users, index, own })
    }

    /// Climbs down the ladder until a listing answers and proves right, as far as a look can tell.
    async fn kind(&self, kind: Kind, sample: &Sample) -> KindSeen {
        let reader = self.kind_reader(kind);
        let filtered = PASS_ALL.map(|filter| (Listing::Filtered, reader.filtered(filter.to_owned())));
        let rungs = std::iter::once((Listing::Whole, reader.whole())).chain(filtered);
        let mut left = 0;
        let mut best = None;
        for (listing, query) in rungs {
            match reader.reader.page::<CredentialRow>(&query, 1, 1).await {
                Ok(page) if page.announced() >= sample.named(kind) => {
                    let rows = page.announced();
                    let answer =
                        if rows > 0 { Answer::Rows(listing, Some(rows)) } else { Answer::Empty(listing) };
                    return KindSeen { kind, answer, left };
                }
                Ok(page) => {
                    let (rows, named) = (page.announced(), sample.named(kind));
                    best.get_or_insert(Answer::Hides { listing, rows, named });
                }
                Err(error) if may_answer_another_listing(&error) => {
                    if !matches!(best, Some(Answer::Hides { .. })) {
                        best = Some(Answer::Refused(error));
                    }
                }
                Err(error) => return KindSeen { kind, answer: Answer::Refused(error), left },
            }
            left += 1;
        }
        self.by_owner(&reader, sample, best, left).await
    }

    async fn by_owner(
        &self,
        reader: &KindReader<'_>,
        sample: &Sample,
        best: Option<Answer>,
        mut left: u64,
    ) -> KindSeen {
        let kind = reader.kind;
        let owners = sample.to_ask(kind);
        if owners.len() >= 2 {
            let query = reader.search(any_of(&owners));
            if let Ok(page) = reader.reader.page(&query, 1, MAX_COUNT).await
                && lacking(&rows(reader, page), &owners, &named_by_owner(sample.index.of(kind))).is_empty()
            {
                return KindSeen { kind, answer: Answer::Rows(Listing::Batched, None), left };
            }
            left += 1;
        }
        let Some(owner) = owners.first() else {
            let answer = match best {
                Some(Answer::Refused(error)) => Answer::NobodyToAsk(error),
                Some(answer) => answer,
                None => Answer::Empty(Listing::Whole),
            };
            return KindSeen { kind, answer, left };
        };
        let named = sample.index.owners(kind).contains_key(owner);
        let answer = match reader.reader.page::<CredentialRow>(&reader.one(owner), 1, 1).await {
            Ok(page) if named && page.announced() == 0 => best
                .filter(|best| matches!(best, Answer::Hides { .. }))
                .unwrap_or(Answer::Hides { listing: Listing::Single, rows: 0, named: sample.named(kind) }),
            Ok(_) => Answer::Rows(Listing::Single, None),
            Err(error) => {
                best.filter(|best| matches!(best, Answer::Hides { .. })).unwrap_or(Answer::Refused(error))
            }
        };
        KindSeen { kind, answer, left }
    }

    async fn own_key(&self, sample: &Sample) -> OwnKey {
        let Some(fingerprint) = self.client.principal().fingerprint() else {
            return OwnKey::NotTried("you do not sign with an API key of your own");
        };
        let Some(own) = &sample.own else {
            return OwnKey::NotTried("you are not a user of this domain");
        };
        let reader = self.kind_reader(Kind::ApiKey);
        match reader.reader.page(&reader.one(own), 1, MAX_COUNT).await {
            Ok(page) => {
                let own = rows(&reader, page).iter().any(|row| is_own(row, fingerprint));
                if own { OwnKey::Seen } else { OwnKey::Missing }
            }
            Err(error) => OwnKey::Refused(error),
        }
    }
}

fn rows(reader: &KindReader<'_>, page: Page<CredentialRow>) -> Vec<Credential> {
    page.resources.into_iter().map(|row| reader.convert(row)).collect()
}
