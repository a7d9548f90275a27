//! No login for a long time, or ever.

use super::meta::{About, Cis, Meta, Preset, Remedy, Setting, Values};
use super::signs_in::{SIGNS_IN, signs_in};
use super::{Evidence, Level, Rule, UserCase};
use crate::attributes::{AttributeSet, UserAttribute};
use crate::days::Days;
use crate::known::Known;

pub(super) static META: Meta = Meta {
    id: "stale-owner",
    title: "Owner has not signed in for long",
    meaning: "The owner of credentials may sign in to the console and has not done so for long, or ever. Service users \
              and federated users, who sign in elsewhere, are left out.",
    why: "An account that nobody uses is one whose abuse nobody notices, and its credentials go on working.",
    fix: "Ask whether the account is still needed; deactivate it, or take the console password away where it is a \
          machine's account.",
    about: About::User,
    level: Level::Medium,
    remedy: Remedy::Deactivate,
    cis: &[Cis::new("3.1", "1.16")],
    settings: &[Setting {
        key: "after",
        doc: "How long an owner may go without signing in.",
        default: Preset::Days(45),
    }],
};

pub(super) struct StaleOwner {
    after: Days,
}

impl StaleOwner {
    pub(super) fn new(values: &Values) -> Self {
        Self { after: values.days("after") }
    }
}

impl Rule for StaleOwner {
    fn user<'a>(&self, case: &UserCase<'_, 'a>) -> Option<Evidence<'a>> {
        let user = case.user;
        if !signs_in(user) || case.holdings.is_empty() {
            return None;
        }
        let (at, seen) = match user.last_login {
            Known::Value(at) => (Some(at), at),
            // Who was made only lately has had no time to sign in.
            Known::Nothing => (None, user.created.copied()?),
            Known::NotRead => return None,
        };
        let stale = seen.checked_add(self.after.duration()).is_ok_and(|end| end <= case.now);
        stale.then_some(Evidence::LastLogin { at, allowed: self.after })
    }

    fn needs(&self) -> AttributeSet {
        SIGNS_IN.into_iter().chain([UserAttribute::LastLogin, UserAttribute::Created]).collect()
    }
}
