//! Which domains a command is about: those that are named by URL, or those that discovery finds.

use std::collections::HashSet;
use std::sync::Arc;

use clap::Args;
use credage_core::domain::tell_apart;
use credage_core::{Domain, DomainPattern, Gap, Incomplete};
use credage_oci::discovery::{Found, discover};
use credage_oci::{Client, Endpoint, Network, RateLimit};
use futures::future::join_all;

use crate::descriptors;
use crate::exit::Failure;
use crate::reach::{
    Account, Accounts, NetworkArgs, ReachArgs, all_of, clock, no_sign_in, not_searched, tell,
};

/// Which domains.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Where")]
pub(crate) struct WhereArgs {
    /// URL of an identity domain, as its page in the console shows it; nothing else is searched (repeatable).
    #[arg(long, value_name = "URL", conflicts_with_all = ["compartment", "domain"])]
    pub(crate) domain_url: Vec<Endpoint>,
    /// Only this domain of the tenancy, by name, OCID or URL (repeatable).
    #[arg(long, value_name = "NAME|OCID|URL")]
    pub(crate) domain: Vec<String>,
    /// Not this domain, by name, OCID or URL (repeatable).
    #[arg(long, value_name = "NAME|OCID|URL")]
    pub(crate) exclude_domain: Vec<String>,
    /// Only domains of this compartment, by name or OCID; `root` is the tenancy itself (repeatable).
    #[arg(long, value_name = "NAME|OCID")]
    pub(crate) compartment: Vec<String>,
}

impl WhereArgs {
    /// Whether they leave out domains of the tenancy.
    pub(crate) const fn is_narrow(&self) -> bool {
        !(self.domain_url.is_empty()
            && self.domain.is_empty()
            && self.exclude_domain.is_empty()
            && self.compartment.is_empty())
    }
}

/// A domain to read.
pub(crate) struct Target {
    pub(crate) domain: Domain,
    pub(crate) reach: Result<Ways, Incomplete>,
    pub(crate) found: Option<Found>,
}

/// How a domain is asked: at its URL, and where else if that does not know the caller.
pub(crate) struct Ways {
    pub(crate) client: Arc<Client>,
    pub(crate) home: Option<Arc<Client>>,
}

/// Everything that is to be read, and where more was looked for in vain.
#[derive(Default)]
pub(crate) struct Search {
    pub(crate) targets: Vec<Target>,
    pub(crate) gaps: Vec<Gap>,
}

/// Finds the domains of all accounts. Of several, one whose tenancy cannot be searched is a gap and costs no other one.
pub(crate) async fn search(
    accounts: &Accounts,
    places: &WhereArgs,
    reach: &ReachArgs,
    args: &NetworkArgs,
) -> Result<Search, Failure> {
    if !places.domain_url.is_empty() {
        return named(accounts, places, args);
    }
    let signed_in = &accounts.signed_in;
    let searches = join_all(signed_in.iter().map(|account| search_one(account, places, reach, args))).await;
    let mut all = Search { targets: Vec::new(), gaps: accounts.gaps.clone() };
    let (mut seen, mut found_any) = (HashSet::new(), false);
    let (mut lost, mut failures) = (Vec::new(), Vec::new());
    for (account, search) in signed_in.iter().zip(searches) {
        match search {
            Ok(search) => {
                found_any = true;
                all.targets.extend(search.targets.into_iter().filter(|target| is_fresh(&mut seen, target)));
                all.gaps.extend(search.gaps);
            }
            Err(failure) => {
                lost.push((account, gap_of(account, &failure).await));
                failures.push(failure);
            }
        }
    }
    if !found_any && let Some(failure) = all_of(failures) {
        return Err(failure);
    }
    for (account, gap) in lost {
        tell(&gap, &account.global);
        all.gaps.push(gap);
    }
    check_named(places, &all)?;
    let wanted = |target: &Target| {
        let meant = |text: &String| is_meant(&target.domain, text);
        (places.domain.is_empty() || places.domain.iter().any(meant))
            && !places.exclude_domain.iter().any(meant)
    };
    all.targets.retain(wanted);
    tell_apart(all.targets.iter_mut().map(|target| &mut target.domain));
    Ok(all)
}

/// The gap of an account whose tenancy is not searched at all.
async fn gap_of(account: &Account, failure: &Failure) -> Gap {
    let profile = account.label.as_deref().unwrap_or_default();
    let tenancy = account.tenancy().await.unwrap_or_else(|_| profile.to_owned());
    not_searched(&tenancy, profile, format!("search the tenancy of the profile {profile}"), failure)
}

/// The same domain may be seen by several profiles; domains of which neither OCID nor URL is known are not the same.
fn is_fresh(seen: &mut HashSet<(Option<String>, String)>, target: &Target) -> bool {
    let Domain { ocid, url, .. } = &target.domain;
    (ocid.is_none() && url.is_empty()) || seen.insert((ocid.clone(), url.clone()))
}

/// The domains of `--domain-url`, all asked by the first account.
fn named(accounts: &Accounts, places: &WhereArgs, args: &NetworkArgs) -> Result<Search, Failure> {
    let ([account], 1) = (accounts.signed_in.as_slice(), accounts.asked) else {
        return Err(Failure::usage(
            "--domain-url names domains of one tenancy, but several profiles are given",
        )
        .hint("leave --domain-url out to audit all domains of all profiles, or give one --profile"));
    };
    let mut search = Search::default();
    let network = affordable(places.domain_url.len(), &account.network, args);
    for endpoint in &places.domain_url {
        if is_excluded(endpoint, places)? {
            continue;
        }
        let domain = Domain::unnamed(endpoint.authority(), endpoint.to_string());
        if search.targets.iter().any(|target| target.domain.id() == domain.id()) {
            continue;
        }
        let client = client(account, endpoint, args.rate_limit.unwrap_or_default(), args, &network)?;
        search.targets.push(Target { domain, reach: Ok(Ways { client, home: None }), found: None });
    }
    Ok(search)
}

/// Whether a domain that is named by its URL is left out. Its name is not known, so no name can be compared with it.
fn is_excluded(endpoint: &Endpoint, places: &WhereArgs) -> Result<bool, Failure> {
    let domain = Domain::unnamed(endpoint.authority(), endpoint.to_string());
    for text in &places.exclude_domain {
        let means = DomainPattern::parse(text).map_err(|error| Failure::usage(format!("{text}: {error}")))?;
        match means.means(&domain) {
            Some(true) => return Ok(true),
            Some(false) => {}
            None => {
                let wrong = format!("whether {endpoint} is the domain {text} is not known");
                return Err(Failure::usage(wrong).hint("with --domain-url, exclude domains by URL"));
            }
        }
    }
    Ok(false)
}

async fn search_one(
    account: &Account,
    places: &WhereArgs,
    reach: &ReachArgs,
    args: &NetworkArgs,
) -> Result<Search, Failure> {
    let tenancy = account.tenancy().await.map_err(no_sign_in)?;
    let identity = account.identity(&tenancy, reach, args).await?;
    let discovery = discover(&identity, &tenancy, &places.compartment).await;
    tracing::info!(
        domains = discovery.domains.len(),
        requests = identity.requests(),
        endpoint = %identity.endpoint(),
        "searched the tenancy"
    );
    let mut search = Search { targets: Vec::new(), gaps: discovery.gaps };
    let network = affordable(discovery.domains.len(), &account.network, args);
    for found in discovery.domains {
        let domain = Domain { profile: account.label.clone(), ..found.domain.clone() };
        let rate_limit = args.rate_limit.unwrap_or_else(|| found.rate_limit());
        let ways = match found.endpoints() {
            Ok((url, home)) => Ok(Ways {
                client: client(account, &url, rate_limit, args, &network)?,
                home: home.map(|home| client(account, &home, rate_limit, args, &network)).transpose()?,
            }),
            Err(why) => Err(why),
        };
        search.targets.push(Target { domain, reach: ways, found: Some(found) });
    }
    Ok(search)
}

fn client(
    account: &Account,
    endpoint: &Endpoint,
    rate_limit: RateLimit,
    args: &NetworkArgs,
    network: &Network,
) -> Result<Arc<Client>, Failure> {
    let options = args.client_options(rate_limit, network);
    let client = Client::new(endpoint.clone(), Arc::clone(&account.principal), options, clock());
    client.map(Arc::new).map_err(Failure::usage)
}

/// The network, as so many domains can afford to use it.
fn affordable(domains: usize, network: &Network, args: &NetworkArgs) -> Network {
    if descriptors::share(domains, args.concurrency.into()).keep_alive {
        network.clone()
    } else {
        tracing::info!(domains, "too few file descriptors to keep connections open between requests");
        network.without_kept_connections()
    }
}

/// Whether an OCID, a URL or a name, as an option gives it, means a domain. What cannot be told is no.
pub(crate) fn is_meant(domain: &Domain, text: &str) -> bool {
    // With the profile before the name, as versions before this one showed it.
    let profile = domain.profile.as_deref().zip(text.split_once('/'));
    let bare = profile.and_then(|(profile, (before, name))| (before == profile).then_some(name));
    let means = |text: &str| DomainPattern::parse(text).is_ok_and(|each| each.means(domain) == Some(true));
    means(text) || bare.is_some_and(means)
}

/// A name that means no domain is a mistake, and the domains that there are help to mend it.
fn check_named(places: &WhereArgs, search: &Search) -> Result<(), Failure> {
    for text in places.domain.iter().chain(&places.exclude_domain) {
        let meant = |target: &Target| is_meant(&target.domain, text);
        if search.targets.iter().any(meant) {
            continue;
        }
        let names: Vec<&str> = search.targets.iter().map(|target| target.domain.name.as_str()).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let gap = if search.gaps.is_empty() {
            ""
        } else {
            " (not everything could be searched; see credage domains)"
        };
        return Err(Failure::usage(format!("there is no domain {text} in what was searched{gap}"))
            .hint(format!("the domains are: {names}")));
    }
    Ok(())
}
