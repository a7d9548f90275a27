//! Signing in as a pod of a Kubernetes cluster (OKE): its service account's token buys one of OCI at the cluster's proxy
//! (`oke_workload_identity_resource_principal_signer.py` of Oracle's Python SDK).

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::future::BoxFuture;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Method};
use serde_json::json;
use url::Url;

use super::error::AuthError;
use super::exchange::{Ask, field};
use super::renewal::{Authorization, Session, Source};
use super::token::{Claims, session_key};
use crate::network::Network;
use crate::profile::Environment;
use crate::signer::SigningKey;

const HOST: &str = "KUBERNETES_SERVICE_HOST";
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const PORT: u16 = 12_250;
const PROXY: &str = "the cluster's proxy";
/// Oracle's name for a request; here the caller makes it, so that the cluster's logs can be searched for it.
const REQUEST_ID: HeaderName = HeaderName::from_static("opc-request-id");

/// A pod.
#[derive(Debug)]
pub(super) struct WorkloadIdentity {
    network: Network,
    url: Url,
    token: TokenPlace,
    ca: PathBuf,
    region: Option<String>,
}

#[derive(Clone)]
enum TokenPlace {
    Given(secrecy::SecretString),
    File(PathBuf),
}

impl std::fmt::Debug for TokenPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Given(_) => f.write_str("Given"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

impl WorkloadIdentity {
    /// Whether the environment offers it.
    pub(super) fn is_offered(env: &Environment) -> bool {
        let account = match token_place(env) {
            TokenPlace::Given(_) => true,
            TokenPlace::File(path) => path.exists(),
        };
        env.get(HOST).is_some() && account
    }

    /// Takes the environment's word.
    pub(super) fn load(network: &Network, env: &Environment) -> Result<Self, AuthError> {
        let method = "oke_workload_identity";
        let host = env.get(HOST).ok_or(AuthError::MissingVariable { variable: HOST, method })?;
        let host =
            if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
        let url = Url::parse(&format!("https://{host}:{PORT}/resourcePrincipalSessionTokens"))
            .map_err(|_| AuthError::TokenUrl(host.clone()))?;
        let ca = env.get("OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH");
        let ca = ca.map_or_else(|| PathBuf::from(format!("{ACCOUNT}/ca.crt")), PathBuf::from);
        let region = env.get("OCI_RESOURCE_PRINCIPAL_REGION").map(str::to_owned);
        Ok(Self { network: network.clone(), url, token: token_place(env), ca, region })
    }

    async fn ask(&self, now: Timestamp) -> Result<Session, AuthError> {
        let account = self.account_token(now)?;
        let pem = fs::read(&self.ca).map_err(|error| AuthError::UnreadableFile {
            what: "certificate of the cluster",
            path: self.ca.clone(),
            cause: error.to_string(),
        })?;
        let roots = Certificate::from_pem_bundle(&pem).unwrap_or_default();
        if roots.is_empty() {
            return Err(AuthError::UnreadableFile {
                what: "certificate of the cluster",
                path: self.ca.clone(),
                cause: "it holds no certificate in PEM".to_owned(),
            });
        }
        let transport = self.network.private(roots)?;
        let (session, public) = session_key().await?;
        let body = json!({"podKey": public}).to_string();
        let timeout = self.network.timeout();
        let ask =
            Ask { what: PROXY, transport: &transport, timeout, method: Method::POST, url: self.url.clone() };
        let headers = || {
            let mut bearer = HeaderValue::try_from(format!("Bearer {account}")).map_err(|_| {
                AuthError::BadToken { what: "the service account's token", problem: "is not a token" }
            })?;
            bearer.set_sensitive(true);
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, bearer);
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(REQUEST_ID, request_id()?);
            Ok(headers)
        };
        let answer = ask.send(headers, Some(body.as_bytes())).await.map_err(|error| match error {
            AuthError::TokenRefused { status: 403, url, .. } => AuthError::BasicCluster { url },
            other => other,
        })?;
        let trimmed: Vec<u8> =
            answer.into_iter().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'"').collect();
        let decoded = BASE64_STANDARD
            .decode(&trimmed)
            .map_err(|_| AuthError::BadToken { what: PROXY, problem: "is not in base64" })?;
        let token = field(PROXY, &self.url, &decoded, "token")?;
        // The proxy gives the whole key id.
        let token = token.strip_prefix("ST$").unwrap_or(&token);
        let claims = Claims::of(token).map_err(|problem| AuthError::BadToken { what: PROXY, problem })?;
        Ok(Session {
            authorization: Authorization::Signature(SigningKey::new(format!("ST${token}"), session)),
            expires: claims.expires(),
            tenancy: claims.tenancy(),
            region: self.region.clone(),
            described: None,
        })
    }

    /// Read again each time: Kubernetes replaces it before it ends.
    fn account_token(&self, now: Timestamp) -> Result<String, AuthError> {
        let token = match &self.token {
            TokenPlace::Given(token) => secrecy::ExposeSecret::expose_secret(token).to_owned(),
            TokenPlace::File(path) => {
                fs::read_to_string(path).map_err(|error| AuthError::UnreadableFile {
                    what: "token of the service account",
                    path: path.clone(),
                    cause: error.to_string(),
                })?
            }
        };
        let token = token.trim().to_owned();
        let what = "the service account's token";
        let claims = Claims::of(&token).map_err(|problem| AuthError::BadToken { what, problem })?;
        match claims.expires() {
            Some(at) if at <= now => Err(AuthError::BadToken { what, problem: "has expired" }),
            _ => Ok(token),
        }
    }
}

/// Three times 16 random bytes (`generate_opc_request_id` in `auth_utils.py` of Oracle's Python SDK).
fn request_id() -> Result<HeaderValue, AuthError> {
    let mut parts = Vec::new();
    for _ in 0..3 {
        let mut bytes = [0; 16];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| AuthError::SessionKey)?;
        parts.push(format!("{:032x}", u128::from_be_bytes(bytes)));
    }
    HeaderValue::try_from(parts.join("/")).map_err(|_| AuthError::SessionKey)
}

fn token_place(env: &Environment) -> TokenPlace {
    if let Some(token) = env.get("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_STRING") {
        return TokenPlace::Given(token.to_owned().into());
    }
    let path = env.get("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH");
    TokenPlace::File(path.map_or_else(|| PathBuf::from(format!("{ACCOUNT}/token")), PathBuf::from))
}

impl Source for WorkloadIdentity {
    fn begin(&self, now: Timestamp) -> BoxFuture<'_, Result<Session, AuthError>> {
        Box::pin(self.ask(now))
    }
}
