//! `credage.rules/v1`: what is declared of every rule, and its level by the policy.

use std::io::Write;

use credage_core::policy::RuleConfig;
use credage_core::rules::{Cis, Preset, Setting};
use credage_core::{Kind, Policy, remedy};
use serde::Serialize;

use crate::RenderError;

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    rules: Vec<RuleV1>,
}

#[derive(Serialize)]
struct RuleV1 {
    id: &'static str,
    title: &'static str,
    /// `credential`, `user` or `waiver`.
    about: &'static str,
    /// Its level by the policy.
    level: &'static str,
    default_level: &'static str,
    meaning: &'static str,
    why: &'static str,
    fix: &'static str,
    /// How a finding is mended in general, with words in capitals in place of ids.
    steps: Vec<StepV1>,
    cis: Vec<CisV1>,
    settings: Vec<SettingV1>,
}

#[derive(Serialize)]
struct StepV1 {
    text: String,
    command: Option<String>,
}

#[derive(Serialize)]
struct CisV1 {
    version: &'static str,
    control: &'static str,
    /// Null where the control is about no one kind.
    kind: Option<&'static str>,
}

#[derive(Serialize)]
struct SettingV1 {
    key: &'static str,
    doc: &'static str,
    default: DefaultV1,
    /// As a policy file would say it.
    value: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum DefaultV1 {
    /// Days, or a number of things.
    Number(u32),
    Names(&'static [&'static str]),
}

/// Writes `credage.rules/v1`: of all rules, or of those that `chosen` takes.
pub fn render_json(
    policy: &Policy,
    chosen: impl Fn(&RuleConfig) -> bool,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let rules = policy.rules().iter().filter(|config| chosen(config)).map(rule).collect();
    crate::safe_json::write_pretty(out, &Document { schema: "credage.rules/v1", rules })?;
    out.write_all(b"\n")?;
    Ok(())
}

fn rule(config: &RuleConfig) -> RuleV1 {
    let meta = config.meta;
    let cis =
        |cis: &Cis| CisV1 { version: cis.version, control: cis.control, kind: cis.kind.map(Kind::as_str) };
    let setting = |setting: &'static Setting| SettingV1 {
        key: setting.key,
        doc: setting.doc,
        default: match setting.default {
            Preset::Days(number) | Preset::Count(number) => DefaultV1::Number(number),
            Preset::Names(names) => DefaultV1::Names(names),
        },
        value: config
            .values
            .iter()
            .find(|(key, _)| *key == setting.key)
            .map(|(_, value)| value.to_string())
            .unwrap_or_default(),
    };
    let steps = remedy::general::steps(meta).into_iter();
    RuleV1 {
        id: meta.id,
        title: meta.title,
        about: meta.about.as_str(),
        level: config.level.as_str(),
        default_level: meta.level.as_str(),
        meaning: meta.meaning,
        why: meta.why,
        fix: meta.fix,
        steps: steps.map(|step| StepV1 { text: step.text, command: step.command }).collect(),
        cis: meta.cis.iter().map(cis).collect(),
        settings: meta.settings.iter().map(setting).collect(),
    }
}
