//! The collections of a domain that the simulation serves.

use std::{fmt, str::FromStr};

/// A collection below `/admin/v1`, as in Oracle's Python SDK, `identity_domains_client.py`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Collection {
    /// `/admin/v1/Users`.
    Users,
    /// `/admin/v1/ApiKeys`.
    ApiKeys,
    /// `/admin/v1/AuthTokens`.
    AuthTokens,
    /// `/admin/v1/CustomerSecretKeys`.
    CustomerSecretKeys,
    /// `/admin/v1/OAuth2ClientCredentials`.
    OAuth2ClientCredentials,
    /// `/admin/v1/SmtpCredentials`.
    SmtpCredentials,
    /// `/admin/v1/UserDbCredentials`.
    UserDbCredentials,
}

impl Collection {
    /// Every collection, users first.
    pub const ALL: [Self; 7] = [
        Self::Users,
        Self::ApiKeys,
        Self::AuthTokens,
        Self::CustomerSecretKeys,
        Self::OAuth2ClientCredentials,
        Self::SmtpCredentials,
        Self::UserDbCredentials,
    ];

    /// The six collections of credentials.
    pub const CREDENTIALS: [Self; 6] = [
        Self::ApiKeys,
        Self::AuthTokens,
        Self::CustomerSecretKeys,
        Self::OAuth2ClientCredentials,
        Self::SmtpCredentials,
        Self::UserDbCredentials,
    ];

    /// The last segment of its path, such as `ApiKeys`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::ApiKeys => "ApiKeys",
            Self::AuthTokens => "AuthTokens",
            Self::CustomerSecretKeys => "CustomerSecretKeys",
            Self::OAuth2ClientCredentials => "OAuth2ClientCredentials",
            Self::SmtpCredentials => "SmtpCredentials",
            Self::UserDbCredentials => "UserDbCredentials",
        }
    }

    /// The word that credage uses for what is in it: `user`, or a kind such as `api_key`.
    pub const fn kind_name(self) -> &'static str {
        match self {
            Self::Users => "user",
            Self::ApiKeys => "api_key",
            Self::AuthTokens => "auth_token",
            Self::CustomerSecretKeys => "customer_secret_key",
            Self::OAuth2ClientCredentials => "oauth2_client_credential",
            Self::SmtpCredentials => "smtp_credential",
            Self::UserDbCredentials => "db_credential",
        }
    }

    /// `meta.resourceType` of its rows.
    pub(crate) const fn resource_type(self) -> &'static str {
        match self {
            Self::Users => "User",
            Self::ApiKeys => "ApiKey",
            Self::AuthTokens => "AuthToken",
            Self::CustomerSecretKeys => "CustomerSecretKey",
            Self::OAuth2ClientCredentials => "OAuth2ClientCredential",
            Self::SmtpCredentials => "SmtpCredential",
            Self::UserDbCredentials => "UserDbCredential",
        }
    }

    /// The schema that its rows name; the credentials' as in the acceptance tests of
    /// terraform-provider-oci (`internal/integrationtest/identity_domains_*_test.go`).
    pub(crate) const fn schema(self) -> &'static str {
        match self {
            Self::Users => "urn:ietf:params:scim:schemas:core:2.0:User",
            Self::ApiKeys => "urn:ietf:params:scim:schemas:oracle:idcs:apikey",
            Self::AuthTokens => "urn:ietf:params:scim:schemas:oracle:idcs:authToken",
            Self::CustomerSecretKeys => "urn:ietf:params:scim:schemas:oracle:idcs:customerSecretKey",
            Self::OAuth2ClientCredentials => {
                "urn:ietf:params:scim:schemas:oracle:idcs:oauth2ClientCredential"
            }
            Self::SmtpCredentials => "urn:ietf:params:scim:schemas:oracle:idcs:smtpCredential",
            Self::UserDbCredentials => "urn:ietf:params:scim:schemas:oracle:idcs:UserDbCredentials",
        }
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path())
    }
}

/// No collection has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no collection is called {0:?}; use Users, or a kind: api_key, auth_token, customer_secret_key, \
     db_credential, oauth2_client_credential, smtp_credential"
)]
pub struct UnknownCollection(pub String);

impl FromStr for Collection {
    type Err = UnknownCollection;

    /// Reads a path name (`ApiKeys`) or a kind name (`api_key`, `api-key`, `api_keys`), in any case.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let plain = |text: &str| {
            let text: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
            text.to_ascii_lowercase().trim_end_matches('s').to_owned()
        };
        let wanted = plain(name);
        Self::ALL
            .into_iter()
            .find(|collection| plain(collection.path()) == wanted || plain(collection.kind_name()) == wanted)
            .ok_or_else(|| UnknownCollection(name.to_owned()))
    }
}

/// One value for each collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PerCollection<T>([T; 7]);

impl<T> PerCollection<T> {
    /// Makes the value of each collection.
    pub(crate) fn build(make: impl FnMut(Collection) -> T) -> Self {
        Self(Collection::ALL.map(make))
    }

    /// The value of `collection`.
    pub(crate) const fn get(&self, collection: Collection) -> &T {
        let [users, api, auth, secret, oauth, smtp, db] = &self.0;
        match collection {
            Collection::Users => users,
            Collection::ApiKeys => api,
            Collection::AuthTokens => auth,
            Collection::CustomerSecretKeys => secret,
            Collection::OAuth2ClientCredentials => oauth,
            Collection::SmtpCredentials => smtp,
            Collection::UserDbCredentials => db,
        }
    }

    /// The value of `collection`, to change it.
    pub(crate) const fn get_mut(&mut self, collection: Collection) -> &mut T {
        let [users, api, auth, secret, oauth, smtp, db] = &mut self.0;
        match collection {
            Collection::Users => users,
            Collection::ApiKeys => api,
            Collection::AuthTokens => auth,
            Collection::CustomerSecretKeys => secret,
            Collection::OAuth2ClientCredentials => oauth,
            Collection::SmtpCredentials => smtp,
            Collection::UserDbCredentials => db,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_collection_is_found_by_path_and_by_kind() {
        for collection in Collection::ALL {
            assert_eq!(collection.path().parse(), Ok(collection));
            assert_eq!(collection.kind_name().parse(), Ok(collection));
        }
        assert_eq!("auth-tokens".parse(), Ok(Collection::AuthTokens));
        assert_eq!("swift".parse::<Collection>(), Err(UnknownCollection("swift".to_owned())));
    }
}
