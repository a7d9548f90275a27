//! The signature of a message: whoever knows the secret can tell that it came from here, unchanged and just now.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign as hmac};
use jiff::Timestamp;

use crate::channels::message::hex;

/// The value of the header: `t=<seconds since 1970>,v1=<hex>`, signed over the seconds, a dot and the body. The time is
/// signed along, so that an old message is known for one.
pub fn sign(secret: &[u8], now: Timestamp, body: &[u8]) -> String {
    let seconds = now.as_second().to_string();
    let mut signed = Vec::with_capacity(seconds.len() + 1 + body.len());
    signed.extend_from_slice(seconds.as_bytes());
    signed.push(b'.');
    signed.extend_from_slice(body);
    let tag = hmac(&Key::new(HMAC_SHA256, secret), &signed);
    format!("t={seconds},v1={}", hex(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_what_anybody_else_computes() {
        // printf '1780315200.{"a":1}' | openssl dgst -sha256 -hmac hunter2
        let signed = sign(b"hunter2", "2026-06-01T12:00:00Z".parse().unwrap(), br#"{"a":1}"#);
        assert_eq!(
            signed,
            "t=1780315200,v1=bc392da03300f26a4791641e219c5e5bc03ca5c90057d4bdfc5f1ebf535f842a"
        );
    }
}
