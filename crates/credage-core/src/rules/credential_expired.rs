//! Past its own expiry.

use super::meta::{About, Meta, Remedy};
use super::{CredentialCase, Evidence, Level, Rule};
use crate::due::Standing;

pub(super) static META: Meta = Meta {
    id: "credential-expired",
    title: "Past its own expiry",
    meaning: "The credential has passed the expiry that it was created with and no longer works.",
    why: "It takes one of the few places that a user has, and something may still try to use it.",
    fix: "Create a new one where it is still needed, and delete the expired one.",
    about: About::Credential,
    level: Level::Medium,
    remedy: Remedy::Delete,
    cis: &[],
    settings: &[],
};

pub(super) struct CredentialExpired;

impl Rule for CredentialExpired {
    fn credential<'a>(&self, case: &CredentialCase<'_, 'a>) -> Option<Evidence<'a>> {
        case.assessed.judgement.is(Standing::Expired).then_some(Evidence::Judgement)
    }
}
