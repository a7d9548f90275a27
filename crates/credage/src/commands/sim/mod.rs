//! `credage sim`: the simulated tenancy on its own.

mod rules;
mod tenancy;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use credage_sim::{Churn, Collection, ListingPolicies, RateLimit, RetryAfter, Sim, SimConfig};
use jiff::{SignedDuration, Timestamp};

use self::rules::{DenyRule, DomainRule, FaultRule, ListingRule, parse_churn, parse_whale};
use crate::cli::GlobalArgs;
use crate::commands::{now, parse_as_of};
use crate::exit::{Exit, Failure};
use crate::{output, signals, terminal};

/// What to simulate.
#[derive(Debug, Args)]
pub(crate) struct SimArgs {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    domains: DomainsArgs,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    behaviour: BehaviourArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Where")]
struct PlaceArgs {
    /// Port on 127.0.0.1 of the domain, or of the Identity service with --tenancy; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Directory for an OCI configuration file and its keys (profiles DEFAULT and SESSION).
    #[arg(long, value_name = "DIR", default_value = "credage-sim")]
    dir: PathBuf,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Tenancy")]
struct DomainsArgs {
    /// Simulate a whole tenancy instead of one domain: the Identity service with compartments, several domains with a
    /// port each, and everything that gives tokens.
    #[arg(long)]
    tenancy: bool,
    /// A domain of the tenancy and its licence (free, oracle-apps, oracle-apps-premium, premium or external-user), such as
    /// Partners=premium (repeatable) [default: one of each of four licences].
    #[arg(long, value_name = "NAME=LICENCE", requires = "tenancy")]
    domain: Vec<DomainRule>,
    /// Compartments below the root; the domains are spread over root and compartments.
    #[arg(long, value_name = "N", default_value_t = 3, requires = "tenancy")]
    compartments: usize,
    /// The most items of a page of the Identity service.
    #[arg(long, value_name = "ITEMS", default_value_t = 3, requires = "tenancy", value_parser = parse_items)]
    items: usize,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
struct DataArgs {
    /// Users in the domain, or in each of them.
    #[arg(long, default_value_t = 250)]
    users: usize,
    /// Credentials in the domain [default: about 1.1 a user].
    #[arg(long)]
    credentials: Option<usize>,
    /// The same seed and time give the same data.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Lay ages out relative to this instant or day (UTC) [default: now].
    #[arg(long, value_name = "TIME", value_parser = parse_as_of)]
    as_of: Option<Timestamp>,
    /// One user with N credentials of a kind, such as api_key=10000.
    #[arg(long, value_name = "KIND=N", value_parser = parse_whale)]
    whale: Option<(Collection, usize)>,
    /// Names that attack terminals and spreadsheets.
    #[arg(long)]
    hostile_names: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Behaviour")]
struct BehaviourArgs {
    /// Which listings a kind answers: whole, any-filter, user-filter, named-users or one-user (repeatable; `all` means
    /// the six kinds), such as all=one-user.
    #[arg(long, value_name = "KIND=POLICY")]
    listing: Vec<ListingRule>,
    /// Users carry no index of their credentials.
    #[arg(long)]
    no_index: bool,
    /// free, oracle-apps, oracle-apps-premium, premium, external-user, none, or such as 10/s,300/min [default: none, or
    /// each domain's own with --tenancy].
    #[arg(long, value_name = "LIMIT")]
    rate_limit: Option<RateLimit>,
    /// Say when to come back with a 429: in seconds or as a date.
    #[arg(long, value_enum, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "seconds")]
    retry_after: Option<RetryAfterForm>,
    /// Milliseconds before every answer.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Seconds by which its clock is ahead; negative where it is behind.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_hyphen_values = true)]
    clock_skew: i64,
    /// The most rows of a page, whatever is asked for.
    #[arg(long, value_name = "ROWS")]
    page_cap: Option<usize>,
    /// Every page, also the last one, carries `opc-next-page`.
    #[arg(long)]
    phantom_next_page: bool,
    /// At the Nth request for a kind, rows appear (+) or vanish (-), such as api_key:2=-5.
    #[arg(long, value_name = "KIND:N=ROWS", value_parser = parse_churn, allow_hyphen_values = true)]
    churn: Option<Churn>,
    /// Rights that are missing: 401, 403, 404, empty or own-only (repeatable), such as smtp_credential=403.
    #[arg(long, value_name = "KIND=HOW")]
    deny: Vec<DenyRule>,
    /// What goes wrong from the Nth request on, TIMES times (`forever`): 500, 503, reset, cut, html, stall, malformed,
    /// duplicate, oversized, redirect or redirect@ADDRESS:PORT (repeatable), such as api_key:2x1=reset.
    #[arg(long, value_name = "KIND:NxTIMES=WHAT")]
    fault: Vec<FaultRule>,
}

/// How a 429 says when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RetryAfterForm {
    /// So many seconds.
    Seconds,
    /// An HTTP date.
    Date,
}

/// Simulates until interrupted.
pub(crate) fn run(args: &SimArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format!("no worker threads could be started: {error}")))?;
    if args.domains.tenancy {
        return runtime.block_on(tenancy::run(args, global));
    }
    runtime.block_on(async {
        let sim = Sim::start(config(args)).await.map_err(Failure::usage)?;
        // The profile is good from wherever it is used.
        let dir = std::path::absolute(&args.place.dir).map_err(Failure::usage)?;
        let files = sim.write_profile(&dir).map_err(Failure::usage)?;
        sim.write_session(&files).map_err(Failure::usage)?;
        let ended = signals::instead();
        // The URL alone, on a line of its own: scripts wait for it.
        output::write_stdout(|out| {
            writeln!(out, "{}", sim.url())?;
            Ok(out.flush()?)
        })?;
        let (url, file) = (sim.url(), files.config.display());
        terminal::note(&format!("credage audit --domain-url {url} --config-file {file}"), global);
        terminal::note("stop it with Ctrl-C", global);
        ended.await;
        let stats = sim.stats();
        let (requests, refused) = (stats.requests, stats.rate_limited());
        terminal::note(&format!("{requests} requests were sent, {refused} of them too fast"), global);
        sim.stop().await;
        Ok(Exit::Done)
    })
}

fn config(args: &SimArgs) -> SimConfig {
    let (data, behaviour) = (&args.data, &args.behaviour);
    let mut listing = ListingPolicies::default();
    for ListingRule(collections, policy) in &behaviour.listing {
        listing = collections.iter().fold(listing, |listing, &collection| listing.set(collection, *policy));
    }
    SimConfig {
        users: data.users,
        credentials: data.credentials,
        seed: data.seed,
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, args.place.port)),
        listing,
        index: !behaviour.no_index,
        rate_limit: behaviour.rate_limit.unwrap_or_default(),
        retry_after: match behaviour.retry_after {
            None => RetryAfter::Unsaid,
            Some(RetryAfterForm::Seconds) => RetryAfter::Seconds,
            Some(RetryAfterForm::Date) => RetryAfter::Date,
        },
        latency: Duration::from_millis(behaviour.latency),
        clock_skew: SignedDuration::from_secs(behaviour.clock_skew),
        page_cap: behaviour.page_cap,
        faults: behaviour.fault.iter().map(|FaultRule(fault)| *fault).collect(),
        denied: behaviour.deny.iter().map(|DenyRule(denied)| *denied).collect(),
        churn: behaviour.churn,
        phantom_next_page: behaviour.phantom_next_page,
        whale: data.whale,
        hostile_names: data.hostile_names,
        ..SimConfig::new(data.as_of.unwrap_or_else(now))
    }
}

fn parse_items(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&items| items > 0).ok_or_else(|| "write a number from 1 on".to_owned())
}
