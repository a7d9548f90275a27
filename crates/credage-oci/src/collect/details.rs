//! Details of users: what is asked for, and how it is read off a row.
//!
//! Names and when they are returned are those of `user.py` and its extensions in Oracle's Python SDK. What a row lacks is
//! taken for not said, never for `no`.

use credage_core::{Capability, Mfa, Tag, User, UserDetails};
use serde::Deserialize;
use serde_json::Value;

use super::names::Names;

const CAPABILITIES: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:capabilities:User";
const USER: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:user:User";
const STATE: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:userState:User";
const MFA: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:mfa:User";
const TAGS: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:OCITags";

/// The attributes that tell `details`.
pub(crate) fn attributes(details: UserDetails) -> String {
    let mut names = Vec::new();
    if details.account {
        names.extend([
            "meta".to_owned(),
            "userType".to_owned(),
            format!("{CAPABILITIES}:canUseConsolePassword"),
        ]);
        names.extend([format!("{USER}:serviceUser"), format!("{USER}:isFederatedUser")]);
    }
    if details.logins {
        names.push(format!("{STATE}:lastSuccessfulLoginDate"));
    }
    if details.mfa {
        names.push(format!("{MFA}:mfaStatus"));
    }
    if details.groups {
        names.extend(["groups".to_owned(), format!("{USER}:appRoles")]);
    }
    if details.tags {
        names.extend([format!("{TAGS}:freeformTags"), format!("{TAGS}:definedTags")]);
    }
    names.join(",")
}

/// Of the details that were asked for, those that at least one user carries: what nobody carries was not read. Tags
/// may well be nobody's.
pub(crate) fn seen(asked: UserDetails, users: &[User]) -> UserDetails {
    let any = |carries: fn(&User) -> bool| users.iter().any(carries);
    UserDetails {
        account: asked.account && any(|user| user.console_password != Capability::Unknown),
        logins: asked.logins && any(|user| user.last_login.is_some()),
        mfa: asked.mfa && any(|user| user.mfa != Mfa::Unknown),
        groups: asked.groups && any(|user| !user.groups.is_empty() || !user.roles.is_empty()),
        tags: asked.tags,
    }
}

/// What a row tells beside the usual. Its fields are those of the row itself, since flattening them would have every
/// row buffered.
#[derive(Debug)]
pub(crate) struct DetailsRow {
    pub(crate) meta: Option<Meta>,
    pub(crate) user_type: Value,
    pub(crate) groups: Option<Vec<GroupRow>>,
    pub(crate) user: Option<UserExtension>,
    pub(crate) state: Option<StateExtension>,
    pub(crate) mfa: Option<MfaExtension>,
    pub(crate) tags: Option<TagsExtension>,
    pub(crate) console_password: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Meta {
    created: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GroupRow {
    display: Option<Box<str>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct UserExtension {
    service_user: Value,
    is_federated_user: Value,
    app_roles: Option<Vec<RoleRow>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RoleRow {
    display: Option<Box<str>>,
    admin_role: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct StateExtension {
    last_successful_login_date: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct MfaExtension {
    mfa_status: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct TagsExtension {
    freeform_tags: Option<Vec<TagRow>>,
    defined_tags: Option<Vec<TagRow>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TagRow {
    namespace: Option<Box<str>>,
    key: Box<str>,
    value: Value,
}

impl DetailsRow {
    /// Puts what it tells into a user.
    pub(crate) fn complete(self, user: User, names: &Names) -> User {
        let instant = |value: &Value| value.as_str().and_then(|text| text.trim().parse().ok());
        let extension = self.user.unwrap_or_default();
        let groups = self.groups.unwrap_or_default().into_iter().filter_map(|group| group.display);
        // Roles without the flag give no power over the domain.
        let roles = extension.app_roles.unwrap_or_default().into_iter();
        let roles =
            roles.filter(|role| role.admin_role.as_bool() == Some(true)).filter_map(|role| role.display);
        User {
            console_password: Capability::from(self.console_password),
            created: self.meta.and_then(|meta| instant(&meta.created)),
            last_login: self.state.and_then(|state| instant(&state.last_successful_login_date)),
            mfa: self.mfa.map_or(Mfa::Unknown, |mfa| status(&mfa.mfa_status)),
            service: extension.service_user.as_bool(),
            federated: extension.is_federated_user.as_bool(),
            user_type: self.user_type.as_str().map(|text| names.share(text)),
            groups: groups.map(|name| names.share(&name)).collect(),
            roles: roles.map(|name| names.share(&name)).collect(),
            tags: self.tags.map(|tags| tags.read(names)).unwrap_or_default(),
            ..user
        }
    }
}

impl TagsExtension {
    fn read(self, names: &Names) -> Box<[Tag]> {
        let rows = self.freeform_tags.into_iter().flatten().chain(self.defined_tags.into_iter().flatten());
        rows.filter_map(|row| {
            let key = match &row.namespace {
                Some(namespace) => names.share(&format!("{namespace}.{}", row.key)),
                None => names.share(&row.key),
            };
            Some(Tag { key, value: names.share(row.value.as_str()?) })
        })
        .collect()
    }
}

fn status(value: &Value) -> Mfa {
    match value.as_str() {
        Some(text) if text.eq_ignore_ascii_case("ENROLLED") => Mfa::Enrolled,
        Some("UN_ENROLLED" | "IGNORED" | "DISABLED") => Mfa::NotEnrolled,
        _ => Mfa::Unknown,
    }
}
