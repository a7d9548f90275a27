//! The JSON Schema of the policy file, for editors. Draft 7, which the language servers for TOML take.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};

use super::raw::RawPolicy;
use crate::kind::Kind;
use crate::rules::{About, Level, Meta, Preset, REGISTRY, Setting};

/// The schema; `channel` is that of one `[[channel]]` table.
pub fn schema(channel: &Json) -> String {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<RawPolicy>().to_value();
    if let Some(items) = schema.pointer_mut("/properties/channel/items") {
        *items = channel.clone();
    }
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// Every rule with its settings.
pub(super) fn rules(_: &mut SchemaGenerator) -> Schema {
    let properties: Map<String, Json> =
        REGISTRY.iter().map(|rule| (rule.meta.id.to_owned(), rule_schema(rule.meta))).collect();
    json_schema!({"type": "object", "additionalProperties": false, "properties": properties})
}

/// Filled in by whoever knows the channels.
pub(super) fn channels(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": {"type": "object"}})
}

/// Kinds, by the names that every output uses.
pub(super) fn kinds(_: &mut SchemaGenerator) -> Schema {
    one_or_more(&Kind::ALL.map(Kind::as_str))
}

/// Rules that a waiver can except from.
pub(super) fn rule_ids(_: &mut SchemaGenerator) -> Schema {
    let about = |meta: &Meta| meta.about != About::Waiver;
    let ids: Vec<&str> =
        REGISTRY.iter().map(|rule| rule.meta).filter(|meta| about(meta)).map(|meta| meta.id).collect();
    one_or_more(&ids)
}

fn one_or_more(names: &[&str]) -> Schema {
    json_schema!({"anyOf": [{"enum": names}, {"type": "array", "minItems": 1, "items": {"enum": names}}]})
}

/// A day.
pub(super) fn day(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})
}

fn rule_schema(meta: &Meta) -> Json {
    let levels: Vec<&str> = Level::ALL.iter().map(|level| level.as_str()).collect();
    let level =
        json!({"enum": levels, "description": "How grave its findings are.", "default": meta.level.as_str()});
    let mut properties = Map::from_iter([("level".to_owned(), level)]);
    properties.extend(meta.settings.iter().map(|setting| (setting.key.to_owned(), setting_schema(setting))));
    json!({
        "description": format!("{}. {}", meta.title, meta.meaning),
        "anyOf": [
            {"enum": levels},
            {"type": "object", "additionalProperties": false, "properties": properties},
        ],
    })
}

fn setting_schema(setting: &Setting) -> Json {
    let doc = setting.doc;
    match setting.default {
        Preset::Days(days) => json!({
            "description": doc,
            "default": format!("{days}d"),
            "anyOf": [{"type": "string", "pattern": "^[0-9]{1,5}[dDwW]?$"}, {"type": "integer", "minimum": 0, "maximum": 36500}],
        }),
        Preset::Count(count) => {
            json!({"description": doc, "default": count, "type": "integer", "minimum": 0})
        }
        Preset::Names(names) => {
            json!({"description": doc, "default": names, "type": "array", "items": {"type": "string"}})
        }
    }
}
