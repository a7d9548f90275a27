//! Who we are: principals, one file each, chosen by option, environment or profile.
//!
//! Key and key id travel as one (`SigningKey` in `signer.rs`); sessions that end are renewed early and once for all who wait
//! (`renewal.rs`).

pub mod api_key;
mod delegation;
pub mod error;
mod exchange;
mod instance_principal;
mod key_file;
mod method;
mod oauth_client;
mod oke_workload_identity;
mod renewal;
mod resource_principal;
pub mod security_token;
mod token;
mod value;

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use url::Url;

use self::api_key::ApiKey;
use self::delegation::Delegation;
pub use self::error::AuthError;
use self::method::Chosen;
pub use self::method::{AuthMethod, UnknownMethod};
use self::oauth_client::{OauthClient, TokenExchange};
use self::oke_workload_identity::WorkloadIdentity;
pub use self::renewal::Authorization;
use self::renewal::{Renewal, Source};
use self::resource_principal::ResourcePrincipal;
use self::security_token::SecurityToken;
use crate::clock::Clock;
use crate::endpoint::Endpoint;
use crate::network::Network;
pub use crate::profile::Environment;
use crate::profile::Profile;
pub use crate::profile::Setting;
use crate::region::Region;

/// What the user said about signing in.
#[derive(Clone, Debug, Default)]
pub struct AuthOptions {
    /// The way; else that of `OCI_CLI_AUTH` or of the OCI CLI's settings, else what profile and environment offer.
    pub method: Option<AuthMethod>,
    /// The profile; else that of `OCI_CLI_PROFILE` or of the OCI CLI's settings, else DEFAULT.
    pub profile: Option<String>,
    /// The configuration file; else `OCI_CLI_CONFIG_FILE`, `~/.oci/config`, `OCI_CONFIG_FILE`.
    pub config_file: Option<PathBuf>,
}

/// Something about a profile that works and should be mended all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthWarning {
    /// Others on this machine can read the key.
    KeyReadableByOthers {
        /// The key.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The profile names a session token beside the user's key, and the key is taken, as by Oracle's CLI.
    TokenNotUsed {
        /// Where the token is named.
        origin: String,
    },
}

/// Somebody who can sign requests.
#[derive(Debug)]
pub struct Principal {
    method: AuthMethod,
    because: String,
    way: Way,
    region: Option<Setting>,
    /// The region where neither profile nor session names one.
    spare_region: Option<Setting>,
    warnings: Vec<AuthWarning>,
}

#[derive(Debug)]
enum Way {
    ApiKey(ApiKey),
    SecurityToken(Box<SecurityToken>),
    Session(Renewal),
    /// A session in every domain.
    Client(OauthClient, Mutex<HashMap<Endpoint, Arc<Renewal>>>),
}

/// Finds out who we are. Reads files; sends nothing, but for a look whether this is a compute instance where nothing
/// else is offered.
pub async fn load(
    options: &AuthOptions,
    env: &Environment,
    network: &Network,
    clock: &Clock,
) -> Result<Principal, AuthError> {
    let chosen = method::choose(options, env, network).await?;
    let (method, because) = (chosen.method, chosen.because.clone());
    tracing::info!(method = method.as_str(), because, "signing in");
    let region = asked_region(&chosen, env);
    let spare_region = region_of("OCI_REGION", env);
    let unused = chosen.unused_token.clone();
    let (way, mut warnings) = way(chosen, options, env, network, clock).await?;
    warnings.extend(unused.map(|token| AuthWarning::TokenNotUsed { origin: token.origin }));
    Ok(Principal { method, because, way, region, spare_region, warnings })
}

/// Makes the one who signs in the way that was chosen.
async fn way(
    chosen: Chosen,
    options: &AuthOptions,
    env: &Environment,
    network: &Network,
    clock: &Clock,
) -> Result<(Way, Vec<AuthWarning>), AuthError> {
    let session = |source: Box<dyn Source>| (Way::Session(Renewal::new(source)), Vec::new());
    Ok(match chosen.method {
        AuthMethod::ApiKey => {
            let (key, warnings) = ApiKey::load(&profile(chosen.profile, options, env)?)?;
            (Way::ApiKey(key), warnings)
        }
        AuthMethod::SecurityToken => {
            let (token, warnings) = SecurityToken::load(profile(chosen.profile, options, env)?)?;
            (Way::SecurityToken(Box::new(token)), warnings)
        }
        AuthMethod::InstancePrincipal => {
            let base = match chosen.metadata {
                Some(base) => base,
                None => instance_principal::find(network, env).await?,
            };
            session(Box::new(instance_principal::source(base, network, env, clock)))
        }
        AuthMethod::InstanceOboUser => {
            let profile = profile(chosen.profile, options, env)?;
            let base = instance_principal::find(network, env).await?;
            let instance = instance_principal::source(base, network, env, clock);
            session(Box::new(Delegation::load(instance, profile)?))
        }
        AuthMethod::ResourcePrincipal => session(Box::new(ResourcePrincipal::load(env)?)),
        AuthMethod::OkeWorkloadIdentity => session(Box::new(WorkloadIdentity::load(network, env)?)),
        AuthMethod::TokenExchange => session(Box::new(TokenExchange::load(network, env)?)),
        AuthMethod::OauthClient => {
            let client = OauthClient::load(network, env, chosen.method.as_str())?;
            (Way::Client(client, Mutex::default()), Vec::new())
        }
    })
}

fn profile(read: Option<Profile>, options: &AuthOptions, env: &Environment) -> Result<Profile, AuthError> {
    match read {
        Some(profile) => Ok(profile),
        None => Profile::load(options.profile.as_deref(), options.config_file.as_deref(), env),
    }
}

fn region_of(variable: &str, env: &Environment) -> Option<Setting> {
    env.get(variable).map(|value| Setting { value: value.to_owned(), origin: variable.to_owned() })
}

/// The region that is asked for before whatever a session knows of its own. A principal of another kind than a profile's
/// takes the profile's region all the same, where one can be read (`create_config_and_signer_based_on_click_context` in
/// `cli_util.py` of Oracle's CLI).
fn asked_region(chosen: &Chosen, env: &Environment) -> Option<Setting> {
    region_of("OCI_CLI_REGION", env).or_else(|| chosen.profile.as_ref()?.region())
}

/// The region that environment and profile name, whether or not the rest of the profile is any good. `OCI_REGION` fills a
/// gap alone (`validate_config` in `config.py` of Oracle's Python SDK).
pub fn configured_region(options: &AuthOptions, env: &Environment) -> Option<Setting> {
    let profile = Profile::load(options.profile.as_deref(), options.config_file.as_deref(), env).ok();
    region_of("OCI_CLI_REGION", env).or_else(|| profile?.region()).or_else(|| region_of("OCI_REGION", env))
}

/// Where tokens may be asked for: over TLS, or on this machine.
fn token_url(text: &str) -> Result<Url, AuthError> {
    let refused = || AuthError::TokenUrl(text.to_owned());
    let url = Url::parse(text).map_err(|_| refused())?;
    let mut root = url.clone();
    root.set_path("");
    root.set_query(None);
    root.as_str().parse::<Endpoint>().map_err(|_| refused())?;
    Ok(url)
}

impl Principal {
    /// What a request to `endpoint` carries at `now`.
    ///
    /// # Errors
    /// Where a session has ended and no other could be begun.
    pub async fn authorization(
        &self,
        endpoint: &Endpoint,
        now: Timestamp,
    ) -> Result<Authorization, AuthError> {
        match &self.way {
            Way::ApiKey(key) => Ok(Authorization::Signature(key.signing_key())),
            Way::SecurityToken(token) => token.signing_key(now).map(Authorization::Signature),
            Way::Session(renewal) => renewal.session(now).await.map(|session| session.authorization),
            Way::Client(client, held) => {
                renewal_of(client, held, endpoint).session(now).await.map(|session| session.authorization)
            }
        }
    }

    /// Gives up the session that the service did not take; false where there can be no other.
    pub async fn give_up(&self, endpoint: &Endpoint, used: &Authorization, now: Timestamp) -> bool {
        match &self.way {
            Way::ApiKey(_) => false,
            Way::SecurityToken(token) => {
                matches!(used, Authorization::Signature(key) if token.has_moved_on(key, now))
            }
            Way::Session(renewal) => {
                renewal.give_up(used).await;
                true
            }
            Way::Client(client, held) => {
                renewal_of(client, held, endpoint).give_up(used).await;
                true
            }
        }
    }

    /// Says beforehand whether it could sign at `now`; begins the session where there is one for all domains.
    pub async fn check(&self, now: Timestamp) -> Result<(), AuthError> {
        match &self.way {
            Way::SecurityToken(token) => token.signing_key(now).map(drop),
            Way::Session(renewal) => renewal.session(now).await.map(drop),
            Way::ApiKey(_) | Way::Client(..) => Ok(()),
        }
    }

    /// The OCID of the tenancy.
    ///
    /// # Errors
    /// Where the session that tells could not be begun, or where the principal has no tenancy.
    pub async fn tenancy(&self, now: Timestamp) -> Result<String, AuthError> {
        match &self.way {
            Way::ApiKey(key) => Ok(key.tenancy.clone()),
            Way::SecurityToken(token) => token.tenancy.clone().ok_or(AuthError::BadToken {
                what: "the session token",
                problem: "names no tenancy; add `tenancy` to the profile",
            }),
            Way::Session(renewal) => renewal
                .session(now)
                .await?
                .tenancy
                .ok_or(AuthError::BadToken { what: "the session", problem: "names no tenancy" }),
            Way::Client(..) => Err(AuthError::NoTenancy),
        }
    }

    /// The region to start from, and where it is said.
    pub async fn region(&self, now: Timestamp) -> Option<Setting> {
        let of_session = async || match &self.way {
            Way::Session(renewal) => renewal.session(now).await.ok()?.region,
            Way::ApiKey(_) | Way::SecurityToken(_) | Way::Client(..) => None,
        };
        if let Some(region) = &self.region {
            return Some(region.clone());
        }
        let of_session = of_session().await;
        let of_session = of_session.map(|value| Setting { value, origin: "the session".to_owned() });
        of_session.or_else(|| self.spare_region.clone())
    }

    /// What the session itself tells of a region that no table may have.
    pub async fn described_region(&self, name: &str, now: Timestamp) -> Option<Region> {
        let Way::Session(renewal) = &self.way else { return None };
        let described = renewal.session(now).await.ok()?.described?;
        described.id.eq_ignore_ascii_case(name.trim()).then_some(described)
    }

    /// How it signs in.
    pub const fn method(&self) -> AuthMethod {
        self.method
    }

    /// Why it signs in that way.
    pub fn because(&self) -> &str {
        &self.because
    }

    /// The OCID of the user who signs, where that is known.
    pub fn user_ocid(&self) -> Option<&str> {
        match &self.way {
            Way::ApiKey(key) => Some(&key.user),
            Way::SecurityToken(token) => token.user.as_deref(),
            Way::Session(_) | Way::Client(..) => None,
        }
    }

    /// The fingerprint of the API key that signs, if it is one.
    pub fn fingerprint(&self) -> Option<&str> {
        match &self.way {
            Way::ApiKey(key) => Some(&key.fingerprint),
            Way::SecurityToken(_) | Way::Session(_) | Way::Client(..) => None,
        }
    }

    /// When the session token of a profile ends; nothing for what renews itself.
    pub fn session_ends(&self) -> Option<Timestamp> {
        match &self.way {
            Way::SecurityToken(token) => token.expires(),
            Way::ApiKey(_) | Way::Session(_) | Way::Client(..) => None,
        }
    }

    /// The file that holds the private key, if it is in one of the user's own.
    pub fn key_file(&self) -> Option<&Path> {
        match &self.way {
            Way::ApiKey(key) => key.key_file.as_deref(),
            Way::SecurityToken(token) => token.key_file.as_deref(),
            Way::Session(_) | Way::Client(..) => None,
        }
    }

    /// What should be mended.
    pub fn warnings(&self) -> &[AuthWarning] {
        &self.warnings
    }
}

fn renewal_of(
    client: &OauthClient,
    held: &Mutex<HashMap<Endpoint, Arc<Renewal>>>,
    endpoint: &Endpoint,
) -> Arc<Renewal> {
    let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
    let renewal = held.entry(endpoint.clone()).or_insert_with(|| Arc::new(Renewal::new(client.of(endpoint))));
    Arc::clone(renewal)
}

impl AuthWarning {
    /// What it is about, in one lasting word.
    pub const fn subject(&self) -> &'static str {
        match self {
            Self::KeyReadableByOthers { .. } => "key_file",
            Self::TokenNotUsed { .. } => "session",
        }
    }
}

impl fmt::Display for AuthWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyReadableByOthers { path, mode } => {
                let path = path.display();
                write!(
                    f,
                    "the private key {path} can be read by others (mode {mode:o}); run `chmod 600 {path}`"
                )
            }
            Self::TokenNotUsed { origin } => write!(
                f,
                "{origin} names a session token, which is not used, since the profile has a user's key as well; add \
                 --auth security_token to use the token"
            ),
        }
    }
}
