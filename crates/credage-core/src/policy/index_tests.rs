use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::attributes::AttributeReadings;
use crate::config::ConfigSource;
use crate::domain::Domain;
use crate::id::{CredentialId, UserId};
use crate::known::Known;
use crate::policy::Meant;
use crate::policy::{Candidate, Overrides, read};
use crate::user::Tag;
use crate::user::User;

fn policy(text: &str) -> Policy {
    let now = "2026-06-01T12:00:00Z".parse().unwrap();
    read(Some(&ConfigSource::new("credage.toml", text)), &Overrides::default(), now)
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Names, and patterns that mean some of them.
fn text() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[aAbé]{0,3}[?*]?[aBé]{0,3}").unwrap()
}

fn pattern() -> impl Strategy<Value = String> {
    text().prop_filter("a pattern", |text| Pattern::parse(text).is_ok())
}

/// A criterion, as it is written in `match`.
fn criterion() -> impl Strategy<Value = String> {
    let quoted = |key: &'static str| pattern().prop_map(move |text| format!("{key} = \"{text}\""));
    prop_oneof![
        quoted("user"),
        quoted("group"),
        quoted("user_type"),
        quoted("domain"),
        pattern().prop_map(|text| format!("tag = {{ Key = \"{text}\" }}")),
        Just("service_user = true".to_owned()),
    ]
}

proptest! {
    #[test]
    fn whatever_means_somebody_is_found(
        criteria in proptest::collection::vec(proptest::collection::btree_set(criterion(), 1..3), 1..12),
        waived in proptest::collection::vec((pattern(), 0_usize..3), 0..12),
        names in proptest::collection::vec(text(), 1..4),
    ) {
        let mut file = String::new();
        for (number, criteria) in criteria.iter().enumerate() {
            let mut keys: Vec<&str> = criteria.iter().filter_map(|each| each.split(' ').next()).collect();
            keys.dedup();
            prop_assume!(keys.len() == criteria.len());
            let criteria: Vec<&str> = criteria.iter().map(String::as_str).collect();
            let members = criteria.join(", ");
            let _ = writeln!(file, "[[class]]\nname = \"{number}\"\npriority = {number}\nmatch = {{ {members} }}");
        }
        // Rules keep the waivers apart, so that any selectors do.
        let rules = ["rotation-overdue", "credential-expired", "undated-credential", "no-own-expiry"];
        for ((text, by), rule) in waived.iter().zip(rules) {
            let literal = text.replace(['*', '?'], "x:y");
            let (user, credential) = (format!("user = \"{text}\""), format!("credential = \"{literal}x\""));
            let select = [user.clone(), credential.clone(), format!("{user}\n{credential}")][*by].clone();
            let _ = write!(
                file,
                "[[waiver]]\n{select}\nkind = \"api_key\"\nrule = \"{rule}\"\nreason = \"r\"\napproved_by = \"a\"\nuntil = 2026-07-01\n"
            );
        }
        let policy = policy(&file);
        for name in &names {
            let domain = Domain::at(name.as_str(), "https://x.example");
            let user = User {
                groups: Known::Value([Arc::from(name.as_str())].into()),
                tags: Known::Value([Tag { key: "key".into(), value: name.as_str().into() }].into()),
                user_type: Known::Value(Arc::from(name.as_str())),
                service: Known::Value(true),
                ..User::named(UserId::new("9"), name)
            };
            // What was not read may be anything, and so may the name.
            let unread = User::named(UserId::new("9"), "");
            let in_part = User { unreadable: UserAttribute::ALL.into_iter().collect(), ..user.clone() };
            for user in [Some(&user), Some(&unread), Some(&in_part), None] {
                let (id, readings) = (Folded::new("9"), AttributeReadings::all_read());
                let called = Folded::new(user.map_or(name.as_str(), |user| &user.name));
                let who = Candidate { name: called, id, user, gone: false, domain: &domain, readings: &readings };
                let found = policy.index().classes(&who);
                for (place, class) in policy.classes().iter().enumerate() {
                    let not = class.members.mean(&who) == Meant::No;
                    prop_assert!(not || found.contains(&place), "{class:?}\n{file}");
                }
                for (literal, fingerprint) in [(format!("{name}x"), None), ("1".into(), Some(format!("{name}x")))] {
                    let id = CredentialId::new(&literal);
                    let key = Credential {
                        fingerprint: fingerprint.map(Into::into),
                        ..Credential::index_only(id, Kind::ApiKey, UserId::new("9"))
                    };
                    let mut found = policy.index().waivers_of_user(&who.name, &who.id);
                    found.extend(policy.index().waivers_of_credential(&key));
                    for (place, waiver) in policy.waivers().iter().enumerate() {
                        let means = waiver.means(&key, &who.name, &who.id, &domain);
                        prop_assert!(means == Meant::No || found.contains(&place), "{waiver:?}\n{file}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_cannot_mean_somebody_is_not_looked_at() {
    // Kinds keep them apart: a beginning and an end may be those of one name.
    let entry = |(select, kind): (&str, Kind)| {
        format!(
            "[[waiver]]\n{select}\nkind = \"{kind}\"\nreason = \"r\"\napproved_by = \"a\"\nuntil = 2026-07-01\n"
        )
    };
    let texts = ["user = \"ada\"", "user = \"svc-1-*\"", "user = \"*@b.example\"", "user = \"bob\""];
    let policy = policy(&texts.into_iter().zip(Kind::ALL).map(entry).collect::<String>());
    let found = |name: &str| policy.index().waivers_of_user(&Folded::new(name), &Folded::new("9"));
    assert_eq!(found("Ada"), [0]);
    assert_eq!(found("svc-1-x"), [1]);
    assert_eq!(found("x@b.example"), [2]);
    assert!(found("svc-2-x").is_empty() && found("é").is_empty());
}
