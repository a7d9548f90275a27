//! What a caller may see at all. An empty list looks the same whether there is nothing or nothing that you may see, so a
//! kind is complete only if other users' credentials were seen: of this kind, or of one that the same right governs.

use credage_core::kind::{PerKind, Right};
use credage_core::{Coverage, DomainInventory, Kind, Source, UserId, Witness};

use super::verdict;

/// Takes back verdicts that what was seen does not bear, and notes what bears the others. `own` is the caller, where they
/// are a user of the domain.
pub(crate) fn apply(inventory: &mut DomainInventory, own: Option<&UserId>) {
    let others = others_seen(inventory, own);
    inventory.others_visible = others.iter().any(|(_, seen)| *seen);
    inventory.other_users =
        inventory.users.is_empty() || inventory.users.iter().any(|user| Some(&user.id) != own);
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
fn others_seen(inventory: &DomainInventory, own: Option<&UserId>) -> PerKind<bool> {
    let mut seen = PerKind::default();
    for credential in inventory.credentials.iter().filter(|credential| credential.source == Source::Listed) {
        *seen.get_mut(credential.kind) |=
            Some(&credential.owner) != own && !credential.owner.as_str().is_empty();
    }
    seen
}
