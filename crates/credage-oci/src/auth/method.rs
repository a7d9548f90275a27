//! The ways to sign in, and which one is taken.

use std::str::FromStr;

use url::Url;

use super::error::AuthError;
use super::oauth_client::{OauthClient, TokenExchange};
use super::oke_workload_identity::WorkloadIdentity;
use super::resource_principal::ResourcePrincipal;
use super::{AuthOptions, Environment};
use super::{delegation, instance_principal, security_token};
use crate::network::Network;
use crate::profile::cli_rc::CliRc;
use crate::profile::surplus::Surplus;
use crate::profile::{Nearness, Profile, Setting};

/// How to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// With a user's API key.
    ApiKey,
    /// With a session token.
    SecurityToken,
    /// As a compute instance.
    InstancePrincipal,
    /// As a compute instance on behalf of a user, whose delegation token it has: Cloud Shell.
    InstanceOboUser,
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
    "`{0}` is no way to sign in; use api_key, security_token, instance_principal, instance_obo_user, resource_principal, \
     oke_workload_identity, oauth_client or token_exchange"
)]
pub struct UnknownMethod(pub String);

impl AuthMethod {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ApiKey,
        Self::SecurityToken,
        Self::InstancePrincipal,
        Self::InstanceOboUser,
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
            Self::InstanceOboUser => "instance_obo_user",
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
    /// A session token of the profile that is not the way, where that may be a surprise.
    pub(super) unused_token: Option<Setting>,
}

impl Chosen {
    fn new(method: AuthMethod, because: impl Into<String>) -> Self {
        Self { method, because: because.into(), profile: None, metadata: None, unused_token: None }
    }
}

/// What was asked for, else what profile and environment offer.
pub(super) async fn choose(
    options: &AuthOptions,
    env: &Environment,
    network: &Network,
) -> Result<Chosen, AuthError> {
    if let Some((method, origin)) = asked(options, env)? {
        // Where there is one, its region counts for every way.
        let profile = Profile::load(options.profile.as_deref(), options.config_file.as_deref(), env).ok();
        return Ok(Chosen { profile, ..Chosen::new(method, format!("{origin} asks for it")) });
    }
    // Whoever names a profile or its file means it.
    let named = ["OCI_CLI_PROFILE", "OCI_CLI_CONFIG_FILE"].iter().any(|name| env.get(name).is_some());
    let wants_profile = options.profile.is_some() || options.config_file.is_some();
    if !wants_profile
        && !named
        && let Some(chosen) = offered(env)
    {
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

/// What is asked for by option, by variable, or in the settings of the OCI CLI, in its order.
fn asked(options: &AuthOptions, env: &Environment) -> Result<Option<(AuthMethod, String)>, AuthError> {
    if let Some(method) = options.method {
        return Ok(Some((method, "--auth".to_owned())));
    }
    if let Some(text) = env.get("OCI_CLI_AUTH") {
        return Ok(Some((named(text, "OCI_CLI_AUTH")?, "OCI_CLI_AUTH".to_owned())));
    }
    let rc = CliRc::load(env)?;
    let profile = Profile::name(options.profile.as_deref(), &rc, env).value;
    match rc.auth(&profile) {
        Some(Setting { value, origin }) => Ok(Some((named(&value, &origin)?, origin))),
        None => Ok(None),
    }
}

/// What the environment of a container or a CI job offers; its variables are set for this and nothing else.
fn offered(env: &Environment) -> Option<Chosen> {
    let announced = "OCI_RESOURCE_PRINCIPAL_VERSION is set";
    if ResourcePrincipal::is_offered(env) {
        Some(Chosen::new(AuthMethod::ResourcePrincipal, announced))
    } else if TokenExchange::is_offered(env) {
        Some(Chosen::new(AuthMethod::TokenExchange, "a subject token is named in CREDAGE_SUBJECT_TOKEN…"))
    } else if OauthClient::is_offered(env) {
        Some(Chosen::new(AuthMethod::OauthClient, "CREDAGE_CLIENT_ID is set"))
    } else if WorkloadIdentity::is_offered(env) {
        Some(Chosen::new(AuthMethod::OkeWorkloadIdentity, "this is a pod with a service account"))
    } else if ResourcePrincipal::is_announced(env) {
        Some(Chosen::new(AuthMethod::ResourcePrincipal, announced))
    } else {
        None
    }
}

fn of_profile(profile: Profile) -> Result<Chosen, AuthError> {
    let place = profile.place();
    let token = profile.setting(security_token::KEY, &[security_token::VARIABLE]);
    let delegation = profile.setting(delegation::KEY, &[delegation::VARIABLE]);
    let mut chosen = if let Some(setting) = profile.setting("authentication_type", &[]) {
        Chosen::new(of_type(&setting, delegation.is_some())?, format!("{} asks for it", setting.origin))
    } else if let Some(token) = token.as_ref().filter(|_| prefers_token(&profile)) {
        Chosen::new(AuthMethod::SecurityToken, format!("{} names a session token", token.origin))
    } else if let Some(token) = delegation.filter(|_| profile.setting("user", &[USER]).is_none()) {
        Chosen::new(AuthMethod::InstanceOboUser, format!("{} names a delegation token", token.origin))
    } else {
        Chosen::new(AuthMethod::ApiKey, format!("the profile {} ({place}) holds one", profile.name))
    };
    let inherited = profile.nearness(security_token::KEY, &[]) == Some(Nearness::Inherited);
    if chosen.method == AuthMethod::ApiKey {
        chosen.unused_token = token.filter(|_| !inherited);
    }
    Ok(Chosen { profile: Some(profile), ..chosen })
}

const USER: &str = "OCI_CLI_USER";

/// Whether a session token is meant rather than the API key of a user.
///
/// Oracle's SDK and CLI never take a token of their own accord, and sign with the user's key. So do we wherever the profile
/// names a user as near as the token. `oci session authenticate` writes a profile without a user, which inherits one from
/// `[DEFAULT]` where there is one; the user's key would then be signed for under the fingerprint of the session's key, which
/// no service takes.
fn prefers_token(profile: &Profile) -> bool {
    let token = profile.nearness(security_token::KEY, &[security_token::VARIABLE]);
    let user = profile.nearness("user", &[USER]);
    let key = profile.nearness("key_file", &["OCI_CLI_KEY_CONTENT", "OCI_CLI_KEY_FILE"]);
    match (token, user) {
        (None, _) => false,
        (Some(_), None) => true,
        // A variable replaces the token alone; without a key of its own it is no session of another kind.
        (Some(Nearness::Environment), Some(user)) => {
            user < Nearness::Environment && key == Some(Nearness::Environment)
        }
        (Some(token), Some(user)) => token > user,
    }
}

/// What `authentication_type` asks for. With a delegation token, `instance_principal` is what Cloud Shell does
/// (`get_authentication_type_from_config` in `util.py` of Oracle's Python SDK, which knows no other).
fn of_type(setting: &Setting, delegates: bool) -> Result<AuthMethod, AuthError> {
    if setting.value == "delegation_token_with_instance_principal" {
        return Ok(AuthMethod::InstanceOboUser);
    }
    Ok(match named(&setting.value, &setting.origin)? {
        AuthMethod::InstancePrincipal if delegates => AuthMethod::InstanceOboUser,
        method => method,
    })
}

fn named(text: &str, origin: &str) -> Result<AuthMethod, AuthError> {
    text.parse().map_err(|_| {
        let is_method = |text: &str| text.parse::<AuthMethod>().is_ok();
        match Surplus::of_strict(text, is_method) {
            Some(surplus) => AuthError::Surplus { key: "auth", origin: origin.to_owned(), surplus },
            None => AuthError::UnsupportedMethod { method: text.to_owned(), origin: origin.to_owned() },
        }
    })
}
