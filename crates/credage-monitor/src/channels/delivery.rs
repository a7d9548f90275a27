//! Getting messages to where they should be: all channels at once, each message until it arrived or is known not to.
//!
//! At least once: a try that timed out may have arrived all the same, and is repeated under the same message id. Tries
//! and pauses are bounded, so that a run ends; a channel that fails stops no other one.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use futures::future::join_all;

use super::error::{DeliveryError, Retry};
use super::message::{Message, Receipt};
use super::{ChannelKind, Open};
use crate::digest::Digest;

/// The first pause between two tries; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause of our own.
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// The longest pause that the other side may ask for, before we give up.
const MAX_ASKED: Duration = Duration::from_mins(1);
/// The longest that one message may take, whatever happens.
const MAX_TOTAL: Duration = Duration::from_mins(5);

/// How hard a channel tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// How long one try may take.
    pub timeout: Duration,
    /// How often a message that did not arrive is sent again.
    pub retries: usize,
}

/// How it went with one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The channel's name.
    pub name: String,
    /// What kind it is.
    pub kind: ChannelKind,
    /// Where it goes.
    pub target: String,
    /// How many messages there were; none where there was nothing to say.
    pub messages: usize,
    /// What arrived.
    pub delivered: Vec<Receipt>,
    /// What did not, first thing first.
    pub failures: Vec<DeliveryError>,
}

impl Outcome {
    /// Whether everything arrived.
    pub const fn is_delivered(&self) -> bool {
        self.delivered.len() == self.messages
    }
}

impl Open {
    /// What the channel would be sent of this digest; nothing where there is nothing to say.
    pub fn plan(&self, digest: &Digest) -> Vec<Message> {
        let told: Option<Cow<'_, Digest>> = self.scope.narrow(digest);
        told.map_or_else(Vec::new, |digest| self.channel.render(&digest))
    }
}

/// Tells all channels, each what it should be told; the outcomes are in the order of the channels.
pub async fn deliver(channels: &[Open], digest: &Digest) -> Vec<Outcome> {
    join_all(channels.iter().map(|open| tell(open, open.plan(digest)))).await
}

/// Sends a channel its messages, one after the other. After a failure that is not about one message alone the rest is
/// not tried.
async fn tell(open: &Open, messages: Vec<Message>) -> Outcome {
    let mut outcome = Outcome {
        name: open.name.clone(),
        kind: open.channel.kind(),
        target: open.channel.target(),
        messages: messages.len(),
        delivered: Vec::new(),
        failures: Vec::new(),
    };
    for message in &messages {
        match send(open, message).await {
            Ok(receipt) => {
                tracing::info!(
                    channel = open.name,
                    id = message.id,
                    reference = receipt.reference,
                    "delivered"
                );
                outcome.delivered.push(receipt);
            }
            Err(error) => {
                let goes_on = error.this_message_only;
                outcome.failures.push(error);
                if !goes_on {
                    break;
                }
            }
        }
    }
    outcome
}

async fn send(open: &Open, message: &Message) -> Result<Receipt, DeliveryError> {
    let Effort { timeout, retries } = open.effort;
    let tries = AtomicUsize::new(0);
    let once = || async {
        tries.fetch_add(1, Ordering::Relaxed);
        let silence = || DeliveryError::passing(format!("no answer within {} s", timeout.as_secs()));
        tokio::time::timeout(timeout, open.channel.send(message)).await.unwrap_or_else(|_| Err(silence()))
    };
    let pauses = ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(MAX_PAUSE)
        .with_max_times(retries)
        .with_jitter();
    let persistent = once
        .retry(pauses)
        .when(|error: &DeliveryError| error.retry != Retry::Never)
        .adjust(|error, pause| pause.and_then(|pause| patience(error.retry, pause)))
        .notify(|error, pause| {
            tracing::info!(channel = open.name, %error, pause = pause.as_secs_f64(), "trying again");
        });
    let result = tokio::time::timeout(MAX_TOTAL, persistent).await.unwrap_or_else(|_| {
        Err(DeliveryError::passing(format!("it could not be delivered within {} s", MAX_TOTAL.as_secs())))
    });
    result.map_err(|error| told_tries(error, tries.load(Ordering::Relaxed)))
}

/// How long to wait: as long as the other side asks, at least as long as we would; nothing where it asks for too long.
fn patience(retry: Retry, pause: Duration) -> Option<Duration> {
    match retry {
        Retry::Never => None,
        Retry::After(None) => Some(pause),
        Retry::After(Some(asked)) => (asked <= MAX_ASKED).then(|| asked.max(pause)),
    }
}

fn told_tries(error: DeliveryError, tries: usize) -> DeliveryError {
    let asked = match error.retry {
        Retry::After(Some(asked)) if asked > MAX_ASKED => {
            format!("; it wants us back in {} s, which is too long to wait", asked.as_secs())
        }
        Retry::After(_) if tries > 1 => format!(", tried {tries} times"),
        Retry::After(_) | Retry::Never => String::new(),
    };
    DeliveryError { message: format!("{}{asked}", error.message), ..error }
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
