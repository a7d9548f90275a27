//! An identity domain.

/// One identity domain, by the name that every output uses for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Domain {
    /// What people call it: its display name where that is known, else the host of its URL.
    pub name: String,
    /// The URL of the endpoint that was asked.
    pub url: String,
    /// Its OCID, where discovery found it.
    pub ocid: Option<String>,
    /// The OCID of its tenancy, where that is known.
    pub tenancy: Option<String>,
    /// Its licence type in the words of the Identity service, such as `free`.
    pub licence: Option<String>,
    /// The region that it lives in, such as `us-ashburn-1`.
    pub home_region: Option<String>,
}

impl Domain {
    /// A domain of which nothing but its endpoint is known.
    pub fn at(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self { name: name.into(), url: url.into(), ..Self::default() }
    }
}
