//! An HTTP endpoint of one's own: versioned JSON, signed, to an address that was vetted.
//!
//! - The body is [`v1`]; its schema is `docs/schema/digest-v1.json`.
//! - `credage-signature: t=<seconds>,v1=<hex>`: HMAC-SHA256 over the time, a dot and the body ([`signature`]).
//! - `credage-id` is the same for every try of the same message.
//! - The name is resolved once a connection, the addresses are vetted, and only those are connected to ([`vetting`]).
//! - Redirects are never followed.

pub mod signature;
pub mod v1;
pub mod vetting;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use credage_core::config::{ConfigError, ConfigSource};
use credage_oci::Clock;
use credage_oci::endpoint::is_loopback;
use credage_oci::transport::{Transport, TransportError};
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use toml::Spanned;
use url::{Host, Url};

use self::vetting::{Resolver, Vetting};
use super::error::DeliveryError;
use super::http::{json_headers, judge};
use super::message::{Message, Part, Receipt};
use super::open::{Means, OpenError};
use super::secret::{SECRET, SecretPlace, URL};
use super::settings::Settings;
use super::{Channel, ChannelKind};
use crate::digest::Digest;
use crate::page::{Audience, Page};

const ID: HeaderName = HeaderName::from_static("credage-id");
const SIGNATURE: HeaderName = HeaderName::from_static("credage-signature");

/// An HTTP endpoint of one's own, which gets signed JSON (`credage.digest/v1`).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWebhook {
    /// Where to post; https, or http on this machine.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    url: Option<Spanned<String>>,
    /// A file that holds the URL, where that is a secret; its path counts from this file.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    url_file: Option<Spanned<String>>,
    /// An environment variable that holds the URL.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    url_env: Option<Spanned<String>>,
    /// A file that holds the secret that messages are signed with.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    secret_file: Option<Spanned<String>>,
    /// An environment variable that holds the secret.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    secret_env: Option<Spanned<String>>,
    /// Lets the name lead to private addresses and to this machine; never to link-local ones, where cloud metadata are.
    #[serde(default)]
    allow_private: bool,
    /// Networks that the name may lead to although they are not public, such as `10.0.0.0/8`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    allow: Vec<Spanned<String>>,
}

/// An endpoint, as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSettings {
    url: UrlPlace,
    secret: SecretPlace,
    vetting: Vetting,
}

/// The URL, in the file or elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
enum UrlPlace {
    Here(Url, Range<usize>),
    Elsewhere(SecretPlace),
}

/// Validates.
pub(super) fn settings(
    source: &ConfigSource,
    raw: RawWebhook,
    span: &Range<usize>,
) -> Result<WebhookSettings, ConfigError> {
    let missing = |what: &str| source.error(Some(span.clone()), format!("the channel has no {what}"));
    let elsewhere = SecretPlace::of(source, &URL, raw.url_file, raw.url_env)?;
    let url = match (raw.url, elsewhere) {
        (Some(here), None) => {
            let url = web_url(here.get_ref()).map_err(|wrong| source.error(Some(here.span()), wrong))?;
            UrlPlace::Here(url, here.span())
        }
        (None, Some(place)) => UrlPlace::Elsewhere(place),
        (None, None) => return Err(missing("URL").hint("add `url`")),
        (Some(here), Some(_)) => {
            return Err(source.error(Some(here.span()), "the URL is given twice").hint("keep one of them"));
        }
    };
    let secret = SecretPlace::of(source, &SECRET, raw.secret_file, raw.secret_env)?;
    let secret = secret.ok_or_else(|| {
        missing("secret to sign with")
            .hint("add `secret_file` or `secret_env`; `openssl rand -hex 32` makes a secret")
    })?;
    let mut vetting = Vetting { private: raw.allow_private, networks: Vec::new() };
    for network in raw.allow {
        let parsed = network.get_ref().parse().map_err(|_| {
            let wrong = format!("`{}` is no network", network.get_ref());
            source.error(Some(network.span()), wrong).hint("write it such as `10.0.0.0/8` or `fd00::/8`")
        });
        vetting.networks.push(parsed?);
    }
    if let UrlPlace::Here(url, span) = &url {
        check_literal(url, &vetting).map_err(|wrong| source.error(Some(span.clone()), wrong).hint(ALLOW))?;
    }
    Ok(WebhookSettings { url, secret, vetting })
}

impl WebhookSettings {
    /// Where it goes, as far as that is no secret.
    pub fn target(&self) -> String {
        match &self.url {
            UrlPlace::Here(url, _) => authority(url),
            UrlPlace::Elsewhere(_) => "a URL that is kept secret".to_owned(),
        }
    }
}

/// Host, and port where it is not the scheme's own.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

const ALLOW: &str = "where that is meant, add `allow_private = true`, or `allow` with the network";

/// A URL that may be posted to: https, or http on this machine, and no password in it.
pub(super) fn web_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim())
        .map_err(|_| "this is no URL; write it such as https://example.com/hook".to_owned())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the URL carries a user name or password, which is never sent".to_owned());
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => {
            Err("the URL is http, so all could read along; write https (http is for this machine alone)"
                .to_owned())
        }
        scheme => Err(format!("the URL is {scheme}; write https")),
    }
}

/// An address in the URL itself is never resolved, so it is vetted here.
fn check_literal(url: &Url, vetting: &Vetting) -> Result<(), String> {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    match vetting.objection(address) {
        None => Ok(()),
        Some(what) => Err(format!("{address} is {what}, and such addresses are not posted to")),
    }
}

/// An endpoint that can be posted to.
pub(super) struct Webhook {
    url: SecretString,
    target: String,
    secret: SecretString,
    max_items: usize,
    timeout: Duration,
    resolver: Arc<Resolver>,
    transport: Transport,
    clock: Clock,
}

/// Reads the secrets.
pub(super) fn open(
    webhook: &WebhookSettings,
    settings: &Settings,
    means: &Means<'_>,
) -> Result<Webhook, OpenError> {
    let secret = webhook.secret.read(means.source, means.env)?;
    let url = match &webhook.url {
        UrlPlace::Here(url, _) => url.clone(),
        UrlPlace::Elsewhere(place) => {
            let text = place.read(means.source, means.env)?;
            let url = web_url(text.expose_secret()).map_err(|wrong| place.error(means.source, wrong))?;
            check_literal(&url, &webhook.vetting)
                .map_err(|wrong| place.error(means.source, wrong).hint(ALLOW))?;
            url
        }
    };
    let host = url.host_str().unwrap_or_default();
    let resolver = Arc::new(Resolver::new(host, webhook.vetting.clone()));
    let transport = means.network.transport_resolving(is_loopback(&url), Arc::clone(&resolver));
    Ok(Webhook {
        target: authority(&url),
        url: String::from(url).into(),
        secret,
        max_items: settings.max_items,
        timeout: settings.effort.timeout,
        resolver,
        transport: transport.map_err(|error| settings.setup_error(&error))?,
        clock: means.clock.clone(),
    })
}

impl Webhook {
    async fn post(&self, message: &Message) -> Result<Receipt, DeliveryError> {
        let wrong = || DeliveryError::lasting("the message cannot be put into a request");
        let url = Url::parse(self.url.expose_secret()).map_err(|_| wrong())?;
        let body = message.body().as_bytes();
        let signed = signature::sign(self.secret.expose_secret().as_bytes(), (self.clock)(), body);
        let mut headers = json_headers();
        headers.insert(ID, HeaderValue::try_from(&message.id).map_err(|_| wrong())?);
        headers.insert(SIGNATURE, HeaderValue::try_from(signed).map_err(|_| wrong())?);
        let sent = self.transport.send(&Method::POST, &url, headers, Some(body), self.timeout).await;
        if let Err(TransportError::Connect { .. }) = &sent
            && let Some(refused) = self.resolver.take_refusal()
        {
            return Err(DeliveryError::lasting(refused).hint(ALLOW));
        }
        judge(sent, (self.clock)())
    }
}

impl Channel for Webhook {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Webhook
    }

    fn target(&self) -> String {
        self.target.clone()
    }

    fn render(&self, digest: &Digest) -> Vec<Message> {
        let subject = Page::of(digest, Audience::Administrators, 0).subject;
        vec![Message::new(
            Vec::new(),
            Vec::new(),
            subject,
            vec![Part::json(v1::write(digest, self.max_items))],
        )]
    }

    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        self.post(message).boxed()
    }
}
