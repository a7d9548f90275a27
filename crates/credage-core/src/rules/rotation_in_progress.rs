//! A younger one exists: delete the old one.

use super::meta::{About, Meta, Remedy};
use super::{CredentialCase, Evidence, Level, Rule};
use crate::due::Standing;

pub(super) static META: Meta = Meta {
    id: "rotation-in-progress",
    title: "Rotation begun, old one remains",
    meaning: "A younger credential of the same owner and kind exists, and the old one is due.",
    why: "A rotation is over only when the old credential is deleted; until then it can be used like before.",
    fix: "Make sure that nothing uses the old one any more, and delete it by the day on which it is due.",
    about: About::Credential,
    level: Level::Low,
    remedy: Remedy::Delete,
    cis: &[],
    settings: &[],
};

pub(super) struct RotationInProgress;

impl Rule for RotationInProgress {
    fn credential<'a>(&self, case: &CredentialCase<'_, 'a>) -> Option<Evidence<'a>> {
        let judgement = &case.assessed.judgement;
        let is_due = judgement.is(Standing::DueSoon) || judgement.is(Standing::Overdue);
        let own = case.assessed.credential.age_basis().instant()?;
        let credential = case.holdings.of(case.assessed.credential.kind).newest?;
        let made = credential.age_basis().instant()?;
        (is_due && made > own).then_some(Evidence::Newer { credential, made })
    }
}
