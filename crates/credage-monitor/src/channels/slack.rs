//! A Slack incoming webhook: one message in Block Kit.
//!
//! Limits are those of Slack's reference for blocks: 50 a message, 150 characters a header, 3,000 a section. Texts are
//! escaped as Slack's "Formatting text" asks (`&`, `<`, `>`), so that no name can mention a channel or make a link, and
//! stand as code, where nothing is bold or struck through.

use std::time::Duration;

use credage_core::Standing;
use credage_core::config::{ConfigError, ConfigSource};
use credage_oci::Clock;
use credage_oci::transport::Transport;
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
        let page = Page::of(digest, Audience::Administrators, self.max_items.min(MAX_ENTRIES));
        let body = blocks(&page).to_string();
        vec![Message::new(Vec::new(), Vec::new(), page.subject, vec![Part::json(body)])]
    }

    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        async move {
            // It parsed when the channel was opened.
            let url = Url::parse(self.url.expose_secret())
                .map_err(|_| DeliveryError::lasting("the webhook's URL is no URL"))?;
            let body = message.body().as_bytes();
            let sent =
                self.transport.send(&Method::POST, &url, json_headers(), Some(body), self.timeout).await;
            judge(sent, (self.clock)())
        }
        .boxed()
    }
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
        let page = Page::of(&digest, Audience::Administrators, MAX_ENTRIES);
        let message = blocks(&page);
        let blocks = message["blocks"].as_array().unwrap();
        assert_eq!(blocks.len(), 50);
        for block in blocks {
            let text = block["text"]["text"].as_str().unwrap_or_default();
            let max = if block["type"] == "header" { MAX_HEADER } else { MAX_SECTION };
            assert!(text.chars().count() <= max, "{text}");
            let plain = block["type"] == "header";
            assert!(plain || !text.contains(['<', '>']), "{text}");
        }
    }

    #[test]
    fn nobody_is_mentioned_by_a_name() {
        assert_eq!(escaped("<!channel> & <@U1>"), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
        assert_eq!(code("a`*b*`"), "`aˋ*b*ˋ`");
    }
}
