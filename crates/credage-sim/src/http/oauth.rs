//! `/oauth2/v1/token` of a domain: client credentials and token exchange, as strictly as documented (Oracle's page "OAuth
//! Client Credentials Grant" and `token_exchange_signer.py` of its Python SDK).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::Response;
use hyper::http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::answer::{ok, pairs, with_status};
use super::body::Sent;
use crate::keyring::Keyring;
use crate::keys::{AUDITOR, Signer, TENANCY, jwt};

/// Where tokens are to be had.
pub(crate) const PATH: &str = "/oauth2/v1/token";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// Gives a token, or says what is wrong with the request.
pub(crate) fn token(
    keyring: &Keyring,
    lifetime: SignedDuration,
    parts: &Parts,
    body: &[u8],
    now: Timestamp,
) -> Response<Sent> {
    let header =
        |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if parts.method != "POST" {
        return refuse(405, "invalid_request", "use POST");
    }
    let form_type = header("content-type").split(';').next().unwrap_or_default().trim();
    if form_type != "application/x-www-form-urlencoded" {
        return refuse(400, "invalid_request", "the body is no form");
    }
    let Some((id, secret)) = basic(header("authorization")) else {
        return refuse(401, "invalid_client", "Client authentication failed.");
    };
    if !keyring.knows_client(&id, &secret) {
        return refuse(401, "invalid_client", "Client authentication failed.");
    }
    let form = pairs(std::str::from_utf8(body).unwrap_or_default());
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let expires = now.checked_add(lifetime).unwrap_or(Timestamp::MAX);
    match field("grant_type") {
        "client_credentials" => {
            if !field("scope").starts_with("urn:opc:idm:") {
                return refuse(400, "invalid_scope", "The scope is none of this domain.");
            }
            let token = jwt(&json!({"sub": id, "exp": expires.as_second(), "jti": serial(now)}));
            keyring.welcome_bearer(token.clone(), expires);
            ok(&json!({"access_token": token, "token_type": "Bearer", "expires_in": lifetime.as_secs()}))
        }
        EXCHANGE => exchange(keyring, &field, expires, now),
        other => refuse(400, "unsupported_grant_type", &format!("The grant type {other} is not supported.")),
    }
}

fn exchange<'a>(
    keyring: &Keyring,
    field: &impl Fn(&str) -> &'a str,
    expires: Timestamp,
    now: Timestamp,
) -> Response<Sent> {
    if field("requested_token_type") != "urn:oci:token-type:oci-upst" || field("subject_token_type") != "jwt"
    {
        return refuse(400, "invalid_request", "The token types are not supported.");
    }
    if !keyring.knows_subject(field("subject_token")) {
        return refuse(401, "invalid_grant", "The subject token is not trusted.");
    }
    let Some(public) = BASE64_STANDARD.decode(field("public_key")).ok().filter(|key| key.len() > 256) else {
        return refuse(400, "invalid_request", "The public key is not in base64.");
    };
    let token = session_token(TENANCY, expires, now, "upst");
    keyring.welcome(Signer::new(format!("ST${token}"), public, Some(expires)));
    ok(&json!({"token": token}))
}

/// A token for a session key; the signer goes by `ST$` and it.
pub(crate) fn session_token(tenancy: &str, expires: Timestamp, now: Timestamp, ptype: &str) -> String {
    jwt(&json!({
        "sub": AUDITOR, "tenant": tenancy, "res_tenant": tenancy, "ptype": ptype, "jti": serial(now),
        "exp": expires.as_second(), "iat": now.as_second(),
    }))
}

/// Something that no two tokens share.
fn serial(now: Timestamp) -> String {
    now.as_nanosecond().to_string()
}

fn basic(header: &str) -> Option<(String, String)> {
    let text = BASE64_STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(text).ok()?;
    text.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}

fn refuse(status: u16, error: &str, description: &str) -> Response<Sent> {
    let body = json!({"error": error, "error_description": description});
    with_status(status, body.to_string().into_bytes())
}
