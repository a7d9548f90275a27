//! An identity domain.

/// One identity domain, by the name that every output uses for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Domain {
    /// What people call it: its display name where that is known, else the host of its URL.
    pub name: String,
    /// The URL of its endpoint, as it was given.
    pub url: String,
}
