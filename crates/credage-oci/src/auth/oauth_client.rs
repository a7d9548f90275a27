//! Signing in to a domain as one of its confidential applications: OAuth 2.0 client credentials, and token exchange.
//!
//! Both ask the token endpoint of a domain (`/oauth2/v1/token`), as Oracle's page "Client Credentials Grant Type" and
//! `token_exchange_signer.py` of its Python SDK have it. A client belongs to one domain: every domain is asked for a token
//! of its own.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::sync::Arc;

use super::error::AuthError;
use super::exchange::{Ask, field};
use super::renewal::{Authorization, Session, Source};
use super::token::{Claims, session_key};
use crate::endpoint::Endpoint;
use crate::network::Network;
use crate::profile::Environment;
use crate::signer::SigningKey;

const ENDPOINT: &str = "the domain's token endpoint";
/// All scopes that the application was granted.
const SCOPE: &str = "urn:opc:idm:__myscopes__";
/// Where the answer does not say how long a token lasts.
const LIFETIME: i64 = 3600;

/// A confidential application: its id, and where its secret is.
#[derive(Clone, Debug)]
pub(super) struct OauthClient {
    id: String,
    secret: Kept,
    network: Network,
}

/// A secret in memory, or in a file that is read each time.
#[derive(Clone)]
enum Kept {
    Value(SecretString),
    File(PathBuf),
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(_) => f.write_str("Value"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

impl Kept {
    fn load(
        env: &Environment,
        value: &'static str,
        file: &'static str,
        method: &'static str,
    ) -> Result<Self, AuthError> {
        if let Some(path) = env.get(file) {
            return Ok(Self::File(env.expand(path)));
        }
        let text = env.get(value).ok_or(AuthError::MissingVariable { variable: value, method })?;
        Ok(Self::Value(text.to_owned().into()))
    }

    fn read(&self, what: &'static str) -> Result<SecretString, AuthError> {
        match self {
            Self::Value(secret) => Ok(secret.clone()),
            Self::File(path) => match fs::read_to_string(path) {
                Ok(text) => Ok(text.trim().to_owned().into()),
                Err(error) => {
                    Err(AuthError::UnreadableFile { what, path: path.clone(), cause: error.to_string() })
                }
            },
        }
    }
}

impl OauthClient {
    /// Whether the environment offers it.
    pub(super) fn is_offered(env: &Environment) -> bool {
        env.get("CREDAGE_CLIENT_ID").is_some() && env.get("CREDAGE_SUBJECT_TOKEN_FILE").is_none()
    }

    /// Takes id and secret from the environment.
    pub(super) fn load(
        network: &Network,
        env: &Environment,
        method: &'static str,
    ) -> Result<Self, AuthError> {
        let variable = "CREDAGE_CLIENT_ID";
        let id = env.get(variable).ok_or(AuthError::MissingVariable { variable, method })?.to_owned();
        let secret = Kept::load(env, "CREDAGE_CLIENT_SECRET", "CREDAGE_CLIENT_SECRET_FILE", method)?;
        Ok(Self { id, secret, network: network.clone() })
    }

    /// Tokens of one domain.
    pub(super) fn of(&self, domain: &Endpoint) -> Box<dyn Source> {
        Box::new(ClientCredentials { client: self.clone(), domain: domain.clone() })
    }

    async fn post(&self, domain: &Endpoint, form: &[(&str, &str)]) -> Result<Vec<u8>, AuthError> {
        let secret = self.secret.read("secret of the OAuth client")?;
        let url = domain.resource("/oauth2/v1/token", &[]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let basic = BASE64_STANDARD.encode(format!("{}:{}", self.id, secret.expose_secret()));
        let headers = || {
            let mut basic =
                HeaderValue::try_from(format!("Basic {basic}")).map_err(|_| AuthError::SessionKey)?;
            basic.set_sensitive(true);
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, basic);
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            Ok(headers)
        };
        let transport = self.network.transport(domain.is_loopback())?;
        let timeout = self.network.timeout();
        let ask = Ask { what: ENDPOINT, transport: &transport, timeout, method: Method::POST, url };
        ask.send(headers, Some(body.as_bytes())).await
    }
}

/// Client credentials, in one domain.
#[derive(Debug)]
struct ClientCredentials {
    client: OauthClient,
    domain: Endpoint,
}

impl ClientCredentials {
    async fn ask(&self, now: Timestamp) -> Result<Session, AuthError> {
        let form = [("grant_type", "client_credentials"), ("scope", SCOPE)];
        let answer = self.client.post(&self.domain, &form).await?;
        let url = self.domain.resource("/oauth2/v1/token", &[]);
        let token = field(ENDPOINT, &url, &answer, "access_token")?;
        let parsed: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let seconds = parsed.get("expires_in").and_then(Value::as_i64).unwrap_or(LIFETIME);
        Ok(Session {
            authorization: Authorization::Bearer(Arc::new(token.into())),
            expires: now.checked_add(SignedDuration::from_secs(seconds)).ok(),
            tenancy: None,
            region: None,
            described: None,
        })
    }
}

impl Source for ClientCredentials {
    fn begin(&self, now: Timestamp) -> BoxFuture<'_, Result<Session, AuthError>> {
        Box::pin(self.ask(now))
    }
}

/// Token exchange: a token of somebody else's (of a CI service, say) for one of OCI.
#[derive(Debug)]
pub(super) struct TokenExchange {
    client: OauthClient,
    domain: Endpoint,
    subject: Kept,
    region: Option<String>,
}

impl TokenExchange {
    /// Whether the environment offers it.
    pub(super) fn is_offered(env: &Environment) -> bool {
        env.get("CREDAGE_SUBJECT_TOKEN_FILE").is_some() || env.get("CREDAGE_SUBJECT_TOKEN").is_some()
    }

    /// Takes client, domain and foreign token from the environment.
    pub(super) fn load(network: &Network, env: &Environment) -> Result<Self, AuthError> {
        let method = "token_exchange";
        let variable = "CREDAGE_TOKEN_DOMAIN_URL";
        let domain = env.get(variable).ok_or(AuthError::MissingVariable { variable, method })?;
        let domain = domain.parse().map_err(|_| AuthError::TokenUrl(domain.to_owned()))?;
        let subject = Kept::load(env, "CREDAGE_SUBJECT_TOKEN", "CREDAGE_SUBJECT_TOKEN_FILE", method)?;
        let client = OauthClient::load(network, env, method)?;
        Ok(Self { client, domain, subject, region: env.get("OCI_CLI_REGION").map(str::to_owned) })
    }

    async fn ask(&self) -> Result<Session, AuthError> {
        let subject = self.subject.read("subject token")?;
        let (session, public) = session_key().await?;
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("requested_token_type", "urn:oci:token-type:oci-upst"),
            ("subject_token", subject.expose_secret()),
            ("subject_token_type", "jwt"),
            ("public_key", &public),
        ];
        let answer = self.client.post(&self.domain, &form).await?;
        let token = field(ENDPOINT, &self.domain.resource("/oauth2/v1/token", &[]), &answer, "token")?;
        let claims = Claims::of(&token).map_err(|problem| AuthError::BadToken { what: ENDPOINT, problem })?;
        Ok(Session {
            authorization: Authorization::Signature(SigningKey::new(format!("ST${token}"), session)),
            expires: claims.expires(),
            tenancy: claims.tenancy(),
            region: self.region.clone(),
            described: None,
        })
    }
}

impl Source for TokenExchange {
    fn begin(&self, _now: Timestamp) -> BoxFuture<'_, Result<Session, AuthError>> {
        Box::pin(self.ask())
    }
}
