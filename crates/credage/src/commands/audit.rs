//! `credage audit`: from identity domains to reports.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use credage_core::{Assessment, Kind, Level, Policy, Standing, assess, settle};
use credage_monitor::Digest;
use credage_oci::auth::Environment;
use credage_oci::collect::Scope;
use credage_report::{Dialect, Format, RenderOptions, render};
use jiff::Timestamp;

use crate::cli::GlobalArgs;
use crate::commands::{now, parse_as_of};
use crate::exit::{Exit, Failure};
use crate::files::Access;
use crate::notify::AlertArgs;
use crate::output::{self, WriteTarget};
use crate::policy::{PolicyArgs, StrictArgs};
use crate::reach::{NetworkArgs, ReachArgs};
use crate::reading::{self, Read, SourceArgs, Wanted, user_filter};
use crate::targets::WhereArgs;
use crate::{confirmations, remarks, replay, terminal};

/// Findings in a table that goes to no terminal.
const ROWS_WITHOUT_TERMINAL: usize = 25;
/// Lines of a screen that the table needs for other things than findings.
const LINES_BESIDE_FINDINGS: usize = 24;

/// Where to look, what for, and where to put it.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    places: WhereArgs,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    keep: KeepArgs,
    #[command(flatten)]
    reach: ReachArgs,
    #[command(flatten)]
    subject: SubjectArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    strict: StrictArgs,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    alerts: AlertArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Where")]
struct KeepArgs {
    /// Keep what was read in a file, to assess it again with --from. It holds names and dates, but no secret.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "user"])]
    save: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What")]
struct SubjectArgs {
    /// Only credentials of this kind: api_key, auth_token, customer_secret_key, db_credential,
    /// oauth2_client_credential or smtp_credential (repeatable).
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<Kind>,
    /// Only users whose name or id matches; `*` and `?` are wildcards, case does not matter.
    #[arg(long, value_name = "PATTERN")]
    user: Option<String>,
    /// Judge as of this instant or day (UTC) instead of now, such as 2026-12-31 or 2026-12-31T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = parse_as_of)]
    as_of: Option<Timestamp>,
    /// Report users without credentials too (csv, wide-csv, json).
    #[arg(long)]
    all_users: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Out")]
struct ReportArgs {
    /// What to print on standard output: table, csv, wide-csv, findings-csv or json.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
    /// Write a report to a file as well, such as csv=credentials.csv (repeatable).
    #[arg(long = "write", value_name = "FORMAT=PATH")]
    writes: Vec<WriteTarget>,
    /// How CSV is written, here and to files: rfc4180, or excel (byte order mark and semicolons, which spreadsheet programs
    /// open as they are).
    #[arg(long, value_name = "DIALECT", default_value_t = Dialect::Rfc4180)]
    csv_dialect: Dialect,
    /// Findings in the table before it is cut; 0 shows all [default: a screenful].
    #[arg(long, value_name = "N")]
    rows: Option<usize>,
    /// Exit with 1 if any credential has this standing or worse (overdue, due-soon; one of unknown age counts as overdue), or
    /// if a rule finds something of this level or above (critical, high, medium, low, info).
    #[arg(long, value_enum, value_name = "STANDING|LEVEL", default_value_t = FailOn::Never)]
    fail_on: FailOn,
    /// No progress bar.
    #[arg(long)]
    no_progress: bool,
}

/// From which standing or level on a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Past its own expiry or the maximum age, or of unknown age.
    Overdue,
    /// These, or inside the warning window.
    DueSoon,
    /// A finding of this level.
    Critical,
    /// A finding of this level or above.
    High,
    /// A finding of this level or above.
    Medium,
    /// A finding of this level or above.
    Low,
    /// Any finding.
    Info,
    /// None.
    Never,
}

impl FailOn {
    const fn level(self) -> Option<Level> {
        match self {
            Self::Critical => Some(Level::Critical),
            Self::High => Some(Level::High),
            Self::Medium => Some(Level::Medium),
            Self::Low => Some(Level::Low),
            Self::Info => Some(Level::Info),
            Self::Overdue | Self::DueSoon | Self::Never => None,
        }
    }
}

/// Audits, and writes what was found.
pub(crate) fn run(args: &AuditArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let env = Environment::from_process();
    let policy = args.policy.strict(args.strict).load(&env, args.subject.as_of.unwrap_or_else(now))?;
    check_places(args, &policy, &env)?;
    let notices = args.alerts.prepare(&args.policy, &env, &args.network)?;
    let wanted = Wanted {
        places: &args.places,
        source: &args.source,
        reach: &args.reach,
        network: &args.network,
        names: policy.names_domains(),
        scope: scope(&args.subject, &policy)?,
        as_of: args.subject.as_of,
        progress: shows_progress(args, global),
    };
    let Read { mut inventory, as_of } = reading::read(&wanted, global)?;
    if let Some(path) = &args.keep.save {
        replay::save(path, &inventory, global)?;
    }
    settle(&mut inventory, &policy, as_of);
    confirmations::tell(&inventory, &policy, as_of, global);
    let assessment = assess(&inventory, &policy, as_of);
    remarks::tell(&assessment, global);
    let reported = report(args, global, &assessment);
    // A report that could not be written keeps nobody from being told.
    let told = match &notices {
        Some(notices) => notices.tell(&Digest::of(&assessment), &args.reach, global)?,
        None => Exit::Done,
    };
    reported.map_err(|failure| Failure { exit: failure.exit.max(told), ..failure })?;
    let found = reading::found_nobody(&wanted.scope, &inventory);
    Ok(verdict(args.report.fail_on, &assessment).max(found).max(told))
}

/// Where to write, and what is read that must not be written over.
fn check_places(args: &AuditArgs, policy: &Policy, env: &Environment) -> Result<(), Failure> {
    let writes = args.report.writes.iter().map(|target| target.path.as_path());
    let outputs = writes.chain(args.keep.save.as_deref());
    let files = [&args.source.from, &args.reach.config_file, &args.network.ca_bundle];
    let named = ["OCI_CLI_CONFIG_FILE", "OCI_CONFIG_FILE"].into_iter().filter_map(|name| env.get(name));
    let profiles: Vec<PathBuf> = named.chain(["~/.oci/config"]).map(|path| env.expand(path)).collect();
    let inputs = files.into_iter().filter_map(Option::as_deref).chain(policy.file().map(Path::new));
    output::check(outputs, inputs.chain(profiles.iter().map(PathBuf::as_path)))
}

fn scope(subject: &SubjectArgs, policy: &Policy) -> Result<Scope, Failure> {
    let asked = |kind: &Kind| subject.kinds.is_empty() || subject.kinds.contains(kind);
    Ok(Scope {
        kinds: Kind::ALL.into_iter().filter(asked).collect(),
        users: user_filter(subject.user.as_deref())?,
        details: policy.needs(),
    })
}

fn shows_progress(args: &AuditArgs, global: &GlobalArgs) -> bool {
    !args.report.no_progress && !global.quiet && global.verbose == 0 && terminal::is_watched()
}

fn report(args: &AuditArgs, global: &GlobalArgs, assessment: &Assessment<'_>) -> Result<(), Failure> {
    let size = terminal::size();
    let rows =
        match args.report.rows {
            Some(0) => None,
            Some(rows) => Some(rows),
            None => Some(size.map_or(ROWS_WITHOUT_TERMINAL, |(_, lines)| {
                lines.saturating_sub(LINES_BESIDE_FINDINGS).max(10)
            })),
        };
    let options = RenderOptions {
        width: size.map_or(terminal::DEFAULT_WIDTH, |(width, _)| width).max(terminal::DEFAULT_WIDTH),
        color: false,
        all_users: args.subject.all_users,
        rows,
        demo: args.source.demo,
        dialect: args.report.csv_dialect,
    };
    let mut failure = None;
    for target in &args.report.writes {
        let file = |out: &mut dyn Write| {
            render(target.format, assessment, &RenderOptions { rows: None, ..options.clone() }, out)
        };
        if let Err(error) = output::write_file(&target.path, Access::Usual, file) {
            failure = failure.or(Some(error));
        } else {
            terminal::note(
                &format!("{} written to {}", target.format.as_str(), target.path.display()),
                global,
            );
        }
    }
    let on_screen = RenderOptions { color: terminal::color_on_stdout(global.color), ..options };
    output::write_stdout(|out| render(args.report.format, assessment, &on_screen, out))?;
    failure.map_or(Ok(()), Err)
}

fn verdict(fail_on: FailOn, assessment: &Assessment<'_>) -> Exit {
    let some = |standings: &[Standing]| standings.iter().any(|&standing| assessment.count(standing) > 0);
    let level = fail_on.level();
    let found = match fail_on {
        // Without a usable date it may be any age, and an auditor takes it for overdue.
        FailOn::Overdue => some(&[Standing::Expired, Standing::Overdue, Standing::Unknown]),
        FailOn::DueSoon => {
            some(&[Standing::Expired, Standing::Overdue, Standing::DueSoon, Standing::Unknown])
        }
        _ => level.is_some_and(|level| assessment.findings_from(level).next().is_some()),
    };
    // A rule that was asked for and could not look is no pass.
    let judged = |rule: &str| {
        let of = assessment.policy.rule(rule).map(|config| config.level);
        level.zip(of).is_none_or(|(asked, of)| !of.is_at_least(asked))
    };
    let all_judged = assessment.unjudged.iter().all(|each| !each.gates || judged(each.rule.id));
    if assessment.is_empty_handed() {
        Exit::Nothing
    } else if !assessment.is_tolerable() || !all_judged {
        Exit::Incomplete
    } else if found {
        Exit::Findings
    } else {
        Exit::Done
    }
}
