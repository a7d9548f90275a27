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
use crate::rules::{About, by_id};

impl Reader<'_> {
    /// The waivers, in the order of the file. Mistakes are kept, and a waiver with one is left out.
    pub(super) fn waivers(
        &mut self,
        raw: &[Spanned<RawWaiver>],
        boundary: &Boundary,
        max: Days,
        now: Timestamp,
    ) -> Vec<Waiver> {
        let mut waivers: Vec<Waiver> = Vec::new();
        for raw in raw {
            let waiver = self.waiver(raw, boundary, max, now).and_then(|waiver| {
                self.check_overlap(raw, &waiver, &waivers)?;
                Ok(waiver)
            });
            waivers.extend(self.keep(waiver));
        }
        waivers
    }

    fn check_overlap(
        &self,
        raw: &Spanned<RawWaiver>,
        waiver: &Waiver,
        others: &[Waiver],
    ) -> Result<(), ConfigError> {
        let Some(other) = others.iter().find(|other| !other.is_disjoint(waiver)) else { return Ok(()) };
        let message = format!(
            "this waiver and the one in line {} ({}) can except the same finding, so nobody knows whose reason and end \
             count",
            other.line,
            other.subject()
        );
        Err(self
            .error(raw, message)
            .hint("join them, or name users, kinds, domains or rules so that they no longer overlap"))
    }

    fn waiver(
        &self,
        raw: &Spanned<RawWaiver>,
        boundary: &Boundary,
        max: Days,
        now: Timestamp,
    ) -> Result<Waiver, ConfigError> {
        let written = raw.get_ref();
        let anybody = |text: &Spanned<String>| text.get_ref().trim().chars().all(|c| c == '*');
        if written.user.0.iter().all(anybody) && written.credential.0.is_empty() && written.kind.0.is_empty()
        {
            return Err(self
                .error(raw, "the waiver would except everybody from everything")
                .hint("give at least one of user, credential and kind"));
        }
        let text = |value: &Option<Spanned<String>>| {
            let text = value.as_ref().map(|text| text.get_ref().trim()).filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let required = |value: &Option<Spanned<String>>, key: &str, example: &str| {
            text(value).ok_or_else(|| {
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
            rules: self.rule_ids(written)?,
            reason,
            ticket: text(&written.ticket),
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
        // A time of day would be dropped in silence: the last day counts in full.
        let whole = |day: &Date| day.to_string() == text;
        let day: Date = text.parse().ok().filter(whole).ok_or_else(malformed)?;
        let ends = boundary.end_of(day).ok_or_else(malformed)?;
        let latest = boundary.day_after(now, max);
        if let Some(latest) = latest.filter(|latest| day > *latest) {
            return Err(self
                .error(written, format!("a waiver may end {max} days ahead at most (`max_waiver`)"))
                .hint(format!("write {latest} or an earlier day, or raise `max_waiver`")));
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

    fn rule_ids(&self, written: &RawWaiver) -> Result<Vec<&'static str>, ConfigError> {
        let by_credential = !(written.kind.0.is_empty() && written.credential.0.is_empty());
        let named = |text: &Spanned<String>| {
            let meta = by_id(text.get_ref().trim());
            let meta = meta.ok_or_else(|| self.unknown_rule(text.get_ref(), text.span()))?;
            let id = meta.id;
            match meta.about {
                // Whoever names a credential alone would except all users.
                About::User if by_credential => Err(self
                    .error(text, format!("`{id}` is about users, whom `kind` and `credential` do not select"))
                    .hint("make a waiver of its own for it, with `user`")),
                About::Waiver => Err(self
                    .error(text, format!("`{id}` is about waivers, which none can except"))
                    .hint(format!("set its level: [rules.{id}] level = \"off\""))),
                About::Credential | About::User => Ok(id),
            }
        };
        written.rule.0.iter().map(named).collect()
    }
}
