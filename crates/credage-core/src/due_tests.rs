use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::id::{CredentialId, UserId};
use crate::kind::Kind;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn credential(kind: Kind, created: DateReading, expires_on: DateReading) -> Credential {
    Credential {
        created,
        expires_on,
        source: Source::Listed,
        ..Credential::index_only(CredentialId::new("c"), kind, UserId::new("u"))
    }
}

fn judged(created: &str, expires_on: DateReading, now: &str) -> Judgement {
    judge(
        &credential(Kind::AuthToken, DateReading::parse(created), expires_on),
        Limit::default(),
        &Boundary::Instants,
        at(now),
    )
}

const MADE: &str = "2026-01-01T12:00:00.500Z";

#[test]
fn standing_changes_at_the_very_instant() {
    for (now, age, left, standing) in [
        ("2026-01-01T12:00:00.5Z", 0, 90, Standing::Fresh),
        ("2026-03-17T12:00:00.499Z", 74, 16, Standing::Fresh),
        ("2026-03-17T12:00:00.5Z", 75, 15, Standing::DueSoon),
        ("2026-04-01T12:00:00.499Z", 89, 1, Standing::DueSoon),
        ("2026-04-01T12:00:00.5Z", 90, 0, Standing::Overdue),
        ("2026-04-02T12:00:00.5Z", 91, -1, Standing::Overdue),
    ] {
        let judgement = judged(MADE, DateReading::Missing, now);
        assert_eq!(judgement.age_days, Some(age), "{now}");
        assert_eq!(judgement.days_left, Some(left), "{now}");
        assert_eq!(judgement.standing, standing, "{now}");
    }
}

#[test]
fn the_earlier_limit_is_the_reason() {
    let early = judged(MADE, DateReading::parse("2026-02-01T00:00:00Z"), "2026-01-10T00:00:00Z");
    assert_eq!(early.due, Some(Due { on: at("2026-02-01T00:00:00Z"), reason: DueReason::Expiry }));
    assert_eq!(early.standing, Standing::Fresh);
    let late = judged(MADE, DateReading::parse("2027-01-01T00:00:00Z"), "2026-01-10T00:00:00Z");
    assert_eq!(late.due.unwrap().reason, DueReason::Policy);
    let same = judged(MADE, DateReading::parse("2026-04-01T12:00:00.500Z"), "2026-01-10T00:00:00Z");
    assert_eq!(same.due.unwrap().reason, DueReason::Expiry);
}

#[test]
fn an_own_expiry_that_has_passed_comes_first() {
    let judgement =
        judged("2024-01-01T00:00:00Z", DateReading::parse("2026-01-01T00:00:00Z"), "2026-01-01T00:00:00Z");
    assert_eq!(judgement.standing, Standing::Expired);
    assert_eq!(judgement.due.unwrap().reason, DueReason::Policy);
    let undated =
        credential(Kind::AuthToken, DateReading::Missing, DateReading::parse("2026-01-01T00:00:00Z"));
    assert_eq!(
        judge(&undated, Limit::default(), &Boundary::Instants, at("2026-01-02T00:00:00Z")).standing,
        Standing::Expired
    );
}

#[test]
fn without_a_usable_date_it_is_unknown_and_says_why() {
    let now = "2026-01-01T00:00:00Z";
    let future = judged("2026-01-01T00:00:00.001Z", DateReading::Missing, now);
    assert_eq!(future.undated, Some(Undated::InFuture(at("2026-01-01T00:00:00.001Z"))));
    let garbage = judged("yesterday", DateReading::Missing, now);
    assert_eq!(garbage.undated, Some(Undated::Unreadable("yesterday".into())));
    let missing = judge(
        &credential(Kind::ApiKey, DateReading::Missing, DateReading::Missing),
        Limit::default(),
        &Boundary::Instants,
        at(now),
    );
    assert_eq!(missing.undated, Some(Undated::Missing));
    let expiry = judged("2025-12-31T00:00:00Z", DateReading::parse("never"), now);
    assert_eq!(expiry.undated, Some(Undated::UnreadableExpiry("never".into())));
    let named = Credential::index_only(CredentialId::new("c"), Kind::ApiKey, UserId::new("u"));
    let named = judge(&named, Limit::default(), &Boundary::Instants, at(now));
    assert_eq!(named.undated, Some(Undated::NotRead));
    for judgement in [future, garbage, missing, expiry, named] {
        assert_eq!(judgement.standing, Standing::Unknown, "{judgement:?}");
        assert!(!judgement.undated.unwrap().reason().is_empty());
    }
}

#[test]
fn an_unreadable_expiry_does_not_hide_an_old_age() {
    let judgement = judged("2024-01-01T00:00:00Z", DateReading::parse("never"), "2026-01-01T00:00:00Z");
    assert_eq!(judgement.standing, Standing::Overdue);
}

#[test]
fn a_database_password_ages_from_when_it_was_last_set() {
    let mut password =
        credential(Kind::DbCredential, DateReading::parse("2020-01-01T00:00:00Z"), DateReading::Missing);
    let now = at("2026-01-01T00:00:00Z");
    assert_eq!(judge(&password, Limit::default(), &Boundary::Instants, now).standing, Standing::Overdue);
    password.last_set = DateReading::parse("2025-12-31T00:00:00Z");
    assert_eq!(judge(&password, Limit::default(), &Boundary::Instants, now).age_days, Some(1));
    password.kind = Kind::AuthToken;
    assert_eq!(judge(&password, Limit::default(), &Boundary::Instants, now).standing, Standing::Overdue);
}

proptest! {
    /// Time only ever makes a dated credential more urgent, and the numbers agree with the standing.
    #[test]
    fn standing_follows_from_the_numbers(
        age in 0_i64..400 * 86_400, expires in proptest::option::of(-400_i64 * 86_400..400 * 86_400),
        max_age in 1_u32..400, warn in 0_u32..400, later in 0_i64..100 * 86_400,
    ) {
        let now = at("2026-06-01T00:00:00Z");
        let policy = Limit::new(Days::literal(max_age), Days::literal(warn.min(max_age))).unwrap();
        let made = now - SignedDuration::from_secs(age);
        let expires = expires.map_or(DateReading::Missing, |left| DateReading::At(now + SignedDuration::from_secs(left)));
        let it = credential(Kind::AuthToken, DateReading::At(made), expires.clone());
        let judgement = judge(&it, policy, &Boundary::Instants, now);
        let due = judgement.due.unwrap();
        let left = judgement.days_left.unwrap();
        prop_assert_eq!(left <= 0, due.on <= now);
        prop_assert_eq!(matches!(judgement.standing, Standing::Expired | Standing::Overdue), due.on <= now);
        prop_assert_eq!(judgement.standing == Standing::Expired, expires.instant().is_some_and(|at| at <= now));
        if due.reason == DueReason::Policy {
            prop_assert_eq!(left, i64::from(max_age) - judgement.age_days.unwrap());
        }
        let then = judge(&it, policy, &Boundary::Instants, now + SignedDuration::from_secs(later));
        prop_assert!(then.standing <= judgement.standing);
        prop_assert!(then.days_left <= judgement.days_left);
    }
}

use crate::days::Days;
