//! The command line.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::commands::{
    audit::AuditArgs, capabilities::CapabilitiesArgs, doctor::DoctorArgs, domains::DomainsArgs,
    explain::ExplainArgs, notify::NotifyArgs, policy::PolicyCommand, rules::RulesArgs, schema::SchemaArgs,
    sim::SimArgs,
};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "\
Exit codes (the highest that applies wins):
  0    done
  1    findings at or above --fail-on
  2    usage or configuration
  3    coverage incomplete: something that was asked for could not be read
  4    nothing could be audited
  5    a notification was not delivered
  130  interrupted (SIGINT)
  143  terminated (SIGTERM)";

/// Tells how old every credential in an OCI identity domain is, and when each one is due.
#[derive(Debug, Parser)]
#[command(name = "credage", version, styles = STYLES, after_help = EXIT_CODES, propagate_version = true, args_override_self = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read the identity domains of the tenancy and report how old every credential is.
    Audit(Box<AuditArgs>),
    /// Tell everything about one user, credential or finding: dates, the limit and why that one, waivers, and the steps to
    /// rotate.
    Explain(Box<ExplainArgs>),
    /// List who may create which credentials, who did and since when, and what could be taken away.
    Capabilities(Box<CapabilitiesArgs>),
    /// List the identity domains of the tenancy, with their licences and what cannot be searched.
    Domains(Box<DomainsArgs>),
    /// Show, check or begin the policy: limits, classes, rules, waivers.
    Policy(PolicyCommand),
    /// List the rules: what is looked for, at which level, why, and what to do about it.
    Rules(RulesArgs),
    /// Say before the first audit whether it will work, and what to do where it will not.
    ///
    /// Looks at profile and key, network and clock, the search for domains, and how each kind of each domain can be listed,
    /// in a few requests a domain. The exit code is the one that an audit would end with.
    Doctor(Box<DoctorArgs>),
    /// Try the channels of the policy file, or list them.
    Notify(Box<NotifyArgs>),
    /// Run a simulated tenancy, to try credage without an account.
    Sim(Box<SimArgs>),
    /// Print the JSON Schema of a format.
    Schema(SchemaArgs),
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct GlobalArgs {
    /// Say nothing but errors and warnings that matter on standard error.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more on standard error: each decision, and with -vv each request.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
