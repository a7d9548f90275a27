//! What a caller may see at all. An empty list looks the same whether there is nothing or nothing that you may see, so a
//! kind is complete only if other users' credentials were seen: of this kind, or of one that the same right governs.

use credage_core::kind::{PerKind, Right};
use credage_core::{Coverage, DomainInventory, Kind, Source, UserId, Witness};

use super::own::Caller;
use super::verdict;

/// How many owners of a kind are looked at.
const MOST_OWNERS: usize = 64;

/// Takes back verdicts that what was seen does not bear, and notes what bears the others.
pub(crate) fn apply(inventory: &mut DomainInventory, caller: &Caller) {
    let others = others_seen(inventory, caller);
    inventory.others_visible = others.iter().any(|(_, seen)| *seen);
    inventory.other_users = inventory.users.is_empty() || caller.is_not_alone(&inventory.users);
    for kind in Kind::ALL {
        let same_right = kind.right() != Right::Undocumented
            && Kind::ALL.into_iter().any(|other| other.right() == kind.right() && *others.get(other));
        let seen = *others.get(kind);
        let reading = inventory.readings.get_mut(kind);
        if reading.coverage != Coverage::Complete {
            continue;
        }
        // A list of nothing but one's own is what somebody sees who may see their own alone: no other kind speaks for it.
        if seen || (same_right && reading.rows == 0) {
            reading.witnesses.push(if seen { Witness::OtherUsers } else { Witness::SameRight });
        } else {
            let why = if reading.rows == 0 {
                verdict::unconfirmed_empty(kind)
            } else {
                verdict::unconfirmed_own(kind)
            };
            reading.coverage = Coverage::Unconfirmed { why, tolerated: false };
            reading.witnesses.clear();
        }
    }
}

/// Of each kind, whether a credential of somebody other than the caller was read.
fn others_seen(inventory: &DomainInventory, caller: &Caller) -> PerKind<bool> {
    let mut owners: PerKind<Vec<&UserId>> = PerKind::default();
    for credential in inventory.credentials.iter().filter(|each| each.source == Source::Listed) {
        let owners = owners.get_mut(credential.kind);
        // Rows come owner by owner at best; a few different owners are enough.
        if owners.len() < MOST_OWNERS && owners.last() != Some(&&credential.owner) {
            owners.push(&credential.owner);
        }
    }
    PerKind::from_fn(|kind| caller.is_among_others(owners.get(kind).iter().copied()))
}
