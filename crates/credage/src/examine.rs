//! The order of an examination: who signs in, the way to the Identity service, the search, every domain.
//!
//! Whatever fails, what still makes sense goes on: without a key the way to the servers can be looked at all the same,
//! and a domain that is named by its URL needs no search.

use std::sync::Arc;

use credage_core::{Check, Examination, Group, Topic};
use credage_oci::auth::{AuthMethod, Environment, Setting, configured_region};
use credage_oci::doctor::domain::Patient;
use credage_oci::doctor::network::Way;
use credage_oci::doctor::{clock, discovery, domain, network, sign_in};
use credage_oci::region::Region;
use credage_oci::{Clock, Endpoint, Network, NetworkError, Principal, RequestError};
use futures::future::join_all;
use futures::{StreamExt, stream};
use jiff::SignedDuration;

use crate::cli::GlobalArgs;
use crate::commands::now;
use crate::descriptors;
use crate::exit::Failure;
use crate::reach::{self, Account, Accounts, NetworkArgs, ReachArgs, identity_of};
use crate::targets::{Search, WhereArgs, search};

const NOBODY: &str = "nobody is signed in";

/// One who is to sign in.
struct Seat {
    account: Option<Account>,
    /// The Identity service to ask.
    identity: Option<Endpoint>,
    method: Option<AuthMethod>,
}

/// Looks at everything.
pub(crate) async fn examine(
    reach: &ReachArgs,
    places: &WhereArgs,
    args: &NetworkArgs,
    env: &Environment,
    global: &GlobalArgs,
) -> Examination {
    let ward = Ward { reach, places, args, env, global, usable: args.settings(env) };
    let mut groups = Vec::new();
    let mut seats = Vec::new();
    let profiles = reach.profiles();
    for profile in &profiles {
        let (group, seat) = ward.seat(profile.as_ref(), profiles.len() > 1).await;
        groups.push(group);
        seats.push(seat);
    }
    forgive(&mut groups, &seats, &ward);
    let (group, ahead, identities) = ward.network(&seats).await;
    groups.push(group);
    let (group, found) = ward.search(seats, &identities, ahead).await;
    groups.extend(group);
    groups.extend(ward.domains(found, ahead).await);
    Examination { groups }
}

/// Of several profiles, one that is wrong leaves a gap in an audit and does not end it; all of them do.
fn forgive(groups: &mut [Group], seats: &[Seat], ward: &Ward<'_>) {
    if ward.searches() && seats.iter().any(|seat| seat.account.is_some()) {
        groups.iter_mut().flat_map(|group| &mut group.checks).for_each(|check| check.misuse = false);
    }
}

/// What the whole examination shares.
struct Ward<'a> {
    reach: &'a ReachArgs,
    places: &'a WhereArgs,
    args: &'a NetworkArgs,
    env: &'a Environment,
    global: &'a GlobalArgs,
    usable: Result<Network, NetworkError>,
}

impl Ward<'_> {
    /// Whether domains are searched for, so that an Identity service is needed.
    const fn searches(&self) -> bool {
        self.places.domain_url.is_empty()
    }

    /// Who signs in under a profile.
    async fn seat(&self, profile: Option<&String>, several: bool) -> (Group, Seat) {
        let label = profile.filter(|_| several);
        let title = label.map_or_else(|| "Signing in".to_owned(), |name| format!("Signing in: {name}"));
        let mut group = Group::new(Topic::SigningIn, title);
        let options = self.reach.auth_options(profile);
        // Without usable settings nothing is sent; files can be read all the same.
        let network = self.usable.clone().unwrap_or_default();
        let loaded = credage_oci::auth::load(&options, self.env, &network, &reach::clock()).await;
        let (method, principal) = match loaded {
            Ok(principal) => {
                (Some(principal.method()), self.check_principal(principal, &mut group.checks).await)
            }
            Err(error) => {
                group.checks.push(sign_in::failed(&error));
                (None, None)
            }
        };
        let (mut tenancy, mut identity) = (None, None);
        if self.searches() {
            let region = match &principal {
                Some(principal) => {
                    let known = principal.tenancy(now()).await;
                    group.checks.push(sign_in::tenancy(&known));
                    tenancy = known.ok();
                    principal.region(now()).await
                }
                None => configured_region(&options, self.env),
            };
            let described = match (&principal, &region) {
                (Some(principal), Some(said)) if self.reach.region.is_none() => {
                    principal.described_region(&said.value, now()).await
                }
                _ => None,
            };
            let (check, found) = self.identity(region, described, tenancy.as_deref());
            group.checks.extend(check);
            identity = found;
        }
        let able = !self.searches() || (tenancy.is_some() && identity.is_some());
        let account = principal.filter(|_| able).map(|principal| Account {
            label: label.cloned(),
            principal: Arc::new(principal),
            env: self.env.clone(),
            network,
            global: self.global.clone(),
        });
        (group, Seat { account, identity, method })
    }

    /// Says what there is to say of somebody who could be loaded; yields them if they can sign.
    async fn check_principal(&self, principal: Principal, checks: &mut Vec<Check>) -> Option<Principal> {
        checks.extend(sign_in::loaded(&principal));
        if self.usable.is_err() {
            return Some(principal);
        }
        let checked = match self.args.deadline().run(principal.check(now())).await {
            Ok(checked) => checked,
            Err(error) => {
                checks.push(late("session", &error));
                return None;
            }
        };
        checks.extend(sign_in::session(&principal, &checked, now()));
        checked.is_ok().then_some(principal)
    }

    /// The Identity service of a region, and what is to be said of the region.
    fn identity(
        &self,
        found: Option<Setting>,
        described: Option<Region>,
        tenancy: Option<&str>,
    ) -> (Option<Check>, Option<Endpoint>) {
        if let Some(endpoint) = &self.reach.identity_endpoint {
            return (None, Some(endpoint.clone()));
        }
        let said = match self.reach.region(found) {
            Ok(said) => said,
            Err(failure) => return (Some(misused("region", failure)), None),
        };
        let region = match described.map_or_else(|| Region::find(&said, tenancy, self.env), Ok) {
            Ok(region) => region,
            Err(error) => return (Some(sign_in::failed(&error.into())), None),
        };
        match identity_of(&region, &said) {
            Ok(endpoint) => (Some(sign_in::region(&region, &said)), Some(endpoint)),
            Err(failure) => (Some(misused("region", failure)), None),
        }
    }

    /// The network's settings and the way to every Identity service; yields how far the clock is ahead, and which of
    /// these services answer.
    async fn network(&self, seats: &[Seat]) -> (Group, Option<SignedDuration>, Vec<Endpoint>) {
        let mut group = Group::new(Topic::Network, "Network");
        let usable = match &self.usable {
            Ok(usable) => usable,
            Err(error) => {
                group.checks.push(network::unusable(error));
                group
                    .checks
                    .push(Check::skipped("connection", "the network's settings must be mended first"));
                return (group, None, Vec::new());
            }
        };
        group.checks.extend(network::settings(usable));
        let mut endpoints: Vec<&Endpoint> = Vec::new();
        for endpoint in seats.iter().filter_map(|seat| seat.identity.as_ref()) {
            if !endpoints.contains(&endpoint) {
                endpoints.push(endpoint);
            }
        }
        let clock = reach::clock();
        let ways = join_all(endpoints.iter().map(|endpoint| self.way(usable, endpoint, &clock))).await;
        let (mut ahead, mut answering) = (None, Vec::new());
        for (endpoint, way) in endpoints.into_iter().zip(ways) {
            group.checks.extend(way.checks);
            ahead = ahead.or(way.ahead);
            if way.answered {
                answering.push(endpoint.clone());
            }
        }
        let signs = seats.iter().any(|seat| seat.method != Some(AuthMethod::OauthClient));
        if let Some(ahead) = ahead {
            group.checks.push(clock::check(ahead, signs));
        } else if self.searches() {
            group.checks.push(Check::skipped("clock", "no server tells the time"));
        }
        (group, ahead, answering)
    }

    /// Finds the domains; those that are named by URL need no search, and no group. Nothing where nobody can ask.
    async fn search(
        &self,
        seats: Vec<Seat>,
        answering: &[Endpoint],
        ahead: Option<SignedDuration>,
    ) -> (Option<Group>, Option<Search>) {
        let asked = seats.len();
        let method = seats.iter().find_map(|seat| seat.method).unwrap_or(AuthMethod::ApiKey);
        let mut group = Group::new(Topic::Discovery, "Finding domains");
        let answers =
            |seat: &Seat| seat.identity.as_ref().is_some_and(|endpoint| answering.contains(endpoint));
        let signed_in = seats.iter().any(|seat| seat.account.is_some());
        let able = seats.into_iter().filter(|seat| !self.searches() || answers(seat));
        let able = able.filter_map(|seat| seat.account).filter(|_| self.usable.is_ok()).collect();
        // Who could not sign in has a check of their own, and needs no gap.
        let accounts = Accounts { signed_in: able, gaps: Vec::new(), asked };
        if accounts.signed_in.is_empty() {
            let reason = if signed_in { "no Identity service can be asked" } else { NOBODY };
            group.checks.push(Check::skipped("domains", reason));
            return (Some(group).filter(|_| self.searches()), None);
        }
        match search(&accounts, self.places, self.reach, self.args).await {
            Ok(found) if self.searches() => {
                let clock_off = clock::is_off(ahead);
                group.checks.extend(discovery::checks(found.targets.len(), &found.gaps, method, clock_off));
                (Some(group), Some(found))
            }
            Ok(found) => (None, Some(found)),
            Err(failure) => {
                group.checks.push(misused("domains", failure));
                (Some(group), Some(Search::default()))
            }
        }
    }

    /// Looks at all domains at once, each under its own limit.
    async fn domains(&self, found: Option<Search>, ahead: Option<SignedDuration>) -> Vec<Group> {
        let clock = reach::clock();
        let Some(found) = found else {
            return join_all(self.places.domain_url.iter().map(|endpoint| self.unsigned(endpoint))).await;
        };
        let at_once = descriptors::share(found.targets.len(), self.args.concurrency.into()).domains;
        let looks = found.targets.iter().map(async |target| {
            let (client, home) = match &target.reach {
                Ok(ways) => (Ok(&*ways.client), ways.home.as_deref()),
                Err(why) => (Err(why), None),
            };
            domain::examine(&Patient { domain: &target.domain, client, home }, &clock, ahead).await
        });
        stream::iter(looks).buffered(at_once).collect().await
    }

    /// The way to a server, as far as there is time for it.
    async fn way(&self, usable: &Network, endpoint: &Endpoint, clock: &Clock) -> Way {
        let way = self.args.deadline().run(network::reach(usable, endpoint, clock)).await;
        way.unwrap_or_else(|error| Way {
            checks: vec![late("connection", &error)],
            answered: false,
            ahead: None,
        })
    }

    /// The way to a domain that nobody can ask.
    async fn unsigned(&self, endpoint: &Endpoint) -> Group {
        let mut group = Group::new(Topic::Domain, endpoint.to_string());
        if let Ok(usable) = &self.usable {
            let way = self.way(usable, endpoint, &reach::clock()).await;
            group.checks.extend(way.checks);
            group.checks.extend(way.ahead.map(|ahead| clock::check(ahead, true)));
        }
        let reason = if self.usable.is_ok() { NOBODY } else { "the network's settings must be mended first" };
        group.checks.push(Check::skipped("kinds", reason));
        group
    }
}

/// What was not looked at before the deadline.
fn late(subject: &'static str, error: &RequestError) -> Check {
    Check::problem(subject, error.to_string(), "run again with a longer --deadline")
}

fn misused(subject: &'static str, failure: Failure) -> Check {
    Check::misuse(subject, failure.message, failure.hint.unwrap_or_else(|| "correct the options".to_owned()))
}
