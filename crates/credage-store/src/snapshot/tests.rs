use credage_core::coverage::{Control, Expected};
use credage_core::kind::PerKind;
use credage_core::{
    AttributeReading, AttributeReadings, Capability, Coverage, Credential, CredentialField, CredentialId,
    DateReading, Domain, DomainInventory, Gap, Incomplete, IndexState, Kind, Known, Listing, Mfa, Reading,
    Refusal, Tag, User, UserAttribute, UserId, Witness,
};

use super::*;

fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn user() -> User {
    User {
        console_password: Capability::Disabled,
        created: Known::Value(now()),
        last_login: Known::Nothing,
        mfa: Mfa::NotEnrolled,
        service: Known::Value(false),
        federated: Known::NotRead,
        user_type: Known::Value("Employee".into()),
        groups: Known::Value(Box::new(["Auditors".into(), "čtenáři".into()])),
        roles: Known::Value(Box::new(["Identity Domain Administrator".into()])),
        tags: Known::Value(Box::new([Tag { key: "Ops.Team".into(), value: "data".into() }])),
        id: UserId::new("u1"),
        ocid: Some("ocid1.user.oc1..x".into()),
        name: "ada".into(),
        email: Known::Value("ada@example.com".into()),
        active: Known::NotRead,
        unreadable: [UserAttribute::Active].into_iter().collect(),
        capabilities: PerKind::from_fn(|kind| match kind {
            Kind::ApiKey => Capability::Enabled,
            Kind::AuthToken => Capability::Disabled,
            _ => Capability::Unknown,
        }),
    }
}

fn details() -> AttributeReadings {
    let mut details = AttributeReadings::all_read();
    details.set(UserAttribute::Email, AttributeReading::NotReturned);
    details.set(UserAttribute::Mfa, AttributeReading::NotRequested);
    details.with_never_false([UserAttribute::Federated].into_iter().collect())
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
        Coverage::Unconfirmed { why: why.clone(), tolerated: false },
    ];
    let reading = |coverage| Reading {
        coverage,
        listing: Some(Listing::Batched),
        witnesses: vec![Witness::Totals, Witness::Index],
        requests: 3,
        rows: 7,
        refusals: vec![Refusal { listing: Listing::Whole, reason: "400".to_owned() }],
    };
    let credential = |number: usize, created: &str| Credential {
        created: DateReading::parse(created),
        description: Some("čaj \u{1F511}".into()),
        unreadable: [CredentialField::Created].into_iter().collect(),
        ..Credential::index_only(CredentialId::new(&number.to_string()), Kind::AuthToken, UserId::new("u1"))
    };
    let domain = DomainInventory {
        domain: Domain {
            licence: Some("free".to_owned()),
            ..Domain::at("Default", "https://idcs-1.example")
        },
        users: vec![user()],
        credentials: vec![credential(1, "2026-01-01T00:00:00Z"), credential(2, "yesterday")],
        details: details(),
        users_reading: reading(Coverage::Complete),
        readings: PerKind::from_fn(|kind| reading(coverages[kind.index()].clone())),
        index: PerKind::from_fn(|_| IndexState::Available),
        gone: vec![UserId::new("left")],
        other_users: true,
        others_visible: true,
        control: Control::Seen,
        requests: 12,
        rate_limited: 1,
        clock_ahead: Some(jiff::SignedDuration::from_secs(-90)),
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

#[test]
fn one_thing_is_read_without_the_others() {
    let file = written();
    let mut archive = Archive::open(io::Cursor::new(&file)).unwrap().unwrap();
    let whole = inventory();
    for text in ["ADA", "u1", "ocid1.user.oc1..x", "Ada@example.com", "1", "auth_token/2"] {
        let part = archive.about(text).unwrap();
        let narrowed = Inventory { narrowed: true, ..whole.clone() };
        assert_eq!(part, narrowed, "{text}: the only user has everything");
    }
    let place = u32::from_be_bytes(credage_core::findings::locator("2"));
    let finding = archive.about(&format!("{place:08x}{}", "0".repeat(24))).unwrap();
    assert_eq!(finding.domains[0].credentials.len(), 2, "a finding points at its credential");
    let none = archive.about("grace").unwrap();
    assert!(none.domains[0].users.is_empty() && none.domains[0].credentials.is_empty());
    assert_eq!((&none.domains[0].readings, none.collected_at), (&whole.domains[0].readings, Some(now())));
}

/// Many users in two domains, so that there are many frames.
fn large() -> Inventory {
    let mut inventory = inventory();
    let domain = inventory.domains.remove(0);
    let of = |name: &str| {
        let mut domain = DomainInventory { domain: Domain::at(name, name), ..domain.clone() };
        let (user, credential) = (domain.users.remove(0), domain.credentials.remove(0));
        let numbers = || (0..4_000).map(|number| format!("{name}-{number}"));
        domain.users = numbers()
            .map(|id| User { id: UserId::new(&id), name: id.to_uppercase().into(), ..user.clone() })
            .collect();
        domain.credentials = numbers()
            .chain(numbers())
            .enumerate()
            .map(|(place, owner)| Credential {
                id: CredentialId::new(&format!("{name}/{place}")),
                owner: UserId::new(&owner),
                ..credential.clone()
            })
            .collect();
        domain
    };
    inventory.domains = vec![of("one"), of("two")];
    inventory
}

#[test]
fn a_large_file_is_the_same_read_whole_or_in_part() {
    let whole = large();
    let mut file = Vec::new();
    write(&whole, now(), &mut file).unwrap();
    assert_eq!(read(file.as_slice()).unwrap(), whole);
    assert_eq!(zstd::decode_all(file.as_slice()).unwrap().first(), Some(&b'{'), "any reader unfolds it");
    let mut archive = Archive::open(io::Cursor::new(&file)).unwrap().unwrap();
    for number in [0, 17, 1_999, 3_999] {
        let part = archive.about(&format!("Two-{number}")).unwrap();
        assert!(part.domains[0].users.is_empty() && part.domains[0].credentials.is_empty());
        let wanted = &whole.domains[1];
        let id = UserId::new(&format!("two-{number}"));
        let users: Vec<_> = wanted.users.iter().filter(|user| user.id == id).cloned().collect();
        let owned: Vec<_> = wanted.credentials.iter().filter(|each| each.owner == id).cloned().collect();
        assert_eq!((users.len(), owned.len()), (1, 2));
        assert_eq!((&part.domains[1].users, &part.domains[1].credentials), (&users, &owned));
    }
}

#[test]
fn without_an_index_a_file_is_read_whole() {
    let text = zstd::decode_all(written().as_slice()).unwrap();
    let old = zstd::encode_all(text.as_slice(), LEVEL).unwrap();
    assert_eq!(read(old.as_slice()).unwrap(), inventory(), "as earlier versions wrote it");
    let opened = |bytes: &[u8]| Archive::open(io::Cursor::new(bytes.to_vec())).unwrap().is_some();
    assert!(opened(&written()) && !opened(&old) && !opened(b"") && !opened(b"credage\x01"));
    let mut damaged = written();
    let place = damaged.len() - 20;
    damaged[place] ^= 0xff;
    assert!(!opened(&damaged));
    assert_eq!(read(damaged.as_slice()).unwrap(), inventory(), "the index is no part of the document");
}

#[test]
fn domains_keep_what_they_are_known_by_and_called() {
    let told = |domain: Domain| {
        let mut inventory = inventory();
        inventory.domains[0].domain = domain;
        let mut file = Vec::new();
        write(&inventory, now(), &mut file).unwrap();
        let mut again = read(&*file).unwrap();
        again.domains.remove(0).domain
    };
    let full = Domain {
        ocid: Some("ocid1.domain.oc1..a".to_owned()),
        other_url: Some("https://idcs-1.home.example".to_owned()),
        profile: Some("TWO".to_owned()),
        ..Domain::at("a/b", "https://idcs-1.example")
    };
    assert_eq!(told(full.clone()), full);
    let unnamed = Domain::unnamed("idcs-1.example", "https://idcs-1.example");
    assert_eq!(told(unnamed.clone()), unnamed);
    let before = |name: &str| {
        let text = String::from_utf8(zstd::decode_all(&*written()).unwrap()).unwrap();
        let text = text.replace("\"keeps_display_name\":true,\"display_name\":\"Default\",", "");
        assert!(!text.contains("display_name"));
        let text = text.replace("\"name\":\"Default\"", &format!("\"name\":\"{name}\""));
        let lines = text.lines().next().unwrap();
        let domain = read(&*folded(lines)).unwrap().domains.remove(0).domain;
        (domain.name, domain.display_name, domain.profile)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(before("Default"), ("Default".to_owned(), some("Default"), None));
    assert_eq!(before("TWO/Default"), ("Default".to_owned(), some("Default"), some("TWO")));
    assert_eq!(before("idcs-1.example"), ("idcs-1.example".to_owned(), None, None));
}
