//! What is allowed: the rotation limit and the warning before it.

use crate::days::Days;

/// How old a credential may become, and from when on it is warned of. A credential's own expiry is always honoured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    max_age: Days,
    warn_before: Days,
}

/// A policy that contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
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

impl Policy {
    /// 90 days: what the CIS OCI Foundations Benchmark asks for (controls 1.8 to 1.11 of version 3.1).
    pub const DEFAULT_MAX_AGE: Days = Days::literal(90);
    /// 15 days: the warning starts on day 75 of 90.
    pub const DEFAULT_WARN_BEFORE: Days = Days::literal(15);

    /// A policy of `max_age`, with a warning from `warn_before` the limit (or the own expiry) on.
    pub const fn new(max_age: Days, warn_before: Days) -> Result<Self, PolicyError> {
        if max_age.get() == 0 {
            return Err(PolicyError::NoAge);
        }
        if warn_before.get() > max_age.get() {
            return Err(PolicyError::WarningTooEarly { max_age, warn_before });
        }
        Ok(Self { max_age, warn_before })
    }

    /// The age from which on a credential is overdue.
    pub const fn max_age(&self) -> Days {
        self.max_age
    }

    /// How long before it is due a credential is due soon.
    pub const fn warn_before(&self) -> Days {
        self.warn_before
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self { max_age: Self::DEFAULT_MAX_AGE, warn_before: Self::DEFAULT_WARN_BEFORE }
    }
}
