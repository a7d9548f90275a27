//! Older than the limit.

use super::meta::{About, Cis, Meta, Remedy};
use super::{CredentialCase, Evidence, Level, Rule};
use crate::due::Standing;
use crate::kind::Kind;

pub(super) static META: Meta = Meta {
    id: "rotation-overdue",
    title: "Older than the limit",
    meaning: "The credential is older than the policy allows and has not been rotated.",
    why: "The longer a credential lives, the more copies of it exist in scripts, images and former colleagues' notes; whoever finds one can use it until it is deleted.",
    fix: "Create a new credential, switch everything over that uses the old one, test, then delete the old one.",
    about: About::Credential,
    level: Level::High,
    remedy: Remedy::Rotate,
    cis: &[
        Cis::of("1.2", "1.8", Kind::ApiKey),
        Cis::of("1.2", "1.9", Kind::CustomerSecretKey),
        Cis::of("1.2", "1.10", Kind::AuthToken),
        Cis::of("2.0", "1.8", Kind::ApiKey),
        Cis::of("2.0", "1.9", Kind::CustomerSecretKey),
        Cis::of("2.0", "1.10", Kind::AuthToken),
        Cis::of("2.0", "1.11", Kind::DbCredential),
        Cis::of("3.1", "1.8", Kind::ApiKey),
        Cis::of("3.1", "1.9", Kind::CustomerSecretKey),
        Cis::of("3.1", "1.10", Kind::AuthToken),
        Cis::of("3.1", "1.11", Kind::DbCredential),
    ],
    settings: &[],
};

pub(super) struct RotationOverdue;

impl Rule for RotationOverdue {
    fn credential<'a>(&self, case: &CredentialCase<'_, 'a>) -> Option<Evidence<'a>> {
        case.assessed.judgement.is(Standing::Overdue).then_some(Evidence::Judgement)
    }
}
