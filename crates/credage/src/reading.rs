//! Where an inventory comes from: the tenancies that the caller may sign in to, the demo, or a file.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use credage_core::domain::tell_apart;
use credage_core::near::closest;
use credage_core::{Coverage, Domain, DomainInventory, Incomplete, Inventory, UserPattern};
use credage_oci::auth::Environment;
use credage_oci::clock::disagreement;
use credage_oci::collect::progress::Progress;
use credage_oci::collect::{Scope, collect};
use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::cli::GlobalArgs;
use crate::commands::now;
use crate::demo::Demo;
use crate::exit::{Exit, Failure};
use crate::progress::{Bars, Watched};
use crate::reach::{NetworkArgs, ReachArgs, sign_in};
use crate::targets::{Search, Target, WhereArgs, search};
use crate::{descriptors, naming, replay, runtime, terminal};

/// What is read instead of the tenancy.
#[derive(Debug, Args)]
#[command(next_help_heading = "Where")]
pub(crate) struct SourceArgs {
    /// Read a simulated domain of some 250 users instead, over real HTTP; needs no account.
    #[arg(long, conflicts_with_all = ["profile", "config_file", "auth", "domain_url", "domain", "compartment"])]
    pub(crate) demo: bool,
    /// Take an inventory that `credage audit --save` kept, offline, by this run's policy and day.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["demo", "profile", "config_file", "auth", "domain_url", "compartment"]
    )]
    pub(crate) from: Option<PathBuf>,
}

/// What to read, from where, and how.
pub(crate) struct Wanted<'a> {
    pub(crate) places: &'a WhereArgs,
    pub(crate) source: &'a SourceArgs,
    pub(crate) reach: &'a ReachArgs,
    pub(crate) network: &'a NetworkArgs,
    pub(crate) scope: Scope,
    /// Whether the policy names domains, so that their OCIDs and display names matter.
    pub(crate) names: bool,
    /// The instant to judge at, where one is asked for.
    pub(crate) as_of: Option<Timestamp>,
    /// Whether somebody wants to see how far it is.
    pub(crate) progress: bool,
}

/// A filter for users as somebody wrote it.
pub(crate) fn user_filter(written: Option<&str>) -> Result<Option<UserPattern>, Failure> {
    let Some(written) = written else { return Ok(None) };
    let trimmed = written.trim();
    if trimmed.is_empty() {
        return Err(Failure::usage("--user is empty, so it matches nobody").hint(
            "give a user name, an id or a pattern such as 'svc-*', or leave --user out for all users",
        ));
    }
    Ok(Some(UserPattern::new(trimmed)))
}

/// Keeps the users that are meant, and what they have. A filter that matches nobody is a mistake, unless somebody may not have
/// been read.
fn keep_users(
    mut inventory: Inventory,
    pattern: &UserPattern,
    global: &GlobalArgs,
) -> Result<Inventory, Failure> {
    let written = pattern.pattern().as_written();
    let names = inventory.domains.iter().flat_map(|domain| &domain.users).map(|user| &*user.name);
    let near = closest(written, names).join(", ");
    for domain in &mut inventory.domains {
        domain.retain_users(pattern);
    }
    let matches = |domain: &DomainInventory| !domain.users.is_empty() || !domain.credentials.is_empty();
    if inventory.domains.iter().any(matches) {
        return Ok(inventory);
    }
    // The report tells what is missing; `found_nobody` lets the run end as incomplete.
    let read = |domain: &DomainInventory| domain.users_reading.coverage == Coverage::Complete;
    if !inventory.gaps.is_empty() || !inventory.domains.iter().all(read) {
        terminal::warn(
            &format!("no user matching `{written}` was found, but not all users could be read"),
            global,
        );
        return Ok(inventory);
    }
    let failure = Failure::usage(format!("no user matches `{written}`"));
    Err(if near.is_empty() {
        failure.hint("list the users with `credage audit --format csv --all-users`")
    } else {
        failure.hint(format!("did you mean {near}?"))
    })
}

/// How a run ends whose filter for users matches nobody, although somebody may not have been read.
pub(crate) fn found_nobody(scope: &Scope, inventory: &Inventory) -> Exit {
    let empty = |domain: &DomainInventory| domain.users.is_empty() && domain.credentials.is_empty();
    if scope.users.is_some() && inventory.domains.iter().all(empty) { Exit::Incomplete } else { Exit::Done }
}

/// What was read, and the instant to judge it at.
pub(crate) struct Read {
    pub(crate) inventory: Inventory,
    /// Without an instant that was asked for, the one at which reading had finished: what was created while it went on is
    /// young, not in the future.
    pub(crate) as_of: Timestamp,
}

impl Read {
    /// An inventory that is complete now.
    pub(crate) fn finished(inventory: Inventory, as_of: Option<Timestamp>) -> Self {
        Self { inventory, as_of: as_of.unwrap_or_else(now) }
    }
}

/// Reads it, until the user has had enough, and leaves out the users that were not asked for.
pub(crate) fn read(wanted: &Wanted<'_>, global: &GlobalArgs) -> Result<Read, Failure> {
    let Read { inventory, as_of } = read_all_users(wanted, global)?;
    let inventory = match &wanted.scope.users {
        Some(pattern) => keep_users(inventory, pattern, global)?,
        None => inventory,
    };
    Ok(Read { inventory, as_of })
}

fn read_all_users(wanted: &Wanted<'_>, global: &GlobalArgs) -> Result<Read, Failure> {
    if let Some(path) = &wanted.source.from {
        let inventory = replay::load(path, &wanted.scope, wanted.places, global)?;
        return Ok(Read::finished(inventory, wanted.as_of));
    }
    if wanted.source.demo {
        // The demo is judged at the instant that it is laid out around: the same tenancy gives the same report.
        let as_of = wanted.as_of.unwrap_or_else(now);
        let inventory = read_live(wanted, Some(as_of), global)?;
        return Ok(Read { inventory, as_of });
    }
    let inventory = read_live(wanted, None, global)?;
    Ok(Read::finished(inventory, wanted.as_of))
}

/// Reads tenancies, or the demo that is laid out around an instant.
fn read_live(
    wanted: &Wanted<'_>,
    demo: Option<Timestamp>,
    global: &GlobalArgs,
) -> Result<Inventory, Failure> {
    runtime::run(read_signed_in(wanted, demo, global))
}

async fn read_signed_in(
    wanted: &Wanted<'_>,
    demo: Option<Timestamp>,
    global: &GlobalArgs,
) -> Result<Inventory, Failure> {
    if let Some(as_of) = demo {
        return read_demo(wanted, as_of, global).await;
    }
    read_tenancies(wanted, wanted.reach, &Environment::from_process(), global).await
}

/// Starts the simulated tenancy in this process and audits it over loopback, like any other.
async fn read_demo(wanted: &Wanted<'_>, as_of: Timestamp, global: &GlobalArgs) -> Result<Inventory, Failure> {
    let demo = Demo::start(as_of).await?;
    read_tenancies(wanted, &demo.reach, &demo.env, global).await
}

async fn read_tenancies(
    wanted: &Wanted<'_>,
    reach: &ReachArgs,
    env: &Environment,
    global: &GlobalArgs,
) -> Result<Inventory, Failure> {
    let (places, network) = (wanted.places, wanted.network);
    let accounts = sign_in(reach, network, env, global).await?;
    let Search { mut targets, gaps } = search(&accounts, places, reach, network).await?;
    if let ([account], true, false) =
        (accounts.signed_in.as_slice(), wanted.names, places.domain_url.is_empty())
    {
        naming::look_up(&mut targets, account, reach, network).await;
        tell_apart(targets.iter_mut().map(|target| &mut target.domain));
    }
    if targets.is_empty() && gaps.is_empty() {
        return Err(Failure::usage("the tenancy has no domain that was asked for")
            .hint("see which there are with `credage domains`"));
    }
    let scope = Arc::new(wanted.scope.clone());
    let progress: Vec<Arc<Progress>> = targets.iter().map(|_| Arc::default()).collect();
    let bars = wanted.progress.then(|| {
        let watched = targets.iter().zip(&progress).filter_map(|(target, progress)| {
            Some(Watched {
                name: target.domain.label().into_owned(),
                client: Arc::clone(&target.reach.as_ref().ok()?.client),
                progress: Arc::clone(progress),
                kinds: scope.kinds.clone(),
            })
        });
        Bars::show(watched.collect())
    });
    let at_once = descriptors::share(targets.len(), network.concurrency.into()).domains;
    let domains = read_all(targets, &scope, &progress, at_once).await;
    drop(bars);
    warn_of_clock(&domains, global);
    let narrowed = scope.is_narrow() || places.is_narrow();
    Ok(Inventory { domains, gaps, collected_at: None, narrowed })
}

/// Ages are counted by this machine's clock: a wrong one makes them wrong.
fn warn_of_clock(domains: &[DomainInventory], global: &GlobalArgs) {
    let off = domains.iter().filter_map(|domain| Some((&domain.domain.name, domain.clock_ahead?)));
    if let Some((name, ahead)) = off.max_by_key(|(_, ahead)| ahead.abs()) {
        let disagreement = disagreement(ahead);
        terminal::warn(
            &format!(
                "{disagreement} ({name}): ages and due dates may be wrong; set the clock, best with a time service (NTP)"
            ),
            global,
        );
    }
}

/// Reads all domains at once, as far as there are file descriptors, each in a task and under a limit of its own, so that
/// none waits for another and none can take another down.
async fn read_all(
    targets: Vec<Target>,
    scope: &Arc<Scope>,
    progress: &[Arc<Progress>],
    at_once: usize,
) -> Vec<DomainInventory> {
    let gate = Arc::new(Semaphore::new(at_once));
    let mut reads = Vec::new();
    for (target, progress) in targets.into_iter().zip(progress) {
        let (scope, progress, domain) = (Arc::clone(scope), Arc::clone(progress), target.domain.clone());
        let gate = Arc::clone(&gate);
        let read = async move {
            // The gate is never closed, so a permit always comes.
            let _permit = gate.acquire().await;
            read_one(target, &scope, &progress).await
        };
        reads.push((domain, tokio::spawn(read)));
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
    let url = home.endpoint().to_string();
    let domain = Domain { other_url: Some(target.domain.url.clone()), url, ..target.domain };
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
