//! `credage policy`: what holds and where it comes from, whether a file is right, and a file to begin with.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use credage_core::Policy;
use credage_core::policy::{WaiverState, example};
use credage_oci::auth::Environment;
use credage_report::policy::{render_json, render_reference, render_table, render_toml};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::cli::GlobalArgs;
use crate::commands::{now, parse_as_of};
use crate::exit::{Exit, Failure};
use crate::files::Access;
use crate::policy::{FILE, PolicyArgs, schema};
use crate::{output, terminal};

/// What to do with the policy.
#[derive(Debug, Args)]
pub(crate) struct PolicyCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the policy as it holds, with where each value comes from.
    Show(ShowArgs),
    /// Say whether a policy file is right: every mistake with its line and what to write instead. Asks nothing of OCI.
    Check(CheckArgs),
    /// Write an example with comments, which says the defaults.
    Init(InitArgs),
    /// Print the reference of the policy file, in Markdown.
    Reference,
}

#[derive(Debug, Args)]
struct ShowArgs {
    #[command(flatten)]
    policy: PolicyArgs,
    /// table, toml (a policy file that reads back to the same) or json (`credage.policy/v1`).
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Shape::Table)]
    format: Shape,
    /// Hold waivers against this instant or day (UTC) instead of now.
    #[arg(long, value_name = "TIME", value_parser = parse_as_of)]
    as_of: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    Table,
    Toml,
    Json,
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// The file [default: the one that an audit would take].
    #[arg(value_name = "FILE", conflicts_with = "policy")]
    file: Option<PathBuf>,
    #[command(flatten)]
    policy: PolicyArgs,
    /// Hold waivers against this instant or day (UTC) instead of now.
    #[arg(long, value_name = "TIME", value_parser = parse_as_of)]
    as_of: Option<Timestamp>,
}

#[derive(Debug, Args)]
struct InitArgs {
    /// The file to write.
    #[arg(value_name = "FILE", default_value = FILE)]
    file: PathBuf,
    /// Write it although there is one already.
    #[arg(long)]
    force: bool,
}

/// Does it.
pub(crate) fn run(command: &PolicyCommand, global: &GlobalArgs) -> Result<Exit, Failure> {
    match &command.action {
        Action::Show(args) => show(args, global),
        Action::Check(args) => check(args, global),
        Action::Init(args) => init(args, global),
        Action::Reference => reference(),
    }
}

fn show(args: &ShowArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let as_of = args.as_of.unwrap_or_else(now);
    let policy = args.policy.load(&Environment::from_process(), as_of)?;
    let width =
        terminal::size().map_or(terminal::DEFAULT_WIDTH, |(width, _)| width).max(terminal::DEFAULT_WIDTH);
    let color = terminal::color_on_stdout(global.color);
    output::write_stdout(|out| match args.format {
        Shape::Table => render_table(&policy, as_of, width, color, out),
        Shape::Toml => render_toml(&policy, out),
        Shape::Json => render_json(&policy, as_of, out),
    })?;
    Ok(Exit::Done)
}

fn check(args: &CheckArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let as_of = args.as_of.unwrap_or_else(now);
    let given = PolicyArgs {
        policy: args.file.clone().or_else(|| args.policy.policy.clone()),
        ..args.policy.clone()
    };
    let env = Environment::from_process();
    let policy = match given.check(&env, as_of)? {
        Ok(policy) => policy,
        Err(mistakes) => {
            for mistake in mistakes.into_all() {
                terminal::complain(&Failure::config(mistake), global);
            }
            return Ok(Exit::Usage);
        }
    };
    let Some(file) = policy.file() else {
        return Err(Failure::usage("there is no policy file; the defaults hold")
            .hint("write one with `credage policy init`, or name one: credage policy check FILE"));
    };
    warn_of_ends(&policy, as_of, file, global);
    let channels = given.channels(&env)?;
    let line = format!("{file}: {}", summary(&policy, channels));
    let line = credage_report::sanitize::for_lines(&line);
    output::write_stdout(|out| Ok(out.write_all(line.as_bytes())?))?;
    Ok(Exit::Done)
}

/// What a file holds, in one line.
fn summary(policy: &Policy, channels: usize) -> String {
    let count = |number: usize, one: &str, many: &str| match number {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        several => format!("{several} {many}"),
    };
    let changed = policy.rules().iter().filter(|rule| {
        rule.level != rule.meta.level || rule.values != credage_core::rules::Values::defaults(rule.meta)
    });
    let limit = policy.limits().default.max_age();
    let limit = limit.map_or_else(|| "no limit of age".to_owned(), |days| format!("{days} days"));
    let confirmations = match policy.confirmations().len() {
        0 => String::new(),
        some => format!(", {}", count(some, "confirmation", "confirmations")),
    };
    format!(
        "right; {limit} in general, {}, {}, {} changed, {}{confirmations}, days counted by {}",
        count(policy.classes().len(), "class", "classes"),
        count(policy.waivers().len(), "waiver", "waivers"),
        count(changed.count(), "rule", "rules"),
        count(channels, "channel", "channels"),
        policy.boundary().describe(),
    )
}

/// Warns of exceptions that end soon or have ended.
fn warn_of_ends(policy: &Policy, as_of: Timestamp, file: &str, global: &GlobalArgs) {
    for waiver in policy.waivers() {
        let what = format!("waiver ({})", waiver.subject());
        let state = policy.waiver_state(waiver, as_of);
        warn_of_end(&format!("{file} line {}", waiver.line), &what, waiver.until, state, "excepts", global);
    }
    for entry in policy.confirmations() {
        let what = format!("confirmation ({})", entry.subject());
        let state = policy.confirmation_state(entry, as_of);
        warn_of_end(&format!("{file} line {}", entry.line), &what, entry.until, state, "confirms", global);
    }
}

fn warn_of_end(place: &str, what: &str, until: Date, state: WaiverState, does: &str, global: &GlobalArgs) {
    let message = match state {
        WaiverState::Holds { .. } => return,
        WaiverState::Expiring { days_left: 1 } => {
            format!("{place}: {until} is the last day of the {what}")
        }
        WaiverState::Expiring { days_left } => {
            format!("{place}: the {what} ends in {days_left} days, after {until}")
        }
        WaiverState::Expired => {
            format!("{place}: the {what} ended with {until} and {does} nothing any more")
        }
    };
    terminal::warn(&message, global);
}

fn init(args: &InitArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let path = &args.file;
    let shown = path.display();
    output::check([path.as_path()], [])?;
    // A link that leads nowhere is there, too.
    if !args.force && fs::symlink_metadata(path).is_ok() {
        return Err(Failure::usage(format!("{shown} is there already"))
            .hint("name another file, or replace it with --force"));
    }
    let today = TimeZone::UTC.to_datetime(now()).date();
    let until = today.checked_add(90.days()).unwrap_or(today);
    write(path, until)?;
    terminal::note(&format!("{shown} is written; look at it, then: credage policy check {shown}"), global);
    Ok(Exit::Done)
}

fn write(path: &Path, until: Date) -> Result<(), Failure> {
    output::write_file(path, Access::Usual, |out| Ok(out.write_all(example(until).as_bytes())?))
}

fn reference() -> Result<Exit, Failure> {
    let schema = serde_json::from_str(&schema())
        .map_err(|error| Failure::usage(format!("the schema is no JSON: {error}")))?;
    // A day that stays the same, so that the page does.
    let example = example(date(2027, 1, 31));
    output::write_stdout(|out| render_reference(&schema, &example, out))?;
    Ok(Exit::Done)
}
