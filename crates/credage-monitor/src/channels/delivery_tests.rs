use std::sync::Mutex;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::*;
use crate::channels::message::Part;
use crate::channels::{Channel, Scope, When, scope};

/// Answers as it is told to, then with success.
struct Scripted {
    answers: Mutex<Vec<DeliveryError>>,
    messages: usize,
    asked: AtomicUsize,
    hangs: bool,
}

impl Channel for Scripted {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Webhook
    }

    fn target(&self) -> String {
        "nowhere".to_owned()
    }

    fn render(&self, _: &Digest) -> Vec<Message> {
        let message = |number: usize| {
            Message::new(Vec::new(), Vec::new(), number.to_string(), vec![Part::text(String::new())])
        };
        (0..self.messages).map(message).collect()
    }

    fn send<'a>(&'a self, _: &'a Message) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.hangs {
            return std::future::pending().boxed();
        }
        let answer = self.answers.lock().unwrap().pop();
        async move { answer.map_or(Ok(Receipt { reference: None }), Err) }.boxed()
    }
}

fn run(answers: &[DeliveryError], messages: usize, hangs: bool) -> (Outcome, Duration) {
    let answers = Mutex::new(answers.iter().rev().cloned().collect());
    let channel = Scripted { answers, messages, asked: AtomicUsize::new(0), hangs };
    let open = Open {
        name: "ops".to_owned(),
        scope: Scope { when: When::Findings, from: scope::From::DueSoon },
        effort: Effort { timeout: Duration::from_secs(20), retries: 3 },
        channel: Box::new(channel),
    };
    let digest = Digest::sample("2026-06-01T12:00:00Z".parse().unwrap());
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let start = tokio::time::Instant::now();
        let mut outcomes = deliver(&[open], &digest).await;
        (outcomes.pop().unwrap(), start.elapsed())
    })
}

#[test]
fn what_may_pass_is_tried_again() {
    let busy = DeliveryError::passing("busy");
    let (outcome, took) = run(&[busy.clone(), busy.clone()], 1, false);
    assert!(outcome.is_delivered() && took >= Duration::from_millis(1500), "{took:?}");
    let (outcome, _) = run(&vec![busy; 9], 1, false);
    assert_eq!(outcome.failures[0].message, "busy, tried 4 times");
}

#[test]
fn as_long_is_waited_as_is_asked_for_but_not_for_ever() {
    let asked = |seconds| DeliveryError::passing("busy").not_before(Some(Duration::from_secs(seconds)));
    let (outcome, took) = run(&[asked(45)], 1, false);
    assert!(outcome.is_delivered() && took >= Duration::from_secs(45), "{took:?}");
    let (outcome, took) = run(&[asked(3600)], 1, false);
    assert!(took < Duration::from_secs(1));
    assert!(outcome.failures[0].message.contains("wants us back in 3600 s"), "{outcome:?}");
}

#[test]
fn what_will_not_pass_is_not() {
    let (outcome, took) = run(&[DeliveryError::lasting("refused")], 3, false);
    assert_eq!((outcome.failures.len(), outcome.delivered.len(), outcome.messages), (1, 0, 3));
    assert!(took < Duration::from_millis(100) && !outcome.is_delivered());
    let alone = DeliveryError::lasting("no such mailbox").this_message_only();
    let (outcome, _) = run(&[alone], 3, false);
    assert_eq!((outcome.failures.len(), outcome.delivered.len()), (1, 2));
}

#[test]
fn silence_ends() {
    let (outcome, took) = run(&[], 3, true);
    assert!(outcome.failures[0].message.starts_with("no answer within 20 s, tried 4 times"), "{outcome:?}");
    assert!(took < MAX_TOTAL);
}
