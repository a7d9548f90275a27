//! What an unconfirmed kind means for the run: a gap, something to live with, or settled by the policy.
//!
//! This looks at all domains together, since the rights of a caller who sees other users' credentials in one domain of a
//! tenancy speak for the others. Most tenancies have no SMTP or database credentials, and an alarm on every run is soon
//! ignored; so an empty kind alone does not fail a run, while a domain that shows nothing of anybody else does.

use jiff::Timestamp;

use crate::coverage::{Coverage, Reading, Witness};
use crate::domain::Domain;
use crate::inventory::{DomainInventory, IndexState, Inventory};
use crate::kind::Kind;
use crate::policy::Policy;

/// Decides by the policy what each unconfirmed verdict means at `now`.
pub fn settle(inventory: &mut Inventory, policy: &Policy, now: Timestamp) {
    decide_all(inventory, policy.strict(), |domain, kind| {
        policy.confirmed_empty(domain, kind, now).is_some()
    });
}

/// With `strict` nothing unconfirmed is tolerated; `confirmed` tells for a domain and a kind whether the policy confirms
/// that there are none.
fn decide_all(inventory: &mut Inventory, strict: bool, confirmed: impl Fn(&Domain, Kind) -> bool) {
    let sighted: Vec<Option<String>> = inventory
        .domains
        .iter()
        .filter(|domain| domain.others_visible)
        .map(|domain| domain.domain.tenancy.clone())
        .collect();
    for domain in &mut inventory.domains {
        let blind_for_a_reason =
            has_no_others(domain) || (!domain.others_visible && sighted.contains(&domain.domain.tenancy));
        let indexed = domain.index.iter().any(|(_, state)| *state == IndexState::Available);
        decide(&mut domain.users_reading, !strict && blind_for_a_reason);
        for kind in Kind::ALL {
            let reading = domain.readings.get_mut(kind);
            if reading.coverage.is_unconfirmed() && confirmed(&domain.domain, kind) {
                reading.coverage = Coverage::Complete;
                reading.witnesses.push(Witness::Policy);
            }
            // Where others' credentials of other kinds are visible, an empty kind is most likely just that. One that holds the
            // caller's own alone is what a missing permission looks like, unless the users' index tells the same.
            let others_elsewhere = domain.others_visible && (reading.rows == 0 || indexed);
            decide(reading, !strict && (others_elsewhere || blind_for_a_reason));
        }
    }
}

/// Whether nobody but the caller can have credentials here: there is no other user, or the licence is for external users,
/// who have none (Oracle, "Identity Domain Types: Object Limits").
fn has_no_others(domain: &DomainInventory) -> bool {
    let licence = domain.domain.licence.as_deref().unwrap_or_default();
    !domain.other_users || licence.to_ascii_lowercase().contains("external")
}

fn decide(reading: &mut Reading, decision: bool) {
    if let Coverage::Unconfirmed { tolerated, .. } = &mut reading.coverage {
        *tolerated = decision;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::Incomplete;

    fn domain(name: &str, tenancy: &str) -> DomainInventory {
        let why = Incomplete::new("an empty list", "look");
        let mut domain = DomainInventory::unreadable(Domain::at(name, name), &Kind::ALL, &why);
        domain.domain.tenancy = Some(tenancy.to_owned());
        for kind in Kind::ALL {
            domain.readings.get_mut(kind).coverage =
                Coverage::Unconfirmed { why: why.clone(), tolerated: false };
        }
        domain
    }

    fn settled(domains: Vec<DomainInventory>, strict: bool) -> Vec<bool> {
        let mut inventory = Inventory { domains, ..Inventory::default() };
        decide_all(&mut inventory, strict, |_, _| false);
        let smtp =
            |domain: &DomainInventory| domain.readings.get(Kind::SmtpCredential).coverage.is_tolerable();
        inventory.domains.iter().map(smtp).collect()
    }

    #[test]
    fn a_domain_that_shows_nobody_else_does_not_pass() {
        assert_eq!(settled(vec![domain("a", "t")], false), [false]);
        let seen = DomainInventory { others_visible: true, ..domain("b", "t") };
        assert_eq!(settled(vec![domain("a", "t"), seen.clone()], false), [true, true], "seen next door");
        assert_eq!(
            settled(vec![domain("a", "other"), seen.clone()], false),
            [false, true],
            "another tenancy"
        );
        assert_eq!(settled(vec![seen.clone()], true), [false], "strict");
        let mut own = seen;
        own.readings.get_mut(Kind::SmtpCredential).rows = 1;
        assert_eq!(settled(vec![own.clone()], false), [false], "only the caller's own");
        *own.index.get_mut(Kind::AuthToken) = IndexState::Available;
        assert_eq!(settled(vec![own], false), [true], "and the index names nobody else either");
        let alone = DomainInventory { other_users: false, ..domain("a", "t") };
        assert_eq!(settled(vec![alone], false), [true], "nobody else there");
        let mut external = domain("a", "t");
        external.domain.licence = Some("EXTERNAL_USER".to_owned());
        assert_eq!(settled(vec![external], false), [true], "external users have no credentials");
    }

    #[test]
    fn the_policy_settles_what_is_unconfirmed_and_nothing_else() {
        let mut inventory = Inventory { domains: vec![domain("a", "t")], ..Inventory::default() };
        let why = Incomplete::new("no", "ask");
        inventory.domains[0].readings.get_mut(Kind::ApiKey).coverage = Coverage::Unreadable(why);
        decide_all(&mut inventory, true, |_, kind| kind != Kind::AuthToken);
        let readings = &inventory.domains[0].readings;
        assert_eq!(readings.get(Kind::SmtpCredential).coverage, Coverage::Complete);
        assert_eq!(readings.get(Kind::SmtpCredential).witnesses, [Witness::Policy]);
        assert!(readings.get(Kind::AuthToken).coverage.is_unconfirmed(), "nobody confirmed it");
        assert_eq!(readings.get(Kind::ApiKey).coverage.as_str(), "unreadable");
    }
}
