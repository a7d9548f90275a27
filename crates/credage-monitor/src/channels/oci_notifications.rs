//! A topic of OCI Notifications: one signed message, never larger than the service takes.

use std::sync::Arc;

use credage_core::config::{ConfigError, ConfigSource};
use credage_oci::auth::Setting;
use credage_oci::notifications::{MAX_MESSAGE, Notifications};
use credage_oci::region::Region;
use credage_oci::transport::TransportError;
use credage_oci::{Client, ClientOptions, Deadline, Endpoint, Principal, RateLimit, RequestError};
use futures::FutureExt;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::error::DeliveryError;
use super::message::{Message, Part, Receipt};
use super::open::{Means, OpenError};
use super::settings::Settings;
use super::{Channel, ChannelKind};
use crate::digest::Digest;
use crate::page::{Audience, Page, clean};
use crate::text::text;

/// A topic of OCI Notifications, whose subscribers may be mail addresses, Slack, PagerDuty, functions and more. The
/// audit's own principal publishes; it needs `use ons-topics`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTopic {
    /// The topic's OCID, `ocid1.onstopic.…`.
    #[schemars(with = "String")]
    topic: Spanned<String>,
    /// The topic's region, such as us-ashburn-1 [default: what the OCID says].
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    region: Option<Spanned<String>>,
    /// The topic's own endpoint (`apiEndpoint`), where it is not that of its region.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    endpoint: Option<Spanned<String>>,
}

/// A topic, as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSettings {
    ocid: String,
    region: String,
    endpoint: Option<Endpoint>,
}

/// Validates.
pub(super) fn settings(source: &ConfigSource, raw: &RawTopic) -> Result<TopicSettings, ConfigError> {
    let topic = raw.topic.get_ref().trim();
    let parts: Vec<&str> = topic.split('.').collect();
    let written = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let ["ocid1", "onstopic", _, region, _, ..] = parts.as_slice() else {
        return Err(no_topic(source, &raw.topic));
    };
    if !topic.chars().all(written) {
        return Err(no_topic(source, &raw.topic));
    }
    let region = match &raw.region {
        Some(region) => region.get_ref().trim().to_owned(),
        None => (*region).to_owned(),
    };
    if region.is_empty() && raw.endpoint.is_none() {
        let wrong = source.error(Some(raw.topic.span()), "the OCID names no region");
        return Err(wrong.hint("add `region`, such as us-ashburn-1"));
    }
    let endpoint = raw.endpoint.as_ref().map(|text| {
        text.get_ref().parse::<Endpoint>().map_err(|error| source.error(Some(text.span()), error.to_string()))
    });
    Ok(TopicSettings { ocid: topic.to_owned(), region, endpoint: endpoint.transpose()? })
}

fn no_topic(source: &ConfigSource, topic: &Spanned<String>) -> ConfigError {
    source
        .error(Some(topic.span()), format!("`{}` is no OCID of a topic", topic.get_ref()))
        .hint("write it as the topic's page in the console shows it, ocid1.onstopic.oc1.…")
}

/// A topic that can be published to.
pub(super) struct Topic {
    ocid: String,
    endpoint: String,
    max_items: usize,
    notifications: Result<Notifications, String>,
}

/// Finds the endpoint and takes the principal.
pub(super) fn open(
    topic: &TopicSettings,
    settings: &Settings,
    means: &Means<'_>,
) -> Result<Topic, OpenError> {
    let failed = |error: &dyn std::fmt::Display| settings.setup_error(error);
    let endpoint = if let Some(endpoint) = &topic.endpoint {
        endpoint.clone()
    } else {
        let said = Setting { value: topic.region.clone(), origin: "the topic".to_owned() };
        let region = Region::find(&said, Some(&topic.ocid), means.env).map_err(|error| failed(&error))?;
        region.notification().parse().map_err(|_| failed(&format!("`{}` is no region", topic.region)))?
    };
    let authority = endpoint.authority();
    let notifications = match &means.principal {
        Ok(principal) => Ok(client(endpoint, principal, means).map_err(|error| failed(&error))?),
        Err(why) => Err(why.clone()),
    };
    Ok(Topic { ocid: topic.ocid.clone(), endpoint: authority, max_items: settings.max_items, notifications })
}

fn client(
    endpoint: Endpoint,
    principal: &Arc<Principal>,
    means: &Means<'_>,
) -> Result<Notifications, TransportError> {
    // One try each: how often, and how long to wait, is decided where all channels are delivered.
    let options = ClientOptions {
        rate_limit: RateLimit::None,
        concurrency: 1,
        retries: 0,
        slow_downs: 0,
        network: means.network.clone(),
        // It bounds what is read; who is to be notified is notified after it too.
        deadline: Deadline::NONE,
        pace_folder: None,
    };
    Client::new(endpoint, Arc::clone(principal), options, means.clock.clone()).map(Notifications::new)
}

impl Channel for Topic {
    fn kind(&self) -> ChannelKind {
        ChannelKind::OciNotifications
    }

    fn target(&self) -> String {
        format!("{} at {}", self.ocid, self.endpoint)
    }

    fn render(&self, digest: &Digest) -> Vec<Message> {
        vec![fitting(digest, self.max_items)]
    }

    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        let bytes = Notifications::encode(&message.subject, message.body());
        async move {
            let notifications =
                self.notifications.as_ref().map_err(|why| DeliveryError::lasting(why.clone()))?;
            let published = notifications.publish(&self.ocid, bytes).await;
            published.map(|said| Receipt::whole(said.message_id)).map_err(explain)
        }
        .boxed()
    }
}

/// The message with as many credentials as fit; what does not is counted in it.
fn fitting(digest: &Digest, max_items: usize) -> Message {
    let message = |items: usize| {
        let page = Page::of(digest, Audience::Administrators, items);
        Message::new(Vec::new(), Vec::new(), page.subject.clone(), vec![Part::text(text(&page))])
    };
    let fits =
        |message: &Message| Notifications::encode(&message.subject, message.body()).len() <= MAX_MESSAGE;
    let whole = message(max_items);
    if fits(&whole) {
        return whole;
    }
    // The largest number that fits, by halving; nothing but the numbers always does, since a page is bounded.
    let (mut fitting, mut too_many) = (0, max_items.min(digest.items.len()));
    while too_many - fitting > 1 {
        let middle = usize::midpoint(fitting, too_many);
        if fits(&message(middle)) {
            fitting = middle;
        } else {
            too_many = middle;
        }
    }
    message(fitting)
}

/// What a refusal means, and whether it may pass.
fn explain(error: RequestError) -> DeliveryError {
    let request = |id: &Option<String>| {
        id.as_deref().map_or_else(String::new, |id| format!(" [opc-request-id {}]", clean(id)))
    };
    match error {
        RequestError::Refused { status, message, request_id } => {
            let hint = match status {
                401 => "check the profile's key and this machine's clock",
                404 => "check the topic's OCID and region, and that a policy allows `use ons-topics`",
                _ => "check the topic in the console",
            };
            let said = clean(&message);
            DeliveryError::lasting(format!(
                "the service refuses the message: {status}: {said}{}",
                request(&request_id)
            ))
            .hint(hint)
        }
        RequestError::Unavailable { status: Some(429), after, request_id, .. } => DeliveryError::passing(
            format!("the service answers that we are too fast (429){}", request(&request_id)),
        )
        .not_before(after),
        RequestError::Unavailable { cause, after, request_id, remedy, .. } => {
            let passing = DeliveryError::passing(format!("{}{}", clean(&cause), request(&request_id)));
            DeliveryError { hint: remedy.map(str::to_owned), ..passing.not_before(after) }
        }
        RequestError::Auth(error) => DeliveryError::lasting(error.to_string()),
    }
}

impl TopicSettings {
    /// The topic.
    pub fn target(&self) -> String {
        self.ocid.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out_and_counted() {
        let mut digest = Digest::sample("2026-06-01T12:00:00Z".parse().unwrap());
        let item = digest.items[0].clone();
        let long = crate::digest::Item { description: Some("\u{1b}é".repeat(400)), ..item };
        digest.items = vec![long; 5000];
        for max_items in [1, 50, 1000] {
            let message = fitting(&digest, max_items);
            assert!(Notifications::encode(&message.subject, message.body()).len() <= MAX_MESSAGE);
            assert!(message.body().contains("more (") && message.body().contains("--format csv"));
        }
        let shown = |message: &Message| message.body().matches("Next steps:").count();
        let most = fitting(&digest, 1000);
        assert!((20..1000).contains(&shown(&most)), "{}", shown(&most));
        assert_eq!(shown(&fitting(&digest, 7)), 7);
        assert_eq!(fitting(&digest, 1000), most, "the same input gives the same message");
    }

    #[test]
    fn the_region_is_that_of_the_topic() {
        let of = |text: &str| {
            let source = ConfigSource::new("credage.toml", text);
            settings(&source, &toml::from_str(text).map_err(|error| source.parse_error(&error))?)
        };
        assert_eq!(of("topic = 'ocid1.onstopic.oc1.iad.aaaa'").unwrap().region, "iad");
        assert_eq!(
            of("topic = 'ocid1.onstopic.oc1.iad.aaaa'\nregion = 'eu-frankfurt-1'").unwrap().region,
            "eu-frankfurt-1"
        );
        for wrong in ["ocid1.user.oc1..aaaa", "ocid1.onstopic", "", "ocid1.onstopic.oc1.iad.a/../b"] {
            let error = of(&format!("topic = '{wrong}'")).unwrap_err();
            assert!(error.to_string().contains("no OCID of a topic"), "{error}");
        }
        let error = of("topic = 'ocid1.onstopic.oc1..aaaa'").unwrap_err();
        assert!(error.to_string().contains("names no region"), "{error}");
    }
}
