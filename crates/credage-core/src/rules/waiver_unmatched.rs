//! A waiver that means nothing that exists.

use super::meta::{About, Meta, Remedy};
use super::{Evidence, Level, Rule, WaiverCase};

pub(super) static META: Meta = Meta {
    id: "waiver-unmatched",
    title: "Waiver matches nothing",
    meaning: "No user and no credential that was read is meant by the waiver.",
    why: "It was misspelt, or what it excepted is gone; either way it says something that is not so.",
    fix: "Correct the waiver, or remove it.",
    about: About::Waiver,
    level: Level::Medium,
    remedy: Remedy::EditPolicy,
    cis: &[],
    settings: &[],
};

pub(super) struct WaiverUnmatched;

impl Rule for WaiverUnmatched {
    fn waiver<'a>(&self, case: &WaiverCase<'_>) -> Option<Evidence<'a>> {
        (case.matched == Some(false)).then_some(Evidence::State("it means no user and no credential"))
    }
}
