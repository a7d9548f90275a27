//! Regions and realms: data, not code.
//!
//! `regions.json` has the regions that Oracle's Python SDK knows (`regions_definitions.py`, 2.189.0), in the form of
//! OCI's own metadata files. What `OCI_REGION_METADATA` and `~/.oci/regions-config.json` add wins over it. A region that
//! nobody knows is taken to be of `OCI_DEFAULT_REALM`, else of the commercial realm, as the SDK does.

use std::fs;

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
    /// The key of its realm, such as `oc1`, as far as a table knows it.
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

    /// The Identity service (`identity/identity_client.py`: `https://identity.{region}.oci.{secondLevelDomain}`).
    pub fn identity(&self) -> String {
        format!("https://identity.{}.oci.{}", self.id, self.domain)
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
    if path.is_absolute()
        && let Ok(text) = fs::read_to_string(&path)
    {
        tables.extend(parse(&text, &path.display().to_string())?);
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
