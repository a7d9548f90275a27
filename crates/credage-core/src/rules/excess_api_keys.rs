//! More API keys than one user should have.

use super::meta::{About, Cis, Meta, Preset, Remedy, Setting, Values};
use super::{Evidence, Level, Rule, UserCase};
use crate::kind::Kind;

pub(super) static META: Meta = Meta {
    id: "excess-api-keys",
    title: "More API keys than allowed",
    meaning: "The user has more API keys than the policy allows.",
    why: "Each key is another way in, and with several of them nobody knows which one is in use.",
    fix: "Find out which key is in use and delete the others.",
    about: About::User,
    level: Level::Medium,
    remedy: Remedy::DeleteSurplus,
    cis: &[Cis::new("3.1", "1.17")],
    settings: &[Setting { key: "max", doc: "API keys that one user may have.", default: Preset::Count(1) }],
};

pub(super) struct ExcessApiKeys {
    max: u32,
}

impl ExcessApiKeys {
    pub(super) fn new(values: &Values) -> Self {
        Self { max: values.count("max") }
    }
}

impl Rule for ExcessApiKeys {
    fn user<'a>(&self, case: &UserCase<'_, 'a>) -> Option<Evidence<'a>> {
        let have = case.holdings.of(Kind::ApiKey).alive;
        (have > self.max).then_some(Evidence::Count { have, allowed: self.max })
    }
}
