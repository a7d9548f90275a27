//! A Slack incoming webhook: one message in Block Kit.
//!
//! Limits are those of Slack's reference for blocks: 50 a message, 150 characters a header, 3,000 a section. Texts are
//! escaped as Slack's "Formatting text" asks (`&`, `<`, `>`), so that no name can mention a channel or make a link, and
//! stand as code, where nothing is bold or struck through.

use std::time::Duration;

use credage_core::Standing;
use credage_core::config::{ConfigError, ConfigSource};
use credage_oci::Clock;
use credage_oci::transport::{Reply, Transport, TransportError};
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::Method;
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use toml::Spanned;
use url::Url;

use super::error::DeliveryError;
use super::http::{json_headers, judge};
use super::message::{Message, Part, Receipt};
use super::open::{Means, OpenError};
use super::secret::{SecretPlace, URL};
use super::settings::Settings;
use super::webhook::web_url;
use super::{Channel, ChannelKind};
use crate::digest::Digest;
use crate::page::{Audience, Entry, Page};

const MAX_HEADER: usize = 150;
const MAX_SECTION: usize = 3000;
/// Characters of all texts of a message together. Slack refuses messages with more than some 13,200
/// (`msg_blocks_too_long`; slackapi/bolt-js issues 2509 and 2867), whatever the limits of single blocks.
const MAX_MESSAGE: usize = 12_800;
/// The same of the message that is tried where that one is refused all the same; nothing but text, since what is refused
/// may be a block.
const MAX_SHORT: usize = 3_000;
/// Credentials whose steps are shown before more credentials are named.
const DETAILED: usize = 2;
/// Credentials that the short message names.
const SHORT_ENTRIES: usize = 5;
/// What stands where lines did not fit into a section.
const CUT: &str = "… (cut here; the report has all of it)";
/// Credentials of one message: 50 blocks, less header, numbers, what could not be read, the rest and the closing.
const MAX_ENTRIES: usize = 50 - 5;

/// A Slack incoming webhook.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSlack {
    /// A file that holds the webhook's URL, which is a secret; its path counts from this file.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    url_file: Option<Spanned<String>>,
    /// An environment variable that holds the URL.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    url_env: Option<Spanned<String>>,
}

/// A webhook, as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackSettings {
    url: SecretPlace,
}

/// Validates.
pub(super) fn settings(
    source: &ConfigSource,
    raw: RawSlack,
    span: &std::ops::Range<usize>,
) -> Result<SlackSettings, ConfigError> {
    let url = SecretPlace::of(source, &URL, raw.url_file, raw.url_env)?;
    let missing = || source.error(Some(span.clone()), "the channel has no URL");
    let url = url.ok_or_else(|| missing().hint("add `url_file` or `url_env`; the URL is a secret"))?;
    Ok(SlackSettings { url })
}

/// A webhook that can be posted to.
pub(super) struct Slack {
    url: SecretString,
    host: String,
    max_items: usize,
    timeout: Duration,
    transport: Transport,
    clock: Clock,
}

/// Reads the URL.
pub(super) fn open(
    slack: &SlackSettings,
    settings: &Settings,
    means: &Means<'_>,
) -> Result<Slack, OpenError> {
    let secret = slack.url.read(means.source, means.env)?;
    let url = web_url(secret.expose_secret()).map_err(|wrong| slack.url.error(means.source, wrong))?;
    let transport = means.network.transport(credage_oci::endpoint::is_loopback(&url));
    Ok(Slack {
        host: url.host_str().unwrap_or_default().to_owned(),
        url: secret,
        max_items: settings.max_items,
        timeout: settings.effort.timeout,
        clock: means.clock.clone(),
        transport: transport.map_err(|error| settings.setup_error(&error))?,
    })
}

impl Channel for Slack {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Slack
    }

    fn target(&self) -> String {
        self.host.clone()
    }

    fn render(&self, digest: &Digest) -> Vec<Message> {
        let (page, blocks) = fitting(digest, self.max_items.min(MAX_ENTRIES));
        let body = text_of(&blocks);
        let short =
            text_of(&short(&Page::of(digest, Audience::Administrators, SHORT_ENTRIES.min(self.max_items))));
        let parts = vec![Part::json(body), Part::json(short)];
        vec![Message::new(Vec::new(), Vec::new(), page.subject, parts)]
    }

    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        async move {
            let mut parts = message.parts.iter();
            let sent = self.post(parts.next()).await;
            let refused = sent.as_ref().is_ok_and(is_refused_for_its_form);
            let sent = if refused {
                tracing::info!("Slack refuses the message for its form; sending a shorter one");
                self.post(parts.next()).await
            } else {
                sent
            };
            judge(sent, (self.clock)())
        }
        .boxed()
    }
}

impl Slack {
    async fn post(&self, part: Option<&Part>) -> Result<Reply, TransportError> {
        // It parsed when the channel was opened.
        let url = Url::parse(self.url.expose_secret())
            .map_err(|_| TransportError::Setup("the webhook's URL is not valid".to_owned()))?;
        let body = part.map(|part| part.body.as_bytes());
        self.transport.send(&Method::POST, &url, json_headers(), body, self.timeout).await
    }
}

/// Whether another form of the same message may be taken.
fn is_refused_for_its_form(reply: &Reply) -> bool {
    let said = String::from_utf8_lossy(&reply.body);
    (400..500).contains(&reply.status)
        && ["msg_blocks_too_long", "invalid_blocks", "msg_too_long"].iter().any(|word| said.contains(word))
}

/// The message with as many credentials as fit, most urgent first; the others are counted in it. The steps of the first
/// few come before the names of more, and those of more where there is room left.
fn fitting(digest: &Digest, max_items: usize) -> (Page, Value) {
    let most = max_items.min(digest.items.len());
    let message = |named: usize, detailed: usize| {
        let mut page = Page::of(digest, Audience::Administrators, named);
        for entry in page.entries.iter_mut().skip(detailed) {
            entry.steps.clear();
            // The id finds it; the fingerprint takes as much room again.
            let id = entry.id.split_once(", ").map(|(id, _)| id.to_owned());
            entry.id = id.unwrap_or_else(|| std::mem::take(&mut entry.id));
        }
        let blocks = blocks(&page);
        (page, blocks)
    };
    let fits = |(_, blocks): &(Page, Value)| characters(blocks) <= MAX_MESSAGE;
    let named = (0..=most).rev().find(|&named| fits(&message(named, DETAILED.min(named))));
    // Nothing but the numbers always fits, since every section is bounded.
    let named = named.unwrap_or_default();
    let detailed =
        (DETAILED.min(named)..=named).take_while(|&detailed| fits(&message(named, detailed))).last();
    message(named, detailed.unwrap_or_default())
}

/// Characters of all texts of a message.
fn characters(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) if key == "text" => text.chars().count(),
                other => characters(other),
            })
            .sum(),
        Value::Array(values) => values.iter().map(characters).sum(),
        _ => 0,
    }
}

fn text_of(message: &Value) -> String {
    // Texts can always be written as JSON.
    credage_report::safe_json::to_string(message).unwrap_or_default()
}

/// The most urgent in plain text.
fn short(page: &Page) -> Value {
    let mut lines = vec![page.subject.clone(), page.headline.clone(), page.context.clone()];
    lines.extend(page.alarm.clone());
    lines.extend(page.entries.iter().map(|entry| {
        format!("{}. {} {}: {} ({})", entry.number, entry.mark, entry.title, entry.when, entry.owner)
    }));
    lines.extend(page.more.clone());
    let mut text = String::new();
    for line in lines {
        let line = escaped(&line);
        if text.chars().count() + line.chars().count() + CUT.chars().count() + 1 > MAX_SHORT {
            text.push_str(CUT);
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    json!({"text": text.trim_end(), "unfurl_links": false, "unfurl_media": false})
}

fn blocks(page: &Page) -> Value {
    let mut blocks = vec![
        json!({"type": "header", "text": {"type": "plain_text", "text": clipped(&page.subject, MAX_HEADER), "emoji": false}}),
        section(&[format!("*{}*", escaped(&page.headline)), escaped(&page.context)]),
    ];
    if let Some(alarm) = &page.alarm {
        let mut lines = vec![format!(":warning: *{}*", escaped(alarm))];
        lines.extend(page.problems.iter().map(|problem| format!("• {}", escaped(problem))));
        blocks.push(section(&lines));
    }
    blocks.extend(page.entries.iter().map(|entry| section(&lines(entry))));
    if let Some(more) = &page.more {
        blocks.push(section(&[escaped(more)]));
    }
    blocks.push(json!({"type": "context", "elements": [mrkdwn(&escaped(&page.closing))]}));
    // What notifications show, where blocks are not.
    json!({"text": escaped(&page.subject), "blocks": blocks, "unfurl_links": false, "unfurl_media": false})
}

fn lines(entry: &Entry) -> Vec<String> {
    let mark = match entry.standing {
        Standing::Expired | Standing::Overdue => ":red_circle:",
        Standing::DueSoon => ":large_yellow_circle:",
        Standing::Unknown | Standing::Waived | Standing::Fresh => ":white_circle:",
    };
    let mut lines = vec![
        format!("{mark} *{}. {}* {}", entry.number, escaped(&entry.mark), code(&entry.title)),
        escaped(&entry.when),
        format!("{} {}", code(&entry.owner), code(&entry.id)),
    ];
    for step in &entry.steps {
        lines.push(format!("{}) {}", step.letter, escaped(&step.text)));
        lines.extend(step.command.as_deref().map(code));
    }
    lines
}

/// A section of these lines, as many as fit.
fn section(lines: &[String]) -> Value {
    let mut text = String::new();
    for line in lines {
        if text.chars().count() + line.chars().count() + 1 > MAX_SECTION - CUT.chars().count() {
            text.push_str(CUT);
            break;
        }
        text.push_str(line);
        text.push('\n');
    }
    json!({"type": "section", "text": mrkdwn(text.trim_end())})
}

fn mrkdwn(text: &str) -> Value {
    // Verbatim: Slack makes no links and no mentions of its own accord.
    json!({"type": "mrkdwn", "text": text, "verbatim": true})
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// As code, which a backtick in it would end.
fn code(text: &str) -> String {
    format!("`{}`", escaped(&text.replace('`', "ˋ")))
}

fn clipped(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slack_s_limits_hold_whatever_there_is_to_say() {
        let mut digest = Digest::sample("2026-06-01T12:00:00Z".parse().unwrap());
        let mut item = digest.items[0].clone();
        item.description = Some("<&>".repeat(300));
        item.user_name = "&".repeat(3000);
        item.steps = vec![crate::digest::Step { text: "<".repeat(199), command: Some("&".repeat(999)) }; 9];
        digest.items = vec![item; 300];
        let problem = crate::digest::Problem {
            domain: Some("&".repeat(300)),
            what: "api_key".to_owned(),
            verdict: "partial",
            status: None,
            reason: ">".repeat(300),
            hint: String::new(),
            request_id: None,
        };
        digest.problems = vec![problem; 60];
        let (_, message) = fitting(&digest, MAX_ENTRIES);
        assert!(characters(&message) <= MAX_MESSAGE);
        assert!(characters(&short(&Page::of(&digest, Audience::Administrators, 5))) <= MAX_SHORT);
        let blocks = message["blocks"].as_array().unwrap();
        assert!(blocks.len() <= 50);
        for block in blocks {
            let text = block["text"]["text"].as_str().unwrap_or_default();
            let max = if block["type"] == "header" { MAX_HEADER } else { MAX_SECTION };
            assert!(text.chars().count() <= max, "{text}");
            let plain = block["type"] == "header";
            assert!(plain || !text.contains(['<', '>']), "{text}");
        }
    }

    #[test]
    fn as_many_as_fit_are_named_and_the_others_counted() {
        let mut digest = Digest::sample("2026-06-01T12:00:00Z".parse().unwrap());
        let item = digest.items[0].clone();
        digest.items = vec![item; 300];
        let (page, message) = fitting(&digest, MAX_ENTRIES);
        let (shown, size) = (page.entries.len(), characters(&message));
        assert!((DETAILED..=MAX_ENTRIES).contains(&shown), "{shown}");
        assert!(page.entries.iter().take(DETAILED).all(|entry| !entry.steps.is_empty()));
        assert!(size <= MAX_MESSAGE && size > MAX_MESSAGE * 8 / 10, "{size}");
        assert!(page.more.as_ref().unwrap().contains(&format!("{} more", 300 - shown)), "{:?}", page.more);
        assert_eq!(fitting(&digest, 2).0.entries.len(), 2);
    }

    #[test]
    fn nobody_is_mentioned_by_a_name() {
        assert_eq!(escaped("<!channel> & <@U1>"), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
        assert_eq!(code("a`*b*`"), "`aˋ*b*ˋ`");
    }
}
