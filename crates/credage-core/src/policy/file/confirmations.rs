//! `[[confirmed_empty]]` of the policy file.

use toml::Spanned;

use super::Reader;
use super::grounds::{Calendar, Grounds, Written};
use super::raw::RawConfirmedEmpty;
use crate::config::ConfigError;
use crate::policy::ConfirmedEmpty;

impl Reader<'_> {
    /// The confirmations, in the order of the file. Mistakes are kept, and an entry with one is left out.
    pub(super) fn confirmations(
        &mut self,
        raw: &[Spanned<RawConfirmedEmpty>],
        calendar: Calendar<'_>,
    ) -> Vec<ConfirmedEmpty> {
        let mut confirmations = Vec::new();
        for raw in raw {
            let confirmation = self.confirmation(raw, calendar);
            confirmations.extend(self.keep(confirmation));
        }
        confirmations
    }

    fn confirmation(
        &self,
        raw: &Spanned<RawConfirmedEmpty>,
        calendar: Calendar<'_>,
    ) -> Result<ConfirmedEmpty, ConfigError> {
        let written = raw.get_ref();
        let all = written.all.as_ref().filter(|all| *all.get_ref());
        match (all, written.kind.0.is_empty()) {
            (None, true) => {
                return Err(self
                    .error(raw, "the confirmation does not say which kinds are empty")
                    .hint("add such as kind = \"smtp_credential\", or all = true for every kind"));
            }
            (Some(all), false) => {
                let both = self.error(all, "`all` already names every kind, so `kind` would change nothing");
                return Err(both.hint("remove one of the two"));
            }
            (Some(_), true) | (None, false) => {}
        }
        let grounds = Written {
            what: "confirmation",
            example: "the console shows none",
            span: raw.span(),
            reason: written.reason.as_ref(),
            ticket: written.ticket.as_ref(),
            approved_by: written.approved_by.as_ref(),
            until: written.until.as_ref(),
        };
        let Grounds { reason, ticket, approved_by, until, ends } = self.grounds(&grounds, calendar)?;
        Ok(ConfirmedEmpty {
            domains: self.domains(&written.domain)?,
            kinds: self.kinds(&written.kind)?,
            reason,
            ticket,
            approved_by,
            until,
            ends,
            line: self.line(raw),
        })
    }
}
