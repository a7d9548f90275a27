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

/// Checks a request that must sign at least `required`, a date, and its body if it may have one; yields who signed. The
/// error says what is wrong with it.
pub(crate) fn check_naming<'s>(
    parts: &Parts,
    body: &[u8],
    signers: &'s [Signer],
    now: Timestamp,
    required: &[&str],
) -> Result<&'s Signer, String> {
    let authorization = header(parts, "authorization").ok_or("the request is not signed")?;
    let fields =
        fields(authorization.strip_prefix("Signature ").ok_or("the authorization is no signature")?)?;
    let field = |name: &str| fields.get(name).copied().ok_or_else(|| format!("the signature lacks {name}"));
    if field("algorithm")? != "rsa-sha256" || field("version")? != "1" {
        return Err("the signature is not of version 1 with rsa-sha256".to_owned());
    }
    let names: Vec<&str> = field("headers")?.split(' ').collect();
    check_names(parts, &names, required)?;
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
        Ok(signer)
    } else {
        Err("the signature does not fit the request".to_owned())
    }
}

/// The parameters: each once, each in quotes.
fn fields(text: &str) -> Result<HashMap<&str, &str>, String> {
    let mut fields = HashMap::new();
    for pair in text.split(',') {
        let (name, value) = pair.split_once('=').ok_or("the signature has a parameter without a value")?;
        let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let value = quoted.ok_or_else(|| format!("the signature's {name} is not in quotes"))?;
        if fields.insert(name, value).is_some() {
            return Err(format!("the signature has {name} twice"));
        }
    }
    Ok(fields)
}

fn check_names(parts: &Parts, names: &[&str], required: &[&str]) -> Result<(), String> {
    let has_body = matches!(parts.method.as_str(), "POST" | "PUT" | "PATCH");
    let body: &[&str] = if has_body { &["content-length", "content-type", "x-content-sha256"] } else { &[] };
    if !names.contains(&"date") && !names.contains(&"x-date") {
        return Err("the date is not signed".to_owned());
    }
    match required.iter().chain(body).find(|name| !names.contains(name)) {
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
        if parts.headers.get_all(*name).iter().count() > 1 {
            return Err(format!("{name} is signed and sent more than once"));
        }
        let value = header(parts, name).ok_or_else(|| format!("{name} is signed and not sent"))?;
        Ok(format!("{name}: {value}"))
    };
    names.iter().map(line).collect::<Result<Vec<String>, String>>().map(|lines| lines.join("\n"))
}

fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;
    use crate::keys::Key;

    fn check(parts: &Parts, body: &[u8], signers: &[Signer], now: Timestamp) -> Result<(), String> {
        check_naming(parts, body, signers, now, &["(request-target)", "host"]).map(drop)
    }

    const TARGET: &str = "/admin/v1/ApiKeys/.search?page=1";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn now() -> Timestamp {
        at("2026-01-05T21:31:40Z")
    }

    /// A request as a client signs it, with the text signed by the key itself.
    fn request(key: &Key, body: &[u8]) -> Vec<(&'static str, String)> {
        let sha = BASE64_STANDARD.encode(digest(&SHA256, body));
        let mut headers = vec![
            ("date", "Mon, 05 Jan 2026 21:31:40 GMT".to_owned()),
            ("host", "127.0.0.1:1".to_owned()),
            ("content-length", body.len().to_string()),
            ("content-type", "application/json".to_owned()),
            ("x-content-sha256", sha),
        ];
        let names = "date (request-target) host content-length content-type x-content-sha256";
        let unsigned = parts(&headers);
        let text = signing_string(&unsigned, &names.split(' ').collect::<Vec<_>>()).unwrap();
        let signature = BASE64_STANDARD.encode(key.sign(&text));
        let key_id = format!("{}/{}/{}", crate::keys::TENANCY, crate::keys::AUDITOR, key.fingerprint);
        headers.push((
            "authorization",
            format!("Signature algorithm=\"rsa-sha256\",headers=\"{names}\",keyId=\"{key_id}\",signature=\"{signature}\",version=\"1\""),
        ));
        headers
    }

    fn parts(headers: &[(&'static str, String)]) -> Parts {
        let request = Request::post(TARGET);
        headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, value))
            .body(())
            .unwrap()
            .into_parts()
            .0
    }

    #[test]
    fn only_what_was_signed_is_let_in() {
        let key = Key::generate().unwrap();
        let signers = [key.api_key_signer()];
        let good = request(&key, b"{}");
        assert_eq!(check(&parts(&good), b"{}", &signers, now()), Ok(()));
        assert_eq!(
            check(&parts(&good), b"{}", &signers, at("2026-01-05T21:36:40Z")),
            Ok(()),
            "five minutes are let pass"
        );
        let late = check(&parts(&good), b"{}", &signers, at("2026-01-05T21:36:41Z"));
        assert!(late.unwrap_err().contains("clock"));
        assert!(check(&parts(&good), b"{} ", &signers, now()).unwrap_err().contains("body"));
        let stranger = [Key::generate().unwrap().api_key_signer()];
        assert!(check(&parts(&good), b"{}", &stranger, now()).unwrap_err().contains("not known"));
        for name in ["host", "content-type", "date"] {
            let mut changed = good.clone();
            let value = if name == "date" { "Mon, 05 Jan 2026 21:31:41 GMT" } else { "other" };
            changed.iter_mut().find(|header| header.0 == name).unwrap().1 = value.to_owned();
            assert!(
                check(&parts(&changed), b"{}", &signers, now()).unwrap_err().contains("does not fit"),
                "{name}"
            );
        }
        let fewer = |name: &str| {
            let mut changed = good.clone();
            let authorization = &mut changed.last_mut().unwrap().1;
            *authorization = authorization.replace(&format!(" {name}"), "");
            check(&parts(&changed), b"{}", &signers, now())
        };
        for name in ["(request-target)", "host", "content-length", "content-type", "x-content-sha256"] {
            assert!(fewer(name).unwrap_err().contains("is not signed"), "{name}");
        }
        let mut doubled = good.clone();
        doubled.push(("host", "elsewhere".to_owned()));
        assert!(check(&parts(&doubled), b"{}", &signers, now()).unwrap_err().contains("more than once"));
        for (from, to, message) in [
            ("version=\"1\"", "version=1", "not in quotes"),
            (",version", ",keyId=\"x\",version", "keyId twice"),
        ] {
            let mut changed = good.clone();
            let authorization = &mut changed.last_mut().unwrap().1;
            *authorization = authorization.replace(from, to);
            assert!(
                check(&parts(&changed), b"{}", &signers, now()).unwrap_err().contains(message),
                "{message}"
            );
        }
        assert!(check(&parts(&good[..5]), b"{}", &signers, now()).unwrap_err().contains("not signed"));
    }

    #[test]
    fn a_token_ends() {
        let key = Key::generate().unwrap();
        let token = key.token(crate::keys::TENANCY, now());
        let signer = key.token_signer(&token, now());
        assert!(signer.goes_by(&format!("ST${token}"), at("2026-01-05T21:31:39Z")));
        assert!(!signer.goes_by(&format!("ST${token}"), now()));
    }
}
