//! The Identity service: compartments, domains and region subscriptions, page by page.
//!
//! Paths, parameters and paging are those of `identity/identity_client.py` of Oracle's Python SDK (20160918). A page names
//! the next one in `opc-next-page`; the first request carries no `page`, since an empty one is refused.
//!
//! Entries are taken apart one by one: what one of them lacks, or has in another form than expected, costs no other one.

use std::collections::HashSet;
use std::sync::atomic::AtomicU64;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::client::{Client, RequestError, Unavailability};
use crate::scim::query::Request;

/// The most items of a page.
const LIMIT: &str = "1000";
const BASE: &str = "/20160918";

/// Asks the Identity service of one region.
pub struct Identity {
    client: Client,
    tally: AtomicU64,
    date: Mutex<Option<String>>,
}

/// A listing: what could be made of its entries, and what could not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Why an entry cannot be used, in words, for each that cannot.
    pub malformed: Vec<String>,
}

/// Something that is listed.
trait Entry: Sized {
    /// Takes an entry apart; the error says what is wrong with it.
    fn read(entry: &Value) -> Result<Self, String>;
}

/// A compartment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compartment {
    /// Its OCID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE`, or what it is on the way to.
    pub lifecycle_state: String,
}

/// A domain, as the Identity service lists it. What it does not say, or says as something else than a text, is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainSummary {
    /// Its OCID.
    pub id: Option<String>,
    /// Its display name.
    pub display_name: Option<String>,
    /// Its endpoint, with `:443`.
    pub url: Option<String>,
    /// Its endpoint in its home region.
    pub home_region_url: Option<String>,
    /// The region that it lives in.
    pub home_region: Option<String>,
    /// Where it is copied to.
    pub replica_regions: Option<Vec<Replica>>,
    /// `DEFAULT` or `SECONDARY`.
    pub domain_type: Option<String>,
    /// Such as `free` or `premium`.
    pub license_type: Option<String>,
    /// `ACTIVE`, `INACTIVE`, `CREATING` or `DELETING`.
    pub lifecycle_state: Option<String>,
    /// The compartment that it is in.
    pub compartment_id: Option<String>,
}

/// A copy of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replica {
    /// The region.
    pub region: String,
    /// `REPLICATION_ENABLED`, or what it is on the way to.
    pub state: String,
}

/// A field that holds a text with something in it.
fn text(entry: &Value, name: &str) -> Option<String> {
    let text = entry.get(name)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl Entry for Compartment {
    fn read(entry: &Value) -> Result<Self, String> {
        let name = text(entry, "name");
        match text(entry, "id") {
            Some(id) => Ok(Self {
                name: name.unwrap_or_else(|| id.clone()),
                id,
                lifecycle_state: text(entry, "lifecycleState").unwrap_or_default(),
            }),
            None => Err(format!("{} has no id", name.as_deref().unwrap_or("an entry without a name"))),
        }
    }
}

impl Entry for DomainSummary {
    fn read(entry: &Value) -> Result<Self, String> {
        let text = |name: &str| text(entry, name);
        let replica = |each: &Value| {
            Some(Replica { region: self::text(each, "region")?, state: self::text(each, "state")? })
        };
        let replicas = entry.get("replicaRegions").and_then(Value::as_array);
        let read = Self {
            id: text("id"),
            display_name: text("displayName"),
            url: text("url"),
            home_region_url: text("homeRegionUrl"),
            home_region: text("homeRegion"),
            replica_regions: replicas.map(|replicas| replicas.iter().filter_map(replica).collect()),
            domain_type: text("type"),
            license_type: text("licenseType"),
            lifecycle_state: text("lifecycleState"),
            compartment_id: text("compartmentId"),
        };
        if read.id.is_none() && read.display_name.is_none() && read.url.is_none() {
            return Err("an entry has neither id nor name nor URL".to_owned());
        }
        Ok(read)
    }
}

/// A region that the tenancy has subscribed to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegionSubscription {
    /// Such as `us-ashburn-1`.
    pub region_name: String,
    /// Whether it is the tenancy's home region.
    #[serde(default)]
    pub is_home_region: bool,
}

impl Identity {
    /// Asks through `client`.
    pub fn new(client: Client) -> Self {
        Self { client, tally: AtomicU64::new(0), date: Mutex::default() }
    }

    /// The service's endpoint.
    pub fn endpoint(&self) -> &crate::endpoint::Endpoint {
        self.client.endpoint()
    }

    /// Requests sent so far.
    pub fn requests(&self) -> u64 {
        self.client.requests()
    }

    /// The server's clock, as its last answer wrote it.
    pub async fn date(&self) -> Option<String> {
        self.date.lock().await.clone()
    }

    /// All compartments below the root, which is not among them. `accessible` asks for those alone that the caller may
    /// inspect.
    pub async fn compartments(
        &self,
        tenancy: &str,
        accessible: bool,
    ) -> Result<Listed<Compartment>, RequestError> {
        let level = if accessible { "ACCESSIBLE" } else { "ANY" };
        let query = [
            ("compartmentId", tenancy),
            ("compartmentIdInSubtree", "true"),
            ("accessLevel", level),
            ("lifecycleState", "ACTIVE"),
        ];
        self.all("/compartments", &query).await
    }

    /// The domains of one compartment; its subtree is not asked (the service cannot).
    pub async fn domains(&self, compartment: &str) -> Result<Listed<DomainSummary>, RequestError> {
        self.all("/domains", &[("compartmentId", compartment)]).await
    }

    /// The regions that the tenancy has subscribed to.
    pub async fn regions(&self, tenancy: &str) -> Result<Vec<RegionSubscription>, RequestError> {
        let path = format!("/tenancies/{}/regionSubscriptions", crate::endpoint::encode(tenancy));
        let url = self.client.endpoint().resource(&format!("{BASE}{path}"), &[]);
        self.get(url).await.map(|(items, _)| items)
    }

    async fn all<T: Entry>(&self, path: &str, query: &[(&str, &str)]) -> Result<Listed<T>, RequestError> {
        let path = format!("{BASE}{path}");
        let mut listed = Listed { items: Vec::new(), malformed: Vec::new() };
        let mut page: Option<String> = None;
        let mut seen = HashSet::new();
        loop {
            let mut query = query.to_vec();
            query.push(("limit", LIMIT));
            if let Some(page) = &page {
                query.push(("page", page));
            }
            let url = self.client.endpoint().resource(&path, &query);
            let (found, next): (Vec<Value>, _) = self.get(url).await?;
            for entry in &found {
                match T::read(entry) {
                    Ok(item) => listed.items.push(item),
                    Err(wrong) => listed.malformed.push(wrong),
                }
            }
            match next {
                Some(next) if seen.insert(next.clone()) => page = Some(next),
                // A token that came before would go round for ever.
                Some(next) => {
                    return Err(RequestError::Unavailable {
                        cause: format!("the pages go round in circles at {next}"),
                        why: Unavailability::Failing,
                        status: None,
                        reached: true,
                        tries: 1,
                        after: None,
                        request_id: None,
                        remedy: None,
                    });
                }
                None => return Ok(listed),
            }
        }
    }

    async fn get<T: DeserializeOwned>(
        &self,
        url: url::Url,
    ) -> Result<(Vec<T>, Option<String>), RequestError> {
        let request = Request::get(url);
        let fetched = self.client.fetch_page(&request, &self.tally).await?;
        *self.date.lock().await = fetched.date;
        Ok((fetched.value, fetched.next_page))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_of_another_form_is_missing_and_no_more() {
        let domain = json!({
            "id": "ocid1.domain.oc1..a", "displayName": "Young", "url": null, "homeRegionUrl": 7,
            "homeRegion": ["x"], "replicaRegions": [null, {"region": "r", "state": "s"}, {"region": 1}],
            "licenseType": {}, "lifecycleState": "", "type": true,
        });
        let replica = Replica { region: "r".to_owned(), state: "s".to_owned() };
        let read = DomainSummary {
            id: Some("ocid1.domain.oc1..a".to_owned()),
            display_name: Some("Young".to_owned()),
            replica_regions: Some(vec![replica]),
            ..DomainSummary::default()
        };
        assert_eq!(DomainSummary::read(&domain), Ok(read));
        for nothing in [json!(null), json!(7), json!("x"), json!([]), json!({"id": null, "url": ""})] {
            assert!(DomainSummary::read(&nothing).is_err(), "{nothing}");
        }
        let nameless = json!({"id": null, "name": "team-1"});
        assert_eq!(Compartment::read(&nameless), Err("team-1 has no id".to_owned()));
        assert_eq!(Compartment::read(&json!({"id": "ocid1.c", "name": 7})).unwrap().name, "ocid1.c");
    }

    proptest! {
        #[test]
        fn a_domain_with_a_name_is_never_lost(name in "[a-z]{1,9}", other in "[a-z0-9{}\\[\\]\", ]{0,9}") {
            let odd: Value = serde_json::from_str(&other).unwrap_or(Value::Null);
            let entry = json!({"displayName": name, "url": odd, "id": odd, "lifecycleState": odd, "replicaRegions": odd});
            prop_assert_eq!(DomainSummary::read(&entry).unwrap().display_name, Some(name));
        }
    }
}
