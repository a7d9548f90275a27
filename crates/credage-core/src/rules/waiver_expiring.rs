//! A waiver whose time is almost over.

use super::meta::{About, Meta, Remedy};
use super::{Evidence, Level, Rule, WaiverCase};
use crate::policy::WaiverState;

pub(super) static META: Meta = Meta {
    id: "waiver-expiring",
    title: "Waiver expires soon",
    meaning: "The waiver ends within the warning window; what it excepts will count again then.",
    why: "Rotating or renewing takes time that should begin before the end.",
    fix: "Rotate what it excepts, or agree on a new end with whoever approved it.",
    about: About::Waiver,
    level: Level::Low,
    remedy: Remedy::EditPolicy,
    cis: &[],
    settings: &[],
};

pub(super) struct WaiverExpiring;

impl Rule for WaiverExpiring {
    fn waiver<'a>(&self, case: &WaiverCase<'_>) -> Option<Evidence<'a>> {
        let state = case.policy.waiver_state(case.waiver, case.now);
        matches!(state, WaiverState::Expiring { .. }).then_some(Evidence::WaiverEnds(case.waiver.ends))
    }
}
