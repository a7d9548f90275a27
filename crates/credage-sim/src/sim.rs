//! A running simulation.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::collection::Collection;
use crate::config::SimConfig;
use crate::data::{Auditor, Domain, generate};
use crate::error::SimError;
use crate::http::pace::Pace;
use crate::http::{Stats, server};
use crate::keyring::Keyring;
use crate::keys::{AUDITOR, Key};
use crate::lens::{Lens, Repeats, Sight};
use crate::truth::{self, TruthRow, TruthUser};

/// A running simulation. It ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Sim {
    pub(crate) tenancy: Arc<Tenancy>,
    pub(crate) key: Arc<Key>,
    server: JoinHandle<()>,
}

/// What the server knows: who may sign, what the domain holds, and what was asked so far.
#[derive(Debug)]
pub(crate) struct Tenancy {
    pub(crate) config: SimConfig,
    pub(crate) url: String,
    pub(crate) busy: AtomicU64,
    domain: RwLock<Domain>,
    pub(crate) keyring: Arc<Keyring>,
    pace: Mutex<Pace>,
    stats: Mutex<Stats>,
    notes: Mutex<Vec<Recorded>>,
    pub(crate) lens: Lens,
    repeats: Mutex<Repeats>,
    trace: Mutex<Vec<String>>,
    /// What there was at the start.
    before: (Vec<TruthRow>, Vec<TruthUser>),
}

/// A request to an endpoint that gives tokens, as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its method and path.
    pub target: String,
    /// Its headers, names in lower case.
    pub headers: std::collections::BTreeMap<String, String>,
    /// Its body.
    pub body: String,
}

impl Recorded {
    pub(crate) fn new(parts: &hyper::http::request::Parts, body: &[u8]) -> Self {
        let text =
            |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            target: format!("{} {}", parts.method, parts.uri.path()),
            headers: parts
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect(),
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }
}

/// The how-manyth request this is, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    pub(crate) of_collection: u64,
    pub(crate) of_all: u64,
}

impl Sim {
    /// Starts a simulation on the current tokio runtime.
    pub async fn start(config: SimConfig) -> Result<Self, SimError> {
        let key = Arc::new(Key::generate()?);
        let keyring = Arc::new(Keyring::default());
        keyring.welcome(key.api_key_signer());
        Self::start_with(config, key, keyring).await
    }

    /// Starts a domain that lets in whoever is on `keyring`; the auditor signs with `key`.
    pub(crate) async fn start_with(
        config: SimConfig,
        key: Arc<Key>,
        keyring: Arc<Keyring>,
    ) -> Result<Self, SimError> {
        if !config.address.ip().is_loopback() {
            return Err(SimError::NotLoopback(config.address));
        }
        let largest = 50_000_000;
        let count = config.users.max(config.credentials.unwrap_or_default());
        if count > largest {
            return Err(SimError::TooMany(count));
        }
        let auditor = Auditor { ocid: AUDITOR, fingerprint: &key.fingerprint };
        let domain = generate(&config, &auditor);
        let lens = Lens::new(&config.lies, &domain);
        let changes = config.churn.is_some() || !config.changes.is_empty();
        let before = if changes { (truth::rows(&domain), truth::users(&domain)) } else { Default::default() };
        let address = config.address;
        let failed = |source| SimError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound: SocketAddr = listener.local_addr().map_err(failed)?;
        let tenancy = Arc::new(Tenancy {
            url: format!("http://{bound}"),
            busy: AtomicU64::new(0),
            domain: RwLock::new(domain),
            keyring,
            pace: Mutex::new(Pace::new(config.rate_limit)),
            stats: Mutex::default(),
            notes: Mutex::default(),
            lens,
            repeats: Mutex::default(),
            trace: Mutex::default(),
            before,
            config,
        });
        let server = tokio::spawn(server::serve(listener, None, Arc::clone(&tenancy)));
        Ok(Self { tenancy, key, server })
    }

    /// The URL of its domain.
    pub fn url(&self) -> &str {
        &self.tenancy.url
    }

    /// What was asked so far.
    pub fn stats(&self) -> Stats {
        self.tenancy.stats().clone()
    }

    /// The requests for tokens so far.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.tenancy.notes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets a confidential application in.
    pub fn welcome_client(&self, id: &str, secret: &str) {
        self.tenancy.keyring.welcome_client(id.to_owned(), secret.to_owned());
    }

    /// Takes a foreign token for token exchange.
    pub fn welcome_subject(&self, token: &str) {
        self.tenancy.keyring.welcome_subject(token.to_owned());
    }

    /// Ends every token at once, wherever a run is.
    pub fn revoke_tokens(&self) {
        self.tenancy.keyring.revoke_tokens();
    }

    /// Starts another domain of the same tenancy, which lets the same auditor in.
    pub async fn start_beside(&self, config: SimConfig) -> Result<Self, SimError> {
        Self::start_with(config, Arc::clone(&self.key), Arc::clone(&self.tenancy.keyring)).await
    }

    /// Every credential as it really is at this moment, those included that no answer shows.
    pub fn truth(&self) -> Vec<TruthRow> {
        truth::rows(&self.tenancy.domain())
    }

    /// Every credential as it was at the start.
    pub fn truth_at_start(&self) -> Vec<TruthRow> {
        if self.changes() { self.tenancy.before.0.clone() } else { self.truth() }
    }

    /// Credentials that were there at some time and are gone.
    pub fn departed(&self) -> Vec<TruthRow> {
        truth::departed(&self.tenancy.domain())
    }

    /// The ids of users who were there at some time and are gone.
    pub fn departed_users(&self) -> Vec<String> {
        self.tenancy.domain().dismissed.iter().map(ToString::to_string).collect()
    }

    /// Whether a user shows the extension that is the index, if there is an index.
    pub fn shows_index(&self, user: &str) -> bool {
        let domain = self.tenancy.domain();
        domain.user(user).is_some_and(|(_, user)| self.tenancy.lens.shows_index(user))
    }

    /// Whether a user shows the list of a kind in the index, if there is an index.
    pub fn shows_index_list(&self, user: &str, kind: Collection) -> bool {
        let domain = self.tenancy.domain();
        domain.user(user).is_some_and(|(_, user)| self.tenancy.lens.shows_list_readably(user, kind))
    }

    /// The users as they really are at this moment, those included that lies do not show.
    pub fn users(&self) -> Vec<TruthUser> {
        truth::users(&self.tenancy.domain())
    }

    /// The users as they were at the start.
    pub fn users_at_start(&self) -> Vec<TruthUser> {
        if self.changes() { self.tenancy.before.1.clone() } else { self.users() }
    }

    /// What lies leave of a user or credential to see.
    pub fn sight(&self, collection: Collection, id: &str) -> Sight {
        self.tenancy.lens.sight(&self.tenancy.domain(), collection, id)
    }

    /// The SCIM id of the auditor.
    pub fn auditor(&self) -> String {
        let domain = self.tenancy.domain();
        let user = domain.owner_place(AUDITOR).and_then(|place| domain.users.get(place));
        user.map(|user| user.id.to_string()).unwrap_or_default()
    }

    /// The requests and answers so far, a line each, where the configuration asks for them.
    pub fn trace(&self) -> Vec<String> {
        self.tenancy.trace.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn changes(&self) -> bool {
        self.tenancy.config.churn.is_some() || !self.tenancy.config.changes.is_empty()
    }

    /// Ends it.
    pub async fn stop(self) {
        self.server.abort();
        // Being aborted is how it ends.
        let _ = self.tenancy.busy.load(std::sync::atomic::Ordering::Relaxed);
        tokio::task::yield_now().await;
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Tenancy {
    pub(crate) fn domain(&self) -> RwLockReadGuard<'_, Domain> {
        self.domain.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn domain_mut(&self) -> RwLockWriteGuard<'_, Domain> {
        self.domain.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn stats(&self) -> MutexGuard<'_, Stats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, parts: &hyper::http::request::Parts, body: &[u8]) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(Recorded::new(parts, body));
    }

    /// Keeps a line about a request.
    pub(crate) fn tell(&self, line: String) {
        self.trace.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// How often the same request came before.
    pub(crate) fn repeats(&self, request: u64) -> u64 {
        self.repeats.lock().unwrap_or_else(PoisonError::into_inner).before(request)
    }

    /// Counts a request to a collection.
    pub(crate) fn count(&self, collection: Collection) -> Number {
        let mut stats = self.stats();
        let of_collection = stats.by_collection.entry(collection).or_default();
        *of_collection += 1;
        let of_collection = *of_collection;
        Number { of_collection, of_all: stats.by_collection.values().sum() }
    }
}
