//! Limits and classes of the policy file.
//!
//! What one place does not say is taken from around it: a kind's limit of a class from the class, a class's from the
//! kind's general limit, that from `[rotation]`, and what nobody says is credage's default.

use toml::Spanned;

use super::raw::{ByKind, RawClass, RawDays, RawLimit, RawMembers, RawRotation, Texts};
use super::{Overrides, Reader};
use crate::config::ConfigError;
use crate::days::Days;
use crate::kind::Kind;
use crate::pattern::{Pattern, PatternError, UserPattern};
use crate::policy::class::in_order;
use crate::policy::{Class, Limit, LimitError, Limits, Members};

/// What one place says of a limit.
#[derive(Clone, Copy)]
struct Layer<'r> {
    max_age: Option<&'r Spanned<RawDays>>,
    warn_before: Option<&'r Spanned<RawDays>>,
    exempt: Option<&'r Spanned<bool>>,
}

impl RawRotation {
    fn layer(&self) -> Layer<'_> {
        let Self { max_age, warn_before, exempt, .. } = self;
        Layer { max_age: max_age.as_ref(), warn_before: warn_before.as_ref(), exempt: exempt.as_ref() }
    }
}

impl RawClass {
    fn layer(&self) -> Layer<'_> {
        let Self { max_age, warn_before, exempt, .. } = self;
        Layer { max_age: max_age.as_ref(), warn_before: warn_before.as_ref(), exempt: exempt.as_ref() }
    }
}

impl RawLimit {
    fn layer(&self) -> Layer<'_> {
        let Self { max_age, warn_before, exempt } = self;
        Layer { max_age: max_age.as_ref(), warn_before: warn_before.as_ref(), exempt: exempt.as_ref() }
    }
}

impl Reader<'_> {
    /// The limits of everybody who is in no class.
    pub(super) fn limits(
        &mut self,
        rotation: &RawRotation,
        overrides: &Overrides,
    ) -> Result<Limits, ConfigError> {
        self.remember("rotation", rotation.layer());
        for (key, value) in [("max_age", &overrides.max_age), ("warn_before", &overrides.warn_before)] {
            if let Some((_, origin)) = value {
                self.origins.set(format!("rotation.{key}"), origin.clone());
            }
        }
        let default = self.limit(&[rotation.layer()], overrides)?;
        let mut kinds = Vec::new();
        for kind in Kind::ALL {
            let Some(raw) = rotation.of(kind) else {
                kinds.push(default);
                continue;
            };
            self.remember(&format!("rotation.{kind}"), raw.layer());
            kinds.push(self.limit(&[raw.layer(), rotation.layer()], overrides)?);
        }
        Ok(Limits::new(default, |kind| kinds.get(kind.index()).copied().unwrap_or(default)))
    }

    /// The classes, in the order in which they are asked.
    pub(super) fn classes(
        &mut self,
        raw: Vec<RawClass>,
        rotation: &RawRotation,
        overrides: &Overrides,
    ) -> Result<Vec<Class>, ConfigError> {
        let mut classes: Vec<Class> = Vec::new();
        for raw in raw {
            let class = self.class(&raw, rotation, overrides)?;
            if class.name.is_empty() {
                return Err(self.error(&raw.name, "a class needs a name").hint("write such as \"machines\""));
            }
            if let Some(other) = classes.iter().find(|other| other.name == class.name) {
                let message = format!("there is another class `{}`, in line {}", class.name, other.line);
                return Err(self.error(&raw.name, message).hint("give each class a name of its own"));
            }
            let rival =
                classes.iter().find(|other| other.rank() == class.rank() && !other.is_disjoint(&class));
            if let Some(rival) = rival {
                let message = format!(
                    "the classes `{}` (line {}) and `{}` could claim the same user with equal right",
                    rival.name, rival.line, class.name
                );
                return Err(self.error(&raw.name, message).hint(
                    "add `priority = 1` to the one that is to win, or a criterion that the other does not have",
                ));
            }
            classes.push(class);
        }
        Ok(in_order(classes))
    }

    fn class(
        &mut self,
        raw: &RawClass,
        rotation: &RawRotation,
        overrides: &Overrides,
    ) -> Result<Class, ConfigError> {
        let members = self.members(raw.members.get_ref())?;
        if members.is_nobody() {
            return Err(self
                .error(&raw.members, "the class means nobody: it has no criterion")
                .hint("give at least one of user, group, user_type, service_user, tag and domain"));
        }
        let name = raw.name.get_ref().trim().to_owned();
        self.remember(&format!("class.{name}"), raw.layer());
        let general = |kind: Kind| rotation.of(kind).map(RawLimit::layer);
        let default = self.limit(&[raw.layer(), rotation.layer()], overrides)?;
        let mut kinds = Vec::new();
        for kind in Kind::ALL {
            let own = raw.of(kind).map(RawLimit::layer);
            if let Some(own) = own {
                self.remember(&format!("class.{name}.{kind}"), own);
            }
            let layers = [own, Some(raw.layer()), general(kind), Some(rotation.layer())];
            kinds.push(self.limit(&layers.into_iter().flatten().collect::<Vec<_>>(), overrides)?);
        }
        let limits = Limits::new(default, |kind| kinds.get(kind.index()).copied().unwrap_or(default));
        Ok(Class { name, members, limits, priority: raw.priority, line: self.line(&raw.name) })
    }

    /// The limit that layers give, innermost first.
    fn limit(&self, layers: &[Layer<'_>], overrides: &Overrides) -> Result<Limit, ConfigError> {
        // Who says first whether age matters: an exemption, or an age.
        let decides = layers.iter().find(|layer| layer.exempt.is_some() || layer.max_age.is_some());
        if let Some(Layer { max_age: Some(age), exempt: Some(exempt), .. }) = decides
            && *exempt.get_ref()
        {
            return Err(self
                .error(age, "a limit and an exemption from it exclude each other")
                .hint("remove one"));
        }
        let warn = layers.iter().find_map(|layer| layer.warn_before);
        let warn_before = match (self.overridden(layers, overrides.warn_before.as_ref(), warn), warn) {
            (Some(days), _) => days,
            (None, Some(days)) => self.days(days)?,
            (None, None) => Limit::DEFAULT_WARN_BEFORE,
        };
        if decides.and_then(|layer| layer.exempt).is_some_and(|exempt| *exempt.get_ref()) {
            return Ok(Limit::exempt(warn_before));
        }
        let age = layers.iter().find_map(|layer| layer.max_age);
        let max_age = match (self.overridden(layers, overrides.max_age.as_ref(), age), age) {
            (Some(days), _) => days,
            (None, Some(days)) => self.days(days)?,
            (None, None) => Limit::DEFAULT_MAX_AGE,
        };
        Limit::new(max_age, warn_before).map_err(|error| self.impossible(&error, age, warn))
    }

    /// What lies over the file, where the value would come from `[rotation]` itself or from nowhere.
    fn overridden(
        &self,
        layers: &[Layer<'_>],
        value: Option<&(Days, crate::policy::Origin)>,
        found: Option<&Spanned<RawDays>>,
    ) -> Option<Days> {
        let (days, _) = value?;
        let outermost = layers.last()?;
        let general = |layer: &Spanned<RawDays>| {
            [outermost.max_age, outermost.warn_before]
                .into_iter()
                .flatten()
                .any(|each| std::ptr::eq(each, layer))
        };
        found.is_none_or(general).then_some(*days)
    }

    fn impossible(
        &self,
        error: &LimitError,
        age: Option<&Spanned<RawDays>>,
        warn: Option<&Spanned<RawDays>>,
    ) -> ConfigError {
        let place = match error {
            LimitError::NoAge => age,
            LimitError::WarningTooEarly { .. } => warn.or(age),
        };
        let wrong = self.source.error(place.map(Spanned::span), error.to_string());
        match (error, warn) {
            (LimitError::WarningTooEarly { max_age, .. }, None) => wrong.hint(format!(
                "the warning is the general one of {} days; add `warn_before` of at most {max_age} days beside it",
                Limit::DEFAULT_WARN_BEFORE
            )),
            _ => wrong,
        }
    }

    fn members(&self, raw: &RawMembers) -> Result<Members, ConfigError> {
        let mut tags = Vec::new();
        for (key, value) in &raw.tag {
            let pattern = Pattern::parse(value.get_ref()).map_err(|error| self.bad_pattern(value, &error))?;
            tags.push((key.clone().into_boxed_str(), pattern));
        }
        Ok(Members {
            users: self.users(&raw.user)?,
            groups: self.patterns(&raw.group)?,
            tags,
            user_types: self.patterns(&raw.user_type)?,
            service_user: raw.service_user,
            domains: self.patterns(&raw.domain)?,
        })
    }

    /// Patterns for users.
    pub(super) fn users(&self, texts: &Texts) -> Result<Vec<UserPattern>, ConfigError> {
        let parse = |text: &Spanned<String>| {
            UserPattern::parse(text.get_ref()).map_err(|error| self.bad_pattern(text, &error))
        };
        texts.0.iter().map(parse).collect()
    }

    /// Patterns for other names.
    pub(super) fn patterns(&self, texts: &Texts) -> Result<Vec<Pattern>, ConfigError> {
        let parse = |text: &Spanned<String>| {
            Pattern::parse(text.get_ref()).map_err(|error| self.bad_pattern(text, &error))
        };
        texts.0.iter().map(parse).collect()
    }

    fn bad_pattern(&self, text: &Spanned<String>, error: &PatternError) -> ConfigError {
        self.error(text, error.to_string()).hint("write such as \"svc-*\" or \"ada@example.com\"")
    }

    fn remember(&mut self, key: &str, layer: Layer<'_>) {
        if let Some(value) = layer.max_age {
            self.found(format!("{key}.max_age"), value);
        }
        if let Some(value) = layer.warn_before {
            self.found(format!("{key}.warn_before"), value);
        }
        if let Some(value) = layer.exempt {
            self.found(format!("{key}.exempt"), value);
        }
    }
}
