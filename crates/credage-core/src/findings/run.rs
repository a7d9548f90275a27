//! Lets every rule look at everything, once.

use std::cmp::Reverse;

use super::{Assumption, ByCredential, Finding, Subject, Unjudged, risk, unjudged};
use crate::assessment::Assessed;
use crate::domain::Domain;
use crate::inventory::{DomainInventory, Inventory};
use crate::pattern::Folded;
use crate::policy::{Meant, Policy, RuleConfig};
use crate::roster::{Owner, Roster};
use crate::rules::{About, Administrators, CredentialCase, Level, REGISTRY, Rule, UserCase, WaiverCase};
use crate::user::User;

/// What the rules said.
pub(crate) struct Found<'a> {
    pub(crate) findings: Vec<Finding<'a>>,
    pub(crate) by_credential: ByCredential,
    pub(crate) unjudged: Vec<Unjudged<'a>>,
    pub(crate) assumptions: Vec<Assumption<'a>>,
}

/// A rule that is applied.
pub(super) struct Applied<'p> {
    pub(super) config: &'p RuleConfig,
    pub(super) rule: Box<dyn Rule>,
}

struct Run<'r, 'a> {
    inventory: &'a Inventory,
    policy: &'a Policy,
    now: jiff::Timestamp,
    credentials: &'r [Assessed<'a>],
    roster: Roster<'a>,
    applied: Vec<Applied<'a>>,
    findings: Vec<Finding<'a>>,
    unjudged: Vec<Unjudged<'a>>,
    assumptions: Vec<Assumption<'a>>,
}

/// Lets every rule look; `matched` tells of each waiver whether it means anything that was read.
pub(crate) fn find<'a>(
    inventory: &'a Inventory,
    policy: &'a Policy,
    now: jiff::Timestamp,
    credentials: &[Assessed<'a>],
    mut roster: Roster<'a>,
    matched: &[bool],
) -> Found<'a> {
    let applied = policy.rules().iter().zip(&REGISTRY).filter(|(config, _)| config.level != Level::Off);
    let applied = applied
        .map(|(config, registered)| Applied { config, rule: registered.make(&config.values) })
        .collect();
    mark_administrators(&mut roster, policy);
    let users = inventory.domains.iter().map(|domain| domain.users.len()).sum::<usize>();
    let mut run = Run {
        inventory,
        policy,
        now,
        credentials,
        roster,
        applied,
        // More than usual: a list that grows leaves holes as large as itself behind.
        findings: Vec::with_capacity(2 * credentials.len() + users),
        unjudged: Vec::new(),
        assumptions: Vec::new(),
    };
    run.credentials();
    run.users();
    for domain in &inventory.domains {
        run.say_what_could_not_be_judged(domain);
        run.say_what_was_assumed(domain);
    }
    run.waivers(matched);
    let Run { mut findings, unjudged, assumptions, roster, .. } = run;
    drop(roster);
    // What is waived comes last; equals come in the order of the credentials, then as they were found.
    findings.sort_by_cached_key(|finding| {
        let place = if let Subject::Credential(place) = finding.subject { place } else { usize::MAX };
        (finding.waiver.is_some(), finding.level, Reverse(finding.risk), place)
    });
    let by_credential = ByCredential::new(credentials.len(), &findings);
    Found { findings, by_credential, unjudged, assumptions }
}

/// Says of everybody who has something whether they are an administrator, where groups were read.
fn mark_administrators(roster: &mut Roster<'_>, policy: &Policy) {
    let Some(config) = policy.rule("administrator-api-key") else { return };
    let administrators = Administrators::new(&config.values);
    let read = |owner: &Owner<'_>| {
        let mut told_by = administrators.told_by().iter();
        told_by.any(|attribute| owner.inventory.details.is_read(attribute))
    };
    for owner in roster.iter_mut() {
        let Some(user) = owner.user.filter(|_| !owner.holdings.is_empty() && read(owner)) else { continue };
        owner.holdings.administrator = Some(administrators.reason(user).is_some());
    }
}

impl<'a> Run<'_, 'a> {
    fn credentials(&mut self) {
        let applied = || self.applied.iter().filter(|applied| applied.config.meta.about == About::Credential);
        for assessed in self.credentials {
            let Some(owner) = self.roster.get(assessed.owner_number) else { continue };
            let (holdings, users_complete) = (&owner.holdings, owner.users_complete());
            let case = CredentialCase { assessed, holdings, users_complete };
            for Applied { config, rule } in applied() {
                let Some(evidence) = rule.credential(&case) else { continue };
                let waiver = assessed.waiver_of(self.policy, config.meta.id);
                let subject = Subject::Credential(assessed.place);
                let risk = risk::of_credential(assessed, holdings);
                let (rule, level) = (config.meta, config.level);
                self.findings.push(Finding { rule, level, subject, evidence, waiver, risk });
            }
        }
    }

    fn users(&mut self) {
        let applied = || self.applied.iter().filter(|applied| applied.config.meta.about == About::User);
        for Owner { inventory, user, holdings, .. } in self.roster.iter() {
            let Some(user) = *user else { continue };
            let case = UserCase { user, domain: inventory, holdings, now: self.now };
            for Applied { config, rule } in applied() {
                let Some(evidence) = rule.user(&case) else { continue };
                let waiver = self.waiver_of_user(user, &inventory.domain, config.meta.id);
                let subject = Subject::User(&inventory.domain, user);
                let risk = risk::of_owner(holdings);
                let (rule, level) = (config.meta, config.level);
                self.findings.push(Finding { rule, level, subject, evidence, waiver, risk });
            }
        }
    }

    fn waiver_of_user(&self, user: &User, domain: &Domain, rule: &str) -> Option<usize> {
        if self.policy.waivers().is_empty() {
            return None;
        }
        let (name, id) = (Folded::new(&user.name), Folded::new(user.id.as_str()));
        let excepts = |place: &usize| {
            let waiver = self.policy.waivers().get(*place);
            waiver.is_some_and(|waiver| {
                waiver.holds(self.now)
                    && waiver.excepts(rule, false)
                    && waiver.means_user(&name, &id, domain) == Meant::Yes
            })
        };
        self.policy.index().waivers_of_user(&name, &id).into_iter().find(excepts)
    }

    /// What was not read proves nothing, and the rules that needed it are named.
    fn say_what_could_not_be_judged(&mut self, domain: &'a DomainInventory) {
        // A domain of which no user was read says so itself.
        if domain.users_reading.rows == 0 {
            return;
        }
        for Applied { config, rule } in &self.applied {
            let unread = unjudged::reason(domain, rule.needs());
            let gates = unread.is_some();
            let unseen = || {
                (config.meta.id == "orphaned-credential").then(|| unjudged::unseen_orphans(domain)).flatten()
            };
            if let Some(reason) = unread.or_else(unseen) {
                let (rule, domain) = (config.meta, Some(&domain.domain));
                self.unjudged.push(Unjudged { rule, domain, reason, gates });
            }
        }
    }

    /// What the rules took for granted where they found something.
    fn say_what_was_assumed(&mut self, domain: &'a DomainInventory) {
        let about = |finding: &Finding<'_>| matches!(finding.subject, Subject::User(of, _) if std::ptr::eq(of, &raw const domain.domain));
        for Applied { config, rule } in &self.applied {
            for attribute in unjudged::assumed(domain, rule.needs()).iter() {
                if self.findings.iter().any(|finding| finding.rule == config.meta && about(finding)) {
                    self.assumptions.push(Assumption {
                        rule: config.meta,
                        domain: &domain.domain,
                        attribute,
                    });
                }
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
