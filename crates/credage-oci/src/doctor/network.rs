//! The way to a server: proxy and authorities, name resolution, connection, TLS, and the clock on the other side.
//!
//! A server is asked for `/` without a signature. Whatever it answers shows that the way is good and tells its time.

use std::net::SocketAddr;

use credage_core::{Check, Verdict};
use jiff::SignedDuration;
use reqwest::Method;
use reqwest::header::HeaderMap;

use super::clock;
use crate::clock::Clock;
use crate::connection::NoConnection;
use crate::endpoint::Endpoint;
use crate::network::{Network, NetworkError};
use crate::transport::TransportError;

/// The way to a server.
#[derive(Debug)]
pub struct Way {
    /// What was looked at.
    pub checks: Vec<Check>,
    /// Whether it answered.
    pub answered: bool,
    /// How far this machine's clock is ahead of its own.
    pub ahead: Option<SignedDuration>,
}

/// Which proxy and which authorities are used.
pub fn settings(network: &Network) -> Vec<Check> {
    let proxy = network.proxy().map_or_else(
        || "none; HTTPS_PROXY and ALL_PROXY are not set".to_owned(),
        |proxy| format!("{proxy}; not for loopback, nor for what NO_PROXY names"),
    );
    let trusted = network.bundle().map_or_else(
        || "the system's own".to_owned(),
        |bundle| format!("the system's own and those in {}", bundle.display()),
    );
    vec![Check::ok("proxy", proxy), Check::ok("authorities", trusted)]
}

/// Settings that cannot be used.
pub fn unusable(error: &NetworkError) -> Check {
    let (subject, remedy) = match error {
        NetworkError::NoBundle { .. } => ("authorities", "correct the path, or leave the bundle out"),
        NetworkError::EmptyBundle { .. } => {
            ("authorities", "give a file with `-----BEGIN CERTIFICATE-----` in it")
        }
        NetworkError::Proxy(_) => ("proxy", "correct that variable, or unset it"),
        NetworkError::ProxyScheme { .. } => {
            ("proxy", "give an HTTP proxy in HTTPS_PROXY, or set NO_PROXY=* to connect without one")
        }
        NetworkError::CliSettings(_) => ("proxy", "correct that file, or move it away"),
    };
    let text = error.to_string();
    let detail = text.split_once("; ").map_or(text.as_str(), |(what, _)| what);
    Check::misuse(subject, detail, remedy)
}

/// Goes the way to a server.
pub async fn reach(network: &Network, endpoint: &Endpoint, clock: &Clock) -> Way {
    let proxy = network.proxy_for(endpoint);
    let mut checks: Vec<Check> = name(network, endpoint, proxy).await.into_iter().collect();
    if checks.iter().any(|check| check.verdict == Verdict::Problem) {
        checks.push(Check::skipped("connection", "the name must resolve first"));
        return Way { checks, answered: false, ahead: None };
    }
    let sent = clock();
    match send(network, endpoint).await {
        Ok(date) => {
            let way = proxy.map_or_else(|| "directly".to_owned(), |proxy| format!("through {proxy}"));
            checks.push(Check::ok("connection", format!("{endpoint} answers {way}")));
            let ahead = date.and_then(|date| clock::offset(&date, sent, clock()));
            Way { checks, answered: true, ahead }
        }
        Err(error) => {
            checks.push(no_connection(endpoint, proxy, &error));
            Way { checks, answered: false, ahead: None }
        }
    }
}

/// The `Date` of whatever is answered.
async fn send(network: &Network, endpoint: &Endpoint) -> Result<Option<String>, TransportError> {
    let transport = network.transport(endpoint.is_loopback())?;
    let reply =
        transport.send(&Method::GET, endpoint.url(), HeaderMap::new(), None, network.timeout()).await?;
    Ok(reply.date)
}

/// Whether the host's name resolves; nothing for an address.
async fn name(network: &Network, endpoint: &Endpoint, proxy: Option<&str>) -> Option<Check> {
    let url = endpoint.url();
    let host = url.domain()?;
    if proxy.is_some() {
        return Some(Check::skipped("name", format!("{host} is resolved by the proxy")));
    }
    let port = url.port_or_known_default().unwrap_or(443);
    let asked = tokio::time::timeout(network.connect_timeout(), tokio::net::lookup_host((host, port)));
    let remedy = "check for misspelling (region, domain URL), and this machine's name servers; behind a proxy, set HTTPS_PROXY";
    Some(match asked.await {
        Ok(Ok(found)) => {
            let addresses: Vec<SocketAddr> = found.collect();
            let first = addresses.first().map_or_else(String::new, |address| address.ip().to_string());
            Check::ok("name", format!("{host} is {first}{}", others(addresses.len())))
        }
        Ok(Err(error)) => Check::problem("name", format!("{host} does not resolve: {error}"), remedy),
        Err(_) => {
            let seconds = network.connect_timeout().as_secs();
            Check::problem("name", format!("{host} does not resolve within {seconds} s"), remedy)
        }
    })
}

fn others(addresses: usize) -> String {
    match addresses {
        0 | 1 => String::new(),
        more => format!(" and {} more", more - 1),
    }
}

fn no_connection(endpoint: &Endpoint, proxy: Option<&str>, error: &TransportError) -> Check {
    let (TransportError::Connect { cause, why }
    | TransportError::Certificate { cause, why, .. }
    | TransportError::Proxy { cause, why, .. }) = error
    else {
        let remedy =
            "try again; if it persists, check firewall and proxy, and raise --timeout on a slow line";
        return Check::problem("connection", format!("{endpoint}: {error}"), remedy);
    };
    // Through a proxy, it is the proxy that does not answer.
    let near = proxy.map_or_else(|| endpoint.authority(), |proxy| format!("the proxy {proxy}"));
    let far = endpoint.authority();
    let (detail, remedy) = match why {
        NoConnection::Name => (format!("{near}: the name does not resolve"), CHECK_NAME),
        NoConnection::Refused => (format!("{near} refuses connections"), CHECK_PORT),
        NoConnection::Unreachable => (format!("there is no way to {near}"), CHECK_ROUTE),
        NoConnection::Timeout => (format!("{near} does not answer in time"), CHECK_ROUTE),
        NoConnection::Untrusted => {
            (format!("no authority that is trusted vouches for the certificate of {far}"), TRUST)
        }
        NoConnection::Expired => {
            (format!("the time of the certificate of {far} is over, or has not begun"), TIME)
        }
        NoConnection::OtherHost => (format!("the certificate of {far} is for another host"), OTHER_HOST),
        NoConnection::BadCertificate => (format!("the certificate of {far} is not good: {cause}"), TRUST),
        NoConnection::NoTls => (format!("what answers at {near} does not speak TLS"), NO_TLS),
        NoConnection::ProxyPassword => (format!("{near} wants a user name and password (407)"), PASSWORD),
        NoConnection::ProxyRefused => (format!("{near} does not let {far} through"), LET_THROUGH),
        NoConnection::NoDescriptor => (
            format!("{near}: {cause}"),
            "allow this process more open files (`ulimit -n 4096`), or use fewer connections with --concurrency 2",
        ),
        NoConnection::Other => (format!("{near}: {cause}"), CHECK_ROUTE),
    };
    Check::problem("connection", detail, remedy)
}

const CHECK_NAME: &str = "correct the name, or this machine's name servers";
const CHECK_PORT: &str =
    "check host and port (of the URL, or of HTTPS_PROXY), and whether a firewall rejects it";
const CHECK_ROUTE: &str = "check the network, the firewall (outgoing port 443), and whether this network wants a proxy (HTTPS_PROXY)";
const TRUST: &str = "if your network or endpoint has an authority of its own, give its certificate with --ca-bundle FILE \
                     or OCI_CLI_CERT_BUNDLE; else somebody may be listening in";
const TIME: &str = "check this machine's clock; if it is right, tell whoever runs the server";
const OTHER_HOST: &str = "check the URL; if it is right, somebody else answers there";
const NO_TLS: &str = "check host and port; HTTPS is expected there";
const PASSWORD: &str = "put them into HTTPS_PROXY, as http://USER:PASSWORD@HOST:PORT";
const LET_THROUGH: &str = "have the proxy allow *.oraclecloud.com at port 443, or name the host in NO_PROXY";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_remedy_of_its_own_place() {
        let endpoint = "https://idcs-1.identity.oraclecloud.com".parse().unwrap();
        let said = |why, proxy| {
            let error = TransportError::Connect { cause: "cause".to_owned(), why };
            let check = no_connection(&endpoint, proxy, &error);
            (check.detail, check.remedy.unwrap())
        };
        let (detail, _) = said(NoConnection::Refused, Some("http://proxy:3128 (HTTPS_PROXY)"));
        assert_eq!(detail, "the proxy http://proxy:3128 (HTTPS_PROXY) refuses connections");
        let (detail, remedy) = said(NoConnection::Untrusted, None);
        assert!(detail.contains("idcs-1") && remedy.contains("--ca-bundle"), "{detail} {remedy}");
        assert!(said(NoConnection::Expired, None).1.contains("clock"));
        assert!(said(NoConnection::OtherHost, None).0.contains("another host"));
        let slow =
            no_connection(&endpoint, None, &TransportError::Timeout(std::time::Duration::from_secs(3)));
        assert!(slow.remedy.unwrap().contains("--timeout"));
    }
}
