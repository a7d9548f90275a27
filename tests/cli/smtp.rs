//! The SMTP server of `tests/python/smtp_server.py`, started as a test wants it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const USER: &str = "credage";
pub(crate) const PASSWORD: &str = "hunter2-of-the-mail";

/// A running server. It ends when it is dropped.
pub(crate) struct Smtp {
    pub(crate) port: u16,
    /// Whom to trust.
    pub(crate) ca: PathBuf,
    dir: TempDir,
    child: Child,
    // The server ends when this does.
    stdin: Option<ChildStdin>,
}

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Mail(pub(crate) Value);

impl Smtp {
    /// `starttls`, `ascii` (the same, for addresses in ASCII alone), `tls` or `plain`.
    pub(crate) fn start(mode: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        write_certificates(dir.path());
        let mut child = Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/python/smtp_server.py"))
            .arg(mode)
            .arg(dir.path())
            .args([path("server.pem"), path("server.key")])
            .args([USER, PASSWORD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap_or_else(|_| panic!("the SMTP server did not start: {line}"));
        let stdin = child.stdin.take();
        Self { port, ca: path("ca.pem"), dir, child, stdin }
    }

    /// The mails, in the order of their arrival.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        let path = |number: usize| self.dir.path().join(format!("{number}.json"));
        let texts = (1..).map_while(|number| std::fs::read_to_string(path(number)).ok());
        texts.map(|text| Mail(serde_json::from_str(&text).unwrap())).collect()
    }

    /// The one mail that there was.
    pub(crate) fn only(&self) -> Mail {
        let mails = self.mails();
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails[0].clone()
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

impl Mail {
    /// Every value of a header.
    pub(crate) fn headers(&self, wanted: &str) -> Vec<&str> {
        let headers = self.0["headers"].as_array().unwrap();
        let named = headers.iter().filter(|pair| pair[0].as_str().unwrap().eq_ignore_ascii_case(wanted));
        named.map(|pair| pair[1].as_str().unwrap()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let values = self.headers(name);
        assert_eq!(values.len(), 1, "{name}: {:?}", self.0["headers"]);
        values[0]
    }

    /// The text part, with the line breaks of this system.
    pub(crate) fn text(&self) -> String {
        self.part("text/plain")
    }

    pub(crate) fn html(&self) -> String {
        self.part("text/html")
    }

    pub(crate) fn envelope_to(&self) -> Vec<&str> {
        self.0["envelope_to"].as_array().unwrap().iter().map(|to| to.as_str().unwrap()).collect()
    }

    fn part(&self, kind: &str) -> String {
        let parts = self.0["parts"].as_array().unwrap();
        let part = parts.iter().find(|part| part["type"] == kind).unwrap();
        part["text"].as_str().unwrap().replace("\r\n", "\n")
    }
}

/// The interpreter with the server's library: the one that is given, else one that is made, once.
pub(crate) fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        if let Some(given) = std::env::var_os("CREDAGE_OCI_PYTHON") {
            return given.into();
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/oci-sdk-venv");
        let output = Command::new("bash").arg(script).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().into()
    })
}

/// An authority of our own, and a server that it vouches for.
fn write_certificates(dir: &Path) {
    let named = |name: &str| {
        let mut names = DistinguishedName::new();
        names.push(DnType::CommonName, name);
        names
    };
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name = named("test authority");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    params.distinguished_name = named("test server");
    let key = KeyPair::generate().unwrap();
    let server = params.signed_by(&key, &authority).unwrap();
    std::fs::write(dir.join("ca.pem"), authority.pem()).unwrap();
    std::fs::write(dir.join("server.pem"), server.pem()).unwrap();
    std::fs::write(dir.join("server.key"), key.serialize_pem()).unwrap();
}
