//! What is allowed, what is excepted, and how grave it is: limits, classes of users, rules and waivers.
//!
//! A [`Policy`] cannot be wrong: it is made by [`read`] from a file and what lies over it, or from a single limit.

mod applied;
mod boundary;
mod claim;
mod class;
pub mod file;
mod limit;
mod origin;
mod waiver;

pub use self::applied::{AppliedLimit, Given};
pub use self::boundary::Boundary;
pub use self::claim::{Claim, Precedence};
pub(crate) use self::class::Candidate;
pub use self::class::{Class, Members};
pub use self::file::{Overrides, read, schema};
pub use self::limit::{Limit, LimitError, Limits};
pub use self::origin::{Origin, Origins};
pub use self::waiver::Waiver;
use crate::days::Days;
use crate::rules::{Level, Meta, REGISTRY, Values};
use crate::user::UserDetails;

/// What is allowed, what is excepted, and how grave it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    limits: Limits,
    classes: Vec<Class>,
    rules: Vec<RuleConfig>,
    waivers: Vec<Waiver>,
    max_waiver: Days,
    boundary: Boundary,
    origins: Origins,
    file: Option<String>,
}

/// How a rule is applied.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleConfig {
    /// What is declared of it.
    pub meta: &'static Meta,
    /// How grave its findings are; off where it is not applied.
    pub level: Level,
    /// Its settings.
    pub values: Values,
}

impl Policy {
    /// How far ahead a waiver may end, where the policy does not say: a year.
    pub const DEFAULT_MAX_WAIVER: Days = Days::literal(365);

    /// One limit for everything, and the rules as they are declared.
    pub fn of(limit: Limit) -> Self {
        let config =
            |meta: &'static Meta| RuleConfig { meta, level: meta.level, values: Values::defaults(meta) };
        Self {
            limits: Limits::all(limit),
            classes: Vec::new(),
            rules: REGISTRY.iter().map(|rule| config(rule.meta)).collect(),
            waivers: Vec::new(),
            max_waiver: Self::DEFAULT_MAX_WAIVER,
            boundary: Boundary::Instants,
            origins: Origins::default(),
            file: None,
        }
    }

    /// The limits of everybody who is in no class.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The classes, in the order in which they are asked.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Every rule, in the order of the registry.
    pub fn rules(&self) -> &[RuleConfig] {
        &self.rules
    }

    /// How one rule is applied.
    pub fn rule(&self, id: &str) -> Option<&RuleConfig> {
        self.rules.iter().find(|rule| rule.meta.id == id)
    }

    /// The waivers, in the order of the file.
    pub fn waivers(&self) -> &[Waiver] {
        &self.waivers
    }

    /// How far ahead a waiver may end.
    pub const fn max_waiver(&self) -> Days {
        self.max_waiver
    }

    /// How days are counted.
    pub const fn boundary(&self) -> &Boundary {
        &self.boundary
    }

    /// Where the values come from.
    pub const fn origins(&self) -> &Origins {
        &self.origins
    }

    /// The file that it was read from.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Which details of users must be read for classes and rules to work.
    pub fn needs(&self) -> UserDetails {
        let applied = self.rules.iter().filter(|rule| rule.level != Level::Off);
        let groups = applied.filter_map(|rule| {
            let registered = REGISTRY.iter().find(|each| each.meta == rule.meta)?;
            Some(registered.make(&rule.values).needs().groups)
        });
        UserDetails {
            groups: groups.fold(false, |any, each| any || each)
                || self.classes.iter().any(|class| class.members.needs_groups()),
            tags: self.classes.iter().any(|class| class.members.needs_tags()),
            ..UserDetails::USUAL
        }
    }

    /// The class that claims somebody, with its place.
    pub(crate) fn class_of(&self, who: &Candidate<'_>) -> Option<usize> {
        self.classes.iter().position(|class| class.members.mean(who))
    }

    /// The limits of a class; those of everybody without one.
    pub(crate) fn limits_of(&self, class: Option<usize>) -> &Limits {
        class.and_then(|place| self.classes.get(place)).map_or(&self.limits, |class| &class.limits)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::of(Limit::default())
    }
}
