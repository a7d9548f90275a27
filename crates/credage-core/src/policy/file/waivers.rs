//! Waivers of the policy file.

use toml::Spanned;

use super::Reader;
use super::grounds::{Calendar, Grounds, Written};
use super::overlap::Overlaps;
use super::raw::{RawWaiver, Texts};
use crate::config::ConfigError;
use crate::policy::Waiver;
use crate::rules::{About, by_id};

impl Reader<'_> {
    /// The waivers, in the order of the file. Mistakes are kept, and a waiver with one is left out.
    pub(super) fn waivers(&mut self, raw: &[Spanned<RawWaiver>], calendar: Calendar<'_>) -> Vec<Waiver> {
        let mut waivers = Overlaps::default();
        for raw in raw {
            let waiver = self.waiver(raw, calendar).and_then(|waiver| {
                self.check_overlap(raw, &waiver, &waivers)?;
                Ok(waiver)
            });
            if let Some(waiver) = self.keep(waiver) {
                waivers.add(waiver);
            }
        }
        waivers.into_waivers()
    }

    fn check_overlap(
        &self,
        raw: &Spanned<RawWaiver>,
        waiver: &Waiver,
        others: &Overlaps,
    ) -> Result<(), ConfigError> {
        let Some(other) = others.first(waiver) else { return Ok(()) };
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

    fn waiver(&self, raw: &Spanned<RawWaiver>, calendar: Calendar<'_>) -> Result<Waiver, ConfigError> {
        let written = raw.get_ref();
        let anybody = |text: &Spanned<String>| text.get_ref().trim().chars().all(|c| c == '*');
        if written.user.0.iter().all(anybody) && written.credential.0.is_empty() && written.kind.0.is_empty()
        {
            return Err(self
                .error(raw, "the waiver would except everybody from everything")
                .hint("give at least one of user, credential and kind"));
        }
        let grounds = Written {
            what: "waiver",
            example: "the vendor rotates it in March",
            span: raw.span(),
            reason: written.reason.as_ref(),
            ticket: written.ticket.as_ref(),
            approved_by: written.approved_by.as_ref(),
            until: written.until.as_ref(),
        };
        let Grounds { reason, ticket, approved_by, until, ends } = self.grounds(&grounds, calendar)?;
        Ok(Waiver {
            users: self.users(&written.user)?,
            credentials: self.credentials(&written.credential)?,
            kinds: self.kinds(&written.kind)?,
            domains: self.domains(&written.domain)?,
            rules: self.rule_ids(written)?,
            reason,
            ticket,
            approved_by,
            until,
            ends,
            line: self.line(raw),
        })
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
