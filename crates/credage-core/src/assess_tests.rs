use super::*;
use crate::attributes::AttributeReadings;
use crate::coverage::{Control, Expected, Incomplete, Listing, Reading};
use crate::credential::{DateReading, Source};
use crate::domain::Domain;
use crate::id::{CredentialId, UserId};
use crate::inventory::IndexState;
use crate::known::Known;

const NOW: &str = "2026-06-01T00:00:00Z";

fn reading(coverage: Coverage) -> Reading {
    Reading { coverage, listing: Some(Listing::Whole), requests: 1, ..Reading::not_applicable() }
}

fn user(id: &str, name: &str, capability: Capability) -> User {
    User {
        active: Known::Value(true),
        capabilities: PerKind::from_fn(|_| capability),
        ..User::named(UserId::new(id), name)
    }
}

fn token(id: &str, owner: &str, created: &str) -> Credential {
    Credential {
        created: DateReading::parse(created),
        source: Source::Listed,
        ..Credential::index_only(CredentialId::new(id), Kind::AuthToken, UserId::new(owner))
    }
}

fn domain(users: Vec<User>, credentials: Vec<Credential>) -> DomainInventory {
    DomainInventory {
        domain: Domain::at("Default", "https://idcs-1.example"),
        users,
        credentials,
        details: AttributeReadings::all_read(),
        users_reading: reading(Coverage::Complete),
        readings: PerKind::from_fn(|_| reading(Coverage::Complete)),
        index: PerKind::from_fn(|_| IndexState::Available),
        gone: Vec::new(),
        other_users: true,
        others_visible: true,
        control: Control::Seen,
        requests: 7,
        rate_limited: 0,
        clock_ahead: None,
    }
}

fn inventory() -> Inventory {
    let users = vec![
        user("1", "Zoe", Capability::Enabled),
        user("2", "ada", Capability::Disabled),
        user("3", "Ben", Capability::Enabled),
    ];
    let credentials = vec![
        token("fresh", "1", "2026-05-30T00:00:00Z"),
        token("old", "2", "2025-01-01T00:00:00Z"),
        token("soon", "1", "2026-03-15T00:00:00Z"),
        token("older", "gone", "2024-01-01T00:00:00Z"),
        token("undated", "1", ""),
    ];
    Inventory {
        domains: vec![domain(users, credentials)],
        gaps: Vec::new(),
        collected_at: None,
        narrowed: false,
    }
}

#[test]
fn the_most_urgent_comes_first_and_nobody_is_dropped() {
    let (inventory, policy) = (inventory(), Policy::default());
    let assessment = assess(&inventory, &policy, NOW.parse().unwrap());
    let order: Vec<_> = assessment.credentials.iter().map(|each| each.credential.id.as_str()).collect();
    assert_eq!(order, ["older", "old", "soon", "undated", "fresh"]);
    let orphan = &assessment.credentials[0];
    assert_eq!((orphan.owner, orphan.capability(), orphan.owner_active()), (None, Capability::Unknown, None));
    assert_eq!(assessment.credentials[1].capability(), Capability::Disabled);
}

#[test]
fn the_numbers_of_a_kind_add_up() {
    let (inventory, policy) = (inventory(), Policy::default());
    let assessment = assess(&inventory, &policy, NOW.parse().unwrap());
    let domain = &assessment.domains[0];
    let tokens = domain.kinds.get(Kind::AuthToken);
    assert_eq!(tokens.credentials(), 5);
    assert_eq!((tokens.overdue, tokens.due_soon, tokens.unknown, tokens.fresh), (2, 1, 1, 1));
    assert_eq!(tokens.capability_off, 1);
    assert_eq!(tokens.may_but_has_none, Some(1), "only Ben may and has none");
    assert_eq!(domain.kinds.get(Kind::ApiKey).may_but_has_none, Some(2));
    assert_eq!((domain.may_but_has_none, domain.owners), (Some(1), 3));
}

#[test]
fn users_come_by_name_without_regard_to_case() {
    let (inventory, policy) = (inventory(), Policy::default());
    let assessment = assess(&inventory, &policy, NOW.parse().unwrap());
    let names = |all| assessment.by_owner(all).iter().map(|view| view.name.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(false), ["", "ada", "Zoe"]);
    assert_eq!(names(true), ["", "ada", "Ben", "Zoe"]);
    assert_eq!(assessment.by_owner(false)[2].of_kind(Kind::AuthToken).count(), 3);
}

#[test]
fn a_pattern_keeps_users_and_what_they_own() {
    let mut inventory = inventory();
    inventory.domains[0].retain_users(&crate::UserPattern::new("z*"));
    assert_eq!(inventory.domains[0].users.len(), 1);
    assert!(inventory.domains[0].credentials.iter().all(|credential| credential.owner.as_str() == "1"));
    assert_eq!(inventory.domains[0].credentials.len(), 3);
}

#[test]
fn one_gap_makes_it_incomplete_and_only_gaps_leave_nothing() {
    let mut inventory = inventory();
    let policy = Policy::default();
    let now = NOW.parse().unwrap();
    assert!(assess(&inventory, &policy, now).is_complete());
    let why = Incomplete::new("cut short", "try again");
    let partial = Coverage::Partial { read: 9, expected: Expected::Rows(321), why: why.clone() };
    assert_eq!(partial.numbers().unwrap(), "9 of 321 read");
    *inventory.domains[0].readings.get_mut(Kind::SmtpCredential) = reading(partial);
    assert!(!assess(&inventory, &policy, now).is_complete());
    let gap = assess(&inventory, &policy, now);
    assert_eq!(gap.domains[0].kinds.get(Kind::SmtpCredential).may_but_has_none, None, "nobody can say");
    assert_eq!(gap.domains[0].kinds.get(Kind::ApiKey).may_but_has_none, Some(2));
    assert_eq!(gap.domains[0].may_but_has_none, None);
    assert!(!assess(&inventory, &policy, now).is_empty_handed());
    inventory.domains[0].credentials.clear();
    inventory.domains[0].readings = PerKind::from_fn(|_| reading(Coverage::Unreadable(why.clone())));
    assert!(assess(&inventory, &policy, now).is_empty_handed());
    inventory.domains[0].users_reading = reading(Coverage::Unreadable(why));
    assert!(assess(&inventory, &policy, now).is_empty_handed());
}

#[test]
fn the_order_in_which_credentials_were_read_changes_nothing() {
    let mut inventory = inventory();
    // Two of one instant, so that "the younger one" is a choice; and an unlisted owner of two names.
    for id in ["twin-a", "twin-b"] {
        inventory.domains[0].credentials.push(token(id, "2", "2026-05-01T00:00:00Z"));
    }
    for (id, name) in [("stray-a", "Nora"), ("stray-b", "nora@example.com")] {
        let stray = token(id, "gone", "2026-05-01T00:00:00Z");
        inventory.domains[0].credentials.push(Credential { owner_name: Some(name.into()), ..stray });
    }
    let told = |inventory: &Inventory| {
        let policy = Policy::default();
        let assessment = assess(inventory, &policy, NOW.parse().unwrap());
        let credentials: Vec<_> =
            assessment.credentials.iter().map(|each| (each.credential.id.clone(), each.copies)).collect();
        let findings: Vec<_> = assessment
            .findings
            .iter()
            .map(|each| {
                (each.rule.id, each.subject_id(&assessment), format!("{:?}", each.evidence), each.risk)
            })
            .collect();
        let own = assessment.credentials.iter().map(|each| assessment.findings_of(each).count());
        (credentials, findings, own.collect::<Vec<_>>())
    };
    let expected = told(&inventory);
    assert!(expected.1.iter().any(|(rule, ..)| *rule == "rotation-in-progress"), "{:?}", expected.1);
    assert_eq!(
        expected.2.iter().sum::<usize>(),
        expected.1.iter().filter(|each| each.1.contains('/')).count()
    );
    for turn in 1..inventory.domains[0].credentials.len() {
        inventory.domains[0].credentials.rotate_left(turn);
        inventory.domains[0].credentials.swap(0, turn);
        assert_eq!(told(&inventory), expected, "turned by {turn}");
    }
}
