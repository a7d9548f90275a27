//! The rules for people: all in a table, or one in full.

use std::io::Write;

use credage_core::policy::RuleConfig;
use credage_core::rules::About;
use credage_core::{Policy, remedy};

use super::{CIS_VERSIONS, controls};
use crate::table::layout::{Column, Page};
use crate::{RenderError, RenderOptions};

/// Lists the rules.
pub fn render_table(
    policy: &Policy,
    width: usize,
    color: bool,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let mut page = page(width, color);
    for about in [About::Credential, About::User, About::Waiver] {
        list(policy, about, &mut page);
    }
    page.text("");
    page.faint(&format!(
        "LEVEL is what the policy says{}. CIS: OCI Foundations Benchmark {}.",
        policy.file().map_or_else(String::new, |file| format!(" ({file})")),
        newest()
    ));
    page.faint("All of one rule: credage rules RULE");
    out.write_all(page.finish().as_bytes())?;
    Ok(())
}

/// Lists the rules about one sort of thing.
fn list(policy: &Policy, about: About, page: &mut Page) {
    let row = |config: &RuleConfig| {
        let meta = config.meta;
        let mut numbers: Vec<&str> =
            meta.cis.iter().filter(|cis| cis.version == newest()).map(|cis| cis.control).collect();
        numbers.dedup();
        vec![
            meta.id.to_owned(),
            config.level.to_string(),
            meta.level.to_string(),
            range(&numbers),
            meta.title.to_owned(),
        ]
    };
    let column = |head, width| Column { head, width, number: false };
    let columns =
        [column("RULE", 24), column("LEVEL", 8), column("DEFAULT", 8), column("CIS", 8), column("FINDS", 60)];
    let rules = policy.rules().iter().filter(|config| config.meta.about == about);
    page.heading(&format!("About a {}", about.as_str()));
    page.table(&columns, rules.map(row).collect(), &[]);
}

/// Shows one rule in full.
pub fn render_one(
    config: &RuleConfig,
    width: usize,
    color: bool,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let meta = config.meta;
    let mut page = page(width, color);
    page.strong(&format!("{}: {}", meta.id, meta.title));
    page.faint(&format!("About a {}. Level {} (default {}).", meta.about.as_str(), config.level, meta.level));
    for (heading, text) in
        [("What it means", meta.meaning), ("Why it matters", meta.why), ("How to fix it", meta.fix)]
    {
        page.heading(heading);
        page.text(text);
    }
    if let Some(sample) = remedy::general::sample_kind(meta) {
        let sample = sample.label();
        page.text(&format!("For an {sample}; the other kinds are in docs/rules.md:"));
    }
    let mut commands = Vec::new();
    for (place, step) in remedy::general::steps(meta).into_iter().enumerate() {
        page.text(&format!("{}. {}", place + 1, step.text));
        commands.extend(step.command.map(|command| (place + 1, command)));
    }
    if !meta.settings.is_empty() {
        page.heading("Settings");
    }
    for setting in meta.settings {
        let value = config.values.iter().find(|(key, _)| *key == setting.key);
        let value = value.map(|(_, value)| value.to_string()).unwrap_or_default();
        page.point(&format!(
            "{} = {value}: {} Default: {}",
            setting.key,
            setting.doc,
            setting.default.toml()
        ));
    }
    if !meta.cis.is_empty() {
        page.heading("CIS OCI Foundations Benchmark");
    }
    for version in CIS_VERSIONS.into_iter().filter(|version| !controls(meta, version).is_empty()) {
        page.point(&format!("{version}: {}", controls(meta, version)));
    }
    out.write_all(page.finish().as_bytes())?;
    if !commands.is_empty() {
        // Commands are to be copied: they are neither wrapped nor cut.
        writeln!(out, "\nCommands of the steps, with your own ids in place of the words in capitals")?;
    }
    for (place, command) in commands {
        writeln!(out, "{place}. {command}")?;
    }
    Ok(())
}

fn page(width: usize, color: bool) -> Page {
    Page::new(&RenderOptions { width, color, ..RenderOptions::default() })
}

const fn newest() -> &'static str {
    let [newest, ..] = CIS_VERSIONS;
    newest
}

/// `1.7`, or `1.8-1.11` where there are several.
fn range(numbers: &[&str]) -> String {
    match numbers {
        [] => "-".to_owned(),
        [only] => (*only).to_owned(),
        [first, .., last] => format!("{first}-{last}"),
    }
}
