//! The configuration of a simulation.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use super::{Change, Churn, Denied, Fault, Lies, ListingPolicies, ListingPolicy, RateLimit, RetryAfter};
use crate::collection::Collection;

/// The configuration of a simulation. Equal configurations have equal data, but for the auditor's key.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, named at the call")]
pub struct SimConfig {
    /// How many users there are, the auditor included; with `odd_users` one of twenty and more is not in `/Users`.
    pub users: usize,
    /// How many credentials there are, the auditor's key included and the whale's excluded; nothing
    /// means about 1.1 a user. A number that the limits per user do not allow exceeds them.
    pub credentials: Option<usize>,
    /// What the data is drawn from.
    pub seed: u64,
    /// The instant relative to which ages and expiries are laid out. Not the clock of the signatures.
    pub now: Timestamp,
    /// Where to listen; a loopback address. Port 0 is a free one.
    pub address: SocketAddr,
    /// Which listings are answered.
    pub listing: ListingPolicies,
    /// Whether `/Users` offers the index of credentials (`userCredentials:User`).
    pub index: bool,
    /// Whether the index names kinds that a user has none of with `[]`, or leaves them out.
    pub empty_index_lists: bool,
    /// How many requests are answered.
    pub rate_limit: RateLimit,
    /// Whether a 429 says when to come back.
    pub retry_after: RetryAfter,
    /// How long every answer takes at least.
    pub latency: Duration,
    /// The most rows of a page, whatever is asked for.
    pub page_cap: Option<usize>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What the auditor may not read.
    pub denied: Vec<Denied>,
    /// Rows that come or go.
    pub churn: Option<Churn>,
    /// What else changes while it is read.
    pub changes: Vec<Change>,
    /// Where it lies.
    pub lies: Lies,
    /// How many rows of a collection no list shows although the index names them.
    pub hidden_rows: Vec<(Collection, usize)>,
    /// Whether a hidden row is answered when asked for by its id, or 404.
    pub hidden_rows_answer: bool,
    /// Whether every page, also the last one, carries `opc-next-page`, as in issue 708 of Oracle's
    /// Python SDK.
    pub phantom_next_page: bool,
    /// One user with that many credentials of one kind, beyond the limit per user.
    pub whale: Option<(Collection, usize)>,
    /// Whether some names and descriptions attack terminals, spreadsheets and pages.
    pub hostile_names: bool,
    /// Whether a few users and credentials are odd: flags missing, owners that `/Users` does not have,
    /// dates in the future, missing or unreadable.
    pub odd_users: bool,
    /// Filters with more comparisons of a user by `eq` are answered 400.
    pub max_or_terms: Option<usize>,
    /// The status with which a listing of users that asks for their groups is refused.
    pub groups_refused: Option<u16>,
    /// Whether users show their groups to those who ask for them.
    pub shows_groups: bool,
    /// Whether `sortBy` is answered 400.
    pub refuse_sorting: bool,
    /// How long the session token of the profile lasts; negative for one that has expired.
    pub session_lifetime: SignedDuration,
    /// How long the tokens last that its token endpoint gives.
    pub token_lifetime: SignedDuration,
    /// Whether requests and answers are kept, a line each.
    pub trace: bool,
    /// How far its clock is ahead of the real time; negative where it is behind.
    pub clock_skew: SignedDuration,
}

impl SimConfig {
    /// 250 users, whole listings, the index, no limits, no faults.
    pub fn new(now: Timestamp) -> Self {
        Self {
            users: 250,
            credentials: None,
            seed: 1,
            now,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            listing: ListingPolicies::default(),
            index: true,
            empty_index_lists: true,
            rate_limit: RateLimit::Unlimited,
            retry_after: RetryAfter::Unsaid,
            latency: Duration::ZERO,
            page_cap: None,
            faults: Vec::new(),
            denied: Vec::new(),
            churn: None,
            changes: Vec::new(),
            lies: Lies::default(),
            hidden_rows: Vec::new(),
            hidden_rows_answer: true,
            phantom_next_page: false,
            whale: None,
            hostile_names: false,
            odd_users: true,
            max_or_terms: None,
            groups_refused: None,
            shows_groups: true,
            refuse_sorting: false,
            session_lifetime: SignedDuration::from_hours(1),
            token_lifetime: SignedDuration::from_hours(1),
            trace: false,
            clock_skew: SignedDuration::ZERO,
        }
    }

    /// What `credage audit --demo` reads: 250 users of a domain that lists most kinds as a whole, wants a
    /// user filter for auth tokens and exactly one user for database credentials.
    pub fn demo(now: Timestamp) -> Self {
        let listing = ListingPolicies::default()
            .set(Collection::AuthTokens, ListingPolicy::UserFilter)
            .set(Collection::UserDbCredentials, ListingPolicy::OneUser);
        Self { listing, ..Self::new(now) }
    }
}
