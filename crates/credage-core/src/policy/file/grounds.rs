//! What every exception of the policy file has to give: why, approved by whom, and until when.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use toml::Spanned;

use super::Reader;
use super::raw::{RawDay, Texts};
use crate::config::{ConfigError, did_you_mean};
use crate::days::Days;
use crate::kind::Kind;
use crate::policy::Boundary;

/// The grounds as they are written.
pub(super) struct Written<'r> {
    /// What is excepted: `waiver` or `confirmation`.
    pub(super) what: &'static str,
    /// An example of a reason.
    pub(super) example: &'static str,
    /// The whole table.
    pub(super) span: Range<usize>,
    pub(super) reason: Option<&'r Spanned<String>>,
    pub(super) ticket: Option<&'r Spanned<String>>,
    pub(super) approved_by: Option<&'r Spanned<String>>,
    pub(super) until: Option<&'r Spanned<RawDay>>,
}

/// The grounds.
pub(super) struct Grounds {
    pub(super) reason: String,
    pub(super) ticket: Option<String>,
    pub(super) approved_by: String,
    pub(super) until: Date,
    pub(super) ends: Timestamp,
}

/// What ends are measured by.
#[derive(Clone, Copy)]
pub(super) struct Calendar<'b> {
    pub(super) boundary: &'b Boundary,
    /// How far ahead an end may be.
    pub(super) max: Days,
    pub(super) now: Timestamp,
}

impl Reader<'_> {
    pub(super) fn grounds(
        &self,
        written: &Written<'_>,
        calendar: Calendar<'_>,
    ) -> Result<Grounds, ConfigError> {
        let reason = self.required(written, written.reason, "reason", written.example)?;
        let approved_by = self.required(written, written.approved_by, "approved_by", "ciso@example.com")?;
        let (until, ends) = self.until(written, calendar)?;
        Ok(Grounds { reason, ticket: text(written.ticket), approved_by, until, ends })
    }

    fn required(
        &self,
        written: &Written<'_>,
        value: Option<&Spanned<String>>,
        key: &str,
        example: &str,
    ) -> Result<String, ConfigError> {
        text(value).ok_or_else(|| {
            let wrong = format!("the {} has no `{key}`, which it needs", written.what);
            let place = value.map_or_else(|| written.span.clone(), Spanned::span);
            self.source.error(Some(place), wrong).hint(format!("add such as {key} = \"{example}\""))
        })
    }

    fn until(&self, written: &Written<'_>, calendar: Calendar<'_>) -> Result<(Date, Timestamp), ConfigError> {
        let Calendar { boundary, max, now } = calendar;
        let what = written.what;
        let Some(given) = written.until else {
            let wrong =
                format!("the {what} has no `until`; an exception without an end is a change of policy");
            let wrong = self.source.error(Some(written.span.clone()), wrong);
            return Err(wrong.hint("add such as until = 2027-01-31"));
        };
        let text = given.get_ref().0.trim();
        let malformed =
            || self.error(given, format!("`{text}` is no day")).hint("write such as until = 2027-01-31");
        // A time of day would be dropped in silence: the last day counts in full.
        let whole = |day: &Date| day.to_string() == text;
        let day: Date = text.parse().ok().filter(whole).ok_or_else(malformed)?;
        let ends = boundary.end_of(day).ok_or_else(malformed)?;
        let latest = boundary.day_after(now, max);
        if let Some(latest) = latest.filter(|latest| day > *latest) {
            return Err(self
                .error(given, format!("a {what} may end {max} days ahead at most (`max_waiver`)"))
                .hint(format!("write {latest} or an earlier day, or raise `max_waiver`")));
        }
        Ok((day, ends))
    }

    /// Kinds by name.
    pub(super) fn kinds(&self, texts: &Texts) -> Result<Vec<Kind>, ConfigError> {
        let named = |text: &Spanned<String>| {
            text.get_ref().parse().map_err(|error: crate::kind::UnknownKind| {
                let wrong = self.error(text, error.to_string());
                let near = did_you_mean(text.get_ref(), Kind::ALL.map(Kind::as_str));
                wrong.hint(near.map_or_else(
                    || "write such as \"api_key\"".to_owned(),
                    |kind| format!("write \"{kind}\""),
                ))
            })
        };
        texts.0.iter().map(named).collect()
    }
}

/// A text that is given and not blank.
fn text(value: Option<&Spanned<String>>) -> Option<String> {
    let text = value.map(|text| text.get_ref().trim()).filter(|text| !text.is_empty());
    text.map(str::to_owned)
}
