//! A running simulation.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;
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

/// A credential as it really is, for tests to hold an audit against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TruthRow {
    /// Its collection.
    pub collection: Collection,
    /// Its SCIM id.
    pub id: String,
    /// Its owner's SCIM id.
    pub owner: String,
    /// Its owner's user name.
    pub user_name: String,
    /// When it was made; nothing where the domain does not say or says nonsense.
    pub created: Option<Timestamp>,
    /// When a database password was last set.
    pub last_set: Option<Timestamp>,
    /// Its own expiry.
    pub expires_on: Option<Timestamp>,
    /// Whether the owner may create more of the kind; nothing where the domain does not say.
    pub capability: Option<bool>,
    /// Whether the owner is in the listing of users.
    pub owner_listed: bool,
}

/// A user as they really are, for tests to hold an audit against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TruthUser {
    /// The SCIM id.
    pub id: String,
    /// `userName`.
    pub name: String,
    /// The mail address.
    pub email: Option<String>,
    /// Whether they can sign in; nothing where the domain does not say. So are the flags that follow.
    pub active: Option<bool>,
    /// `serviceUser`.
    pub service: bool,
    /// `isFederatedUser`.
    pub federated: bool,
    /// `meta.created`.
    pub created: Timestamp,
    /// The last login to the console.
    pub last_login: Option<Timestamp>,
    /// `mfaStatus`.
    pub mfa: Option<&'static str>,
    /// Groups.
    pub groups: Vec<&'static str>,
    /// Application roles, each with whether it administers the domain.
    pub roles: Vec<(&'static str, bool)>,
    /// What the user may create, in the order of [`Collection::CREDENTIALS`].
    pub capabilities: Vec<Option<bool>>,
    /// `canUseConsolePassword`.
    pub console_password: Option<bool>,
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

    /// Every credential as it really is, hidden ones included.
    pub fn truth(&self) -> Vec<TruthRow> {
        let domain = self.tenancy.domain();
        let rows = Collection::CREDENTIALS
            .into_iter()
            .flat_map(|collection| domain.credentials(collection).iter().map(move |row| (collection, row)));
        let truth = rows.filter_map(|(collection, row)| {
            let owner = domain.users.get(row.owner)?;
            Some(TruthRow {
                collection,
                id: row.id.to_string(),
                owner: owner.id.to_string(),
                user_name: owner.name.to_string(),
                created: row.created.instant(),
                last_set: row.last_set.map(|stamp| stamp.at),
                expires_on: row.expires.map(|stamp| stamp.at),
                capability: owner.capability(collection),
                owner_listed: !owner.ghost,
            })
        });
        truth.collect()
    }

    /// The users that its listing shows, as they really are.
    pub fn users(&self) -> Vec<TruthUser> {
        let domain = self.tenancy.domain();
        let listed = domain.users.iter().filter(|user| !user.ghost);
        let users = listed.map(|user| TruthUser {
            id: user.id.to_string(),
            name: user.name.to_string(),
            email: user.email.as_deref().map(str::to_owned),
            active: user.active,
            service: user.service,
            federated: user.federated,
            created: user.created.at,
            last_login: user.last_login.map(|stamp| stamp.at),
            mfa: user.mfa,
            groups: user.groups.clone(),
            roles: user.roles.clone(),
            capabilities: Collection::CREDENTIALS.into_iter().map(|each| user.capability(each)).collect(),
            console_password: user.capabilities.and_then(|flags| flags.get(6).copied().flatten()),
        });
        users.collect()
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

    /// Counts a request to a collection.
    pub(crate) fn count(&self, collection: Collection) -> Number {
        let mut stats = self.stats();
        let of_collection = stats.by_collection.entry(collection).or_default();
        *of_collection += 1;
        let of_collection = *of_collection;
        Number { of_collection, of_all: stats.by_collection.values().sum() }
    }
}
