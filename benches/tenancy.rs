//! What a whole tenancy costs: two profiles of 20 domains each, every domain at its own licence's limit, against the slowest
//! of them alone; and how long it takes from the start of the process to its first request, and to know that there is no
//! instance metadata. Prints figures and ratios, and judges nothing: `cargo bench`. See docs/performance.md.
#![expect(clippy::indexing_slicing, reason = "a JSON value that is not there reads as null")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use credage_sim::{DomainSpec, Estate, EstateConfig, ListingPolicies, ListingPolicy, RateLimit, SimConfig};
use serde_json::Value;
use wait4::Wait4;

type Failure = Box<dyn std::error::Error>;

const DOMAINS: usize = 20;
const USUAL: usize = 30;
/// Users of the largest domain, which is a Free one: more than a minute's budget of it, and therefore the slowest.
const LARGEST: usize = 150;
const LATENCY: Duration = Duration::from_millis(50);
const LICENCES: [(&str, RateLimit); 4] = [
    ("free", RateLimit::Free),
    ("oracle-apps", RateLimit::OracleApps),
    ("premium", RateLimit::Premium),
    ("external-user", RateLimit::ExternalUser),
];

fn main() -> Result<(), Failure> {
    #[expect(clippy::disallowed_methods, reason = "figures of our own, and no names")]
    let mut out = std::io::stdout().lock();
    let runtime = tokio::runtime::Runtime::new()?;
    let folder = tempfile::tempdir()?;
    let (one, config) =
        runtime.block_on(start("ocid1.tenancy.oc1..aaaaone", 1, &folder.path().join("one")))?;
    let (two, other) =
        runtime.block_on(start("ocid1.tenancy.oc1..aaaatwo", 101, &folder.path().join("two")))?;
    one.serve_neighbour(&two);
    join(&config, &other)?;

    let slowest = slowest_alone(&one, &config)?;
    // The minute's budget of the slowest domain is spent; it must not weigh on what comes.
    std::thread::sleep(Duration::from_secs(61));
    let all = everything(&one, &config)?;
    let refused: u64 =
        one.domains().iter().chain(two.domains()).map(|domain| domain.stats().rate_limited()).sum();
    writeln!(
        out,
        "2 profiles of {DOMAINS} domains, one user a request, {} ms a request",
        LATENCY.as_millis()
    )?;
    writeln!(
        out,
        "  slowest domain alone {:>6} ms    {} requests",
        slowest.wall.as_millis(),
        slowest.requests
    )?;
    let ratio = hundredths(all.wall, slowest.wall)?;
    writeln!(
        out,
        "  all {} domains       {:>6} ms    {} requests, ratio {ratio}",
        2 * DOMAINS,
        all.wall.as_millis(),
        all.requests
    )?;
    writeln!(out, "  CPU of the process   {:>6} ms", all.cpu.as_millis())?;
    writeln!(out, "  refused as too fast  {refused:>6}\n")?;

    let first = best(5, || first_request(&config))?;
    writeln!(out, "start of the process to its first request, API key: {} ms\n", first.as_millis())?;
    let known = best(3, no_metadata)?;
    writeln!(out, "instance metadata that never answers is known after: {} ms", known.as_millis())?;
    Ok(())
}

/// A tenancy, and its configuration file.
async fn start(tenancy: &str, seed: u64, dir: &Path) -> Result<(Estate, PathBuf), Failure> {
    let now = "2026-06-01T12:00:00Z".parse()?;
    let specs = (0..DOMAINS).zip(LICENCES.into_iter().cycle()).zip(seed..).map(
        |((number, (licence, rate_limit)), seed)| {
            let users = if number == 0 { LARGEST } else { USUAL };
            let listing = ListingPolicies::credentials(ListingPolicy::OneUser);
            let config = SimConfig {
                users,
                seed,
                rate_limit,
                listing,
                latency: LATENCY,
                odd_users: false,
                ..SimConfig::new(now)
            };
            DomainSpec {
                compartment: number % 3,
                ..DomainSpec::new(&format!("Domain{number:02}"), licence, config)
            }
        },
    );
    let config = EstateConfig {
        tenancy: tenancy.to_owned(),
        latency: LATENCY,
        page: 100,
        ..EstateConfig::new(specs.collect())
    };
    let estate = Estate::start(config).await?;
    let files = estate.write_profile(dir)?;
    Ok((estate, files.config))
}

/// Adds the other file's profile as TWO.
fn join(config: &Path, other: &Path) -> Result<(), Failure> {
    let (text, second) = (std::fs::read_to_string(config)?, std::fs::read_to_string(other)?);
    let second = second.lines().skip(2).collect::<Vec<_>>().join("\n");
    std::fs::write(config, format!("{text}\n[TWO]\n{second}\n"))?;
    Ok(())
}

struct Figures {
    wall: Duration,
    cpu: Duration,
    requests: u64,
}

fn slowest_alone(estate: &Estate, config: &Path) -> Result<Figures, Failure> {
    measure(audit(estate, config).args(["--domain", "Domain00"]), 1)
}

fn everything(estate: &Estate, config: &Path) -> Result<Figures, Failure> {
    measure(audit(estate, config).args(["--profile", "DEFAULT", "--profile", "TWO"]), 2 * DOMAINS)
}

fn audit(estate: &Estate, config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
    command.args(["audit", "--quiet", "--format", "json", "--identity-endpoint", estate.url()]);
    command.arg("--config-file").arg(config);
    command
}

fn measure(command: &mut Command, domains: usize) -> Result<Figures, Failure> {
    let begin = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut stdout = Vec::new();
    child.stdout.take().ok_or("the audit has no output")?.read_to_end(&mut stdout)?;
    let used = child.wait4()?;
    let wall = begin.elapsed();
    let report: Value = serde_json::from_slice(&stdout)?;
    let found = report["domains"].as_array().map(Vec::as_slice).unwrap_or_default();
    if report["complete"] != true || found.len() != domains {
        return Err("the audit was not complete, so its cost says nothing".into());
    }
    let requests = found.iter().filter_map(|domain| domain["requests"].as_u64()).sum();
    Ok(Figures { wall, cpu: used.rusage.utime + used.rusage.stime, requests })
}

/// Until a server of ours holds the first bytes.
fn first_request(config: &Path) -> Result<Duration, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
    command.args(["audit", "--quiet", "--domain-url", &url, "--config-file"]).arg(config);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let mut child = command.spawn()?;
    let (mut stream, _) = listener.accept()?;
    stream.read_exact(&mut [0])?;
    let wall = begin.elapsed();
    child.kill()?;
    child.wait()?;
    Ok(wall)
}

/// A whole run that finds nobody who answers.
fn no_metadata() -> Result<Duration, Failure> {
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
    command.args(["audit", "--auth", "instance_principal"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("OCI_METADATA_BASE_URL", format!("http://{}/opc/v2", silent.local_addr()?));
    let begin = Instant::now();
    let status = command.status()?;
    if status.code() != Some(2) {
        return Err("metadata was found where there is none".into());
    }
    Ok(begin.elapsed())
}

fn best(times: u32, mut measured: impl FnMut() -> Result<Duration, Failure>) -> Result<Duration, Failure> {
    let mut best = measured()?;
    for _ in 1..times {
        best = best.min(measured()?);
    }
    Ok(best)
}

/// A ratio with two decimals, without floating point.
fn hundredths(value: Duration, minimum: Duration) -> Result<String, Failure> {
    let ratio = value.as_millis() * 100 / minimum.as_millis().max(1);
    let ratio = u64::try_from(ratio)?;
    Ok(format!("{}.{:02}", ratio / 100, ratio % 100))
}
