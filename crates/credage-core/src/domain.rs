//! An identity domain: what it is known by, and what people call it.
//!
//! A display name identifies nothing: two tenancies both have a `Default`, and a domain that is given by its URL has no
//! name that anybody told. A domain is known by its OCID, else by its canonical URL ([`DomainId`]).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use url::Url;

/// One identity domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Domain {
    /// What outputs call it: its display name where that is known, else the host of its URL.
    pub name: String,
    /// Its display name, where somebody told it. A domain that was given by its URL has none.
    pub display_name: Option<String>,
    /// The URL of the endpoint that was asked.
    pub url: String,
    /// Another URL of the same domain, where it has one: that of its home region.
    pub other_url: Option<String>,
    /// Its OCID, where it is known.
    pub ocid: Option<String>,
    /// The OCID of its tenancy, where that is known.
    pub tenancy: Option<String>,
    /// The profile that it was read with, where several profiles were.
    pub profile: Option<String>,
    /// What tells it apart from domains that outputs call the same ([`tell_apart`]).
    pub qualifier: Option<String>,
    /// Its licence type in the words of the Identity service, such as `free`.
    pub licence: Option<String>,
    /// The region that it lives in, such as `us-ashburn-1`.
    pub home_region: Option<String>,
}

/// What a domain is known by, however it was found and whatever it is called.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DomainId {
    /// Its OCID.
    Ocid(Box<str>),
    /// Its canonical URL, where the OCID is not known.
    Url(Box<str>),
}

impl Domain {
    /// A domain of which only its display name and endpoint are known.
    pub fn at(name: impl Into<String>, url: impl Into<String>) -> Self {
        let name = name.into();
        Self { display_name: Some(name.clone()), name, url: url.into(), ..Self::default() }
    }

    /// A domain of which only its endpoint is known; outputs call it by the host.
    pub fn unnamed(host: impl Into<String>, url: impl Into<String>) -> Self {
        Self { name: host.into(), url: url.into(), ..Self::default() }
    }

    /// The same under its display name.
    #[must_use]
    pub fn called(self, display_name: String) -> Self {
        Self { name: display_name.clone(), display_name: Some(display_name), ..self }
    }

    /// What people read: its name, and where others have the same name what tells it apart.
    pub fn label(&self) -> Cow<'_, str> {
        match &self.qualifier {
            Some(qualifier) => format!("{} ({qualifier})", self.name).into(),
            None => self.name.as_str().into(),
        }
    }

    /// What it is known by.
    pub fn id(&self) -> DomainId {
        match &self.ocid {
            Some(ocid) => DomainId::Ocid(ocid.as_str().into()),
            None => DomainId::Url(canonical_url(&self.url).into()),
        }
    }

    /// The host of its URL, and the port where it is not the scheme's own.
    pub fn host(&self) -> String {
        let url = canonical_url(&self.url);
        url.split_once("://").map_or_else(String::new, |(_, host)| host.to_owned())
    }

    /// Whether a URL, in any spelling, is one of this domain's.
    pub fn is_at(&self, url: &str) -> bool {
        let wanted = canonical_url(url);
        let own = std::iter::once(self.url.as_str()).chain(self.other_url.as_deref());
        own.filter(|own| !own.is_empty()).any(|own| canonical_url(own) == wanted)
    }
}

impl fmt::Display for DomainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ocid(text) | Self::Url(text) => f.pad(text),
        }
    }
}

/// Gives domains of the same name what tells them apart: the profile that each was read with, else the host.
pub fn tell_apart<'d>(domains: impl Iterator<Item = &'d mut Domain>) {
    let mut namesakes: HashMap<String, Vec<&'d mut Domain>> = HashMap::new();
    for domain in domains {
        domain.qualifier = None;
        namesakes.entry(domain.name.to_lowercase()).or_default().push(domain);
    }
    for domains in namesakes.into_values().filter(|domains| domains.len() > 1) {
        let profiles: HashSet<_> = domains.iter().filter_map(|domain| domain.profile.clone()).collect();
        let by_profile = profiles.len() == domains.len();
        let hosts: HashSet<_> = domains.iter().map(|domain| domain.host()).collect();
        let by_host = hosts.len() == domains.len();
        for domain in domains {
            let profile = domain.profile.as_ref().filter(|_| by_profile);
            let id = || if by_host { domain.host() } else { domain.id().to_string() };
            domain.qualifier = Some(profile.map_or_else(id, |profile| format!("profile {profile}")));
        }
    }
}

/// One spelling for all spellings of a URL: lower case, no default port, no path. What is not a URL stays as it is.
pub(crate) fn canonical_url(text: &str) -> String {
    let text = text.trim();
    Url::parse(text).ok().filter(Url::has_host).map_or_else(
        || text.to_lowercase(),
        |url| {
            let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
            // A host name may end in the dot of the root, and is the same host.
            let host = url.host_str().unwrap_or_default().trim_end_matches('.');
            format!("{}://{host}{port}", url.scheme())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const OCID: &str = "ocid1.domain.oc1..aaaa";

    #[test]
    fn a_domain_is_known_by_its_ocid_else_by_its_url_in_any_spelling() {
        let plain = Domain::unnamed("idcs-1.example.com", "https://idcs-1.example.com");
        let port = Domain::at("Default", "https://IDCS-1.example.com:443/");
        assert_eq!(plain.id(), port.id());
        assert_eq!(plain.id().to_string(), "https://idcs-1.example.com");
        let known = Domain { ocid: Some(OCID.into()), ..port.clone() };
        assert_eq!(known.id(), DomainId::Ocid(OCID.into()));
        assert_ne!(known.id(), port.id());
        assert_ne!(plain.id(), Domain::at("Default", "https://idcs-1.example.com:8443").id());
        assert_ne!(plain.id(), Domain::at("Default", "http://idcs-1.example.com").id());
    }

    #[test]
    fn domains_of_the_same_name_are_told_apart() {
        let domain = |name: &str, host: &str, profile: Option<&str>| Domain {
            profile: profile.map(str::to_owned),
            ..Domain::at(name, format!("https://{host}:443"))
        };
        let labels = |domains: &[Domain]| {
            let mut domains = domains.to_vec();
            tell_apart(domains.iter_mut());
            domains.iter().map(|domain| domain.label().into_owned()).collect::<Vec<_>>()
        };
        let by_profile = [
            domain("Default", "a.example", Some("ONE")),
            domain("default", "b.example", Some("TWO")),
            domain("Apps", "c.example", Some("TWO")),
        ];
        assert_eq!(labels(&by_profile), ["Default (profile ONE)", "default (profile TWO)", "Apps"]);
        let by_host =
            [domain("Default", "a.example", Some("ONE")), domain("Default", "b.example", Some("ONE"))];
        assert_eq!(labels(&by_host), ["Default (a.example)", "Default (b.example)"]);
        let ocid = |ocid: &str| Domain { ocid: Some(ocid.into()), ..domain("Default", "", None) };
        assert_eq!(labels(&[ocid("one"), ocid("two")]), ["Default (one)", "Default (two)"]);
        assert_eq!(labels(&by_profile[1..]), ["default", "Apps"], "nothing is added where nothing is alike");
    }

    #[test]
    fn both_urls_of_a_domain_are_its_own() {
        let domain = Domain {
            other_url: Some("https://idcs-1.home.example.com:443".into()),
            ..Domain::at("Default", "https://idcs-1.example.com:443")
        };
        assert!(
            domain.is_at("https://idcs-1.HOME.example.com/") && domain.is_at("https://idcs-1.example.com")
        );
        assert!(!domain.is_at("https://idcs-2.example.com") && !Domain::at("x", "").is_at(""));
    }
}
