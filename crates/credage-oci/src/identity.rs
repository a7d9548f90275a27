//! The Identity service: compartments, domains and region subscriptions, page by page.
//!
//! Paths, parameters and paging are those of `identity/identity_client.py` of Oracle's Python SDK (20160918). A page names
//! the next one in `opc-next-page`; the first request carries no `page`, since an empty one is refused.

use std::collections::HashSet;
use std::sync::atomic::AtomicU64;

use serde::Deserialize;
use serde::de::DeserializeOwned;
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

/// A compartment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Compartment {
    /// Its OCID.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// `ACTIVE`, or what it is on the way to.
    #[serde(default)]
    pub lifecycle_state: String,
}

/// A domain, as the Identity service lists it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainSummary {
    /// Its OCID.
    pub id: String,
    /// Its display name.
    #[serde(default)]
    pub display_name: String,
    /// Its endpoint, with `:443`.
    #[serde(default)]
    pub url: String,
    /// Its endpoint in its home region.
    #[serde(default)]
    pub home_region_url: Option<String>,
    /// The region that it lives in.
    #[serde(default)]
    pub home_region: Option<String>,
    /// Where it is copied to.
    #[serde(default)]
    pub replica_regions: Option<Vec<Replica>>,
    /// `DEFAULT` or `SECONDARY`.
    #[serde(default, rename = "type")]
    pub domain_type: Option<String>,
    /// Such as `free` or `premium`.
    #[serde(default)]
    pub license_type: Option<String>,
    /// `ACTIVE`, `INACTIVE`, `CREATING` or `DELETING`.
    #[serde(default)]
    pub lifecycle_state: Option<String>,
    /// The compartment that it is in.
    #[serde(default)]
    pub compartment_id: Option<String>,
}

/// A copy of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Replica {
    /// The region.
    #[serde(default)]
    pub region: String,
    /// `REPLICATION_ENABLED`, or what it is on the way to.
    #[serde(default)]
    pub state: String,
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
    ) -> Result<Vec<Compartment>, RequestError> {
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
    pub async fn domains(&self, compartment: &str) -> Result<Vec<DomainSummary>, RequestError> {
        self.all("/domains", &[("compartmentId", compartment)]).await
    }

    /// The regions that the tenancy has subscribed to.
    pub async fn regions(&self, tenancy: &str) -> Result<Vec<RegionSubscription>, RequestError> {
        let path = format!("/tenancies/{}/regionSubscriptions", crate::endpoint::encode(tenancy));
        let url = self.client.endpoint().resource(&format!("{BASE}{path}"), &[]);
        self.get(url).await.map(|(items, _)| items)
    }

    async fn all<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, RequestError> {
        let path = format!("{BASE}{path}");
        let mut items = Vec::new();
        let mut page: Option<String> = None;
        let mut seen = HashSet::new();
        loop {
            let mut query = query.to_vec();
            query.push(("limit", LIMIT));
            if let Some(page) = &page {
                query.push(("page", page));
            }
            let (found, next): (Vec<T>, _) = self.get(self.client.endpoint().resource(&path, &query)).await?;
            items.extend(found);
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
                None => return Ok(items),
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
