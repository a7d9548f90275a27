//! Owned by somebody for whom the domain answered 404.

use super::meta::{About, Meta, Remedy};
use super::{CredentialCase, Evidence, Level, Rule};
use crate::inventory::OwnerState;

pub(super) static META: Meta = Meta {
    id: "orphaned-credential",
    title: "Owner is gone",
    meaning: "The credential names an owner who is not among the users of the domain, and the domain answers 404 when asked for this owner by id.",
    why: "Nobody can be told to rotate it, and no review of users will ever come across it.",
    fix: "Find out what uses it, move that to a user who exists, and delete the credential.",
    about: About::Credential,
    level: Level::High,
    remedy: Remedy::Delete,
    cis: &[],
    settings: &[],
};

pub(super) struct OrphanedCredential;

impl Rule for OrphanedCredential {
    fn credential<'a>(&self, case: &CredentialCase<'_, 'a>) -> Option<Evidence<'a>> {
        // A row that does not say whose it is says nothing about whether the owner is still there.
        let gone = case.assessed.credential.has_owner() && case.assessed.owner_state() == OwnerState::Gone;
        (case.users_complete && gone).then_some(Evidence::Judgement)
    }
}
