//! Whatever stands between credage and a tenancy: each has its own message with a remedy, and costs no more than it must.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::thread;

use credage_sim::{Collection, EstateConfig, Fault, FaultAction, SimConfig};
use jiff::SignedDuration;
use wait4::Wait4;

use crate::harness::{Tenancy, assert_gap, config, credage, finish, kind, verdict};
use crate::network::at;
use crate::tenancy::{Whole, one};

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
            let mut head = vec![0; 64 * 1024];
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
