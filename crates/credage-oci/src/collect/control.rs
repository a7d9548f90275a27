//! The positive control: what we know to exist must be among what we were shown.

use credage_core::{Control, Coverage, Credential, DomainInventory, Expected, Incomplete, Kind};

use crate::auth::Principal;

const HINT: &str = "grant the auditor's group `read users` and `inspect credentials` in the tenancy";

/// Looks for the auditor's own API key, and takes back verdicts that what was seen does not bear.
pub(crate) fn apply(principal: &Principal, inventory: &mut DomainInventory) {
    inventory.control = control(principal, inventory);
    if inventory.control == Control::Missing {
        take_back(
            inventory,
            Kind::ApiKey,
            "the auditor's own API key is not among the rows, so others may be missing too",
        );
    }
}

fn take_back(inventory: &mut DomainInventory, kind: Kind, reason: &str) {
    let why = Incomplete { rights: true, ..Incomplete::new(reason, HINT) };
    let reading = inventory.readings.get_mut(kind);
    if reading.coverage == Coverage::Complete {
        reading.coverage = Coverage::Partial { read: reading.rows, expected: Expected::Unknown, why };
        reading.witnesses.clear();
    }
}

fn control(principal: &Principal, inventory: &DomainInventory) -> Control {
    let (Some(user), Some(fingerprint)) = (principal.user_ocid(), principal.fingerprint()) else {
        return Control::NotTried("the auditor does not sign with an API key of their own");
    };
    match inventory.readings.get(Kind::ApiKey).coverage {
        Coverage::Complete => {}
        Coverage::NotApplicable => return Control::NotTried("API keys were not asked for"),
        Coverage::Partial { .. } | Coverage::Unconfirmed { .. } | Coverage::Unreadable(_) => {
            return Control::NotTried("API keys were not read in full");
        }
    }
    if !inventory.users.iter().any(|each| each.ocid.as_deref() == Some(user)) {
        return Control::NotTried("the auditor is not a user of this domain");
    }
    if inventory.credentials.iter().any(|credential| is_own(credential, fingerprint)) {
        Control::Seen
    } else {
        Control::Missing
    }
}

/// Whether it is the API key with this fingerprint.
pub(super) fn is_own(credential: &Credential, fingerprint: &str) -> bool {
    credential.fingerprint.as_deref().is_some_and(|each| each.eq_ignore_ascii_case(fingerprint))
}
