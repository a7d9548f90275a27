use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

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
        async move { answer.map_or(Ok(Receipt::default()), Err) }.boxed()
    }
}

fn run(answers: &[DeliveryError], messages: usize, hangs: bool) -> (Outcome, Duration) {
    let answers = Mutex::new(answers.iter().rev().cloned().collect());
    run_channel(Box::new(Scripted { answers, messages, asked: AtomicUsize::new(0), hangs }))
}

fn run_channel(channel: Box<dyn Channel>) -> (Outcome, Duration) {
    let open = Open {
        name: "ops".to_owned(),
        scope: Scope { when: When::Findings, from: scope::From::DueSoon },
        effort: Effort { timeout: Duration::from_secs(20), retries: 3 },
        channel,
    };
    let digest = Digest::sample("2026-06-01T12:00:00Z".parse().unwrap());
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let start = Instant::now();
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

/// Takes so many messages a minute and no more, and refuses some for good.
struct Limited {
    a_minute: usize,
    taken: Mutex<Vec<(Instant, String)>>,
    messages: usize,
}

impl Limited {
    fn answer(&self, message: &Message) -> Result<Receipt, DeliveryError> {
        let mut taken = self.taken.lock().unwrap();
        let now = Instant::now();
        let recent = taken.iter().filter(|(at, _)| now.duration_since(*at) < Duration::from_mins(1)).count();
        if recent >= self.a_minute {
            return Err(DeliveryError::too_fast("455 limit"));
        }
        let (bad, good): (Vec<String>, Vec<String>) =
            message.addressees().into_iter().partition(|who| who.starts_with("bad"));
        let reached = good.len();
        taken.extend(good.into_iter().map(|who| (now, who)));
        let error = DeliveryError::lasting("550 unknown").this_message_only();
        let refused = if bad.is_empty() { Vec::new() } else { vec![Refusal { who: bad, error }] };
        Ok(Receipt { reference: None, reached, refused })
    }
}

impl Channel for Limited {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn target(&self) -> String {
        "nowhere".to_owned()
    }

    fn render(&self, _: &Digest) -> Vec<Message> {
        let message = |number: usize| {
            let who = if number % 5 == 3 { format!("bad{number}") } else { format!("good{number}") };
            Message::new(vec![who], Vec::new(), String::new(), vec![Part::text(String::new())])
        };
        (0..self.messages).map(message).collect()
    }

    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        let answer = self.answer(message);
        async move { answer }.boxed()
    }
}

fn limited(a_minute: usize, messages: usize) -> (Outcome, Duration) {
    run_channel(Box::new(Limited { a_minute, taken: Mutex::default(), messages }))
}

#[test]
fn a_limit_a_minute_is_waited_out_and_who_is_refused_is_named() {
    let (outcome, took) = limited(10, 45);
    assert_eq!((outcome.delivered.len(), outcome.failures.len()), (36, 9), "{outcome:?}");
    assert_eq!(outcome.missed, (0..9).map(|each| format!("bad{}", 5 * each + 3)).collect::<Vec<_>>());
    assert!(took >= Duration::from_mins(3) && took < Duration::from_mins(5), "{took:?}");
}

#[test]
fn patience_for_a_limit_ends_and_all_who_were_not_told_are_named() {
    let (outcome, took) = limited(0, 3);
    assert_eq!(outcome.missed, ["good0", "good1", "good2"]);
    assert!(outcome.failures[0].message.starts_with("455 limit; "), "{outcome:?}");
    assert!(took > Duration::from_mins(1) && took < Duration::from_mins(2), "{took:?}");
    let (outcome, took) = limited(1, 500);
    assert!(took <= MAX_CHANNEL && took > MAX_CHANNEL / 2, "{took:?}");
    let (told, missed) = (outcome.delivered.len(), outcome.missed.len());
    assert!(told > 10 && told + missed == 500, "{told} {missed}");
    assert!(outcome.missed.contains(&"good499".to_owned()) && !outcome.missed.contains(&"good0".to_owned()));
}
