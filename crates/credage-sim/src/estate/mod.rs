//! A whole tenancy: the Identity service, several domains of different licences (a port each), and everything that
//! gives tokens: instance metadata, federation, the cluster proxy.

mod certificates;
mod identity;
mod notifications;
mod principals;
mod service;
mod ways;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use self::certificates::Authority;
pub use self::certificates::ServerCertificate;
use self::notifications::Topics;
pub use self::notifications::{Published, TOPIC};
use self::service::{DomainEntry, State};
pub use self::ways::Way;
use crate::config::{Fault, SimConfig};
use crate::error::SimError;
use crate::http::{Stats, server};
use crate::keyring::Keyring;
use crate::keys::{AUDITOR, Key, TENANCY};
use crate::profile::{ProfileFiles, write_private};
use crate::sim::{Recorded, Sim};

/// A tenancy to simulate.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, named at the call")]
pub struct EstateConfig {
    /// Its OCID, so that several can be told apart.
    pub tenancy: String,
    /// Compartments below the root.
    pub compartments: usize,
    /// The domains.
    pub domains: Vec<DomainSpec>,
    /// Where its Identity service, metadata and federation listen; a loopback address. Port 0 is a free one.
    pub address: SocketAddr,
    /// The most items of a page of the Identity service.
    pub page: usize,
    /// How long every answer of the Identity service takes at least.
    pub latency: Duration,
    /// Compartments (by place, root first) whose domains the auditor may not list.
    pub denied_compartments: Vec<usize>,
    /// Whether the subtree of compartments may be listed.
    pub compartments_denied: bool,
    /// How long the tokens last that are given for certificates and service accounts.
    pub token_lifetime: SignedDuration,
    /// How far the clock of the Identity service is ahead of the real time; negative where it is behind.
    pub clock_skew: SignedDuration,
    /// Whether the instance's certificate names another tenancy from its second reading on.
    pub tenancy_changes: bool,
    /// Whether the federation endpoint gives tokens of another tenancy than the certificate's.
    pub foreign_tokens: bool,
    /// Whether the cluster is a basic one, which gives no tokens.
    pub basic_cluster: bool,
    /// Whether instances may do nothing in their own name, as that of Cloud Shell: only on behalf of a user.
    pub instances_only_delegate: bool,
    /// Whether the instance is in a region of the realm oc17 that no table knows, and that its metadata describes.
    pub sovereign_instance: bool,
    /// What else is listed among the domains of the root compartment, as it is: entries that lack something, or are none.
    pub odd_domains: Vec<serde_json::Value>,
    /// What goes wrong with messages to topics; they name no collection.
    pub topic_faults: Vec<Fault>,
    /// What a 429 of a topic says in `Retry-After`, in seconds.
    pub topic_retry_after: Option<u64>,
}

/// A domain of a tenancy.
#[derive(Clone, Debug)]
pub struct DomainSpec {
    /// Its display name.
    pub name: String,
    /// The place of its compartment; 0 is the root.
    pub compartment: usize,
    /// `ACTIVE`, `INACTIVE`, `CREATING` or `DELETING`.
    pub state: &'static str,
    /// `licenseType`, as the Identity service writes it.
    pub licence: &'static str,
    /// Where it answers.
    pub place: Place,
    /// What it holds and how it behaves.
    pub config: SimConfig,
}

/// Where a domain answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At its URL.
    Here,
    /// At the URL of its home region alone; its URL answers 401.
    HomeRegion,
    /// Nowhere: nothing listens.
    Nowhere,
}

/// A running tenancy. It ends when it is dropped.
#[derive(Debug)]
pub struct Estate {
    state: Arc<State>,
    key: Arc<Key>,
    domains: Vec<Sim>,
    servers: Vec<JoinHandle<()>>,
}

impl EstateConfig {
    /// A tenancy with these domains, two compartments, and pages of three items.
    pub fn new(domains: Vec<DomainSpec>) -> Self {
        Self {
            tenancy: TENANCY.to_owned(),
            compartments: 2,
            domains,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            page: 3,
            latency: Duration::ZERO,
            denied_compartments: Vec::new(),
            compartments_denied: false,
            token_lifetime: SignedDuration::from_hours(1),
            clock_skew: SignedDuration::ZERO,
            tenancy_changes: false,
            foreign_tokens: false,
            basic_cluster: false,
            instances_only_delegate: false,
            sovereign_instance: false,
            odd_domains: Vec::new(),
            topic_faults: Vec::new(),
            topic_retry_after: None,
        }
    }
}

impl EstateConfig {
    /// The tenancy that the instance is of: this one, or in Cloud Shell one of the provider's own.
    fn instance_tenancy(&self) -> &str {
        if self.instances_only_delegate {
            "ocid1.tenancy.oc1..aaaaaaaasimulatedprovider"
        } else {
            &self.tenancy
        }
    }
}

impl DomainSpec {
    /// An active domain in the root compartment.
    pub fn new(name: &str, licence: &'static str, config: SimConfig) -> Self {
        Self { name: name.to_owned(), compartment: 0, state: "ACTIVE", licence, place: Place::Here, config }
    }
}

impl Estate {
    /// Starts a tenancy on the current tokio runtime.
    pub async fn start(config: EstateConfig) -> Result<Self, SimError> {
        let key = Arc::new(Key::generate()?);
        let keyring = Arc::new(Keyring::default());
        keyring.welcome(key.api_key_signer_in(&config.tenancy));
        let (listener, address) = bind(config.address).await?;
        let mut domains = Vec::new();
        let mut entries = Vec::new();
        for (number, spec) in config.domains.iter().enumerate() {
            let ocid = format!("{}domain{number}", config.tenancy.replacen("tenancy", "domain", 1));
            let entry = DomainEntry::start(ocid, spec, &key, &keyring, &mut domains).await?;
            entries.push(entry);
        }
        let authority = Authority::new(config.instance_tenancy())?;
        let state = Arc::new(State {
            config,
            url: format!("http://{address}"),
            keyring,
            entries,
            authority,
            account: Mutex::default(),
            topics: Topics::default(),
            notes: Mutex::default(),
            stats: Mutex::default(),
            busy: AtomicU64::new(0),
            certificates_read: AtomicU64::new(0),
            delegations: AtomicU64::new(0),
            neighbours: RwLock::default(),
        });
        let servers = vec![tokio::spawn(server::serve(listener, None, Arc::clone(&state)))];
        Ok(Self { state, key, domains, servers })
    }

    /// Lets its Identity service answer for another tenancy too, as that of a region does for all who live there.
    pub fn serve_neighbour(&self, other: &Self) {
        self.state.neighbours.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&other.state));
    }

    /// The URL of its Identity service, metadata and federation.
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// Its domains that answer, in the order of the configuration.
    pub fn domains(&self) -> &[Sim] {
        &self.domains
    }

    /// What was asked of everything but the domains.
    pub fn stats(&self) -> Stats {
        self.state.stats.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The requests for tokens so far.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.state.notes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The messages that topics took, in their order.
    pub fn published(&self) -> Vec<Published> {
        self.state.topics.published()
    }

    /// Ends every token at once.
    pub fn revoke_tokens(&self) {
        self.state.keyring.revoke_tokens();
    }

    /// Writes a configuration file with a DEFAULT profile, and its key, into a directory.
    pub fn write_profile(&self, dir: &Path) -> Result<ProfileFiles, SimError> {
        crate::profile::write(dir, &self.key, &self.state.config.tenancy)
    }

    /// Adds a profile SESSION that signs in with a session token of this `lifetime`, to a configuration file that
    /// [`Estate::write_profile`] wrote.
    pub fn write_session(&self, files: &ProfileFiles, lifetime: SignedDuration) -> Result<(), SimError> {
        crate::profile::add_session(files, &self.state.keyring, &self.state.config.tenancy, lifetime)
    }

    /// Writes a resource principal's token and key into a directory; both last for `lifetime`. Written again, they
    /// replace the former ones.
    pub fn write_resource_principal(&self, dir: &Path, lifetime: SignedDuration) -> Result<(), SimError> {
        let key = Key::generate()?;
        let now = crate::clock::now();
        let expires = now.checked_add(lifetime).unwrap_or(Timestamp::MAX);
        let token = crate::http::oauth::session_token(&self.state.config.tenancy, expires, now, "resource");
        self.state.keyring.welcome(key.token_signer(&token, expires));
        write_private(&dir.join("rpst"), &token)?;
        write_private(&dir.join("rpst.pem"), &key.pem()?)
    }

    /// Writes a delegation token that lasts for `lifetime` into a file, with the profile of Cloud Shell beside it: a tenancy, a
    /// region and that file. Written again, it replaces the former one, which is taken until it ends. Yields the token.
    pub fn write_delegation(&self, dir: &Path, lifetime: SignedDuration) -> Result<String, SimError> {
        let now = crate::clock::now();
        let expires = now.checked_add(lifetime).unwrap_or(Timestamp::MAX);
        let number = self.state.delegations.fetch_add(1, Ordering::Relaxed);
        let claims =
            serde_json::json!({"sub": AUDITOR, "exp": expires.as_second(), "jti": number.to_string()});
        let token = crate::keys::jwt(&claims);
        self.state.keyring.welcome_delegation(token.clone(), expires);
        let file = dir.join("delegation_token");
        write_private(&file, &format!("{token}\n"))?;
        let tenancy = &self.state.config.tenancy;
        let profile = format!(
            "[us-ashburn-1]\ntenancy={tenancy}\nregion=us-ashburn-1\ndelegation_token_file={}\n",
            file.display()
        );
        write_private(&dir.join("cloud_shell_config"), &profile)?;
        Ok(token)
    }

    /// Starts a cluster's proxy at port 12250 of a loopback address, and writes what a pod finds of it into a
    /// directory: `token` and `ca.crt`. Yields the host.
    pub async fn start_cluster(&mut self, host: Ipv4Addr, dir: &Path) -> Result<String, SimError> {
        let (listener, _) = bind(SocketAddr::from((host, 12_250))).await?;
        let (ca, tls) = self.state.authority.serve_as(&ServerCertificate::of(&host.to_string()))?;
        let expires =
            crate::clock::now().checked_add(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MAX);
        let token = crate::keys::jwt(
            &serde_json::json!({"sub": "system:serviceaccount:credage", "exp": expires.as_second()}),
        );
        *self.state.account.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        write_private(&dir.join("token"), &token)?;
        write_private(&dir.join("ca.crt"), &ca)?;
        self.servers.push(tokio::spawn(server::serve(listener, Some(tls), Arc::clone(&self.state))));
        Ok(host.to_string())
    }

    /// Serves everything over TLS too; writes the authority of its certificate to `ca` and yields the URL.
    pub async fn start_tls(
        &mut self,
        ca: &Path,
        certificate: &ServerCertificate,
    ) -> Result<String, SimError> {
        let (listener, address) = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let (pem, tls) = self.state.authority.serve_as(certificate)?;
        write_private(ca, &pem)?;
        self.servers.push(tokio::spawn(server::serve(listener, Some(tls), Arc::clone(&self.state))));
        Ok(format!("https://{address}"))
    }
}

impl Drop for Estate {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), SimError> {
    if !address.ip().is_loopback() {
        return Err(SimError::NotLoopback(address));
    }
    let failed = |source| SimError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
