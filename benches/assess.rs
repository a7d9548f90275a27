//! What judging costs: 250,000 credentials of 100,000 users through a policy with classes, waivers and all rules, on one
//! core, in memory. Prints figures, and judges nothing: `cargo bench --bench assess`. See docs/performance.md.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use credage_core::coverage::{Control, Reading};
use credage_core::kind::PerKind;
use credage_core::policy::{self, Overrides};
use credage_core::{
    AttributeReadings, Capability, ConfigSource, Coverage, Credential, CredentialId, DateReading, Domain,
    DomainInventory, IndexState, Inventory, Kind, Known, Listing, Mfa, Policy, Source, User, UserId, assess,
};
use jiff::{SignedDuration, Timestamp};

const USERS: usize = 100_000;
const CREDENTIALS: usize = 250_000;
const ROUNDS: u32 = 5;

const POLICY: &str = r#"
[rotation.api_key]
max_age = "60d"
[rules]
no-own-expiry = "info"
[[class]]
name = "machines"
match = { service_user = true }
max_age = "180d"
[[class]]
name = "pipelines"
match = { user = ["svc-*", "ci-*"] }
max_age = "30d"
[[class]]
name = "operators"
match = { group = "Operators" }
[[waiver]]
user = "svc-1*"
kind = "smtp_credential"
reason = "being replaced"
approved_by = "ciso@example.com"
until = 2026-12-31
[[waiver]]
user = "person-9*"
reason = "merger"
approved_by = "ciso@example.com"
until = 2026-09-30
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now: Timestamp = "2026-06-01T12:00:00Z".parse()?;
    let inventory = Inventory { domains: vec![domain(now)], ..Inventory::default() };
    let full = policy::read(Some(&ConfigSource::new("credage.toml", POLICY)), &Overrides::default(), now)?;
    #[expect(clippy::disallowed_methods, reason = "figures of our own, and no names")]
    let mut out = std::io::stdout().lock();
    writeln!(out, "{CREDENTIALS} credentials of {USERS} users, one core, best of {ROUNDS}")?;
    let large = large();
    let begin = Instant::now();
    let many =
        policy::read(Some(&ConfigSource::new("credage.toml", large.as_str())), &Overrides::default(), now)?;
    writeln!(out, "  a policy of {} kB is read in {} ms", large.len() / 1000, begin.elapsed().as_millis())?;
    for (name, policy) in [
        ("the default policy", Policy::default()),
        ("classes, waivers, every rule", full),
        ("2,000 classes, 20,000 waivers", many),
    ] {
        let mut best = Duration::MAX;
        let mut findings = 0;
        for _ in 0..ROUNDS {
            let begin = Instant::now();
            let assessment = assess(&inventory, &policy, now);
            best = best.min(begin.elapsed());
            findings = assessment.findings.len();
        }
        let each = best.as_nanos() / u128::try_from(CREDENTIALS)?;
        writeln!(
            out,
            "  {name:<30} {:>5} ms, {each} ns a credential, {findings} findings",
            best.as_millis()
        )?;
    }
    Ok(())
}

/// Classes by pattern, and waivers by user name, pattern and credential, most of which mean somebody.
fn large() -> String {
    let class = |number: u32| {
        format!("[[class]]\nname = \"{number}\"\nmatch = {{ user = \"person-{number}@*\" }}\nmax_age = 30\n")
    };
    let waiver = |number: u32| {
        let select = match number % 3 {
            0 => format!("user = \"svc-{number}\"\nkind = \"api_key\""),
            1 => format!("user = \"person-{number}@ex*\"\nkind = \"auth_token\""),
            _ => format!("credential = \"{number:032x}\"\nkind = \"smtp_credential\""),
        };
        format!(
            "[[waiver]]\n{select}\nreason = \"the vendor rotates it with the next release\"\nticket = \"SEC-{number}\"\n\
             approved_by = \"ciso@example.com\"\nuntil = 2026-12-31\n"
        )
    };
    let classes: Vec<String> = (0..2_000).map(class).collect();
    let waivers: Vec<String> = (0..20_000).map(waiver).collect();
    classes.concat() + &waivers.concat()
}

fn domain(now: Timestamp) -> DomainInventory {
    let groups: Vec<Arc<str>> = ["All Domain Users", "Operators", "Administrators"].map(Arc::from).to_vec();
    let users: Vec<User> = (0..USERS).map(|number| user(number, now, &groups)).collect();
    let credentials = (0..CREDENTIALS).map(|number| credential(number, &users, now)).collect();
    let reading = || Reading {
        witnesses: Vec::new(),
        coverage: Coverage::Complete,
        listing: Some(Listing::Whole),
        requests: 1,
        rows: 1,
        refusals: Vec::new(),
    };
    DomainInventory {
        domain: Domain::at("Default", "https://idcs-1.example"),
        users,
        credentials,
        details: AttributeReadings::all_read(),
        users_reading: reading(),
        readings: PerKind::from_fn(|_| reading()),
        index: PerKind::from_fn(|_| IndexState::Available),
        gone: Vec::new(),
        other_users: true,
        others_visible: true,
        control: Control::Seen,
        requests: 1,
        rate_limited: 0,
        clock_ahead: None,
    }
}

/// A number that looks drawn, and is the same in every run.
const fn drawn(number: usize, salt: usize, below: usize) -> usize {
    (number.wrapping_mul(2_654_435_761).wrapping_add(salt.wrapping_mul(40_503)) >> 7) % below
}

fn ago(now: Timestamp, days: usize) -> Timestamp {
    now - SignedDuration::from_hours(24 * i64::try_from(days).unwrap_or_default())
}

fn user(number: usize, now: Timestamp, groups: &[Arc<str>]) -> User {
    let service = drawn(number, 1, 10) == 0;
    let name = if service { format!("svc-{number}") } else { format!("person-{number}@example.com") };
    let in_groups = 1 + usize::from(drawn(number, 2, 20) == 0) + usize::from(drawn(number, 3, 50) == 0);
    User {
        email: if service { Known::Nothing } else { Known::Value(name.as_str().into()) },
        active: Known::Value(drawn(number, 4, 20) != 0),
        capabilities: PerKind::from_fn(|kind| {
            Capability::from(Some(drawn(number, 10 + kind.index(), 4) != 0))
        }),
        console_password: Capability::from(Some(!service)),
        created: Known::Value(ago(now, 1000)),
        last_login: if service { Known::Nothing } else { Known::Value(ago(now, drawn(number, 5, 90))) },
        mfa: if drawn(number, 6, 3) == 0 { Mfa::NotEnrolled } else { Mfa::Enrolled },
        service: Known::Value(service),
        federated: Known::Value(false),
        groups: Known::Value(groups.iter().take(in_groups).cloned().collect()),
        roles: Known::Nothing,
        ..User::named(UserId::new(&format!("{number:032x}")), &name)
    }
}

fn credential(number: usize, users: &[User], now: Timestamp) -> Credential {
    let owner =
        users.get(drawn(number, 20, users.len())).map_or_else(|| UserId::new("gone"), |user| user.id.clone());
    let kind = Kind::ALL.get(drawn(number, 21, Kind::COUNT)).copied().unwrap_or(Kind::ApiKey);
    let expires = kind != Kind::ApiKey && drawn(number, 22, 7) == 0;
    Credential {
        created: DateReading::At(ago(now, drawn(number, 23, 200))),
        expires_on: if expires { DateReading::At(ago(now, 0)) } else { DateReading::Missing },
        description: Some("deploy".into()),
        source: Source::Listed,
        ..Credential::index_only(CredentialId::new(&format!("{number:032x}")), kind, owner)
    }
}
