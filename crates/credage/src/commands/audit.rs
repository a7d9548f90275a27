//! `credage audit`: from identity domains to reports.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{ArgGroup, Args, ValueEnum};
use credage_core::{Assessment, Days, Domain, Inventory, Kind, Policy, Standing, UserPattern, assess};
use credage_oci::auth::{AuthMethod, AuthOptions, Environment};
use credage_oci::collect::progress::Progress;
use credage_oci::collect::{Scope, collect};
use credage_oci::rate_limit::Licence;
use credage_oci::{Client, ClientOptions, Clock, Endpoint, Principal, RateLimit};
use credage_report::{Format, RenderOptions, render};
use credage_sim::{Sim, SimConfig};
use futures::future::join_all;
use jiff::Timestamp;

use crate::cli::GlobalArgs;
use crate::commands::{interrupted, now, parse_as_of};
use crate::exit::{Exit, Failure};
use crate::output::{self, WriteTarget};
use crate::progress::{Bars, Watched};
use crate::terminal;

/// Findings in a table that goes to no terminal.
const ROWS_WITHOUT_TERMINAL: usize = 25;
/// Lines of a screen that the table needs for other things than findings.
const LINES_BESIDE_FINDINGS: usize = 24;

/// Where to look, what for, and where to put it.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("where").required(true).args(["domain_url", "demo"]))]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    subject: SubjectArgs,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    pace: PaceArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Where")]
struct SourceArgs {
    /// URL of an identity domain, as its page in the console shows it (repeatable).
    #[arg(long, value_name = "URL")]
    domain_url: Vec<Endpoint>,
    /// Audit a simulated domain of some 250 users instead, over real HTTP; needs no account.
    #[arg(long, conflicts_with_all = ["profile", "config_file", "auth"])]
    demo: bool,
    /// Profile in the OCI configuration file [default: DEFAULT].
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// OCI configuration file [default: ~/.oci/config].
    #[arg(long, value_name = "PATH")]
    config_file: Option<PathBuf>,
    /// How to sign in [default: what the profile holds].
    #[arg(long, value_enum, value_name = "METHOD")]
    auth: Option<Auth>,
}

/// How to sign in.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Auth {
    /// With the API key of the profile.
    ApiKey,
    /// With the session token that `oci session authenticate` left in the profile.
    SecurityToken,
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

#[derive(Debug, Args)]
#[command(next_help_heading = "Pace")]
struct PaceArgs {
    /// The domain's licence (free, oracle-apps, oracle-apps-premium, premium, external-user), of whose limit four
    /// fifths are used; or your own, such as 10/s,300/min; or none [default: free].
    #[arg(long, value_name = "LIMIT")]
    rate_limit: Option<RateLimit>,
    /// Requests on their way at the same time, in each domain.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    concurrency: u16,
    /// How often a request that failed is sent again.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(0..=20))]
    retries: u8,
    /// Seconds that one request may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=600))]
    timeout: u16,
}

/// Audits, and writes what was found.
pub(crate) fn run(args: &AuditArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let policy = Policy::new(args.subject.max_age, args.subject.warn_before).map_err(Failure::usage)?;
    output::check(&args.report.writes)?;
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
    let assessment = assess(&inventory, &policy, as_of);
    report(args, global, &assessment)?;
    Ok(verdict(args.report.fail_on, &assessment))
}

async fn read(args: &AuditArgs, global: &GlobalArgs, as_of: Timestamp) -> Result<Inventory, Failure> {
    if args.source.demo {
        return read_demo(args, global, as_of).await;
    }
    let options = AuthOptions {
        method: args.source.auth.map(|auth| match auth {
            Auth::ApiKey => AuthMethod::ApiKey,
            Auth::SecurityToken => AuthMethod::SecurityToken,
        }),
        profile: args.source.profile.clone(),
        config_file: args.source.config_file.clone(),
    };
    let principal = principal(&options, &Environment::from_process(), global)?;
    // A session that has ended is known before anything is asked.
    principal.signing_key(now()).await.map_err(Failure::usage)?;
    let mut endpoints: Vec<(Endpoint, String)> = Vec::new();
    for endpoint in &args.source.domain_url {
        if !endpoints.iter().any(|(known, _)| known == endpoint) {
            endpoints.push((endpoint.clone(), endpoint.authority()));
        }
    }
    let rate_limit = args.pace.rate_limit.unwrap_or_default();
    read_domains(args, global, principal, endpoints, rate_limit).await
}

/// Starts the simulated tenancy in this process and audits it over loopback, like any other.
async fn read_demo(args: &AuditArgs, global: &GlobalArgs, as_of: Timestamp) -> Result<Inventory, Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::usage(format!("the demo could not be started: {error}"));
    let sim = Sim::start(SimConfig::demo(as_of)).await.map_err(|error| failed(&error))?;
    let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
    let files = sim.write_profile(folder.path()).map_err(|error| failed(&error))?;
    let options = AuthOptions {
        method: Some(AuthMethod::ApiKey),
        profile: None,
        config_file: Some(files.config.clone()),
    };
    // What the user's own environment says about signing in has no business in the demo.
    let principal = principal(&options, &Environment::empty(), global)?;
    let endpoint = sim.url().parse().map_err(|error| failed(&error))?;
    let rate_limit = args.pace.rate_limit.unwrap_or(RateLimit::Licence(Licence::Premium));
    let inventory =
        read_domains(args, global, principal, vec![(endpoint, "Demo".to_owned())], rate_limit).await;
    sim.stop().await;
    inventory
}

fn principal(
    options: &AuthOptions,
    env: &Environment,
    global: &GlobalArgs,
) -> Result<Arc<Principal>, Failure> {
    let principal = credage_oci::auth::load(options, env).map_err(Failure::usage)?;
    for warning in principal.warnings() {
        terminal::warn(&warning.to_string(), global);
    }
    Ok(Arc::new(principal))
}

async fn read_domains(
    args: &AuditArgs,
    global: &GlobalArgs,
    principal: Arc<Principal>,
    endpoints: Vec<(Endpoint, String)>,
    rate_limit: RateLimit,
) -> Result<Inventory, Failure> {
    let scope = scope(&args.subject);
    let options = ClientOptions {
        rate_limit,
        concurrency: args.pace.concurrency.into(),
        retries: args.pace.retries.into(),
        timeout: Duration::from_secs(args.pace.timeout.into()),
    };
    let clock: Clock = Arc::new(now);
    let mut domains = Vec::new();
    for (endpoint, name) in endpoints {
        let url = endpoint.to_string();
        let client = Client::new(endpoint, Arc::clone(&principal), options.clone(), Arc::clone(&clock));
        let client = Arc::new(client.map_err(Failure::usage)?);
        domains.push((Domain { name, url }, client, Arc::new(Progress::default())));
    }
    let bars = shows_progress(args, global).then(|| {
        let watched = domains.iter().map(|(domain, client, progress)| Watched {
            name: domain.name.clone(),
            client: Arc::clone(client),
            progress: Arc::clone(progress),
            kinds: scope.kinds.clone(),
        });
        Bars::show(watched.collect())
    });
    let reads =
        domains.iter().map(|(domain, client, progress)| collect(client, domain.clone(), &scope, progress));
    let domains = join_all(reads).await;
    drop(bars);
    Ok(Inventory { domains })
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
