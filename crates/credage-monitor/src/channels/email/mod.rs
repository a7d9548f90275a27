//! Mail over SMTP: one mail to a list, or one to each owner with their own credentials alone.

mod address;
mod mails;
mod refusal;
mod smtp;

use std::ops::Range;

use credage_core::config::{ConfigError, ConfigSource};
use futures::FutureExt;
use futures::future::BoxFuture;
use lettre::message::Mailbox;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::{Spanned, Value};

use self::smtp::Smtp;
use super::open::{Means, OpenError};
use super::secret::{PASSWORD, SecretPlace};
use super::settings::Settings;
use super::{Channel, ChannelKind, DeliveryError, Message, Receipt};
use crate::digest::Digest;

/// Mail over SMTP.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEmail {
    /// The SMTP server's name or address.
    #[schemars(with = "String")]
    host: Spanned<String>,
    /// Its port [default: 587 with `starttls`, 465 with `tls`, 25 with `none`].
    #[serde(default)]
    port: Option<u16>,
    /// `starttls` (required, never skipped), `tls` from the first byte on, or `none`, which is taken on this machine
    /// alone.
    #[serde(default)]
    #[schemars(with = "Option<Protection>")]
    tls: Option<Spanned<Protection>>,
    /// The user to log in as; without one nobody logs in.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    username: Option<Spanned<String>>,
    /// A file that holds the password; its path counts from this file.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    password_file: Option<Spanned<String>>,
    /// An environment variable that holds the password.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    password_env: Option<Spanned<String>>,
    /// Who the mail is from, such as `credage <credage@example.com>`.
    #[schemars(with = "String")]
    from: Spanned<String>,
    /// Addresses that get one mail about everything; or `owners`: one mail to each owner, about their credentials alone.
    #[schemars(with = "ToSchema")]
    to: Spanned<Value>,
    /// Who gets a copy of every mail.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    cc: Vec<Spanned<String>>,
    /// With `to = "owners"`: who hears of credentials whose owner has no address, and of what could not be read.
    #[serde(default)]
    #[schemars(with = "Option<Vec<String>>")]
    fallback: Option<Spanned<Vec<Spanned<String>>>>,
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum Protection {
    /// TLS after a greeting in the clear; without it nothing is sent.
    #[default]
    Starttls,
    /// TLS from the first byte on.
    Tls,
    /// None, on this machine alone.
    None,
}

/// How the schema shows `to`.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
#[expect(
    dead_code,
    reason = "only the schema is of interest; the value is taken apart by hand, for its errors' sake"
)]
enum ToSchema {
    Owners(Owners),
    List(Vec<String>),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
#[expect(dead_code, reason = "only the schema is of interest")]
enum Owners {
    Owners,
}

/// Mail, as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailSettings {
    host: String,
    port: u16,
    tls: Protection,
    login: Option<(String, SecretPlace)>,
    from: Mailbox,
    to: Recipients,
    cc: Vec<Mailbox>,
}

/// Who gets mail.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Recipients {
    /// These, one mail about everything.
    List(Vec<Mailbox>),
    /// Each owner about their own; what has no owner with an address goes to these.
    Owners { fallback: Vec<Mailbox> },
}

/// Validates.
pub(super) fn settings(source: &ConfigSource, raw: RawEmail) -> Result<EmailSettings, ConfigError> {
    let tls_span = raw.tls.as_ref().map(Spanned::span);
    let tls = raw.tls.map_or_else(Protection::default, Spanned::into_inner);
    let host = raw.host.get_ref().trim().to_owned();
    if host.is_empty() || host.contains(|c: char| c.is_whitespace() || "/@".contains(c)) {
        let wrong = format!("`{host}` is no name of a server");
        return Err(source.error(Some(raw.host.span()), wrong).hint("write it such as smtp.example.com"));
    }
    if tls == Protection::None && !is_loopback(&host) {
        let wrong = format!("mail to {host} would go in the clear");
        return Err(source
            .error(tls_span, wrong)
            .hint("write `starttls` or `tls`; `none` is for this machine alone"));
    }
    let login = login(source, raw.username, raw.password_file, raw.password_env)?;
    let port = raw.port.unwrap_or(match tls {
        Protection::Starttls => 587,
        Protection::Tls => 465,
        Protection::None => 25,
    });
    let to = recipients(source, raw.to, raw.fallback)?;
    let cc = mailboxes(source, &raw.cc)?;
    let from = mailbox(source, raw.from.get_ref(), &raw.from.span())?;
    Ok(EmailSettings { host, port, tls, login, from, to, cc })
}

fn login(
    source: &ConfigSource,
    username: Option<Spanned<String>>,
    file: Option<Spanned<String>>,
    variable: Option<Spanned<String>>,
) -> Result<Option<(String, SecretPlace)>, ConfigError> {
    let named = file.as_ref().or(variable.as_ref()).map(Spanned::span);
    let password = SecretPlace::of(source, &PASSWORD, file, variable)?;
    match (username, password) {
        (None, None) => Ok(None),
        (Some(username), Some(password)) => Ok(Some((username.into_inner(), password))),
        (Some(username), None) => Err(source
            .error(Some(username.span()), "there is a `username` and no password")
            .hint("add `password_file` or `password_env`")),
        (None, Some(_)) => {
            Err(source.error(named, "there is a password and no `username`").hint("add `username`"))
        }
    }
}

fn recipients(
    source: &ConfigSource,
    to: Spanned<Value>,
    fallback: Option<Spanned<Vec<Spanned<String>>>>,
) -> Result<Recipients, ConfigError> {
    let span = to.span();
    match (to.into_inner(), fallback) {
        (Value::String(word), Some(fallback)) if word == "owners" => {
            let span = fallback.span();
            let fallback = mailboxes(source, fallback.get_ref())?;
            if fallback.is_empty() { Err(nobody(source, span)) } else { Ok(Recipients::Owners { fallback }) }
        }
        (Value::String(word), None) if word == "owners" => Err(source
            .error(Some(span), "with `to = \"owners\"` nobody would hear of owners without an address")
            .hint("add `fallback = [\"ops@example.com\"]`")),
        (Value::Array(_), Some(fallback)) => Err(source
            .error(Some(fallback.span()), "`fallback` belongs to `to = \"owners\"`")
            .hint("leave it out")),
        (Value::Array(list), None) if list.is_empty() => Err(nobody(source, span)),
        (Value::Array(list), None) => {
            let texts = list.iter().map(|each| each.as_str().unwrap_or_default());
            texts.map(|text| mailbox(source, text, &span)).collect::<Result<_, _>>().map(Recipients::List)
        }
        _ => Err(source
            .error(Some(span), "this is neither \"owners\" nor a list of addresses")
            .hint("write a list such as [\"ops@example.com\"]")),
    }
}

fn nobody(source: &ConfigSource, span: Range<usize>) -> ConfigError {
    source.error(Some(span), "nobody is named").hint("name at least one address")
}

fn mailboxes(source: &ConfigSource, list: &[Spanned<String>]) -> Result<Vec<Mailbox>, ConfigError> {
    list.iter().map(|text| mailbox(source, text.get_ref(), &text.span())).collect()
}

fn mailbox(source: &ConfigSource, text: &str, span: &Range<usize>) -> Result<Mailbox, ConfigError> {
    address::mailbox(text).ok_or_else(|| {
        source
            .error(Some(span.clone()), format!("`{text}` is not a valid email address"))
            .hint("write it such as `ops@example.com` or `Operations <ops@example.com>`")
    })
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// Mail that can be sent.
pub(super) struct Email {
    settings: EmailSettings,
    max_items: usize,
    smtp: Smtp,
}

/// Reads the password and prepares the connection.
pub(super) fn open(
    email: &EmailSettings,
    settings: &Settings,
    means: &Means<'_>,
) -> Result<Email, OpenError> {
    let login = match &email.login {
        Some((username, place)) => Some((username.clone(), place.read(means.source, means.env)?)),
        None => None,
    };
    let smtp = Smtp::new(email, login, settings.effort.timeout, means)
        .map_err(|error| settings.setup_error(&error))?;
    Ok(Email { settings: email.clone(), max_items: settings.max_items, smtp })
}

impl Channel for Email {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn target(&self) -> String {
        self.settings.target()
    }

    fn render(&self, digest: &Digest) -> Vec<Message> {
        mails::render(digest, &self.settings.to, &self.settings.cc, self.max_items)
    }

    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        self.smtp.send(&self.settings.from, message).boxed()
    }
}

impl EmailSettings {
    /// The server, with its port.
    pub fn target(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
#[path = "email_tests.rs"]
mod tests;
