//! Rows that the index names and a listing lacks, looked for one by one.
//!
//! An answer counts only if it is about what was asked for. A row that is answered 404 was deleted if its owner is still
//! there and has stopped naming it. Where the owner is answered 404 as well, a missing permission is as likely as a
//! deletion, so nobody is told that it is gone.

use credage_core::{Credential, CredentialId, UserId};

use super::collections;
use super::names::Names;
use super::reconcile::{KindReader, MAX_SINGLE_LOOKS};
use super::rows::{CredentialRow, UserRow};
use crate::client::RequestError;
use crate::scim::query::get_one;

/// What looking came to.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    pub(crate) found: Vec<Credential>,
    /// Still named, and not to be had.
    pub(crate) lost: Vec<(CredentialId, UserId)>,
    /// Of these, how many were answered 404 together with their owner.
    pub(crate) with_owner: usize,
}

enum Look {
    Found(Box<Credential>),
    Gone,
    Lost,
    LostWithOwner,
}

/// What the owner of a row that is not found says.
enum OwnerSays {
    StillNamed,
    NoLongerNamed,
    NothingNamed,
    NotFound,
    Unclear,
}

impl KindReader<'_> {
    /// Looks for the `missing` rows; beyond [`MAX_SINGLE_LOOKS`] they count as lost.
    /// `named` is what the index names of the kind.
    pub(crate) async fn look_for(
        &self,
        missing: &[(CredentialId, UserId)],
        named: &[(CredentialId, UserId)],
    ) -> Looked {
        let mut looked = Looked::default();
        for (place, (id, owner)) in missing.iter().enumerate() {
            let look = if place < MAX_SINGLE_LOOKS { self.look(id, owner, named).await } else { Look::Lost };
            match look {
                Look::Found(credential) => looked.found.push(*credential),
                Look::Gone => {}
                Look::Lost => looked.lost.push((id.clone(), owner.clone())),
                Look::LostWithOwner => {
                    looked.lost.push((id.clone(), owner.clone()));
                    looked.with_owner += 1;
                }
            }
        }
        looked
    }

    async fn look(&self, id: &CredentialId, owner: &UserId, named: &[(CredentialId, UserId)]) -> Look {
        let (client, tally) = (self.reader.client, self.reader.tally);
        let path = collections::path(self.kind);
        let request = get_one(client.endpoint(), path, id.as_str(), collections::attributes(self.kind));
        match client.fetch::<CredentialRow>(&request, tally).await {
            Ok(row) => {
                let credential = self.convert(row);
                if credential.id == *id { Look::Found(Box::new(credential)) } else { Look::Lost }
            }
            Err(RequestError::Refused { status: 404, .. }) => match self.ask_owner(id, owner).await {
                OwnerSays::NoLongerNamed => Look::Gone,
                // Who owns nothing more may lack the extension altogether; so does everybody where it is not returned by id.
                OwnerSays::NothingNamed if self.shows_index_by_id(owner, named).await => Look::Gone,
                OwnerSays::NotFound => Look::LostWithOwner,
                OwnerSays::StillNamed => self.look_among_the_owners(id, owner).await,
                OwnerSays::NothingNamed | OwnerSays::Unclear => Look::Lost,
            },
            Err(_) => Look::Lost,
        }
    }

    async fn ask_owner(&self, id: &CredentialId, owner: &UserId) -> OwnerSays {
        let (client, tally) = (self.reader.client, self.reader.tally);
        let attributes = collections::index_attributes(self.kind);
        let request = get_one(client.endpoint(), collections::USERS, owner.as_str(), &attributes);
        match client.fetch::<UserRow>(&request, tally).await {
            Ok(row) => {
                let record = row.into_record(self.interner, &Names::default());
                if record.user.id != *owner {
                    return OwnerSays::Unclear;
                }
                let Some(refs) = record.refs else { return OwnerSays::NothingNamed };
                if refs.iter().any(|(_, named)| named == id) {
                    OwnerSays::StillNamed
                } else {
                    OwnerSays::NoLongerNamed
                }
            }
            Err(RequestError::Refused { status: 404, .. }) => OwnerSays::NotFound,
            Err(_) => OwnerSays::Unclear,
        }
    }

    /// Whether another owner's index is returned when they are asked for by id.
    async fn shows_index_by_id(&self, owner: &UserId, named: &[(CredentialId, UserId)]) -> bool {
        match named.iter().find(|(_, other)| other != owner) {
            Some((id, other)) => matches!(self.ask_owner(id, other).await, OwnerSays::StillNamed),
            None => false,
        }
    }

    /// A domain may answer a list of one owner's where it does not answer for the row itself.
    async fn look_among_the_owners(&self, id: &CredentialId, owner: &UserId) -> Look {
        let Ok(listed) = self.list(&self.one(owner)).await else { return Look::Lost };
        let found = listed.rows.into_iter().find(|row| row.id == *id);
        found.map_or(Look::Lost, |row| Look::Found(Box::new(row)))
    }
}
