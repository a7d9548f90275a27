//! A domain, named in a policy or on the command line: by OCID, by URL, or by display name with wildcards.

use crate::domain::{Domain, canonical_url};
use crate::pattern::{Folded, Pattern, PatternError};

/// Names one domain or several. What it means does not depend on how a domain was found.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainPattern {
    /// The text as a pattern; of a URL, of its canonical spelling.
    pattern: Pattern,
    written: Box<str>,
    by: By,
}

/// What of a domain is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Ocid,
    Url,
    Name,
}

impl DomainPattern {
    /// Takes an OCID, a URL in any spelling, or a display name with wildcards.
    ///
    /// # Errors
    /// The text cannot name a domain.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let trimmed = text.trim();
        let lower = trimmed.to_lowercase();
        let by = if lower.starts_with("ocid1.") {
            By::Ocid
        } else if lower.starts_with("https://") || lower.starts_with("http://") {
            By::Url
        } else {
            By::Name
        };
        let pattern = match by {
            By::Url => Pattern::parse(&canonical_url(trimmed))?,
            // The dots of an OCID are no regular expression.
            By::Ocid => Pattern::new(trimmed),
            By::Name => Pattern::parse(trimmed)?,
        };
        Ok(Self { pattern, written: trimmed.into(), by })
    }

    /// Whether it means a domain; `None` where the domain's OCID or display name is named and not known.
    pub fn means(&self, domain: &Domain) -> Option<bool> {
        match self.by {
            By::Ocid => domain.ocid.as_deref().map(|ocid| self.is(ocid)),
            By::Url => {
                let own = std::iter::once(domain.url.as_str()).chain(domain.other_url.as_deref());
                Some(own.filter(|url| !url.is_empty()).any(|url| self.is(&canonical_url(url))))
            }
            // Any text at all is matched by `*`, one that nobody told as well. The host is what outputs show of a domain
            // whose name is not known, so it can be written, too.
            By::Name if self.means_any() || self.is(&domain.host()) => Some(true),
            By::Name => domain.display_name.as_deref().map(|name| self.is(name)),
        }
    }

    /// Whether one of several means a domain; `None` where none is known to and one cannot be told.
    pub fn any(patterns: &[Self], domain: &Domain) -> Option<bool> {
        let mut answer = Some(false);
        for pattern in patterns {
            match pattern.means(domain) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => answer = None,
            }
        }
        answer
    }

    /// Whether more than the URL of a domain must be known to tell whether it is meant.
    pub fn needs_discovery(&self) -> bool {
        self.by != By::Url && !self.means_any()
    }

    /// Whether no domain can be meant by both, as far as the texts tell: an OCID says nothing about a name. The two URLs of
    /// one domain begin with the same label (`idcs-…`).
    pub fn is_disjoint(&self, other: &Self) -> bool {
        let labels = || self.first_label() != other.first_label();
        self.by == other.by && self.pattern.is_disjoint(&other.pattern) && (self.by != By::Url || labels())
    }

    /// The first label of a URL's host.
    pub(crate) fn first_label(&self) -> Option<&str> {
        let host = self.as_str().split_once("://").map(|(_, host)| host).filter(|_| self.by == By::Url);
        host.and_then(|host| host.split(['.', ':']).next())
    }

    /// Which sort of text it is: one says nothing about another.
    pub(crate) const fn sort(&self) -> u8 {
        match self.by {
            By::Name => 0,
            By::Ocid => 1,
            By::Url => 2,
        }
    }

    /// The text as a pattern; of a URL, of its canonical spelling.
    pub(crate) const fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// The text in lower case; a URL in its canonical spelling.
    pub fn as_str(&self) -> &str {
        self.pattern.as_str()
    }

    /// The text as it was written.
    pub fn as_written(&self) -> &str {
        &self.written
    }

    fn means_any(&self) -> bool {
        self.pattern.as_str().bytes().all(|byte| byte == b'*')
    }

    fn is(&self, text: &str) -> bool {
        self.pattern.matches(&Folded::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OCID: &str = "ocid1.domain.oc1..aaaa";

    fn domain() -> Domain {
        Domain {
            ocid: Some(OCID.into()),
            other_url: Some("https://idcs-1.home.example.com:443".into()),
            ..Domain::at("Default", "https://idcs-1.example.com:443")
        }
    }

    fn means(text: &str, domain: &Domain) -> Option<bool> {
        DomainPattern::parse(text).unwrap().means(domain)
    }

    #[test]
    fn a_domain_is_meant_by_ocid_url_or_name_in_any_spelling() {
        let spellings = [
            OCID,
            "OCID1.domain.oc1..AAAA",
            "ocid1.domain.*",
            "https://idcs-1.example.com",
            "HTTPS://IDCS-1.example.com:443/",
            "https://idcs-1.home.example.com",
            "https://idcs-*.example.com",
            "idcs-1.example.com",
            "default",
            "Def*",
            "*",
        ];
        for text in spellings {
            assert_eq!(means(text, &domain()), Some(true), "{text}");
        }
        for text in
            ["ocid1.domain.oc1..b", "https://idcs-2.example.com", "https://idcs-1.example.com:8443", "Other"]
        {
            assert_eq!(means(text, &domain()), Some(false), "{text}");
        }
    }

    #[test]
    fn the_profile_changes_nothing() {
        let second = Domain { profile: Some("SECOND".into()), ..domain() };
        assert_eq!(means("Default", &second), Some(true));
        assert_eq!(means("SECOND/Default", &second), Some(false));
    }

    #[test]
    fn what_is_not_known_is_not_a_mismatch() {
        let unnamed = Domain::unnamed("idcs-1.example.com", "https://idcs-1.example.com");
        assert_eq!(means("Default", &unnamed), None);
        assert_eq!(means("idcs-1.example.com", &unnamed), Some(true), "this is how outputs show it");
        assert_eq!(means(OCID, &unnamed), None);
        assert_eq!(means("*", &unnamed), Some(true));
        assert_eq!(means("https://idcs-1.example.com:443", &unnamed), Some(true));
        assert_eq!(means("https://idcs-2.example.com", &unnamed), Some(false));
        let any = |texts: &[&str]| {
            let patterns: Vec<_> = texts.iter().map(|text| DomainPattern::parse(text).unwrap()).collect();
            DomainPattern::any(&patterns, &unnamed)
        };
        assert_eq!(any(&["Default", "https://idcs-2.example.com"]), None);
        assert_eq!(any(&["Default", "https://idcs-1.example.com"]), Some(true));
        assert_eq!(any(&["https://idcs-2.example.com"]), Some(false));
    }

    #[test]
    fn only_names_tell_names_apart() {
        let apart = |one: &str, two: &str| {
            DomainPattern::parse(one).unwrap().is_disjoint(&DomainPattern::parse(two).unwrap())
        };
        assert!(apart("One", "Two") && apart("ocid1.domain.oc1..a", "ocid1.domain.oc1..b"));
        assert!(!apart("One", "ocid1.domain.oc1..b") && !apart("https://a.example.com", "One"));
        assert!(apart("https://a.example.com", "https://b.example.com"));
        assert!(!apart("https://idcs-1.example.com", "https://idcs-1.home.example.com"), "of one domain");
    }
}
