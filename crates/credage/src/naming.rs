//! The display names of domains that are given by their URLs, where the policy names domains.
//!
//! Only the Identity service tells them. It is asked with two requests and without retries: what it does not tell stays
//! unknown, and the policy says where that matters.

use credage_core::Domain;
use credage_oci::discovery::discover;

use crate::reach::{Account, NetworkArgs, ReachArgs};
use crate::targets::Target;

/// Looks up the names of targets that have none.
pub(crate) async fn look_up(
    targets: &mut [Target],
    account: &Account,
    reach: &ReachArgs,
    args: &NetworkArgs,
) {
    let unnamed = |target: &&mut Target| target.domain.display_name.is_none();
    // A simulated domain is none of the public Identity service's.
    let is_public =
        |domain: &Domain| domain.url.parse().is_ok_and(|url: credage_oci::Endpoint| !url.is_loopback());
    let asked = reach.identity_endpoint.is_some();
    let mut targets: Vec<&mut Target> =
        targets.iter_mut().filter(unnamed).filter(|target| asked || is_public(&target.domain)).collect();
    if targets.is_empty() {
        return;
    }
    let known = match known(account, reach, args).await {
        Ok(known) => known,
        Err(reason) => {
            tracing::info!(reason, "the display names of the domains are not known");
            return;
        }
    };
    for target in &mut targets {
        let Some(found) = known.iter().find(|found| found.is_at(&target.domain.url)) else { continue };
        let own = &target.domain;
        let other = [&found.url].into_iter().chain(&found.other_url).find(|url| !own.is_at(url));
        target.domain = Domain {
            other_url: other.cloned(),
            url: own.url.clone(),
            profile: own.profile.clone(),
            ..found.clone()
        };
    }
}

/// The domains of the root compartment, where nearly all tenancies have them.
async fn known(account: &Account, reach: &ReachArgs, args: &NetworkArgs) -> Result<Vec<Domain>, String> {
    let args = NetworkArgs { retries: 0, ..args.clone() };
    let tenancy = account.tenancy().await.map_err(|error| error.to_string())?;
    let identity = account.identity(&tenancy, reach, &args).await.map_err(|failure| failure.message)?;
    let discovery = discover(&identity, &tenancy, &["root".to_owned()]).await;
    Ok(discovery.domains.into_iter().map(|found| found.domain).collect())
}
