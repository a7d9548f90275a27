//! Getting messages to where they should be: all channels at once, each message until it arrived or is known not to.
//!
//! At least once: a try that timed out may have arrived all the same, and is repeated under the same message id. Tries
//! and pauses are bounded, so that a run ends; a channel that fails stops no other one.

use std::borrow::Cow;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use futures::future::join_all;
use tokio::time::Instant;

use super::error::{DeliveryError, Retry};
use super::message::{Message, Receipt, Refusal};
use super::{ChannelKind, Open};
use crate::digest::Digest;

/// The first pause between two tries; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause of our own.
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// The longest pause that the other side may ask for, before we give up.
const MAX_ASKED: Duration = Duration::from_mins(1);
/// The longest that one message may take, a limit of the other side aside.
const MAX_TOTAL: Duration = Duration::from_mins(5);
/// The longest that all messages of a channel may take, whatever happens.
const MAX_CHANNEL: Duration = Duration::from_mins(30);
/// Pauses while the other side takes no more, until something gets through. Together they are longer than a minute, by
/// which such limits are counted (OCI Email Delivery: 455).
const SLOW_DOWNS: [Duration; 4] =
    [Duration::from_secs(2), Duration::from_secs(8), Duration::from_secs(20), Duration::from_secs(35)];

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
    /// What arrived, at least with some of those whom it is for.
    pub delivered: Vec<Receipt>,
    /// What did not, first thing first.
    pub failures: Vec<DeliveryError>,
    /// Who was not told, each once; nobody where the channel has one place alone.
    pub missed: Vec<String>,
}

impl Outcome {
    /// Whether everything arrived with everybody.
    pub const fn is_delivered(&self) -> bool {
        self.delivered.len() == self.messages && self.failures.is_empty()
    }

    fn miss(&mut self, who: Vec<String>) {
        for each in who {
            if !self.missed.contains(&each) {
                self.missed.push(each);
            }
        }
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

/// Sends a channel its messages, one after the other, most urgent first. After a failure that is not about one message
/// alone the rest is not tried; whoever was not told by then is named.
async fn tell(open: &Open, messages: Vec<Message>) -> Outcome {
    let mut outcome = Outcome {
        name: open.name.clone(),
        kind: open.channel.kind(),
        target: open.channel.target(),
        messages: messages.len(),
        delivered: Vec::new(),
        failures: Vec::new(),
        missed: Vec::new(),
    };
    let mut pace = Pace::new();
    let mut rest = messages.into_iter();
    for message in rest.by_ref() {
        let sent =
            Sending { open, message, tries: 0, reached: None, failures: Vec::new(), missed: Vec::new() };
        if !sent.send(&mut pace).await.add_to(&mut outcome) {
            break;
        }
    }
    for message in rest {
        outcome.miss(message.addressees());
    }
    outcome
}

/// One message on its way.
struct Sending<'a> {
    open: &'a Open,
    message: Message,
    tries: usize,
    reached: Option<Receipt>,
    failures: Vec<DeliveryError>,
    missed: Vec<String>,
}

impl Sending<'_> {
    /// Tries until everybody has it, or is known not to get it.
    async fn send(mut self, pace: &mut Pace) -> Self {
        let started = Instant::now();
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(MAX_PAUSE)
            .with_max_times(self.open.effort.retries)
            .with_jitter()
            .build();
        loop {
            let Some(error) = self.once(pace).await else { return self };
            let pause = match error.retry {
                Retry::Never => None,
                Retry::SlowDown => pace.wait(&self.open.name),
                Retry::After(asked) => {
                    let pause = pauses.next().and_then(|pause| patience(asked, pause));
                    pause.filter(|&pause| started.elapsed() + pause < MAX_TOTAL)
                }
            };
            let Some(pause) = pause.filter(|&pause| pace.has_time_for(pause)) else {
                return self.give_up(error);
            };
            tracing::info!(channel = self.open.name, %error, pause = pause.as_secs_f64(), "trying again");
            tokio::time::sleep(pause).await;
        }
    }

    /// One try; yields the error after which another one may be worth while, or that ends it.
    async fn once(&mut self, pace: &mut Pace) -> Option<DeliveryError> {
        let timeout = self.open.effort.timeout;
        self.tries += 1;
        let sent = tokio::time::timeout(timeout, self.open.channel.send(&self.message)).await;
        let silence = || DeliveryError::passing(format!("no answer within {} s", timeout.as_secs()));
        let mut receipt = match sent.unwrap_or_else(|_| Err(silence())) {
            Ok(receipt) => receipt,
            Err(error) => return Some(error),
        };
        let refused = std::mem::take(&mut receipt.refused);
        if refused.is_empty() || receipt.reached > 0 {
            pace.went_through();
            tracing::info!(
                channel = self.open.name,
                id = self.message.id,
                reference = receipt.reference,
                "delivered"
            );
            self.reached.get_or_insert(receipt);
        }
        self.sort(refused)
    }

    /// Who is refused for good is named; who may be taken later is all that is left of the message.
    fn sort(&mut self, refused: Vec<Refusal>) -> Option<DeliveryError> {
        let mut later: Option<DeliveryError> = None;
        let mut left = Vec::new();
        for Refusal { who, error } in refused {
            if error.retry == Retry::Never {
                self.missed.extend(who);
                self.failures.push(error);
            } else {
                left.extend(who);
                // A limit is what all of them wait for.
                if later.as_ref().is_none_or(|_| error.retry == Retry::SlowDown) {
                    later = Some(error);
                }
            }
        }
        self.message.only = left;
        later
    }

    fn give_up(mut self, error: DeliveryError) -> Self {
        self.missed.extend(self.message.addressees());
        self.failures.push(told_tries(error, self.tries));
        self
    }

    /// Keeps how it went; yields whether the next message is worth a try.
    fn add_to(self, outcome: &mut Outcome) -> bool {
        let goes_on = self.failures.iter().all(|failure| failure.this_message_only);
        outcome.delivered.extend(self.reached);
        outcome.failures.extend(self.failures);
        outcome.miss(self.missed);
        goes_on
    }
}

/// The patience that a channel has for a limit of the other side: what is limited by the minute is waited out, as long as
/// messages get through in between.
struct Pace {
    began: Instant,
    /// Pauses since something last got through.
    pauses: std::slice::Iter<'static, Duration>,
}

impl Pace {
    fn new() -> Self {
        Self { began: Instant::now(), pauses: SLOW_DOWNS.iter() }
    }

    fn went_through(&mut self) {
        self.pauses = SLOW_DOWNS.iter();
    }

    fn wait(&mut self, channel: &str) -> Option<Duration> {
        let pause = self.pauses.next().copied().filter(|&pause| self.has_time_for(pause))?;
        tracing::warn!(
            channel,
            seconds = pause.as_secs(),
            "the server limits how many messages it accepts; waiting"
        );
        Some(pause)
    }

    fn has_time_for(&self, pause: Duration) -> bool {
        self.began.elapsed() + pause < MAX_CHANNEL
    }
}

/// How long to wait: as long as the other side asks, at least as long as we would; nothing where it asks for too long.
fn patience(asked: Option<Duration>, pause: Duration) -> Option<Duration> {
    match asked {
        None => Some(pause),
        Some(asked) => (asked <= MAX_ASKED).then(|| asked.max(pause)),
    }
}

fn told_tries(error: DeliveryError, tries: usize) -> DeliveryError {
    let asked = match error.retry {
        Retry::After(Some(asked)) if asked > MAX_ASKED => {
            format!("; it wants us back in {} s, which is too long to wait", asked.as_secs())
        }
        Retry::After(_) if tries > 1 => format!(", tried {tries} times"),
        Retry::SlowDown => format!("; messages were not accepted after {tries} tries"),
        Retry::After(_) | Retry::Never => String::new(),
    };
    DeliveryError { message: format!("{}{asked}", error.message), ..error }
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
