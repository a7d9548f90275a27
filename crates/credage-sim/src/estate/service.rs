//! What the Identity service and its neighbours know, and which path leads where.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use hyper::http::request::Parts;
use jiff::Timestamp;
use serde_json::json;

use super::certificates::Authority;
use super::notifications::Topics;
use super::{DomainSpec, EstateConfig, Place, bind, identity, notifications, principals};
use crate::clock;
use crate::error::SimError;
use crate::http::Stats;
use crate::http::answer::{Outcome, with_status};
use crate::http::server::Service;
use crate::keyring::Keyring;
use crate::keys::Key;
use crate::sim::{Recorded, Sim};

/// What everything but the domains knows.
#[derive(Debug)]
pub(super) struct State {
    pub(super) config: EstateConfig,
    pub(super) url: String,
    pub(super) keyring: Arc<Keyring>,
    pub(super) entries: Vec<DomainEntry>,
    pub(super) authority: Authority,
    /// The service account's token of the cluster.
    pub(super) account: Mutex<Option<String>>,
    pub(super) topics: Topics,
    pub(super) notes: Mutex<Vec<Recorded>>,
    pub(super) stats: Mutex<Stats>,
    pub(super) busy: AtomicU64,
    pub(super) certificates_read: AtomicU64,
    /// Delegation tokens that were written so far.
    pub(super) delegations: AtomicU64,
    /// Other tenancies that the same Identity service answers for.
    pub(super) neighbours: RwLock<Vec<Arc<State>>>,
}

/// A domain, as the Identity service lists it.
#[derive(Debug)]
pub(super) struct DomainEntry {
    pub(super) ocid: String,
    pub(super) url: String,
    pub(super) home_region_url: String,
}

impl DomainEntry {
    /// Starts what answers for a domain.
    pub(super) async fn start(
        ocid: String,
        spec: &DomainSpec,
        key: &Arc<Key>,
        keyring: &Arc<Keyring>,
        running: &mut Vec<Sim>,
    ) -> Result<Self, SimError> {
        if spec.place == Place::Nowhere {
            let (_, address) = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
            let url = format!("http://{address}");
            return Ok(Self { ocid, home_region_url: url.clone(), url });
        }
        let sim = Sim::start_with(spec.config.clone(), Arc::clone(key), Arc::clone(keyring)).await?;
        let home_region_url = sim.url().to_owned();
        running.push(sim);
        if spec.place == Place::Here {
            return Ok(Self { ocid, url: home_region_url.clone(), home_region_url });
        }
        // Elsewhere nobody is known.
        let strict = crate::config::SimConfig { users: 1, ..crate::config::SimConfig::new(spec.config.now) };
        let sim = Sim::start_with(strict, Arc::clone(key), Arc::new(Keyring::default())).await?;
        let url = sim.url().to_owned();
        running.push(sim);
        Ok(Self { ocid, url, home_region_url })
    }
}

impl State {
    /// The neighbour whose key has signed.
    fn signed_by_neighbour(&self, parts: &Parts) -> Option<Arc<Self>> {
        let signature = parts.headers.get("authorization")?.to_str().ok()?;
        let neighbours = self.neighbours.read().unwrap_or_else(PoisonError::into_inner);
        let is_theirs =
            |state: &&Arc<Self>| signature.contains(&format!("keyId=\"{}/", state.config.tenancy));
        neighbours.iter().find(is_theirs).cloned()
    }

    /// Remembers a request for a token.
    pub(super) fn note(&self, parts: &Parts, body: &[u8]) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(Recorded::new(parts, body));
    }
}

impl Service for State {
    fn answer(&self, parts: &Parts, body: &[u8]) -> Outcome {
        let path = parts.uri.path();
        if let Some(rest) = path.strip_prefix("/20181201/topics/") {
            return notifications::answer(self, parts, body, rest);
        }
        let answer = if let Some(rest) = path.strip_prefix("/opc/v2/") {
            principals::metadata(self, parts, rest)
        } else if path == "/v1/x509" {
            principals::federate(self, parts, body)
        } else if path == "/resourcePrincipalSessionTokens" {
            principals::pod(self, parts, body)
        } else if let Some(rest) = path.strip_prefix("/20160918/") {
            match self.signed_by_neighbour(parts) {
                Some(neighbour) => identity::answer(&neighbour, parts, body, rest),
                None => identity::answer(self, parts, body, rest),
            }
        } else {
            let body = json!({"code": "NotFound", "message": "no such path"}).to_string();
            with_status(404, body.into_bytes())
        };
        Outcome::Answer(answer)
    }

    fn latency(&self) -> Duration {
        self.config.latency
    }

    fn clock(&self) -> Timestamp {
        clock::ahead(self.config.clock_skew)
    }

    fn stats(&self) -> MutexGuard<'_, Stats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn busy(&self) -> &AtomicU64 {
        &self.busy
    }
}
