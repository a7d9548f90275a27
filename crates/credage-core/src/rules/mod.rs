//! The rules: one file each, one line each in [`REGISTRY`].
//!
//! A rule declares itself once ([`Meta`]) and judges one thing at a time: a credential, a user or a waiver. It sees only
//! what the inventory, the policy and the instant tell; where something was not read, it finds nothing, and
//! [`crate::findings`] says that it could not look.

mod administrator_api_key;
mod case;
mod credential_expired;
mod dormant_credential;
mod evidence;
mod excess_api_keys;
mod inactive_owner;
pub mod level;
pub mod meta;
mod no_own_expiry;
mod orphaned_credential;
mod owner_without_email;
mod owner_without_mfa;
mod rotation_due_soon;
mod rotation_in_progress;
mod rotation_overdue;
mod signs_in;
mod stale_owner;
mod undated_credential;
mod unused_capability;
mod waiver_expired;
mod waiver_expiring;
mod waiver_unmatched;

pub(crate) use self::administrator_api_key::Administrators;
pub(crate) use self::case::{CredentialCase, Holdings, UserCase, WaiverCase};
pub use self::evidence::{Evidence, KindSet};
pub use self::level::{Level, UnknownLevel};
pub use self::meta::{About, Cis, Meta, Preset, Remedy, Setting, Value, Values};
use crate::attributes::AttributeSet;

/// One rule at work.
pub(crate) trait Rule: Send + Sync {
    /// Judges a credential.
    fn credential<'a>(&self, _case: &CredentialCase<'_, 'a>) -> Option<Evidence<'a>> {
        None
    }

    /// Judges a user.
    fn user<'a>(&self, _case: &UserCase<'_, 'a>) -> Option<Evidence<'a>> {
        None
    }

    /// Judges a waiver.
    fn waiver<'a>(&self, _case: &WaiverCase<'_>) -> Option<Evidence<'a>> {
        None
    }

    /// The attributes of users that the rule looks at. It finds nothing in what was not read of them, and is then said not
    /// to have judged.
    fn needs(&self) -> AttributeSet {
        AttributeSet::NONE
    }
}

/// A rule as it is registered.
pub struct Registered {
    /// What it declares.
    pub meta: &'static Meta,
    make: fn(&Values) -> Box<dyn Rule>,
}

impl Registered {
    /// The rule with these settings.
    pub(crate) fn make(&self, values: &Values) -> Box<dyn Rule> {
        (self.make)(values)
    }
}

const fn rule(meta: &'static Meta, make: fn(&Values) -> Box<dyn Rule>) -> Registered {
    Registered { meta, make }
}

/// Every rule, in the order in which they are listed.
pub static REGISTRY: [Registered; 18] = [
    rule(&rotation_overdue::META, |_| Box::new(rotation_overdue::RotationOverdue)),
    rule(&rotation_due_soon::META, |_| Box::new(rotation_due_soon::RotationDueSoon)),
    rule(&credential_expired::META, |_| Box::new(credential_expired::CredentialExpired)),
    rule(&undated_credential::META, |_| Box::new(undated_credential::UndatedCredential)),
    rule(&dormant_credential::META, |_| Box::new(dormant_credential::DormantCredential)),
    rule(&inactive_owner::META, |_| Box::new(inactive_owner::InactiveOwner)),
    rule(&orphaned_credential::META, |_| Box::new(orphaned_credential::OrphanedCredential)),
    rule(&administrator_api_key::META, |values| {
        Box::new(administrator_api_key::AdministratorApiKey::new(values))
    }),
    rule(&rotation_in_progress::META, |_| Box::new(rotation_in_progress::RotationInProgress)),
    rule(&no_own_expiry::META, |_| Box::new(no_own_expiry::NoOwnExpiry)),
    rule(&excess_api_keys::META, |values| Box::new(excess_api_keys::ExcessApiKeys::new(values))),
    rule(&unused_capability::META, |_| Box::new(unused_capability::UnusedCapability)),
    rule(&stale_owner::META, |values| Box::new(stale_owner::StaleOwner::new(values))),
    rule(&owner_without_mfa::META, |_| Box::new(owner_without_mfa::OwnerWithoutMfa)),
    rule(&owner_without_email::META, |_| Box::new(owner_without_email::OwnerWithoutEmail)),
    rule(&waiver_expired::META, |_| Box::new(waiver_expired::WaiverExpired)),
    rule(&waiver_expiring::META, |_| Box::new(waiver_expiring::WaiverExpiring)),
    rule(&waiver_unmatched::META, |_| Box::new(waiver_unmatched::WaiverUnmatched)),
];

/// The rule of an id.
pub fn by_id(id: &str) -> Option<&'static Meta> {
    REGISTRY.iter().map(|rule| rule.meta).find(|meta| meta.id == id)
}

#[cfg(test)]
#[path = "cis_tests.rs"]
mod cis_tests;
