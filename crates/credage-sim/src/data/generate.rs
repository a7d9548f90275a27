//! Invents a domain: believable people, machine users, and credentials of every age that matters.

use jiff::{SignedDuration, Timestamp};

use super::rng::Rng;
use super::texts::{DESCRIPTIONS, HOSTILE, REGIONS, SERVICES};
use super::{Credential, Dated, Domain, Stamp, User};
use crate::collection::{Collection, PerCollection};
use crate::config::SimConfig;

/// Ages in days that stand on, before and behind the usual limits.
const TELLING_AGES: [i64; 12] = [0, 1, 30, 73, 74, 75, 76, 88, 89, 90, 91, 120];
const DAY: i64 = 86_400_000;

/// The auditor, who is a user of the domain too.
pub(crate) struct Auditor<'a> {
    /// The OCID under which requests are signed.
    pub(crate) ocid: &'a str,
    /// The fingerprint of the API key that signs them.
    pub(crate) fingerprint: &'a str,
}

/// Invents the domain that `config` describes.
pub(crate) fn generate(config: &SimConfig, auditor: &Auditor<'_>) -> Domain {
    let mut users: Vec<User> = (0..config.users.max(1)).map(|number| user(config, number, auditor)).collect();
    if config.odd_users && users.len() >= 20 {
        make_odd(&mut users);
    }
    let wanted = config.credentials.unwrap_or(config.users + config.users / 10);
    let mut rows = PerCollection::build(|_| Vec::new());
    own_key(config, auditor, &mut rows);
    let mut rng = Rng::new(config.seed, 2);
    let people: Vec<usize> =
        (1..users.len()).filter(|&place| users.get(place).is_some_and(may_any)).collect();
    for number in 1..wanted {
        let owner = people.get(rng.below(people.len())).copied().unwrap_or(0);
        let collection = pick_collection(&mut rng, users.get(owner), number);
        let row = credential(config, &mut rng, collection, owner, number);
        rows.get_mut(collection).push(row);
    }
    if let Some((collection, count)) = config.whale {
        let owner = people.first().copied().unwrap_or(0);
        for number in 0..count {
            let row = credential(config, &mut rng, collection, owner, number);
            rows.get_mut(collection).push(row);
        }
    }
    if config.odd_users {
        make_odd_dates(config.now, &mut rows);
    }
    hide(config, &mut rows);
    sort_users(users, rows)
}

/// Users come sorted by id, so the places that credentials name move along.
fn sort_users(users: Vec<User>, mut rows: PerCollection<Vec<Credential>>) -> Domain {
    let mut order: Vec<(usize, User)> = users.into_iter().enumerate().collect();
    order.sort_by(|a, b| a.1.id.cmp(&b.1.id));
    let mut moved = vec![0; order.len()];
    for (now, (before, _)) in order.iter().enumerate() {
        if let Some(place) = moved.get_mut(*before) {
            *place = now;
        }
    }
    for collection in Collection::CREDENTIALS {
        for row in rows.get_mut(collection) {
            row.owner = moved.get(row.owner).copied().unwrap_or_default();
        }
    }
    Domain::new(order.into_iter().map(|(_, user)| user).collect(), rows)
}

fn user(config: &SimConfig, number: usize, auditor: &Auditor<'_>) -> User {
    let mut rng = Rng::new(config.seed, 1_000 + u64::try_from(number).unwrap_or_default());
    let id: Box<str> = format!("{:032x}", rng.id()).into();
    let created = before(config.now, rng.millis(1_500 * DAY) + 200 * DAY, &mut rng);
    let (user_name, display_name, service) = name(config, number, &mut rng);
    let mut capabilities = [None; 8];
    for flag in &mut capabilities {
        *flag = Some(rng.percent(if service { 60 } else { 75 }));
    }
    let ocid = if number == 0 {
        auditor.ocid.to_owned()
    } else {
        format!("ocid1.user.oc1..aaaaaaaa{:052x}", rng.id())
    };
    User {
        ocid: ocid.into(),
        email: email(number, &user_name),
        name: user_name,
        display_name,
        active: Some(number == 0 || !rng.percent(6)),
        service,
        federated: !service && rng.percent(20),
        capabilities: Some(capabilities),
        created,
        last_login: last_login(config, service, &mut rng),
        mfa: (number != 0).then(|| if rng.percent(70) { "ENROLLED" } else { "UN_ENROLLED" }),
        groups: groups(number, service),
        roles: roles(number),
        tags: tags(number, service),
        ghost: false,
        id,
    }
}

/// Most people sign in, a few did so long ago, some and all machines never.
fn last_login(config: &SimConfig, service: bool, rng: &mut Rng) -> Option<Stamp> {
    let days = match rng.below(20) {
        0..=14 => rng.millis(30 * DAY),
        15..=17 => rng.millis(300 * DAY) + 46 * DAY,
        _ => return None,
    };
    (!service).then(|| before(config.now, days, rng))
}

/// Every thirtieth person is an administrator.
fn groups(number: usize, service: bool) -> Vec<&'static str> {
    let mut groups = vec!["All Domain Users"];
    match number {
        0 => groups.push("CredAudit"),
        _ if service => groups.push("Pipelines"),
        _ if number % 30 == 7 => groups.push("Administrators"),
        _ => {}
    }
    groups
}

fn roles(number: usize) -> Vec<(&'static str, bool)> {
    match number % 60 {
        11 => vec![("Identity Domain Administrator", true)],
        12 => vec![("Identity Domain Administrator", false), ("Audit Administrator", false)],
        _ => Vec::new(),
    }
}

fn tags(number: usize, service: bool) -> Vec<(&'static str, &'static str, &'static str)> {
    match (service, number % 2) {
        (true, 0) => vec![("", "CredentialClass", "machine"), ("Operations", "Team", "data")],
        (true, _) => vec![("Operations", "Team", "platform")],
        _ => Vec::new(),
    }
}

/// Every tenth is somebody whom other domains have too.
fn email(number: usize, name: &str) -> Option<Box<str>> {
    if number % 10 == 4 {
        return Some(format!("person{number}@example.com").into());
    }
    name.contains('@').then(|| name.into())
}

fn name(config: &SimConfig, number: usize, rng: &mut Rng) -> (Box<str>, Box<str>, bool) {
    if number == 0 {
        return ("credage-auditor".into(), "credage auditor".into(), true);
    }
    if config.hostile_names && number % 5 == 1 {
        let text = HOSTILE.get(number / 5 % HOSTILE.len()).copied().unwrap_or("'");
        return (format!("{text}{number}").into(), text.into(), false);
    }
    if number % 12 == 3 {
        let (name, purpose) = rng.pick(SERVICES, ("svc", "Service"));
        return (format!("{name}-{number}").into(), purpose.into(), true);
    }
    let (given, family) = rng.pick(REGIONS, (&[], &[]));
    let (given, family) = (rng.pick(given, "Ada"), rng.pick(family, "Lovelace"));
    let local: String =
        format!("{given}.{family}").to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    (format!("{local}{number}@example.com").into(), format!("{given} {family}").into(), false)
}

fn may_any(user: &User) -> bool {
    user.capabilities.is_none_or(|flags| flags.iter().take(6).any(|flag| flag.unwrap_or(true)))
}

/// Mostly a kind that the owner may have; one in twelve is dormant: made before the capability was switched off.
fn pick_collection(rng: &mut Rng, owner: Option<&User>, number: usize) -> Collection {
    const USUAL: [Collection; 10] = [
        Collection::ApiKeys,
        Collection::ApiKeys,
        Collection::ApiKeys,
        Collection::AuthTokens,
        Collection::AuthTokens,
        Collection::CustomerSecretKeys,
        Collection::CustomerSecretKeys,
        Collection::OAuth2ClientCredentials,
        Collection::SmtpCredentials,
        Collection::UserDbCredentials,
    ];
    for _ in 0..4 {
        let collection = rng.pick(&USUAL, Collection::ApiKeys);
        let may = owner.and_then(|owner| owner.capability(collection)).unwrap_or(true);
        if may || number.is_multiple_of(12) {
            return collection;
        }
    }
    Collection::ApiKeys
}

fn credential(
    config: &SimConfig,
    rng: &mut Rng,
    collection: Collection,
    owner: usize,
    number: usize,
) -> Credential {
    let age = match rng.below(10) {
        0..=1 => rng.pick(&TELLING_AGES, 0) * DAY,
        2 => rng.millis(1_200 * DAY) + 90 * DAY,
        3..=4 => rng.millis(30 * DAY) + 70 * DAY,
        _ => rng.millis(74 * DAY),
    };
    let created = before(config.now, age, rng);
    let can_expire = collection != Collection::ApiKeys;
    let expires = (can_expire && rng.percent(15)).then(|| {
        let left = rng.pick(&[-200, -30, -1, 0, 1, 7, 14, 15, 60, 365], 30) * DAY + 3_600_000;
        Stamp { at: shifted(config.now, left).max(created.at), millis: number.is_multiple_of(2) }
    });
    let set_again = collection == Collection::UserDbCredentials && rng.percent(60);
    let place = Collection::CREDENTIALS.into_iter().position(|each| each == collection).unwrap_or_default();
    let descriptions = DESCRIPTIONS.get(place).copied().unwrap_or_default();
    let hostile = config.hostile_names && number.is_multiple_of(3);
    let description = if hostile { rng.pick(HOSTILE, "'") } else { rng.pick(descriptions, "key") };
    Credential {
        id: format!("{:032x}", rng.id()).into(),
        owner,
        created: Dated::At(created),
        expires,
        last_set: set_again.then(|| before(config.now, age / 2, rng)),
        description: (!rng.percent(10)).then_some(description),
        fingerprint: (collection == Collection::ApiKeys).then(|| fingerprint(rng.id()).into()),
        hidden: false,
    }
}

fn own_key(config: &SimConfig, auditor: &Auditor<'_>, rows: &mut PerCollection<Vec<Credential>>) {
    let mut rng = Rng::new(config.seed, 3);
    let mut key = credential(config, &mut rng, Collection::ApiKeys, 0, 1);
    key.created = Dated::At(before(config.now, 5 * DAY, &mut rng));
    key.description = Some("credage");
    key.fingerprint = Some(auditor.fingerprint.into());
    rows.get_mut(Collection::ApiKeys).push(key);
}

fn fingerprint(id: u128) -> String {
    id.to_be_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

/// Users that real domains have and tools stumble over.
fn make_odd(users: &mut [User]) {
    let last = users.len() - 1;
    for (place, user) in users.iter_mut().enumerate() {
        match last - place {
            0 => user.capabilities = None,
            1 => user.capabilities = user.capabilities.map(|flags| flags.map(|flag| flag.filter(|on| *on))),
            2 => user.name = "4711".into(),
            3 => user.name = format!("{}@example.com", "long.".repeat(40)).into(),
            4 => user.active = None,
            5 => user.ghost = true,
            _ => {}
        }
    }
}

/// Dates that cannot be taken at their word.
fn make_odd_dates(now: Timestamp, rows: &mut PerCollection<Vec<Credential>>) {
    let tokens = rows.get_mut(Collection::AuthTokens);
    let odd = [
        Dated::Missing,
        Dated::Unreadable("not a date"),
        Dated::At(Stamp { at: shifted(now, 3 * DAY), millis: true }),
    ];
    if tokens.len() >= 20 {
        for (row, created) in tokens.iter_mut().skip(5).zip(odd) {
            row.created = created;
            row.expires = None;
        }
    }
}

fn hide(config: &SimConfig, rows: &mut PerCollection<Vec<Credential>>) {
    for &(collection, count) in &config.hidden_rows {
        // Never the auditor's own key, which is the first.
        for row in rows.get_mut(collection).iter_mut().skip(1).take(count) {
            row.hidden = true;
        }
    }
}

fn before(now: Timestamp, age: i64, rng: &mut Rng) -> Stamp {
    let millis = rng.percent(70);
    let at = shifted(now, -age);
    let whole = Timestamp::from_second(at.as_second()).unwrap_or(at);
    Stamp {
        at: if millis { Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at) } else { whole },
        millis,
    }
}

fn shifted(now: Timestamp, millis: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_millis(millis)).unwrap_or(now)
}
