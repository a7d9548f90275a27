//! Credentials whose owner is answered 404 or not at all, looked at once more before anybody calls them orphaned.
//!
//! The row itself may say better who owns it: some name a listed user by OCID beside an id that nobody has. A row that is
//! answered 404 by id like its owner was deleted together with them while we read, if the listing no longer has it either;
//! where the listing still has it, being answered 404 by id proves nothing, neither of the row nor of the owner.

use std::collections::{HashMap, HashSet};

use credage_core::{Credential, CredentialId, Listing, Source, UserId};

use super::collections;
use super::ladder::PASS_ALL;
use super::reconcile::KindReader;
use super::rows::CredentialRow;
use super::users::Owners;
use crate::client::RequestError;
use crate::scim::query::get_one;

/// So many rows of a kind are looked at; more orphans than that did not come about while we read.
const MOST: usize = 4;
/// Kinds with more rows are not listed again for the sake of a few.
const MOST_ROWS: usize = 5_000;

/// What became of credentials whose owner is answered 404.
#[derive(Debug, Default)]
pub(crate) struct Orphans {
    /// Rows that no longer exist.
    pub(crate) vanished: HashSet<CredentialId>,
    /// Owners who are users by another id.
    pub(crate) renamed: HashMap<UserId, UserId>,
    /// Owners of whom nobody can say that they are gone.
    pub(crate) doubtful: HashSet<UserId>,
}

impl Orphans {
    /// Applies what was found to the rows of a kind, and to what is known of owners.
    pub(crate) fn apply(&self, rows: &mut Vec<Credential>, owners: &mut Owners) {
        rows.retain(|row| !self.vanished.contains(&row.id));
        for row in rows.iter_mut() {
            if let Some(owner) = self.renamed.get(&row.owner) {
                row.owner = owner.clone();
            }
        }
        owners.gone.retain(|owner| !self.renamed.contains_key(owner) && !self.doubtful.contains(owner));
        owners.unknown.retain(|owner| !self.renamed.contains_key(owner));
        owners.unknown.extend(self.doubtful.iter().cloned());
    }
}

impl KindReader<'_> {
    /// Looks at the `rows` of this kind whose owner is gone or unknown; `ocids` are the listed users' ids by OCID.
    pub(crate) async fn orphans(
        &self,
        rows: &[Credential],
        owners: &Owners,
        ocids: &HashMap<&str, &UserId>,
        listing: Option<Listing>,
    ) -> Orphans {
        let mut orphans = Orphans::default();
        let is_left = |row: &&Credential| {
            row.source == Source::Listed
                && (owners.gone.contains(&row.owner) || owners.unknown.contains(&row.owner))
        };
        let left: Vec<&Credential> = rows.iter().filter(is_left).take(MOST + 1).collect();
        if left.len() > MOST {
            return orphans;
        }
        let mut missing = Vec::new();
        for row in left {
            match self.by_id(&row.id).await {
                // Whoever answers with another row has not answered.
                Ok(found) if found.has_id(&row.id) => {
                    if let Some(user) = found.owner_ocid().and_then(|ocid| ocids.get(ocid)) {
                        orphans.renamed.insert(row.owner.clone(), (*user).clone());
                    }
                }
                Err(RequestError::Refused { status: 404, .. }) if owners.gone.contains(&row.owner) => {
                    missing.push(row);
                }
                Ok(_) | Err(_) => {}
            }
        }
        if !missing.is_empty() {
            let still = self.still_listed(rows, listing).await;
            for row in missing {
                if still.as_ref().is_some_and(|still| !still.contains(&row.id)) {
                    orphans.vanished.insert(row.id.clone());
                } else {
                    orphans.doubtful.insert(row.owner.clone());
                }
            }
        }
        orphans
    }

    async fn by_id(&self, id: &CredentialId) -> Result<CredentialRow, RequestError> {
        let (client, tally) = (self.reader.client, self.reader.tally);
        let path = collections::path(self.kind);
        let request = get_one(client.endpoint(), path, id.as_str(), collections::attributes(self.kind));
        client.fetch::<CredentialRow>(&request, tally).await
    }

    /// What the listing has now; nothing where it cannot be told.
    async fn still_listed(
        &self,
        rows: &[Credential],
        listing: Option<Listing>,
    ) -> Option<HashSet<CredentialId>> {
        let query = match listing? {
            Listing::Whole => self.whole(),
            Listing::Filtered => self.filtered(PASS_ALL[1].to_owned()),
            Listing::Batched | Listing::Single => return None,
        };
        if rows.len() > MOST_ROWS {
            return None;
        }
        let listed = self.list(&query).await.ok().filter(super::listing::Listed::is_consistent)?;
        Some(listed.rows.into_iter().map(|row| row.id).collect())
    }
}
