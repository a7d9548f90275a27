//! What is asked after all listings were read, a handful of requests at most: about owners who seem to be gone, and about
//! kinds that seem to be empty.

use std::sync::atomic::Ordering;

use credage_core::kind::PerKind;
use credage_core::{Coverage, Credential, DomainInventory, Kind, Reading, User};

use super::own::Caller;
use super::rows::CredentialRow;
use super::users::Owners;
use super::verdict::incomplete;
use super::{Run, collections, listing};
use crate::scim::query::get_one;

/// Rows of a kind that was not asked for, to see whether others' can be seen.
const GLIMPSE: u64 = 10;
/// An id that no credential can have: all zeros, and of the right length.
const NO_SUCH_ID: &str = "00000000000000000000000000000000";

impl Run<'_> {
    /// Looks once more at credentials whose owner is answered 404.
    pub(super) async fn look_at_orphans(
        &self,
        users: &[User],
        credentials: &mut Vec<Credential>,
        readings: &mut PerKind<Reading>,
        owners: &mut Owners,
    ) {
        if owners.gone.is_empty() && owners.unknown.is_empty() {
            return;
        }
        let ocids = users.iter().filter_map(|user| Some((user.ocid.as_deref()?, &user.id))).collect();
        for &kind in &self.scope.kinds {
            let reading = readings.get_mut(kind);
            let (mut rows, others): (Vec<_>, Vec<_>) =
                std::mem::take(credentials).into_iter().partition(|row| row.kind == kind);
            let orphans = self.kind_reader(kind).orphans(&rows, owners, &ocids, reading.listing).await;
            orphans.apply(&mut rows, owners);
            reading.rows = reading.rows.saturating_sub(listing::count(orphans.vanished.len()));
            reading.requests = self.tallies.get(kind).load(Ordering::Relaxed);
            *credentials = others;
            credentials.append(&mut rows);
        }
    }

    /// Whether a look at the kinds that were not asked for shows a credential of somebody else: an audit of one kind that
    /// nobody has is not blind.
    pub(super) async fn glimpses_others(&self, inventory: &DomainInventory, caller: &Caller) -> bool {
        if !inventory.coverages().any(Coverage::is_unconfirmed) {
            return false;
        }
        for kind in Kind::ALL.into_iter().filter(|kind| !self.scope.kinds.contains(kind)) {
            let reader = self.kind_reader(kind);
            let page = reader.reader.page::<CredentialRow>(&reader.whole(), 1, GLIMPSE).await;
            let rows = page.map_or_else(|_| Vec::new(), |page| page.resources);
            let rows: Vec<Credential> = rows.into_iter().map(|row| reader.convert(row)).collect();
            if caller.is_among_others(rows.iter().map(|row| &row.owner)) {
                return true;
            }
        }
        false
    }

    /// A kind that is unconfirmed and empty is asked for an id that cannot exist: where even that is refused for lack of
    /// permission, the kind cannot be read.
    pub(super) async fn doubt_what_may_not_be_asked(&self, inventory: &mut DomainInventory) {
        for kind in Kind::ALL {
            let reading = inventory.readings.get_mut(kind);
            if !reading.coverage.is_unconfirmed() || reading.rows > 0 {
                continue;
            }
            let path = collections::path(kind);
            let request = get_one(self.client.endpoint(), path, NO_SUCH_ID, collections::attributes(kind));
            let answer = self.client.fetch::<serde_json::Value>(&request, self.tallies.get(kind)).await;
            if let Err(error) = &answer
                && matches!(error.status(), Some(401 | 403))
            {
                reading.coverage = Coverage::Unreadable(incomplete(error));
            }
            reading.requests = self.tallies.get(kind).load(Ordering::Relaxed);
        }
    }
}
