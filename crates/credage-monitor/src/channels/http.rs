//! What HTTP answers mean for a message.

use credage_oci::transport::{Reply, TransportError};
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

use super::error::DeliveryError;
use super::message::Receipt;
use crate::page::clean;

/// The headers of a request with a body in JSON.
pub(super) fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))])
}

/// Takes 2xx for delivered; 429, 5xx and broken connections may pass, everything else will not.
pub(super) fn judge(sent: Result<Reply, TransportError>, now: Timestamp) -> Result<Receipt, DeliveryError> {
    let reply = sent?;
    let wait = reply.wait(Some(now));
    let said = said(&reply.body);
    match reply.status {
        200..=299 => Ok(Receipt::whole(reply.request_id)),
        429 => {
            Err(DeliveryError::passing(format!("it answers that we are too fast (429){said}"))
                .not_before(wait))
        }
        status @ 500.. => Err(DeliveryError::passing(format!("it answers {status}{said}")).not_before(wait)),
        status @ 300..=399 => {
            Err(DeliveryError::lasting(format!("it redirects ({status}), and redirects are never followed"))
                .hint("give the URL that it redirects to"))
        }
        status => Err(DeliveryError::lasting(format!("it refuses the message: {status}{said}"))),
    }
}

/// The beginning of what it said, where that is text.
fn said(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if text.is_empty() || text.starts_with('<') { String::new() } else { format!(": {}", clean(text)) }
}
