//! Without a date to judge by.

use super::meta::{About, Meta, Remedy};
use super::{CredentialCase, Evidence, Level, Rule};

pub(super) static META: Meta = Meta {
    id: "undated-credential",
    title: "Age not known",
    meaning: "The domain gives no usable date for the credential, so nobody can say how old it is.",
    why: "What cannot be dated cannot be shown to be within the limit; an auditor will count it as overdue.",
    fix: "Look the credential up in the console; where its age stays unknown, rotate it.",
    about: About::Credential,
    level: Level::Medium,
    remedy: Remedy::Date,
    cis: &[],
    settings: &[],
};

pub(super) struct UndatedCredential;

impl Rule for UndatedCredential {
    fn credential<'a>(&self, case: &CredentialCase<'_, 'a>) -> Option<Evidence<'a>> {
        case.assessed.judgement.undated.is_some().then_some(Evidence::Judgement)
    }
}
