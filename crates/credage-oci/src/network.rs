//! How the network is reached: proxy, authorities to trust, and times.
//!
//! The proxy comes from `HTTPS_PROXY` (or `ALL_PROXY`, or `proxy` in the settings of the OCI CLI) and is bypassed for what
//! `NO_PROXY` names, for loopback and for instance metadata. Trusted are the platform's own roots, and those of a bundle
//! beside them, which is named where the OCI CLI looks for one (`set_request_session_properties_from_context` in its
//! `cli_util.py`).

mod bundle;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::dns::Resolve;
use reqwest::{Certificate, Client, ClientBuilder, NoProxy, Proxy};

use crate::auth::AuthError;
use crate::endpoint::Endpoint;
use crate::profile::cli_rc::CliRc;
use crate::profile::{Environment, Setting};
use crate::transport::{Transport, TransportError};

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection stands, name resolution and TLS included.
    pub connect: Duration,
    /// Between two parts of an answer.
    pub read: Duration,
    /// One request in all.
    pub total: Duration,
}

/// How the network is reached. Cloning is cheap; connections are shared.
#[derive(Clone, Debug)]
pub struct Network {
    settings: Arc<Settings>,
    /// Whether connections stay open for the next request.
    keeps_connections: bool,
    made: Arc<Mutex<Made>>,
}

#[derive(Debug)]
struct Settings {
    timeouts: Timeouts,
    roots: Vec<Certificate>,
    pem: Option<Vec<u8>>,
    bundle: Option<PathBuf>,
    proxy: Option<Proxied>,
}

/// A proxy: as it is shown, as the HTTP client takes it, and for whom it is.
#[derive(Debug)]
struct Proxied {
    shown: String,
    proxy: Proxy,
    matcher: Matcher,
}

#[derive(Debug, Default)]
struct Made {
    direct: Option<Transport>,
    proxied: Option<Transport>,
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// A bundle that cannot be read.
    #[error("the CA bundle {} ({origin}) cannot be read: {cause}", path.display())]
    NoBundle {
        /// The file.
        path: PathBuf,
        /// Where it is named.
        origin: String,
        /// What the system says.
        cause: String,
    },
    /// A bundle without certificates.
    #[error("the CA bundle {} ({origin}) holds no certificate in PEM", path.display())]
    EmptyBundle {
        /// The file.
        path: PathBuf,
        /// Where it is named.
        origin: String,
    },
    /// A proxy that is no URL. The value is not shown: it may hold a password.
    #[error("{0} is no URL of a proxy; write such as http://proxy.example.com:3128")]
    Proxy(String),
    /// A proxy that speaks something else than HTTP.
    #[error(
        "{origin} names a proxy of the kind {scheme}://, which credage cannot use; give an HTTP proxy, such as \
         http://proxy.example.com:3128, in HTTPS_PROXY, or set NO_PROXY=* to connect without one"
    )]
    ProxyScheme {
        /// Where it is named.
        origin: String,
        /// Its scheme, such as `socks5h`.
        scheme: String,
    },
    /// The settings of the OCI CLI, which may name both.
    #[error("{0}")]
    CliSettings(String),
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(30),
            total: Duration::from_secs(30),
        }
    }
}

impl Network {
    /// Reads the environment and the bundle; connects to nothing.
    pub fn new(
        timeouts: Timeouts,
        ca_bundle: Option<&Path>,
        env: &Environment,
    ) -> Result<Self, NetworkError> {
        let rc = CliRc::load(env).map_err(|error: AuthError| NetworkError::CliSettings(error.to_string()))?;
        let named = bundle::named(ca_bundle, &rc, env);
        let (pem, roots) = match &named {
            Some((path, origin)) => {
                let (pem, roots) = bundle::read(path, origin)?;
                (Some(pem), roots)
            }
            None => (None, Vec::new()),
        };
        let proxy = proxy(env, &rc)?;
        let bundle = named.map(|(path, _)| path);
        Ok(Self {
            settings: Arc::new(Settings { timeouts, roots, pem, bundle, proxy }),
            keeps_connections: true,
            made: Arc::default(),
        })
    }

    /// The same with a connection for each request: for so many domains that open connections would use up the file
    /// descriptors.
    #[must_use]
    pub fn without_kept_connections(&self) -> Self {
        Self { settings: Arc::clone(&self.settings), keeps_connections: false, made: Arc::default() }
    }

    /// How long one request may take.
    pub fn timeout(&self) -> Duration {
        self.settings.timeouts.total
    }

    /// The proxy for everything but loopback, without its password.
    pub fn proxy(&self) -> Option<&str> {
        self.settings.proxy.as_ref().map(|proxied| proxied.shown.as_str())
    }

    /// The proxy for this endpoint, if it is asked through one; without its password.
    pub fn proxy_for(&self, endpoint: &Endpoint) -> Option<&str> {
        let proxied = self.settings.proxy.as_ref().filter(|_| !endpoint.is_loopback())?;
        let target = endpoint.url().as_str().parse().ok()?;
        proxied.matcher.intercept(&target).map(|_| proxied.shown.as_str())
    }

    /// How long until a connection must stand.
    pub fn connect_timeout(&self) -> Duration {
        self.settings.timeouts.connect
    }

    /// The bundle that is trusted beside the platform's roots.
    pub fn bundle(&self) -> Option<&Path> {
        self.settings.bundle.as_deref()
    }

    /// The certificates of that bundle, for what is no HTTP.
    pub fn bundle_pem(&self) -> Option<&[u8]> {
        self.settings.pem.as_deref()
    }

    /// What sends requests; `direct` bypasses the proxy.
    pub fn transport(&self, direct: bool) -> Result<Transport, TransportError> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = if direct || self.settings.proxy.is_none() { &mut made.direct } else { &mut made.proxied };
        if let Some(transport) = slot {
            return Ok(transport.clone());
        }
        Ok(slot.insert(Transport::new(self.trusting_builder(direct), self.shown_proxy(direct))?).clone())
    }

    /// The same, for addresses that `resolver` gives. What the proxy fetches, the proxy resolves.
    pub fn transport_resolving<R: Resolve + 'static>(
        &self,
        direct: bool,
        resolver: Arc<R>,
    ) -> Result<Transport, TransportError> {
        Transport::new(self.trusting_builder(direct).dns_resolver(resolver), self.shown_proxy(direct))
    }

    /// What sends requests to something that is vouched for by `roots` alone, without a proxy.
    pub fn private(&self, roots: Vec<Certificate>) -> Result<Transport, TransportError> {
        Transport::new(self.builder().tls_certs_only(roots), None)
    }

    fn shown_proxy(&self, direct: bool) -> Option<String> {
        self.proxy().filter(|_| !direct).map(str::to_owned)
    }

    fn trusting_builder(&self, direct: bool) -> ClientBuilder {
        let builder = match &self.settings.proxy {
            Some(proxied) if !direct => self.builder().proxy(proxied.proxy.clone()),
            _ => self.builder(),
        };
        if self.settings.roots.is_empty() {
            builder
        } else {
            builder.tls_certs_merge(self.settings.roots.iter().cloned())
        }
    }

    fn builder(&self) -> ClientBuilder {
        let Timeouts { connect, read, total } = self.settings.timeouts;
        let builder = Client::builder().no_proxy().connect_timeout(connect.min(total)).read_timeout(read);
        let idle = if self.keeps_connections { usize::MAX } else { 0 };
        builder.timeout(total).pool_max_idle_per_host(idle)
    }
}

impl Default for Network {
    fn default() -> Self {
        let settings = Settings {
            timeouts: Timeouts::default(),
            roots: Vec::new(),
            pem: None,
            bundle: None,
            proxy: None,
        };
        Self { settings: Arc::new(settings), keeps_connections: true, made: Arc::default() }
    }
}

/// The proxy that is named, and where.
fn named_proxy(env: &Environment, rc: &CliRc) -> Option<Setting> {
    let variables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let named = variables
        .into_iter()
        .find_map(|name| Some(Setting { value: env.get(name)?.to_owned(), origin: name.to_owned() }));
    named.or_else(|| rc.setting("proxy"))
}

fn proxy(env: &Environment, rc: &CliRc) -> Result<Option<Proxied>, NetworkError> {
    let none = env.get("NO_PROXY").or_else(|| env.get("no_proxy")).unwrap_or_default();
    let Some(Setting { value, origin }) = named_proxy(env, rc).filter(|_| none.trim() != "*") else {
        return Ok(None);
    };
    let malformed = || NetworkError::Proxy(origin.clone());
    let with_scheme = if value.contains("://") { value } else { format!("http://{value}") };
    let url = url::Url::parse(with_scheme.trim()).map_err(|_| malformed())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(NetworkError::ProxyScheme { origin, scheme: url.scheme().to_owned() });
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(malformed)?;
    let port = url.port_or_known_default().map_or_else(String::new, |port| format!(":{port}"));
    let shown = format!("{}://{host}{port} ({origin})", url.scheme());
    let proxy = Proxy::all(url.as_str()).map_err(|_| malformed())?;
    let direct = format!("{none},localhost,127.0.0.0/8,::1,169.254.169.254");
    // The same rules once more, since the HTTP client does not tell whom it asks through the proxy.
    let matcher = Matcher::builder().all(url.as_str()).no(direct.as_str()).build();
    Ok(Some(Proxied { shown, proxy: proxy.no_proxy(NoProxy::from_string(&direct)), matcher }))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fs;

    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Environment {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Environment::new(pairs.collect::<HashMap<_, _>>(), None)
    }

    #[test]
    fn a_proxy_is_shown_without_its_password() {
        let network =
            Network::new(Timeouts::default(), None, &env(&[("HTTPS_PROXY", "http://me:hunter2@proxy:3128")]));
        assert_eq!(network.unwrap().proxy(), Some("http://proxy:3128 (HTTPS_PROXY)"));
        let bare = Network::new(Timeouts::default(), None, &env(&[("https_proxy", "proxy:3128")])).unwrap();
        assert_eq!(bare.proxy(), Some("http://proxy:3128 (https_proxy)"));
        assert_eq!(Network::new(Timeouts::default(), None, &env(&[])).unwrap().proxy(), None);
        let except = env(&[("HTTPS_PROXY", "proxy:3128"), ("NO_PROXY", "inside.example")]);
        let network = Network::new(Timeouts::default(), None, &except).unwrap();
        let through = |url: &str| network.proxy_for(&url.parse().unwrap()).is_some();
        assert!(through("https://idcs-1.identity.oraclecloud.com"));
        assert!(!through("https://idcs-1.inside.example") && !through("http://127.0.0.1:1"));
        let wrong = Network::new(Timeouts::default(), None, &env(&[("HTTPS_PROXY", "http://:hunter2@")]));
        assert!(!wrong.unwrap_err().to_string().contains("hunter2"));
    }

    #[test]
    fn a_bundle_that_is_none_is_said_to_be() {
        let network = |path: &str| Network::new(Timeouts::default(), Some(Path::new(path)), &env(&[]));
        assert!(matches!(network("/nonexistent/ca.pem"), Err(NetworkError::NoBundle { .. })));
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "no certificate").unwrap();
        let empty = network(file.path().to_str().unwrap()).unwrap_err();
        assert!(empty.to_string().contains("--ca-bundle"), "{empty}");
    }

    #[test]
    fn a_proxy_of_another_kind_is_refused_by_name() {
        for scheme in ["socks5", "socks5h", "socks4", "socks4a", "ftp"] {
            for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
                let url = format!("{scheme}://me:hunter2@127.0.0.1:1080");
                let refused = |env| Network::new(Timeouts::default(), None, &env).map(drop);
                let error = refused(env(&[(variable, &url)])).unwrap_err().to_string();
                assert!(error.contains(variable) && error.contains(&format!("{scheme}://")), "{error}");
                assert!(!error.contains("hunter2"), "{error}");
                assert_eq!(refused(env(&[(variable, &url), ("NO_PROXY", "*")])), Ok(()), "not used at all");
                // The nearer variable wins, and with it its kind.
                let nearer = env(&[(variable, &url), ("HTTPS_PROXY", "proxy:3128")]);
                assert_eq!(refused(nearer), Ok(()));
            }
        }
    }

    #[test]
    fn bundle_and_proxy_are_taken_from_where_the_cli_looks() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".oci")).unwrap();
        let rc =
            "[OCI_CLI_SETTINGS]\nproxy=proxy.example:3128\ndefault_profile=A\n[A]\ncert-bundle=/of-rc.pem\n";
        fs::write(home.path().join(".oci/oci_cli_rc"), rc).unwrap();
        let at_home = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Environment::new(pairs.collect::<HashMap<_, _>>(), Some(home.path().to_owned()))
        };
        let named = |given: Option<&str>, env: &Environment| {
            let rc = CliRc::load(env).unwrap();
            bundle::named(given.map(Path::new), &rc, env).map(|(path, _)| path.display().to_string())
        };
        let all = [
            ("OCI_CLI_CERT_BUNDLE", "/cli.pem"),
            ("REQUESTS_CA_BUNDLE", "/requests.pem"),
            ("CURL_CA_BUNDLE", "/curl.pem"),
        ];
        assert_eq!(named(Some("/given.pem"), &at_home(&all)).as_deref(), Some("/given.pem"));
        assert_eq!(named(None, &at_home(&all)).as_deref(), Some("/cli.pem"));
        assert_eq!(named(None, &at_home(&all[1..])).as_deref(), Some("/of-rc.pem"));
        assert_eq!(named(None, &env(&all[1..])).as_deref(), Some("/requests.pem"));
        assert_eq!(named(None, &env(&all[2..])).as_deref(), Some("/curl.pem"));
        assert_eq!(named(None, &env(&[])), None);
        let proxy = |env: &Environment| named_proxy(env, &CliRc::load(env).unwrap()).map(|said| said.value);
        assert_eq!(proxy(&at_home(&[])).as_deref(), Some("proxy.example:3128"));
        assert_eq!(proxy(&at_home(&[("ALL_PROXY", "other:1")])).as_deref(), Some("other:1"));
    }
}
