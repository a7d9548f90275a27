//! Waivers of the policy file.

use jiff::Timestamp;
use jiff::civil::Date;
use toml::Spanned;

use super::Reader;
use super::raw::{RawWaiver, Texts};
use crate::config::{ConfigError, did_you_mean};
use crate::days::Days;
use crate::kind::Kind;
use crate::policy::{Boundary, Waiver};
use crate::rules::by_id;

impl Reader<'_> {
    /// The waivers, in the order of the file.
    pub(super) fn waivers(
        &self,
        raw: Vec<Spanned<RawWaiver>>,
        boundary: &Boundary,
        max: Days,
        now: Timestamp,
    ) -> Result<Vec<Waiver>, ConfigError> {
        let mut waivers: Vec<Waiver> = Vec::new();
        for raw in raw {
            let waiver = self.waiver(&raw, boundary, max, now)?;
            if let Some(other) = waivers.iter().find(|other| !other.is_disjoint(&waiver)) {
                let message = format!(
                    "this waiver and the one in line {} ({}) can except the same finding, so nobody knows whose reason \
                     and end count",
                    other.line,
                    other.subject()
                );
                return Err(self.error(&raw, message).hint(
                    "join them, or name users, kinds, domains or rules so that they no longer overlap",
                ));
            }
            waivers.push(waiver);
        }
        Ok(waivers)
    }

    fn waiver(
        &self,
        raw: &Spanned<RawWaiver>,
        boundary: &Boundary,
        max: Days,
        now: Timestamp,
    ) -> Result<Waiver, ConfigError> {
        let written = raw.get_ref();
        if written.user.0.is_empty() && written.credential.0.is_empty() && written.kind.0.is_empty() {
            return Err(self
                .error(raw, "the waiver would except everybody from everything")
                .hint("give at least one of user, credential and kind"));
        }
        let required = |value: &Option<Spanned<String>>, key: &str, example: &str| {
            let text = value.as_ref().map(|text| text.get_ref().trim()).filter(|text| !text.is_empty());
            text.map(str::to_owned).ok_or_else(|| {
                let wrong = format!("the waiver has no `{key}`, which it needs");
                let place = value.as_ref().map_or_else(|| raw.span(), Spanned::span);
                self.source.error(Some(place), wrong).hint(format!("add such as {key} = \"{example}\""))
            })
        };
        let reason = required(&written.reason, "reason", "the vendor rotates it in March")?;
        let approved_by = required(&written.approved_by, "approved_by", "ciso@example.com")?;
        let (until, ends) = self.until(raw, boundary, max, now)?;
        Ok(Waiver {
            users: self.users(&written.user)?,
            credentials: self.credentials(&written.credential)?,
            kinds: self.kinds(&written.kind)?,
            domains: self.patterns(&written.domain)?,
            rules: self.rule_ids(&written.rule)?,
            reason,
            ticket: written.ticket.as_ref().map(|ticket| ticket.get_ref().trim().to_owned()),
            approved_by,
            until,
            ends,
            line: self.line(raw),
        })
    }

    fn until(
        &self,
        raw: &Spanned<RawWaiver>,
        boundary: &Boundary,
        max: Days,
        now: Timestamp,
    ) -> Result<(Date, Timestamp), ConfigError> {
        let Some(written) = &raw.get_ref().until else {
            return Err(self
                .error(raw, "the waiver has no `until`; an exception without an end is a change of policy")
                .hint("add such as until = 2027-01-31"));
        };
        let text = written.get_ref().0.trim();
        let malformed =
            || self.error(written, format!("`{text}` is no day")).hint("write such as until = 2027-01-31");
        let day: Date = text.parse().map_err(|_| malformed())?;
        let ends = boundary.end_of(day).ok_or_else(malformed)?;
        // The day on which it may end at the latest is a whole day, too.
        let latest = boundary.after(now, max).and_then(|at| at.checked_add(Days::literal(1).duration()).ok());
        if latest.is_some_and(|latest| ends > latest) {
            return Err(self
                .error(written, format!("a waiver may end {max} days ahead at most (`max_waiver`)"))
                .hint("choose an earlier day, or raise `max_waiver`"));
        }
        Ok((day, ends))
    }

    fn credentials(&self, texts: &Texts) -> Result<Vec<Box<str>>, ConfigError> {
        let named = |text: &Spanned<String>| {
            let trimmed = text.get_ref().trim();
            if trimmed.is_empty() || trimmed.contains(['*', '?']) {
                return Err(self
                    .error(text, "a credential is named by its whole id or fingerprint")
                    .hint("`credage audit --format csv` shows the ids"));
            }
            Ok(trimmed.into())
        };
        texts.0.iter().map(named).collect()
    }

    fn kinds(&self, texts: &Texts) -> Result<Vec<Kind>, ConfigError> {
        let named = |text: &Spanned<String>| {
            text.get_ref().parse().map_err(|error: crate::kind::UnknownKind| {
                let wrong = self.error(text, error.to_string());
                match did_you_mean(text.get_ref(), Kind::ALL.map(Kind::as_str)) {
                    Some(kind) => wrong.hint(format!("write \"{kind}\"")),
                    None => wrong,
                }
            })
        };
        texts.0.iter().map(named).collect()
    }

    fn rule_ids(&self, texts: &Texts) -> Result<Vec<&'static str>, ConfigError> {
        let named = |text: &Spanned<String>| {
            let id = text.get_ref().trim().replace('_', "-");
            by_id(&id).map(|meta| meta.id).ok_or_else(|| self.unknown_rule(text.get_ref(), text.span()))
        };
        texts.0.iter().map(named).collect()
    }
}
