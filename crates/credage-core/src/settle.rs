//! What an unconfirmed kind means for the run: a gap, something to live with, or settled by the policy.
//!
//! This looks at all domains together, since the rights of a caller who sees other users' credentials in one domain of a
//! tenancy speak for the others. Most tenancies have no SMTP or database credentials, and an alarm on every run is soon
//! ignored; so an empty kind alone does not fail a run, while a domain that shows nothing of anybody else does.

use crate::coverage::{Coverage, Reading, Witness};
use crate::domain::Domain;
use crate::inventory::{DomainInventory, Inventory};
use crate::kind::Kind;

/// Decides what each unconfirmed verdict means. With `strict` none is tolerated; `confirmed` tells for a domain and a kind
/// whether the policy confirms that there are none.
pub fn settle(inventory: &mut Inventory, strict: bool, confirmed: impl Fn(&Domain, Kind) -> bool) {
    let sighted: Vec<Option<String>> = inventory
        .domains
        .iter()
        .filter(|domain| domain.others_visible)
        .map(|domain| domain.domain.tenancy.clone())
        .collect();
    for domain in &mut inventory.domains {
        let tolerated = !strict && (is_sighted(domain, &sighted) || has_no_others(domain));
        decide(&mut domain.users_reading, tolerated);
        for kind in Kind::ALL {
            let reading = domain.readings.get_mut(kind);
            if reading.coverage.is_unconfirmed() && reading.rows == 0 && confirmed(&domain.domain, kind) {
                reading.coverage = Coverage::Complete;
                reading.witnesses.push(Witness::Policy);
            }
            decide(reading, tolerated);
        }
    }
}

/// Whether this domain, or another one of its tenancy, shows the caller credentials of other users.
fn is_sighted(domain: &DomainInventory, sighted: &[Option<String>]) -> bool {
    domain.others_visible || sighted.contains(&domain.domain.tenancy)
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
        settle(&mut inventory, strict, |_, _| false);
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
        assert_eq!(settled(vec![seen], true), [false], "strict");
        let alone = DomainInventory { other_users: false, ..domain("a", "t") };
        assert_eq!(settled(vec![alone], false), [true], "nobody else there");
        let mut external = domain("a", "t");
        external.domain.licence = Some("EXTERNAL_USER".to_owned());
        assert_eq!(settled(vec![external], false), [true], "external users have no credentials");
    }

    #[test]
    fn the_policy_settles_what_is_empty_and_nothing_else() {
        let mut inventory = Inventory { domains: vec![domain("a", "t")], ..Inventory::default() };
        inventory.domains[0].readings.get_mut(Kind::ApiKey).rows = 1;
        settle(&mut inventory, true, |_, _| true);
        let readings = &inventory.domains[0].readings;
        assert_eq!(readings.get(Kind::SmtpCredential).coverage, Coverage::Complete);
        assert_eq!(readings.get(Kind::SmtpCredential).witnesses, [Witness::Policy]);
        assert!(readings.get(Kind::ApiKey).coverage.is_unconfirmed(), "it is not empty");
    }
}
