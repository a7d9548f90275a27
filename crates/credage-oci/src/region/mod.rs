//! Regions and realms: data, not code.
//!
//! `regions.json` has the regions that Oracle's Python SDK knows (`regions_definitions.py`, 2.189.0), in the form of
//! OCI's own metadata files. What `OCI_REGION_METADATA` and `~/.oci/regions-config.json` add wins over it. A region that
//! nobody knows is taken to be of `OCI_DEFAULT_REALM`, else of the commercial realm, as the SDK does.

use std::fs;
use std::io::ErrorKind;

use serde::Deserialize;

use crate::profile::Environment;

const KNOWN: &str = include_str!("regions.json");
const COMMERCIAL: &str = "oraclecloud.com";

/// A region with the domain of its realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Such as `us-ashburn-1`.
    pub id: String,
    /// The second-level domain of its realm, such as `oraclecloud.com`.
    pub domain: String,
    /// Its realm, such as `oc1`; nothing where no table says.
    pub realm: Option<String>,
    /// Whether it was found in any table.
    pub known: bool,
}

/// A file or variable that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{origin} is no region metadata: {cause}; it needs realmKey, realmDomainComponent, regionKey and regionIdentifier"
)]
pub struct RegionError {
    origin: String,
    cause: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default)]
    realm_key: String,
    realm_domain_component: String,
    #[serde(default)]
    region_key: String,
    region_identifier: String,
}

impl Region {
    /// The region of an identifier (`us-ashburn-1`) or of a key (`iad`), in any case.
    pub fn find(name: &str, env: &Environment) -> Result<Self, RegionError> {
        let wanted = name.trim().to_ascii_lowercase();
        let mut tables = added(env)?;
        tables.extend(parse(KNOWN, "the built-in table")?);
        let found = tables.iter().find(|each| {
            each.region_identifier.eq_ignore_ascii_case(&wanted)
                || each.region_key.eq_ignore_ascii_case(&wanted)
        });
        if let Some(found) = found {
            let id = found.region_identifier.to_ascii_lowercase();
            let realm = Some(found.realm_key.to_ascii_lowercase()).filter(|realm| !realm.is_empty());
            return Ok(Self { id, domain: found.realm_domain_component.clone(), realm, known: true });
        }
        let realm = env.get("OCI_DEFAULT_REALM").unwrap_or_default();
        let of_realm = tables.iter().find(|each| each.realm_key.eq_ignore_ascii_case(realm));
        let domain = of_realm.map_or_else(
            || if realm.contains('.') { realm.to_owned() } else { COMMERCIAL.to_owned() },
            |each| each.realm_domain_component.clone(),
        );
        Ok(Self { id: wanted, domain, realm: None, known: false })
    }

    /// The realm that the tenancy is of, where that is another one than the region's: nobody there knows it.
    pub fn is_foreign_to<'t>(&self, tenancy: &'t str) -> Option<&'t str> {
        // `ocid1.tenancy.oc1..…`: the third part is the realm (Oracle's page "Resource Identifiers").
        let realm = tenancy.split('.').nth(2).filter(|realm| !realm.is_empty())?;
        let own = self.realm.as_deref()?;
        (!own.eq_ignore_ascii_case(realm)).then_some(realm)
    }

    /// The Identity service (`identity/identity_client.py`: `https://identity.{region}.oci.{secondLevelDomain}`).
    pub fn identity(&self) -> String {
        format!("https://identity.{}.oci.{}", self.id, self.domain)
    }

    /// OCI Notifications (`ons/notification_data_plane_client.py`: `https://notification.{region}.{secondLevelDomain}`).
    pub fn notification(&self) -> String {
        format!("https://notification.{}.{}", self.id, self.domain)
    }

    /// The federation endpoint (`instance_principals_security_token_signer.py`).
    pub fn federation(&self) -> String {
        format!("https://auth.{}.{}/v1/x509", self.id, self.domain)
    }
}

fn added(env: &Environment) -> Result<Vec<Metadata>, RegionError> {
    let mut tables = Vec::new();
    if let Some(text) = env.get("OCI_REGION_METADATA") {
        tables.extend(parse(text, "OCI_REGION_METADATA")?);
    }
    let path = env.expand("~/.oci/regions-config.json");
    if !path.is_absolute() {
        return Ok(tables);
    }
    let origin = path.display().to_string();
    match fs::read_to_string(&path) {
        Ok(text) => tables.extend(parse(&text, &origin)?),
        // Most homes have none.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
        Err(error) => return Err(RegionError { origin, cause: error.to_string() }),
    }
    Ok(tables)
}

/// One object, or a list of them.
fn parse(text: &str, origin: &str) -> Result<Vec<Metadata>, RegionError> {
    let text = text.trim();
    let parsed = if text.starts_with('[') {
        serde_json::from_str(text)
    } else {
        serde_json::from_str(text).map(|one: Metadata| vec![one])
    };
    parsed.map_err(|error| RegionError { origin: origin.to_owned(), cause: error.to_string() })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn find(name: &str, pairs: &[(&str, &str)]) -> Result<Region, RegionError> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Region::find(name, &Environment::new(pairs.collect::<HashMap<_, _>>(), None))
    }

    #[test]
    fn realms_have_their_own_domains() {
        assert_eq!(find("IAD", &[]).unwrap().identity(), "https://identity.us-ashburn-1.oci.oraclecloud.com");
        assert_eq!(
            find("us-gov-phoenix-1", &[]).unwrap().federation(),
            "https://auth.us-gov-phoenix-1.oraclegovcloud.com/v1/x509"
        );
        let unknown = find("xx-nowhere-9", &[]).unwrap();
        assert_eq!((unknown.domain.as_str(), unknown.known), ("oraclecloud.com", false));
        assert_eq!(
            find("xx-nowhere-9", &[("OCI_DEFAULT_REALM", "OC2")]).unwrap().domain,
            "oraclegovcloud.com"
        );
        assert_eq!(
            find("xx-nowhere-9", &[("OCI_DEFAULT_REALM", "cloud.example")]).unwrap().domain,
            "cloud.example"
        );
    }

    #[test]
    fn a_tenancy_of_another_realm_is_noticed() {
        let foreign = |region: &str, tenancy: &'static str| find(region, &[]).unwrap().is_foreign_to(tenancy);
        assert_eq!(foreign("us-ashburn-1", "ocid1.tenancy.oc1..aaaa"), None);
        assert_eq!(foreign("us-ashburn-1", "ocid1.tenancy.oc2..aaaa"), Some("oc2"));
        assert_eq!(foreign("us-gov-phoenix-1", "ocid1.tenancy.oc1..aaaa"), Some("oc1"));
        assert_eq!(foreign("xx-nowhere-9", "ocid1.tenancy.oc2..aaaa"), None, "nobody knows");
        assert_eq!(foreign("us-ashburn-1", "ocid1.tenancy"), None);
    }

    #[test]
    fn metadata_adds_and_overrides() {
        let text = r#"{"realmKey":"oc99","realmDomainComponent":"cloud.example","regionKey":"xyz","regionIdentifier":"xx-mars-1"}"#;
        assert_eq!(
            find("xyz", &[("OCI_REGION_METADATA", text)]).unwrap().identity(),
            "https://identity.xx-mars-1.oci.cloud.example"
        );
        let error = find("iad", &[("OCI_REGION_METADATA", "nonsense")]).unwrap_err();
        assert!(error.to_string().starts_with("OCI_REGION_METADATA is no region metadata"), "{error}");
    }

    #[test]
    fn the_home_s_own_file_is_read() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".oci")).unwrap();
        let text = r#"[{"realmKey":"oc99","realmDomainComponent":"cloud.example","regionKey":"XYZ","regionIdentifier":"xx-mars-1"}]"#;
        fs::write(home.path().join(".oci/regions-config.json"), text).unwrap();
        let env = Environment::new(HashMap::new(), Some(home.path().to_owned()));
        assert_eq!(Region::find("xx-mars-1", &env).unwrap().domain, "cloud.example");
    }
}
