//! A credential, as the domain described it.

use jiff::Timestamp;

use crate::id::{CredentialId, UserId};
use crate::kind::Kind;

/// A date as the domain gave it. A date that cannot be read is kept apart from one that is not there, because
/// neither may be taken for "young".
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum DateReading {
    /// The domain gave this instant.
    At(Timestamp),
    /// The domain gave none.
    #[default]
    Missing,
    /// The domain gave something that is no date.
    Unreadable(Box<str>),
}

impl DateReading {
    /// Reads an RFC 3339 instant, with or without fractions of a second.
    pub fn parse(text: &str) -> Self {
        text.trim().parse().map_or_else(|_| Self::Unreadable(Box::from(text)), Self::At)
    }

    /// The instant, where there is one.
    pub const fn instant(&self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(*at),
            Self::Missing | Self::Unreadable(_) => None,
        }
    }
}

/// How we know of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Source {
    /// Its own row was read.
    #[default]
    Listed,
    /// Only the owner's index names it; its row could not be read, so nothing but its existence is known.
    IndexOnly,
}

/// One credential of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The SCIM id.
    pub id: CredentialId,
    /// Which of the six it is.
    pub kind: Kind,
    /// The owner's SCIM id (`user.value`), which may name a user who is not in the listing.
    pub owner: UserId,
    /// What the credential itself calls its owner; kept only where it may be needed, that is when the owner is not
    /// among the users.
    pub owner_name: Option<Box<str>>,
    /// What people call it: its description, display name or name.
    pub description: Option<Box<str>>,
    /// What tells it apart where it is used: an API key's fingerprint.
    pub fingerprint: Option<Box<str>>,
    /// `meta.created`.
    pub created: DateReading,
    /// `lastSetDate`; only database passwords have one.
    pub last_set: DateReading,
    /// `expiresOn`: the credential's own expiry, fixed when it was created. API keys have none.
    pub expires_on: DateReading,
    /// How we know of it.
    pub source: Source,
}

impl Credential {
    /// A credential of which only the owner's index tells.
    pub fn index_only(id: CredentialId, kind: Kind, owner: UserId) -> Self {
        Self {
            id,
            kind,
            owner,
            owner_name: None,
            description: None,
            fingerprint: None,
            created: DateReading::Missing,
            last_set: DateReading::Missing,
            expires_on: DateReading::Missing,
            source: Source::IndexOnly,
        }
    }

    /// Kind and id, `api_key/…`: what it is called where kinds are mixed.
    pub fn full_id(&self) -> String {
        format!("{}/{}", self.kind, self.id)
    }

    /// The date that its age counts from: `lastSetDate` of a database password that has one, else `meta.created`.
    ///
    /// No kind can be rotated in place but the database password, whose `lastSetDate` moves when it is set anew
    /// (attribute tables of Oracle's Python SDK, `user_db_credential.py`).
    pub const fn age_basis(&self) -> &DateReading {
        match (self.kind, &self.last_set) {
            (Kind::DbCredential, DateReading::At(_) | DateReading::Unreadable(_)) => &self.last_set,
            _ => &self.created,
        }
    }
}
