//! How many requests a domain answers.

use std::{num::NonZeroU32, str::FromStr};

/// How many requests a domain answers: the group "Others" of Oracle's page "API rate limiting"
/// (`Content/Identity/sku/api-rate-limiting.htm`), by domain type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RateLimit {
    /// 20 a second, 150 a minute.
    Free,
    /// 50 a second, 1500 a minute.
    OracleApps,
    /// 55 a second, 1750 a minute.
    OracleAppsPremium,
    /// 90 a second, 5000 a minute.
    Premium,
    /// 80 a second, 4000 a minute.
    ExternalUser,
    /// No limit.
    #[default]
    Unlimited,
    /// Any other pair.
    Custom {
        /// Requests within any second.
        per_second: NonZeroU32,
        /// Requests within any minute.
        per_minute: NonZeroU32,
    },
}

impl RateLimit {
    /// A pair of limits; zero is taken as one.
    pub fn custom(per_second: u32, per_minute: u32) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self::Custom { per_second: at_least_one(per_second), per_minute: at_least_one(per_minute) }
    }

    /// Requests within any second and within any minute; nothing means no limit.
    pub const fn windows(self) -> Option<(u32, u32)> {
        match self {
            Self::Free => Some((20, 150)),
            Self::OracleApps => Some((50, 1500)),
            Self::OracleAppsPremium => Some((55, 1750)),
            Self::Premium => Some((90, 5000)),
            Self::ExternalUser => Some((80, 4000)),
            Self::Unlimited => None,
            Self::Custom { per_second, per_minute } => Some((per_second.get(), per_minute.get())),
        }
    }
}

/// The text is no rate limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no rate limit; use free, oracle-apps, oracle-apps-premium, premium, external-user, none, or \
     two numbers such as 10/s,300/min"
)]
pub struct BadRateLimit(pub String);

impl FromStr for RateLimit {
    type Err = BadRateLimit;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "free" => Ok(Self::Free),
            "oracle-apps" => Ok(Self::OracleApps),
            "oracle-apps-premium" => Ok(Self::OracleAppsPremium),
            "premium" => Ok(Self::Premium),
            "external-user" => Ok(Self::ExternalUser),
            "none" | "unlimited" => Ok(Self::Unlimited),
            other => pair(other).ok_or_else(|| BadRateLimit(other.to_owned())),
        }
    }
}

fn pair(text: &str) -> Option<RateLimit> {
    let (second, minute) = text.split_once(',')?;
    let per_second = second.trim().strip_suffix("/s")?.parse().ok()?;
    let per_minute = minute.trim().strip_suffix("/min")?.parse().ok()?;
    Some(RateLimit::Custom { per_second, per_minute })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_pairs_are_read_and_nonsense_is_not() {
        assert_eq!("free".parse::<RateLimit>().map(RateLimit::windows), Ok(Some((20, 150))));
        assert_eq!("5/s,100/min".parse(), Ok(RateLimit::custom(5, 100)));
        assert_eq!("none".parse(), Ok(RateLimit::Unlimited));
        for wrong in ["", "5", "0/s,1/min", "5/min,5/s", "5/s,", "-1/s,5/min"] {
            assert_eq!(wrong.parse::<RateLimit>(), Err(BadRateLimit(wrong.to_owned())));
        }
    }
}
