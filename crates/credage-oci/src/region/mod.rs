//! Regions and realms: data, not code.
//!
//! `regions.json` has the regions that Oracle's Python SDK knows (`regions_definitions.py`, 2.189.0), in the form of
//! OCI's own metadata files. What `OCI_REGION_METADATA` and `~/.oci/regions-config.json` add wins over it. A region that
//! nobody knows is taken to be of `OCI_DEFAULT_REALM`, else of the realm that the tenancy's OCID names; where no table
//! knows that realm either, nothing is sent.

mod error;

use std::fs;
use std::io::ErrorKind;

use serde::Deserialize;

pub use self::error::RegionError;
use crate::profile::surplus::Surplus;
use crate::profile::{Environment, Setting};

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
    /// The region of an identifier (`us-ashburn-1`) or of a key (`iad`), in any case, for requests about `ocid`: a tenancy,
    /// or anything else whose OCID names its realm.
    ///
    /// # Errors
    /// Where the region is of another realm than `ocid`, or where no table says at which addresses they are: signed
    /// requests of one realm must not be sent to another.
    pub fn find(said: &Setting, ocid: Option<&str>, env: &Environment) -> Result<Self, RegionError> {
        let wanted = said.value.trim().to_ascii_lowercase();
        if !is_name(&wanted) {
            return Err(malformed(said));
        }
        let mut tables = added(env)?;
        tables.extend(parse(KNOWN, "the built-in table")?);
        let realm = ocid.and_then(realm);
        match tables.iter().find(|each| each.is_called(&wanted)) {
            Some(found) => found.region(said, ocid, realm),
            None => unknown(wanted, &tables, said, ocid.zip(realm), env),
        }
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

/// The realm that an OCID names, such as `oc1` (Oracle's page "Resource Identifiers": `ocid1.tenancy.oc1..…`).
fn realm(ocid: &str) -> Option<&str> {
    ocid.split('.').nth(2).filter(|realm| !realm.is_empty())
}

/// Whether it can be part of a host's name.
fn is_name(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && !text.ends_with('-')
}

fn malformed(said: &Setting) -> RegionError {
    let surplus = Surplus::of_strict(&said.value, is_name);
    RegionError::Malformed { name: said.value.clone(), origin: said.origin.clone(), surplus }
}

impl Metadata {
    fn is_called(&self, name: &str) -> bool {
        self.region_identifier.eq_ignore_ascii_case(name) || self.region_key.eq_ignore_ascii_case(name)
    }

    /// The region, where it is of the realm that was asked for.
    fn region(&self, said: &Setting, ocid: Option<&str>, realm: Option<&str>) -> Result<Region, RegionError> {
        let own = Some(self.realm_key.to_ascii_lowercase()).filter(|own| !own.is_empty());
        if let (Some(own), Some(ocid), Some(realm)) = (&own, ocid, realm)
            && !own.eq_ignore_ascii_case(realm)
        {
            return Err(foreign(own, &said.value, said, (ocid, realm)));
        }
        let id = self.region_identifier.to_ascii_lowercase();
        Ok(Region { id, domain: self.realm_domain_component.clone(), realm: own, known: true })
    }
}

fn foreign(own: &str, region: &str, said: &Setting, (ocid, realm): (&str, &str)) -> RegionError {
    RegionError::Foreign {
        ocid: ocid.to_owned(),
        realm: realm.to_owned(),
        region: region.to_owned(),
        own: own.to_owned(),
        origin: said.origin.clone(),
    }
}

/// A region that is in no table: of the realm that `OCI_DEFAULT_REALM` names, else of the one that the OCID names. The SDK
/// takes any other one for commercial, and signs requests of a sovereign realm for `oraclecloud.com`.
fn unknown(
    id: String,
    tables: &[Metadata],
    said: &Setting,
    of: Option<(&str, &str)>,
    env: &Environment,
) -> Result<Region, RegionError> {
    let known = |key: &str| tables.iter().find(|each| each.realm_key.eq_ignore_ascii_case(key));
    let at = |each: &Metadata, id: String| {
        let realm = Some(each.realm_key.to_ascii_lowercase());
        Region { id, domain: each.realm_domain_component.clone(), realm, known: false }
    };
    let nowhere = |ocid: Option<&str>, realm: &str, region: String| RegionError::Unknown {
        ocid: ocid.map(str::to_owned),
        realm: realm.to_owned(),
        region,
        origin: said.origin.clone(),
    };
    match (env.get("OCI_DEFAULT_REALM"), of) {
        (Some(domain), _) if domain.contains('.') => {
            Ok(Region { id, domain: domain.to_owned(), realm: None, known: false })
        }
        (Some(key), of) => match (known(key), of) {
            (Some(each), Some((ocid, realm))) if !each.realm_key.eq_ignore_ascii_case(realm) => {
                let said = Setting { origin: "OCI_DEFAULT_REALM".to_owned(), ..said.clone() };
                Err(foreign(&each.realm_key.to_ascii_lowercase(), &id, &said, (ocid, realm)))
            }
            (Some(each), _) => Ok(at(each, id)),
            (None, _) => Err(nowhere(None, key, id)),
        },
        (None, Some((ocid, realm))) => {
            known(realm).map(|each| at(each, id.clone())).ok_or_else(|| nowhere(Some(ocid), realm, id))
        }
        (None, None) => Ok(Region { id, domain: COMMERCIAL.to_owned(), realm: None, known: false }),
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
        Err(error) => return Err(RegionError::Metadata { origin, cause: error.to_string() }),
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
    parsed.map_err(|error| RegionError::Metadata { origin: origin.to_owned(), cause: error.to_string() })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const TENANCY: &str = "ocid1.tenancy.oc1..aaaa";

    fn find_for(ocid: Option<&str>, name: &str, pairs: &[(&str, &str)]) -> Result<Region, RegionError> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let env = Environment::new(pairs.collect::<HashMap<_, _>>(), None);
        Region::find(&said(name), ocid, &env)
    }

    fn said(name: &str) -> Setting {
        Setting { value: name.to_owned(), origin: "--region".to_owned() }
    }

    fn find(name: &str, pairs: &[(&str, &str)]) -> Result<Region, RegionError> {
        find_for(None, name, pairs)
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
        let of_realm = |realm: &str| find("xx-nowhere-9", &[("OCI_DEFAULT_REALM", realm)]);
        assert_eq!(of_realm("OC2").unwrap().domain, "oraclegovcloud.com");
        assert_eq!(of_realm("cloud.example").unwrap().domain, "cloud.example");
        assert!(matches!(of_realm("OC17"), Err(RegionError::Unknown { ocid: None, .. })));
    }

    #[test]
    fn a_tenancy_of_another_realm_is_noticed() {
        let realms = |region: &str, tenancy: &str| match find_for(Some(tenancy), region, &[]) {
            Ok(region) => Ok(region.domain),
            Err(RegionError::Foreign { realm, own, .. }) => Err((realm, own)),
            Err(other) => panic!("{other}"),
        };
        let differ = |one: &str, two: &str| Err((one.to_owned(), two.to_owned()));
        assert_eq!(realms("us-ashburn-1", TENANCY), Ok("oraclecloud.com".to_owned()));
        assert_eq!(realms("us-ashburn-1", "ocid1.tenancy.oc2..aaaa"), differ("oc2", "oc1"));
        assert_eq!(realms("us-ashburn-1", "ocid1.tenancy.oc17..aaaa"), differ("oc17", "oc1"));
        assert_eq!(realms("us-gov-phoenix-1", TENANCY), differ("oc1", "oc3"));
        assert_eq!(realms("us-ashburn-1", "ocid1.tenancy"), Ok("oraclecloud.com".to_owned()), "names none");
    }

    #[test]
    fn an_unknown_region_is_asked_in_the_realm_of_its_tenancy_or_not_at_all() {
        let domain = |tenancy: &str, realm: Option<&str>| {
            let pairs: Vec<_> = realm.map(|realm| ("OCI_DEFAULT_REALM", realm)).into_iter().collect();
            find_for(Some(tenancy), "us-dcc-phoenix-1", &pairs).map(|region| region.domain)
        };
        assert_eq!(domain(TENANCY, None).unwrap(), "oraclecloud.com");
        assert_eq!(domain("ocid1.tenancy.oc2..aaaa", None).unwrap(), "oraclegovcloud.com");
        let sovereign = "ocid1.tenancy.oc17..aaaa";
        let error = domain(sovereign, None).unwrap_err();
        assert!(error.to_string().contains("the realm oc17 of ocid1.tenancy.oc17..aaaa"), "{error}");
        assert!(
            error.remedy().contains("OCI_REGION_METADATA") && error.remedy().contains("OCI_DEFAULT_REALM")
        );
        assert!(matches!(domain(sovereign, Some("oc1")), Err(RegionError::Foreign { .. })), "they disagree");
        assert!(matches!(domain(sovereign, Some("oc17")), Err(RegionError::Unknown { .. })));
        assert_eq!(domain(sovereign, Some("cloud.example")).unwrap(), "cloud.example");
        let described = r#"{"realmKey":"OC17","realmDomainComponent":"cloud.example","regionKey":"PHX17","regionIdentifier":"us-dcc-phoenix-1"}"#;
        let found = find_for(Some(sovereign), "us-dcc-phoenix-1", &[("OCI_REGION_METADATA", described)]);
        assert_eq!(found.unwrap().domain, "cloud.example");
    }

    #[test]
    fn what_is_no_name_is_never_part_of_an_address() {
        for name in [
            "",
            "\"us-ashburn-1\"",
            "us-ashburn-1 # home",
            "us-ashburn-1\nuser=x",
            "a.b",
            "a/b",
            "-a",
            "a-",
            "ü",
        ] {
            assert!(matches!(find(name, &[]), Err(RegionError::Malformed { .. })), "{name}");
        }
        let error = find("“us-ashburn-1”", &[]).unwrap_err().to_string();
        assert!(error.contains("`“` at its start and `”` at its end"), "{error}");
        assert!(error.ends_with("remove them and write only `us-ashburn-1`"), "{error}");
        assert!(find(" us-ashburn-1 ", &[]).is_ok(), "blanks around it change nothing");
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
        assert_eq!(Region::find(&said("xx-mars-1"), None, &env).unwrap().domain, "cloud.example");
    }
}
