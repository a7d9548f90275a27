//! The six kinds of long-lived credential that a user of an identity domain can hold.

use std::fmt;
use std::str::FromStr;

/// A kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A public key that signs API requests (`/admin/v1/ApiKeys`). Has no expiry of its own.
    ApiKey,
    /// An Oracle-generated token, for example for a container registry (`/admin/v1/AuthTokens`).
    AuthToken,
    /// An access key and secret for the S3-compatible API (`/admin/v1/CustomerSecretKeys`).
    CustomerSecretKey,
    /// A password for signing in to a database with the user's IAM name (`/admin/v1/UserDbCredentials`).
    DbCredential,
    /// An OAuth 2.0 client credential (`/admin/v1/OAuth2ClientCredentials`).
    Oauth2ClientCredential,
    /// A user name and password for the e-mail delivery service (`/admin/v1/SmtpCredentials`).
    SmtpCredential,
}

/// What lets a caller see other users' credentials of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// `read users`.
    ReadUsers,
    /// `inspect credentials`.
    InspectCredentials,
    /// The documentation names none.
    Undocumented,
}

/// A name that is none of the six kinds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a kind of credential; the kinds are api_key, auth_token, customer_secret_key, db_credential, \
     oauth2_client_credential and smtp_credential"
)]
pub struct UnknownKind(pub String);

impl Kind {
    /// How many kinds there are.
    pub const COUNT: usize = 6;

    /// All kinds, in the order in which every output shows them.
    pub const ALL: [Self; Self::COUNT] = [
        Self::ApiKey,
        Self::AuthToken,
        Self::CustomerSecretKey,
        Self::DbCredential,
        Self::Oauth2ClientCredential,
        Self::SmtpCredential,
    ];

    /// The name in every output and option: `api_key`, `auth_token` …
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::AuthToken => "auth_token",
            Self::CustomerSecretKey => "customer_secret_key",
            Self::DbCredential => "db_credential",
            Self::Oauth2ClientCredential => "oauth2_client_credential",
            Self::SmtpCredential => "smtp_credential",
        }
    }

    /// The name for people, in the singular: `API key`, `auth token` …
    pub const fn label(self) -> &'static str {
        match self {
            Self::ApiKey => "API key",
            Self::AuthToken => "auth token",
            Self::CustomerSecretKey => "customer secret key",
            Self::DbCredential => "database password",
            Self::Oauth2ClientCredential => "OAuth 2.0 client",
            Self::SmtpCredential => "SMTP credential",
        }
    }

    /// The right that lets a caller see other users' credentials of the kind (Oracle's IAM policy reference: `USER_READ`
    /// and `CREDENTIAL_INSPECT`). Database passwords are not in that table, so nothing else speaks for them.
    pub const fn right(self) -> Right {
        match self {
            Self::ApiKey | Self::AuthToken | Self::CustomerSecretKey | Self::Oauth2ClientCredential => {
                Right::ReadUsers
            }
            Self::SmtpCredential => Right::InspectCredentials,
            Self::DbCredential => Right::Undocumented,
        }
    }

    /// How many a user may have of it (Oracle's documentation, "Identity Domain Types: Object Limits").
    pub const fn slots(self) -> usize {
        match self {
            Self::ApiKey => 3,
            Self::Oauth2ClientCredential => 10,
            Self::AuthToken | Self::CustomerSecretKey | Self::DbCredential | Self::SmtpCredential => 2,
        }
    }

    /// The place in [`Kind::ALL`].
    pub const fn index(self) -> usize {
        match self {
            Self::ApiKey => 0,
            Self::AuthToken => 1,
            Self::CustomerSecretKey => 2,
            Self::DbCredential => 3,
            Self::Oauth2ClientCredential => 4,
            Self::SmtpCredential => 5,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    /// Takes the name with underscores or hyphens, in the singular or the plural, in any case.
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let name = text.trim().to_ascii_lowercase().replace('-', "_");
        let singular = name.strip_suffix('s').unwrap_or(&name);
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == singular)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// One value for each kind.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PerKind<T>([T; Kind::COUNT]);

impl<T> PerKind<T> {
    /// Makes the value of each kind.
    pub fn from_fn(mut make: impl FnMut(Kind) -> T) -> Self {
        Self(Kind::ALL.map(&mut make))
    }

    /// The value of one kind.
    pub fn get(&self, kind: Kind) -> &T {
        let [api_key, auth_token, secret_key, db, oauth2, smtp] = &self.0;
        match kind {
            Kind::ApiKey => api_key,
            Kind::AuthToken => auth_token,
            Kind::CustomerSecretKey => secret_key,
            Kind::DbCredential => db,
            Kind::Oauth2ClientCredential => oauth2,
            Kind::SmtpCredential => smtp,
        }
    }

    /// The value of one kind, to change it.
    pub fn get_mut(&mut self, kind: Kind) -> &mut T {
        let [api_key, auth_token, secret_key, db, oauth2, smtp] = &mut self.0;
        match kind {
            Kind::ApiKey => api_key,
            Kind::AuthToken => auth_token,
            Kind::CustomerSecretKey => secret_key,
            Kind::DbCredential => db,
            Kind::Oauth2ClientCredential => oauth2,
            Kind::SmtpCredential => smtp,
        }
    }

    /// Every kind with its value, in the order of [`Kind::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &T)> {
        Kind::ALL.into_iter().zip(self.0.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_in_the_spellings_people_use() {
        assert_eq!("auth_token".parse(), Ok(Kind::AuthToken));
        assert_eq!("api-keys".parse(), Ok(Kind::ApiKey));
        assert_eq!("OAuth2_Client_Credentials".parse(), Ok(Kind::Oauth2ClientCredential));
        assert!("password".parse::<Kind>().is_err());
    }

    #[test]
    fn the_place_of_a_kind_is_its_index() {
        let places = PerKind::from_fn(Kind::index);
        for (place, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind.index(), place);
            assert_eq!(*places.get(kind), place);
        }
    }
}
