//! The ways to sign in, and which one is taken.

use std::str::FromStr;

use url::Url;

use super::error::AuthError;
use super::instance_principal;
use super::oauth_client::{OauthClient, TokenExchange};
use super::oke_workload_identity::WorkloadIdentity;
use super::resource_principal::ResourcePrincipal;
use super::{AuthOptions, Environment};
use crate::network::Network;
use crate::profile::Profile;

/// How to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// With a user's API key.
    ApiKey,
    /// With a session token.
    SecurityToken,
    /// As a compute instance.
    InstancePrincipal,
    /// As a resource such as a function.
    ResourcePrincipal,
    /// As a pod of a Kubernetes cluster.
    OkeWorkloadIdentity,
    /// As a confidential application of a domain.
    OauthClient,
    /// With a token of somebody else, exchanged.
    TokenExchange,
}

/// A text that is no way to sign in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no way to sign in; use api_key, security_token, instance_principal, resource_principal, \
     oke_workload_identity, oauth_client or token_exchange"
)]
pub struct UnknownMethod(pub String);

impl AuthMethod {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ApiKey,
        Self::SecurityToken,
        Self::InstancePrincipal,
        Self::ResourcePrincipal,
        Self::OkeWorkloadIdentity,
        Self::OauthClient,
        Self::TokenExchange,
    ];

    /// The name, as `OCI_CLI_AUTH` has it; the last two are our own.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::SecurityToken => "security_token",
            Self::InstancePrincipal => "instance_principal",
            Self::ResourcePrincipal => "resource_principal",
            Self::OkeWorkloadIdentity => "oke_workload_identity",
            Self::OauthClient => "oauth_client",
            Self::TokenExchange => "token_exchange",
        }
    }
}

impl FromStr for AuthMethod {
    type Err = UnknownMethod;

    /// Takes the name with underscores or hyphens, in any case.
    fn from_str(text: &str) -> Result<Self, UnknownMethod> {
        let name = text.trim().to_ascii_lowercase().replace('-', "_");
        let known = Self::ALL.into_iter().find(|method| method.as_str() == name);
        known.ok_or_else(|| UnknownMethod(text.to_owned()))
    }
}

/// A way, and what was found out on the way to it.
pub(super) struct Chosen {
    pub(super) method: AuthMethod,
    pub(super) because: String,
    pub(super) profile: Option<Profile>,
    pub(super) metadata: Option<Url>,
}

impl Chosen {
    fn new(method: AuthMethod, because: impl Into<String>) -> Self {
        Self { method, because: because.into(), profile: None, metadata: None }
    }
}

/// What was asked for, else what profile and environment offer.
pub(super) async fn choose(
    options: &AuthOptions,
    env: &Environment,
    network: &Network,
) -> Result<Chosen, AuthError> {
    let asked = match options.method {
        Some(method) => Some((method, "--auth")),
        None => match env.get("OCI_CLI_AUTH") {
            Some(text) => Some((named(text, "OCI_CLI_AUTH")?, "OCI_CLI_AUTH")),
            None => None,
        },
    };
    if let Some((method, origin)) = asked {
        return Ok(Chosen::new(method, format!("{origin} asks for it")));
    }
    let wants_profile = options.profile.is_some() || options.config_file.is_some();
    if !wants_profile && let Some(chosen) = offered(env) {
        return Ok(chosen);
    }
    match Profile::load(options.profile.as_deref(), options.config_file.as_deref(), env) {
        Ok(profile) => of_profile(profile),
        // Nothing is configured: perhaps this is an instance.
        Err(missing @ (AuthError::NoConfigFile { .. } | AuthError::NoHome)) if !wants_profile => {
            match instance_principal::find(network, env).await {
                Ok(base) => Ok(Chosen {
                    metadata: Some(base),
                    ..Chosen::new(
                        AuthMethod::InstancePrincipal,
                        "there is no configuration file, and instance metadata answers",
                    )
                }),
                Err(error) => {
                    tracing::info!(%error, "this is no compute instance");
                    Err(missing)
                }
            }
        }
        Err(error) => Err(error),
    }
}

/// What the environment of a container or a CI job offers; its variables are set for this and nothing else.
fn offered(env: &Environment) -> Option<Chosen> {
    if ResourcePrincipal::is_offered(env) {
        Some(Chosen::new(AuthMethod::ResourcePrincipal, "OCI_RESOURCE_PRINCIPAL_VERSION is set"))
    } else if TokenExchange::is_offered(env) {
        Some(Chosen::new(AuthMethod::TokenExchange, "a subject token is named in CREDAGE_SUBJECT_TOKEN…"))
    } else if OauthClient::is_offered(env) {
        Some(Chosen::new(AuthMethod::OauthClient, "CREDAGE_CLIENT_ID is set"))
    } else if WorkloadIdentity::is_offered(env) {
        Some(Chosen::new(AuthMethod::OkeWorkloadIdentity, "this is a pod with a service account"))
    } else {
        None
    }
}

fn of_profile(profile: Profile) -> Result<Chosen, AuthError> {
    let place = profile.place();
    let chosen = if let Some(setting) = profile.setting("authentication_type", &[]) {
        Chosen::new(named(&setting.value, &setting.origin)?, format!("{} asks for it", setting.origin))
    } else if let Some(token) = profile.setting("security_token_file", &["OCI_CLI_SECURITY_TOKEN_FILE"]) {
        Chosen::new(AuthMethod::SecurityToken, format!("{} names a session token", token.origin))
    } else {
        Chosen::new(AuthMethod::ApiKey, format!("the profile {} ({place}) holds one", profile.name))
    };
    Ok(Chosen { profile: Some(profile), ..chosen })
}

fn named(text: &str, origin: &str) -> Result<AuthMethod, AuthError> {
    text.parse()
        .map_err(|_| AuthError::UnsupportedMethod { method: text.to_owned(), origin: origin.to_owned() })
}
