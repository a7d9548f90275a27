//! The network between credage and a tenancy: proxies, certificates, and the regions that lead to an Identity service.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use credage_sim::{EstateConfig, ServerCertificate};

use crate::harness::{NOW, Run, credage, finish};
use crate::tenancy::{Whole, one};

/// A proxy on this machine: it refuses with a status, or leads every tunnel to an address.
struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone, Copy)]
enum Manner {
    Refuse(u16),
    LeadTo(SocketAddr),
}

impl Proxy {
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                thread::spawn(move || serve(stream, manner, &seen));
            }
        });
        Self { address, heads }
    }

    fn url(&self) -> String {
        format!("http://me:hunter2@{}", self.address)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, manner: Manner, seen: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    seen.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
    match manner {
        Manner::Refuse(status) => {
            // Who does not listen any more is not told.
            let _ = write!(stream, "HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n");
        }
        Manner::LeadTo(address) => {
            let there = TcpStream::connect(address).unwrap();
            stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
            let (mut from, mut to) = (stream.try_clone().unwrap(), there.try_clone().unwrap());
            let forth = thread::spawn(move || std::io::copy(&mut from, &mut to));
            let (mut from, mut to) = (there, stream);
            // Either side may have gone.
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Both);
            let _ = forth.join();
        }
    }
}

/// An audit of a tenancy at a URL, through an environment.
pub(crate) fn at(whole: &Whole, url: &str, env: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = credage();
    command.args(["audit", "--as-of", NOW, "--format", "json", "--identity-endpoint", url]);
    command.arg("--config-file").arg(&whole.files.config).args(args);
    command.envs(env.iter().copied());
    finish(command)
}

fn gap(run: &Run) -> (String, String) {
    let report = run.json();
    let gaps = report["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), 1, "said once: {gaps:?}");
    (gaps[0]["reason"].as_str().unwrap().to_owned(), gaps[0]["hint"].as_str().unwrap().to_owned())
}

#[test]
fn a_proxy_is_used_and_led_through() {
    let mut whole = Whole::start(EstateConfig::new(one()));
    let ca = whole.dir.path().join("ca.pem");
    let Whole { estate, runtime, .. } = &mut whole;
    let certificate = ServerCertificate::of("identity.sim.test");
    let url = runtime.block_on(estate.start_tls(&ca, &certificate)).unwrap();
    let there: SocketAddr = url.strip_prefix("https://").unwrap().parse().unwrap();
    let proxy = Proxy::start(Manner::LeadTo(there));
    let ca = ca.to_str().unwrap();
    // The name is known to nobody but the proxy; the domains are on loopback, which no proxy is asked for.
    let env = [("HTTPS_PROXY", proxy.url())];
    let env: Vec<_> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let run = at(&whole, "https://identity.sim.test", &env, &["--ca-bundle", ca]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let heads = proxy.heads();
    assert!(!heads.is_empty());
    assert!(heads.iter().all(|head| head.starts_with("CONNECT identity.sim.test:443 ")), "{heads:?}");
    assert!(heads[0].to_lowercase().contains("proxy-authorization: basic "), "{heads:?}");
}

#[test]
fn a_proxy_that_refuses_is_named_without_its_password() {
    let whole = Whole::start(EstateConfig::new(one()));
    for (status, said) in
        [(407, "user name and a password"), (403, "refuses to connect to identity.sim.test")]
    {
        let proxy = Proxy::start(Manner::Refuse(status));
        let env = [("HTTPS_PROXY", proxy.url())];
        let env: Vec<_> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let run = at(&whole, "https://identity.sim.test", &env, &["--retries", "1"]);
        assert_eq!(run.code, 4, "{}", run.stderr);
        let (reason, hint) = gap(&run);
        let named = format!("http://{} (HTTPS_PROXY)", proxy.address);
        assert!(reason.contains(said) && reason.contains(&named), "{reason}");
        assert!(hint.contains("NO_PROXY"), "{hint}");
        assert!(!format!("{run:?}").contains("hunter2"));
    }
    // A port that was free a moment ago and that nobody listens on.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let run =
        at(&whole, "https://identity.sim.test", &[("HTTPS_PROXY", &format!("{free}"))], &["--retries", "0"]);
    let (reason, _) = gap(&run);
    assert!(reason.contains("cannot be reached"), "{reason}");
    let run = at(&whole, "https://identity.sim.test", &[("HTTPS_PROXY", "http://:hunter2@")], &[]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("HTTPS_PROXY is no URL of a proxy") && !run.stderr.contains("hunter2"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_certificate_is_refused_with_what_is_wrong_with_it() {
    let other = ServerCertificate::of("somewhere.test");
    let ended = ServerCertificate { expired: true, ..ServerCertificate::of("127.0.0.1") };
    for (certificate, trusted, said) in [
        (ServerCertificate::of("127.0.0.1"), false, "issued by nobody whom this machine trusts"),
        (other, true, "not valid for"),
        (ended, true, "expired"),
    ] {
        let mut whole = Whole::start(EstateConfig::new(one()));
        let ca = whole.dir.path().join("ca.pem");
        let Whole { estate, runtime, .. } = &mut whole;
        let url = runtime.block_on(estate.start_tls(&ca, &certificate)).unwrap();
        let bundle = ["--ca-bundle", ca.to_str().unwrap()];
        let run = at(&whole, &url, &[], if trusted { &bundle } else { &[] });
        assert_eq!(run.code, 4, "{said}: {}", run.stderr);
        let (reason, hint) = gap(&run);
        assert!(
            reason.starts_with("the certificate of 127.0.0.1 is refused") && reason.contains(said),
            "{reason}"
        );
        assert!(reason.ends_with("tried once"), "another try changes nothing: {reason}");
        assert!(hint.contains("--ca-bundle"), "{hint}");
    }
}

/// An audit of a profile whose requests all end at a proxy of ours, so that one sees where they would have gone.
fn in_region(whole: &Whole, proxy: &Proxy, env: &HashMap<&str, &str>, args: &[&str]) -> Run {
    let mut command = credage();
    command.args(["audit", "--retries", "0", "--format", "json", "--config-file"]).arg(&whole.files.config);
    command.args(args).env("HTTPS_PROXY", proxy.url()).env("HOME", whole.dir.path()).envs(env);
    finish(command)
}

#[test]
fn a_socks_proxy_is_refused_at_once() {
    let whole = Whole::start(EstateConfig::new(one()));
    for (variable, url) in [
        ("ALL_PROXY", "socks5h://me:hunter2@127.0.0.1:1080"),
        ("https_proxy", "socks4://127.0.0.1:1080"),
        ("HTTPS_PROXY", "SOCKS5://127.0.0.1:1080"),
    ] {
        let run = at(&whole, "https://identity.sim.test", &[(variable, url)], &[]);
        assert_eq!(run.code, 2, "{run:?}");
        let scheme = url.split(':').next().unwrap().to_lowercase();
        assert!(
            run.stderr.contains(&format!("{variable} names a proxy of the kind {scheme}://")),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("HTTPS_PROXY") && !run.stderr.contains("hunter2"), "{}", run.stderr);
        let run = at(&whole, whole.estate.url(), &[(variable, url), ("NO_PROXY", "*")], &[]);
        assert_eq!(run.code, 0, "no proxy, no matter which: {}", run.stderr);
    }
}

/// An audit, and the host that it asked first.
fn asked(whole: &Whole, env: &[(&str, &str)], args: &[&str]) -> (Run, Option<String>) {
    let proxy = Proxy::start(Manner::Refuse(403));
    let run = in_region(whole, &proxy, &env.iter().copied().collect(), args);
    (run, proxy.heads().first().map(|head| head.split(' ').nth(1).unwrap().to_owned()))
}

#[test]
fn a_gap_is_filled_and_a_realm_that_nobody_knows_is_asked_nowhere() {
    let whole = Whole::start(EstateConfig::new(one()));
    let asked = |env: &[(&str, &str)], args: &[&str]| asked(&whole, env, args);
    let (_, host) = asked(&[("OCI_REGION", "eu-frankfurt-1")], &[]);
    assert_eq!(
        host.as_deref(),
        Some("identity.us-ashburn-1.oci.oraclecloud.com:443"),
        "no more than a stopgap"
    );
    let good = std::fs::read_to_string(&whole.files.config).unwrap();
    std::fs::write(&whole.files.config, good.replace("region=us-ashburn-1\n", "")).unwrap();
    let (_, host) = asked(&[("OCI_REGION", "eu-frankfurt-1")], &[]);
    assert_eq!(host.as_deref(), Some("identity.eu-frankfurt-1.oci.oraclecloud.com:443"), "it fills a gap");
    let sovereign = good.replace("tenancy.oc1.", "tenancy.oc17.").replace("us-ashburn-1", "us-dcc-phoenix-1");
    std::fs::write(&whole.files.config, sovereign).unwrap();
    let (run, host) = asked(&[], &[]);
    assert_eq!((run.code, host), (2, None), "nothing of a sovereign realm is sent to the commercial one");
    for said in ["oc17", "OCI_REGION_METADATA", "OCI_DEFAULT_REALM", "regions-config.json"] {
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    }
    let (_, host) = asked(&[("OCI_DEFAULT_REALM", "cloud.test")], &[]);
    assert_eq!(host.as_deref(), Some("identity.us-dcc-phoenix-1.oci.cloud.test:443"));
}

#[test]
fn an_instance_of_a_realm_that_no_table_knows_describes_it() {
    let tenancy = "ocid1.tenancy.oc17..aaaasimulated".to_owned();
    let whole = Whole::start(EstateConfig { tenancy, sovereign_instance: true, ..EstateConfig::new(one()) });
    let asked = |federation: Option<String>| {
        let proxy = Proxy::start(Manner::Refuse(403));
        let mut command = credage();
        command.args(["domains", "--retries", "0", "--auth", "instance_principal"]);
        command.env("OCI_METADATA_BASE_URL", format!("{}/opc/v2", whole.estate.url()));
        command.envs(federation.map(|url| ("OCI_CLI_FEDERATION_ENDPOINT", url)));
        let run = finish({
            command.env("HTTPS_PROXY", proxy.url());
            command
        });
        assert!(!run.stderr.contains("in no table"), "{}", run.stderr);
        let hosts: Vec<_> =
            proxy.heads().iter().map(|head| head.split(' ').nth(1).unwrap().to_owned()).collect();
        assert!(!hosts.is_empty(), "{run:?}");
        hosts
    };
    assert!(asked(None).iter().all(|host| host == "auth.us-dcc-test-1.oc17.test:443"));
    let hosts = asked(Some(format!("{}/v1/x509", whole.estate.url())));
    assert!(hosts.iter().all(|host| host == "identity.us-dcc-test-1.oci.oc17.test:443"), "{hosts:?}");
}

#[test]
fn regions_and_realms_lead_to_their_own_identity_service() {
    let whole = Whole::start(EstateConfig::new(one()));
    let asked = |env: &[(&str, &str)], args: &[&str]| asked(&whole, env, args);
    let (run, host) = asked(&[], &[]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert_eq!(
        host.as_deref(),
        Some("identity.us-ashburn-1.oci.oraclecloud.com:443"),
        "the profile's region"
    );
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    let (_, host) = asked(&[("OCI_CLI_REGION", "fra")], &[]);
    assert_eq!(host.as_deref(), Some("identity.eu-frankfurt-1.oci.oraclecloud.com:443"), "by its key");
    let (run, host) = asked(&[], &["--region", "us-ashburn-9"]);
    assert_eq!(host.as_deref(), Some("identity.us-ashburn-9.oci.oraclecloud.com:443"));
    assert!(run.stderr.contains("--region: the region us-ashburn-9 is not known"), "{}", run.stderr);
    let (run, host) = asked(&[], &["--region", "us-gov-phoenix-1"]);
    assert_eq!((run.code, host), (2, None), "a tenancy of another realm is not looked for there");
    assert!(
        run.stderr.contains("is of the realm oc1") && run.stderr.contains("which is of oc3"),
        "{}",
        run.stderr
    );
    let (run, host) = asked(&[], &["--region", "not a region"]);
    assert_eq!((run.code, host), (2, None));
    assert!(run.stderr.contains("is no region"), "{}", run.stderr);
    let mars = r#"{"realmKey":"oc1","realmDomainComponent":"cloud.test","regionKey":"xyz","regionIdentifier":"xx-mars-1"}"#;
    let (run, host) = asked(&[("OCI_REGION_METADATA", mars)], &["--region", "XYZ"]);
    assert_eq!(host.as_deref(), Some("identity.xx-mars-1.oci.cloud.test:443"));
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    let (run, _) = asked(&[("OCI_REGION_METADATA", "{}")], &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("OCI_REGION_METADATA is no region metadata"), "{}", run.stderr);
    let file = whole.dir.path().join(".oci/regions-config.json");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, format!("[{mars}]")).unwrap();
    let (_, host) = asked(&[], &["--region", "xx-mars-1"]);
    assert_eq!(host.as_deref(), Some("identity.xx-mars-1.oci.cloud.test:443"), "of the home's own file");
    std::fs::write(&file, "[{}]").unwrap();
    let (run, _) = asked(&[], &[]);
    assert!(run.code == 2 && run.stderr.contains("regions-config.json is no region metadata"), "{run:?}");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let (run, _) = asked(&[], &[]);
    assert!(run.code == 2 && run.stderr.contains("regions-config.json"), "unreadable is not absent: {run:?}");
}
