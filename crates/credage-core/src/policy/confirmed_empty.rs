//! Confirmations that a kind is empty: what an auditor checked where the domain itself does not tell "none" from "not
//! visible".

use std::fmt::Write as _;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::Policy;
use super::waiver::WaiverState;
use crate::domain::Domain;
use crate::domain_pattern::DomainPattern;
use crate::kind::Kind;

/// How many days ahead a proposed confirmation ends, where the policy allows it.
const PROPOSED_DAYS: u32 = 90;

/// A confirmation: where and of which kinds there is nothing, why that is known, who approved it, and until when it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfirmedEmpty {
    /// Domains; all where empty.
    pub domains: Vec<DomainPattern>,
    /// Kinds; all where empty.
    pub kinds: Vec<Kind>,
    /// How it is known.
    pub reason: String,
    /// Where it was discussed.
    pub ticket: Option<String>,
    /// Who approved it.
    pub approved_by: String,
    /// The last day on which it holds.
    pub until: Date,
    /// The instant at which that day is over.
    pub ends: Timestamp,
    /// The line of the policy file that declares it.
    pub line: usize,
}

impl ConfirmedEmpty {
    /// Whether it holds at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.ends
    }

    /// Whether it is about a kind of a domain, whether it holds or not. Where that cannot be told, it is not.
    pub fn is_about(&self, domain: &Domain, kind: Kind) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind))
            && (self.domains.is_empty() || DomainPattern::any(&self.domains, domain) == Some(true))
    }

    /// What it is about, in words.
    pub fn subject(&self) -> String {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        let domains: Vec<&str> = self.domains.iter().map(DomainPattern::as_str).collect();
        let kinds =
            if kinds.is_empty() { "every kind".to_owned() } else { format!("kind {}", kinds.join(", ")) };
        if domains.is_empty() { kinds } else { format!("{kinds}, domain {}", domains.join(", ")) }
    }
}

impl Policy {
    /// The confirmations, in the order of the file.
    pub fn confirmations(&self) -> &[ConfirmedEmpty] {
        &self.confirmed_empty
    }

    /// The confirmation that a kind of a domain is empty that holds at `now`.
    pub fn confirmed_empty(&self, domain: &Domain, kind: Kind, now: Timestamp) -> Option<&ConfirmedEmpty> {
        self.confirmed_empty.iter().find(|each| each.holds(now) && each.is_about(domain, kind))
    }

    /// The latest confirmation that was about a kind of a domain and no longer holds at `now`.
    pub fn lapsed_confirmation(
        &self,
        domain: &Domain,
        kind: Kind,
        now: Timestamp,
    ) -> Option<&ConfirmedEmpty> {
        let lapsed = |each: &&ConfirmedEmpty| !each.holds(now) && each.is_about(domain, kind);
        self.confirmed_empty.iter().filter(lapsed).max_by_key(|each| each.ends)
    }

    /// Confirmations that are about nothing of `unconfirmed`: none of these kinds needs them. Ask only where every domain
    /// was read.
    pub fn idle_confirmations(&self, unconfirmed: &[(&Domain, Kind)]) -> Vec<&ConfirmedEmpty> {
        let idle =
            |each: &&ConfirmedEmpty| !unconfirmed.iter().any(|(domain, kind)| each.is_about(domain, *kind));
        self.confirmed_empty.iter().filter(idle).collect()
    }

    /// How long a confirmation still holds at `now`. Its end is announced as a waiver's is.
    pub fn confirmation_state(&self, confirmation: &ConfirmedEmpty, now: Timestamp) -> WaiverState {
        self.state_of(confirmation.ends, now)
    }

    /// The lines of a policy file that confirm that kinds of a domain are empty. The reader is to replace the reason and the
    /// approver by their own.
    pub fn propose_confirmation(&self, domain: &Domain, kinds: &[Kind], now: Timestamp) -> String {
        let today = TimeZone::UTC.to_datetime(now).date();
        let days = PROPOSED_DAYS.min(self.max_waiver().get());
        let until = today.checked_add(i64::from(days).days()).unwrap_or(today);
        let name = if domain.ocid.is_some() { domain.display_name.as_deref() } else { None };
        let comment = name.map_or_else(String::new, |name| format!("  # {}", printable(name)));
        let mut text = String::from("[[confirmed_empty]]\n");
        let _ = writeln!(text, "domain = {}{comment}", quoted(&domain.id().to_string()));
        if kinds.len() == Kind::COUNT {
            text.push_str("all = true\n");
        } else {
            let kinds: Vec<String> = kinds.iter().map(|kind| quoted(kind.as_str())).collect();
            let list = kinds.join(", ");
            let _ = if kinds.len() == 1 {
                writeln!(text, "kind = {list}")
            } else {
                writeln!(text, "kind = [{list}]")
            };
        }
        text.push_str("reason = \"checked in the console\"\napproved_by = \"you@example.com\"\n");
        let _ = writeln!(text, "until = {until}");
        text
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// What can stand in a comment: one line without control characters.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use crate::config::{ConfigError, ConfigSource};
    use crate::policy::{Mistakes, Overrides, check};

    use super::*;

    const NOW: &str = "2026-06-01T12:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn parse(text: &str) -> Result<Policy, Mistakes> {
        check(Some(&ConfigSource::new("credage.toml", text)), &Overrides::default(), now())
    }

    fn entry(lines: &str) -> String {
        format!(
            "[[confirmed_empty]]\n{lines}\nreason = \"checked\"\napproved_by = \"ciso\"\nuntil = 2026-07-01\n"
        )
    }

    fn domain() -> Domain {
        Domain {
            ocid: Some("ocid1.domain.oc1..a".into()),
            ..Domain::at("Default", "https://a.example.com:443")
        }
    }

    #[test]
    fn an_entry_confirms_what_it_names_until_its_end() {
        let text =
            entry("domain = \"https://A.example.com/\"\nkind = [\"smtp_credential\", \"db-credentials\"]")
                + &entry("domain = \"Other\"\nall = true")
                + &entry("kinds = \"auth_token\"");
        let policy = parse(&text).unwrap();
        let line = |domain: &Domain, kind| policy.confirmed_empty(domain, kind, now()).map(|each| each.line);
        assert_eq!(line(&domain(), Kind::SmtpCredential), Some(1));
        assert_eq!(line(&domain(), Kind::DbCredential), Some(1));
        assert_eq!(line(&domain(), Kind::ApiKey), None);
        assert_eq!(line(&domain(), Kind::AuthToken), Some(13));
        assert_eq!(line(&Domain::at("other", "https://b.example.com"), Kind::ApiKey), Some(7));
        let unnamed = Domain::unnamed("b.example.com", "https://b.example.com");
        assert_eq!(line(&unnamed, Kind::ApiKey), None, "it may be another domain, so nothing is confirmed");
        let ends: Timestamp = "2026-07-02T00:00:00Z".parse().unwrap();
        let later = |kind| policy.confirmed_empty(&domain(), kind, ends).is_some();
        assert!(!later(Kind::SmtpCredential) && !later(Kind::AuthToken));
        assert_eq!(policy.lapsed_confirmation(&domain(), Kind::SmtpCredential, ends).unwrap().line, 1);
        assert_eq!(policy.lapsed_confirmation(&domain(), Kind::SmtpCredential, now()), None);
        let idle = policy.idle_confirmations(&[(&domain(), Kind::AuthToken)]);
        assert_eq!(idle.iter().map(|each| each.line).collect::<Vec<_>>(), [1, 7]);
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        let shown = |text: &str, line: usize, part: &str| {
            let wrong: Vec<ConfigError> = parse(text).unwrap_err().into_all().collect();
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            assert!(wrong[0].line == line && wrong[0].message.contains(part), "{:?}", wrong[0]);
            assert!(wrong[0].hint.is_some(), "{:?}", wrong[0]);
        };
        shown(&entry("domain = \"Default\""), 1, "does not say which kinds");
        shown(&entry("all = false"), 1, "does not say which kinds");
        shown(&entry("kind = \"api_key\"\nall = true"), 3, "`all` already names every kind");
        shown(&entry("kind = \"smtp\""), 2, "not a kind of credential");
        shown(&entry("all = true\ndomain = \"\""), 3, "empty");
        shown(&entry("all = true").replace("reason = \"checked\"\n", ""), 1, "no `reason`");
        shown(&entry("all = true").replace("\"ciso\"", "\" \""), 4, "no `approved_by`");
        shown(&entry("all = true").replace("until = 2026-07-01\n", ""), 1, "no `until`");
        shown(&entry("all = true").replace("2026-07-01", "2027-07-01"), 5, "365 days ahead");
        shown(&entry("all = true").replace("2026-07-01", "\"soon\""), 5, "is no day");
        let two = entry("all = false") + &entry("kind = \"smtp\"");
        assert_eq!(parse(&two).unwrap_err().into_all().count(), 2, "all mistakes at once");
    }

    #[test]
    fn the_proposed_lines_confirm_exactly_what_they_were_made_for() {
        let nasty = Domain { display_name: Some("a\nall = true #\"".into()), ..domain() };
        for domain in [domain(), nasty, Domain::unnamed("b.example.com", "https://b.example.com:443")] {
            for kinds in [&[Kind::SmtpCredential][..], &[Kind::ApiKey, Kind::AuthToken], &Kind::ALL] {
                let text = Policy::default().propose_confirmation(&domain, kinds, now());
                let policy = parse(&text).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
                for kind in Kind::ALL {
                    let confirmed = policy.confirmed_empty(&domain, kind, now()).is_some();
                    assert_eq!(confirmed, kinds.contains(&kind), "{text}");
                }
            }
        }
    }
}
