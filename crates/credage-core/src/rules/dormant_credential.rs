//! Alive although its capability was switched off.

use super::meta::{About, Meta, Remedy};
use super::{CredentialCase, Evidence, Level, Rule};
use crate::attributes::{AttributeSet, UserAttribute};
use crate::due::Standing;
use crate::kind::Kind;
use crate::user::Capability;

pub(super) static META: Meta = Meta {
    id: "dormant-credential",
    title: "Alive with its capability off",
    meaning: "The owner may no longer create credentials of this kind, but one made before still exists.",
    why: "Switching a capability off is taken for the end of the credential; tools that look at capabilities alone never see it again.",
    fix: "Delete the credential, or switch the capability on again if it is needed.",
    about: About::Credential,
    level: Level::High,
    remedy: Remedy::Delete,
    cis: &[],
    settings: &[],
};

pub(super) struct DormantCredential;

impl Rule for DormantCredential {
    fn credential<'a>(&self, case: &CredentialCase<'_, 'a>) -> Option<Evidence<'a>> {
        let off = case.assessed.capability() == Capability::Disabled;
        let alive = !case.assessed.judgement.is(Standing::Expired);
        (off && alive).then_some(Evidence::Judgement)
    }

    fn needs(&self) -> AttributeSet {
        Kind::ALL.into_iter().map(UserAttribute::Capability).collect()
    }
}
