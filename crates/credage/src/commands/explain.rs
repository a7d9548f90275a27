//! `credage explain`: everything about one user, credential or finding.

use std::io::Write;

use clap::{Args, ValueEnum};
use credage_core::explain::{Explanation, NotFound, Target, find};
use credage_core::{Coverage, DomainInventory, Inventory, Kind, Policy, UserDetails, assess, settle};
use credage_oci::auth::Environment;
use credage_oci::collect::Scope;
use credage_report::{render_explanation, render_explanation_json};
use jiff::Timestamp;

use crate::cli::GlobalArgs;
use crate::commands::{now, parse_as_of};
use crate::exit::{Exit, Failure};
use crate::policy::PolicyArgs;
use crate::reach::{NetworkArgs, ReachArgs};
use crate::reading::{self, Read, SourceArgs, Wanted};
use crate::targets::WhereArgs;
use crate::{output, replay, terminal};

/// What to explain, and what it is looked for in.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A user (name, id, OCID or mail address), a credential (id, kind/id, or an API key's fingerprint) or a finding
    /// (fingerprint); the beginning is enough where it means one thing only.
    #[arg(value_name = "THING")]
    thing: String,
    #[command(flatten)]
    places: WhereArgs,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    reach: ReachArgs,
    #[command(flatten)]
    subject: DayArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    report: ShapeArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What")]
struct DayArgs {
    /// Judge as of this instant or day (UTC) instead of now, such as 2026-12-31 or 2026-12-31T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = parse_as_of)]
    as_of: Option<Timestamp>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Out")]
struct ShapeArgs {
    /// text or json.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Shape::Text)]
    format: Shape,
    /// The same as --format json.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    Text,
    Json,
}

/// Explains.
pub(crate) fn run(args: &ExplainArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    if args.thing.trim().is_empty() {
        return Err(Failure::usage("an empty name means nothing")
            .hint("give a user, a credential's id or the fingerprint of a finding"));
    }
    let started = args.subject.as_of.unwrap_or_else(now);
    let policy = args.policy.load(&Environment::from_process(), started)?;
    let Read { mut inventory, as_of } = read(args, &policy, global)?;
    settle(&mut inventory, &policy, as_of);
    let thing = find(&inventory, &policy, &args.thing).map_err(|error| not_found(&error, &inventory))?;
    let inventory = thing.narrow(inventory);
    let assessment = assess(&inventory, &policy, as_of);
    let explanation = Explanation::new(&assessment, &thing)
        .ok_or_else(|| Failure::usage(format!("`{}` could not be found again", args.thing)))?;
    let width =
        terminal::size().map_or(terminal::DEFAULT_WIDTH, |(width, _)| width).max(terminal::DEFAULT_WIDTH);
    let color = terminal::color_on_stdout(global.color);
    output::write_stdout(|out: &mut dyn Write| {
        if args.report.json || args.report.format == Shape::Json {
            render_explanation_json(&explanation, out)
        } else {
            render_explanation(&explanation, width, color, out)
        }
    })?;
    Ok(if explanation.is_tolerable() { Exit::Done } else { Exit::Incomplete })
}

/// Of a saved inventory no more is read than it takes, where that is enough.
fn read(args: &ExplainArgs, policy: &Policy, global: &GlobalArgs) -> Result<Read, Failure> {
    if let Some(path) = &args.source.from
        && let Some(part) = replay::load_about(path, &args.thing, &args.places, global)?
        && find(&part, policy, &args.thing).is_ok_and(|thing| !matches!(thing.target, Target::Waiver(_)))
    {
        return Ok(Read::finished(part, args.subject.as_of));
    }
    let wanted = Wanted {
        places: &args.places,
        source: &args.source,
        reach: &args.reach,
        network: &args.network,
        names: policy.names_domains(),
        scope: Scope {
            kinds: Kind::ALL.to_vec(),
            users: None,
            // Everything that can be known of a user: it costs no request more.
            details: UserDetails { groups: true, tags: true, ..policy.needs() },
        },
        as_of: args.subject.as_of,
        progress: !global.quiet && global.verbose == 0 && terminal::is_watched(),
    };
    reading::read(&wanted, global)
}

/// Whether everything that was asked for was read, so that what is not in it does not exist there.
fn is_read(inventory: &Inventory) -> bool {
    let mut coverages = inventory.domains.iter().flat_map(DomainInventory::coverages);
    inventory.gaps.is_empty() && coverages.all(Coverage::is_proven)
}

fn not_found(error: &NotFound, inventory: &Inventory) -> Failure {
    let failure = Failure::usage(error);
    match error {
        NotFound::Ambiguous { .. } => {
            failure.hint("give an id, kind/id, or --domain NAME where the domains differ")
        }
        NotFound::Unknown { near: Some(near), .. } => failure.hint(format!("did you mean {near}?")),
        NotFound::Unknown { near: None, .. } if !is_read(inventory) => Failure {
            exit: Exit::Incomplete,
            ..failure
                .hint("not everything could be read, so it may exist; `credage audit` shows what is missing")
        },
        NotFound::Unknown { near: None, .. } => {
            failure.hint("list what there is with `credage audit --format csv --all-users`")
        }
    }
}
