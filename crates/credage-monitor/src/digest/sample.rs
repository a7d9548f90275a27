//! A digest that is made up, to try a channel: a small tenancy that nobody has, judged like any other.

use credage_core::kind::PerKind;
use credage_core::{
    AttributeReadings, Capability, Control, Coverage, Credential, CredentialId, DateReading, Domain,
    DomainInventory, IndexState, Inventory, Kind, Known, Policy, Reading, Source, User, UserId, assess,
};
use jiff::{SignedDuration, Timestamp};

use super::Digest;

const URL: &str = "https://idcs-00000000000000000000000000000000.identity.oraclecloud.com";
const OWNER: &str = "00000000000000000000000000000ada";

impl Digest {
    /// Four credentials that nobody has, one of each standing that is told.
    pub fn sample(now: Timestamp) -> Self {
        let ago = |days: i64| {
            let age = SignedDuration::from_hours(24 * days);
            now.checked_sub(age).map_or(DateReading::Missing, DateReading::At)
        };
        let made = |id: &str, kind, description: &str, created| Credential {
            description: Some(description.into()),
            created,
            source: Source::Listed,
            ..Credential::index_only(CredentialId::new(id), kind, UserId::new(OWNER))
        };
        let expired = Credential {
            expires_on: ago(3),
            ..made("00000000000000000000000000000001", Kind::AuthToken, "container registry", ago(30))
        };
        let credentials = vec![
            expired,
            made("00000000000000000000000000000002", Kind::ApiKey, "deploy key", ago(102)),
            made("00000000000000000000000000000003", Kind::CustomerSecretKey, "backup", ago(81)),
            made("00000000000000000000000000000004", Kind::SmtpCredential, "mailer", DateReading::Missing),
            made("00000000000000000000000000000005", Kind::ApiKey, "laptop", ago(10)),
        ];
        let inventory = Inventory {
            domains: vec![domain(credentials)],
            gaps: Vec::new(),
            collected_at: None,
            narrowed: false,
        };
        let policy = Policy::default();
        Self { sample: true, ..Self::of(&assess(&inventory, &policy, now)) }
    }
}

fn domain(credentials: Vec<Credential>) -> DomainInventory {
    let whole = || Reading { coverage: Coverage::Complete, ..Reading::not_applicable() };
    DomainInventory {
        domain: Domain::at("Sample", URL),
        users: vec![owner()],
        credentials,
        users_reading: whole(),
        readings: PerKind::from_fn(|_| whole()),
        index: PerKind::from_fn(|_| IndexState::Available),
        gone: Vec::new(),
        other_users: true,
        others_visible: true,
        control: Control::NotTried("it is a sample"),
        requests: 0,
        rate_limited: 0,
        clock_ahead: None,
        details: AttributeReadings::all_read(),
    }
}

fn owner() -> User {
    User {
        email: Known::Value("ada@example.com".into()),
        active: Known::Value(true),
        capabilities: PerKind::from_fn(|_| Capability::Enabled),
        ..User::named(UserId::new(OWNER), "ada@example.com")
    }
}
