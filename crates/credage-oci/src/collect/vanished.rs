//! Credentials whose owner is gone: left behind, or deleted together with the owner while we read.
//!
//! A row that was listed and is now answered 404 was deleted, but only where asking for rows by id works at all: another
//! row of the kind, whose owner is still there, has to be found in the same way.

use std::collections::HashSet;

use credage_core::{Credential, CredentialId, Source, UserId};

use super::collections;
use super::reconcile::KindReader;
use super::rows::CredentialRow;
use crate::client::RequestError;
use crate::scim::query::get_one;

/// So many rows of a kind are asked for; more orphans than that did not come about while we read.
const MOST: usize = 4;

impl KindReader<'_> {
    /// Of the rows of this kind whose owner is `gone`, those that no longer exist.
    pub(crate) async fn vanished(
        &self,
        credentials: &[Credential],
        gone: &[UserId],
    ) -> HashSet<CredentialId> {
        let of_kind =
            || credentials.iter().filter(|row| row.kind == self.kind && row.source == Source::Listed);
        let is_left = |row: &&Credential| gone.binary_search(&row.owner).is_ok();
        let left: Vec<&Credential> = of_kind().filter(is_left).take(MOST + 1).collect();
        let mut vanished = HashSet::new();
        if left.len() > MOST {
            return vanished;
        }
        for row in left {
            if self.is_not_found(&row.id).await == Some(true) {
                vanished.insert(row.id.clone());
            }
        }
        let known = of_kind().find(|row| !is_left(row));
        let control = match known.filter(|_| !vanished.is_empty()) {
            Some(row) => self.is_not_found(&row.id).await == Some(false),
            None => false,
        };
        if control { vanished } else { HashSet::new() }
    }

    async fn is_not_found(&self, id: &CredentialId) -> Option<bool> {
        let (client, tally) = (self.reader.client, self.reader.tally);
        let path = collections::path(self.kind);
        let request = get_one(client.endpoint(), path, id.as_str(), collections::attributes(self.kind));
        match client.fetch::<CredentialRow>(&request, tally).await {
            Ok(row) => (self.convert(row).id == *id).then_some(false),
            Err(RequestError::Refused { status: 404, .. }) => Some(true),
            Err(_) => None,
        }
    }
}
