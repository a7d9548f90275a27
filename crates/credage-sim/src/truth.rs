//! What a domain really holds, whatever it answers.

use jiff::Timestamp;

use crate::collection::Collection;
use crate::data::{Credential, Domain, Stamp};
use crate::lens::credentials;

/// A credential as it really is, for tests to hold an audit against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TruthRow {
    /// Its collection.
    pub collection: Collection,
    /// Its SCIM id.
    pub id: String,
    /// Its owner's SCIM id.
    pub owner: String,
    /// Its owner's OCID.
    pub owner_ocid: String,
    /// Its owner's user name.
    pub user_name: String,
    /// When it was made; nothing where the domain does not say or says nonsense.
    pub created: Option<Timestamp>,
    /// When a database password was last set.
    pub last_set: Option<Timestamp>,
    /// Its own expiry.
    pub expires_on: Option<Timestamp>,
    /// Whether the owner may create more of the kind; nothing where the domain does not say.
    pub capability: Option<bool>,
    /// Whether the owner is in the listing of users.
    pub owner_listed: bool,
}

/// A user as they really are, for tests to hold an audit against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TruthUser {
    /// The SCIM id.
    pub id: String,
    /// `userName`.
    pub name: String,
    /// The mail address.
    pub email: Option<String>,
    /// Whether they can sign in; nothing where the domain does not say. So are the flags that follow.
    pub active: Option<bool>,
    /// `serviceUser`.
    pub service: bool,
    /// `isFederatedUser`.
    pub federated: bool,
    /// `meta.created`.
    pub created: Timestamp,
    /// The last login to the console.
    pub last_login: Option<Timestamp>,
    /// `mfaStatus`.
    pub mfa: Option<&'static str>,
    /// Groups.
    pub groups: Vec<&'static str>,
    /// Application roles, each with whether it administers the domain.
    pub roles: Vec<(&'static str, bool)>,
    /// What the user may create, in the order of [`Collection::CREDENTIALS`].
    pub capabilities: Vec<Option<bool>>,
    /// `canUseConsolePassword`.
    pub console_password: Option<bool>,
}

/// Every credential.
pub(crate) fn rows(domain: &Domain) -> Vec<TruthRow> {
    credentials(domain).filter_map(|(collection, row)| row_of(domain, collection, row)).collect()
}

/// Those that are gone.
pub(crate) fn departed(domain: &Domain) -> Vec<TruthRow> {
    domain.departed().iter().filter_map(|(collection, row)| row_of(domain, *collection, row)).collect()
}

fn row_of(domain: &Domain, collection: Collection, row: &Credential) -> Option<TruthRow> {
    let owner = domain.users.get(row.owner)?;
    Some(TruthRow {
        collection,
        id: row.id.to_string(),
        owner: owner.id.to_string(),
        owner_ocid: owner.ocid.to_string(),
        user_name: owner.name.to_string(),
        created: row.created.instant(),
        last_set: row.last_set.map(Stamp::written),
        expires_on: row.expires.map(Stamp::written),
        capability: owner.capability(collection),
        owner_listed: !owner.ghost,
    })
}

/// The users, those aside that are gone.
pub(crate) fn users(domain: &Domain) -> Vec<TruthUser> {
    let listed = domain.users.iter().filter(|user| !user.ghost);
    let users = listed.map(|user| TruthUser {
        id: user.id.to_string(),
        name: user.name.to_string(),
        email: user.email.as_deref().map(str::to_owned),
        active: user.active,
        service: user.service,
        federated: user.federated,
        created: user.created.at,
        last_login: user.last_login.map(|stamp| stamp.at),
        mfa: user.mfa,
        groups: user.groups.clone(),
        roles: user.roles.clone(),
        capabilities: Collection::CREDENTIALS.into_iter().map(|each| user.capability(each)).collect(),
        console_password: user.capabilities.and_then(|flags| flags.get(6).copied().flatten()),
    });
    users.collect()
}
