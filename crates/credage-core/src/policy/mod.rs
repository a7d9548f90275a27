//! What is allowed, what is excepted, and how grave it is: limits, classes of users, rules and waivers.
//!
//! A [`Policy`] cannot be wrong: it is made by [`read`] from a file and what lies over it, or from a single limit.

mod applied;
mod boundary;
mod claim;
mod class;
mod confirmed_empty;
mod doubt;
pub mod file;
mod index;
mod limit;
mod meant;
mod origin;
mod waiver;

pub use self::applied::{AppliedLimit, Given};
pub use self::boundary::Boundary;
pub use self::claim::{Claim, Precedence};
pub(crate) use self::class::Candidate;
pub use self::class::{Class, Members};
pub use self::confirmed_empty::ConfirmedEmpty;
pub(crate) use self::doubt::Membership;
pub use self::doubt::{Clause, Doubt};
pub use self::file::{Mistakes, Overrides, check, example, read, schema};
pub use self::limit::{Limit, LimitError, Limits};
pub use self::meant::Lack;
pub(crate) use self::meant::Meant;
pub use self::origin::{LimitOrigins, Origin, Origins};
pub use self::waiver::{Waiver, WaiverState};
use jiff::Timestamp;

use crate::attributes::AttributeSet;
use crate::days::Days;
use crate::domain_pattern::DomainPattern;
use crate::kind::Kind;
use crate::rules::{Level, Meta, REGISTRY, Values};
use crate::user::UserDetails;

/// What is allowed, what is excepted, and how grave it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    limits: Limits,
    classes: Vec<Class>,
    rules: Vec<RuleConfig>,
    waivers: Vec<Waiver>,
    confirmed_empty: Vec<ConfirmedEmpty>,
    strict: bool,
    max_waiver: Days,
    boundary: Boundary,
    origins: Origins,
    file: Option<String>,
    index: index::Lazy,
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
            confirmed_empty: Vec::new(),
            strict: false,
            max_waiver: Self::DEFAULT_MAX_WAIVER,
            boundary: Boundary::Instants,
            origins: Origins::default(),
            file: None,
            index: index::Lazy::default(),
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

    /// How long a waiver still holds at `now`. Its end is warned of like a credential's, with the general warning.
    pub fn waiver_state(&self, waiver: &Waiver, now: Timestamp) -> WaiverState {
        self.state_of(waiver.ends, now)
    }

    fn state_of(&self, ends: Timestamp, now: Timestamp) -> WaiverState {
        if now >= ends {
            return WaiverState::Expired;
        }
        let days_left = self.boundary.left(now, ends);
        if self.boundary.before(ends, self.limits.default.warn_before()) <= now {
            WaiverState::Expiring { days_left }
        } else {
            WaiverState::Holds { days_left }
        }
    }

    /// Whether what is unconfirmed counts as not read.
    pub const fn strict(&self) -> bool {
        self.strict
    }

    /// How far ahead a waiver or a confirmation may end.
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

    /// Where the limit of a kind (or of all, without one) comes from: its age, or that it has none, and its warning.
    /// `class` is the name of a class, or none for everybody who is in no class.
    pub fn limit_origins(&self, class: Option<&str>, kind: Option<Kind>) -> LimitOrigins {
        let class_key = class.map(|name| format!("class.{name}"));
        let of_kind = |key: &str| kind.map(|kind| format!("{key}.{kind}"));
        // Innermost first, as the limits are put together.
        let layers = [
            class_key.as_deref().and_then(of_kind),
            class_key.clone(),
            of_kind("rotation"),
            Some("rotation".to_owned()),
        ];
        let first = |names: &[&str]| {
            let keys = layers
                .iter()
                .flatten()
                .flat_map(|layer| names.iter().map(move |name| format!("{layer}.{name}")));
            keys.map(|key| self.origins.of(&key))
                .find(|origin| *origin != Origin::Default)
                .unwrap_or_default()
        };
        let limits = match class.and_then(|name| self.classes.iter().find(|class| class.name == name)) {
            Some(class) => &class.limits,
            None => &self.limits,
        };
        let limit = kind.map_or(limits.default, |kind| limits.of(kind));
        let age = if limit.max_age().is_none() { first(&["exempt"]) } else { first(&["max_age"]) };
        LimitOrigins { age, warning: first(&["warn_before"]) }
    }

    /// The file that it was read from.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Whether it names domains by OCID or display name, which a domain that is given by its URL does not tell.
    pub fn names_domains(&self) -> bool {
        let classes = self.classes.iter().flat_map(|class| &class.members.domains);
        let waivers = self.waivers.iter().flat_map(|waiver| &waiver.domains);
        let confirmations = self.confirmed_empty.iter().flat_map(|entry| &entry.domains);
        classes.chain(waivers).chain(confirmations).any(DomainPattern::needs_discovery)
    }

    /// Which details of users must be read for classes and rules to work.
    pub fn needs(&self) -> UserDetails {
        let applied = self.rules.iter().filter(|rule| rule.level != Level::Off);
        let rules = applied.filter_map(|rule| {
            let registered = REGISTRY.iter().find(|each| each.meta == rule.meta)?;
            Some(registered.make(&rule.values).needs())
        });
        let classes = self.classes.iter().map(|class| class.members.needs());
        let needed = rules.chain(classes).fold(AttributeSet::NONE, AttributeSet::union);
        UserDetails::USUAL.union(UserDetails::that_bring(needed))
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
