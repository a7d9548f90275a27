//! Channels: how people are told. One file (or folder) a channel.
//!
//! A channel is configured ([`settings`]), opened with its secrets ([`open()`]), renders a digest into messages (pure and
//! deterministic, so that it can be looked at beforehand), and sends one message at a time. Everything around sending
//! (when, how often, what if it fails) is the same for all and is in [`delivery`].
//!
//! Another channel is one file with its settings and its [`Channel`], and one line each in [`ChannelKind`],
//! [`settings`] and [`open()`].

pub mod delivery;
mod email;
mod error;
mod http;
mod message;
mod oci_notifications;
mod open;
mod scope;
pub mod secret;
pub mod settings;
mod slack;
pub mod webhook;

use std::fmt;

use futures::future::BoxFuture;

pub use self::error::{DeliveryError, Retry};
pub use self::message::{Message, Part, Receipt, Refusal};
pub use self::open::{Means, Open, OpenError, open};
pub use self::scope::{Scope, When};
pub use self::settings::{Settings, load, schema};
use crate::digest::Digest;

/// The kinds of channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// Mail over SMTP.
    Email,
    /// A topic of OCI Notifications.
    OciNotifications,
    /// A Slack incoming webhook.
    Slack,
    /// An HTTP endpoint of one's own.
    Webhook,
}

impl ChannelKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Email, Self::OciNotifications, Self::Slack, Self::Webhook];

    /// The `type` of its table: `email`, `oci-notifications`, `slack` or `webhook`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::OciNotifications => "oci-notifications",
            Self::Slack => "slack",
            Self::Webhook => "webhook",
        }
    }
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Somewhere that messages go.
pub trait Channel: Send + Sync {
    /// Which kind it is.
    fn kind(&self) -> ChannelKind;

    /// Where it goes, for people: without anything secret.
    fn target(&self) -> String;

    /// What it would send. Pure: the same digest gives the same messages, with the same ids.
    fn render(&self, digest: &Digest) -> Vec<Message>;

    /// Sends one message, once. Whether it is tried again is decided by what the error says.
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Receipt, DeliveryError>>;
}
