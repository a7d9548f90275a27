//! OCI Notifications, as far as messages are published (`ons/notification_data_plane_client.py` of Oracle's Python SDK,
//! `publish_message`): signed, not larger than 64 KB, to a topic that there is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use hyper::Response;
use hyper::header::{HeaderValue, RETRY_AFTER};
use hyper::http::request::Parts;
use serde_json::{Map, Value, json};

use super::identity::refuse;
use super::service::State;
use crate::clock;
use crate::config::FaultAction;
use crate::http::answer::{Outcome, not_authenticated, with_status};
use crate::http::body::Sent;

/// The one topic of every simulated tenancy.
pub const TOPIC: &str = "ocid1.onstopic.oc1.iad.aaaaaaaasimulatedtopic";

/// "Message size limit per request: 64KB".
const MAX_MESSAGE: usize = 64 * 1024;

/// A message that a topic took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The topic.
    pub topic: String,
    /// The message's title.
    pub title: String,
    /// The message's body.
    pub body: String,
}

/// What was published.
#[derive(Debug, Default)]
pub(super) struct Topics {
    asked: AtomicU64,
    published: Mutex<Vec<Published>>,
}

impl Topics {
    pub(super) fn published(&self) -> Vec<Published> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Answers what stands behind `/20181201/topics/`.
pub(super) fn answer(state: &State, parts: &Parts, body: &[u8], path: &str) -> Outcome {
    if let Err(reason) = state.keyring.check(parts, body, clock::now()) {
        state.stats.lock().unwrap_or_else(PoisonError::into_inner).refused_signatures += 1;
        return Outcome::Answer(not_authenticated(&reason));
    }
    let number = state.topics.asked.fetch_add(1, Ordering::Relaxed) + 1;
    let fault = state.config.topic_faults.iter().find(|fault| fault.strikes(number));
    match fault.map(|fault| fault.action) {
        Some(FaultAction::Reset) => Outcome::Reset,
        Some(FaultAction::Stall) => Outcome::Stall,
        Some(FaultAction::Status(status)) => {
            let mut response = refuse(status, "Simulated", "Something went wrong on purpose.");
            if let Some(seconds) = state.config.topic_retry_after {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            Outcome::Answer(response)
        }
        Some(_) | None => Outcome::Answer(publish(state, parts, body, path)),
    }
}

fn publish(state: &State, parts: &Parts, body: &[u8], path: &str) -> Response<Sent> {
    if parts.method != "POST" {
        return refuse(405, "MethodNotAllowed", "only publishing is simulated");
    }
    if path.strip_suffix("/messages") != Some(TOPIC) {
        return refuse(
            404,
            "NotAuthorizedOrNotFound",
            "Authorization failed or requested resource not found.",
        );
    }
    if body.len() > MAX_MESSAGE {
        return refuse(413, "PayloadTooLarge", "The message is larger than 64KB.");
    }
    let invalid = |message: &str| refuse(400, "InvalidParameter", message);
    let kind = parts.headers.get("messagetype").map(HeaderValue::as_bytes);
    if kind.is_some_and(|kind| kind != b"JSON" && kind != b"RAW_TEXT") {
        return invalid("messageType is neither JSON nor RAW_TEXT");
    }
    let Ok(details) = serde_json::from_slice::<Map<String, Value>>(body) else {
        return invalid("the body is no JSON object");
    };
    if let Some(odd) = details.keys().find(|key| !["title", "body"].contains(&key.as_str())) {
        return invalid(&format!("{odd} is not known"));
    }
    let text = |name: &str| details.get(name).and_then(Value::as_str);
    let Some(body) = text("body").filter(|body| !body.is_empty()) else {
        return invalid("body is missing");
    };
    let title = text("title").unwrap_or_default().to_owned();
    let mut published = state.topics.published.lock().unwrap_or_else(PoisonError::into_inner);
    published.push(Published { topic: TOPIC.to_owned(), title, body: body.to_owned() });
    let said =
        json!({"messageId": format!("simulated-{}", published.len()), "timeStamp": clock::now().to_string()});
    with_status(202, said.to_string().into_bytes())
}
