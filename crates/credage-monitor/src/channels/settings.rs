//! The `[[channel]]` tables of the policy file, parsed and validated. Other keys of the file are none of our business.
//!
//! Tables are told apart by their `type` by hand: so an unknown key is held against the keys of that type, and every
//! mistake is shown where it stands.

use std::time::Duration;

use credage_core::config::{ConfigError, ConfigSource, did_you_mean};
use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::delivery::Effort;
use super::secret::Keys;
use super::{ChannelKind, Scope, When, scope};
use super::{email, oci_notifications, slack, webhook};

/// The keys that every channel has.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawCommon {
    /// What to call it: letters, digits, `-`, `_` and `.`; each name once.
    #[schemars(with = "String")]
    name: Spanned<String>,
    /// `findings`: told when there is something to say. `always`: told that all is well, too.
    #[serde(default)]
    when: When,
    /// From which standing on a credential is told of: `due-soon` (those without a usable date included), `overdue` or
    /// `expired`. What could not be read is always told.
    #[serde(default)]
    min_standing: scope::From,
    /// The most credentials that one message names, 1 to 1000; the others are counted.
    #[serde(default)]
    #[schemars(with = "Option<u16>")]
    max_items: Option<Spanned<i64>>,
    /// Seconds that one try may take, 1 to 120.
    #[serde(default)]
    #[schemars(with = "Option<u16>")]
    timeout: Option<Spanned<i64>>,
    /// How often a message that did not arrive is sent again, 0 to 10.
    #[serde(default)]
    #[schemars(with = "Option<u16>")]
    retries: Option<Spanned<i64>>,
}

const DEFAULT_MAX_ITEMS: i64 = 50;
const DEFAULT_TIMEOUT: i64 = 20;
const DEFAULT_RETRIES: i64 = 3;

/// A channel as it is configured, with nothing wrong in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its name.
    pub name: String,
    /// Of what and when it is told.
    pub scope: Scope,
    /// The most credentials that one message names.
    pub max_items: usize,
    /// How hard it tries.
    pub effort: Effort,
    /// What its kind needs.
    pub kind: KindSettings,
}

/// What a kind of channel needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KindSettings {
    /// Mail.
    Email(email::EmailSettings),
    /// A topic.
    OciNotifications(oci_notifications::TopicSettings),
    /// Slack.
    Slack(slack::SlackSettings),
    /// An endpoint of one's own.
    Webhook(webhook::WebhookSettings),
}

impl Settings {
    /// Where it goes, as far as that is no secret.
    pub fn target(&self) -> String {
        match &self.kind {
            KindSettings::Email(email) => email.target(),
            KindSettings::OciNotifications(topic) => topic.target(),
            KindSettings::Slack(_) => "an incoming webhook".to_owned(),
            KindSettings::Webhook(webhook) => webhook.target(),
        }
    }
}

/// Reads the channels of a policy file, in their order.
pub fn load(source: &ConfigSource) -> Result<Vec<Settings>, ConfigError> {
    let mut file = DeTable::parse(&source.text).map_err(|error| source.parse_error(&error))?.into_inner();
    let Some(tables) = file.remove("channel") else { return Ok(Vec::new()) };
    let span = tables.span();
    let DeValue::Array(tables) = tables.into_inner() else {
        return Err(source
            .error(Some(span), "`channel` is no list of tables")
            .hint("begin it with `[[channel]]`"));
    };
    let mut channels: Vec<Settings> = Vec::new();
    for table in tables {
        let span = table.span();
        let DeValue::Table(table) = table.into_inner() else {
            let wrong = source.error(Some(span), "a channel is a table");
            return Err(wrong.hint("begin it with `[[channel]]`"));
        };
        let (name, settings) = channel(source, table, span)?;
        if channels.iter().any(|other| other.name == settings.name) {
            let twice = format!("there are two channels called `{}`", settings.name);
            return Err(source.error(Some(name), twice).hint("give each a name of its own"));
        }
        channels.push(settings);
    }
    Ok(channels)
}

/// The JSON Schema of one channel table.
pub fn schema() -> Schema {
    let one_of: Vec<Value> = ChannelKind::ALL.into_iter().map(schema_of).collect();
    let mut schema = Schema::default();
    schema.insert("title".to_owned(), json!("A channel through which credage tells people"));
    schema.insert("oneOf".to_owned(), Value::Array(one_of));
    schema
}

type Span = std::ops::Range<usize>;

fn channel(
    source: &ConfigSource,
    mut table: DeTable<'_>,
    span: Span,
) -> Result<(Span, Settings), ConfigError> {
    let kind = kind(source, &mut table, &span)?;
    check_keys(source, &table, kind)?;
    // What every channel has is parsed apart from what its kind has.
    let known = properties(&schema_for!(RawCommon).to_value());
    let own: Vec<_> =
        table.keys().filter(|key| !known.contains_key(key.get_ref().as_ref())).cloned().collect();
    let mut rest = DeTable::new();
    for key in own {
        if let Some((key, value)) = table.remove_entry(&key) {
            rest.insert(key, value);
        }
    }
    let common: RawCommon = parse(source, table, &span)?;
    let name_span = common.name.span();
    let kind = match kind {
        ChannelKind::Email => KindSettings::Email(email::settings(source, parse(source, rest, &span)?)?),
        ChannelKind::OciNotifications => {
            KindSettings::OciNotifications(oci_notifications::settings(source, &parse(source, rest, &span)?)?)
        }
        ChannelKind::Slack => {
            KindSettings::Slack(slack::settings(source, parse(source, rest, &span)?, &span)?)
        }
        ChannelKind::Webhook => {
            KindSettings::Webhook(webhook::settings(source, parse(source, rest, &span)?, &span)?)
        }
    };
    Ok((name_span, common.validate(source, kind)?))
}

fn parse<'de, T: Deserialize<'de>>(
    source: &ConfigSource,
    table: DeTable<'de>,
    span: &Span,
) -> Result<T, ConfigError> {
    let value = ValueDeserializer::from(Spanned::new(span.clone(), DeValue::Table(table)));
    T::deserialize(value).map_err(|error| source.parse_error(&error))
}

fn kind(source: &ConfigSource, table: &mut DeTable<'_>, span: &Span) -> Result<ChannelKind, ConfigError> {
    let names = ChannelKind::ALL.map(ChannelKind::as_str);
    let types = format!("the types are {}", names.join(", "));
    let Some(value) = table.remove("type") else {
        return Err(source.error(Some(span.clone()), "the channel has no `type`").hint(types));
    };
    let written = value.get_ref().as_str().unwrap_or_default();
    let kind = ChannelKind::ALL.into_iter().find(|kind| kind.as_str() == written);
    kind.ok_or_else(|| {
        let hint = did_you_mean(written, names).map_or(types, |name| format!("write `{name}`"));
        source.error(Some(value.span()), format!("`{written}` is no type of channel")).hint(hint)
    })
}

/// Finds keys that are not known, and secrets that should not be here.
fn check_keys(source: &ConfigSource, table: &DeTable<'_>, kind: ChannelKind) -> Result<(), ConfigError> {
    let known = properties(&schema_of(kind));
    for key in table.keys() {
        let name = key.get_ref().as_ref();
        if known.contains_key(name) {
            continue;
        }
        if let Some(secret) = secrets(kind).iter().find(|keys| keys.clear == name) {
            return Err(in_clear(source, key.span(), secret));
        }
        let names = || known.keys().map(String::as_str);
        let hint = did_you_mean(name, names()).map_or_else(
            || format!("a channel of type {kind} has {}", names().collect::<Vec<_>>().join(", ")),
            |meant| format!("write `{meant}`"),
        );
        return Err(source.error(Some(key.span()), format!("unknown key `{name}`")).hint(hint));
    }
    Ok(())
}

/// A secret in the file itself: said without showing it again.
fn in_clear(source: &ConfigSource, key: Span, keys: &Keys) -> ConfigError {
    let Keys { clear, file, variable } = keys;
    let mut error = source.error(Some(key), format!("`{clear}` is a secret and has no place in this file"));
    error.excerpt = error.excerpt.split('=').next().map_or_else(String::new, |left| format!("{left}= …"));
    error.hint(format!(
        "put it into a file and name that with `{file}`, or into an environment variable with `{variable}`"
    ))
}

const fn secrets(kind: ChannelKind) -> &'static [Keys] {
    match kind {
        ChannelKind::Email => &[super::secret::PASSWORD],
        ChannelKind::OciNotifications => &[],
        ChannelKind::Slack => &[super::secret::URL],
        ChannelKind::Webhook => &[super::secret::SECRET],
    }
}

/// The schema of one kind of channel, with the keys that every channel has.
fn schema_of(kind: ChannelKind) -> Value {
    let own = match kind {
        ChannelKind::Email => schema_for!(email::RawEmail),
        ChannelKind::OciNotifications => schema_for!(oci_notifications::RawTopic),
        ChannelKind::Slack => schema_for!(slack::RawSlack),
        ChannelKind::Webhook => schema_for!(webhook::RawWebhook),
    };
    let (own, common) = (own.to_value(), schema_for!(RawCommon).to_value());
    let mut keys = Map::from_iter([("type".to_owned(), json!({"const": kind.as_str()}))]);
    keys.extend(properties(&common));
    keys.extend(properties(&own));
    let required = [&common, &own].into_iter().filter_map(|schema| schema.get("required")?.as_array());
    let required = std::iter::once(json!("type")).chain(required.flatten().cloned());
    json!({
        "title": kind.as_str(),
        "description": own.get("description"),
        "type": "object",
        "properties": keys,
        "required": required.collect::<Vec<_>>(),
        "additionalProperties": false,
    })
}

fn properties(schema: &Value) -> Map<String, Value> {
    schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default()
}

impl RawCommon {
    fn validate(self, source: &ConfigSource, kind: KindSettings) -> Result<Settings, ConfigError> {
        let Self { name, when, min_standing, max_items, timeout, retries } = self;
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.get_ref().is_empty() || name.get_ref().len() > 64 || !name.get_ref().chars().all(allowed) {
            let wrong = format!("`{}` is no name of a channel", name.get_ref());
            return Err(source
                .error(Some(name.span()), wrong)
                .hint("write up to 64 letters, digits, `-`, `_` and `.`, such as `ops`"));
        }
        let max_items = number(source, max_items, DEFAULT_MAX_ITEMS, 1..=1000)?;
        let timeout = number(source, timeout, DEFAULT_TIMEOUT, 1..=120)?;
        let retries = number(source, retries, DEFAULT_RETRIES, 0..=10)?;
        Ok(Settings {
            name: name.into_inner(),
            scope: Scope { when, from: min_standing },
            max_items: usize::from(max_items),
            effort: Effort { timeout: Duration::from_secs(timeout.into()), retries: usize::from(retries) },
            kind,
        })
    }
}

/// A number within bounds, or the usual one.
fn number(
    source: &ConfigSource,
    given: Option<Spanned<i64>>,
    usual: i64,
    bounds: std::ops::RangeInclusive<i64>,
) -> Result<u16, ConfigError> {
    let span = given.as_ref().map(Spanned::span);
    let number = given.map_or(usual, Spanned::into_inner);
    let fits =
        Some(number).filter(|number| bounds.contains(number)).and_then(|number| u16::try_from(number).ok());
    fits.ok_or_else(|| {
        let hint = format!("write a number from {} to {}", bounds.start(), bounds.end());
        source.error(span, format!("{number} is out of bounds")).hint(hint)
    })
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
