use credage_core::coverage::{Control, Expected};
use credage_core::kind::PerKind;
use credage_core::{
    Capability, Coverage, Credential, CredentialId, DateReading, Domain, DomainInventory, Gap, Incomplete,
    IndexState, Kind, Listing, Mfa, Reading, Refusal, Tag, User, UserDetails, UserId,
};

use super::*;

fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn inventory() -> Inventory {
    let why = Incomplete { status: Some(403), rights: true, ..Incomplete::new("no", "ask for more") };
    let partial = |expected| Coverage::Partial { read: 7, expected, why: why.clone() };
    let coverages = [
        Coverage::Complete,
        partial(Expected::Rows(9)),
        partial(Expected::Owners(3)),
        partial(Expected::Unknown),
        Coverage::Unreadable(why.clone()),
        Coverage::NotApplicable,
    ];
    let reading = |coverage| Reading {
        coverage,
        listing: Some(Listing::Batched),
        requests: 3,
        rows: 7,
        refusals: vec![Refusal { listing: Listing::Whole, reason: "400".to_owned() }],
    };
    let credential = |number: usize, created: &str| Credential {
        created: DateReading::parse(created),
        description: Some("čaj \u{1F511}".into()),
        ..Credential::index_only(CredentialId::new(&number.to_string()), Kind::AuthToken, UserId::new("u1"))
    };
    let user = User {
        console_password: Capability::Disabled,
        created: Some(now()),
        last_login: None,
        mfa: Mfa::NotEnrolled,
        service: Some(false),
        federated: None,
        user_type: Some("Employee".into()),
        groups: Box::new(["Auditors".into(), "čtenáři".into()]),
        roles: Box::new(["Identity Domain Administrator".into()]),
        tags: Box::new([Tag { key: "Ops.Team".into(), value: "data".into() }]),
        id: UserId::new("u1"),
        ocid: Some("ocid1.user.oc1..x".into()),
        name: "ada".into(),
        email: Some("ada@example.com".into()),
        active: None,
        capabilities: PerKind::from_fn(|kind| match kind {
            Kind::ApiKey => Capability::Enabled,
            Kind::AuthToken => Capability::Disabled,
            _ => Capability::Unknown,
        }),
    };
    let domain = DomainInventory {
        domain: Domain {
            licence: Some("free".to_owned()),
            ..Domain::at("Default", "https://idcs-1.example")
        },
        users: vec![user],
        credentials: vec![credential(1, "2026-01-01T00:00:00Z"), credential(2, "yesterday")],
        details: UserDetails { tags: false, ..UserDetails::USUAL },
        users_reading: reading(Coverage::Complete),
        readings: PerKind::from_fn(|kind| reading(coverages[kind.index()].clone())),
        index: IndexState::Available,
        control: Control::Seen,
        requests: 12,
        rate_limited: 1,
    };
    let gap = Gap { tenancy: "ocid1.tenancy.oc1..t".to_owned(), what: "list".to_owned(), why };
    Inventory { domains: vec![domain], gaps: vec![gap], collected_at: Some(now()), narrowed: true }
}

fn written() -> Vec<u8> {
    let mut file = Vec::new();
    write(&inventory(), now(), &mut file).unwrap();
    file
}

fn folded(text: &str) -> Vec<u8> {
    zstd::encode_all(text.as_bytes(), LEVEL).unwrap()
}

#[test]
fn what_was_written_is_read_back() {
    assert_eq!(read(written().as_slice()).unwrap(), inventory());
    assert_eq!(written(), written(), "the same bytes");
}

#[test]
fn a_newer_format_is_named() {
    let newer = folded(r#"{"schema":"credage.inventory/v7","written_by":"credage 9.1.0","inventory":[]}"#);
    let error = read(newer.as_slice()).unwrap_err().to_string();
    assert!(error.contains("credage.inventory/v7") && error.contains("credage 9.1.0"), "{error}");
}

#[test]
fn what_is_no_inventory_is_said_to_be_none() {
    let foreign = |bytes: &[u8]| matches!(read(bytes), Err(SnapshotError::Foreign(_)));
    assert!(foreign(b""));
    assert!(foreign(b"domain,user_name\r\n"));
    assert!(foreign(&folded(r#"{"schema":"credage.report/v1"}"#)));
    assert!(foreign(&folded("[]")));
    let whole = written();
    for length in [4, 5, whole.len() / 2, whole.len() - 5, whole.len() - 1] {
        assert!(matches!(read(&whole[..length]), Err(SnapshotError::Damaged(_))), "cut after {length}");
    }
    assert!(foreign(&whole[..3]));
    let mut changed = written();
    let middle = changed.len() / 2;
    changed[middle] ^= 0xff;
    assert!(read(changed.as_slice()).is_err(), "the checksum notices");
}
