//! Rows as domains send them, turned into ours.
//!
//! What a row may lack or get wrong (flags, dates, names) is read leniently, since one odd row must not cost the
//! other 999 of its page. Only an id is insisted on.

use credage_core::user::Capabilities;
use credage_core::{Credential, CredentialId, DateReading, Kind, Source, User, UserId};
use serde::Deserialize;
use serde_json::Value;

use super::details::{self, DetailsRow};
use super::interner::Interner;
use super::names::Names;

/// Something with an id to sort, compare and de-duplicate by.
pub(crate) trait Keyed {
    fn key(&self) -> &str;
}

impl Keyed for Credential {
    fn key(&self) -> &str {
        self.id.as_str()
    }
}

/// A user, and what their index names; `None` where they carried no index.
#[derive(Debug)]
pub(crate) struct UserRecord {
    pub(crate) user: User,
    pub(crate) refs: Option<Box<[(Kind, CredentialId)]>>,
}

impl Keyed for UserRecord {
    fn key(&self) -> &str {
        self.user.id.as_str()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserRow {
    id: String,
    #[serde(default)]
    ocid: Option<Box<str>>,
    #[serde(default)]
    user_name: Option<Box<str>>,
    #[serde(default)]
    emails: Option<Vec<EmailRow>>,
    #[serde(default)]
    active: Value,
    #[serde(default, rename = "urn:ietf:params:scim:schemas:oracle:idcs:extension:capabilities:User")]
    capabilities: Option<CapabilityRow>,
    #[serde(default, rename = "urn:ietf:params:scim:schemas:oracle:idcs:extension:userCredentials:User")]
    index: Option<IndexRow>,
    #[serde(default)]
    meta: Option<details::Meta>,
    #[serde(default)]
    user_type: Value,
    #[serde(default)]
    groups: Option<Vec<details::GroupRow>>,
    #[serde(default, rename = "urn:ietf:params:scim:schemas:oracle:idcs:extension:user:User")]
    user: Option<details::UserExtension>,
    #[serde(default, rename = "urn:ietf:params:scim:schemas:oracle:idcs:extension:userState:User")]
    state: Option<details::StateExtension>,
    #[serde(default, rename = "urn:ietf:params:scim:schemas:oracle:idcs:extension:mfa:User")]
    mfa: Option<details::MfaExtension>,
    #[serde(default, rename = "urn:ietf:params:scim:schemas:oracle:idcs:extension:OCITags")]
    tags: Option<details::TagsExtension>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EmailRow {
    value: Option<Box<str>>,
    #[serde(rename = "type")]
    kind: Value,
    primary: Value,
}

/// The primary address, else the first that is no recovery address.
fn email(rows: Vec<EmailRow>) -> Option<Box<str>> {
    let mut rows: Vec<EmailRow> =
        rows.into_iter().filter(|row| row.value.as_deref().is_some_and(|text| !text.is_empty())).collect();
    let primary = rows.iter().position(|row| row.primary.as_bool() == Some(true));
    let usable = || rows.iter().position(|row| row.kind.as_str() != Some("recovery"));
    let place = primary.or_else(usable)?;
    rows.swap_remove(place).value
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CapabilityRow {
    #[serde(rename = "canUseApiKeys")]
    api_keys: Value,
    #[serde(rename = "canUseAuthTokens")]
    auth_tokens: Value,
    #[serde(rename = "canUseCustomerSecretKeys")]
    customer_secret_keys: Value,
    #[serde(rename = "canUseDbCredentials")]
    db_credentials: Value,
    #[serde(rename = "canUseOAuth2ClientCredentials")]
    oauth2_client_credentials: Value,
    #[serde(rename = "canUseSmtpCredentials")]
    smtp_credentials: Value,
    #[serde(rename = "canUseConsolePassword")]
    console_password: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct IndexRow {
    api_keys: Option<Vec<RefRow>>,
    auth_tokens: Option<Vec<RefRow>>,
    customer_secret_keys: Option<Vec<RefRow>>,
    db_credentials: Option<Vec<RefRow>>,
    #[serde(rename = "oAuth2ClientCredentials")]
    oauth2_client_credentials: Option<Vec<RefRow>>,
    smtp_credentials: Option<Vec<RefRow>>,
}

#[derive(Debug, Deserialize)]
struct RefRow {
    value: String,
}

impl UserRow {
    pub(crate) fn into_record(self, interner: &Interner, names: &Names) -> UserRecord {
        let flags = self.capabilities.unwrap_or_default();
        let capabilities = Capabilities::from_fn(|kind| flags.of(kind).as_bool().into());
        let user = User {
            ocid: self.ocid,
            email: self.emails.and_then(email),
            active: self.active.as_bool(),
            capabilities,
            ..User::named(interner.intern(&self.id), self.user_name.as_deref().unwrap_or_default())
        };
        let details = DetailsRow {
            meta: self.meta,
            user_type: self.user_type,
            groups: self.groups,
            user: self.user,
            state: self.state,
            mfa: self.mfa,
            tags: self.tags,
            console_password: flags.console_password.as_bool(),
        };
        let user = details.complete(user, names);
        UserRecord { user, refs: self.index.map(IndexRow::into_refs) }
    }
}

impl CapabilityRow {
    const fn of(&self, kind: Kind) -> &Value {
        match kind {
            Kind::ApiKey => &self.api_keys,
            Kind::AuthToken => &self.auth_tokens,
            Kind::CustomerSecretKey => &self.customer_secret_keys,
            Kind::DbCredential => &self.db_credentials,
            Kind::Oauth2ClientCredential => &self.oauth2_client_credentials,
            Kind::SmtpCredential => &self.smtp_credentials,
        }
    }
}

impl IndexRow {
    fn into_refs(self) -> Box<[(Kind, CredentialId)]> {
        let lists = [
            (Kind::ApiKey, self.api_keys),
            (Kind::AuthToken, self.auth_tokens),
            (Kind::CustomerSecretKey, self.customer_secret_keys),
            (Kind::DbCredential, self.db_credentials),
            (Kind::Oauth2ClientCredential, self.oauth2_client_credentials),
            (Kind::SmtpCredential, self.smtp_credentials),
        ];
        let refs = lists
            .into_iter()
            .flat_map(|(kind, list)| list.into_iter().flatten().map(move |each| (kind, each)));
        refs.map(|(kind, each)| (kind, CredentialId::new(&each.value))).collect()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialRow {
    id: String,
    #[serde(default)]
    meta: Option<MetaRow>,
    #[serde(default)]
    user: Option<OwnerRow>,
    #[serde(default)]
    display_name: Option<Box<str>>,
    #[serde(default)]
    name: Option<Box<str>>,
    #[serde(default)]
    description: Option<Box<str>>,
    #[serde(default)]
    fingerprint: Option<Box<str>>,
    #[serde(default)]
    last_set_date: Value,
    #[serde(default)]
    expires_on: Value,
}

#[derive(Debug, Deserialize)]
struct MetaRow {
    #[serde(default)]
    created: Value,
}

#[derive(Debug, Deserialize)]
struct OwnerRow {
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    ocid: Option<String>,
    #[serde(default)]
    name: Option<Box<str>>,
    #[serde(default)]
    display: Option<Box<str>>,
}

impl CredentialRow {
    pub(crate) fn into_credential(self, kind: Kind, interner: &Interner) -> Credential {
        let (owner, owner_name) =
            self.user.map_or_else(|| (UserId::new(""), None), |user| user.split(interner));
        let named = [self.description, self.display_name, self.name];
        Credential {
            id: CredentialId::new(&self.id),
            kind,
            owner,
            owner_name,
            description: named.into_iter().flatten().find(|text| !text.trim().is_empty()),
            fingerprint: self.fingerprint,
            created: self.meta.map_or(DateReading::Missing, |meta| date(&meta.created)),
            last_set: date(&self.last_set_date),
            expires_on: date(&self.expires_on),
            source: Source::Listed,
        }
    }
}

impl OwnerRow {
    fn split(self, interner: &Interner) -> (UserId, Option<Box<str>>) {
        let id = self.value.or(self.ocid).unwrap_or_default();
        (interner.intern(&id), self.name.or(self.display))
    }
}

fn date(value: &Value) -> DateReading {
    match value {
        Value::Null => DateReading::Missing,
        Value::String(text) => DateReading::parse(text),
        other => DateReading::Unreadable(other.to_string().into_boxed_str()),
    }
}

#[cfg(test)]
mod tests {
    use credage_core::Capability;

    use super::*;

    fn credential(json: &str) -> Credential {
        serde_json::from_str::<CredentialRow>(json)
            .unwrap()
            .into_credential(Kind::ApiKey, &Interner::default())
    }

    #[test]
    fn an_odd_row_is_read_as_far_as_it_goes() {
        let bare = credential(r#"{"id":"c"}"#);
        assert_eq!((bare.created, bare.owner.as_str()), (DateReading::Missing, ""));
        let odd = credential(
            r#"{"id":"c","meta":{"created":17},"expiresOn":"soon","user":{"ocid":"o"},"description":" ","name":"n"}"#,
        );
        assert_eq!(odd.created, DateReading::Unreadable("17".into()));
        assert_eq!(odd.expires_on, DateReading::Unreadable("soon".into()));
        assert_eq!((odd.owner.as_str(), odd.description.as_deref()), ("o", Some("n")));
    }

    #[test]
    fn a_capability_that_is_not_said_is_unknown() {
        let json = r#"{"id":"u","userName":"ada","active":"yes",
            "urn:ietf:params:scim:schemas:oracle:idcs:extension:capabilities:User":
                {"canUseApiKeys":true,"canUseOAuth2ClientCredentials":false,"canUseAuthTokens":null},
            "urn:ietf:params:scim:schemas:oracle:idcs:extension:userCredentials:User":
                {"apiKeys":[{"value":"k1","key":"…"}],"authTokens":null}}"#;
        let record = serde_json::from_str::<UserRow>(json)
            .unwrap()
            .into_record(&Interner::default(), &Names::default());
        assert_eq!(record.user.capability(Kind::ApiKey), Capability::Enabled);
        assert_eq!(record.user.capability(Kind::Oauth2ClientCredential), Capability::Disabled);
        assert_eq!(record.user.capability(Kind::AuthToken), Capability::Unknown);
        assert_eq!(record.user.capability(Kind::SmtpCredential), Capability::Unknown);
        assert_eq!(record.user.active, None);
        assert_eq!(record.refs.as_deref(), Some([(Kind::ApiKey, CredentialId::new("k1"))].as_slice()));
        let bare = serde_json::from_str::<UserRow>(r#"{"id":"u"}"#)
            .unwrap()
            .into_record(&Interner::default(), &Names::default());
        assert!(bare.refs.is_none());
    }
}
