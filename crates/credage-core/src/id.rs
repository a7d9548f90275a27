//! Identifiers, one type each, so that a user's id is never taken for a credential's.

use std::fmt;
use std::sync::Arc;

/// The SCIM `id` of a user: 32 hexadecimal digits on real domains, opaque to us.
///
/// Cloning is cheap, because every credential carries its owner's id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(Arc<str>);

/// The SCIM `id` of a credential: 32 hexadecimal digits on real domains, opaque to us.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialId(Box<str>);

impl UserId {
    /// Takes the id as the domain gave it.
    pub fn new(id: &str) -> Self {
        Self(Arc::from(id))
    }

    /// The id as the domain gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CredentialId {
    /// Takes the id as the domain gave it.
    pub fn new(id: &str) -> Self {
        Self(Box::from(id))
    }

    /// The id as the domain gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Maps keyed by an id can be asked with the text alone. Both ids hash and compare as their text does.
impl std::borrow::Borrow<str> for UserId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for CredentialId {
    fn borrow(&self) -> &str {
        &self.0
    }
}
