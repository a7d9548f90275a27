//! The Identity service, as far as discovery asks it: compartments, domains, region subscriptions, in pages
//! (`identity/identity_client.py` of Oracle's Python SDK).

use hyper::Response;
use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use serde_json::{Value, json};

use super::service::State;
use crate::clock;
use crate::http::answer::{not_authenticated, ok, pairs, with_status};
use crate::http::body::Sent;

/// Status, code, message.
struct Refusal(u16, &'static str, &'static str);

const TIME: &str = "2023-01-01T00:00:00.000Z";

/// Answers what stands behind `/20160918/`.
pub(super) fn answer(state: &State, parts: &Parts, body: &[u8], path: &str) -> Response<Sent> {
    if let Err(reason) = state.keyring.check(parts, body, clock::ahead(state.config.clock_skew)) {
        state.stats.lock().unwrap_or_else(std::sync::PoisonError::into_inner).refused_signatures += 1;
        return not_authenticated(&reason);
    }
    if parts.method != "GET" {
        return refuse(405, "MethodNotAllowed", "only reading is simulated");
    }
    let query = pairs(parts.uri.query().unwrap_or_default());
    let field = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let regions = format!("tenancies/{}/regionSubscriptions", state.config.tenancy);
    let found = match path {
        "compartments" => compartments(state, &field),
        "domains" => domains(state, &field),
        path if path == regions => Ok(json!([
            {"regionKey": "IAD", "regionName": "us-ashburn-1", "status": "READY", "isHomeRegion": true},
            {"regionKey": "FRA", "regionName": "eu-frankfurt-1", "status": "READY", "isHomeRegion": false},
        ])),
        path if path == format!("tenancies/{}", state.config.tenancy) => {
            return ok(&json!({"id": state.config.tenancy, "name": "simulated", "homeRegionKey": "IAD"}));
        }
        _ => Err(denied()),
    };
    match found {
        Ok(Value::Array(items)) if path != regions => page(state, &field, &items),
        Ok(value) => ok(&value),
        Err(Refusal(status, code, message)) => refuse(status, code, message),
    }
}

fn compartments<'a>(state: &State, field: &impl Fn(&str) -> Option<&'a str>) -> Result<Value, Refusal> {
    if field("compartmentId") != Some(&state.config.tenancy) {
        return Err(Refusal(400, "InvalidParameter", "compartmentIdInSubtree needs the tenancy's own OCID"));
    }
    if state.config.compartments_denied && field("accessLevel") != Some("ACCESSIBLE") {
        return Err(denied());
    }
    let below = (1..=state.config.compartments).map(|place| {
        json!({
            "id": compartment(state, place), "compartmentId": state.config.tenancy,
            "name": format!("team-{place}"), "description": "simulated", "lifecycleState": "ACTIVE",
            "timeCreated": TIME, "freeformTags": {}, "definedTags": {},
        })
    });
    Ok(Value::Array(below.collect()))
}

fn domains<'a>(state: &State, field: &impl Fn(&str) -> Option<&'a str>) -> Result<Value, Refusal> {
    let asked = field("compartmentId").unwrap_or_default();
    let place = (0..=state.config.compartments).find(|&place| compartment(state, place) == asked);
    let place = place.filter(|place| !state.config.denied_compartments.contains(place)).ok_or_else(denied)?;
    let specs = state.config.domains.iter().zip(&state.entries);
    let here = specs.enumerate().filter(|(_, (spec, _))| spec.compartment == place).map(|(number, (spec, entry))| {
        json!({
            "id": entry.ocid, "compartmentId": asked, "displayName": spec.name, "description": "simulated",
            "url": entry.url, "homeRegionUrl": entry.home_region_url, "homeRegion": "us-ashburn-1",
            "replicaRegions": [{"region": "eu-frankfurt-1", "url": entry.url, "regionalUrl": entry.url,
                "state": "REPLICATION_ENABLED"}],
            "type": if number == 0 { "DEFAULT" } else { "SECONDARY" }, "licenseType": spec.licence,
            "isHiddenOnLogin": false, "timeCreated": TIME, "lifecycleState": spec.state,
            "lifecycleDetails": null, "freeformTags": {}, "definedTags": {},
        })
    });
    let odd = if place == 0 { state.config.odd_domains.as_slice() } else { &[] };
    Ok(Value::Array(here.chain(odd.iter().cloned()).collect()))
}

/// One page; an empty `page` is refused as the real service does (oci-grafana-metrics PR 388).
fn page<'a>(state: &State, field: &impl Fn(&str) -> Option<&'a str>, items: &[Value]) -> Response<Sent> {
    let start = match field("page") {
        None => 0,
        Some(token) => match token.strip_prefix("after-").and_then(|number| number.parse().ok()) {
            Some(start) => start,
            None => return refuse(400, "InvalidPaginationToken", "The page token is not valid."),
        },
    };
    let limit = field("limit").and_then(|text| text.parse().ok()).unwrap_or(state.config.page);
    let limit = limit.min(state.config.page).max(1);
    let shown: Vec<Value> = items.iter().skip(start).take(limit).cloned().collect();
    let mut response = ok(&Value::Array(shown));
    if start + limit < items.len()
        && let Ok(next) = HeaderValue::try_from(format!("after-{}", start + limit))
    {
        response.headers_mut().insert("opc-next-page", next);
    }
    response
}

fn compartment(state: &State, place: usize) -> String {
    if place == 0 {
        state.config.tenancy.clone()
    } else {
        format!("ocid1.compartment.oc1..aaaaaaaasimulatedcompartment{place}")
    }
}

fn denied() -> Refusal {
    Refusal(404, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found.")
}

pub(super) fn refuse(status: u16, code: &str, message: &str) -> Response<Sent> {
    with_status(status, json!({"code": code, "message": message}).to_string().into_bytes())
}
