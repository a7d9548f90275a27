//! The policy file: parsed into raw types, then validated into a [`Policy`] that cannot be wrong.
//!
//! Flag over environment over file over default; where each value comes from is remembered. A mistake is a
//! [`ConfigError`] with its place, and is found before anything is asked of OCI.

mod classes;
mod confirmations;
mod example;
mod grounds;
mod limits;
mod misplaced;
mod overlap;
mod raw;
mod rivals;
mod rules;
mod schema;
mod waivers;

use std::collections::HashSet;
use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use self::example::example;
use self::grounds::Calendar;
use self::raw::{RawDays, RawPolicy};
pub use self::schema::schema;
use super::origin::{Origin, Origins};
use super::{Boundary, Policy, index};
use crate::config::{ConfigError, ConfigSource, did_you_mean};
use crate::days::Days;

/// What lies over the policy file, each with where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `rotation.max_age`.
    pub max_age: Option<(Days, Origin)>,
    /// `rotation.warn_before`.
    pub warn_before: Option<(Days, Origin)>,
    /// `strict = true`, where it is asked for.
    pub strict: Option<Origin>,
}

/// The mistakes of a policy file, in the order of its lines; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes {
    /// The first.
    pub first: Box<ConfigError>,
    /// The others.
    pub rest: Vec<ConfigError>,
}

impl Mistakes {
    /// One alone.
    pub fn one(mistake: ConfigError) -> Self {
        Self { first: Box::new(mistake), rest: Vec::new() }
    }

    /// These and another one, where it is not among them.
    #[must_use]
    pub fn and(self, other: ConfigError) -> Self {
        let mut all: Vec<ConfigError> = self.into_all().collect();
        if !all.contains(&other) {
            all.push(other.clone());
        }
        all.sort_by_key(|mistake| (mistake.line, mistake.column));
        let mut all = all.into_iter();
        Self { first: Box::new(all.next().unwrap_or(other)), rest: all.collect() }
    }

    /// All of them.
    pub fn into_all(self) -> impl Iterator<Item = ConfigError> {
        std::iter::once(*self.first).chain(self.rest)
    }
}

/// Reads the policy of a file (the defaults without one) under `overrides`; waivers are held against `now`.
pub fn read(
    source: Option<&ConfigSource>,
    overrides: &Overrides,
    now: Timestamp,
) -> Result<Policy, ConfigError> {
    check(source, overrides, now).map_err(|mistakes| *mistakes.first)
}

/// The same, with every mistake that can be told from one reading: a file that does not parse, or has a key that is not
/// known, has only that one; of a class, a rule or a waiver it is the first.
pub fn check(
    source: Option<&ConfigSource>,
    overrides: &Overrides,
    now: Timestamp,
) -> Result<Policy, Mistakes> {
    let empty = ConfigSource::new("the policy", "");
    let file = source.map(|source| source.origin.clone());
    let source = source.unwrap_or(&empty);
    let (raw, document) = parse(source).map_err(Mistakes::one)?;
    let mut reader =
        Reader { source, origins: Origins::default(), mistakes: Vec::new(), known: HashSet::new() };
    let boundary = reader.boundary(&raw);
    let boundary = reader.keep(boundary).unwrap_or_default();
    let max_waiver = reader.max_waiver(raw.max_waiver.as_ref());
    let max_waiver = reader.keep(max_waiver).unwrap_or(Policy::DEFAULT_MAX_WAIVER);
    let general = reader.general(&raw.rotation, overrides);
    let limits = reader.limits(&general);
    let classes = reader.classes(&raw.class, &general);
    let rules = reader.rules(&document);
    let calendar = Calendar { boundary: &boundary, max: max_waiver, now };
    let waivers = reader.waivers(&raw.waiver, calendar);
    let confirmed_empty = reader.confirmations(&raw.confirmed_empty, calendar);
    let strict = reader.strict(raw.strict.as_ref(), overrides);
    let Reader { origins, mut mistakes, .. } = reader;
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    let mut mistakes = mistakes.into_iter();
    match mistakes.next() {
        Some(first) => Err(Mistakes { first: Box::new(first), rest: mistakes.collect() }),
        None => Ok(Policy {
            limits,
            classes,
            rules,
            waivers,
            confirmed_empty,
            strict,
            max_waiver,
            boundary,
            origins,
            file,
            index: index::Lazy::default(),
        }),
    }
}

/// What the file says, as the raw types take it and as it is.
fn parse(source: &ConfigSource) -> Result<(RawPolicy, DeTable<'_>), ConfigError> {
    let document = DeTable::parse(&source.text).map_err(|error| source.parse_error(&error))?.into_inner();
    // A list would be taken for the fields of the table, one after the other.
    if let Some((_, value)) = document.get_key_value("rotation")
        && !matches!(value.get_ref(), DeValue::Table(_))
    {
        return Err(source
            .error(Some(value.span()), "`rotation` is a table, and there is one alone")
            .hint("write its name in single brackets: `[rotation]`"));
    }
    let raw = toml::from_str(&source.text);
    let raw = raw.map_err(|error| misplaced::with_place(source.parse_error(&error)))?;
    Ok((raw, document))
}

/// Validates, and remembers where values come from and what is wrong.
struct Reader<'s> {
    source: &'s ConfigSource,
    origins: Origins,
    mistakes: Vec<ConfigError>,
    /// Where the mistakes are, and what they are.
    known: HashSet<(usize, usize, String)>,
}

impl Reader<'_> {
    /// What is right; what is wrong is kept, once.
    fn keep<T>(&mut self, result: Result<T, ConfigError>) -> Option<T> {
        let mistake = match result {
            Ok(value) => return Some(value),
            Err(mistake) => mistake,
        };
        let what = format!("{}: {}", mistake.origin, mistake.message);
        if self.known.insert((mistake.line, mistake.column, what)) {
            self.mistakes.push(mistake);
        }
        None
    }

    /// A mistake in a value.
    fn error<T>(&self, value: &Spanned<T>, message: impl Into<String>) -> ConfigError {
        self.source.error(Some(value.span()), message)
    }

    /// Remembers that a value stands in the file.
    fn found<T>(&mut self, key: impl Into<String>, value: &Spanned<T>) {
        let origin = self.in_file(value.span());
        self.origins.set(key, origin);
    }

    fn in_file(&self, span: Range<usize>) -> Origin {
        let line = self.source.line(span.start);
        Origin::File { file: self.source.origin.clone(), line }
    }

    fn line<T>(&self, value: &Spanned<T>) -> usize {
        self.source.line(value.span().start)
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

    fn strict(&mut self, raw: Option<&Spanned<bool>>, overrides: &Overrides) -> bool {
        if let Some(origin) = &overrides.strict {
            self.origins.set("strict", origin.clone());
            return true;
        }
        raw.is_some_and(|strict| {
            self.found("strict", strict);
            *strict.get_ref()
        })
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

#[cfg(test)]
#[path = "mistakes_tests.rs"]
mod mistakes_tests;

#[cfg(test)]
#[path = "example_tests.rs"]
mod example_tests;
