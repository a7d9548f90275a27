//! Rows as documents: which attributes there are, when they are returned, and what they hold.
//!
//! The rules are those of the models in Oracle's Python SDK (`identity_domains/models`): `returned` and
//! `idcsSearchable` of every attribute.

use serde_json::{Value, json};

use crate::collection::Collection;
use crate::data::{CAPABILITIES, Credential, Domain, User};
use crate::lens::Lens;

/// When an attribute is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returned {
    Always,
    Default,
    Request,
    Never,
}

/// One attribute, or one part of a complex attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute {
    /// The name, or the URN of an extension.
    pub(crate) name: &'static str,
    /// The part of a complex attribute.
    pub(crate) sub: Option<&'static str>,
    pub(crate) returned: Returned,
    pub(crate) searchable: bool,
}

impl Attribute {
    /// Its whole name, in lower case, as filters and `attributes` spell it.
    pub(crate) fn path(&self) -> String {
        let joint = if self.name.starts_with("urn:") { ':' } else { '.' };
        self.sub
            .map_or_else(|| self.name.to_owned(), |sub| format!("{}{joint}{sub}", self.name))
            .to_lowercase()
    }
}

const CAPABILITY: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:capabilities:User";
pub(crate) const INDEX: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:userCredentials:User";
const STATE: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:userState:User";
const MFA: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:mfa:User";
const TAGS: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:OCITags";
const USER: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:user:User";

const fn plain(name: &'static str, returned: Returned, searchable: bool) -> Attribute {
    Attribute { name, sub: None, returned, searchable }
}

const fn part(name: &'static str, sub: &'static str, returned: Returned, searchable: bool) -> Attribute {
    Attribute { name, sub: Some(sub), returned, searchable }
}

use Returned::{Always, Default, Never, Request};

const COMMON: [Attribute; 10] = [
    plain("id", Always, true),
    plain("ocid", Default, true),
    plain("schemas", Default, false),
    part("meta", "resourceType", Default, false),
    part("meta", "created", Default, true),
    part("meta", "lastModified", Default, true),
    part("meta", "location", Default, false),
    part("meta", "version", Default, false),
    plain("domainOcid", Default, false),
    plain("idcsLastUpgradedInRelease", Request, false),
];

const OWNED: [Attribute; 6] = [
    part("user", "value", Always, true),
    part("user", "ocid", Always, true),
    part("user", "display", Default, true),
    part("user", "name", Default, false),
    part("user", "$ref", Default, false),
    plain("description", Default, false),
];

const USER_ONLY: [Attribute; 23] = [
    plain("emails", Default, false),
    plain("userName", Always, true),
    plain("displayName", Default, true),
    plain("active", Default, true),
    part(INDEX, "apiKeys", Request, true),
    part(INDEX, "authTokens", Request, true),
    part(INDEX, "customerSecretKeys", Request, true),
    part(INDEX, "oAuth2ClientCredentials", Request, true),
    part(INDEX, "smtpCredentials", Request, true),
    part(INDEX, "dbCredentials", Request, true),
    part(STATE, "lastSuccessfulLoginDate", Request, true),
    part(USER, "isFederatedUser", Default, true),
    part(USER, "serviceUser", Default, true),
    plain("userType", Default, true),
    plain("groups", Request, true),
    part(USER, "appRoles", Request, false),
    part(MFA, "mfaStatus", Default, true),
    part(TAGS, "freeformTags", Default, true),
    part(TAGS, "definedTags", Default, true),
    plain("password", Never, false),
    part(STATE, "loginAttempts", Request, false),
    part("name", "formatted", Default, true),
    part("name", "familyName", Default, true),
];

/// Every attribute of a collection.
pub(crate) fn attributes(collection: Collection) -> Vec<Attribute> {
    let mut all = COMMON.to_vec();
    if collection == Collection::Users {
        all.extend(USER_ONLY);
        all.extend(CAPABILITIES.map(|flag| part(CAPABILITY, flag, Default, false)));
        return all;
    }
    all.extend(OWNED);
    match collection {
        Collection::ApiKeys => {
            all.extend([plain("fingerprint", Default, true), plain("key", Default, false)]);
        }
        Collection::AuthTokens => all.extend([plain("token", Default, false)]),
        Collection::CustomerSecretKeys => {
            all.extend([
                plain("displayName", Default, false),
                plain("accessKey", Default, false),
                plain("secretKey", Default, false),
            ]);
        }
        Collection::OAuth2ClientCredentials => {
            all.extend([
                plain("name", Default, false),
                plain("secret", Default, false),
                plain("scopes", Default, false),
            ]);
        }
        Collection::SmtpCredentials => {
            all.extend([plain("userName", Default, false), plain("password", Default, false)]);
        }
        Collection::UserDbCredentials => all.extend([
            plain("name", Default, false),
            plain("dbPassword", Default, false),
            plain("salt", Default, false),
            plain("lastSetDate", Default, false),
            plain("expired", Default, false),
        ]),
        Collection::Users => {}
    }
    if collection != Collection::ApiKeys {
        all.extend([plain("expiresOn", Default, false), plain("status", Never, false)]);
    }
    all
}

/// The name of a kind's list in the index.
pub(crate) const fn index_list(collection: Collection) -> &'static str {
    match collection {
        Collection::ApiKeys => "apiKeys",
        Collection::AuthTokens => "authTokens",
        Collection::CustomerSecretKeys => "customerSecretKeys",
        Collection::OAuth2ClientCredentials => "oAuth2ClientCredentials",
        Collection::SmtpCredentials => "smtpCredentials",
        Collection::UserDbCredentials | Collection::Users => "dbCredentials",
    }
}

/// What rows are seen through.
#[derive(Clone, Copy)]
pub(crate) struct Eye<'a> {
    pub(crate) domain: &'a Domain,
    pub(crate) base: &'a str,
    /// Whether users show the index of their credentials.
    pub(crate) index: bool,
    /// Whether users show their groups and roles.
    pub(crate) groups: bool,
    /// Whether the index shows kinds that a user has none of as `[]`.
    pub(crate) empty_lists: bool,
    /// What is not shown as it is.
    pub(crate) lens: &'a Lens,
}

/// A row of any collection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Row<'a> {
    User(usize, &'a User),
    Credential(Collection, &'a Credential),
}

impl<'a> Row<'a> {
    pub(crate) fn id(&self) -> &'a str {
        match self {
            Self::User(_, user) => &user.id,
            Self::Credential(_, credential) => &credential.id,
        }
    }

    pub(crate) const fn collection(&self) -> Collection {
        match self {
            Self::User(..) => Collection::Users,
            Self::Credential(collection, _) => *collection,
        }
    }

    /// The place of its owner among the users; of a user, their own.
    pub(crate) const fn owner(&self) -> usize {
        match self {
            Self::User(place, _) => *place,
            Self::Credential(_, credential) => credential.owner,
        }
    }
}

impl Eye<'_> {
    /// What an attribute of a row holds; `None` where there is nothing.
    pub(crate) fn value(&self, row: Row<'_>, attribute: &Attribute) -> Option<Value> {
        match row {
            Row::User(place, user) => self.of_user(place, user, attribute),
            Row::Credential(collection, credential) => self.of_credential(collection, credential, attribute),
        }
    }

    fn of_user(&self, place: usize, user: &User, attribute: &Attribute) -> Option<Value> {
        let text = |text: &str| Some(Value::from(text));
        match (attribute.name, attribute.sub.unwrap_or_default()) {
            ("id", _) => text(&user.id),
            ("ocid", _) => text(&user.ocid),
            ("schemas", _) => Some(json!([Collection::Users.schema(), CAPABILITY, INDEX])),
            ("meta", sub) => self.meta(Collection::Users, &user.id, Some(user.created.to_string()), sub),
            ("userName", _) => text(&user.name),
            ("displayName", _) | ("name", "formatted") => text(&user.display_name),
            ("name", _) => text(user.display_name.rsplit(' ').next().unwrap_or_default()),
            ("emails", _) => user.email.as_deref().map(|email| {
                json!([
                    {"value": format!("recovery.{email}"), "type": "recovery", "primary": false, "verified": false},
                    {"value": email, "type": "work", "primary": true, "verified": true},
                ])
            }),
            ("active", _) => user.active.map(Value::from),
            ("userType", _) => user.service.then(|| Value::from("Service")),
            ("domainOcid", _) => text("ocid1.domain.oc1..aaaaaaaasimulated"),
            (STATE, "lastSuccessfulLoginDate") => user.last_login.map(|at| Value::from(at.to_string())),
            (STATE, _) => Some(Value::from(0)),
            (USER, "serviceUser") => Some(Value::from(user.service)),
            (USER, "appRoles") if self.groups => list(user.roles.iter().map(|(name, admin)| {
                json!({"value": "simulated", "display": name, "adminRole": admin, "appName": "IDCS"})
            })),
            ("groups", _) if self.groups => list(user.groups.iter().map(|name| json!({"value": "simulated", "display": name}))),
            (MFA, _) => user.mfa.map(Value::from),
            (TAGS, "freeformTags") => {
                let tags = user.tags.iter().filter(|(namespace, ..)| namespace.is_empty());
                list(tags.map(|(_, key, value)| json!({"key": key, "value": value})))
            }
            (TAGS, _) => {
                let tags = user.tags.iter().filter(|(namespace, ..)| !namespace.is_empty());
                list(tags.map(|(namespace, key, value)| json!({"namespace": namespace, "key": key, "value": value})))
            }
            (USER, "isFederatedUser") => Some(Value::from(user.federated)),
            (CAPABILITY, flag) => {
                let at = CAPABILITIES.iter().position(|each| *each == flag)?;
                user.capabilities?.get(at).copied().flatten().map(Value::from)
            }
            (INDEX, list) if self.index && self.lens.shows_index(user) => self.refs(place, user, list),
            _ => None,
        }
    }

    fn refs(&self, owner: usize, user: &User, list: &str) -> Option<Value> {
        let collection = Collection::CREDENTIALS.into_iter().find(|each| index_list(*each) == list)?;
        if !self.lens.shows_list(user, collection) {
            return None;
        }
        let named = self.domain.owned(collection, owner).filter(|row| self.lens.names(collection, row));
        let ids = named.map(|row| row.id.to_string()).chain(self.lens.invented(user, collection));
        let refs: Vec<Value> = ids.map(|id| self.one_ref(collection, &id)).collect();
        (!refs.is_empty() || self.empty_lists).then_some(Value::Array(refs))
    }

    fn one_ref(&self, collection: Collection, id: &str) -> Value {
        let mut one = json!({
            "value": id,
            "ocid": ocid(id),
            "$ref": format!("{}/admin/v1/{}/{id}", self.base, collection.path()),
        });
        if let (Collection::ApiKeys, Some(fields)) = (collection, one.as_object_mut()) {
            fields.insert("key".to_owned(), Value::from(public_key(id)));
        }
        one
    }

    fn of_credential(
        &self,
        collection: Collection,
        row: &Credential,
        attribute: &Attribute,
    ) -> Option<Value> {
        let owner = self.domain.users.get(row.owner);
        let text = |text: &str| Some(Value::from(text));
        match (attribute.name, attribute.sub.unwrap_or_default()) {
            ("id", _) => text(&row.id),
            ("ocid", _) => Some(Value::from(ocid(&row.id))),
            ("schemas", _) => Some(json!([collection.schema()])),
            ("meta", sub) => self.meta(collection, &row.id, row.created.text(), sub),
            ("domainOcid", _) => text("ocid1.domain.oc1..aaaaaaaasimulated"),
            ("user", "value") => owner.map(|owner| Value::from(&*owner.id)),
            ("user", "ocid") => owner.map(|owner| Value::from(&*owner.ocid)),
            ("user", "display") => owner.map(|owner| Value::from(&*owner.display_name)),
            ("user", "name") => owner.map(|owner| Value::from(&*owner.name)),
            ("user", _) => {
                owner.map(|owner| Value::from(format!("{}/admin/v1/Users/{}", self.base, owner.id)))
            }
            ("description", _) => row.description.map(Value::from),
            ("fingerprint", _) => row.fingerprint.as_deref().map(Value::from),
            ("key", _) => Some(Value::from(public_key(&row.id))),
            ("expiresOn", _) => row.expires.map(|at| Value::from(at.to_string())),
            ("lastSetDate", _) => row.last_set.map(|at| Value::from(at.to_string())),
            ("expired", _) => Some(Value::from(false)),
            ("scopes", _) => Some(json!([{"audience": "urn:opc:simulated", "scope": "read"}])),
            ("displayName" | "name" | "userName" | "accessKey", _) => Some(Value::from(format!(
                "{}-{}",
                collection.kind_name(),
                row.id.get(..8).unwrap_or_default()
            ))),
            // What a caller must never ask for; said so plainly that nobody takes it for real.
            ("token" | "secretKey" | "secret" | "password" | "dbPassword" | "salt", _) => {
                text("(simulated, not a secret)")
            }
            _ => None,
        }
    }

    fn meta(&self, collection: Collection, id: &str, created: Option<String>, sub: &str) -> Option<Value> {
        match sub {
            "resourceType" => Some(Value::from(collection.resource_type())),
            "created" | "lastModified" => created.map(Value::from),
            "location" => Some(Value::from(format!("{}/admin/v1/{}/{id}", self.base, collection.path()))),
            "version" => Some(Value::from(id.get(..8).unwrap_or_default())),
            _ => None,
        }
    }
}

/// A list that is there where it holds something.
fn list(items: impl Iterator<Item = Value>) -> Option<Value> {
    let items: Vec<Value> = items.collect();
    (!items.is_empty()).then_some(Value::Array(items))
}

/// The OCID of a credential.
pub(crate) fn ocid(id: &str) -> String {
    format!("ocid1.credential.oc1..aaaaaaaa{id:0>52}")
}

/// Something as long as a public key; the simulation knows no others than the auditor's.
fn public_key(id: &str) -> String {
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----",
        format!("{id}{id}\n").repeat(6).trim_end()
    )
}
