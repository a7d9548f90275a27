//! Where each kind lives, and which of its attributes are asked for.
//!
//! Attributes are asked for by name, always: the defaults include password verifiers and salts, and have changed
//! under callers before. Names are those of the models in Oracle's Python SDK (`identity_domains/models`).

use credage_core::{Kind, UserDetails};

use super::details;

/// The collection of users.
pub(crate) const USERS: &str = "/admin/v1/Users";

const CAPABILITIES: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:capabilities:User";
const INDEX: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:userCredentials:User";

/// The path of a kind's collection.
pub(crate) const fn path(kind: Kind) -> &'static str {
    match kind {
        Kind::ApiKey => "/admin/v1/ApiKeys",
        Kind::AuthToken => "/admin/v1/AuthTokens",
        Kind::CustomerSecretKey => "/admin/v1/CustomerSecretKeys",
        Kind::DbCredential => "/admin/v1/UserDbCredentials",
        Kind::Oauth2ClientCredential => "/admin/v1/OAuth2ClientCredentials",
        Kind::SmtpCredential => "/admin/v1/SmtpCredentials",
    }
}

/// What is asked of every credential of a kind.
pub(crate) const fn attributes(kind: Kind) -> &'static str {
    match kind {
        Kind::ApiKey => "id,meta,user,description,fingerprint",
        Kind::AuthToken | Kind::SmtpCredential => "id,meta,user,description,expiresOn",
        Kind::CustomerSecretKey => "id,meta,user,displayName,description,expiresOn",
        Kind::DbCredential => "id,meta,user,name,description,lastSetDate,expiresOn",
        Kind::Oauth2ClientCredential => "id,meta,user,name,description,expiresOn",
    }
}

/// What is asked of every user, with the index of `kinds` and `details`.
///
/// The index's sub-attributes are returned on request only, so the extension's name alone would not do.
pub(crate) fn user_attributes(kinds: &[Kind], wanted: UserDetails) -> String {
    let of_kind = |&kind: &Kind| format!("{CAPABILITIES}:{},{INDEX}:{}", flag(kind), refs(kind));
    std::iter::once("id,ocid,userName,active,emails".to_owned())
        .chain(kinds.iter().map(of_kind))
        .chain(Some(details::attributes(wanted)).filter(|names| !names.is_empty()))
        .collect::<Vec<_>>()
        .join(",")
}

/// What is asked of one user to read their index of one kind again.
pub(crate) fn index_attributes(kind: Kind) -> String {
    format!("id,{INDEX}:{}", refs(kind))
}

const fn flag(kind: Kind) -> &'static str {
    match kind {
        Kind::ApiKey => "canUseApiKeys",
        Kind::AuthToken => "canUseAuthTokens",
        Kind::CustomerSecretKey => "canUseCustomerSecretKeys",
        Kind::DbCredential => "canUseDbCredentials",
        Kind::Oauth2ClientCredential => "canUseOAuth2ClientCredentials",
        Kind::SmtpCredential => "canUseSmtpCredentials",
    }
}

const fn refs(kind: Kind) -> &'static str {
    match kind {
        Kind::ApiKey => "apiKeys",
        Kind::AuthToken => "authTokens",
        Kind::CustomerSecretKey => "customerSecretKeys",
        Kind::DbCredential => "dbCredentials",
        Kind::Oauth2ClientCredential => "oAuth2ClientCredentials",
        Kind::SmtpCredential => "smtpCredentials",
    }
}
