//! May create what they have none of.

use super::KindSet;
use super::meta::{About, Meta, Remedy};
use super::{Evidence, Level, Rule, UserCase};
use crate::attributes::{AttributeSet, UserAttribute};
use crate::coverage::Coverage;
use crate::kind::Kind;
use crate::user::Capability;

pub(super) static META: Meta = Meta {
    id: "unused-capability",
    title: "May create, never did",
    meaning: "The user may create credentials of these kinds and has none of them.",
    why: "A capability that nobody uses is only of use to somebody who takes over the account.",
    fix: "Switch the capabilities off that the user does not need (least privilege).",
    about: About::User,
    level: Level::Info,
    remedy: Remedy::TakeCapability,
    cis: &[],
    settings: &[],
};

pub(super) struct UnusedCapability;

impl Rule for UnusedCapability {
    fn user<'a>(&self, case: &UserCase<'_, 'a>) -> Option<Evidence<'a>> {
        if case.domain.users_reading.coverage != Coverage::Complete || case.user.active.is(false) {
            return None;
        }
        let readings = &case.domain.readings;
        let unused = KindSet::of(|kind| {
            case.user.capability(kind) == Capability::Enabled
                && readings.get(kind).coverage == Coverage::Complete
                && case.holdings.of(kind).all == 0
        });
        (!unused.is_empty()).then_some(Evidence::Unused(unused))
    }

    fn needs(&self) -> AttributeSet {
        Kind::ALL.into_iter().map(UserAttribute::Capability).collect()
    }
}
