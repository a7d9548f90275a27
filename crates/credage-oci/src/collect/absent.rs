//! Owners whom credentials name and the listing of users does not have.
//!
//! Each is asked for by id. 404 means gone, but only where asking by id works at all: another user, who is known to exist,
//! has to be found in the same way. 200 means that the listing of users was not complete. Anything else means that nobody
//! knows.

use std::collections::BTreeSet;

use credage_core::{Credential, CredentialId, Kind, User, UserId};
use futures::{StreamExt, stream};

use super::Scope;
use super::collections;
use super::interner::Interner;
use super::listing::{Reader, count};
use super::names::Names;
use super::rows::{UserRecord, UserRow};
use super::users::{Owners, View, ids};
use crate::client::RequestError;
use crate::scim::query::get_one;

/// So many owners are asked for; where more are missing, the listing of users is at fault rather than they.
const MOST: usize = 64;

/// How one owner was found, or not.
enum Answer {
    There(Box<User>, Vec<(Kind, CredentialId)>),
    NotFound,
    Unclear,
}

/// Asks for users by id.
pub(crate) struct Search<'a> {
    pub(crate) reader: &'a Reader<'a>,
    pub(crate) scope: &'a Scope,
    pub(crate) names: (&'a Interner, &'a Names),
    pub(crate) view: View<'a>,
}

impl Search<'_> {
    /// Looks for every owner of `credentials` who is not among the users, and adds those who are found to them.
    pub(crate) async fn look(
        &self,
        users: &mut Vec<User>,
        credentials: &[Credential],
        own: Option<&UserId>,
    ) -> Owners {
        let missing = missing(users, credentials);
        let mut owners = Owners { not_asked: count(missing.len().saturating_sub(MOST)), ..Owners::default() };
        let asked = missing.into_iter().take(MOST);
        let parallel = self.reader.client.options().concurrency.max(1);
        let answers: Vec<(UserId, Answer)> = stream::iter(asked)
            .map(|id| async move {
                let answer = self.ask(&id).await;
                (id, answer)
            })
            .buffered(parallel)
            .collect()
            .await;
        let control = self.control(users, &answers, own).await;
        for (id, answer) in answers {
            match answer {
                Answer::There(user, refs) => {
                    let new = self
                        .view
                        .since
                        .zip(user.created.copied())
                        .is_some_and(|(since, created)| created >= since);
                    owners.found += u64::from(!new);
                    owners
                        .named
                        .extend(refs.into_iter().map(|(kind, credential)| (kind, credential, id.clone())));
                    users.push(*user);
                }
                Answer::NotFound if control => owners.gone.push(id),
                Answer::NotFound | Answer::Unclear => owners.unknown.push(id),
            }
        }
        owners
    }

    /// Whether asking by id finds somebody who is known to exist and is not the caller.
    async fn control(&self, users: &[User], answers: &[(UserId, Answer)], own: Option<&UserId>) -> bool {
        let found = |(_, answer): &(UserId, Answer)| matches!(answer, Answer::There(..));
        if answers.iter().all(|(_, answer)| !matches!(answer, Answer::NotFound)) || answers.iter().any(found)
        {
            return true;
        }
        let known = users.iter().find(|user| Some(&user.id) != own).or_else(|| users.first());
        match known {
            Some(user) => matches!(self.ask(&user.id).await, Answer::There(..)),
            None => false,
        }
    }

    async fn ask(&self, id: &UserId) -> Answer {
        if id.as_str().is_empty() {
            return Answer::Unclear;
        }
        let attributes = collections::user_attributes(&self.scope.kinds, self.scope.details);
        let request = get_one(self.reader.client.endpoint(), collections::USERS, id.as_str(), &attributes);
        match self.reader.client.fetch::<UserRow>(&request, self.reader.tally).await {
            Ok(row) => {
                let (interner, names) = self.names;
                let UserRecord { user, refs, .. } = row.into_record(interner, names);
                // Whoever answers with somebody else has not answered.
                let same = user.id == *id || user.ocid.as_deref() == Some(id.as_str());
                if same {
                    Answer::There(Box::new(user), refs.unwrap_or_default().into_vec())
                } else {
                    Answer::Unclear
                }
            }
            Err(RequestError::Refused { status: 404, .. }) => Answer::NotFound,
            Err(_) => Answer::Unclear,
        }
    }
}

/// Owners that are not among the users, each once.
fn missing(users: &[User], credentials: &[Credential]) -> BTreeSet<UserId> {
    let listed = ids(users);
    let owners = credentials.iter().map(|credential| &credential.owner);
    // A row that names no owner says nothing about the users.
    owners.filter(|owner| !owner.as_str().is_empty() && !listed.contains(owner)).cloned().collect()
}
