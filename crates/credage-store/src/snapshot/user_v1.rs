//! Users in `credage.inventory/v1`: part of the frozen format.

use std::borrow::Cow;

use credage_core::kind::PerKind;
use credage_core::{AttributeSet, Capability, Kind, Known, Mfa, Tag, User, UserAttribute, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::v1::{Text, boxed};

#[derive(Serialize, Deserialize)]
pub(super) struct UserV1<'a> {
    id: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ocid: Option<Text<'a>>,
    name: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    /// One letter a kind, in the order of the kinds: `e`nabled, `d`isabled, `u`nknown; then one for the console password.
    capabilities: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_login: Option<String>,
    /// Whether a second factor is enrolled, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mfa: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    federated: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_type: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<Text<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<Text<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<(Text<'a>, Text<'a>)>,
    /// Attributes that could not be read in the user's row, by their names in SCIM.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<Text<'a>>,
}

impl<'a> From<&'a User> for UserV1<'a> {
    fn from(user: &'a User) -> Self {
        let kinds = user.capabilities.iter().map(|(_, capability)| letter(*capability));
        let texts = |names: &'a Known<Box<[std::sync::Arc<str>]>>| {
            names.as_deref().unwrap_or_default().iter().map(|name| Cow::from(&**name)).collect()
        };
        Self {
            id: user.id.as_str().into(),
            ocid: user.ocid.as_deref().map(Cow::from),
            name: (&*user.name).into(),
            email: user.email.as_deref().map(Cow::from),
            active: user.active.flag(),
            capabilities: kinds.chain(Some(letter(user.console_password))).collect(),
            created: user.created.value().map(ToString::to_string),
            last_login: user.last_login.value().map(ToString::to_string),
            mfa: match user.mfa {
                Mfa::Enrolled => Some(true),
                Mfa::NotEnrolled => Some(false),
                Mfa::Unknown => None,
            },
            service: user.service.flag(),
            federated: user.federated.flag(),
            user_type: user.user_type.as_deref().map(Cow::from),
            groups: texts(&user.groups),
            roles: texts(&user.roles),
            tags: user
                .tags
                .as_deref()
                .unwrap_or_default()
                .iter()
                .map(|tag| (Cow::from(&*tag.key), Cow::from(&*tag.value)))
                .collect(),
            unreadable: user.unreadable.iter().map(|attribute| attribute.as_str().into()).collect(),
        }
    }
}

impl TryFrom<UserV1<'_>> for User {
    type Error = String;

    fn try_from(read: UserV1<'_>) -> Result<Self, String> {
        let mut letters = read.capabilities.chars();
        let mut capabilities = PerKind::from_fn(|_| Capability::Unknown);
        for (kind, letter) in Kind::ALL.into_iter().zip(&mut letters) {
            *capabilities.get_mut(kind) = capability(letter)?;
        }
        let instant = |text: Option<String>| {
            text.map(|text| text.parse::<Timestamp>().map_err(|_| format!("`{text}` is no instant")))
                .transpose()
        };
        // What an earlier or later version calls otherwise is not needed to know that the rest was read.
        let unreadable: AttributeSet =
            read.unreadable.iter().filter_map(|name| UserAttribute::by_name(name)).collect();
        let names = |attribute, names: &[Text<'_>]| {
            let names: Box<[_]> = names.iter().map(|name| (&**name).into()).collect();
            known((!names.is_empty()).then_some(names), unreadable.has(attribute))
        };
        let tags: Box<[Tag]> = read
            .tags
            .iter()
            .map(|(key, value)| Tag { key: (&**key).into(), value: (&**value).into() })
            .collect();
        Ok(Self {
            ocid: read.ocid.map(boxed),
            email: known(read.email.map(boxed), unreadable.has(UserAttribute::Email)),
            active: known(read.active, true),
            capabilities,
            console_password: letters.next().map_or(Ok(Capability::Unknown), capability)?,
            created: known(instant(read.created)?, true),
            last_login: known(instant(read.last_login)?, unreadable.has(UserAttribute::LastLogin)),
            mfa: read.mfa.map_or(Mfa::Unknown, |yes| if yes { Mfa::Enrolled } else { Mfa::NotEnrolled }),
            service: known(read.service, true),
            federated: known(read.federated, true),
            user_type: known(
                read.user_type.as_deref().map(Into::into),
                unreadable.has(UserAttribute::UserType),
            ),
            groups: names(UserAttribute::Groups, &read.groups),
            roles: names(UserAttribute::Roles, &read.roles),
            tags: known((!tags.is_empty()).then_some(tags), unreadable.has(UserAttribute::Tags)),
            unreadable,
            ..Self::named(UserId::new(&read.id), &read.name)
        })
    }
}

/// A value, or that there is none; where there may be one that could not be read, it is not known.
fn known<T>(value: Option<T>, may_be_unread: bool) -> Known<T> {
    match value {
        Some(value) => Known::Value(value),
        None if may_be_unread => Known::NotRead,
        None => Known::Nothing,
    }
}

const fn letter(capability: Capability) -> char {
    match capability {
        Capability::Enabled => 'e',
        Capability::Disabled => 'd',
        Capability::Unknown => 'u',
    }
}

fn capability(letter: char) -> Result<Capability, String> {
    match letter {
        'e' => Ok(Capability::Enabled),
        'd' => Ok(Capability::Disabled),
        'u' => Ok(Capability::Unknown),
        other => Err(format!("`{other}` is no capability")),
    }
}
