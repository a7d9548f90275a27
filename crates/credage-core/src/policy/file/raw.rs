//! The policy file as it is written. The comments here are what the documentation and the schema say.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml::value::Datetime;

use crate::kind::Kind;

/// What is allowed, what is excepted, and who is told.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "credage.toml")]
pub(super) struct RawPolicy {
    /// How days are counted: `instants` (24 hours from the instant of creation on) or `calendar` (days of the calendar in
    /// `time_zone`). Default: `instants`.
    #[schemars(with = "Option<BoundaryName>")]
    pub(super) boundary: Option<Spanned<String>>,
    /// The time zone of calendar days, such as `Europe/Berlin`. Only with `boundary = "calendar"`.
    #[schemars(with = "Option<String>")]
    pub(super) time_zone: Option<Spanned<String>>,
    /// How far ahead a waiver may end. Default: `365d`.
    #[schemars(with = "Option<RawDays>")]
    pub(super) max_waiver: Option<Spanned<RawDays>>,
    /// How old credentials may become.
    pub(super) rotation: RawRotation,
    /// Classes of users with limits of their own, such as machines. The class that names a user most closely wins.
    pub(super) class: Vec<RawClass>,
    /// How grave the findings of each rule are, and its settings (`docs/rules.md`).
    #[schemars(schema_with = "super::schema::rules")]
    pub(super) rules: Option<IgnoredAny>,
    /// Exceptions, each with a reason, somebody who approved it, and an end.
    #[schemars(with = "Vec<RawWaiver>")]
    pub(super) waiver: Vec<Spanned<RawWaiver>>,
    /// Kinds of domains that are known to be empty, where the domain itself does not tell "none" from "not visible".
    #[schemars(with = "Vec<RawConfirmedEmpty>")]
    pub(super) confirmed_empty: Vec<Spanned<RawConfirmedEmpty>>,
    /// Whether a kind that is `unconfirmed` (nothing tells "none" from "not visible") makes the audit incomplete, so that it
    /// exits with 3. Default: false.
    #[schemars(with = "Option<bool>")]
    pub(super) strict: Option<Spanned<bool>>,
    /// Who is told of findings (`docs/notifications.md`).
    #[schemars(schema_with = "super::schema::channels")]
    pub(super) channel: Option<IgnoredAny>,
}

#[derive(JsonSchema)]
#[schemars(rename = "Boundary", rename_all = "snake_case")]
#[expect(dead_code, reason = "only the schema is made of it")]
enum BoundaryName {
    Instants,
    Calendar,
}

/// How old credentials may become, and from when on they are warned of. A credential's own expiry is always honoured.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Rotation")]
pub(super) struct RawRotation {
    /// The age at which a credential is overdue. Default: `90d`, as the CIS benchmark wants it.
    #[schemars(with = "Option<RawDays>")]
    pub(super) max_age: Option<Spanned<RawDays>>,
    /// How long before it is due a credential is due soon. Default: `15d`.
    #[schemars(with = "Option<RawDays>")]
    pub(super) warn_before: Option<Spanned<RawDays>>,
    /// Whether age does not matter; own expiry still does. Default: false.
    #[schemars(with = "Option<bool>")]
    pub(super) exempt: Option<Spanned<bool>>,
    /// Another limit for API keys.
    pub(super) api_key: Option<RawLimit>,
    /// Another limit for auth tokens.
    pub(super) auth_token: Option<RawLimit>,
    /// Another limit for customer secret keys.
    pub(super) customer_secret_key: Option<RawLimit>,
    /// Another limit for database passwords.
    pub(super) db_credential: Option<RawLimit>,
    /// Another limit for OAuth 2.0 client credentials.
    pub(super) oauth2_client_credential: Option<RawLimit>,
    /// Another limit for SMTP credentials.
    pub(super) smtp_credential: Option<RawLimit>,
}

/// The limit of one kind. What is not given is taken from around it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Limit")]
pub(super) struct RawLimit {
    /// The age at which a credential is overdue.
    #[schemars(with = "Option<RawDays>")]
    pub(super) max_age: Option<Spanned<RawDays>>,
    /// How long before it is due a credential is due soon.
    #[schemars(with = "Option<RawDays>")]
    pub(super) warn_before: Option<Spanned<RawDays>>,
    /// Whether age does not matter; own expiry still does.
    #[schemars(with = "Option<bool>")]
    pub(super) exempt: Option<Spanned<bool>>,
}

/// A class of users with limits of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Class")]
pub(super) struct RawClass {
    /// Its name, such as `machines`.
    #[schemars(with = "String")]
    pub(super) name: Spanned<String>,
    /// Whom it means: every criterion that is given must hold.
    #[serde(rename = "match")]
    #[schemars(with = "RawMembers")]
    pub(super) members: Spanned<RawMembers>,
    /// What comes before closeness, where two classes claim the same user; the greater wins. Default: 0.
    #[serde(default)]
    pub(super) priority: i32,
    /// The age at which a credential is overdue.
    #[schemars(with = "Option<RawDays>")]
    pub(super) max_age: Option<Spanned<RawDays>>,
    /// How long before it is due a credential is due soon.
    #[schemars(with = "Option<RawDays>")]
    pub(super) warn_before: Option<Spanned<RawDays>>,
    /// Whether age does not matter; own expiry still does.
    #[schemars(with = "Option<bool>")]
    pub(super) exempt: Option<Spanned<bool>>,
    /// Another limit for API keys.
    pub(super) api_key: Option<RawLimit>,
    /// Another limit for auth tokens.
    pub(super) auth_token: Option<RawLimit>,
    /// Another limit for customer secret keys.
    pub(super) customer_secret_key: Option<RawLimit>,
    /// Another limit for database passwords.
    pub(super) db_credential: Option<RawLimit>,
    /// Another limit for OAuth 2.0 client credentials.
    pub(super) oauth2_client_credential: Option<RawLimit>,
    /// Another limit for SMTP credentials.
    pub(super) smtp_credential: Option<RawLimit>,
}

/// Whom a class means. Every criterion that is given must hold; of the values of one, any is enough. In names `*` stands
/// for any text and `?` for one character, and case does not matter.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Members")]
pub(super) struct RawMembers {
    /// User names or ids, such as `svc-*`.
    #[schemars(with = "Texts")]
    pub(super) user: Texts,
    /// Groups of the domain that the user is in. Groups are read only where a class or a rule needs them.
    #[schemars(with = "Texts")]
    pub(super) group: Texts,
    /// User types, such as `Service` or `Contractor`.
    #[schemars(with = "Texts")]
    pub(super) user_type: Texts,
    /// Whether service users are meant, or all others.
    pub(super) service_user: Option<bool>,
    /// Tags with their values, such as `{ Class = "machine", "Operations.Team" = "data-*" }`; all must be there. Tags are
    /// read only where a class needs them.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(super) tag: BTreeMap<String, Spanned<String>>,
    /// Domains, by OCID, URL or display name.
    #[schemars(with = "Texts")]
    pub(super) domain: Texts,
}

/// An exception: whom or what it means, why, approved by whom, and until when. At least one of `user`, `credential` and
/// `kind` must be given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Waiver")]
pub(super) struct RawWaiver {
    /// User names or ids; `*` and `?` are wildcards.
    #[serde(default)]
    #[schemars(with = "Texts")]
    pub(super) user: Texts,
    /// Ids or fingerprints of credentials.
    #[serde(default)]
    #[schemars(with = "Texts")]
    pub(super) credential: Texts,
    /// Kinds, such as `api_key`.
    #[serde(default)]
    #[schemars(schema_with = "super::schema::kinds")]
    pub(super) kind: Texts,
    /// Domains, by OCID, URL or display name.
    #[serde(default)]
    #[schemars(with = "Texts")]
    pub(super) domain: Texts,
    /// Ids of rules that it excepts from; of those about users only without `kind` and `credential`. Default: all rules
    /// about credentials.
    #[serde(default)]
    #[schemars(schema_with = "super::schema::rule_ids")]
    pub(super) rule: Texts,
    /// Why. Required.
    #[schemars(with = "String")]
    pub(super) reason: Option<Spanned<String>>,
    /// Where it was asked for, such as `SEC-1234`.
    #[schemars(with = "Option<String>")]
    pub(super) ticket: Option<Spanned<String>>,
    /// Who allowed it. Required.
    #[schemars(with = "String")]
    pub(super) approved_by: Option<Spanned<String>>,
    /// The last day on which it holds, such as `2027-01-31`. Required; at most `max_waiver` ahead.
    #[schemars(schema_with = "super::schema::day")]
    pub(super) until: Option<Spanned<RawDay>>,
}

/// A confirmation that kinds of a domain are empty: of which, how that is known, approved by whom, and until when. Either
/// `kind` or `all = true` must be given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConfirmedEmpty")]
pub(super) struct RawConfirmedEmpty {
    /// Domains, by OCID, URL or display name. Default: all.
    #[serde(default)]
    #[schemars(with = "Texts")]
    pub(super) domain: Texts,
    /// Kinds, such as `smtp_credential`; the key may also be written `kinds`.
    #[serde(default, alias = "kinds")]
    #[schemars(schema_with = "super::schema::kinds")]
    pub(super) kind: Texts,
    /// Whether every kind is meant.
    #[schemars(with = "Option<bool>")]
    pub(super) all: Option<Spanned<bool>>,
    /// How it is known. Required.
    #[schemars(with = "String")]
    pub(super) reason: Option<Spanned<String>>,
    /// Where it was discussed, such as `SEC-1234`.
    #[schemars(with = "Option<String>")]
    pub(super) ticket: Option<Spanned<String>>,
    /// Who approved it. Required.
    #[schemars(with = "String")]
    pub(super) approved_by: Option<Spanned<String>>,
    /// The last day on which it holds, such as `2027-01-31`. Required; at most `max_waiver` ahead.
    #[schemars(schema_with = "super::schema::day")]
    pub(super) until: Option<Spanned<RawDay>>,
}

/// A number of days, as a text or a whole number.
#[derive(Clone, Debug)]
pub(super) struct RawDays(pub(super) String);

/// A day, as a date or a text.
#[derive(Clone, Debug)]
pub(super) struct RawDay(pub(super) String);

/// One text or several.
#[derive(Debug, Default)]
pub(super) struct Texts(pub(super) Vec<Spanned<String>>);

/// What holds a limit for each kind.
pub(super) trait ByKind {
    /// What it says of one kind.
    fn of(&self, kind: Kind) -> Option<&RawLimit>;
}

macro_rules! by_kind {
    ($raw:ty) => {
        impl ByKind for $raw {
            fn of(&self, kind: Kind) -> Option<&RawLimit> {
                match kind {
                    Kind::ApiKey => self.api_key.as_ref(),
                    Kind::AuthToken => self.auth_token.as_ref(),
                    Kind::CustomerSecretKey => self.customer_secret_key.as_ref(),
                    Kind::DbCredential => self.db_credential.as_ref(),
                    Kind::Oauth2ClientCredential => self.oauth2_client_credential.as_ref(),
                    Kind::SmtpCredential => self.smtp_credential.as_ref(),
                }
            }
        }
    };
}
by_kind!(RawRotation);
by_kind!(RawClass);

impl<'de> Deserialize<'de> for RawDays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Days;
        impl Visitor<'_> for Days {
            type Value = RawDays;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of days such as \"90d\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RawDays, E> {
                Ok(RawDays(text.to_owned()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<RawDays, E> {
                Ok(RawDays(number.to_string()))
            }
        }
        deserializer.deserialize_any(Days)
    }
}

impl JsonSchema for RawDays {
    fn schema_name() -> Cow<'static, str> {
        "Days".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                {"type": "string", "pattern": "^[0-9]{1,5}[dDwW]?$"},
                {"type": "integer", "minimum": 0, "maximum": 36500},
            ],
        })
    }
}

impl<'de> Deserialize<'de> for RawDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a day such as 2027-01-31")]
        enum Written {
            Day(Datetime),
            Text(String),
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Day(day) => day.to_string(),
            Written::Text(text) => text,
        }))
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Vec<Spanned<String>>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(vec![Spanned::new(0..0, text.to_owned())])
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = items.next_element()? {
                    texts.push(text);
                }
                // No name is not everybody: a list that came out empty must not widen what it narrows.
                if texts.is_empty() {
                    return Err(de::Error::custom("an empty list means nobody"));
                }
                Ok(texts)
            }
        }
        // The place of a single text is that of the whole value.
        struct Placed(Vec<Spanned<String>>);
        impl<'de> Deserialize<'de> for Placed {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(OneOrMore).map(Self)
            }
        }
        let placed = Spanned::<Placed>::deserialize(deserializer)?;
        let span = placed.span();
        let texts = placed.into_inner().0.into_iter();
        let place = |text: Spanned<String>| {
            if text.span().is_empty() { Spanned::new(span.clone(), text.into_inner()) } else { text }
        };
        Ok(Self(texts.map(place).collect()))
    }
}

impl JsonSchema for Texts {
    fn schema_name() -> Cow<'static, str> {
        "Texts".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}]})
    }
}
