use super::*;
use crate::assess::assess;
use crate::attributes::AttributeReadings;
use crate::coverage::{Control, Listing, Reading};
use crate::credential::{Credential, DateReading, Source};
use crate::domain::Domain;
use crate::id::CredentialId;
use crate::inventory::{IndexState, Inventory};
use crate::kind::PerKind;
use crate::known::Known;
use crate::policy::Policy;

const NOW: &str = "2026-06-01T12:00:00Z";

fn user(id: &str, name: &str, email: Option<&str>) -> User {
    User {
        email: email.map_or(Known::Nothing, |email| Known::Value(email.into())),
        ocid: Some(format!("ocid1.user.oc1..{id}").into()),
        active: Known::Value(true),
        ..User::named(UserId::new(id), name)
    }
}

fn key(id: &str, owner: &str, created: &str) -> Credential {
    Credential {
        created: DateReading::parse(created),
        fingerprint: Some(format!("aa:{id}").into()),
        source: Source::Listed,
        ..Credential::index_only(CredentialId::new(id), Kind::ApiKey, UserId::new(owner))
    }
}

fn domain(name: &str, users: Vec<User>, credentials: Vec<Credential>) -> DomainInventory {
    let reading = || Reading {
        coverage: Coverage::Complete,
        listing: Some(Listing::Whole),
        witnesses: Vec::new(),
        requests: 1,
        rows: 0,
        refusals: Vec::new(),
    };
    DomainInventory {
        domain: Domain::at(name, format!("https://{name}.example")),
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
        requests: 7,
        rate_limited: 0,
        clock_ahead: None,
    }
}

fn inventory() -> Inventory {
    let one = domain(
        "One",
        vec![
            user("u1", "ada", Some("ada@example.com")),
            user("u2", "Świętosław", None),
            user("u3", "ada@example.com", Some("other@example.com")),
        ],
        vec![
            key("k1", "u1", "2026-01-01T00:00:00Z"),
            key("k2", "u1", "2026-05-30T00:00:00Z"),
            Credential { owner_name: Some("gone".into()), ..key("k3", "u9", "2026-05-01T00:00:00Z") },
        ],
    );
    let two = domain(
        "Two",
        vec![user("v1", "grace", Some("Both@example.com")), user("v2", "b", Some("both@example.com"))],
        vec![],
    );
    Inventory { domains: vec![one, two], ..Inventory::default() }
}

fn found(text: &str) -> Result<Target, NotFound> {
    find(&inventory(), &Policy::default(), text).map(|thing| thing.target)
}

#[test]
fn a_thing_is_found_by_everything_that_it_is_called() {
    let is_user = |text: &str, id: &str| assert_eq!(found(text), Ok(Target::User(UserId::new(id))), "{text}");
    is_user("ADA", "u1");
    is_user("u1", "u1");
    is_user("ocid1.user.oc1..U1", "u1");
    is_user("świętosław", "u2");
    is_user("gone", "u9");
    is_user("U9", "u9");
    is_user("gra", "v1");
    is_user("ada@example.com", "u3");
    let is_key = |text: &str| {
        assert_eq!(found(text), Ok(Target::Credential(Kind::ApiKey, CredentialId::new("k1"))), "{text}");
    };
    is_key("K1");
    is_key("AA:k1");
    is_key("api_key/k1");
    is_key("api-keys/K1");
    assert!(found("auth_token/k1").is_err());
}

#[test]
fn what_means_several_things_names_them() {
    let Err(NotFound::Ambiguous { candidates, .. }) = found("both@example.com") else { panic!() };
    assert_eq!((candidates.count, candidates.named.len()), (2, 2));
    assert!(candidates.to_string().contains("user grace (id v1) in Two"), "{candidates}");
    assert!(matches!(found("a"), Err(NotFound::Ambiguous { .. })));
    let Err(NotFound::Unknown { near, .. }) = found("grcae") else { panic!() };
    assert_eq!(near.as_deref(), Some("grace"));
    assert!(matches!(found(" "), Err(NotFound::Unknown { .. })));
}

#[test]
fn what_is_left_is_judged_as_before() {
    let (inventory, policy) = (inventory(), Policy::default());
    let whole = assess(&inventory, &policy, NOW.parse().unwrap());
    for finding in whole.findings.iter().filter(|finding| !matches!(finding.subject, Subject::Waiver(_))) {
        let fingerprint = finding.fingerprint(&whole);
        let thing = find(&inventory, &policy, &fingerprint).unwrap();
        assert_eq!(thing.rule, Some(finding.rule));
        let narrow = thing.narrow(inventory.clone());
        let assessment = assess(&narrow, &policy, whole.as_of);
        let explanation = Explanation::new(&assessment, &thing).unwrap();
        let again = explanation.finding.as_ref().and_then(|facts| facts.finding).unwrap();
        assert_eq!(again.fingerprint(&assessment), fingerprint);
        assert_eq!((again.level, again.risk), (finding.level, finding.risk));
        assert_eq!(again.sentence(&assessment), finding.sentence(&whole));
        assert_eq!(explanation.steps(), finding.steps(&whole));
    }
    assert!(whole.findings.len() > 2, "there were some to compare");
}

#[test]
fn the_due_date_is_reckoned_in_the_open() {
    let mut inventory = inventory();
    let policy = Policy::default();
    let sentence = |inventory: &Inventory| {
        let assessment = assess(inventory, &policy, NOW.parse().unwrap());
        let one = assessment.credentials.iter().find(|each| each.credential.id.as_str() == "k1").unwrap();
        one.reckoning_in_words(policy.boundary())
    };
    assert_eq!(
        sentence(&inventory),
        "created on 2026-01-01 00:00 UTC + 90 days = 2026-04-01 00:00 UTC; API keys do not expire by themselves"
    );
    inventory.domains[0].credentials[0].expires_on = DateReading::parse("2026-03-01T00:00:00Z");
    assert!(sentence(&inventory).ends_with("the earlier counts: the expiry"), "{}", sentence(&inventory));
    inventory.domains[0].credentials[0].created = DateReading::Missing;
    assert!(sentence(&inventory).starts_with("its age is not known"), "{}", sentence(&inventory));
}

#[test]
fn what_a_user_may_and_has_stands_beside_each_other() {
    let (inventory, policy) = (inventory(), Policy::default());
    let assessment = assess(&inventory, &policy, NOW.parse().unwrap());
    let thing = find(&inventory, &policy, "ada").unwrap();
    let owner = Explanation::new(&assessment, &thing).unwrap().owner.unwrap();
    assert_eq!((owner.credentials.len(), owner.kinds[0].have, owner.kinds[1].have), (2, 2, 0));
    assert_eq!(owner.limit(Kind::ApiKey).unwrap().max_age_from.key, "rotation.max_age");
    let gone = find(&inventory, &policy, "gone").unwrap();
    let owner = Explanation::new(&assessment, &gone).unwrap().owner.unwrap();
    assert_eq!((owner.user, owner.name, owner.credentials.len()), (None, "gone", 1));
}
