//! The policy file: parsed into raw types, then validated into a [`Policy`] that cannot be wrong.
//!
//! Flag over environment over file over default; where each value comes from is remembered. A mistake is a
//! [`ConfigError`] with its place, and is found before anything is asked of OCI.

mod limits;
mod raw;
mod rules;
mod schema;
mod waivers;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use toml::Spanned;

use self::raw::{RawDays, RawPolicy};
pub use self::schema::schema;
use super::origin::{Origin, Origins};
use super::{Boundary, Policy};
use crate::config::{ConfigError, ConfigSource, did_you_mean};
use crate::days::Days;

/// What lies over the policy file, each with where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `rotation.max_age`.
    pub max_age: Option<(Days, Origin)>,
    /// `rotation.warn_before`.
    pub warn_before: Option<(Days, Origin)>,
}

/// Reads the policy of a file (the defaults without one) under `overrides`; waivers are held against `now`.
pub fn read(
    source: Option<&ConfigSource>,
    overrides: &Overrides,
    now: Timestamp,
) -> Result<Policy, ConfigError> {
    let empty = ConfigSource::new("the policy", "");
    let source = source.unwrap_or(&empty);
    let raw: RawPolicy = toml::from_str(&source.text).map_err(|error| source.parse_error(&error))?;
    let mut reader = Reader { source, origins: Origins::default() };
    let boundary = reader.boundary(&raw)?;
    let max_waiver = reader.max_waiver(raw.max_waiver.as_ref())?;
    let limits = reader.limits(&raw.rotation, overrides)?;
    let classes = reader.classes(raw.class, &raw.rotation, overrides)?;
    let rules = reader.rules()?;
    let waivers = reader.waivers(raw.waiver, &boundary, max_waiver, now)?;
    let file = (!source.text.is_empty()).then(|| source.origin.clone());
    Ok(Policy { limits, classes, rules, waivers, max_waiver, boundary, origins: reader.origins, file })
}

/// Validates, and remembers where values come from.
struct Reader<'s> {
    source: &'s ConfigSource,
    origins: Origins,
}

impl Reader<'_> {
    /// A mistake in a value.
    fn error<T>(&self, value: &Spanned<T>, message: impl Into<String>) -> ConfigError {
        self.source.error(Some(value.span()), message)
    }

    /// Remembers that a value stands in the file.
    fn found<T>(&mut self, key: impl Into<String>, value: &Spanned<T>) {
        let line = self.source.error(Some(value.span()), "").line;
        self.origins.set(key, Origin::File { file: self.source.origin.clone(), line });
    }

    fn line<T>(&self, value: &Spanned<T>) -> usize {
        self.source.error(Some(value.span()), "").line
    }

    fn days(&self, value: &Spanned<RawDays>) -> Result<Days, ConfigError> {
        value
            .get_ref()
            .0
            .parse()
            .map_err(|error: crate::days::DaysError| self.error(value, error.to_string()))
    }

    fn boundary(&mut self, raw: &RawPolicy) -> Result<Boundary, ConfigError> {
        let calendar = match &raw.boundary {
            None => false,
            Some(name) => {
                self.found("boundary", name);
                match name.get_ref().as_str() {
                    "instants" => false,
                    "calendar" => true,
                    other => {
                        let hint = did_you_mean(other, ["instants", "calendar"]).unwrap_or("calendar");
                        let message =
                            format!("`{other}` is no way to count days; it is `instants` or `calendar`");
                        return Err(self.error(name, message).hint(format!("write \"{hint}\"")));
                    }
                }
            }
        };
        match (calendar, &raw.time_zone) {
            (false, None) => Ok(Boundary::Instants),
            (false, Some(zone)) => Err(self
                .error(zone, "a time zone matters to calendar days alone")
                .hint("add `boundary = \"calendar\"`, or remove the time zone")),
            (true, None) => Ok(Boundary::CalendarDays(TimeZone::UTC)),
            (true, Some(zone)) => {
                self.found("time_zone", zone);
                let found = TimeZone::get(zone.get_ref().trim()).map_err(|_| {
                    self.error(zone, format!("`{}` is no time zone that is known", zone.get_ref()))
                        .hint("write its IANA name, such as \"Europe/Berlin\" or \"UTC\"")
                })?;
                Ok(Boundary::CalendarDays(found))
            }
        }
    }

    fn max_waiver(&mut self, raw: Option<&Spanned<RawDays>>) -> Result<Days, ConfigError> {
        let Some(raw) = raw else { return Ok(Policy::DEFAULT_MAX_WAIVER) };
        self.found("max_waiver", raw);
        let days = self.days(raw)?;
        if days.get() == 0 {
            return Err(self
                .error(raw, "waivers of 0 days cannot be")
                .hint("give at least 1d, or no waivers"));
        }
        Ok(days)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
