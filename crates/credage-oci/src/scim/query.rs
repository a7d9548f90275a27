//! One listing, as it is asked for: always by attribute name, never for secrets, by a stable order.

use reqwest::Method;
use serde_json::json;
use url::Url;

use crate::endpoint::{Endpoint, encode};

/// The most rows that a domain gives a page (Oracle's Python SDK, `identity_domains_client.py`: "1000 is the
/// largest value").
pub const MAX_COUNT: u64 = 1000;

/// A listing of one collection.
#[derive(Clone, Debug)]
pub struct Query {
    /// The path of the collection, such as `/admin/v1/ApiKeys`.
    pub path: &'static str,
    /// The attributes to return, separated by commas.
    pub attributes: String,
    /// Which rows; all of them without.
    pub filter: Option<String>,
    /// Whether it is sent as `POST …/.search`, which has no limit of length.
    pub search: bool,
    /// Whether rows are asked for in the order of their ids.
    pub sorted: bool,
    /// Rows a page.
    pub count: u64,
    /// Whether the domain may not support it.
    pub speculative: bool,
}

/// One request, ready to be signed.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// The body of a `POST`.
    pub body: Option<Vec<u8>>,
    /// Whether the domain may not support it: then 500 is a refusal, and leads to another query.
    pub speculative: bool,
}

impl Request {
    /// A `GET`.
    pub const fn get(url: Url) -> Self {
        Self { method: Method::GET, url, body: None, speculative: false }
    }

    /// A `POST`.
    pub const fn post(url: Url, body: Vec<u8>) -> Self {
        Self { method: Method::POST, url, body: Some(body), speculative: false }
    }

    /// The same where it is not known whether the domain supports such a query. A domain may answer 500 to what it does
    /// not support; that is final after one more try.
    #[must_use]
    pub fn speculative(self) -> Self {
        Self { speculative: true, ..self }
    }

    /// The collection that is asked: the first three parts of the path.
    pub(crate) fn place(&self) -> &str {
        let path = self.url.path();
        let end = path.match_indices('/').nth(3).map_or(path.len(), |(end, _)| end);
        path.get(..end).unwrap_or(path)
    }
}

impl Query {
    /// The whole collection.
    pub const fn whole(path: &'static str, attributes: String) -> Self {
        Self {
            path,
            attributes,
            filter: None,
            search: false,
            sorted: true,
            count: MAX_COUNT,
            speculative: true,
        }
    }

    /// The rows that pass `filter`.
    pub const fn filtered(path: &'static str, attributes: String, filter: String) -> Self {
        Self {
            path,
            attributes,
            filter: Some(filter),
            search: false,
            sorted: true,
            count: MAX_COUNT,
            speculative: true,
        }
    }

    /// The rows that pass `filter`, which may be long.
    pub const fn search(path: &'static str, attributes: String, filter: String) -> Self {
        Self {
            path,
            attributes,
            filter: Some(filter),
            search: true,
            sorted: true,
            count: MAX_COUNT,
            speculative: true,
        }
    }

    /// The same in whatever order the domain has: what every known client asks for, and so the safest question.
    #[must_use]
    pub fn unsorted(self) -> Self {
        Self { sorted: false, speculative: false, ..self }
    }

    /// The request for `count` rows from the `start`th on (from 1).
    pub fn request(&self, endpoint: &Endpoint, start: u64, count: u64) -> Request {
        if self.search { self.post(endpoint, start, count) } else { self.get(endpoint, start, count) }
    }

    fn get(&self, endpoint: &Endpoint, start: u64, count: u64) -> Request {
        let (start, count) = (start.to_string(), count.to_string());
        let mut pairs = vec![("count", count.as_str()), ("startIndex", &start)];
        if self.sorted {
            pairs.push(("sortBy", "id"));
        }
        if let Some(filter) = &self.filter {
            pairs.push(("filter", filter));
        }
        pairs.push(("attributes", &self.attributes));
        Request::get(endpoint.resource(self.path, &pairs))
    }

    fn post(&self, endpoint: &Endpoint, start: u64, count: u64) -> Request {
        let attributes: Vec<&str> = self.attributes.split(',').collect();
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "attributes": attributes,
            "filter": self.filter,
            "sortBy": "id",
            "startIndex": start,
            "count": count,
        });
        let url = endpoint.resource(&format!("{}/.search", self.path), &[]);
        Request::post(url, body.to_string().into_bytes())
    }
}

/// The request for one resource of a collection.
pub fn get_one(endpoint: &Endpoint, path: &str, id: &str, attributes: &str) -> Request {
    Request::get(endpoint.resource(&format!("{path}/{}", encode(id)), &[("attributes", attributes)]))
}

/// A text as a literal of a SCIM filter (a JSON string, RFC 7644 section 3.4.2.2).
pub fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
