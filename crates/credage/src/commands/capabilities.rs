//! `credage capabilities`: who may create what, who did, and what could be taken away.

use clap::Args;
use credage_core::capabilities::{Review, review};
use credage_core::{Kind, settle};
use credage_oci::auth::Environment;
use credage_oci::collect::Scope;
use credage_report::{CapabilitiesFormat, CapabilitiesOptions, Dialect, render_capabilities};
use jiff::Timestamp;

use crate::cli::GlobalArgs;
use crate::commands::{now, parse_as_of};
use crate::exit::{Exit, Failure};
use crate::policy::PolicyArgs;
use crate::reach::{NetworkArgs, ReachArgs};
use crate::reading::{self, Read, SourceArgs, Wanted, user_filter};
use crate::targets::WhereArgs;
use crate::{output, terminal};

/// Rows of a list that goes to no terminal.
const ROWS_WITHOUT_TERMINAL: usize = 25;
/// Lines of a screen that the numbers need.
const LINES_BESIDE_ROWS: usize = 20;

/// Where to look, what for, and how to show it.
#[derive(Debug, Args)]
pub(crate) struct CapabilitiesArgs {
    #[command(flatten)]
    places: WhereArgs,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    reach: ReachArgs,
    #[command(flatten)]
    subject: SubjectArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What")]
struct SubjectArgs {
    /// Only capabilities to take away (may create, never did), with those apart that are switched off and in use all the
    /// same. What a waiver of the rule unused-capability excepts is left out.
    #[arg(long)]
    unused: bool,
    /// Only this kind: api_key, auth_token, customer_secret_key, db_credential, oauth2_client_credential or
    /// smtp_credential (repeatable).
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<Kind>,
    /// Only users whose name or id matches; `*` and `?` are wildcards, case does not matter.
    #[arg(long, value_name = "PATTERN")]
    user: Option<String>,
    /// Hold waivers against this instant or day (UTC) instead of now, such as 2026-12-31.
    #[arg(long, value_name = "TIME", value_parser = parse_as_of)]
    as_of: Option<Timestamp>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Out")]
struct ReportArgs {
    /// What to print on standard output: table, csv or json.
    #[arg(long, value_name = "FORMAT", default_value_t = CapabilitiesFormat::Table)]
    format: CapabilitiesFormat,
    /// How CSV is written: rfc4180, or excel (byte order mark and semicolons, which spreadsheet programs open as they are).
    #[arg(long, value_name = "DIALECT", default_value_t = Dialect::Rfc4180)]
    csv_dialect: Dialect,
    /// Rows of each list in the table before it is cut; 0 shows all [default: a screenful].
    #[arg(long, value_name = "N")]
    rows: Option<usize>,
}

/// Lists.
pub(crate) fn run(args: &CapabilitiesArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let started = args.subject.as_of.unwrap_or_else(now);
    let policy = args.policy.load(&Environment::from_process(), started)?;
    let asked = |kind: &Kind| args.subject.kinds.is_empty() || args.subject.kinds.contains(kind);
    let wanted = Wanted {
        places: &args.places,
        source: &args.source,
        reach: &args.reach,
        network: &args.network,
        names: policy.names_domains(),
        scope: Scope {
            kinds: Kind::ALL.into_iter().filter(asked).collect(),
            users: user_filter(args.subject.user.as_deref())?,
            details: policy.needs(),
        },
        as_of: args.subject.as_of,
        progress: !global.quiet && global.verbose == 0 && terminal::is_watched(),
    };
    let Read { mut inventory, as_of } = reading::read(&wanted, global)?;
    settle(&mut inventory, &policy, as_of);
    let review = review(&inventory, &policy, as_of);
    let size = terminal::size();
    let screenful =
        size.map_or(ROWS_WITHOUT_TERMINAL, |(_, lines)| lines.saturating_sub(LINES_BESIDE_ROWS).max(10));
    let options = CapabilitiesOptions {
        unused: args.subject.unused,
        width: size.map_or(terminal::DEFAULT_WIDTH, |(width, _)| width).max(terminal::DEFAULT_WIDTH),
        color: terminal::color_on_stdout(global.color),
        rows: match args.report.rows {
            Some(0) => None,
            rows => Some(rows.unwrap_or(screenful)),
        },
        dialect: args.report.csv_dialect,
    };
    output::write_stdout(|out| render_capabilities(args.report.format, &review, &options, out))?;
    Ok(verdict(&review).max(reading::found_nobody(&wanted.scope, &inventory)))
}

fn verdict(review: &Review<'_>) -> Exit {
    if review.is_empty_handed() {
        Exit::Nothing
    } else if review.is_tolerable() {
        Exit::Done
    } else {
        Exit::Incomplete
    }
}
