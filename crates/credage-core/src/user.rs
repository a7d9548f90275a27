//! A user of an identity domain: who may own credentials.

use std::sync::Arc;

use jiff::Timestamp;

use crate::attributes::{AttributeSet, UserAttribute};
use crate::id::UserId;
use crate::kind::{Kind, PerKind};
use crate::known::Known;

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
    /// `userName`, the name to sign in with; empty where it could not be read, since every user has one.
    pub name: Box<str>,
    /// The mail address: the primary one, else the first that is no recovery address.
    pub email: Known<Box<str>>,
    /// Whether the user can sign in.
    pub active: Known<bool>,
    /// What the user may create.
    pub capabilities: Capabilities,
    /// Whether the user may have a password for the console (`canUseConsolePassword`).
    pub console_password: Capability,
    /// `meta.created`.
    pub created: Known<Timestamp>,
    /// When the user last signed in to the console; nothing for never.
    pub last_login: Known<Timestamp>,
    /// Whether there is a second factor.
    pub mfa: Mfa,
    /// `serviceUser`: made for a machine, and cannot sign in to the console.
    pub service: Known<bool>,
    /// `isFederatedUser`: signs in at another identity provider.
    pub federated: Known<bool>,
    /// `userType`, such as `Employee` or `Service`.
    pub user_type: Known<Arc<str>>,
    /// Names of the groups.
    pub groups: Known<Box<[Arc<str>]>>,
    /// Names of the application roles that administer the domain.
    pub roles: Known<Box<[Arc<str>]>>,
    /// Tags.
    pub tags: Known<Box<[Tag]>>,
    /// Attributes that could not be read in the user's row, or not all of them: of another shape than they should have, or
    /// missing although every row has them.
    pub unreadable: AttributeSet,
}

/// Which details of users are asked for, in bundles: what was read of them is in
/// [`crate::attributes::AttributeReadings`].
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

    /// The attributes that are asked for with these details, and with the capabilities of `kinds`.
    pub fn attributes(self, kinds: &[Kind]) -> AttributeSet {
        use UserAttribute as A;
        let always = [A::Name, A::Ocid, A::Email, A::Active];
        let bundles: [(bool, &[A]); 5] = [
            (self.account, &[A::ConsolePassword, A::Created, A::ServiceUser, A::Federated, A::UserType]),
            (self.logins, &[A::LastLogin]),
            (self.mfa, &[A::Mfa]),
            (self.groups, &[A::Groups, A::Roles]),
            (self.tags, &[A::Tags]),
        ];
        let asked = bundles.into_iter().filter(|(asked, _)| *asked).flat_map(|(_, bundle)| bundle).copied();
        let kinds = kinds.iter().map(|kind| A::Capability(*kind));
        always.into_iter().chain(kinds).chain(asked).collect()
    }

    /// The details that bring these attributes, where they have to be asked for.
    pub fn that_bring(attributes: AttributeSet) -> Self {
        let brings = |details: Self| {
            let own = details.attributes(&[]);
            // What is asked for in any case brings nothing new.
            let always = Self::default().attributes(&[]);
            attributes.iter().any(|each| own.has(each) && !always.has(each))
        };
        let none = Self::default();
        Self {
            account: brings(Self { account: true, ..none }),
            logins: brings(Self { logins: true, ..none }),
            mfa: brings(Self { mfa: true, ..none }),
            groups: brings(Self { groups: true, ..none }),
            tags: brings(Self { tags: true, ..none }),
        }
    }

    /// The details of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self {
            account: self.account || other.account,
            logins: self.logins || other.logins,
            mfa: self.mfa || other.mfa,
            groups: self.groups || other.groups,
            tags: self.tags || other.tags,
        }
    }
}

impl User {
    /// A user of whom nothing but id and name are known.
    pub fn named(id: UserId, name: &str) -> Self {
        Self {
            id,
            ocid: None,
            name: name.into(),
            email: Known::NotRead,
            active: Known::NotRead,
            capabilities: Capabilities::default(),
            console_password: Capability::Unknown,
            created: Known::NotRead,
            last_login: Known::NotRead,
            mfa: Mfa::Unknown,
            service: Known::NotRead,
            federated: Known::NotRead,
            user_type: Known::NotRead,
            groups: Known::NotRead,
            roles: Known::NotRead,
            tags: Known::NotRead,
            unreadable: AttributeSet::NONE,
        }
    }

    /// The attributes that are not known of the user, of those that say something about people.
    pub fn unknown(&self) -> AttributeSet {
        use UserAttribute as A;
        let known = [
            (A::Name, !self.name.is_empty()),
            (A::Email, self.email.is_read()),
            (A::Active, self.active.is_read()),
            (A::ConsolePassword, self.console_password != Capability::Unknown),
            (A::Created, self.created.is_read()),
            (A::LastLogin, self.last_login.is_read()),
            (A::Mfa, self.mfa != Mfa::Unknown),
            (A::ServiceUser, self.service.is_read()),
            (A::Federated, self.federated.is_read()),
            (A::UserType, self.user_type.is_read()),
            (A::Groups, self.groups.is_read()),
            (A::Roles, self.roles.is_read()),
            (A::Tags, self.tags.is_read()),
        ];
        let kinds =
            self.capabilities.iter().map(|(kind, may)| (A::Capability(kind), *may != Capability::Unknown));
        known.into_iter().chain(kinds).filter(|(_, known)| !known).map(|(attribute, _)| attribute).collect()
    }

    /// What the user may do about one kind.
    pub fn capability(&self, kind: Kind) -> Capability {
        *self.capabilities.get(kind)
    }
}
