//! Owned by somebody who is deactivated.

use super::meta::{About, Meta, Remedy};
use super::{CredentialCase, Evidence, Level, Rule};
use crate::attributes::{AttributeSet, UserAttribute};

pub(super) static META: Meta = Meta {
    id: "inactive-owner",
    title: "Owner is inactive",
    meaning: "The owner is deactivated, but a credential of theirs still exists.",
    why: "Nobody watches over it, and it works again the moment the user is activated.",
    fix: "Delete the credential; what still needs it should have a user of its own.",
    about: About::Credential,
    level: Level::High,
    remedy: Remedy::Delete,
    cis: &[],
    settings: &[],
};

pub(super) struct InactiveOwner;

impl Rule for InactiveOwner {
    fn credential<'a>(&self, case: &CredentialCase<'_, 'a>) -> Option<Evidence<'a>> {
        (case.assessed.owner_active() == Some(false)).then_some(Evidence::Judgement)
    }

    fn needs(&self) -> AttributeSet {
        AttributeSet::of(UserAttribute::Active)
    }
}
