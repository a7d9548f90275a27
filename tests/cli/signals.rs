//! SIGINT and SIGTERM, whatever the run is doing: the right code, and nothing left behind.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use credage_sim::SimConfig;

use crate::harness::{NOW, Tenancy, config};
use crate::notify::{SECRET, hook, policy};
use crate::receiver::{Answer, Receiver};

const SIGNALS: [(&str, i32); 2] = [("-INT", 130), ("-TERM", 143)];

fn start(temp: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
    command.env_clear().env("HOME", "/nonexistent").env("TMPDIR", temp).env("HOOK_SECRET", SECRET);
    command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Sends a signal once `ready`, and waits for the end without reading what was printed on standard output.
fn end_when(mut child: Child, signal: &str, ready: impl Fn() -> bool) -> Output {
    let begin = Instant::now();
    while !ready() {
        assert!(begin.elapsed() < Duration::from_mins(1), "never ready");
        assert!(child.try_wait().unwrap().is_none(), "ended before the signal");
        std::thread::yield_now();
    }
    let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    let mut stderr = Vec::new();
    child.stderr.take().unwrap().read_to_end(&mut stderr).unwrap();
    Output { status, stdout: Vec::new(), stderr }
}

/// What is in a folder, but for the folder in which processes share their pace.
fn left(folder: &Path) -> Vec<String> {
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_shared = |name: &str| {
        let user = name.strip_prefix("credage-");
        user.is_some_and(|user| user.bytes().all(|byte| byte.is_ascii_digit()))
    };
    names.filter(|name| !is_shared(name)).collect()
}

fn slow() -> Tenancy {
    Tenancy::start(SimConfig { latency: Duration::from_secs(30), ..config() })
}

#[test]
fn while_reading() {
    for (signal, code) in SIGNALS {
        let (tenancy, temp) = (slow(), tempfile::tempdir().unwrap());
        let file = temp.path().join("never.csv");
        let write = format!("csv={}", file.display());
        let config = tenancy.files.config.to_str().unwrap();
        let child = start(
            temp.path(),
            &["audit", "--domain-url", tenancy.sim.url(), "--config-file", config, "--write", &write],
        );
        let output = end_when(child, signal, || tenancy.stats().requests > 0);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("nothing was written"), "{output:?}");
        assert!(left(temp.path()).is_empty(), "{:?}", left(temp.path()));
    }
}

/// Ends a demo whose own profile is there, as it is for as long as the demo is read; nothing where it was too quick.
fn while_a_demo_runs(signal: &str) -> Option<Output> {
    let (temp, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let write = format!("csv={}", out.path().join("all.csv").display());
    let args = ["audit", "--demo", "--as-of", NOW, "--format", "json", "--all-users", "--write", &write];
    let child = start(temp.path(), &args);
    let met = std::cell::Cell::new(false);
    let output = end_when(child, signal, || {
        met.set(!left(temp.path()).is_empty());
        met.get() || left(out.path()) == ["all.csv"]
    });
    assert!(left(temp.path()).is_empty(), "{:?}", left(temp.path()));
    met.get().then_some(output)
}

#[test]
fn with_temporary_files_at_hand() {
    for (signal, code) in SIGNALS {
        let output = (0..20).find_map(|_| while_a_demo_runs(signal)).expect("a demo slow enough to be met");
        assert_eq!(output.status.code(), Some(code), "{output:?}");
    }
}

#[test]
fn while_nobody_reads_the_output() {
    for (signal, code) in SIGNALS {
        let temp = tempfile::tempdir().unwrap();
        let (out, file) = (tempfile::tempdir().unwrap(), "all.csv");
        let write = format!("csv={}", out.path().join(file).display());
        let args = ["audit", "--demo", "--as-of", NOW, "--format", "json", "--all-users", "--write", &write];
        let child = start(temp.path(), &args);
        // Files come first; then the pipe is full.
        let output = end_when(child, signal, || left(out.path()) == [file]);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(left(temp.path()).is_empty(), "{:?}", left(temp.path()));
        assert_eq!(left(out.path()), [file]);
    }
}

#[test]
fn while_notifying() {
    for (signal, code) in SIGNALS {
        let (tenancy, receiver) = (Tenancy::start(config()), Receiver::start(&[Answer::Silence]));
        let temp = tempfile::tempdir().unwrap();
        let hook = hook("siem", &receiver.url, "").replace("timeout = 2", "timeout = 50");
        let policy = policy(&tenancy, &hook);
        let files = tenancy.files.config.to_str().unwrap();
        let args = ["audit", "--domain-url", tenancy.sim.url(), "--config-file", files, "--policy", &policy];
        let child = start(temp.path(), &[&args[..], &["--notify", "--rows", "1"]].concat());
        let output = end_when(child, signal, || !receiver.got().is_empty());
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("some channels may not have been notified"), "{said}");
    }
}
