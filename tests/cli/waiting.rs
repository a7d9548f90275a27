//! Waiting and ending: every run ends in its time, says what it did not read, and waits no longer than it should.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use credage_sim::{
    Collection, EstateConfig, Fault, FaultAction, ListingPolicies, ListingPolicy, RateLimit, SimConfig,
};
use jiff::SignedDuration;
use serde_json::Value;

use crate::harness::{NOW, Run, Tenancy, assert_whole, config, credage, finish, kind, verdict};
use crate::tenancy::{Whole, one};

/// A server that answers every request alike.
struct Alike {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Alike {
    /// `head` is the status line and further headers.
    fn start(head: &'static str, body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut part = [0; 16 * 1024];
                let Ok(_) = stream.read(&mut part) else { continue };
                counted.fetch_add(1, Ordering::Relaxed);
                let length = body.len();
                // Who does not listen any more is not told.
                let _ = write!(
                    stream,
                    "HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
                );
            }
        });
        Self { url, requests }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// An audit of it as a domain, with the key of a tenancy that does not matter.
    fn audit(&self, tenancy: &Tenancy, args: &[&str]) -> (Run, Value, Duration) {
        let mut command = credage();
        command.args(["audit", "--format", "json", "--as-of", NOW, "--rate-limit", "none"]);
        command.args(["--domain-url", &self.url, "--config-file"]).arg(&tenancy.files.config).args(args);
        let begin = Instant::now();
        let run = finish(command);
        let json = run.json();
        (run, json, begin.elapsed())
    }
}

fn small() -> SimConfig {
    SimConfig { users: 12, ..config() }
}

/// Why a kind is not complete.
fn reason<'r>(report: &'r Value, name: &str) -> &'r str {
    kind(report, name)["coverage"]["reason"].as_str().unwrap_or_default()
}

#[test]
fn a_dead_domain_is_noticed_after_a_handful_of_requests() {
    let tenancy = Tenancy::start(small());
    let dead = Alike::start("503 Service Unavailable", "");
    let (run, report, took) = dead.audit(&tenancy, &[]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(dead.requests() <= 20, "{} requests", dead.requests());
    assert!(took < Duration::from_secs(30), "{took:?}");
    for name in ["api_key", "smtp_credential"] {
        assert_eq!(verdict(&report, name), "unreadable");
        assert!(reason(&report, name).contains("503"), "{}", reason(&report, name));
    }
}

#[test]
fn a_domain_that_fails_three_times_out_of_ten_is_read_completely() {
    let bad = [2, 3, 5, 8, 9, 10, 14, 17, 18, 22, 25, 26, 27, 31];
    let faults = bad.map(|nth| Fault {
        collection: None,
        nth,
        times: 1,
        action: if nth % 2 == 0 { FaultAction::Status(503) } else { FaultAction::Reset },
    });
    let tenancy = Tenancy::start(SimConfig { faults: faults.to_vec(), page_cap: Some(5), ..small() });
    let (run, report) = tenancy.report(&[]);
    assert_whole(&tenancy, &run, &report);
}

#[test]
fn nobody_waits_for_hours() {
    let tenancy = Tenancy::start(small());
    for head in [
        "503 Service Unavailable\r\nretry-after: 3600",
        "429 Too Many Requests\r\nretry-after: 99999999999999999999",
        "503 Service Unavailable\r\ndate: Mon, 01 Jun 2026 12:00:00 GMT\r\nretry-after: Mon, 01 Jun 2026 13:00:00 GMT",
    ] {
        let (run, report, took) = Alike::start(head, "").audit(&tenancy, &[]);
        assert_eq!(run.code, 4, "{}", run.stderr);
        assert!(took < Duration::from_secs(15), "{took:?} for {head}");
        let reason = reason(&report, "api_key");
        assert!(reason.contains("asks to retry in") && reason.contains("exceeds the limit"), "{reason}");
    }
}

#[test]
fn to_be_told_to_come_back_at_once_is_no_reason_to_hurry() {
    let tenancy = Tenancy::start(small());
    for head in
        ["429 Too Many Requests\r\nretry-after: 0", "503 x\r\nretry-after: Thu, 01 Jan 1970 00:00:00 GMT"]
    {
        let server = Alike::start(head, "");
        let (run, _, took) = server.audit(&tenancy, &["--deadline", "3s"]);
        assert_eq!(run.code, 4);
        assert!(server.requests() <= 40, "{} requests in {took:?}", server.requests());
    }
}

#[test]
fn an_answer_of_another_shape_is_not_asked_for_again_and_again() {
    let tenancy = Tenancy::start(small());
    let server = Alike::start("200 OK", "[1, 2]");
    let (run, _, took) = server.audit(&tenancy, &["--kind", "api_key"]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(took < Duration::from_secs(15), "{took:?}");
    assert!(server.requests() <= 12, "{} requests", server.requests());
}

#[test]
fn what_was_not_read_before_the_deadline_is_named() {
    let stall =
        Fault { collection: Some(Collection::ApiKeys), nth: 2, times: u64::MAX, action: FaultAction::Stall };
    let tenancy = Tenancy::start(SimConfig { faults: vec![stall], page_cap: Some(20), ..config() });
    let begin = Instant::now();
    let (run, report) = tenancy.report(&["--deadline", "4s"]);
    assert!(begin.elapsed() < Duration::from_secs(15));
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(report["complete"], false);
    assert!(
        reason(&report, "api_key").contains("the deadline of 4 s passed"),
        "{}",
        kind(&report, "api_key")
    );
    assert_eq!(verdict(&report, "auth_token"), "complete");
}

#[test]
fn a_deadline_before_the_first_answer_leaves_nothing_unsaid() {
    let tenancy = Tenancy::start(SimConfig { latency: Duration::from_secs(20), ..small() });
    let (run, report) = tenancy.report(&["--deadline", "1s"]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    for each in report["domains"][0]["kinds"].as_array().unwrap() {
        assert_eq!(each["coverage"]["verdict"], "unreadable");
        assert!(each["coverage"]["reason"].as_str().unwrap().contains("deadline"), "{each}");
    }
    let whole = Whole::start(EstateConfig { latency: Duration::from_secs(20), ..EstateConfig::new(one()) });
    let doctor = finish(whole.command(&["doctor", "--deadline", "1s"]));
    assert!(doctor.code >= 3 && doctor.stdout.contains("deadline"), "{doctor:?}");
    for command in ["audit", "domains", "capabilities"] {
        let run = finish(whole.command(&[command, "--deadline", "1s"]));
        assert_eq!(run.code, 4, "{command}: {}", run.stderr);
        assert!(run.stdout.contains("deadline"), "{command}: {}", run.stdout);
    }
    for wrong in ["0", "-5s", "soon", ""] {
        assert_eq!(tenancy.audit(&["--deadline", wrong]).code, 2, "{wrong}");
    }
}

#[test]
fn a_clock_that_is_off_is_said_on_standard_error() {
    for (seconds, said) in [(0, None), (-45, Some(" s ahead of")), (100, Some("2 min behind"))] {
        let clock_skew = SignedDuration::from_secs(seconds);
        let tenancy = Tenancy::start(SimConfig { clock_skew, ..small() });
        let (run, report) = tenancy.report(&[]);
        assert_whole(&tenancy, &run, &report);
        let ahead = report["domains"][0]["clock_ahead_seconds"].as_i64();
        let table = tenancy.audit(&[]).stdout;
        if let Some(said) = said {
            assert!(run.stderr.contains(said), "{}", run.stderr);
            assert!(ahead.is_some_and(|ahead| (ahead + seconds).abs() < 10), "{ahead:?} for {seconds}");
            assert!(table.contains("this machine's clock was"), "{table}");
        } else {
            assert!(!run.stderr.contains("clock") && !table.contains("clock"), "{}", run.stderr);
            assert_eq!(ahead, None);
        }
    }
    let tenancy = Tenancy::start(SimConfig { clock_skew: SignedDuration::from_mins(9), ..small() });
    let (run, report) = tenancy.report(&[]);
    assert_eq!(run.code, 4);
    assert!(reason(&report, "api_key").contains("clock is 9 min behind"), "{}", reason(&report, "api_key"));
}

#[test]
fn a_token_endpoint_is_waited_for_like_everybody_else() {
    let tenancy = Tenancy::start(small());
    let audit = |server: &Alike| {
        let mut command = credage();
        command.args(["audit", "--format", "json", "--domain-url", &server.url]);
        command.env("CREDAGE_CLIENT_ID", "client-1").env("CREDAGE_CLIENT_SECRET", "s3cret");
        let begin = Instant::now();
        (finish(command), begin.elapsed())
    };
    let hours = Alike::start("429 Too Many Requests\r\nretry-after: 7200", "{}");
    let (run, took) = audit(&hours);
    assert!(run.stdout.contains("asks to retry in 7200 s, which exceeds"), "{run:?}");
    assert!(took < Duration::from_secs(10) && hours.requests() <= 2, "{took:?}");
    let soon = Alike::start("503 Service Unavailable\r\nretry-after: 1", "{}");
    let (run, took) = audit(&soon);
    assert_ne!(run.code, 0);
    assert!(took >= Duration::from_secs(3), "three pauses of a second: {took:?}");
    let never = Alike::start("501 Not Implemented", "{}");
    audit(&never);
    assert!(never.requests() <= 2, "{}", never.requests());
    drop(tenancy);
}

/// Two processes that know nothing of each other, each with four fifths of the limit.
#[cfg(unix)]
#[test]
fn two_processes_share_a_domain_s_budget() {
    let listing = ListingPolicies::credentials(ListingPolicy::OneUser);
    let users = 90;
    let tenancy = Tenancy::start(SimConfig {
        listing,
        rate_limit: RateLimit::Free,
        users,
        odd_users: false,
        ..config()
    });
    let runtime = tempfile::tempdir().unwrap();
    let run = || {
        let mut command = tenancy.command(&["--format", "json", "--kind", "api_key", "--concurrency", "64"]);
        command.args(["--rate-limit", "free"]).env("XDG_RUNTIME_DIR", runtime.path());
        finish(command)
    };
    let runs: Vec<Run> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..2).map(|_| scope.spawn(run)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for run in &runs {
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(run.json()["complete"], true);
    }
    assert_eq!(tenancy.stats().rate_limited(), 0, "{} requests", tenancy.stats().requests);
    assert!(tenancy.stats().requests > 40, "the limit of a second was felt");
}

#[cfg(unix)]
#[test]
fn more_domains_than_file_descriptors_are_read() {
    let specs = (0..150).map(|number| {
        let config = SimConfig { users: 12, seed: number, ..config() };
        credage_sim::DomainSpec::new(&format!("Domain{number}"), "premium", config)
    });
    let whole = Whole::start(EstateConfig { page: 1000, ..EstateConfig::new(specs.collect()) });
    let mut command = assert_cmd::Command::new("sh");
    command.env_clear().env("HOME", "/nonexistent").args(["-c", "ulimit -n 160; exec \"$0\" \"$@\""]);
    command.arg(env!("CARGO_BIN_EXE_credage")).args(["audit", "--format", "json", "--as-of", NOW]);
    command.args(["--rate-limit", "none", "--identity-endpoint", whole.estate.url(), "--config-file"]);
    let run = finish({
        command.arg(&whole.files.config);
        command
    });
    assert!(!run.stdout.contains("Too many open files"), "{}", run.stdout);
    let report = run.json();
    let domains = report["domains"].as_array().unwrap();
    assert_eq!(domains.len(), 150);
    assert!(domains.iter().all(|domain| domain["users"]["coverage"]["verdict"] == "complete"));
    assert_eq!(crate::harness::ids(&report), whole.truth());
}

#[test]
fn a_query_that_is_answered_with_an_error_leads_to_another_one() {
    for (status, most) in [(501, 2), (500, 8)] {
        let fault = Fault {
            collection: Some(Collection::ApiKeys),
            nth: 1,
            times: most,
            action: FaultAction::Status(status),
        };
        let tenancy = Tenancy::start(SimConfig { faults: vec![fault], ..small() });
        let (run, report) = tenancy.report(&[]);
        assert_whole(&tenancy, &run, &report);
        assert_ne!(kind(&report, "api_key")["listing"], "whole", "{status}");
    }
}
