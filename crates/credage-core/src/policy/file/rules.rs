//! Levels and settings of rules, as the rules' own declarations have them.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Reader;
use crate::config::{ConfigError, did_you_mean};
use crate::days::Days;
use crate::pattern::Pattern;
use crate::policy::RuleConfig;
use crate::rules::{Level, Meta, Preset, REGISTRY, Setting, Value, Values};

impl Reader<'_> {
    /// Every rule, as the file has it or as it is declared. Mistakes are kept, and what is wrong is as declared.
    pub(super) fn rules(&mut self, document: &DeTable<'_>) -> Vec<RuleConfig> {
        let mut configs: Vec<RuleConfig> = REGISTRY.iter().map(|rule| declared(rule.meta)).collect();
        let found = document.iter().find(|(key, _)| key.get_ref() == "rules");
        let Some((_, rules)) = found else { return configs };
        let DeValue::Table(rules) = rules.get_ref() else {
            let wrong = self.error(rules, "`rules` is a table with a table for each rule");
            self.mistakes.push(wrong.hint("write such as [rules.stale-owner]"));
            return configs;
        };
        for (name, value) in rules {
            let config = configs.iter_mut().find(|config| config.meta.id == name.get_ref());
            let done = match config {
                Some(config) => self.configure(config, value),
                None => Err(self.unknown_rule(name.get_ref(), name.span())),
            };
            self.keep(done);
        }
        configs
    }

    /// A rule that does not exist, and the one that was probably meant.
    pub(super) fn unknown_rule(&self, name: &str, span: Range<usize>) -> ConfigError {
        let ids = REGISTRY.iter().map(|rule| rule.meta.id);
        let hint = did_you_mean(name, ids)
            .map_or_else(|| "`credage rules` lists the rules".to_owned(), |id| format!("write `{id}`"));
        self.source.error(Some(span), format!("there is no rule `{name}`")).hint(hint)
    }

    fn configure(
        &mut self,
        config: &mut RuleConfig,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(), ConfigError> {
        let meta = config.meta;
        let table = match value.get_ref() {
            // `rule = "high"` is short for a table with a level alone.
            DeValue::String(_) => {
                config.level = self.level(value)?;
                self.found(format!("rules.{}.level", meta.id), value);
                return Ok(());
            }
            DeValue::Table(table) => table,
            _ => {
                return Err(self
                    .error(value, "a rule takes a level, or a table with a level and settings")
                    .hint("write such as \"high\" or { level = \"high\" }"));
            }
        };
        for (key, value) in table {
            if key.get_ref() == "level" {
                config.level = self.level(value)?;
            } else {
                let setting = meta.settings.iter().find(|setting| setting.key == key.get_ref());
                let setting = setting.ok_or_else(|| self.unknown_setting(meta, key.get_ref(), key.span()))?;
                config.values.set(setting.key, self.setting(setting, value)?);
            }
            self.found(format!("rules.{}.{}", meta.id, key.get_ref()), value);
        }
        Ok(())
    }

    fn unknown_setting(&self, meta: &Meta, key: &str, span: Range<usize>) -> ConfigError {
        let known: Vec<&str> =
            std::iter::once("level").chain(meta.settings.iter().map(|setting| setting.key)).collect();
        let hint = did_you_mean(key, known.iter().copied()).map_or_else(
            || format!("known here are {}", known.join(", ")),
            |known| format!("write `{known}`"),
        );
        self.source.error(Some(span), format!("the rule {} has no setting `{key}`", meta.id)).hint(hint)
    }

    fn level(&self, value: &Spanned<DeValue<'_>>) -> Result<Level, ConfigError> {
        let DeValue::String(text) = value.get_ref() else {
            return Err(self.error(value, "a level is a text").hint("write such as \"high\""));
        };
        text.parse().map_err(|error: crate::rules::UnknownLevel| {
            let wrong = self.error(value, error.to_string());
            match did_you_mean(text, Level::ALL.map(Level::as_str)) {
                Some(level) => wrong.hint(format!("write \"{level}\"")),
                None => wrong,
            }
        })
    }

    fn setting(&self, setting: &Setting, value: &Spanned<DeValue<'_>>) -> Result<Value, ConfigError> {
        let expected = |what: &str| {
            self.error(value, format!("`{}` is {what}", setting.key)).hint(format!(
                "write such as {} = {}",
                setting.key,
                setting.default.toml()
            ))
        };
        match (&setting.default, value.get_ref()) {
            (Preset::Days(_), DeValue::String(text)) => self.setting_days(value, text),
            (Preset::Days(_), DeValue::Integer(number)) => self.setting_days(value, number.as_str()),
            (Preset::Days(_), _) => Err(expected("a number of days")),
            (Preset::Count(_), DeValue::Integer(number)) => {
                let count = u32::from_str_radix(number.as_str(), number.radix());
                count.map(Value::Count).map_err(|_| expected("a whole number, 0 or more"))
            }
            (Preset::Count(_), _) => Err(expected("a whole number")),
            (Preset::Names(_), DeValue::Array(items)) => {
                let name = |item: &Spanned<DeValue<'_>>| match item.get_ref() {
                    DeValue::String(text) => {
                        Pattern::parse(text).map_err(|error| self.error(item, error.to_string()))
                    }
                    _ => Err(self.error(item, "a name is a text")),
                };
                items.iter().map(name).collect::<Result<_, _>>().map(Value::Names)
            }
            (Preset::Names(_), _) => Err(expected("a list of names")),
        }
    }

    fn setting_days(&self, value: &Spanned<DeValue<'_>>, text: &str) -> Result<Value, ConfigError> {
        let days = text.parse::<Days>().map_err(|error| self.error(value, error.to_string()))?;
        Ok(Value::Days(days))
    }
}

fn declared(meta: &'static Meta) -> RuleConfig {
    RuleConfig { meta, level: meta.level, values: Values::defaults(meta) }
}
