//! Which value of the policy a limit is made of.

use super::{Limit, Origin, Policy};
use crate::kind::Kind;

/// A limit that applies, and where both of its values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedLimit {
    /// The limit.
    pub limit: Limit,
    /// What says how old a credential may become, or that it does not matter.
    pub max_age_from: Given,
    /// What says how long before it is warned.
    pub warn_before_from: Given,
}

impl AppliedLimit {
    /// The stricter of both in every respect, with what makes it so.
    pub(super) fn stricter(self, other: Self) -> Self {
        let limit = self.limit.stricter(other.limit);
        let is_own_age = self.limit.max_age() == limit.max_age();
        let is_own_warning = self.limit.warn_before() >= other.limit.warn_before();
        Self {
            limit,
            max_age_from: if is_own_age { self.max_age_from } else { other.max_age_from },
            warn_before_from: if is_own_warning { self.warn_before_from } else { other.warn_before_from },
        }
    }
}

/// A value of the policy: its key, and where that is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Such as `class.machines.api_key.max_age`.
    pub key: String,
    /// Where it is given; the default where nobody gives it.
    pub origin: Origin,
}

impl Policy {
    /// The limit of a kind for the class at a place of [`Policy::classes`] (for everybody who is in none without), and what
    /// it is made of.
    pub fn applied_limit(&self, class: Option<usize>, kind: Kind) -> AppliedLimit {
        let limit = self.limits_of(class).of(kind);
        let class = class.and_then(|place| self.classes().get(place)).map(|class| class.name.as_str());
        let of_class =
            class.into_iter().flat_map(|name| [format!("class.{name}.{kind}"), format!("class.{name}")]);
        // Innermost first, as the policy is read.
        let layers: Vec<String> =
            of_class.chain([format!("rotation.{kind}"), "rotation".to_owned()]).collect();
        let given = |value: &str| {
            let mut keys = layers.iter().map(|layer| format!("{layer}.{value}"));
            let found = keys.find(|key| self.origins().of(key) != Origin::Default);
            let key = found.unwrap_or_else(|| format!("rotation.{value}"));
            Given { origin: self.origins().of(&key), key }
        };
        let age = if limit.max_age().is_some() { "max_age" } else { "exempt" };
        AppliedLimit { limit, max_age_from: given(age), warn_before_from: given("warn_before") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigSource;
    use crate::days::Days;
    use crate::policy::{Overrides, read};

    #[test]
    fn each_value_names_the_place_that_gives_it() {
        let text = r#"
[rotation]
warn_before = "10d"
[rotation.smtp_credential]
exempt = true
[[class]]
name = "machines"
match = { service_user = true }
max_age = "180d"
[class.api_key]
max_age = "60d"
"#;
        let overrides = Overrides {
            max_age: Some((Days::literal(30), Origin::Flag("--max-age"))),
            ..Overrides::default()
        };
        let now = "2026-06-01T12:00:00Z".parse().unwrap();
        let policy = read(Some(&ConfigSource::new("credage.toml", text)), &overrides, now).unwrap();
        let from = |class, kind| {
            let applied = policy.applied_limit(class, kind);
            (
                applied.max_age_from.key,
                applied.max_age_from.origin.to_string(),
                applied.limit.max_age().map(Days::get),
            )
        };
        let is = |key: &str, origin: &str, days| (key.to_owned(), origin.to_owned(), days);
        assert_eq!(
            from(Some(0), Kind::ApiKey),
            is("class.machines.api_key.max_age", "credage.toml line 11", Some(60))
        );
        assert_eq!(
            from(Some(0), Kind::AuthToken),
            is("class.machines.max_age", "credage.toml line 9", Some(180))
        );
        assert_eq!(from(None, Kind::AuthToken), is("rotation.max_age", "option --max-age", Some(30)));
        assert_eq!(
            from(None, Kind::SmtpCredential),
            is("rotation.smtp_credential.exempt", "credage.toml line 5", None)
        );
        let warn = policy.applied_limit(None, Kind::ApiKey).warn_before_from;
        assert_eq!(warn.origin.to_string(), "credage.toml line 3");
        let bare = Policy::default().applied_limit(None, Kind::ApiKey);
        assert_eq!(
            (bare.max_age_from.key.as_str(), bare.max_age_from.origin),
            ("rotation.max_age", Origin::Default)
        );
    }
}
