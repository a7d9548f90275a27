//! From a tenancy to its domains: compartments with their subtree and the root, the domains of each, each once.
//!
//! What could not be searched is a gap in the inventory: there may be domains that nobody saw.

use std::collections::HashSet;

use credage_core::{Domain, Gap, Incomplete};
use futures::StreamExt;
use futures::stream;

use crate::client::RequestError;
use crate::collect::incomplete;
use crate::doctor::rights::Right;
use crate::endpoint::Endpoint;
use crate::identity::{Compartment, DomainSummary, Identity, Listed};
use crate::rate_limit::{Licence, RateLimit};

/// Compartments that are asked at the same time.
const AT_ONCE: usize = 8;
const HINT: &str = "allow the auditor's group to `inspect compartments` and `read domains` in the tenancy (README, \
                    \"The rights it needs\"); if it may, check the region, the profile's tenancy and --identity-endpoint";

const NO_URL: &str = "the Identity service lists the domain without a URL, so there is nothing to ask";
const NO_URL_HINT: &str = "look at the domain in the console; if it has a URL there, audit it with --domain-url, else leave it out with \
     --exclude-domain";
const MALFORMED_HINT: &str =
    "compare the list in the console; if the domain is there, audit it with --domain-url";
/// An endpoint of the Identity service answers 401 for every tenancy that is not subscribed to its region
/// (oracle/oci-java-sdk#68).
const UNKNOWN_CALLER: &str = "check that the tenancy is subscribed to this region, or give one that it is subscribed to with --region, such as its \
     home region; then compare user, tenancy and fingerprint with the console, and the clock";

/// How a gap begins that lacks the right to list domains.
const LIST_DOMAINS: &str = "list the domains of the compartment";

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// The domains, by name and OCID.
    pub domains: Vec<Found>,
    /// Where they were looked for in vain.
    pub gaps: Vec<Gap>,
}

/// A domain that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// What the Identity service says of it.
    pub summary: DomainSummary,
    /// The name of its compartment; `root` for the tenancy itself.
    pub compartment: String,
    /// The same in the words of an inventory.
    pub domain: Domain,
}

impl Found {
    /// Where it is asked, and where else if its URL does not know the caller.
    ///
    /// # Errors
    /// The reason for which it cannot be asked at all.
    pub fn endpoints(&self) -> Result<(Endpoint, Option<Endpoint>), Incomplete> {
        let state = self.summary.lifecycle_state.as_deref().unwrap_or("ACTIVE");
        if state != "ACTIVE" {
            let what = format!("the domain is {state}, so its endpoint answers nobody");
            return Err(Incomplete::new(what, when_active(state)));
        }
        let home = self.summary.home_region_url.as_deref().and_then(|text| text.parse::<Endpoint>().ok());
        let url = match (&self.summary.url, &home) {
            (Some(url), _) => url.parse::<Endpoint>().map_err(|error| {
                Incomplete::new(error.to_string(), "look at the domain's URL in the console")
            })?,
            (None, Some(home)) => home.clone(),
            (None, None) => return Err(Incomplete::new(NO_URL, NO_URL_HINT)),
        };
        Ok((url.clone(), home.filter(|home| *home != url)))
    }

    /// The pace that its licence allows; a licence that is not known counts as free.
    pub fn rate_limit(&self) -> RateLimit {
        let name = self.summary.license_type.as_deref().unwrap_or_default();
        if !name.is_empty() && !Licence::is_known(name) {
            tracing::info!(
                licence = name,
                domain = self.domain.name,
                "the licence is not known and counts as free"
            );
        }
        RateLimit::Licence(Licence::named(name))
    }
}

/// What to do about a domain that is in a state in which it answers nobody.
fn when_active(state: &str) -> &'static str {
    match state {
        "CREATING" => "audit it when it is ACTIVE, or leave it out with --exclude-domain",
        "DELETING" => "leave it out with --exclude-domain",
        _ => "activate it to audit it, or leave it out with --exclude-domain",
    }
}

/// Searches a tenancy, or only the compartments that are named (by OCID or name).
pub async fn discover(identity: &Identity, tenancy: &str, only: &[String]) -> Discovery {
    let mut discovery = Discovery::default();
    let mut compartments = vec![Compartment {
        id: tenancy.to_owned(),
        name: "root".to_owned(),
        lifecycle_state: "ACTIVE".to_owned(),
    }];
    match below(identity, tenancy, &mut discovery).await {
        Below::Known(found) => compartments.extend(found),
        // Nobody is there to ask for anything else, and once is enough to say so.
        Below::Nobody => return discovery,
    }
    let named = |compartment: &Compartment| {
        let is = |text: &String| compartment.id == *text || compartment.name.eq_ignore_ascii_case(text);
        only.is_empty() || only.iter().any(is)
    };
    for text in only {
        if !compartments.iter().any(|each| each.id == *text || each.name.eq_ignore_ascii_case(text)) {
            let why = Incomplete::new("there is no such compartment, or you may not see it", HINT);
            discovery.gaps.push(Gap {
                tenancy: tenancy.to_owned(),
                what: format!("find the compartment {text}"),
                why,
            });
        }
    }
    let asked = compartments.into_iter().filter(named);
    let answers = stream::iter(asked.map(async |compartment| {
        let domains = identity.domains(&compartment.id).await;
        (compartment, domains)
    }));
    let answers: Vec<_> = answers.buffer_unordered(AT_ONCE).collect().await;
    let mut seen = HashSet::new();
    for (compartment, domains) in answers {
        match domains {
            Ok(Listed { items, malformed }) => {
                let fresh = items.into_iter().filter(|each| is_fresh(&mut seen, each));
                discovery.domains.extend(fresh.map(|summary| found(summary, &compartment, tenancy)));
                discovery.gaps.extend(unreadable(malformed, tenancy, || {
                    format!("read all domains of the compartment {}", compartment.name)
                }));
            }
            Err(error) => discovery.gaps.push(Gap {
                tenancy: tenancy.to_owned(),
                what: format!("{LIST_DOMAINS} {}", compartment.name),
                why: why(&error),
            }),
        }
    }
    discovery.domains.sort_by(|a, b| (&a.domain.name, &a.domain.ocid).cmp(&(&b.domain.name, &b.domain.ocid)));
    discovery.gaps.sort_by(|a, b| a.what.cmp(&b.what));
    discovery
}

/// Each domain once. An entry that lacks its id is no other one's double, nor is one at another URL.
fn is_fresh(seen: &mut HashSet<(String, Option<String>)>, summary: &DomainSummary) -> bool {
    summary.id.clone().is_none_or(|id| seen.insert((id, summary.url.clone())))
}

/// What is below the root.
enum Below {
    Known(Vec<Compartment>),
    /// The service could not be asked at all.
    Nobody,
}

/// The compartments below the root; where not all may be seen, those that may.
async fn below(identity: &Identity, tenancy: &str, discovery: &mut Discovery) -> Below {
    let error = match identity.compartments(tenancy, false).await {
        Ok(Listed { items, malformed }) => {
            let gaps = unreadable(malformed, tenancy, || "read all compartments of the tenancy".to_owned());
            discovery.gaps.extend(gaps);
            return Below::Known(items);
        }
        Err(error) => error,
    };
    let mut gap = |what: String| {
        discovery.gaps.push(Gap { tenancy: tenancy.to_owned(), what, why: why(&error) });
    };
    if is_nobody(&error) {
        gap(format!("search the tenancy at {}", identity.endpoint()));
        return Below::Nobody;
    }
    let accessible =
        identity.compartments(tenancy, true).await.map(|listed| listed.items).unwrap_or_default();
    gap(if accessible.is_empty() {
        "list the compartments of the tenancy".to_owned()
    } else {
        format!(
            "list all compartments of the tenancy; only the {} that you may inspect were searched",
            accessible.len()
        )
    });
    Below::Known(accessible)
}

/// Whether whatever else is asked there would fare no better.
const fn is_nobody(error: &RequestError) -> bool {
    match error {
        RequestError::Refused { status, .. } => matches!(status, 300..=399 | 401),
        RequestError::Unavailable { reached, remedy, .. } => !*reached || remedy.is_some(),
        RequestError::Auth(_) => true,
    }
}

/// The right that a gap most likely comes from.
pub fn lacking(gap: &Gap) -> Option<Right> {
    if !gap.why.rights || gap.why.status == Some(401) {
        return None;
    }
    Some(if gap.what.starts_with(LIST_DOMAINS) { Right::ReadDomains } else { Right::InspectCompartments })
}

/// A gap for every entry that could not be used.
fn unreadable(malformed: Vec<String>, tenancy: &str, what: impl Fn() -> String) -> Vec<Gap> {
    let gap = |wrong: String| Gap {
        tenancy: tenancy.to_owned(),
        what: what(),
        why: Incomplete::new(wrong, MALFORMED_HINT),
    };
    malformed.into_iter().map(gap).collect()
}

fn why(error: &RequestError) -> Incomplete {
    let why = incomplete(error);
    match error.status() {
        Some(401) => Incomplete { hint: UNKNOWN_CALLER.to_owned(), ..why },
        _ if why.rights => Incomplete { hint: HINT.to_owned(), ..why },
        _ => why,
    }
}

fn found(summary: DomainSummary, compartment: &Compartment, tenancy: &str) -> Found {
    let spelt = |text: &str| text.parse::<Endpoint>().map_or_else(|_| text.to_owned(), |url| url.to_string());
    let listed = summary.url.as_deref().or(summary.home_region_url.as_deref()).unwrap_or_default();
    let url = spelt(listed);
    let other_url = summary.home_region_url.as_deref().map(spelt).filter(|other| *other != url);
    let domain = Domain {
        other_url,
        ocid: summary.id.clone(),
        tenancy: Some(tenancy.to_owned()),
        licence: summary.license_type.clone(),
        home_region: summary.home_region.clone(),
        ..Domain::unnamed(
            if url.is_empty() { summary.id.clone().unwrap_or_default() } else { url.clone() },
            url,
        )
    };
    let name = summary.display_name.as_deref().unwrap_or_default().trim();
    let domain = if name.is_empty() { domain } else { domain.called(name.to_owned()) };
    Found { summary, compartment: compartment.name.clone(), domain }
}
