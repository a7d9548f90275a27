//! Who gives tokens: instance metadata with the federation endpoint, and the proxy of a cluster. Requests are held
//! against what Oracle's Python SDK sends (`federation_client.py`, `oke_workload_identity_resource_principal_signer.py`).

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::Response;
use hyper::http::request::Parts;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::identity::refuse;
use super::service::State;
use crate::clock;
use crate::http::answer::{not_authenticated, ok, with_status};
use crate::http::body::Sent;
use crate::http::{oauth, signature};
use crate::keys::Signer;

/// Instance metadata, version 2: nothing without its header.
pub(super) fn metadata(state: &State, parts: &Parts, path: &str) -> Response<Sent> {
    let authorization = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    if authorization != Some("Bearer Oracle") {
        return refuse(401, "NotAuthenticated", "version 2 of the metadata wants its header");
    }
    let moved = state.config.tenancy_changes && state.certificates_read.load(Ordering::Relaxed) > 1;
    let leaf = if moved { &state.authority.foreign } else { &state.authority.leaf };
    let [region, key, realm, domain] = if state.config.sovereign_instance {
        ["us-dcc-test-1", "TST", "oc17", "oc17.test"]
    } else {
        ["us-ashburn-1", "IAD", "oc1", "oraclecloud.com"]
    };
    let text = match path {
        "instance/region" => region.to_owned(),
        "instance/regionInfo" => json!({
            "realmKey": realm, "realmDomainComponent": domain, "regionKey": key, "regionIdentifier": region,
        })
        .to_string(),
        "identity/cert.pem" => {
            state.certificates_read.fetch_add(1, Ordering::Relaxed);
            let moved = state.config.tenancy_changes && state.certificates_read.load(Ordering::Relaxed) > 1;
            if moved { state.authority.foreign.certificate.clone() } else { leaf.certificate.clone() }
        }
        "identity/key.pem" => leaf.key.clone(),
        "identity/intermediate.pem" => state.authority.pem(),
        _ => return refuse(404, "NotFound", "no such metadata"),
    };
    with_status(200, text.into_bytes())
}

/// A token for a certificate.
pub(super) fn federate(state: &State, parts: &Parts, body: &[u8]) -> Response<Sent> {
    state.note(parts, body);
    let signers = [state.authority.leaf.signer()];
    let now = clock::now();
    if let Err(reason) = signature::check_naming(parts, body, &signers, now, &["(request-target)"]) {
        return not_authenticated(&reason);
    }
    let Ok(request) = serde_json::from_slice::<Map<String, Value>>(body) else {
        return refuse(400, "InvalidParameter", "the body is no JSON object");
    };
    let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("certificate") != bare(&state.authority.leaf.certificate) {
        return refuse(401, "NotAuthenticated", "the certificate is not that of the signature");
    }
    if request.get("intermediateCertificates") != Some(&json!([bare(&state.authority.pem())])) {
        return refuse(401, "NotAuthenticated", "the chain of the certificate is not complete");
    }
    let known = ["certificate", "publicKey", "intermediateCertificates", "purpose", "fingerprintAlgorithm"];
    if let Some(odd) = request.keys().find(|key| !known.contains(&key.as_str())) {
        return refuse(400, "InvalidParameter", &format!("{odd} is not known"));
    }
    match session(state, text("publicKey"), now, "instance") {
        Some(token) => ok(&json!({"token": token})),
        None => refuse(400, "InvalidParameter", "publicKey is no public key in base64"),
    }
}

/// A token for a pod.
pub(super) fn pod(state: &State, parts: &Parts, body: &[u8]) -> Response<Sent> {
    state.note(parts, body);
    if state.config.basic_cluster {
        return refuse(403, "Forbidden", "not an enhanced cluster");
    }
    let account = state.account.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let authorization =
        parts.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if account.is_none() || authorization.strip_prefix("Bearer ") != account.as_deref() {
        return refuse(401, "NotAuthenticated", "the service account is not known");
    }
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let key = request.get("podKey").and_then(Value::as_str).unwrap_or_default();
    match session(state, key, clock::now(), "workload") {
        Some(token) => {
            let answer = BASE64_STANDARD.encode(json!({"token": format!("ST${token}")}).to_string());
            with_status(200, answer.into_bytes())
        }
        None => refuse(400, "InvalidParameter", "podKey is no public key in base64"),
    }
}

/// Lets in whoever holds the other half of a public key.
fn session(state: &State, public: &str, now: Timestamp, ptype: &str) -> Option<String> {
    let public = BASE64_STANDARD.decode(public).ok().filter(|key| key.len() > 256)?;
    let expires = now.checked_add(state.config.token_lifetime).ok()?;
    let own = if ptype == "instance" { state.config.instance_tenancy() } else { &state.config.tenancy };
    let foreign = format!("{own}other");
    let tenancy = if state.config.foreign_tokens { foreign.as_str() } else { own };
    let token = oauth::session_token(tenancy, expires, now, ptype);
    let borrowed = ptype == "instance" && state.config.instances_only_delegate;
    state.keyring.welcome(Signer::new(format!("ST${token}"), public, Some(expires)).only_on_behalf(borrowed));
    Some(token)
}

/// PEM without its first and last line and without breaks.
fn bare(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect()
}
