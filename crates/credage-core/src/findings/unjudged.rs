//! Why a rule could not judge: what it needs of users and was not read.

use crate::attributes::{AttributeReading, AttributeSet, UserAttribute};
use crate::coverage::{Coverage, Listing, Reading};
use crate::inventory::DomainInventory;

/// What was not read of a domain's users, or not of all of them; nothing where a rule could look at everything it needs.
pub(super) fn reason(domain: &DomainInventory, needs: AttributeSet) -> Option<String> {
    let mut reasons = Vec::new();
    for attribute in needs.iter().filter(|attribute| is_asked(domain, *attribute)) {
        let reading = domain.details.of(attribute);
        if reading != AttributeReading::Read && !is_assumed(domain, attribute) {
            reasons.push(domain.details.why_not(attribute));
        } else if let Some(reason) = unreadable(domain, attribute) {
            reasons.push(reason);
        }
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// Flags that are taken to be false, because the domain returns them for nobody.
pub(super) fn assumed(domain: &DomainInventory, needs: AttributeSet) -> AttributeSet {
    needs.iter().filter(|attribute| is_assumed(domain, *attribute)).collect()
}

fn is_assumed(domain: &DomainInventory, attribute: UserAttribute) -> bool {
    attribute.absence_may_mean_false() && domain.details.of(attribute) == AttributeReading::NotReturned
}

/// What users may create of a kind matters only where the kind was asked for.
fn is_asked(domain: &DomainInventory, attribute: UserAttribute) -> bool {
    match attribute {
        UserAttribute::Capability(kind) => domain.readings.get(kind).coverage != Coverage::NotApplicable,
        _ => true,
    }
}

/// Of how many users an attribute that others have could not be read.
fn unreadable(domain: &DomainInventory, attribute: UserAttribute) -> Option<String> {
    // A list that could be read in part may lack what matters; another value that was read lacks nothing.
    let in_part = matches!(attribute, UserAttribute::Groups | UserAttribute::Roles | UserAttribute::Tags);
    let users = domain.users.iter().filter(|user| user.unreadable.has(attribute));
    let users = users.filter(|user| in_part || user.unknown().has(attribute)).count();
    match users {
        0 => None,
        1 => Some(format!("{attribute} of 1 user could not be read")),
        several => Some(format!("{attribute} of {several} users could not be read")),
    }
}

/// Why credentials without an owner cannot be found in a domain, or not all of them.
pub(super) fn unseen_orphans(domain: &DomainInventory) -> Option<String> {
    let by_owner = |reading: &Reading| reading.listing.is_some_and(Listing::is_by_owner);
    let ownerless = domain.credentials.iter().filter(|credential| !credential.has_owner()).count();
    if domain.users_reading.coverage != Coverage::Complete {
        Some("the users were not read completely, so nobody can be said to be gone".to_owned())
    } else if domain.readings.iter().any(|(_, reading)| by_owner(reading)) {
        let reason = "at least one kind can only be read owner by owner, which cannot show credentials without an owner";
        Some(reason.to_owned())
    } else if ownerless > 0 {
        let rows =
            if ownerless == 1 { "1 credential".to_owned() } else { format!("{ownerless} credentials") };
        Some(format!("the owner of {rows} could not be read"))
    } else {
        None
    }
}
