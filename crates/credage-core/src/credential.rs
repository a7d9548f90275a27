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

/// A part of a credential's row that may not be readable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialField {
    /// `user`, or its `value` and `ocid`.
    Owner,
    /// `user.name` and `user.display`.
    OwnerName,
    /// `description`, `displayName` or `name`.
    Description,
    /// `fingerprint`.
    Fingerprint,
    /// `meta.created`.
    Created,
    /// `lastSetDate`.
    LastSet,
    /// `expiresOn`.
    ExpiresOn,
}

impl CredentialField {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Owner,
        Self::OwnerName,
        Self::Description,
        Self::Fingerprint,
        Self::Created,
        Self::LastSet,
        Self::ExpiresOn,
    ];

    /// The name in SCIM.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "user",
            Self::OwnerName => "user.name",
            Self::Description => "description",
            Self::Fingerprint => "fingerprint",
            Self::Created => "meta.created",
            Self::LastSet => "lastSetDate",
            Self::ExpiresOn => "expiresOn",
        }
    }

    /// The part of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Owner => 1,
            Self::OwnerName => 2,
            Self::Description => 4,
            Self::Fingerprint => 8,
            Self::Created => 16,
            Self::LastSet => 32,
            Self::ExpiresOn => 64,
        }
    }
}

/// A set of parts of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldSet(u8);

impl FieldSet {
    /// No part.
    pub const NONE: Self = Self(0);

    /// Adds a part.
    pub const fn insert(&mut self, field: CredentialField) {
        self.0 |= field.bit();
    }

    /// Whether it has a part.
    pub const fn has(self, field: CredentialField) -> bool {
        self.0 & field.bit() != 0
    }

    /// Whether it has none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The parts, in the usual order.
    pub fn iter(self) -> impl Iterator<Item = CredentialField> {
        CredentialField::ALL.into_iter().filter(move |field| self.has(*field))
    }
}

impl FromIterator<CredentialField> for FieldSet {
    fn from_iter<I: IntoIterator<Item = CredentialField>>(fields: I) -> Self {
        fields.into_iter().fold(Self::NONE, |all, field| Self(all.0 | field.bit()))
    }
}

/// One credential of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The SCIM id.
    pub id: CredentialId,
    /// Which of the six it is.
    pub kind: Kind,
    /// The owner's SCIM id (`user.value`), which may name a user who is not in the listing; empty where the row does not
    /// say it in a readable form.
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
    /// Parts of its row that could not be read.
    pub unreadable: FieldSet,
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
            unreadable: FieldSet::NONE,
        }
    }

    /// Whether its row says whose it is. Where it does not, nobody knows whether the owner is still there.
    pub fn has_owner(&self) -> bool {
        !self.owner.as_str().is_empty()
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
