//! A user of an identity domain: who may own credentials.

use std::sync::Arc;

use jiff::Timestamp;

use crate::id::UserId;
use crate::kind::{Kind, PerKind};

/// Whether a user may create credentials of a kind. Says nothing about having any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub enum Capability {
    /// The `canUse…` flag is true.
    Enabled,
    /// The `canUse…` flag is false. Credentials made before may live on.
    Disabled,
    /// The domain did not say.
    #[default]
    Unknown,
}

impl Capability {
    /// `enabled`, `disabled` or `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Unknown => "unknown",
        }
    }
}

impl From<Option<bool>> for Capability {
    fn from(flag: Option<bool>) -> Self {
        flag.map_or(Self::Unknown, |on| if on { Self::Enabled } else { Self::Disabled })
    }
}

/// A user's capability for each kind (extension `capabilities:User`).
pub type Capabilities = PerKind<Capability>;

/// Whether a user has a second factor (`mfa:User`, `mfaStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub enum Mfa {
    /// `ENROLLED`.
    Enrolled,
    /// `UN_ENROLLED`, `IGNORED` or `DISABLED`.
    NotEnrolled,
    /// The domain did not say.
    #[default]
    Unknown,
}

impl Mfa {
    /// `enrolled`, `not_enrolled` or `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::NotEnrolled => "not_enrolled",
            Self::Unknown => "unknown",
        }
    }
}

/// A tag of a user (extension `OCITags`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The key; with its namespace before it (`Operations.Owner`) where it is a defined tag.
    pub key: Arc<str>,
    /// The value.
    pub value: Arc<str>,
}

/// A user, as the domain listed them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The SCIM id.
    pub id: UserId,
    /// The OCID, where the domain gave one.
    pub ocid: Option<Box<str>>,
    /// `userName`, the name to sign in with.
    pub name: Box<str>,
    /// The mail address: the primary one, else the first that is no recovery address.
    pub email: Option<Box<str>>,
    /// Whether the user can sign in; `None` where the domain did not say.
    pub active: Option<bool>,
    /// What the user may create.
    pub capabilities: Capabilities,
    /// Whether the user may have a password for the console (`canUseConsolePassword`).
    pub console_password: Capability,
    /// `meta.created`.
    pub created: Option<Timestamp>,
    /// When the user last signed in to the console; `None` for never, or where logins were not read.
    pub last_login: Option<Timestamp>,
    /// Whether there is a second factor.
    pub mfa: Mfa,
    /// `serviceUser`: made for a machine, and cannot sign in to the console.
    pub service: Option<bool>,
    /// `isFederatedUser`: signs in at another identity provider.
    pub federated: Option<bool>,
    /// `userType`, such as `Employee` or `Service`.
    pub user_type: Option<Arc<str>>,
    /// Names of the groups; empty where they were not read (see [`UserDetails::groups`]).
    pub groups: Box<[Arc<str>]>,
    /// Names of the application roles that administer the domain; empty where they were not read.
    pub roles: Box<[Arc<str>]>,
    /// Tags; empty where they were not read (see [`UserDetails::tags`]).
    pub tags: Box<[Tag]>,
}

/// Which details of users were asked for, or were read. What was not read proves nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a detail of its own, named where it is used")]
pub struct UserDetails {
    /// Age of the account, user type, service user, federation, console password.
    pub account: bool,
    /// The last login.
    pub logins: bool,
    /// The second factor.
    pub mfa: bool,
    /// Groups and administrative application roles.
    pub groups: bool,
    /// Tags.
    pub tags: bool,
}

impl UserDetails {
    /// What is read of everybody; it costs no request and few bytes.
    pub const USUAL: Self = Self { account: true, logins: true, mfa: true, groups: false, tags: false };
}

impl User {
    /// A user of whom nothing but id and name are known.
    pub fn named(id: UserId, name: &str) -> Self {
        Self {
            id,
            ocid: None,
            name: name.into(),
            email: None,
            active: None,
            capabilities: Capabilities::default(),
            console_password: Capability::Unknown,
            created: None,
            last_login: None,
            mfa: Mfa::Unknown,
            service: None,
            federated: None,
            user_type: None,
            groups: Box::default(),
            roles: Box::default(),
            tags: Box::default(),
        }
    }

    /// What the user may do about one kind.
    pub fn capability(&self, kind: Kind) -> Capability {
        *self.capabilities.get(kind)
    }
}
