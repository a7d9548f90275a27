//! A console password without a second factor.

use super::meta::{About, Cis, Meta, Remedy};
use super::signs_in::{SIGNS_IN, signs_in};
use super::{Evidence, Level, Rule, UserCase};
use crate::attributes::{AttributeSet, UserAttribute};
use crate::user::Mfa;

pub(super) static META: Meta = Meta {
    id: "owner-without-mfa",
    title: "Owner signs in without a second factor",
    meaning: "The owner of credentials may sign in to the console with a password and has no second factor.",
    why: "Whoever learns the password can create credentials in the owner's name.",
    fix: "Let the user enrol a second factor, or take the console password away where it is a machine's account.",
    about: About::User,
    level: Level::Medium,
    remedy: Remedy::EnrolMfa,
    cis: &[Cis::new("1.2", "1.7"), Cis::new("2.0", "1.7"), Cis::new("3.1", "1.7")],
    settings: &[],
};

pub(super) struct OwnerWithoutMfa;

impl Rule for OwnerWithoutMfa {
    fn user<'a>(&self, case: &UserCase<'_, 'a>) -> Option<Evidence<'a>> {
        let without = signs_in(case.user) && case.user.mfa == Mfa::NotEnrolled && !case.holdings.is_empty();
        without.then_some(Evidence::State("no second factor is enrolled"))
    }

    fn needs(&self) -> AttributeSet {
        SIGNS_IN.into_iter().chain([UserAttribute::Mfa]).collect()
    }
}
