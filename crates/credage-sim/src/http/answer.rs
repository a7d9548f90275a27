//! From a request to its answer.

use std::sync::MutexGuard;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use hyper::Response;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use hyper::http::request::Parts;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};

use super::body::Sent;
use super::oauth;
use super::server::Service;
use super::stats::Stats;
use crate::clock;
use crate::collection::Collection;
use crate::config::{Churn, DateHeader, DeniedHow, FaultAction, NextPage, RetryAfter};
use crate::lens::{drawn, values::wire};
use crate::scim::document::Eye;
use crate::scim::page::Page;
use crate::scim::search::{Refused, Search, check_by_id, get_one, list};
use crate::sim::Tenancy;

/// What the connection does about a request.
pub(crate) enum Outcome {
    Answer(Response<Sent>),
    /// End the connection at once.
    Reset,
    /// Say nothing until the client goes.
    Stall,
}

/// What a path names.
enum Target {
    List(Collection),
    Search(Collection),
    One(Collection, String),
}

impl Service for Tenancy {
    fn answer(&self, parts: &Parts, body: &[u8]) -> Outcome {
        let outcome = answer(self, parts, body);
        if self.config.trace {
            self.tell(line(parts, body, &outcome));
        }
        outcome
    }

    fn latency(&self) -> Duration {
        self.config.latency
    }

    fn clock(&self) -> Timestamp {
        clock::ahead(self.config.clock_skew)
    }

    fn date(&self) -> Option<Timestamp> {
        match self.config.lies.date_header {
            DateHeader::True => Some(self.clock()),
            DateHeader::Skewed(skew) => Some(self.clock().saturating_add(skew).unwrap_or(Timestamp::MAX)),
            DateHeader::Nonsense => None,
        }
    }

    fn stats(&self) -> MutexGuard<'_, Stats> {
        Self::stats(self)
    }

    fn busy(&self) -> &AtomicU64 {
        &self.busy
    }
}

/// Answers a request.
fn answer(tenancy: &Tenancy, parts: &Parts, body: &[u8]) -> Outcome {
    let config = &tenancy.config;
    if parts.uri.path() == oauth::PATH {
        tenancy.note(parts, body);
        let life = config.token_lifetime;
        return Outcome::Answer(oauth::token(&tenancy.keyring, life, parts, body, tenancy.clock()));
    }
    if let Err(wait) = tenancy.pace().arrive(Instant::now()) {
        let mut response = scim_error(429, "Too many requests.");
        if let Some(value) = come_back(config.retry_after, wait.as_secs() + 1) {
            response.headers_mut().insert(RETRY_AFTER, value);
        }
        return Outcome::Answer(response);
    }
    if let Err(reason) = authenticate(tenancy, parts, body) {
        tenancy.stats().refused_signatures += 1;
        return Outcome::Answer(not_authenticated(&reason));
    }
    let Some(target) = target(parts) else {
        return Outcome::Answer(scim_error(404, "No such resource."));
    };
    let collection = target.collection();
    let number = tenancy.count(collection);
    churn(tenancy, collection, number);
    let fault = config.faults.iter().find(|fault| match fault.collection {
        Some(of) => of == collection && fault.strikes(number.of_collection),
        None => fault.strikes(number.of_all),
    });
    let fault = fault.map(|fault| fault.action).or_else(|| noise(tenancy, collection, parts, body));
    let mut denied = config.denied.iter().filter(|denied| denied.how != DeniedHow::OwnOnly);
    if let Some(denied) = denied.find(|denied| denied.collection == collection) {
        return Outcome::Answer(match denied.how {
            DeniedHow::Status(401) => not_authenticated("Authorization failed."),
            DeniedHow::Status(status) => scim_error(status, "You do not have the rights for this."),
            DeniedHow::EmptyOk if matches!(target, Target::One(..)) => scim_error(404, "Not found."),
            DeniedHow::EmptyOk | DeniedHow::OwnOnly => ok(&json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": 0, "itemsPerPage": 50, "startIndex": 1,
            })),
        });
    }
    let response = respond(tenancy, &target, parts, body, number.of_all);
    match fault {
        None => Outcome::Answer(response),
        Some(action) => spoil(action, parts, response),
    }
}

/// When to come back, in the form that is wanted.
fn come_back(how: RetryAfter, seconds: u64) -> Option<HeaderValue> {
    match how {
        RetryAfter::Unsaid => None,
        RetryAfter::Seconds => Some(HeaderValue::from(seconds)),
        RetryAfter::Date => {
            let at = clock::now().checked_add(Duration::from_secs(seconds)).ok()?;
            let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()?;
            HeaderValue::try_from(text).ok()
        }
        RetryAfter::Zero => Some(HeaderValue::from(0)),
        RetryAfter::Past => Some(HeaderValue::from_static("Wed, 21 Oct 2015 07:28:00 GMT")),
        RetryAfter::Fixed(seconds) => Some(HeaderValue::from(seconds)),
        RetryAfter::Nonsense => Some(HeaderValue::from_static("soon")),
    }
}

/// Whether a request fails at random, and how. The same request fails alike in every run, whatever comes before it.
fn noise(tenancy: &Tenancy, collection: Collection, parts: &Parts, body: &[u8]) -> Option<FaultAction> {
    let noises = &tenancy.config.lies.noise;
    if noises.is_empty() {
        return None;
    }
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let body = String::from_utf8_lossy(body);
    let before = tenancy.repeats(drawn(target, &body, 0));
    let strikes = noises.iter().find(|noise| {
        noise.collection.is_none_or(|of| of == collection)
            && before < noise.times
            && drawn(target, &body, noise.salt) % 100 < u64::from(noise.percent)
    });
    strikes.map(|noise| noise.action)
}

/// A request and its answer in a line.
fn line(parts: &Parts, body: &[u8], outcome: &Outcome) -> String {
    let target = decode(parts.uri.path_and_query().map_or("/", |target| target.as_str()));
    // Attributes are the same in all requests and longer than the rest.
    let target = target.split("attributes=").next().unwrap_or_default().trim_end_matches(['?', '&']);
    let asked = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let filter = asked.get("filter").map(|filter| format!(" {filter}")).unwrap_or_default();
    let answer = match outcome {
        Outcome::Reset => "reset".to_owned(),
        Outcome::Stall => "no answer".to_owned(),
        Outcome::Answer(response) => format!("{} {}", response.status().as_u16(), response.body().gist()),
    };
    format!("{} {target}{filter} -> {answer}", parts.method)
}

/// By an access token, or by a signature.
fn authenticate(tenancy: &Tenancy, parts: &Parts, body: &[u8]) -> Result<(), String> {
    let bearer = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    match bearer.and_then(|text| text.strip_prefix("Bearer ")) {
        Some(token) if tenancy.keyring.knows_bearer(token, tenancy.clock()) => Ok(()),
        Some(_) => Err("the access token is not known or has expired".to_owned()),
        None => tenancy.keyring.check(parts, body, tenancy.clock()),
    }
}

impl Target {
    const fn collection(&self) -> Collection {
        match self {
            Self::List(collection) | Self::Search(collection) | Self::One(collection, _) => *collection,
        }
    }
}

fn target(parts: &Parts) -> Option<Target> {
    let rest = parts.uri.path().strip_prefix("/admin/v1/")?;
    let (name, id) = rest.split_once('/').map_or((rest, None), |(name, id)| (name, Some(id)));
    let collection = Collection::ALL.into_iter().find(|collection| collection.path() == name)?;
    match (parts.method.as_str(), id) {
        ("GET", None) => Some(Target::List(collection)),
        ("POST", Some(".search")) => Some(Target::Search(collection)),
        ("GET", Some(id)) => Some(Target::One(collection, decode(id))),
        _ => None,
    }
}

fn respond(tenancy: &Tenancy, target: &Target, parts: &Parts, body: &[u8], number: u64) -> Response<Sent> {
    let config = &tenancy.config;
    let domain = tenancy.domain();
    let eye = Eye {
        domain: &domain,
        base: &tenancy.url,
        index: config.index,
        groups: config.shows_groups,
        empty_lists: config.empty_index_lists,
        lens: &tenancy.lens,
    };
    let search = match target {
        Target::Search(_) => Search::from_body(body),
        Target::List(_) | Target::One(..) => {
            Search::from_pairs(&pairs(parts.uri.query().unwrap_or_default()))
        }
    };
    let found = search.and_then(|search| match target {
        Target::One(collection, id) => check_by_id(config, *collection)
            .and_then(|()| get_one(config, &eye, *collection, id, &search))
            .map(|value| Page { value, more: false }),
        Target::List(collection) | Target::Search(collection) => {
            list(config, &eye, *collection, &search, number)
        }
    });
    match found {
        Ok(page) => {
            let mut response = ok(&page.value);
            let has_next = match config.lies.next_page {
                NextPage::AsConfigured => config.phantom_next_page,
                NextPage::WhereRowsRemain => page.more,
            };
            if has_next {
                response.headers_mut().insert("opc-next-page", HeaderValue::from_static("cGhhbnRvbQ"));
            }
            response
        }
        Err(Refused(status, detail)) => scim_error(status, &detail),
    }
}

fn churn(tenancy: &Tenancy, asked: Collection, number: crate::sim::Number) {
    match tenancy.config.churn {
        Some(Churn::DeleteBetweenPages { collection, at, rows })
            if collection == asked && at == number.of_collection =>
        {
            tenancy.domain_mut().delete_first(collection, rows);
        }
        Some(Churn::InsertBetweenPages { collection, at, rows })
            if collection == asked && at == number.of_collection =>
        {
            tenancy.domain_mut().insert_first(collection, rows, tenancy.config.now);
        }
        _ => {}
    }
    for change in &tenancy.config.changes {
        let due = match change.counted {
            Some(of) => of == asked && change.at == number.of_collection,
            None => change.at == number.of_all,
        };
        if due {
            tenancy.domain_mut().change(change.what, tenancy.config.now);
        }
    }
}

fn spoil(action: FaultAction, parts: &Parts, response: Response<Sent>) -> Outcome {
    match action {
        FaultAction::Status(status) => {
            Outcome::Answer(scim_error(status, "Something went wrong on purpose."))
        }
        FaultAction::Wait(status, how) => {
            let mut response = scim_error(status, "Come back later.");
            if let Some(value) = come_back(how, 1) {
                response.headers_mut().insert(RETRY_AFTER, value);
            }
            Outcome::Answer(response)
        }
        FaultAction::Reset => Outcome::Reset,
        FaultAction::Stall => Outcome::Stall,
        FaultAction::CutBody => Outcome::Answer(response.map(Sent::into_cut)),
        FaultAction::Malformed => Outcome::Answer(response.map(Sent::into_malformed)),
        FaultAction::Inflated => Outcome::Answer(response.map(Sent::with_inflated_total)),
        FaultAction::Duplicate => Outcome::Answer(response.map(Sent::with_first_row_twice)),
        FaultAction::Redirect(address) => {
            let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
            let mut moved = with_status(302, Vec::new());
            if let Ok(to) = HeaderValue::try_from(format!("http://{address}{target}")) {
                moved.headers_mut().insert(LOCATION, to);
            }
            Outcome::Answer(moved)
        }
        FaultAction::Oversized { announced } => Outcome::Answer(response.map(|_| Sent::endless(announced))),
        FaultAction::Html => {
            let mut page =
                Response::new(Sent::whole(b"<!DOCTYPE html><html><title>Sign in</title></html>".to_vec()));
            page.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            Outcome::Answer(page)
        }
    }
}

pub(crate) fn ok(value: &Value) -> Response<Sent> {
    with_status(200, wire(value))
}

fn scim_error(status: u16, detail: &str) -> Response<Sent> {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "detail": detail,
        "status": status.to_string(),
    });
    with_status(status, body.to_string().into_bytes())
}

pub(crate) fn not_authenticated(message: &str) -> Response<Sent> {
    with_status(401, json!({"code": "NotAuthenticated", "message": message}).to_string().into_bytes())
}

pub(crate) fn with_status(status: u16, body: Vec<u8>) -> Response<Sent> {
    let mut response = Response::new(Sent::whole(body));
    *response.status_mut() =
        hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
    response
}

pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Undoes percent-encoding; a plus is a blank, as forms have it and Oracle's own examples.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let pair = [rest.next(), rest.next()].map(Option::unwrap_or_default);
                let value = std::str::from_utf8(&pair).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
                bytes.push(value.unwrap_or(b'?'));
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
