//! `credage audit`: from identity domains to reports.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use credage_core::{
    Assessment, Days, Domain, DomainInventory, Incomplete, Inventory, Kind, Policy, Standing, UserPattern,
    assess,
};
use credage_oci::auth::Environment;
use credage_oci::collect::progress::Progress;
use credage_oci::collect::{Scope, collect};
use credage_report::{Format, RenderOptions, render};
use jiff::Timestamp;

use crate::cli::GlobalArgs;
use crate::commands::{interrupted, now, parse_as_of};
use crate::demo::Demo;
use crate::exit::{Exit, Failure};
use crate::output::{self, WriteTarget};
use crate::progress::{Bars, Watched};
use crate::reach::{NetworkArgs, ReachArgs, sign_in};
use crate::replay;
use crate::targets::{Search, Target, WhereArgs, search};
use crate::terminal;

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
    reach: ReachArgs,
    #[command(flatten)]
    subject: SubjectArgs,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Where")]
struct SourceArgs {
    /// Audit a simulated domain of some 250 users instead, over real HTTP; needs no account.
    #[arg(long, conflicts_with_all = ["profile", "config_file", "auth", "domain_url", "domain", "compartment"])]
    demo: bool,
    /// Assess an inventory that --save kept, offline, by this run's policy and day.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["demo", "profile", "config_file", "auth", "domain_url", "compartment", "save"]
    )]
    from: Option<PathBuf>,
    /// Keep what was read in a file, to assess it again with --from. It holds names and dates, but no secret.
    #[arg(long, value_name = "FILE")]
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
    /// The age at which a credential is overdue, such as 90d or 12w.
    #[arg(long, value_name = "DAYS", default_value = "90d")]
    max_age: Days,
    /// How long before it is due a credential is due soon.
    #[arg(long, value_name = "DAYS", default_value = "15d")]
    warn_before: Days,
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
    /// What to print on standard output: table, csv, wide-csv or json.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
    /// Write a report to a file as well, such as csv=credentials.csv (repeatable).
    #[arg(long = "write", value_name = "FORMAT=PATH")]
    writes: Vec<WriteTarget>,
    /// Findings in the table before it is cut; 0 shows all [default: a screenful].
    #[arg(long, value_name = "N")]
    rows: Option<usize>,
    /// Exit with 1 when a credential stands so or worse.
    #[arg(long, value_enum, value_name = "STANDING", default_value_t = FailOn::Never)]
    fail_on: FailOn,
    /// No progress bar.
    #[arg(long)]
    no_progress: bool,
}

/// From which standing on a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Past its own expiry or past the maximum age.
    Overdue,
    /// These, or inside the warning window.
    DueSoon,
    /// None.
    Never,
}

/// Audits, and writes what was found.
pub(crate) fn run(args: &AuditArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let policy = Policy::new(args.subject.max_age, args.subject.warn_before).map_err(Failure::usage)?;
    output::check(&args.report.writes)?;
    if let Some(path) = &args.source.save {
        output::check_path(path)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format!("no worker threads could be started: {error}")))?;
    let as_of = args.subject.as_of.unwrap_or_else(now);
    let inventory = runtime.block_on(async {
        tokio::select! {
            biased;
            () = interrupted() => Err(Failure::interrupted()),
            inventory = read(args, global, as_of) => inventory,
        }
    });
    // What still runs (a demo's server, say) is of no more use.
    runtime.shutdown_background();
    let inventory = inventory?;
    if let Some(path) = &args.source.save {
        replay::save(path, &inventory, global)?;
    }
    let assessment = assess(&inventory, &policy, as_of);
    report(args, global, &assessment)?;
    Ok(verdict(args.report.fail_on, &assessment))
}

async fn read(args: &AuditArgs, global: &GlobalArgs, as_of: Timestamp) -> Result<Inventory, Failure> {
    if let Some(path) = &args.source.from {
        return replay::load(path, &scope(&args.subject), &args.places, global);
    }
    if args.source.demo {
        return read_demo(args, global, as_of).await;
    }
    read_tenancies(args, &args.reach, &args.places, &args.network, &Environment::from_process(), global).await
}

/// Starts the simulated tenancy in this process and audits it over loopback, like any other.
async fn read_demo(args: &AuditArgs, global: &GlobalArgs, as_of: Timestamp) -> Result<Inventory, Failure> {
    let demo = Demo::start(as_of).await?;
    read_tenancies(args, &demo.reach, &args.places, &args.network, &demo.env, global).await
}

async fn read_tenancies(
    args: &AuditArgs,
    reach: &ReachArgs,
    places: &WhereArgs,
    network: &NetworkArgs,
    env: &Environment,
    global: &GlobalArgs,
) -> Result<Inventory, Failure> {
    let accounts = sign_in(reach, network, env, global).await?;
    let Search { targets, gaps } = search(&accounts, places, reach, network).await?;
    if targets.is_empty() && gaps.is_empty() {
        return Err(Failure::usage("the tenancy has no domain that was asked for")
            .hint("see which there are with `credage domains`"));
    }
    let scope = Arc::new(scope(&args.subject));
    let progress: Vec<Arc<Progress>> = targets.iter().map(|_| Arc::default()).collect();
    let bars = shows_progress(args, global).then(|| {
        let watched = targets.iter().zip(&progress).filter_map(|(target, progress)| {
            Some(Watched {
                name: target.domain.name.clone(),
                client: Arc::clone(&target.reach.as_ref().ok()?.client),
                progress: Arc::clone(progress),
                kinds: scope.kinds.clone(),
            })
        });
        Bars::show(watched.collect())
    });
    let domains = read_all(targets, &scope, &progress).await;
    drop(bars);
    Ok(Inventory { domains, gaps, collected_at: None })
}

/// Reads all domains at once, each in a task and under a limit of its own, so that none waits for another and none
/// can take another down.
async fn read_all(
    targets: Vec<Target>,
    scope: &Arc<Scope>,
    progress: &[Arc<Progress>],
) -> Vec<DomainInventory> {
    let mut reads = Vec::new();
    for (target, progress) in targets.into_iter().zip(progress) {
        let (scope, progress, domain) = (Arc::clone(scope), Arc::clone(progress), target.domain.clone());
        reads.push((domain, tokio::spawn(async move { read_one(target, &scope, &progress).await })));
    }
    let mut domains = Vec::new();
    for (domain, read) in reads {
        domains.push(read.await.unwrap_or_else(|error| {
            let why = Incomplete::new(
                format!("reading it failed in credage itself: {error}"),
                "report this to the developers of credage",
            );
            DomainInventory::unreadable(domain, &scope.kinds, &why)
        }));
    }
    domains
}

async fn read_one(target: Target, scope: &Scope, progress: &Progress) -> DomainInventory {
    let ways = match target.reach {
        Ok(ways) => ways,
        Err(why) => return DomainInventory::unreadable(target.domain, &scope.kinds, &why),
    };
    let first = collect(&ways.client, target.domain.clone(), scope, progress).await;
    let unknown = first.users_reading.coverage.incomplete().and_then(|why| why.status) == Some(401);
    let Some(home) = ways.home.filter(|_| unknown) else { return first };
    // Whoever's own domain is not copied to this region is known in the home region alone.
    tracing::info!(domain = target.domain.name, url = %home.endpoint(), "asking in the home region");
    let domain = Domain { url: home.endpoint().to_string(), ..target.domain };
    let second = collect(&home, domain, scope, progress).await;
    if second.users_reading.coverage.incomplete().and_then(|why| why.status) == Some(401) {
        return first;
    }
    DomainInventory {
        requests: first.requests + second.requests,
        rate_limited: first.rate_limited + second.rate_limited,
        ..second
    }
}

fn scope(subject: &SubjectArgs) -> Scope {
    let asked = |kind: &Kind| subject.kinds.is_empty() || subject.kinds.contains(kind);
    Scope {
        kinds: Kind::ALL.into_iter().filter(asked).collect(),
        users: subject.user.as_deref().map(UserPattern::new),
    }
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
    };
    let mut failure = None;
    for target in &args.report.writes {
        let file = |out: &mut dyn Write| {
            render(target.format, assessment, &RenderOptions { rows: None, ..options.clone() }, out)
        };
        if let Err(error) = output::write_file(&target.path, file) {
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
    let found = match fail_on {
        FailOn::Overdue => some(&[Standing::Expired, Standing::Overdue]),
        FailOn::DueSoon => some(&[Standing::Expired, Standing::Overdue, Standing::DueSoon]),
        FailOn::Never => false,
    };
    if assessment.is_empty_handed() {
        Exit::Nothing
    } else if !assessment.is_complete() {
        Exit::Incomplete
    } else if found {
        Exit::Findings
    } else {
        Exit::Done
    }
}
