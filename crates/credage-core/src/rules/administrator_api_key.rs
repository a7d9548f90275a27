//! An API key of somebody who may do everything.

use super::meta::{About, Cis, Meta, Preset, Remedy, Setting, Values};
use super::{CredentialCase, Evidence, Level, Rule};
use crate::attributes::{AttributeSet, UserAttribute};
use crate::kind::Kind;
use crate::pattern::{Folded, Pattern};
use crate::user::User;

pub(super) static META: Meta = Meta {
    id: "administrator-api-key",
    title: "API key of an administrator",
    meaning: "The owner administers the tenancy or the domain and has an API key. Groups and application roles of users \
              are read only where this rule is on.",
    why: "A key is used without a second factor; with this one, everything can be done.",
    fix: "Let administrators sign in to the console, and give programs a user of their own with the rights that they \
          need.",
    about: About::Credential,
    level: Level::High,
    remedy: Remedy::Delete,
    cis: &[Cis::new("1.2", "1.11"), Cis::new("2.0", "1.12"), Cis::new("3.1", "1.12")],
    settings: &[
        Setting {
            key: "groups",
            doc: "Groups whose members are administrators.",
            default: Preset::Names(&["Administrators", "Domain_Administrators"]),
        },
        Setting {
            key: "app_roles",
            doc: "Application roles whose holders are administrators.",
            default: Preset::Names(&["Identity Domain Administrator"]),
        },
    ],
};

/// Who is an administrator.
pub(crate) struct Administrators {
    groups: Vec<Pattern>,
    roles: Vec<Pattern>,
}

pub(super) struct AdministratorApiKey(Administrators);

impl Administrators {
    /// As the rule's settings say.
    pub(crate) fn new(values: &Values) -> Self {
        Self { groups: values.names("groups").to_vec(), roles: values.names("app_roles").to_vec() }
    }

    /// The attributes that tell who is one.
    pub(crate) fn told_by(&self) -> AttributeSet {
        let groups = (!self.groups.is_empty()).then_some(UserAttribute::Groups);
        groups.into_iter().chain((!self.roles.is_empty()).then_some(UserAttribute::Roles)).collect()
    }

    /// The group or role that makes a user an administrator.
    pub(crate) fn reason<'a>(&self, user: &'a User) -> Option<&'a str> {
        let named = |names: Option<&'a [std::sync::Arc<str>]>, patterns: &[Pattern]| {
            let meant = |name: &str| {
                let name = Folded::new(name);
                patterns.iter().any(|pattern| pattern.matches(&name))
            };
            names.unwrap_or_default().iter().map(|name| &**name).find(|name| meant(name))
        };
        named(user.groups.as_deref(), &self.groups).or_else(|| named(user.roles.as_deref(), &self.roles))
    }
}

impl AdministratorApiKey {
    pub(super) fn new(values: &Values) -> Self {
        Self(Administrators::new(values))
    }
}

impl Rule for AdministratorApiKey {
    fn credential<'a>(&self, case: &CredentialCase<'_, 'a>) -> Option<Evidence<'a>> {
        if case.assessed.credential.kind != Kind::ApiKey {
            return None;
        }
        self.0.reason(case.assessed.owner?).map(Evidence::Administrator)
    }

    fn needs(&self) -> AttributeSet {
        self.0.told_by()
    }
}
