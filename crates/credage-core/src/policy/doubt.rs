//! What of the policy cannot be decided about somebody, and what applies then: the strictest limit that could.

use super::class::Candidate;
use super::meant::{Lack, Meant};
use super::{AppliedLimit, Limit, Policy};
use crate::attributes::AttributeReadings;
use crate::kind::Kind;

/// What is open about an owner or a credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubt {
    /// The classes that may be the owner's, by their places in [`Policy::classes`]; `None` stands for no class. Empty where the
    /// class is certain.
    pub classes: Vec<Option<usize>>,
    /// What could not be decided, and for lack of what.
    pub open: Vec<(Clause, Lack)>,
}

/// A part of the policy that means somebody or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clause {
    /// The class at this place of [`Policy::classes`].
    Class(usize),
    /// The waiver at this place of [`Policy::waivers`].
    Waiver(usize),
}

impl Clause {
    /// What it is called: `class machines`, or `waiver in line 12`.
    pub fn name(self, policy: &Policy) -> String {
        match self {
            Self::Class(place) => {
                let name = policy.classes().get(place).map(|class| class.name.as_str());
                format!("class {}", name.unwrap_or_default())
            }
            Self::Waiver(place) => {
                let line = policy.waivers().get(place).map_or(0, |waiver| waiver.line);
                format!("waiver in line {line}")
            }
        }
    }
}

/// The class of somebody, as far as it is certain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Membership {
    /// The class; `None` for none, and where it is in doubt.
    pub(crate) class: Option<usize>,
    /// What is open.
    pub(crate) doubt: Doubt,
}

impl Policy {
    /// The class that claims somebody: the first in order that certainly does, unless one before it may.
    pub(crate) fn membership(&self, who: &Candidate<'_>) -> Membership {
        let mut doubt = Doubt::default();
        let mut class = None;
        for place in self.index().classes(who) {
            let Some(each) = self.classes().get(place) else { continue };
            match each.members.mean(who) {
                Meant::No => {}
                Meant::Yes => {
                    class = Some(place);
                    break;
                }
                Meant::Unknown(lack) => {
                    doubt.classes.push(Some(place));
                    doubt.open.push((Clause::Class(place), lack));
                }
            }
        }
        if !doubt.classes.is_empty() {
            doubt.classes.push(class);
            class = None;
        }
        Membership { class, doubt }
    }

    /// The limit of a kind: that of the class, or the strictest of those that are possible.
    pub(crate) fn limit_for(&self, class: Option<usize>, doubt: &Doubt, kind: Kind) -> Limit {
        let possible = doubt.classes.iter().map(|class| self.limits_of(*class).of(kind));
        possible.reduce(Limit::stricter).unwrap_or_else(|| self.limits_of(class).of(kind))
    }

    /// The same with what it is made of.
    pub(crate) fn applied_limit_for(&self, class: Option<usize>, doubt: &Doubt, kind: Kind) -> AppliedLimit {
        let possible = doubt.classes.iter().map(|class| self.applied_limit(*class, kind));
        possible.reduce(AppliedLimit::stricter).unwrap_or_else(|| self.applied_limit(class, kind))
    }
}

impl Doubt {
    /// Whether nothing is open.
    pub const fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The classes that are possible, in words: `machines or none`. Nothing where the class is certain.
    pub fn possible_classes(&self, policy: &Policy) -> Option<String> {
        let name = |class: &Option<usize>| {
            let class = class.and_then(|place| policy.classes().get(place));
            class.map_or("none", |class| class.name.as_str())
        };
        let names: Vec<&str> = self.classes.iter().map(name).collect();
        (!names.is_empty()).then(|| names.join(" or "))
    }

    /// What is open, one sentence each.
    pub fn sentences(&self, policy: &Policy, readings: &AttributeReadings) -> Vec<String> {
        let sentence =
            |(clause, lack): &(Clause, Lack)| format!("{}: {}", clause.name(policy), lack.sentence(readings));
        self.open.iter().map(sentence).collect()
    }
}
