//! The data of a simulated domain: typed rows, made once from a seed, sorted by id.

mod change;
mod generate;
mod rng;
mod stamp;
mod texts;

use std::collections::HashMap;

pub(crate) use self::generate::{Auditor, generate};
pub(crate) use self::stamp::{Dated, Stamp};
use crate::collection::{Collection, PerCollection};

/// The flags of `capabilities:User`, in the order of [`User::capabilities`]; Oracle's Python SDK,
/// `models/extension_capabilities_user.py`.
pub(crate) const CAPABILITIES: [&str; 8] = [
    "canUseApiKeys",
    "canUseAuthTokens",
    "canUseCustomerSecretKeys",
    "canUseOAuth2ClientCredentials",
    "canUseSmtpCredentials",
    "canUseDbCredentials",
    "canUseConsolePassword",
    "canUseConsole",
];

/// A user of the simulated domain.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: Box<str>,
    pub(crate) ocid: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) display_name: Box<str>,
    pub(crate) email: Option<Box<str>>,
    pub(crate) active: Option<bool>,
    pub(crate) service: bool,
    pub(crate) federated: bool,
    /// By [`CAPABILITIES`]; nothing where the extension or a flag is missing.
    pub(crate) capabilities: Option<[Option<bool>; 8]>,
    pub(crate) created: Stamp,
    pub(crate) last_login: Option<Stamp>,
    /// `mfaStatus`.
    pub(crate) mfa: Option<&'static str>,
    pub(crate) groups: Vec<&'static str>,
    /// Application roles, each with whether it administers the domain.
    pub(crate) roles: Vec<(&'static str, bool)>,
    /// Tags: namespace (empty for free-form ones), key and value.
    pub(crate) tags: Vec<(&'static str, &'static str, &'static str)>,
    /// Not among the rows of `/Users`: gone, with credentials left behind.
    pub(crate) ghost: bool,
}

impl User {
    /// The flag for one collection.
    pub(crate) fn capability(&self, collection: Collection) -> Option<bool> {
        let place = Collection::CREDENTIALS.into_iter().position(|each| each == collection)?;
        self.capabilities.and_then(|flags| flags.get(place).copied().flatten())
    }
}

/// A credential of the simulated domain.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    pub(crate) id: Box<str>,
    /// The place of its owner among the users.
    pub(crate) owner: usize,
    pub(crate) created: Dated,
    pub(crate) expires: Option<Stamp>,
    pub(crate) last_set: Option<Stamp>,
    pub(crate) description: Option<&'static str>,
    pub(crate) fingerprint: Option<Box<str>>,
    /// No list shows it, although the index names it.
    pub(crate) hidden: bool,
}

/// What a domain holds.
#[derive(Debug)]
pub(crate) struct Domain {
    /// All users, ghosts included, by id.
    pub(crate) users: Vec<User>,
    user_places: HashMap<Box<str>, usize>,
    rows: PerCollection<Vec<Credential>>,
    owned: PerCollection<HashMap<usize, Vec<usize>>>,
    /// Credentials that were there and are gone.
    departed: Vec<(Collection, Credential)>,
    /// The ids of users who were there and are gone.
    pub(crate) dismissed: Vec<Box<str>>,
}

impl Domain {
    fn new(users: Vec<User>, rows: PerCollection<Vec<Credential>>) -> Self {
        let owned = PerCollection::build(|_| HashMap::new());
        let (user_places, departed, dismissed) = (HashMap::new(), Vec::new(), Vec::new());
        let mut domain = Self { users, user_places, rows, owned, departed, dismissed };
        domain.number_users();
        for collection in Collection::CREDENTIALS {
            domain.arrange(collection);
        }
        domain
    }

    fn number_users(&mut self) {
        let places = self.users.iter().enumerate();
        self.user_places =
            places.flat_map(|(place, user)| [(user.id.clone(), place), (user.ocid.clone(), place)]).collect();
    }

    fn arrange(&mut self, collection: Collection) {
        let rows = self.rows.get_mut(collection);
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        let mut owned: HashMap<usize, Vec<usize>> = HashMap::new();
        for (place, row) in rows.iter().enumerate() {
            owned.entry(row.owner).or_default().push(place);
        }
        *self.owned.get_mut(collection) = owned;
    }

    /// A user by id or OCID; ghosts are not found.
    pub(crate) fn user(&self, id: &str) -> Option<(usize, &User)> {
        let place = *self.user_places.get(id)?;
        self.users.get(place).filter(|user| !user.ghost).map(|user| (place, user))
    }

    /// The place of a user or ghost by id or OCID.
    pub(crate) fn owner_place(&self, id: &str) -> Option<usize> {
        self.user_places.get(id).copied()
    }

    /// The credentials of a collection, by id.
    pub(crate) fn credentials(&self, collection: Collection) -> &[Credential] {
        self.rows.get(collection)
    }

    /// The credentials of one owner in a collection, by id.
    pub(crate) fn owned(&self, collection: Collection, owner: usize) -> impl Iterator<Item = &Credential> {
        let places = self.owned.get(collection).get(&owner).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(move |&place| self.rows.get(collection).get(place))
    }

    /// Credentials that were there and are gone.
    pub(crate) fn departed(&self) -> &[(Collection, Credential)] {
        &self.departed
    }
}
