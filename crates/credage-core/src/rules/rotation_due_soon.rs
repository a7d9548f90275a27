//! Inside the warning window.

use super::meta::{About, Meta, Remedy};
use super::{CredentialCase, Evidence, Level, Rule};
use crate::due::Standing;

pub(super) static META: Meta = Meta {
    id: "rotation-due-soon",
    title: "Due soon",
    meaning: "The credential reaches the policy's limit, or its own expiry, within the warning window.",
    why: "Now is the time at which rotating it is planned work and not an incident.",
    fix: "Rotate it before the day on which it is due.",
    about: About::Credential,
    level: Level::Low,
    remedy: Remedy::Rotate,
    cis: &[],
    settings: &[],
};

pub(super) struct RotationDueSoon;

impl Rule for RotationDueSoon {
    fn credential<'a>(&self, case: &CredentialCase<'_, 'a>) -> Option<Evidence<'a>> {
        case.assessed.judgement.is(Standing::DueSoon).then_some(Evidence::Judgement)
    }
}
