//! Signing in as a compute instance: its metadata gives a certificate, the federation endpoint a token for it.
//!
//! As `instance_principals_security_token_signer.py` and `federation_client.py` of Oracle's Python SDK do: certificate
//! and key are read again at every renewal, and a certificate of another tenancy than the first one's is refused.
//!
//! With a delegation token the instance signs on behalf of a user, as Cloud Shell does
//! (`instance_principals_delegation_token_signer.py`): the instance belongs to Oracle there, so the tenancy is the profile's.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use futures::future::BoxFuture;
use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::json;
use url::Url;
use x509_cert::Certificate;
use x509_cert::der::DecodePem;

use super::error::AuthError;
use super::exchange::{Ask, field};
use super::renewal::{Authorization, Session, Source};
use super::token::{Claims, session_key};
use crate::clock::Clock;
use crate::key;
use crate::network::Network;
use crate::profile::{Environment, Setting};
use crate::region::Region;
use crate::signer::SigningKey;
use crate::waits::{Growth, Next, Waits};

/// Where instances find their metadata, in version 4 and 6 of the protocol.
const METADATA: [&str; 2] = ["http://169.254.169.254/opc/v2", "http://[fd00:c1::a9fe:a9fe]/opc/v2"];
/// The pauses between tries of the metadata.
const RETRIES: Growth =
    Growth { first: Duration::from_millis(200), longest: Duration::from_secs(2), times: 2 };
/// Metadata is a hop away: what does not answer within this time is not there.
const PROBE: Duration = Duration::from_millis(1500);
const FEDERATION: &str = "the federation endpoint";
const FEDERATION_VARIABLE: &str = "OCI_CLI_FEDERATION_ENDPOINT";

/// A compute instance.
pub(super) struct InstancePrincipal {
    network: Network,
    env: Environment,
    base: Url,
    clock: Clock,
    tenancy: OnceLock<String>,
}

impl std::fmt::Debug for InstancePrincipal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InstancePrincipal").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// Where the metadata of this instance is, if it is one. Known within two seconds.
pub(super) async fn find(network: &Network, env: &Environment) -> Result<Url, AuthError> {
    let named = env.get("OCI_METADATA_BASE_URL").map(str::trim).filter(|text| !text.is_empty());
    let bases: Vec<Url> = match named {
        Some(text) => vec![base(text)?],
        None => METADATA.iter().filter_map(|text| Url::parse(text).ok()).collect(),
    };
    let probes = bases.iter().map(|base| Box::pin(probe(network, base)));
    match futures::future::select_ok(probes).await {
        Ok((base, _)) => Ok(base),
        Err(cause) => {
            let places = bases.iter().map(Url::as_str).collect::<Vec<_>>().join(" and ");
            Err(AuthError::NoMetadata { places, cause })
        }
    }
}

/// Metadata is on the instance's own link, and only there may it be asked for in the clear.
fn base(text: &str) -> Result<Url, AuthError> {
    let refused = || AuthError::MetadataUrl(text.to_owned());
    let mut url = Url::parse(text).map_err(|_| refused())?;
    let near = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback() || address.is_link_local(),
        Some(url::Host::Ipv6(address)) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
        None => false,
    };
    if url.scheme() != "https" && !near {
        return Err(refused());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

async fn probe(network: &Network, base: &Url) -> Result<Url, String> {
    let asked = read(network, base, "instance/region");
    match tokio::time::timeout(PROBE, asked).await {
        Ok(Ok(_)) => Ok(base.clone()),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(format!("no answer within {} ms", PROBE.as_millis())),
    }
}

async fn read(network: &Network, base: &Url, path: &str) -> Result<Vec<u8>, String> {
    let transport = network.transport(true).map_err(|error| error.to_string())?;
    let url = Url::parse(&format!("{}/{path}", base.as_str().trim_end_matches('/')))
        .map_err(|error| error.to_string())?;
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer Oracle"));
    let reply = transport.send(&Method::GET, &url, headers, None, network.timeout()).await;
    let reply = reply.map_err(|error| error.to_string())?;
    if reply.status == 200 { Ok(reply.body) } else { Err(format!("{path}: status {}", reply.status)) }
}

impl InstancePrincipal {
    pub(super) fn new(base: Url, network: Network, env: Environment, clock: Clock) -> Self {
        Self { network, env, base, clock, tenancy: OnceLock::new() }
    }

    async fn metadata(&self, path: &str) -> Result<Vec<u8>, AuthError> {
        let mut waits = Waits::new(RETRIES);
        loop {
            let cause = match read(&self.network, &self.base, path).await {
                Ok(body) => return Ok(body),
                Err(cause) => cause,
            };
            let Next::Wait(pause) = waits.next(None) else {
                return Err(AuthError::NoMetadata { places: self.base.to_string(), cause });
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn region(&self, tenancy: &str) -> Result<Region, AuthError> {
        let name = self.metadata("instance/region").await?;
        let name = String::from_utf8_lossy(&name).trim().to_owned();
        let said = Setting { value: name, origin: "the instance's metadata".to_owned() };
        let found = Region::find(&said, Some(tenancy), &self.env);
        if found.as_ref().is_ok_and(|region| region.known) {
            return Ok(found?);
        }
        // A realm that no table has describes itself.
        let info = self.metadata("instance/regionInfo").await.unwrap_or_default();
        match described(&info) {
            Some(region) => Ok(region),
            None => Ok(found?),
        }
    }

    /// Begins a session of the instance itself.
    pub(super) async fn federate(&self) -> Result<Session, AuthError> {
        let leaf = self.metadata("identity/cert.pem").await?;
        let pem = self.metadata("identity/key.pem").await?;
        let chain = self.metadata("identity/intermediate.pem").await?;
        let tenancy = self.tenancy_of(&leaf)?;
        // Where it is said whom to ask, the region need not lead there.
        let region = match (self.region(&tenancy).await, self.env.get(FEDERATION_VARIABLE)) {
            (Err(error), None) => return Err(error),
            (region, _) => region.ok(),
        };
        let key = key::read(&pem, None)
            .map_err(|cause| AuthError::Key { place: "of the instance's metadata".to_owned(), cause })?;
        let signer = SigningKey::new(format!("{tenancy}/fed-x509/{}", fingerprint(&leaf)?), key);
        let (session, public) = session_key().await?;
        let body = json!({
            "certificate": bare(&leaf), "publicKey": public, "intermediateCertificates": [bare(&chain)],
        });
        let token = self.ask(region.as_ref(), &signer, body.to_string().as_bytes()).await?;
        let claims =
            Claims::of(&token).map_err(|problem| AuthError::BadToken { what: FEDERATION, problem })?;
        if let Some(given) = claims.other_than(&tenancy) {
            let (given, asked) = (given.to_owned(), tenancy);
            return Err(AuthError::ForeignToken { what: FEDERATION, given, asked });
        }
        Ok(Session {
            authorization: Authorization::Signature(SigningKey::new(format!("ST${token}"), session)),
            expires: claims.expires(),
            tenancy: Some(tenancy),
            region: region.as_ref().map(|region| region.id.clone()),
            described: region,
        })
    }

    async fn ask(
        &self,
        region: Option<&Region>,
        signer: &SigningKey,
        body: &[u8],
    ) -> Result<String, AuthError> {
        let named = self.env.get(FEDERATION_VARIABLE).map(str::to_owned);
        let address = named.or_else(|| region.map(Region::federation)).unwrap_or_default();
        let url = super::token_url(&address)?;
        let transport = self.network.transport(false)?;
        let timeout = self.network.timeout();
        let ask =
            Ask { what: FEDERATION, transport: &transport, timeout, method: Method::POST, url: url.clone() };
        let headers = || {
            let mut headers = HeaderMap::new();
            signer.sign_for_token(&url, body, (self.clock)())?.apply(&mut headers);
            Ok(headers)
        };
        let answer = ask.send(headers, Some(body)).await?;
        field(FEDERATION, &url, &answer, "token")
    }

    /// The tenancy in the certificate's subject; never another one than before.
    fn tenancy_of(&self, leaf: &[u8]) -> Result<String, AuthError> {
        let found = tenancy(leaf).ok_or(AuthError::NoTenancyInCertificate)?;
        let first = self.tenancy.get_or_init(|| found.clone());
        if *first == found {
            Ok(found)
        } else {
            Err(AuthError::TenancyChanged { before: first.clone(), after: found })
        }
    }
}

impl Source for InstancePrincipal {
    fn begin(&self, _now: Timestamp) -> BoxFuture<'_, Result<Session, AuthError>> {
        Box::pin(self.federate())
    }
}

/// A region as its metadata describes it (`regionInfo`).
fn described(info: &[u8]) -> Option<Region> {
    let info: serde_json::Value = serde_json::from_slice(info).ok()?;
    let text = |name: &str| info.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    Some(Region {
        id: text("regionIdentifier")?,
        domain: text("realmDomainComponent")?,
        realm: text("realmKey").map(|key| key.to_ascii_lowercase()),
        known: true,
    })
}

/// `opc-tenant:` or `opc-identity:` in any part of the subject (`auth_utils.py`).
fn tenancy(leaf: &[u8]) -> Option<String> {
    let certificate = Certificate::from_pem(leaf).ok()?;
    let subject = certificate.tbs_certificate().subject().clone();
    let mut parts = subject.iter_rdn().flat_map(x509_cert::name::RelativeDistinguishedName::iter);
    parts.find_map(|part| {
        let text = std::str::from_utf8(part.value.value()).ok()?;
        let tenancy = text.strip_prefix("opc-tenant:").or_else(|| text.strip_prefix("opc-identity:"))?;
        Some(tenancy.to_owned())
    })
}

/// The SHA-1 of the certificate, upper case, with colons: what the federation endpoint knows it by.
fn fingerprint(leaf: &[u8]) -> Result<String, AuthError> {
    let block = pem::parse(leaf).map_err(|_| AuthError::NoTenancyInCertificate)?;
    let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, block.contents());
    Ok(digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"))
}

/// PEM without its frame and without breaks, as the endpoint wants it.
fn bare(pem: &[u8]) -> String {
    let text = String::from_utf8_lossy(pem);
    text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect()
}

/// Kept beside the others: an instance needs nothing but where its metadata is.
pub(super) fn source(base: Url, network: &Network, env: &Environment, clock: &Clock) -> InstancePrincipal {
    InstancePrincipal::new(base, network.clone(), env.clone(), Arc::clone(clock))
}
