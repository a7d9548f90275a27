//! Whatever stands between credage and a tenancy: each has its own message with a remedy, and costs no more than it must.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use credage_sim::{Collection, EstateConfig, Fault, FaultAction, ServerCertificate, SimConfig};
use jiff::SignedDuration;
use wait4::Wait4;

use crate::harness::{NOW, Run, Tenancy, assert_gap, config, credage, finish, kind, verdict};
use crate::tenancy::{Whole, spec};

fn one() -> Vec<credage_sim::DomainSpec> {
    vec![spec("Default", "premium", 1)]
}

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
fn at(whole: &Whole, url: &str, env: &[(&str, &str)], args: &[&str]) -> Run {
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

#[test]
fn a_domain_that_redirects_is_not_followed() {
    let there = Tenancy::start(config());
    let address: SocketAddr = there.sim.url().strip_prefix("http://").unwrap().parse().unwrap();
    let action = FaultAction::Redirect(address);
    let fault = Fault { collection: Some(Collection::ApiKeys), nth: 1, times: u64::MAX, action };
    let here = Tenancy::start(SimConfig { faults: vec![fault], ..config() });
    let (run, report) = here.report(&[]);
    assert_gap(&run, &report, "api_key");
    let coverage = &kind(&report, "api_key")["coverage"];
    assert_eq!(coverage["status"], 302);
    assert!(
        coverage["reason"].as_str().unwrap().contains(&format!("redirects to http://{address}")),
        "{coverage}"
    );
    assert!(coverage["hint"].as_str().unwrap().contains("the console shows"), "{coverage}");
    assert_eq!(verdict(&report, "auth_token"), "complete");
    assert_eq!(there.stats().requests, 0, "nothing was sent there");
    let everything = Fault { collection: None, ..fault };
    let here = Tenancy::start(SimConfig { faults: vec![everything], ..config() });
    assert_eq!(here.audit(&[]).code, 4);
    assert_eq!(there.stats().requests, 0);
}

#[test]
fn a_page_of_100_mb_is_refused_in_bounded_memory() {
    for announced in [true, false] {
        let action = FaultAction::Oversized { announced };
        let fault = Fault { collection: Some(Collection::AuthTokens), nth: 1, times: u64::MAX, action };
        let tenancy = Tenancy::start(SimConfig { faults: vec![fault], users: 40, ..config() });
        let (run, report) = tenancy.report(&[]);
        assert_gap(&run, &report, "auth_token");
        let coverage = &kind(&report, "auth_token")["coverage"];
        assert!(coverage["reason"].as_str().unwrap().contains("larger than 64 MiB"), "{coverage}");
        assert!(coverage["reason"].as_str().unwrap().contains("tried once"), "{coverage}");
        assert_eq!(verdict(&report, "api_key"), "complete");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_credage"));
        command.env_clear().args(["audit", "--quiet", "--domain-url", tenancy.sim.url(), "--config-file"]);
        command.arg(&tenancy.files.config).stdout(std::process::Stdio::null());
        let used = command.spawn().unwrap().wait4().unwrap();
        let peak = used.rusage.maxrss / 1024 / 1024;
        assert!(peak < 300, "{peak} MB");
    }
}

#[test]
fn another_tenancy_s_token_is_refused() {
    let whole = Whole::start(EstateConfig { foreign_tokens: true, ..EstateConfig::new(one()) });
    let url = whole.estate.url();
    let mut command = credage();
    command.args(["audit", "--auth", "instance_principal", "--identity-endpoint", url]);
    command.env("OCI_METADATA_BASE_URL", format!("{url}/opc/v2"));
    command.env("OCI_CLI_FEDERATION_ENDPOINT", format!("{url}/v1/x509"));
    let run = finish(command);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("simulatedtenancyother for a certificate of"), "{}", run.stderr);
    assert!(run.stderr.contains("hint: check that OCI_METADATA_BASE_URL"), "{}", run.stderr);
    assert_eq!(whole.estate.domains()[0].stats().requests, 0);
}

#[test]
fn a_session_that_ends_between_two_pages_leaves_a_verdict() {
    let tenancy = Tenancy::start(SimConfig {
        session_lifetime: SignedDuration::from_secs(3),
        latency: std::time::Duration::from_millis(400),
        page_cap: Some(2),
        ..config()
    });
    tenancy.sim.write_session(&tenancy.files).unwrap();
    let (run, report) = tenancy.report(&["--profile", "SESSION"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let coverage = &kind(&report, "api_key")["coverage"];
    assert_eq!(coverage["verdict"], "partial", "{coverage}");
    assert!(coverage["read"].as_u64().unwrap() >= 2, "{coverage}");
    let reason = coverage["reason"].as_str().unwrap();
    assert!(reason.contains("expired at") && reason.contains("oci session refresh"), "{reason}");
    assert_eq!(tenancy.stats().refused_signatures, 0, "nothing is signed with what has ended");
}

#[test]
fn a_session_that_is_refreshed_beside_a_run_goes_on() {
    let tenancy = Tenancy::start(SimConfig {
        // Within the last minute the file is looked at again for every request.
        session_lifetime: SignedDuration::from_secs(20),
        latency: std::time::Duration::from_millis(200),
        page_cap: Some(10),
        users: 60,
        ..config()
    });
    tenancy.sim.write_session(&tenancy.files).unwrap();
    let first = std::fs::read_to_string(tenancy.path("session_token")).unwrap();
    let (run, report) = thread::scope(|scope| {
        let run = scope.spawn(|| tenancy.report(&["--profile", "SESSION"]));
        while tenancy.stats().requests < 8 {
            thread::yield_now();
        }
        // As `oci session refresh` does: key and token anew. What was signed before is still good.
        std::fs::write(&tenancy.files.config, trimmed(&tenancy.files.config)).unwrap();
        tenancy.sim.write_session(&tenancy.files).unwrap();
        run.join().unwrap()
    });
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(report["complete"], true);
    assert_ne!(std::fs::read_to_string(tenancy.path("session_token")).unwrap(), first);
}

/// A configuration file without its SESSION.
fn trimmed(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    text.split("\n[SESSION]").next().unwrap().to_owned()
}

#[test]
fn a_token_file_that_is_wrong_is_named() {
    let tenancy = Tenancy::start(config());
    tenancy.sim.write_session(&tenancy.files).unwrap();
    let token = tenancy.path("session_token");
    for (text, said) in [("", "is empty"), ("nonsense", "is not a token"), ("a.%%%.c", "is not a token")] {
        std::fs::write(&token, text).unwrap();
        let run = tenancy.audit(&["--profile", "SESSION"]);
        assert_eq!(run.code, 2, "{text}: {run:?}");
        assert!(
            run.stderr.contains(said) && run.stderr.contains("oci session authenticate"),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("session_token"), "{}", run.stderr);
    }
    std::fs::remove_file(&token).unwrap();
    let run = tenancy.audit(&["--profile", "SESSION"]);
    assert!(run.code == 2 && run.stderr.contains("which does not exist"), "{run:?}");
    // Not even root can read a directory as a file.
    std::fs::create_dir(&token).unwrap();
    let run = tenancy.audit(&["--profile", "SESSION"]);
    assert!(run.code == 2 && run.stderr.contains("cannot be read"), "{run:?}");
    assert_eq!(tenancy.stats().requests, 0);
}

/// An audit of a profile whose requests all end at a proxy of ours, so that one sees where they would have gone.
fn in_region(whole: &Whole, proxy: &Proxy, env: &HashMap<&str, &str>, args: &[&str]) -> Run {
    let mut command = credage();
    command.args(["audit", "--retries", "0", "--format", "json", "--config-file"]).arg(&whole.files.config);
    command.args(args).env("HTTPS_PROXY", proxy.url()).env("HOME", whole.dir.path()).envs(env);
    finish(command)
}

#[test]
fn regions_and_realms_lead_to_their_own_identity_service() {
    let whole = Whole::start(EstateConfig::new(one()));
    let asked = |env: &[(&str, &str)], args: &[&str]| {
        let proxy = Proxy::start(Manner::Refuse(403));
        let run = in_region(&whole, &proxy, &env.iter().copied().collect(), args);
        (run, proxy.heads().first().map(|head| head.split(' ').nth(1).unwrap().to_owned()))
    };
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

#[test]
fn what_is_no_identity_service_or_no_domain_is_no_pass() {
    let whole = Whole::start(EstateConfig::new(one()));
    let domain = whole.estate.domains()[0].url().to_owned();
    let run = at(&whole, &domain, &[], &[]);
    assert_eq!(run.code, 4, "{run:?}");
    let report = run.json();
    assert!(
        report["gaps"][0]["hint"].as_str().unwrap().contains("--identity-endpoint"),
        "{}",
        report["gaps"]
    );
    let mut command = credage();
    command.args(["audit", "--domain-url", whole.estate.url(), "--config-file"]).arg(&whole.files.config);
    let run = finish(command);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stdout.contains("404") && run.stdout.contains("the domain's URL"), "{}", run.stdout);
}

#[test]
fn a_federation_endpoint_that_is_elsewhere_gets_no_secret() {
    let (whole, there) = (Whole::start(EstateConfig::new(one())), TcpListener::bind("127.0.0.1:0").unwrap());
    let elsewhere = there.local_addr().unwrap();
    // A service that redirects whoever asks for a token.
    let redirecting = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = redirecting.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in redirecting.incoming().flatten() {
            let mut head = [0; 64 * 1024];
            let _ = stream.read(&mut head);
            let _ = write!(
                stream,
                "HTTP/1.1 302 Found\r\nlocation: http://{elsewhere}/v1/x509\r\ncontent-length: 0\r\n\r\n"
            );
        }
    });
    let mut command = credage();
    command.args(["audit", "--auth", "instance_principal", "--identity-endpoint", whole.estate.url()]);
    command.env("OCI_METADATA_BASE_URL", format!("{}/opc/v2", whole.estate.url()));
    command.env("OCI_CLI_FEDERATION_ENDPOINT", format!("http://{here}/v1/x509"));
    let run = finish(command);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("302") && run.stderr.contains("no secret follows"), "{}", run.stderr);
    there.set_nonblocking(true).unwrap();
    assert!(there.accept().is_err(), "nobody came");
}

#[test]
fn metadata_that_never_answers_is_known_within_seconds() {
    // It takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/opc/v2", silent.local_addr().unwrap());
    let begin = std::time::Instant::now();
    let mut command = credage();
    command.args(["audit", "--auth", "instance_principal"]).env("OCI_METADATA_BASE_URL", url);
    let run = finish(command);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("no answer within 1500 ms"), "{}", run.stderr);
    // The aim is 2 s; a busy machine gets some more, and still far less than the 10 s of a connection.
    assert!(begin.elapsed().as_secs() < 6, "{:?}", begin.elapsed());
}
