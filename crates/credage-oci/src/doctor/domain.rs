//! One domain: its state and licence, whether users and every kind can be listed and how, and what an audit takes.

use credage_core::{Check, Domain, DomainFacts, Group, Incomplete, Kind, KindFacts, Listing, Topic, Verdict};
use jiff::SignedDuration;

use super::clock;
use super::estimate::{estimate, owners};
use super::network::{Way, reach};
use super::refusal::{of_request, wants_rights};
use super::rights::{Right, missing};
use crate::auth::AuthMethod;
use crate::client::{Client, RequestError};
use crate::clock::Clock;
use crate::collect::probe::{Answer, KindSeen, OwnKey, Probe, UsersSeen, probe};
use crate::rate_limit::{Licence, RateLimit};

/// A domain that is to be looked at.
pub struct Patient<'a> {
    /// Which one.
    pub domain: &'a Domain,
    /// Where it is asked; or why it cannot be.
    pub client: Result<&'a Client, &'a Incomplete>,
    /// Where else, if its URL does not know the caller.
    pub home: Option<&'a Client>,
}

/// What a group of checks is made with.
struct Desk {
    group: Group,
    facts: DomainFacts,
    method: AuthMethod,
    clock_off: bool,
}

/// Looks at a domain. `ahead` is what is known of the clock so far.
pub async fn examine(patient: &Patient<'_>, clock: &Clock, ahead: Option<SignedDuration>) -> Group {
    let Domain { name, url, ocid, licence, .. } = patient.domain;
    let mut group =
        Group::new(Topic::Domain, if url.contains(name) { url.clone() } else { format!("{name}: {url}") });
    let mut facts = DomainFacts {
        url: url.clone(),
        ocid: ocid.clone(),
        licence: licence.clone(),
        kinds: Kind::ALL.map(|kind| KindFacts { kind, listing: None, total: None }).to_vec(),
        ..DomainFacts::default()
    };
    let client = match patient.client {
        Ok(client) => client,
        Err(why) => {
            group.checks.push(Check::problem("state", why.reason.as_str(), why.hint.as_str()));
            group.checks.push(Check::skipped("kinds", "nothing of the domain can be read"));
            return Group { domain: Some(facts), ..group };
        }
    };
    facts.budget = client.options().rate_limit.budget();
    let Way { checks, answered, ahead: here } =
        reach(&client.options().network, client.endpoint(), clock).await;
    group.checks.extend(checks);
    let method = client.principal().method();
    let signs = method != AuthMethod::OauthClient;
    // A clock that is right is told once.
    let noteworthy = |check: &Check| ahead.is_none() || check.verdict != Verdict::Ok;
    group.checks.extend(here.map(|here| clock::check(here, signs)).filter(noteworthy));
    let mut desk = Desk { group, facts, method, clock_off: signs && clock::is_off(here.or(ahead)) };
    desk.licence(client.options().rate_limit, patient.domain);
    if answered {
        desk.look(client, patient.home).await;
    } else {
        desk.group.checks.push(Check::skipped("kinds", "the domain does not answer"));
    }
    Group { domain: Some(desk.facts), ..desk.group }
}

impl Desk {
    fn tell(&mut self, check: Check) {
        self.group.checks.push(check);
    }

    fn licence(&mut self, limit: RateLimit, domain: &Domain) {
        let said = domain.licence.as_deref();
        let check = match limit {
            RateLimit::None => Check::ok("licence", "no limit is kept, as --rate-limit asks"),
            RateLimit::Custom { .. } => Check::ok("licence", format!("your own limit of {limit} is kept")),
            RateLimit::Licence(licence) => match said {
                Some(name) if !Licence::is_known(name) => Check::warning(
                    "licence",
                    format!("`{name}` is not known and counts as free: {}", pace(licence, limit)),
                    "give the limit that your contract allows with --rate-limit, such as 10/s,300/min",
                ),
                Some(_) => Check::ok("licence", format!("{}: {}", licence.name(), pace(licence, limit))),
                None => {
                    Check::ok("licence", format!("taken as {}: {}", licence.name(), pace(licence, limit)))
                }
            },
        };
        self.tell(check);
    }

    async fn look(&mut self, client: &Client, home: Option<&Client>) {
        let mut seen = probe(client).await;
        let unknown = |seen: &Probe| seen.users.as_ref().is_err_and(|error| error.status() == Some(401));
        if let Some(home) = home.filter(|_| unknown(&seen)) {
            let there = probe(home).await;
            if !unknown(&there) {
                self.tell(Check::ok(
                    "region",
                    format!("you are known in its home region alone: {}", home.endpoint()),
                ));
                seen = there;
            }
        }
        let Probe { users, kinds, own_key } = seen;
        let users = match users {
            Ok(users) => {
                self.tell(self.users(&users));
                self.facts.users = Some(users.total);
                Some(users)
            }
            Err(error) => {
                let check = self.refused("users", &error, &[Right::ReadUsers]);
                self.tell(check);
                None
            }
        };
        if kinds.is_empty() {
            self.tell(Check::skipped("kinds", "as the users, so the kinds"));
        }
        for seen in &kinds {
            let check = self.kind(seen, users.as_ref());
            let facts = facts_of(seen, check.verdict);
            self.facts.kinds.retain(|each| each.kind != seen.kind);
            self.facts.kinds.push(facts);
            self.tell(check);
        }
        if let Some(check) = self.blind(&kinds, users.as_ref()) {
            self.tell(check);
        }
        let check = self.own_key(&own_key);
        self.tell(check);
        let estimate = users.and_then(|users| estimate(&users, &kinds, self.facts.budget));
        self.facts.estimate = estimate;
    }

    fn users(&self, users: &UsersSeen) -> Check {
        let (subject, total) = ("users", users.total);
        if total == 0 {
            let check =
                Check::problem(subject, "the list is empty, and a domain without users does not exist", "");
            return missing(check, &[Right::ReadUsers], self.method);
        }
        if users.index {
            return Check::ok(subject, format!("{total}, with the index of their credentials"));
        }
        Check::warning(
            subject,
            format!(
                "{total}, without the index of their credentials, so an empty list of a kind cannot be proven"
            ),
            "nothing needs to be done where every kind has credentials; the audit says what it could not prove",
        )
    }

    fn kind(&self, seen: &KindSeen, users: Option<&UsersSeen>) -> Check {
        let subject = seen.kind.as_str();
        let rights = Right::of(seen.kind);
        match &seen.answer {
            Answer::Rows(Listing::Whole, rows) => {
                Check::ok(subject, format!("{}, listed as a whole", rows.unwrap_or_default()))
            }
            Answer::Rows(Listing::Filtered, rows) => {
                Check::ok(subject, format!("{}, listed with a filter", rows.unwrap_or_default()))
            }
            Answer::Rows(listing, _) => {
                let each = if *listing == Listing::Batched {
                    "many owners a request"
                } else {
                    "one owner a request"
                };
                let many =
                    users.map_or_else(String::new, |users| format!(", some {} of them", owners(users, seen)));
                Check::ok(subject, format!("listed by owners, {each}{many}"))
            }
            Answer::Empty(_) => self.empty(subject, rights),
            Answer::Hides { rows, named, .. } => missing(
                Check::problem(
                    subject,
                    format!("{rows} are shown, although the users who were looked at own {named}"),
                    "",
                ),
                rights,
                self.method,
            ),
            Answer::Refused(error) => self.refused(subject, error, rights),
            Answer::NobodyToAsk(error) => {
                let check = self.refused(subject, error, rights);
                let detail =
                    format!("it wants to be asked for users, and none can be listed ({})", check.detail);
                missing(Check { detail, ..check }, &[Right::ReadUsers], self.method)
            }
        }
    }

    /// An empty list looks the same whether there is nothing or nothing that one may see.
    fn empty(&self, subject: &'static str, rights: &[Right]) -> Check {
        let detail = "none are shown: there are none, or you may not see them; an audit would report it as unconfirmed";
        let check = Check { unconfirmed: true, ..Check::warning(subject, detail, "") };
        missing(check, rights, self.method)
    }

    /// Whoever sees no more of any kind than their own slots hold most likely sees their own alone.
    fn blind(&self, kinds: &[KindSeen], users: Option<&UsersSeen>) -> Option<Check> {
        let beyond_own = |seen: &KindSeen| match seen.answer {
            Answer::Rows(_, Some(rows)) => rows > u64::try_from(seen.kind.slots()).unwrap_or_default(),
            Answer::Rows(_, None) => true,
            Answer::Empty(_) | Answer::Hides { .. } | Answer::Refused(_) | Answer::NobodyToAsk(_) => false,
        };
        let others = users.is_some_and(|users| users.total > 1);
        if !others || kinds.is_empty() || kinds.iter().any(beyond_own) {
            return None;
        }
        let detail =
            "no kind shows more than you can own yourself; if there are others, an audit would be incomplete";
        Some(missing(Check::problem("visibility", detail, ""), &[Right::ReadUsers], self.method))
    }

    fn own_key(&self, seen: &OwnKey) -> Check {
        let subject = "own_key";
        match seen {
            OwnKey::Seen => Check::ok(subject, "the key that you sign with is among your API keys"),
            OwnKey::Missing => missing(
                Check::problem(
                    subject,
                    "the key that you sign with is not among the API keys that are shown",
                    "",
                ),
                Right::of(Kind::ApiKey),
                self.method,
            ),
            OwnKey::Refused(error) => {
                Check::skipped(subject, format!("your API keys cannot be listed ({error})"))
            }
            OwnKey::NotTried(reason) => Check::skipped(subject, *reason),
        }
    }

    fn refused(&self, subject: &'static str, error: &RequestError, rights: &[Right]) -> Check {
        let check = of_request(subject, error, self.clock_off);
        if wants_rights(error) { missing(check, rights, self.method) } else { check }
    }
}

fn pace(licence: Licence, limit: RateLimit) -> String {
    let ((second, minute), (ours, ours_a_minute)) = (licence.limits(), limit.budget().unwrap_or_default());
    format!(
        "{second} requests a second and {minute} a minute, of which an audit takes {ours} and {ours_a_minute}"
    )
}

/// An empty list that nothing proves counts as none.
fn facts_of(seen: &KindSeen, verdict: Verdict) -> KindFacts {
    let (listing, total) = match &seen.answer {
        Answer::Rows(listing, rows) => (Some(*listing), *rows),
        Answer::Empty(listing) if verdict != Verdict::Problem => (Some(*listing), Some(0)),
        Answer::Hides { listing, rows, .. } if *rows > 0 => (Some(*listing), Some(*rows)),
        Answer::Empty(_) | Answer::Hides { .. } | Answer::Refused(_) | Answer::NobodyToAsk(_) => (None, None),
    };
    KindFacts { kind: seen.kind, listing, total }
}
