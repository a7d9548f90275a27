//! A user of an identity domain: who may own credentials.

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
}

impl User {
    /// What the user may do about one kind.
    pub fn capability(&self, kind: Kind) -> Capability {
        *self.capabilities.get(kind)
    }
}
