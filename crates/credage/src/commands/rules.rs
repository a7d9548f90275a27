//! `credage rules`: what is looked for, at which level, and what to do about it.

use clap::{Args, ValueEnum};
use credage_core::config::did_you_mean;
use credage_core::policy::RuleConfig;
use credage_core::rules::REGISTRY;
use credage_oci::auth::Environment;
use credage_report::rules::{render_json, render_markdown, render_one, render_table};

use crate::cli::GlobalArgs;
use crate::commands::now;
use crate::exit::{Exit, Failure};
use crate::policy::PolicyArgs;
use crate::{output, terminal};

/// Which rules, and how to show them.
#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    /// Show one rule in full, such as rotation-overdue.
    #[arg(value_name = "RULE")]
    id: Option<String>,
    /// table, json (`credage.rules/v1`) or markdown (docs/rules.md, whatever the policy).
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Shape::Table)]
    format: Shape,
    #[command(flatten)]
    policy: PolicyArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    Table,
    Json,
    Markdown,
}

/// Lists.
pub(crate) fn run(args: &RulesArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    if args.format == Shape::Markdown {
        if args.id.is_some() {
            return Err(Failure::usage("the page in Markdown is about all rules")
                .hint("leave the rule out, or leave --format markdown out"));
        }
        output::write_stdout(render_markdown)?;
        return Ok(Exit::Done);
    }
    let policy = args.policy.load(&Environment::from_process(), now())?;
    let chosen = match &args.id {
        Some(id) => Some(policy.rule(id.trim()).ok_or_else(|| unknown(id))?),
        None => None,
    };
    let width =
        terminal::size().map_or(terminal::DEFAULT_WIDTH, |(width, _)| width).max(terminal::DEFAULT_WIDTH);
    let color = terminal::color_on_stdout(global.color);
    let wanted = |config: &RuleConfig| chosen.is_none_or(|chosen| chosen.meta == config.meta);
    output::write_stdout(|out| match (args.format, chosen) {
        (Shape::Json, _) => render_json(&policy, wanted, out),
        (_, Some(config)) => render_one(config, width, color, out),
        (_, None) => render_table(&policy, width, color, out),
    })?;
    Ok(Exit::Done)
}

fn unknown(id: &str) -> Failure {
    let failure = Failure::usage(format!("there is no rule `{id}`"));
    match did_you_mean(id, REGISTRY.iter().map(|rule| rule.meta.id)) {
        Some(meant) => failure.hint(format!("write `{meant}`")),
        None => failure.hint("`credage rules` lists the rules"),
    }
}
