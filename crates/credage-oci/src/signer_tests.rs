use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// Made once with Oracle's Python SDK by `tests/vectors/make_vectors.py`.
const VECTORS: &str = include_str!("../tests/vectors/signatures.json");

#[derive(Deserialize)]
struct Vectors {
    public_key: String,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    url: String,
    body: Option<String>,
    headers: String,
    key_id: String,
    signing_string: String,
    signature: String,
}

fn now() -> Timestamp {
    "2026-01-05T21:31:40.999Z".parse().unwrap()
}

fn signed(method: &str, url: &str, body: Option<&str>) -> Vec<(&'static str, String)> {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    signed_headers(&method, &url.parse().unwrap(), body.map(str::as_bytes), now()).unwrap()
}

fn key(key_id: &str) -> SigningKey {
    SigningKey::new(key_id, Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
}

#[test]
fn oracle_s_sdk_signs_the_same_text() {
    let vectors: Vectors = serde_json::from_str(VECTORS).unwrap();
    let public = BASE64_STANDARD.decode(&vectors.public_key).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
    assert_eq!(vectors.vectors.len(), 8);
    for vector in vectors.vectors {
        let signed = signed(&vector.method, &vector.url, vector.body.as_deref());
        let names: Vec<_> = signed.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.join(" "), vector.headers, "{}", vector.name);
        let text = signing_string(&signed);
        assert_eq!(text, vector.signing_string, "{}", vector.name);
        let signature = BASE64_STANDARD.decode(vector.signature).unwrap();
        public.verify(text.as_bytes(), &signature).unwrap();
        assert_eq!(vector.key_id.split('/').count(), 3);
    }
}

#[test]
fn the_default_port_is_neither_signed_nor_sent() {
    let url = "https://idcs-1.identity.oraclecloud.com:443/admin/v1/Users";
    let signed = signed("GET", url, None);
    assert_eq!(signed[2], ("host", "idcs-1.identity.oraclecloud.com".to_owned()));
}

#[test]
fn the_headers_carry_what_was_signed() {
    let key = key("t/u/f");
    let url: Url = "https://example.com:8443/admin/v1/ApiKeys/.search".parse().unwrap();
    let mut headers = HeaderMap::new();
    key.sign(&Method::POST, &url, Some(b"{}"), now()).unwrap().apply(&mut headers);
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!((text("host"), text("content-length")), ("example.com:8443".to_owned(), "2".to_owned()));
    assert!(headers["authorization"].is_sensitive());
    let authorization = text("authorization");
    assert!(authorization.starts_with(
        "Signature algorithm=\"rsa-sha256\",headers=\"date (request-target) host content-length"
    ));
    assert!(authorization.contains("keyId=\"t/u/f\"") && authorization.ends_with("version=\"1\""));
    let signature = authorization.split("signature=\"").nth(1).unwrap().split('"').next().unwrap();
    let text = signing_string(&signed("POST", url.as_str(), Some("{}")));
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.key.public_key().as_ref());
    public.verify(text.as_bytes(), &BASE64_STANDARD.decode(signature).unwrap()).unwrap();
}

/// The headers that Oracle's SDK signs; `tests/sdk.rs` asks it.
#[test]
fn a_delegation_token_is_signed_and_sent_with_every_request_but_those_for_tokens() {
    let key = key("ST$x").on_behalf_of("a.b.c".to_owned().into());
    let url: Url = "https://example.com/admin/v1/ApiKeys".parse().unwrap();
    let sent = |method: &Method, body: Option<&[u8]>| {
        let mut headers = HeaderMap::new();
        key.sign(method, &url, body, now()).unwrap().apply(&mut headers);
        headers
    };
    let names = |headers: &HeaderMap| {
        let text = headers["authorization"].to_str().unwrap();
        text.split("headers=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let generic = "date (request-target) host opc-obo-token";
    let (get, post) = (sent(&Method::GET, None), sent(&Method::POST, Some(b"{}")));
    assert_eq!(names(&get), generic);
    assert_eq!(names(&post), format!("{generic} content-length content-type x-content-sha256"));
    for headers in [&get, &post] {
        assert_eq!(headers["opc-obo-token"], "a.b.c");
        assert!(headers["opc-obo-token"].is_sensitive());
    }
    let mut headers = HeaderMap::new();
    key.sign_for_token(&url, b"{}", now()).unwrap().apply(&mut headers);
    assert!(!headers.contains_key("opc-obo-token") && !names(&headers).contains("opc-obo-token"));
}

#[test]
fn tokens_are_not_printed() {
    let key = key("ST$eyJhbGciOi").on_behalf_of("hunter2".to_owned().into());
    assert_eq!(format!("{key:?}"), "SigningKey { key_id: \"ST$…\", .. }");
}

proptest! {
    #[test]
    fn the_target_is_signed_as_it_is_sent(path in "[a-zA-Z0-9 é/%.]{0,30}", query in "[a-z =&+\"ü]{0,30}") {
        let mut url: Url = "https://example.com".parse().unwrap();
        url.set_path(&path);
        url.set_query(Some(&query));
        let signed = signed("GET", url.as_str(), None);
        let sent = &url[url::Position::BeforePath..url::Position::AfterQuery];
        prop_assert_eq!(&signed[1].1, &format!("get {sent}"));
        prop_assert!(sent.is_ascii());
        prop_assert_eq!(signing_string(&signed).lines().count(), 3);
    }
}
