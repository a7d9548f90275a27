//! How old a credential may become.

use crate::days::Days;
use crate::kind::{Kind, PerKind};

/// How old a credential may become, and from when on it is warned of. Its own expiry is honoured all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    max_age: Option<Days>,
    warn_before: Days,
}

/// A limit that contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// The limit is no time at all.
    #[error("a maximum age of 0 days would make every credential overdue at once; give at least 1 day")]
    NoAge,
    /// The warning would start before the credential exists.
    #[error(
        "a warning {warn_before} days before the limit does not fit a maximum age of {max_age} days; \
         give at most {max_age}"
    )]
    WarningTooEarly {
        /// The limit.
        max_age: Days,
        /// The warning that is longer.
        warn_before: Days,
    },
}

impl Limit {
    /// 90 days: what the CIS OCI Foundations Benchmark asks for (controls 1.8 to 1.11 of version 3.1).
    pub const DEFAULT_MAX_AGE: Days = Days::literal(90);
    /// 15 days: the warning starts on day 75 of 90.
    pub const DEFAULT_WARN_BEFORE: Days = Days::literal(15);

    /// A limit of `max_age`, with a warning from `warn_before` the limit (or the own expiry) on.
    pub const fn new(max_age: Days, warn_before: Days) -> Result<Self, LimitError> {
        if max_age.get() == 0 {
            return Err(LimitError::NoAge);
        }
        if warn_before.get() > max_age.get() {
            return Err(LimitError::WarningTooEarly { max_age, warn_before });
        }
        Ok(Self { max_age: Some(max_age), warn_before })
    }

    /// No limit but the own expiry, of which it is warned `warn_before`.
    pub const fn exempt(warn_before: Days) -> Self {
        Self { max_age: None, warn_before }
    }

    /// The stricter of both in every respect: the lower age, and the earlier warning as far as that age has room for it.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        let max_age = match (self.max_age, other.max_age) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        let warn_before = self.warn_before.max(other.warn_before);
        Self { max_age, warn_before: max_age.map_or(warn_before, |age| age.min(warn_before)) }
    }

    /// The age from which on a credential is overdue; `None` where it is exempt.
    pub const fn max_age(self) -> Option<Days> {
        self.max_age
    }

    /// How long before it is due a credential is due soon.
    pub const fn warn_before(self) -> Days {
        self.warn_before
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self { max_age: Some(Self::DEFAULT_MAX_AGE), warn_before: Self::DEFAULT_WARN_BEFORE }
    }
}

/// A limit for each kind, and the one that they were derived from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// What holds where no kind says otherwise.
    pub default: Limit,
    kinds: PerKind<Limit>,
}

impl Limits {
    /// One limit for all kinds.
    pub fn all(limit: Limit) -> Self {
        Self { default: limit, kinds: PerKind::from_fn(|_| limit) }
    }

    /// The default, and what each kind has of its own.
    pub fn new(default: Limit, mut of: impl FnMut(Kind) -> Limit) -> Self {
        Self { default, kinds: PerKind::from_fn(&mut of) }
    }

    /// The limit of a kind.
    pub fn of(&self, kind: Kind) -> Limit {
        *self.kinds.get(kind)
    }
}
