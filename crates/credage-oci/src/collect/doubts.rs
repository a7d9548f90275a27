//! What a kind's own listing cannot know: verdicts that what else was read takes back.

use std::collections::{HashMap, HashSet};

use credage_core::kind::PerKind;
use credage_core::{
    Coverage, Credential, CredentialId, DomainInventory, Expected, Kind, Listing, Reading, User, UserId,
};

use super::verdict;

/// `user` is returned always, so a credential that does not say whose it is was not read as a whole.
pub(super) fn doubt_what_names_no_owner(credentials: &[Credential], readings: &mut PerKind<Reading>) {
    let mut nameless = PerKind::<u64>::default();
    for row in credentials.iter().filter(|row| row.owner.as_str().is_empty()) {
        *nameless.get_mut(row.kind) += 1;
    }
    for (kind, &number) in nameless.iter().filter(|(_, number)| **number > 0) {
        let reading = readings.get_mut(kind);
        if reading.coverage == Coverage::Complete || reading.coverage.is_unconfirmed() {
            let (why, expected) = (verdict::nameless(number), Expected::Unknown);
            reading.coverage = Coverage::Partial { read: reading.rows, expected, why };
            reading.witnesses.clear();
        }
    }
}

/// What the index of owners who were found by id names, and no listing returned, is missing.
pub(super) fn doubt_what_lacks(
    named: &[(Kind, CredentialId, UserId)],
    readings: &mut PerKind<Reading>,
    credentials: &mut Vec<Credential>,
) {
    if named.is_empty() {
        return;
    }
    let read: HashSet<(Kind, &CredentialId)> = credentials.iter().map(|row| (row.kind, &row.id)).collect();
    let missing: Vec<_> =
        named.iter().filter(|(kind, id, _)| !read.contains(&(*kind, id))).cloned().collect();
    for (kind, id, owner) in missing {
        let reading = readings.get_mut(kind);
        match &mut reading.coverage {
            Coverage::NotApplicable => continue,
            Coverage::Complete | Coverage::Unconfirmed { .. } => {
                let why = verdict::missing_rows(1, 0);
                reading.coverage =
                    Coverage::Partial { read: reading.rows, expected: Expected::Rows(reading.rows + 1), why };
                reading.witnesses.clear();
            }
            Coverage::Partial { expected: Expected::Rows(rows), .. } => *rows += 1,
            Coverage::Partial { .. } | Coverage::Unreadable(_) => {}
        }
        credentials.push(Credential::index_only(id, kind, owner));
    }
}

/// A kind that was read owner by owner is as incomplete as the list of owners.
pub(super) fn doubt_what_rests_on_users(inventory: &mut DomainInventory) {
    let users = inventory.users_reading.coverage.clone();
    if users == Coverage::Complete {
        return;
    }
    for kind in Kind::ALL {
        let reading = inventory.readings.get_mut(kind);
        let doubtful = reading.coverage == Coverage::Complete || reading.coverage.is_unconfirmed();
        if doubtful && reading.listing.is_some_and(Listing::is_by_owner) {
            reading.witnesses.clear();
            reading.coverage = if let Coverage::Unconfirmed { why, .. } = &users {
                Coverage::Unconfirmed { why: why.clone(), tolerated: false }
            } else {
                let why = verdict::owners_incomplete();
                Coverage::Partial { read: reading.rows, expected: Expected::Unknown, why }
            };
        }
    }
}

/// A row may name its owner by OCID alone; everything else knows users by their id.
pub(super) fn name_owners_by_id(credentials: &mut [Credential], users: &[User]) {
    let mut by_ocid: Option<HashMap<&str, &UserId>> = None;
    for credential in credentials.iter_mut().filter(|each| each.owner.as_str().starts_with("ocid1.")) {
        let known = by_ocid.get_or_insert_with(|| {
            users.iter().filter_map(|user| Some((user.ocid.as_deref()?, &user.id))).collect()
        });
        if let Some(id) = known.get(credential.owner.as_str()) {
            credential.owner = (*id).clone();
        }
    }
}
