//! Steps in general, for documents: the same that a finding gets, with words in capitals in place of its ids.

use jiff::Timestamp;

use super::{Step, rotation};
use crate::assess::assess;
use crate::assessment::{Assessed, Assessment};
use crate::coverage::Incomplete;
use crate::credential::{Credential, Source};
use crate::domain::Domain;
use crate::findings::{Finding, Subject};
use crate::id::{CredentialId, UserId};
use crate::inventory::{DomainInventory, Inventory};
use crate::kind::Kind;
use crate::policy::Policy;
use crate::rules::{About, Evidence, KindSet, Meta, Remedy};
use crate::user::User;

/// The kind that the steps of a rule about credentials of all kinds are shown for; `None` for other rules.
pub fn sample_kind(rule: &Meta) -> Option<Kind> {
    // An auth token can have an expiry of its own, and so be everything that a rule finds.
    (rule.about == About::Credential && rule.id != "administrator-api-key").then_some(Kind::AuthToken)
}

/// How a finding of a rule is mended; of a rule about credentials, that of a [`sample_kind`].
pub fn steps(rule: &'static Meta) -> Vec<Step> {
    with_everything(rule.id == "rotation-in-progress", |assessment| {
        let evidence = evidence(rule, assessment)?;
        let subject = match rule.about {
            About::Credential => {
                Subject::Credential(of_kind(assessment, sample_kind(rule).unwrap_or(Kind::ApiKey))?.place)
            }
            About::User => {
                let inventory = assessment.domains.first()?.inventory;
                Subject::User(&inventory.domain, inventory.users.first()?)
            }
            About::Waiver => Subject::Waiver(0),
        };
        let finding = Finding { rule, level: rule.level, subject, evidence, waiver: None, risk: 0 };
        Some(finding.steps(assessment))
    })
}

/// How a credential of a kind is rotated.
pub fn rotation_of(kind: Kind) -> Vec<Step> {
    with_everything(false, |assessment| Some(rotation(of_kind(assessment, kind)?)))
}

/// Something of the sort that the rule finds.
fn evidence<'a>(rule: &Meta, assessment: &Assessment<'a>) -> Option<Evidence<'a>> {
    Some(match (rule.id, rule.remedy) {
        ("rotation-in-progress", _) => {
            let credential = assessment.domains.first()?.inventory.credentials.last()?;
            Evidence::Newer { credential, made: assessment.as_of }
        }
        ("administrator-api-key", _) => Evidence::Administrator("Administrators"),
        (_, Remedy::TakeCapability) => Evidence::Unused(KindSet::of(|kind| kind == Kind::ApiKey)),
        (_, Remedy::DeleteSurplus) => Evidence::Count { have: 2, allowed: 1 },
        (_, _) if rule.about == About::User => Evidence::State(""),
        (_, _) => Evidence::Judgement,
    })
}

fn of_kind<'s, 'a>(assessment: &'s Assessment<'a>, kind: Kind) -> Option<&'s Assessed<'a>> {
    let mut credentials = assessment.credentials.iter();
    credentials.find(|each| each.credential.kind == kind && each.credential.id.as_str() == "CREDENTIAL_ID")
}

/// A domain with a user who has one credential of each kind, and where `younger` is wanted another auth token.
fn with_everything<T: Default>(younger: bool, of: impl FnOnce(&Assessment<'_>) -> Option<T>) -> T {
    let user = UserId::new("USER_ID");
    let credential = |kind: Kind, id: &str| Credential {
        source: Source::Listed,
        ..Credential::index_only(CredentialId::new(id), kind, user.clone())
    };
    let mut credentials: Vec<Credential> =
        Kind::ALL.into_iter().map(|kind| credential(kind, "CREDENTIAL_ID")).collect();
    if younger {
        credentials.push(credential(Kind::AuthToken, "NEW_CREDENTIAL_ID"));
    }
    let domain = Domain::at("DOMAIN", "https://DOMAIN_URL");
    let inventory = Inventory {
        domains: vec![DomainInventory {
            users: vec![User::named(user, "USER")],
            credentials,
            ..DomainInventory::unreadable(domain, &[], &Incomplete::new("", ""))
        }],
        ..Inventory::default()
    };
    of(&assess(&inventory, &Policy::default(), Timestamp::UNIX_EPOCH)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::REGISTRY;

    #[test]
    fn every_rule_has_steps_without_gaps() {
        for rule in &REGISTRY {
            let steps = steps(rule.meta);
            assert!(!steps.is_empty(), "{}", rule.meta.id);
            for step in steps {
                assert!(!step.text.contains("  ") && !step.text.is_empty(), "{}: {step:?}", rule.meta.id);
            }
        }
        for kind in Kind::ALL {
            assert_eq!(rotation_of(kind).len(), 4, "{kind}: create, switch, test, delete");
            let commands: Vec<String> =
                rotation_of(kind).into_iter().filter_map(|step| step.command).collect();
            let [create, delete] = commands.as_slice() else { panic!("{kind}: {commands:?}") };
            assert!(create.contains(" create ") && create.contains("USER_ID"), "{create}");
            assert!(delete.contains(" delete ") && delete.contains("CREDENTIAL_ID"), "{delete}");
        }
    }
}
