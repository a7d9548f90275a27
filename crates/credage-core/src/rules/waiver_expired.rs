//! A waiver whose time is over.

use super::meta::{About, Meta, Remedy};
use super::{Evidence, Level, Rule, WaiverCase};

pub(super) static META: Meta = Meta {
    id: "waiver-expired",
    title: "Waiver has expired",
    meaning: "The last day of the waiver is over, so what it excepted counts again.",
    why: "An exception that nobody renews or removes hides what was agreed.",
    fix: "Remove the waiver, or agree on a new end with whoever approved it.",
    about: About::Waiver,
    level: Level::Medium,
    remedy: Remedy::EditPolicy,
    cis: &[],
    settings: &[],
};

pub(super) struct WaiverExpired;

impl Rule for WaiverExpired {
    fn waiver<'a>(&self, case: &WaiverCase<'_>) -> Option<Evidence<'a>> {
        (!case.waiver.holds(case.now)).then_some(Evidence::WaiverEnds(case.waiver.ends))
    }
}
