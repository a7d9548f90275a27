//! Why a region leads nowhere, and what to do about it.

use crate::profile::surplus::Surplus;

/// Why a region leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegionError {
    /// A file or variable that cannot be used.
    #[error(
        "{origin} is no region metadata: {cause}; it needs realmKey, realmDomainComponent, regionKey and regionIdentifier"
    )]
    Metadata {
        /// The file or variable.
        origin: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A text that names no region.
    #[error("{origin}: `{name}` is no region{}", too_much(surplus.as_ref()))]
    Malformed {
        /// What it says.
        name: String,
        /// Where it is said.
        origin: String,
        /// What is too much in it.
        surplus: Option<Surplus>,
    },
    /// A region of another realm than the tenancy's.
    #[error("{ocid} is of the realm {realm}, but {origin} names the region {region}, which is of {own}")]
    Foreign {
        /// The tenancy, or what else names its realm.
        ocid: String,
        /// Its realm.
        realm: String,
        /// The region.
        region: String,
        /// The region's realm.
        own: String,
        /// Where the region is said.
        origin: String,
    },
    /// A region and a realm that are in no table.
    #[error(
        "{origin} names the region {region}, which is in no table of regions, and the domain of {} is not known either, so there is no address to send a request to",
        realm_of(ocid.as_deref(), realm)
    )]
    Unknown {
        /// The tenancy, or what else names the realm; `None` where `OCI_DEFAULT_REALM` does.
        ocid: Option<String>,
        /// The realm.
        realm: String,
        /// The region.
        region: String,
        /// Where the region is said.
        origin: String,
    },
}

impl RegionError {
    /// What to do about it.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Metadata { .. } => "correct what it names",
            Self::Malformed { .. } => "write it as the console does, such as us-ashburn-1",
            Self::Foreign { .. } => {
                "correct one of the two: a tenancy is known in the regions of its own realm alone"
            }
            Self::Unknown { .. } => {
                "correct the region if it is misspelt; otherwise describe it in OCI_REGION_METADATA or \
                 ~/.oci/regions-config.json (realmKey, realmDomainComponent, regionKey, regionIdentifier), set \
                 OCI_DEFAULT_REALM to the domain of its realm, or give --identity-endpoint"
            }
        }
    }
}

fn too_much(surplus: Option<&Surplus>) -> String {
    surplus.map_or_else(String::new, |surplus| {
        format!(
            ": {} {} taken as part of the name; remove {} and write only `{}`",
            surplus.in_words(),
            surplus.verb(),
            surplus.pronoun(),
            surplus.rest
        )
    })
}

fn realm_of(ocid: Option<&str>, realm: &str) -> String {
    match ocid {
        Some(ocid) => format!("the realm {realm} of {ocid}"),
        None => format!("the realm {realm} in OCI_DEFAULT_REALM"),
    }
}
