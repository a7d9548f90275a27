//! From settings to channels that can send: secrets are read, clients are made.

use std::sync::Arc;

use credage_core::config::{ConfigError, ConfigSource};
use credage_oci::auth::Environment;
use credage_oci::{Clock, Network, Principal};

use super::delivery::Effort;
use super::settings::{KindSettings, Settings};
use super::{Channel, ChannelKind, Scope};
use super::{email, oci_notifications, slack, webhook};

/// What channels need of the rest of the program.
pub struct Means<'a> {
    /// The file that the settings are from, to show mistakes in.
    pub source: &'a ConfigSource,
    /// Where variables are looked up.
    pub env: &'a Environment,
    /// How the network is reached.
    pub network: &'a Network,
    /// What time it is.
    pub clock: &'a Clock,
    /// Who signs for OCI Notifications; or why nobody does, which only such a channel minds, and only when it sends.
    pub principal: Result<Arc<Principal>, String>,
}

/// A channel that can send.
pub struct Open {
    /// Its name.
    pub name: String,
    /// Of what and when it is told.
    pub scope: Scope,
    /// How hard it tries.
    pub effort: Effort,
    /// The channel.
    pub channel: Box<dyn Channel>,
}

/// A channel that cannot be opened.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OpenError {
    /// The policy file, or a secret that it names.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// What it is made of could not be set up.
    #[error("channel {name} cannot be set up: {cause}")]
    Setup {
        /// The channel.
        name: String,
        /// What stands in the way.
        cause: String,
    },
}

/// Opens a channel; connects to nothing.
pub fn open(settings: &Settings, means: &Means<'_>) -> Result<Open, OpenError> {
    let channel: Result<Box<dyn Channel>, OpenError> = match &settings.kind {
        KindSettings::Email(email) => email::open(email, settings, means).map(boxed),
        KindSettings::OciNotifications(topic) => oci_notifications::open(topic, settings, means).map(boxed),
        KindSettings::Slack(slack) => slack::open(slack, settings, means).map(boxed),
        KindSettings::Webhook(webhook) => webhook::open(webhook, settings, means).map(boxed),
    };
    Ok(Open {
        name: settings.name.clone(),
        scope: settings.scope,
        effort: settings.effort,
        channel: channel?,
    })
}

fn boxed<C: Channel + 'static>(channel: C) -> Box<dyn Channel> {
    Box::new(channel)
}

impl Settings {
    /// Which kind of channel it is.
    pub const fn channel_kind(&self) -> ChannelKind {
        match self.kind {
            KindSettings::Email(_) => ChannelKind::Email,
            KindSettings::OciNotifications(_) => ChannelKind::OciNotifications,
            KindSettings::Slack(_) => ChannelKind::Slack,
            KindSettings::Webhook(_) => ChannelKind::Webhook,
        }
    }

    /// Something that is no mistake in the file, and stands in the way all the same.
    pub(super) fn setup_error(&self, cause: &dyn std::fmt::Display) -> OpenError {
        OpenError::Setup { name: self.name.clone(), cause: cause.to_string() }
    }
}
