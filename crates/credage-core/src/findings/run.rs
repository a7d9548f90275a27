//! Lets every rule look at everything, once.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::{ByCredential, Finding, Subject, Unjudged, risk};
use crate::assessment::{Assessed, DomainAssessment};
use crate::coverage::Coverage;
use crate::domain::Domain;
use crate::id::UserId;
use crate::inventory::{DomainInventory, Inventory};
use crate::pattern::Folded;
use crate::policy::{Policy, RuleConfig};
use crate::rules::{
    About, Administrators, CredentialCase, Evidence, Holdings, Level, REGISTRY, Rule, UserCase, WaiverCase,
};
use crate::user::{User, UserDetails};

/// What the rules said.
pub(crate) struct Found<'a> {
    pub(crate) findings: Vec<Finding<'a>>,
    pub(crate) by_credential: ByCredential,
    pub(crate) unjudged: Vec<Unjudged<'a>>,
}

/// A rule that is applied.
struct Applied<'p> {
    config: &'p RuleConfig,
    rule: Box<dyn Rule>,
}

type Owner<'a> = (*const Domain, &'a UserId);

struct Run<'r, 'a> {
    inventory: &'a Inventory,
    policy: &'a Policy,
    now: jiff::Timestamp,
    credentials: &'r [Assessed<'a>],
    holdings: HashMap<Owner<'a>, Holdings<'a>>,
    applied: Vec<Applied<'a>>,
    findings: Vec<Finding<'a>>,
    unjudged: Vec<Unjudged<'a>>,
}

/// Lets every rule look; `matched` tells of each waiver whether it means anything that was read.
pub(crate) fn find<'a>(
    inventory: &'a Inventory,
    policy: &'a Policy,
    now: jiff::Timestamp,
    credentials: &[Assessed<'a>],
    domains: &[DomainAssessment<'a>],
    matched: &[bool],
) -> Found<'a> {
    let applied = policy.rules().iter().zip(&REGISTRY).filter(|(config, _)| config.level != Level::Off);
    let applied = applied
        .map(|(config, registered)| Applied { config, rule: registered.make(&config.values) })
        .collect();
    let mut run = Run {
        inventory,
        policy,
        now,
        credentials,
        holdings: holdings(inventory, policy, credentials),
        applied,
        findings: Vec::new(),
        unjudged: Vec::new(),
    };
    run.credentials(domains);
    for domain in &inventory.domains {
        run.users(domain);
        run.say_what_could_not_be_judged(domain);
    }
    run.waivers(matched);
    let Run { mut findings, unjudged, .. } = run;
    // What is waived comes last; between equals the order in which they were found, which is that of the credentials.
    findings.sort_by_key(|finding| (finding.waiver.is_some(), finding.level, Reverse(finding.risk)));
    let by_credential = ByCredential::new(credentials.len(), &findings);
    Found { findings, by_credential, unjudged }
}

/// What each owner has, and whether they are administrators.
fn holdings<'a>(
    inventory: &'a Inventory,
    policy: &Policy,
    credentials: &[Assessed<'a>],
) -> HashMap<Owner<'a>, Holdings<'a>> {
    let mut all: HashMap<Owner<'a>, Holdings<'a>> = HashMap::new();
    for assessed in credentials {
        let owner = (&raw const *assessed.domain, &assessed.credential.owner);
        all.entry(owner).or_default().add(assessed);
    }
    let Some(config) = policy.rule("administrator-api-key") else { return all };
    let administrators = Administrators::new(&config.values);
    for domain in inventory.domains.iter().filter(|domain| domain.details.groups) {
        for user in &domain.users {
            let owner = (&raw const domain.domain, &user.id);
            if let Some(holdings) = all.get_mut(&owner) {
                holdings.administrator = Some(administrators.reason(user).is_some());
            }
        }
    }
    all
}

impl<'a> Run<'_, 'a> {
    fn credentials(&mut self, domains: &[DomainAssessment<'a>]) {
        let complete: HashMap<*const Domain, bool> = domains
            .iter()
            .map(|domain| {
                let whole = domain.inventory.users_reading.coverage == Coverage::Complete;
                (&raw const domain.inventory.domain, whole)
            })
            .collect();
        let nothing = Holdings::default();
        for assessed in self.credentials {
            let domain = &raw const *assessed.domain;
            let holdings = self.holdings.get(&(domain, &assessed.credential.owner)).unwrap_or(&nothing);
            let users_complete = complete.get(&domain).copied().unwrap_or_default();
            let case = CredentialCase { assessed, holdings, users_complete };
            for Applied { config, rule } in &self.applied {
                let Some(evidence) = rule.credential(&case) else { continue };
                let waiver = assessed.waiver_of(self.policy, config.meta.id);
                let subject = Subject::Credential(assessed.place);
                let risk = risk::of_credential(assessed, holdings);
                let (rule, level) = (config.meta, config.level);
                self.findings.push(Finding { rule, level, subject, evidence, waiver, risk });
            }
        }
    }

    fn users(&mut self, domain: &'a DomainInventory) {
        let nothing = Holdings::default();
        let mut found: Vec<(usize, &'a User, Evidence<'a>, u32)> = Vec::new();
        for user in &domain.users {
            let holdings = self.holdings.get(&(&raw const domain.domain, &user.id)).unwrap_or(&nothing);
            let case = UserCase { user, domain, holdings, now: self.now };
            for (place, Applied { config, rule }) in self.applied.iter().enumerate() {
                if config.meta.about != About::User || !covers(domain.details, rule.needs()) {
                    continue;
                }
                if let Some(evidence) = rule.user(&case) {
                    found.push((place, user, evidence, risk::of_owner(holdings)));
                }
            }
        }
        for (place, user, evidence, risk) in found {
            let Some(Applied { config, .. }) = self.applied.get(place) else { continue };
            let (rule, level) = (config.meta, config.level);
            let waiver = self.waiver_of_user(user, &domain.domain, rule.id);
            let subject = Subject::User(&domain.domain, user);
            self.findings.push(Finding { rule, level, subject, evidence, waiver, risk });
        }
    }

    fn waiver_of_user(&self, user: &User, domain: &Domain, rule: &str) -> Option<usize> {
        let mut waivers = self.policy.waivers().iter();
        waivers.position(|waiver| {
            waiver.holds(self.now) && waiver.excepts(rule, false) && {
                let (name, id) = (Folded::new(&user.name), Folded::new(user.id.as_str()));
                waiver.means_user(&name, &id, domain)
            }
        })
    }

    /// What was not read proves nothing, and the rules that needed it are named.
    fn say_what_could_not_be_judged(&mut self, domain: &'a DomainInventory) {
        for Applied { config, rule } in &self.applied {
            let reason = missing(domain.details, rule.needs());
            // A domain of which no user was read says so itself.
            let read = domain.users_reading.rows > 0;
            if let (Some(reason), true) = (reason, read) {
                let (rule, domain) = (config.meta, Some(&domain.domain));
                self.unjudged.push(Unjudged { rule, domain, reason });
            }
        }
    }

    fn waivers(&mut self, matched: &[bool]) {
        let whole = self.inventory.is_whole();
        for (place, waiver) in self.policy.waivers().iter().enumerate() {
            let matched = match matched.get(place) {
                Some(true) => Some(true),
                Some(false) if whole => Some(false),
                _ => None,
            };
            let case = WaiverCase { waiver, matched, policy: self.policy, now: self.now };
            for Applied { config, rule } in &self.applied {
                let Some(evidence) = rule.waiver(&case) else { continue };
                let (rule, level, subject) = (config.meta, config.level, Subject::Waiver(place));
                self.findings.push(Finding { rule, level, subject, evidence, waiver: None, risk: 0 });
            }
        }
    }
}

const fn covers(read: UserDetails, needed: UserDetails) -> bool {
    missing(read, needed).is_none()
}

/// What was needed and not read.
const fn missing(read: UserDetails, needed: UserDetails) -> Option<&'static str> {
    if needed.account && !read.account {
        Some("what kind of account users have was not read")
    } else if needed.logins && !read.logins {
        Some("the users' logins were not read")
    } else if needed.mfa && !read.mfa {
        Some("the users' second factors were not read")
    } else if needed.groups && !read.groups {
        Some("the users' groups and application roles were not read")
    } else if needed.tags && !read.tags {
        Some("the users' tags were not read")
    } else {
        None
    }
}
