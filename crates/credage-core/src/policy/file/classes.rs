//! Classes of the policy file.

use toml::Spanned;

use super::Reader;
use super::limits::General;
use super::raw::{RawClass, RawMembers, Texts};
use super::rivals::Rivals;
use crate::config::ConfigError;
use crate::domain_pattern::DomainPattern;
use crate::pattern::{Pattern, PatternError, UserPattern};
use crate::policy::class::in_order;
use crate::policy::{Class, Members};

impl Reader<'_> {
    /// The classes, in the order in which they are asked. Mistakes are kept, and a class with one is left out.
    pub(super) fn classes(&mut self, raw: &[RawClass], general: &General) -> Vec<Class> {
        let mut classes = Rivals::default();
        for raw in raw {
            let class = self.class(raw, general).and_then(|class| {
                self.check_rivals(raw, &class, &classes)?;
                Ok(class)
            });
            if let Some(class) = self.keep(class) {
                classes.add(class);
            }
        }
        in_order(classes.into_classes())
    }

    fn class(&mut self, raw: &RawClass, general: &General) -> Result<Class, ConfigError> {
        let name = raw.name.get_ref().trim().to_owned();
        if name.is_empty() {
            return Err(self.error(&raw.name, "a class needs a name").hint("write such as \"machines\""));
        }
        let members = self.members(raw.members.get_ref())?;
        if members.is_nobody() {
            return Err(self
                .error(&raw.members, "the class means nobody: it has no criterion")
                .hint("give at least one of user, group, user_type, service_user, tag and domain"));
        }
        let limits = self.class_limits(&name, raw, general);
        Ok(Class { name, members, limits, priority: raw.priority, line: self.line(&raw.name) })
    }

    /// Refuses a name that is taken, and a class that could claim somebody with no less right than another.
    fn check_rivals(&self, raw: &RawClass, class: &Class, others: &Rivals) -> Result<(), ConfigError> {
        if let Some(other) = others.named(&class.name) {
            let message = format!("there is another class `{}`, in line {}", class.name, other.line);
            return Err(self.error(&raw.name, message).hint("give each class a name of its own"));
        }
        let Some(rival) = others.first(class) else { return Ok(()) };
        let message = format!(
            "the classes `{}` (line {}) and `{}` could claim the same user with equal right",
            rival.name, rival.line, class.name
        );
        Err(self.error(&raw.name, message).hint(
            "add `priority = 1` to the one that is to win, or a criterion that the other does not have",
        ))
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
            domains: self.domains(&raw.domain)?,
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

    /// Domains by OCID, URL or name.
    pub(super) fn domains(&self, texts: &Texts) -> Result<Vec<DomainPattern>, ConfigError> {
        let parse = |text: &Spanned<String>| {
            let parsed = DomainPattern::parse(text.get_ref());
            parsed.map_err(|error| {
                self.error(text, error.to_string()).hint("write the OCID, the URL or the name of a domain")
            })
        };
        texts.0.iter().map(parse).collect()
    }

    fn bad_pattern(&self, text: &Spanned<String>, error: &PatternError) -> ConfigError {
        self.error(text, error.to_string()).hint("write such as \"svc-*\" or \"ada@example.com\"")
    }
}
