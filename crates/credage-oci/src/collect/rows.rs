//! Rows as domains send them, turned into ours.
//!
//! One odd row must not cost the other 999 of its page, nor one odd value its row. What a row has in another shape than it
//! should is noted as unreadable and counted. Only an id is insisted on.

use credage_core::rules::KindSet;
use credage_core::user::Capabilities;
use credage_core::{
    Credential, CredentialField, CredentialId, DateReading, FieldSet, Kind, Known, Source, User,
    UserAttribute, UserId,
};

use super::details::{self, DetailsRow, Unreadable, capability};
use super::interner::Interner;
use super::names::Names;
use crate::scim::lenient::{Date, Flag, Items, Lenient, List, Object, Text, object};
use crate::scim::page::Row;

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
    /// The kinds of which the index has a list, be it empty; `None` where they carried no index.
    pub(crate) returned: Option<KindSet>,
    /// The kinds of which the index names something that could not be read.
    pub(crate) unreadable: KindSet,
}

impl Keyed for UserRecord {
    fn key(&self) -> &str {
        self.user.id.as_str()
    }
}

object! {
    pub(crate) struct UserRow {
        id: Text = "id",
        ocid: Text = "ocid",
        user_name: Text = "userName",
        emails: List<EmailRow> = "emails",
        active: Flag = "active",
        capabilities: Object<CapabilityRow> =
            "urn:ietf:params:scim:schemas:oracle:idcs:extension:capabilities:User",
        index: Object<IndexRow> = "urn:ietf:params:scim:schemas:oracle:idcs:extension:userCredentials:User",
        meta: Object<details::Meta> = "meta",
        user_type: Text = "userType",
        groups: List<details::GroupRow> = "groups",
        user: Object<details::UserExtension> = "urn:ietf:params:scim:schemas:oracle:idcs:extension:user:User",
        state: Object<details::StateExtension> =
            "urn:ietf:params:scim:schemas:oracle:idcs:extension:userState:User",
        mfa: Object<details::MfaExtension> = "urn:ietf:params:scim:schemas:oracle:idcs:extension:mfa:User",
        tags: Object<details::TagsExtension> = "urn:ietf:params:scim:schemas:oracle:idcs:extension:OCITags",
    }
}

impl Row for UserRow {
    fn is_usable(&self) -> bool {
        is_id(&self.id)
    }
}

/// Whether it can be told apart by this.
/// Ids are 32 characters long, and OCIDs no more than this (Oracle's page on resource identifiers).
const LONGEST_ID: usize = 255;

fn is_id(text: &Text) -> bool {
    text.as_ref().is_some_and(|id| !id.trim().is_empty() && id.len() <= LONGEST_ID)
}

object! {
    pub(crate) struct EmailRow {
        value: Text = "value",
        kind: Text = "type",
        primary: Flag = "primary",
    }
}

/// The primary address, else the first that is no recovery address. An address of which that cannot be read is left out.
fn email(rows: List<EmailRow>, odd: &mut Unreadable) -> Known<Box<str>> {
    let Items { objects: rows, odd: others } = match rows {
        Lenient::Is(rows) => rows,
        Lenient::Absent => return Known::Nothing,
        Lenient::Odd => {
            odd.0.insert(UserAttribute::Email);
            return Known::NotRead;
        }
    };
    let unreadable = |row: &EmailRow| row.value.is_odd() || row.kind.is_odd() || row.primary.is_odd();
    odd.note(UserAttribute::Email, others > 0 || rows.iter().any(unreadable));
    let mut rows: Vec<EmailRow> = rows
        .into_iter()
        .filter(|row| row.value.as_ref().is_some_and(|text| !text.trim().is_empty()))
        .collect();
    let primary = rows.iter().position(|row| matches!(row.primary, Lenient::Is(true)));
    let recovers =
        |row: &EmailRow| row.kind.as_ref().is_some_and(|kind| kind.eq_ignore_ascii_case("recovery"));
    let usable = || rows.iter().position(|row| !row.kind.is_odd() && !recovers(row));
    match primary.or_else(usable) {
        Some(place) => rows.swap_remove(place).value.get().map_or(Known::NotRead, Known::Value),
        None if odd.0.has(UserAttribute::Email) => Known::NotRead,
        None => Known::Nothing,
    }
}

object! {
    pub(crate) struct CapabilityRow {
        api_keys: Flag = "canUseApiKeys",
        auth_tokens: Flag = "canUseAuthTokens",
        customer_secret_keys: Flag = "canUseCustomerSecretKeys",
        db_credentials: Flag = "canUseDbCredentials",
        oauth2_client_credentials: Flag = "canUseOAuth2ClientCredentials",
        smtp_credentials: Flag = "canUseSmtpCredentials",
        console_password: Flag = "canUseConsolePassword",
    }
}

object! {
    pub(crate) struct IndexRow {
        api_keys: Option<List<RefRow>> = "apiKeys",
        auth_tokens: Option<List<RefRow>> = "authTokens",
        customer_secret_keys: Option<List<RefRow>> = "customerSecretKeys",
        db_credentials: Option<List<RefRow>> = "dbCredentials",
        oauth2_client_credentials: Option<List<RefRow>> = "oAuth2ClientCredentials",
        smtp_credentials: Option<List<RefRow>> = "smtpCredentials",
    }
}

object! {
    pub(crate) struct RefRow {
        value: Text = "value",
    }
}

impl UserRow {
    pub(crate) fn into_record(self, interner: &Interner, names: &Names) -> UserRecord {
        use UserAttribute as A;
        let mut odd = Unreadable::default();
        let flags = odd.open(self.capabilities, &CAPABILITIES);
        let capabilities =
            Capabilities::from_fn(|kind| capability(odd.flag(A::Capability(kind), flags.of(kind))));
        let console_password = capability(odd.flag(A::ConsolePassword, flags.console_password));
        // `userName` is returned always, so a row without it is one in which it could not be read.
        let name = self.user_name.get();
        odd.note(A::Name, name.is_none());
        odd.note(A::Ocid, self.ocid.is_odd());
        let user = User {
            ocid: self.ocid.get(),
            email: email(self.emails, &mut odd),
            active: odd.flag(A::Active, self.active),
            capabilities,
            console_password,
            ..User::named(
                interner.intern(self.id.as_ref().map_or("", |id| id)),
                name.as_deref().unwrap_or_default(),
            )
        };
        let details = DetailsRow {
            meta: self.meta,
            user_type: self.user_type,
            groups: self.groups,
            user: self.user,
            state: self.state,
            mfa: self.mfa,
            tags: self.tags,
        };
        let user = details.complete(user, odd, names);
        let (mut returned, mut unreadable) = (KindSet::default(), KindSet::default());
        let refs = self.index.get().map(|index| index.0.into_refs(&mut returned, &mut unreadable));
        let returned = refs.is_some().then_some(returned);
        UserRecord { user, refs, returned, unreadable }
    }
}

const CAPABILITIES: [UserAttribute; 7] = [
    UserAttribute::ConsolePassword,
    UserAttribute::Capability(Kind::ApiKey),
    UserAttribute::Capability(Kind::AuthToken),
    UserAttribute::Capability(Kind::CustomerSecretKey),
    UserAttribute::Capability(Kind::DbCredential),
    UserAttribute::Capability(Kind::Oauth2ClientCredential),
    UserAttribute::Capability(Kind::SmtpCredential),
];

impl CapabilityRow {
    const fn of(&self, kind: Kind) -> Flag {
        match kind {
            Kind::ApiKey => self.api_keys,
            Kind::AuthToken => self.auth_tokens,
            Kind::CustomerSecretKey => self.customer_secret_keys,
            Kind::DbCredential => self.db_credentials,
            Kind::Oauth2ClientCredential => self.oauth2_client_credentials,
            Kind::SmtpCredential => self.smtp_credentials,
        }
    }
}

impl IndexRow {
    /// What it names; says of which kinds it has a list, and of which it names something that cannot be read. A list that is
    /// null is the same as none (RFC 7643, section 2.5).
    fn into_refs(self, returned: &mut KindSet, unreadable: &mut KindSet) -> Box<[(Kind, CredentialId)]> {
        let lists = [
            (Kind::ApiKey, self.api_keys),
            (Kind::AuthToken, self.auth_tokens),
            (Kind::CustomerSecretKey, self.customer_secret_keys),
            (Kind::DbCredential, self.db_credentials),
            (Kind::Oauth2ClientCredential, self.oauth2_client_credentials),
            (Kind::SmtpCredential, self.smtp_credentials),
        ];
        let mut refs = Vec::new();
        for (kind, list) in lists {
            let Items { objects, odd } = match list.unwrap_or_default() {
                Lenient::Is(list) => list,
                Lenient::Absent => continue,
                Lenient::Odd => {
                    unreadable.insert(kind);
                    continue;
                }
            };
            returned.insert(kind);
            let named = objects.len();
            let usable = objects.into_iter().filter(|each| is_id(&each.value));
            let ids = usable.filter_map(|each| each.value.get()).map(|id| (kind, CredentialId::new(&id)));
            let before = refs.len();
            refs.extend(ids);
            if odd > 0 || refs.len() - before < named {
                unreadable.insert(kind);
            }
        }
        refs.into()
    }
}

object! {
    pub(crate) struct CredentialRow {
        id: Text = "id",
        meta: Object<MetaRow> = "meta",
        user: Object<OwnerRow> = "user",
        display_name: Text = "displayName",
        name: Text = "name",
        description: Text = "description",
        fingerprint: Text = "fingerprint",
        last_set_date: Date = "lastSetDate",
        expires_on: Date = "expiresOn",
    }
}

impl Row for CredentialRow {
    fn is_usable(&self) -> bool {
        is_id(&self.id)
    }
}

object! {
    pub(crate) struct MetaRow {
        created: Date = "created",
    }
}

object! {
    pub(crate) struct OwnerRow {
        value: Text = "value",
        ocid: Text = "ocid",
        name: Text = "name",
        display: Text = "display",
    }
}

impl CredentialRow {
    pub(crate) fn into_credential(self, kind: Kind, interner: &Interner) -> Credential {
        use CredentialField as F;
        let mut odd = FieldSet::NONE;
        let mut note = |field: F, is_odd: bool| {
            if is_odd {
                odd.insert(field);
            }
        };
        let mut without_meta = false;
        let created = self.meta.open(&mut without_meta).created;
        note(F::Created, without_meta || created.is_odd());
        note(F::LastSet, self.last_set_date.is_odd());
        note(F::ExpiresOn, self.expires_on.is_odd());
        let named = [self.description, self.display_name, self.name];
        note(F::Description, named.iter().any(Lenient::is_odd));
        note(F::Fingerprint, self.fingerprint.is_odd());
        let owner = self.user.get().unwrap_or_default().0;
        note(F::OwnerName, owner.is_name_odd());
        let (owner, owner_name) = owner.split(interner);
        // `user.value` and `user.ocid` are returned always, so a row without both is one in which they could not be read.
        note(F::Owner, owner.as_str().is_empty());
        Credential {
            id: CredentialId::new(self.id.as_ref().map_or("", |id| id)),
            kind,
            owner,
            owner_name,
            description: named.into_iter().filter_map(Lenient::get).find(|text| !text.trim().is_empty()),
            fingerprint: self.fingerprint.get(),
            created: date(created),
            last_set: date(self.last_set_date),
            expires_on: date(self.expires_on),
            source: Source::Listed,
            unreadable: odd,
        }
    }
}

impl OwnerRow {
    fn is_name_odd(&self) -> bool {
        let unnamed = self.name.as_ref().is_none() && self.display.as_ref().is_none();
        unnamed && (self.name.is_odd() || self.display.is_odd())
    }

    fn split(self, interner: &Interner) -> (UserId, Option<Box<str>>) {
        let id = [self.value, self.ocid].into_iter().find(is_id).and_then(Lenient::get).unwrap_or_default();
        (interner.intern(&id), self.name.get().or_else(|| self.display.get()))
    }
}

fn date(date: Date) -> DateReading {
    match date {
        Lenient::Is(date) => date,
        Lenient::Absent => DateReading::Missing,
        Lenient::Odd => DateReading::Unreadable("(not a text)".into()),
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
