//! Nobody can be told.

use super::meta::{About, Cis, Meta, Remedy};
use super::{Evidence, Level, Rule, UserCase};
use crate::attributes::{AttributeSet, UserAttribute};

pub(super) static META: Meta = Meta {
    id: "owner-without-email",
    title: "Owner has no mail address",
    meaning: "The owner of credentials has no mail address in the domain.",
    why: "Nobody can be told when a credential is due, and a review cannot tell whose account it is.",
    fix: "Give the user a current mail address, for a machine's account that of the team that runs it.",
    about: About::User,
    level: Level::Low,
    remedy: Remedy::SetEmail,
    cis: &[Cis::new("1.2", "1.12"), Cis::new("2.0", "1.13"), Cis::new("3.1", "1.13")],
    settings: &[],
};

pub(super) struct OwnerWithoutEmail;

impl Rule for OwnerWithoutEmail {
    fn user<'a>(&self, case: &UserCase<'_, 'a>) -> Option<Evidence<'a>> {
        let without = case.user.email.is_nothing() && !case.holdings.is_empty();
        without.then_some(Evidence::State("no mail address is set"))
    }

    fn needs(&self) -> AttributeSet {
        AttributeSet::of(UserAttribute::Email)
    }
}
