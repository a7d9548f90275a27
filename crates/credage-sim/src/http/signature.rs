//! Request signatures, checked as Oracle's page "Request Signatures" has them. Everything that a client could get
//! wrong is refused: an unknown key, too few signed headers, a body that is not the signed one, a clock that is off.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::http::request::Parts;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

use crate::keys::Signer;

/// How far clocks may be apart (Oracle's page "Request Signatures").
const MAX_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Checks a request; the error says what is wrong with it.
pub(crate) fn check(parts: &Parts, body: &[u8], signers: &[Signer], now: Timestamp) -> Result<(), String> {
    let authorization = header(parts, "authorization").ok_or("the request is not signed")?;
    let fields = fields(authorization.strip_prefix("Signature ").ok_or("the authorization is no signature")?);
    let field = |name: &str| fields.get(name).copied().ok_or_else(|| format!("the signature lacks {name}"));
    if field("algorithm")? != "rsa-sha256" || field("version")? != "1" {
        return Err("the signature is not of version 1 with rsa-sha256".to_owned());
    }
    let names: Vec<&str> = field("headers")?.split(' ').collect();
    check_names(parts, &names)?;
    check_clock(parts, &names, now)?;
    check_body(parts, body, &names)?;
    let text = signing_string(parts, &names)?;
    let signature = BASE64_STANDARD.decode(field("signature")?).map_err(|_| "the signature is no base64")?;
    let key_id = field("keyId")?;
    let signer = signers
        .iter()
        .find(|signer| signer.goes_by(key_id, now))
        .ok_or("the key is not known or has expired")?;
    if signer.signed(&text, &signature) {
        Ok(())
    } else {
        Err("the signature does not fit the request".to_owned())
    }
}

fn fields(text: &str) -> HashMap<&str, &str> {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim(), value.trim().trim_matches('"'))).collect()
}

fn check_names(parts: &Parts, names: &[&str]) -> Result<(), String> {
    let has_body = matches!(parts.method.as_str(), "POST" | "PUT" | "PATCH");
    let body: &[&str] = if has_body { &["content-length", "content-type", "x-content-sha256"] } else { &[] };
    if !names.contains(&"date") && !names.contains(&"x-date") {
        return Err("the date is not signed".to_owned());
    }
    match ["(request-target)", "host"].iter().chain(body).find(|name| !names.contains(name)) {
        Some(name) => Err(format!("{name} is not signed")),
        None => Ok(()),
    }
}

fn check_clock(parts: &Parts, names: &[&str], now: Timestamp) -> Result<(), String> {
    let name = if names.contains(&"x-date") { "x-date" } else { "date" };
    let text = header(parts, name).ok_or("the date is missing")?;
    let sent = rfc2822::parse(text).map_err(|_| "the date is no HTTP date")?.timestamp();
    if sent.duration_since(now).abs() <= MAX_SKEW {
        Ok(())
    } else {
        Err("the clock is more than 5 minutes off".to_owned())
    }
}

fn check_body(parts: &Parts, body: &[u8], names: &[&str]) -> Result<(), String> {
    if !names.contains(&"x-content-sha256") {
        return Ok(());
    }
    let said = header(parts, "x-content-sha256").unwrap_or_default();
    let length = header(parts, "content-length").and_then(|text| text.parse().ok());
    if said == BASE64_STANDARD.encode(digest(&SHA256, body)) && length == Some(body.len()) {
        Ok(())
    } else {
        Err("the body is not the one that was signed".to_owned())
    }
}

fn signing_string(parts: &Parts, names: &[&str]) -> Result<String, String> {
    let line = |name: &&str| {
        if *name == "(request-target)" {
            let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
            return Ok(format!("{name}: {} {target}", parts.method.as_str().to_lowercase()));
        }
        let value = header(parts, name).ok_or_else(|| format!("{name} is signed and not sent"))?;
        Ok(format!("{name}: {value}"))
    };
    names.iter().map(line).collect::<Result<Vec<String>, String>>().map(|lines| lines.join("\n"))
}

fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name).and_then(|value| value.to_str().ok())
}
