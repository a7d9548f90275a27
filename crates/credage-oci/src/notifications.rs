//! OCI Notifications, as far as messages are published (`ons/notification_data_plane_client.py` of Oracle's Python SDK,
//! 20181201).

use std::sync::atomic::AtomicU64;

use serde::{Deserialize, Serialize};

use crate::client::{Client, RequestError};
use crate::scim::query::Request;

/// The most bytes of a message ("Message size limit per request: 64KB"). The whole request counts here, in thousands, so
/// that however the service counts, it fits.
pub const MAX_MESSAGE: usize = 64_000;

/// Publishes to topics.
pub struct Notifications {
    client: Client,
    tally: AtomicU64,
}

#[derive(Serialize)]
struct Details<'a> {
    title: &'a str,
    body: &'a str,
}

/// What the service says of a message that it took.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// The service's id of the message.
    #[serde(default)]
    pub message_id: Option<String>,
}

impl Notifications {
    /// Publishes through `client`.
    pub const fn new(client: Client) -> Self {
        Self { client, tally: AtomicU64::new(0) }
    }

    /// The bytes of a message, as the request carries them.
    pub fn encode(title: &str, body: &str) -> Vec<u8> {
        // Two strings can always be written as JSON.
        serde_json::to_vec(&Details { title, body }).unwrap_or_default()
    }

    /// Publishes an encoded message to a topic, by its OCID.
    ///
    /// # Errors
    /// What the service refuses, and what got no answer.
    pub async fn publish(&self, topic: &str, message: Vec<u8>) -> Result<Published, RequestError> {
        let path = format!("/20181201/topics/{}/messages", crate::endpoint::encode(topic));
        let url = self.client.endpoint().resource(&path, &[]);
        self.client.fetch(&Request::post(url, message), &self.tally).await
    }
}
