//! The way to the servers: clock, region, name, connection, certificate, proxy.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use credage_sim::{Estate, EstateConfig, ServerCertificate, SimConfig};
use jiff::SignedDuration;
use serde_json::Value;

use super::{assert_problem, doctor, healthy, json_of, statements, text, verdict, with_file};
use crate::harness::{Tenancy, config};
use crate::tenancy::{Whole, spec};

#[test]
fn a_clock_that_is_off_is_told_before_anything_is_blamed_on_rights() {
    let skewed = |seconds| {
        let clock_skew = SignedDuration::from_secs(seconds);
        let mut specs = vec![spec("Default", "free", 1)];
        specs[0].config.clock_skew = clock_skew;
        doctor(&Whole::start(EstateConfig { clock_skew, ..EstateConfig::new(specs) }), &[])
    };
    let (run, json) = skewed(120);
    assert_eq!((run.code, verdict(&json, "clock")), (0, "warning"), "{json:#}");
    assert!(text(&json, "clock", "detail").contains("behind the server's"));
    let (run, json) = skewed(-1200);
    assert_eq!(run.code, 4, "{json:#}");
    assert_problem(&json, "clock", "20 min ahead of", "NTP");
    assert_problem(&json, "search", "NotAuthenticated", "set the clock first");
    assert!(statements(&json).is_empty(), "rights would not help");
    let clock_skew = SignedDuration::from_mins(9);
    let tenancy = Tenancy::start(SimConfig { clock_skew, ..config() });
    let (run, json) = json_of(with_file(&tenancy.files.config, &["--domain-url", tenancy.sim.url()]));
    assert_eq!(run.code, 4);
    assert_problem(&json, "clock", "behind", "NTP");
    assert_problem(&json, "users", "401", "set the clock first");
}

#[test]
fn regions_and_names_are_checked() {
    let whole = healthy();
    let with_region = |region: &str| json_of(with_file(&whole.files.config, &["--region", region]));
    let (run, json) = with_region("us-gov-phoenix-1");
    assert_eq!(run.code, 2);
    assert_problem(&json, "region", "realm oc3", "own realm");
    let path = whole.dir.path().join("other");
    let good = fs::read_to_string(&whole.files.config).unwrap();
    fs::write(&path, good.replace("region=us-ashburn-1\n", "")).unwrap();
    let (run, json) = json_of(with_file(&path, &[]));
    assert_eq!(run.code, 2);
    assert_problem(&json, "region", "no region is known", "--region");
    // A name of this kind never resolves (RFC 6761), and nothing is sent to find out.
    let (run, json) =
        json_of(with_file(&whole.files.config, &["--identity-endpoint", "https://identity.invalid"]));
    assert_eq!(run.code, 4, "{json:#}");
    assert_problem(&json, "name", "identity.invalid does not resolve", "misspelling");
    assert_eq!(verdict(&json, "connection"), "skipped");
    assert!(text(&json, "domains", "detail").contains("no Identity service"));
    let url = whole.estate.domains()[0].url();
    let both = ["--domain-url", "https://idcs-1.invalid", "--domain-url", url];
    let (run, json) = json_of(with_file(&whole.files.config, &both));
    assert_eq!(run.code, 3, "one of the two can be read: {json:#}");
    assert_eq!(json["prospect"], "incomplete");
    assert_eq!(json["estimate"], Value::Null);
}

#[test]
fn a_port_where_nobody_listens_is_told() {
    let whole = healthy();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (run, json) =
        json_of(with_file(&whole.files.config, &["--identity-endpoint", &format!("https://{free}")]));
    assert_eq!(run.code, 4);
    assert_problem(&json, "connection", "refuses connections", "firewall");
    assert_eq!(verdict(&json, "clock"), "skipped");
}

#[test]
fn certificates_are_told_apart() {
    let mut whole = healthy();
    let ca = whole.dir.path().join("ca.pem");
    let Whole { estate, runtime, .. } = &mut whole;
    let good = ServerCertificate::of("127.0.0.1");
    let ended = ServerCertificate { expired: true, ..good.clone() };
    let ended = runtime.block_on(Estate::start_tls(estate, &ca, &ended)).unwrap();
    let url = runtime.block_on(Estate::start_tls(estate, &ca, &good)).unwrap();
    let ca = ca.to_str().unwrap();
    let with = |url: &str, args: &[&str]| {
        json_of(with_file(&whole.files.config, &[&["--identity-endpoint", url], args].concat()))
    };
    let (run, json) = with(&url, &[]);
    assert_eq!(run.code, 4);
    assert_problem(&json, "connection", "no authority that is trusted", "--ca-bundle");
    let (run, json) = with(&url, &["--ca-bundle", ca]);
    assert_eq!(run.code, 0, "{json:#}");
    assert!(text(&json, "authorities", "detail").contains("ca.pem"));
    let (_, json) = with(&ended, &["--ca-bundle", ca]);
    assert_problem(&json, "connection", "is over, or has not begun", "clock");
    let (_, json) = with(&url.replace("127.0.0.1", "localhost"), &["--ca-bundle", ca]);
    assert_problem(&json, "connection", "for another host", "check the URL");
    let plain = whole.estate.url().replace("http://", "https://");
    let (_, json) = with(&plain, &[]);
    assert_problem(&json, "connection", "does not speak TLS", "check host and port");
    let (run, json) = with(&url, &["--ca-bundle", "/nonexistent"]);
    assert_eq!(run.code, 2);
    assert_problem(&json, "authorities", "cannot be read", "correct the path");
    assert_eq!(verdict(&json, "key"), "ok", "the key is looked at all the same");
    assert_eq!(verdict(&json, "connection"), "skipped");
}

/// A proxy that answers every request in this way.
fn proxy(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            read_head(&mut stream);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://me:hunter2@{address}")
}

fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
}

#[test]
fn a_proxy_that_refuses_is_told_apart_from_the_server() {
    let whole = healthy();
    let through = |proxy: &str| {
        let mut command =
            with_file(&whole.files.config, &["--identity-endpoint", "https://identity.invalid"]);
        command.env("HTTPS_PROXY", proxy);
        let (run, json) = json_of(command);
        assert!(!run.stdout.contains("hunter2"), "{}", run.stdout);
        (run, json)
    };
    let (run, json) = through(&proxy("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
    assert_eq!(run.code, 4);
    assert_problem(&json, "connection", "does not let identity.invalid through", "*.oraclecloud.com");
    assert_eq!(verdict(&json, "name"), "skipped");
    assert!(text(&json, "name", "detail").contains("resolved by the proxy"));
    assert!(text(&json, "proxy", "detail").contains("(HTTPS_PROXY)"));
    let (_, json) =
        through(&proxy("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"));
    assert_problem(&json, "connection", "wants a user name and password", "USER:PASSWORD");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (_, json) = through(&format!("http://{free}"));
    assert_problem(&json, "connection", "the proxy http://127.0.0.1", "HTTPS_PROXY");
    let (run, json) = through("http://:hunter2@");
    assert_eq!(run.code, 2);
    assert_problem(&json, "proxy", "HTTPS_PROXY is no URL", "unset it");
}
