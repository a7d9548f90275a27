//! What one writes after the options of `credage sim`: listings, refusals, faults, domains.

use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

use credage_sim::{Churn, Collection, Denied, DeniedHow, Fault, FaultAction, ListingPolicy, RateLimit};

/// `KIND=POLICY`.
#[derive(Clone, Debug)]
pub(super) struct ListingRule(pub(super) Vec<Collection>, pub(super) ListingPolicy);

/// `KIND=HOW`.
#[derive(Clone, Debug)]
pub(super) struct DenyRule(pub(super) Denied);

/// `KIND:NxTIMES=WHAT`.
#[derive(Clone, Debug)]
pub(super) struct FaultRule(pub(super) Fault);

pub(super) fn parse_whale(text: &str) -> Result<(Collection, usize), String> {
    let (kind, count) = text.split_once('=').ok_or("write KIND=N, such as api_key=10000")?;
    let count = count.parse().map_err(|_| format!("`{count}` is no number"))?;
    Ok((collection(kind)?, count))
}

pub(super) fn parse_churn(text: &str) -> Result<Churn, String> {
    let shape = || "write KIND:N=+ROWS or KIND:N=-ROWS, such as api_key:2=-5".to_owned();
    let (place, rows) = text.split_once('=').ok_or_else(shape)?;
    let (kind, at) = place.split_once(':').ok_or_else(shape)?;
    let (collection, at) = (collection(kind)?, at.parse().map_err(|_| shape())?);
    let count = |digits: &str| digits.parse().map_err(|_| shape());
    match (rows.strip_prefix('+'), rows.strip_prefix('-')) {
        (Some(rows), _) => Ok(Churn::InsertBetweenPages { collection, at, rows: count(rows)? }),
        (_, Some(rows)) => Ok(Churn::DeleteBetweenPages { collection, at, rows: count(rows)? }),
        _ => Err(shape()),
    }
}

fn collection(name: &str) -> Result<Collection, String> {
    name.parse().map_err(|error: credage_sim::UnknownCollection| error.to_string())
}

impl FromStr for ListingRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, policy) = text.split_once('=').ok_or("write KIND=POLICY, such as all=one-user")?;
        let collections =
            if kind == "all" { Collection::CREDENTIALS.to_vec() } else { vec![collection(kind)?] };
        let policy = match policy {
            "whole" => ListingPolicy::Whole,
            "any-filter" => ListingPolicy::AnyFilter,
            "user-filter" => ListingPolicy::UserFilter,
            "named-users" => ListingPolicy::NamedUsers,
            "one-user" => ListingPolicy::OneUser,
            other => return Err(format!("`{other}` is no policy")),
        };
        Ok(Self(collections, policy))
    }
}

impl FromStr for DenyRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, how) = text.split_once('=').ok_or("write KIND=HOW, such as smtp_credential=403")?;
        let how = match how {
            "401" => DeniedHow::Status(401),
            "403" => DeniedHow::Status(403),
            "404" => DeniedHow::Status(404),
            "empty" => DeniedHow::EmptyOk,
            "own-only" => DeniedHow::OwnOnly,
            other => return Err(format!("`{other}` is none of 401, 403, 404, empty and own-only")),
        };
        Ok(Self(Denied { collection: collection(kind)?, how }))
    }
}

impl FromStr for FaultRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || "write KIND:NxTIMES=WHAT, such as api_key:2x1=reset".to_owned();
        let (place, what) = text.split_once('=').ok_or_else(shape)?;
        let (kind, when) = place.split_once(':').ok_or_else(shape)?;
        let (nth, times) = when.split_once('x').unwrap_or((when, "1"));
        let nth = nth.parse().ok().filter(|&nth| nth > 0).ok_or_else(shape)?;
        let times = if times == "forever" { u64::MAX } else { times.parse().map_err(|_| shape())? };
        let action = match what {
            "reset" => FaultAction::Reset,
            "cut" => FaultAction::CutBody,
            "html" => FaultAction::Html,
            "stall" => FaultAction::Stall,
            "malformed" => FaultAction::Malformed,
            "duplicate" => FaultAction::Duplicate,
            "inflated" => FaultAction::Inflated,
            "oversized" => FaultAction::Oversized { announced: false },
            redirect if redirect.starts_with("redirect") => FaultAction::Redirect(redirected(redirect)?),
            status => match status.parse() {
                Ok(status @ 400..=599) => FaultAction::Status(status),
                _ => return Err(format!("`{status}` is no fault")),
            },
        };
        let collection = if kind == "all" { None } else { Some(collection(kind)?) };
        Ok(Self(Fault { collection, nth, times, action }))
    }
}

/// `redirect`, or `redirect@ADDRESS:PORT`.
fn redirected(text: &str) -> Result<SocketAddr, String> {
    match text.strip_prefix("redirect@") {
        Some(address) => {
            address.parse().map_err(|_| format!("`{address}` is no address and port, such as 127.0.0.1:8080"))
        }
        // Nobody listens there.
        None if text == "redirect" => Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 9))),
        None => Err(format!("`{text}` is no fault")),
    }
}

/// `NAME`, or `NAME=LICENCE`.
#[derive(Clone, Debug)]
pub(super) struct DomainRule {
    pub(super) name: String,
    pub(super) licence: &'static str,
    pub(super) limit: RateLimit,
}

/// As `ListDomains` writes them, with the limit that each brings.
const LICENCES: [(&str, RateLimit); 5] = [
    ("free", RateLimit::Free),
    ("oracle-apps", RateLimit::OracleApps),
    ("oracle-apps-premium", RateLimit::OracleAppsPremium),
    ("premium", RateLimit::Premium),
    ("external-user", RateLimit::ExternalUser),
];

impl FromStr for DomainRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, licence) = text.split_once('=').unwrap_or((text, "free"));
        if name.trim().is_empty() {
            return Err("write NAME or NAME=LICENCE, such as Partners=premium".to_owned());
        }
        let known = LICENCES.into_iter().find(|(known, _)| *known == licence);
        let (licence, limit) = known.ok_or_else(|| {
            let names = LICENCES.map(|(name, _)| name).join(", ");
            format!("`{licence}` is no licence; they are {names}")
        })?;
        Ok(Self { name: name.trim().to_owned(), licence, limit })
    }
}
