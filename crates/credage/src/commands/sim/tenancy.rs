//! `credage sim --tenancy`: everything that discovery and the principals need, with a port for every domain.

use std::net::{Ipv4Addr, SocketAddr};

use credage_sim::{DomainSpec, Estate, EstateConfig, Sim, SimConfig, Way};

use super::rules::DomainRule;
use super::{SimArgs, config};
use crate::cli::GlobalArgs;
use crate::exit::{Exit, Failure};
use crate::{output, signals, terminal};

/// What there is where no domains are named.
const USUAL: [&str; 4] =
    ["Default=free", "Partners=premium", "Applications=oracle-apps", "Customers=external-user"];

/// Simulates until interrupted.
pub(super) async fn run(args: &SimArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let config = estate(args)?;
    let lifetime = config.token_lifetime;
    let mut estate = Estate::start(config).await.map_err(Failure::usage)?;
    // The files are good from wherever they are used.
    let dir = std::path::absolute(&args.place.dir).map_err(Failure::usage)?;
    let files = estate.write_profile(&dir).map_err(Failure::usage)?;
    estate.write_session(&files, lifetime).map_err(Failure::usage)?;
    let ways = estate.write_ways(&dir.join("principals"), lifetime).await.map_err(Failure::usage)?;
    for (rule, sim) in rules(args)?.iter().zip(estate.domains()) {
        terminal::note(&format!("{} ({}) answers at {}", rule.name, rule.licence, sim.url()), global);
    }
    let (url, file) = (estate.url().to_owned(), files.config.display());
    terminal::note(&format!("credage audit --identity-endpoint {url} --config-file {file}"), global);
    terminal::note("another way in: --profile SESSION, or without a profile", global);
    for way in &ways {
        terminal::note(&hint(way, &url, &estate), global);
    }
    if !ways.iter().any(|way| way.method == "oke_workload_identity") {
        terminal::note("no oke_workload_identity: port 12250 of 127.0.0.1 is taken", global);
    }
    terminal::note("stop it with Ctrl-C", global);
    let ended = signals::instead();
    // The URL alone, on a line of its own, when everything is there: scripts wait for it.
    output::write_stdout(|out| {
        writeln!(out, "{url}")?;
        Ok(out.flush()?)
    })?;
    ended.await;
    let requests = estate.stats().requests + sum(&estate, |sim| sim.stats().requests);
    let refused = sum(&estate, |sim| sim.stats().rate_limited());
    terminal::note(&format!("{requests} requests were sent, {refused} of them too fast"), global);
    Ok(Exit::Done)
}

fn hint(way: &Way, url: &str, estate: &Estate) -> String {
    // An application belongs to one domain and cannot search.
    let place = match (way.method, estate.domains().first()) {
        ("oauth_client", Some(domain)) => format!("--domain-url {}", domain.url()),
        _ => format!("--identity-endpoint {url}"),
    };
    format!("({}; credage audit --auth {} {place})", way.command(), way.method)
}

fn sum(estate: &Estate, count: impl Fn(&Sim) -> u64) -> u64 {
    estate.domains().iter().map(count).sum()
}

fn estate(args: &SimArgs) -> Result<EstateConfig, Failure> {
    let compartments = args.domains.compartments;
    let mut specs = Vec::new();
    for (place, rule) in rules(args)?.into_iter().enumerate() {
        let data = config(args);
        let config = SimConfig {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            // No two domains hold the same people's credentials.
            seed: data.seed.wrapping_add(u64::try_from(place).unwrap_or_default()),
            rate_limit: args.behaviour.rate_limit.unwrap_or(rule.limit),
            ..data
        };
        let compartment = place % (compartments + 1);
        specs.push(DomainSpec { compartment, ..DomainSpec::new(&rule.name, rule.licence, config) });
    }
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.place.port));
    Ok(EstateConfig { compartments, address, page: args.domains.items, ..EstateConfig::new(specs) })
}

fn rules(args: &SimArgs) -> Result<Vec<DomainRule>, Failure> {
    if !args.domains.domain.is_empty() {
        return Ok(args.domains.domain.clone());
    }
    USUAL.into_iter().map(|text| text.parse().map_err(|why: String| Failure::usage(why))).collect()
}
