//! `credage sim`: the simulated tenancy on its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use credage_sim::{
    Churn, Collection, Denied, DeniedHow, Fault, FaultAction, ListingPolicies, ListingPolicy, RateLimit, Sim,
    SimConfig,
};
use jiff::{SignedDuration, Timestamp};

use crate::cli::GlobalArgs;
use crate::commands::{interrupted, now, parse_as_of};
use crate::exit::{Exit, Failure};
use crate::{output, terminal};

/// What to simulate.
#[derive(Debug, Args)]
pub(crate) struct SimArgs {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    behaviour: BehaviourArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Where")]
struct PlaceArgs {
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Directory for an OCI configuration file and its keys (profiles DEFAULT and SESSION).
    #[arg(long, value_name = "DIR", default_value = "credage-sim")]
    dir: PathBuf,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
struct DataArgs {
    /// Users in the domain.
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
    /// free, oracle-apps, oracle-apps-premium, premium, external-user, none, or such as 10/s,300/min.
    #[arg(long, value_name = "LIMIT", default_value = "none")]
    rate_limit: RateLimit,
    /// Say when to come back with a 429.
    #[arg(long)]
    retry_after: bool,
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
    /// What goes wrong from the Nth request on, TIMES times (`forever`): 500, 503, reset, redirect, cut, html, stall, malformed or
    /// duplicate (repeatable), such as api_key:2x1=reset.
    #[arg(long, value_name = "KIND:NxTIMES=WHAT")]
    fault: Vec<FaultRule>,
}

/// `KIND=POLICY`.
#[derive(Clone, Debug)]
struct ListingRule(Vec<Collection>, ListingPolicy);

/// `KIND=HOW`.
#[derive(Clone, Debug)]
struct DenyRule(Denied);

/// `KIND:NxTIMES=WHAT`.
#[derive(Clone, Debug)]
struct FaultRule(Fault);

/// Simulates until interrupted.
pub(crate) fn run(args: &SimArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format!("no worker threads could be started: {error}")))?;
    runtime.block_on(async {
        let sim = Sim::start(config(args)).await.map_err(Failure::usage)?;
        // The profile is good from wherever it is used.
        let dir = std::path::absolute(&args.place.dir).map_err(Failure::usage)?;
        let files = sim.write_profile(&dir).map_err(Failure::usage)?;
        sim.write_session(&files).map_err(Failure::usage)?;
        // Whoever has read the URL may end it from then on.
        let ended = interrupted();
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
        rate_limit: behaviour.rate_limit,
        retry_after: behaviour.retry_after,
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

fn parse_whale(text: &str) -> Result<(Collection, usize), String> {
    let (kind, count) = text.split_once('=').ok_or("write KIND=N, such as api_key=10000")?;
    let count = count.parse().map_err(|_| format!("`{count}` is no number"))?;
    Ok((collection(kind)?, count))
}

fn parse_churn(text: &str) -> Result<Churn, String> {
    let shape = || "write KIND:N=+ROWS or KIND:N=-ROWS, such as api_key:2=-5".to_owned();
    let (place, rows) = text.split_once('=').ok_or_else(shape)?;
    let (kind, at) = place.split_once(':').ok_or_else(shape)?;
    let (collection, at) = (collection(kind)?, at.parse().map_err(|_| shape())?);
    let count = |digits: &str| digits.parse().map_err(|_| shape());
    match (rows.strip_prefix('+'), rows.strip_prefix('-')) {
        (Some(rows), _) => Ok(Churn::InsertBetweenPages { collection, at, rows: count(rows)? }),
        (_, Some(rows)) => Ok(Churn::DeleteBetweenPages { collection, at, rows: count(rows)? }),
        _ => Err(shape()),
    }
}

fn collection(name: &str) -> Result<Collection, String> {
    name.parse().map_err(|error: credage_sim::UnknownCollection| error.to_string())
}

impl FromStr for ListingRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, policy) = text.split_once('=').ok_or("write KIND=POLICY, such as all=one-user")?;
        let collections =
            if kind == "all" { Collection::CREDENTIALS.to_vec() } else { vec![collection(kind)?] };
        let policy = match policy {
            "whole" => ListingPolicy::Whole,
            "any-filter" => ListingPolicy::AnyFilter,
            "user-filter" => ListingPolicy::UserFilter,
            "named-users" => ListingPolicy::NamedUsers,
            "one-user" => ListingPolicy::OneUser,
            other => return Err(format!("`{other}` is no policy")),
        };
        Ok(Self(collections, policy))
    }
}

impl FromStr for DenyRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, how) = text.split_once('=').ok_or("write KIND=HOW, such as smtp_credential=403")?;
        let how = match how {
            "401" => DeniedHow::Status(401),
            "403" => DeniedHow::Status(403),
            "404" => DeniedHow::Status(404),
            "empty" => DeniedHow::EmptyOk,
            "own-only" => DeniedHow::OwnOnly,
            other => return Err(format!("`{other}` is none of 401, 403, 404, empty and own-only")),
        };
        Ok(Self(Denied { collection: collection(kind)?, how }))
    }
}

impl FromStr for FaultRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || "write KIND:NxTIMES=WHAT, such as api_key:2x1=reset".to_owned();
        let (place, what) = text.split_once('=').ok_or_else(shape)?;
        let (kind, when) = place.split_once(':').ok_or_else(shape)?;
        let (nth, times) = when.split_once('x').unwrap_or((when, "1"));
        let nth = nth.parse().ok().filter(|&nth| nth > 0).ok_or_else(shape)?;
        let times = if times == "forever" { u64::MAX } else { times.parse().map_err(|_| shape())? };
        let action = match what {
            "reset" => FaultAction::Reset,
            "redirect" => FaultAction::Redirect,
            "cut" => FaultAction::CutBody,
            "html" => FaultAction::Html,
            "stall" => FaultAction::Stall,
            "malformed" => FaultAction::Malformed,
            "duplicate" => FaultAction::Duplicate,
            status => match status.parse() {
                Ok(status @ 400..=599) => FaultAction::Status(status),
                _ => return Err(format!("`{status}` is no fault")),
            },
        };
        let collection = if kind == "all" { None } else { Some(collection(kind)?) };
        Ok(Self(Fault { collection, nth, times, action }))
    }
}
