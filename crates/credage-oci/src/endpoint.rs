//! The URL of a domain: what is taken, and what is refused before anything is sent.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

/// The endpoint of an identity domain, such as `https://idcs-….identity.oraclecloud.com`.
///
/// `ListDomains` gives it with `:443`, the console without; both are the same endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint(Url);

/// A text that is no URL of a domain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It does not parse.
    #[error(
        "`{0}` is not a URL; give the Domain URL that the console shows, such as https://idcs-….identity.oraclecloud.com"
    )]
    Malformed(String),
    /// Something other than HTTP.
    #[error("`{0}` is neither https:// nor, on this machine, http://")]
    Scheme(String),
    /// Plain HTTP to another machine.
    #[error(
        "`{0}` would send signed requests in the clear; use https:// (http:// is taken on loopback alone)"
    )]
    Plain(String),
    /// User name or password in the URL.
    #[error(
        "the domain URL of `{0}` carries a user name or password; credage signs requests with your profile's key instead"
    )]
    UserInfo(String),
    /// More than the root of the domain.
    #[error("`{0}` has a path or query; give the root of the domain's URL alone, up to the host")]
    Path(String),
}

impl Endpoint {
    /// The URL, without a path.
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// Host, and port where it is not the scheme's own: the name of a domain that has no other.
    pub fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// The URL of `path` with `query`, percent-encoded once; what is signed is what is sent.
    pub fn resource(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        let pairs: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        url.set_query((!pairs.is_empty()).then(|| pairs.join("&")).as_deref());
        url
    }
}

/// Percent-encodes everything but letters, digits and `-_.*`; a blank becomes `%20`, which nobody takes for a plus.
pub(crate) fn encode(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Whether a URL names this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let given = text.trim();
        let url = Url::parse(given).map_err(|_| EndpointError::Malformed(given.to_owned()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::UserInfo(url.host_str().unwrap_or_default().to_owned()));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(EndpointError::Plain(given.to_owned())),
            _ => return Err(EndpointError::Scheme(given.to_owned())),
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(EndpointError::Malformed(given.to_owned()));
        }
        let root = matches!(url.path(), "" | "/");
        if !root || url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointError::Path(given.to_owned()));
        }
        Ok(Self(url))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_domain_with_and_without_its_port_is_one() {
        let with: Endpoint = "https://idcs-1.identity.oraclecloud.com:443".parse().unwrap();
        let without: Endpoint = " https://IDCS-1.identity.oraclecloud.com/ ".parse().unwrap();
        assert_eq!(with, without);
        assert_eq!(with.authority(), "idcs-1.identity.oraclecloud.com");
        assert_eq!(with.to_string(), "https://idcs-1.identity.oraclecloud.com");
    }

    #[test]
    fn what_would_leak_or_mislead_is_refused() {
        let refused = |text: &str| text.parse::<Endpoint>().unwrap_err();
        assert!("http://127.0.0.1:8080".parse::<Endpoint>().is_ok());
        assert!("http://[::1]:8080".parse::<Endpoint>().is_ok());
        assert!(matches!(refused("http://idcs-1.identity.oraclecloud.com"), EndpointError::Plain(_)));
        assert!(matches!(refused("http://127.0.0.1.example.com"), EndpointError::Plain(_)));
        assert!(matches!(refused("ftp://example.com"), EndpointError::Scheme(_)));
        assert!(matches!(refused("idcs-1.identity.oraclecloud.com"), EndpointError::Malformed(_)));
        assert!(matches!(refused("https://a:b@example.com"), EndpointError::UserInfo(_)));
        assert!(!refused("https://a:hunter2@example.com").to_string().contains("hunter2"));
        assert!(matches!(refused("https://example.com/ui/v1"), EndpointError::Path(_)));
    }

    #[test]
    fn a_filter_is_encoded_once() {
        let endpoint: Endpoint = "https://example.com".parse().unwrap();
        let url =
            endpoint.resource("/admin/v1/ApiKeys", &[("filter", r#"user.value eq "a+b""#), ("count", "50")]);
        assert_eq!(url.query(), Some("filter=user.value%20eq%20%22a%2Bb%22&count=50"));
    }
}
