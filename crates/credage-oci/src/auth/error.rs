//! What can be wrong with a profile, each with its place and remedy.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::key::KeyError;
use crate::profile::ini::IniError;
use crate::profile::surplus::Surplus;
use crate::signer::SignError;

/// Why nothing could be signed.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// There is no home to look for a configuration file in.
    #[error("no home directory is known to look for .oci/config in; give --config-file PATH")]
    NoHome,
    /// There is no configuration file.
    #[error("there is no OCI configuration file at {}, and the environment offers no other way to sign in; create one with `oci setup config`, give --config-file PATH, or --auth METHOD", path.display())]
    NoConfigFile {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file is there and cannot be read.
    #[error("the {what} {} cannot be read: {cause}", path.display())]
    UnreadableFile {
        /// Which file.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: String,
    },
    /// The configuration file is no text.
    #[error("{} line {line} is not UTF-8 text; save the file as UTF-8", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// The configuration file is malformed.
    #[error("{}: {cause}", path.display())]
    MalformedFile {
        /// The file.
        path: PathBuf,
        /// The line and what is wrong with it.
        cause: IniError,
    },
    /// No profile of that name.
    #[error("{} has no profile {name}{}{}; it has {}", path.display(), named_in(origin), did_you_mean(nearest.as_deref()), list(names))]
    NoSuchProfile {
        /// What was asked for.
        name: String,
        /// Where it was asked for.
        origin: String,
        /// The file.
        path: PathBuf,
        /// What it has.
        names: Vec<String>,
        /// What was probably meant.
        nearest: Option<String>,
    },
    /// A profile without something that it needs.
    #[error("the profile {profile} ({place}) has no `{key}`; add it, or set {variable}")]
    MissingKey {
        /// What is missing.
        key: &'static str,
        /// The variable that would do as well.
        variable: &'static str,
        /// The profile.
        profile: String,
        /// Where it stands.
        place: String,
    },
    /// A value that cannot be right.
    #[error("{origin}: `{value}` is no {key}; {expected}")]
    MalformedValue {
        /// Which value.
        key: &'static str,
        /// What it is.
        value: String,
        /// Where it stands.
        origin: String,
        /// What it should look like.
        expected: &'static str,
    },
    /// A value with something in it that does not belong to it.
    #[error(
        "{origin}: {} {} taken as part of the value of `{key}`; remove {} and write only `{}`",
        surplus.in_words(),
        surplus.verb(),
        surplus.pronoun(),
        surplus.rest
    )]
    Surplus {
        /// Which value.
        key: &'static str,
        /// Where it stands.
        origin: String,
        /// What is too much.
        surplus: Surplus,
    },
    /// A pass phrase that opens nothing, and that has something odd in it.
    #[error(
        "the key {place} does not open with the pass phrase of {origin}, where {} {} taken as part of it; remove {} if \
         that is not meant, or correct the pass phrase",
        surplus.in_general(),
        surplus.verb(),
        surplus.pronoun()
    )]
    PassphraseSurplus {
        /// The key.
        place: String,
        /// Where the pass phrase stands.
        origin: String,
        /// What is odd in it.
        surplus: Surplus,
    },
    /// A key inside the configuration file.
    #[error(
        "{origin}: a key does not belong into the configuration file; save it in a file of its own and name that as `key_file`"
    )]
    KeyContent {
        /// Where it stands.
        origin: String,
    },
    /// A file that the profile names is not there.
    #[error("{origin} names the {what} {}, which does not exist{}", path.display(), too_much(surplus.as_ref()))]
    NoFile {
        /// Which file.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Where it is named.
        origin: String,
        /// What is probably too much in the path.
        surplus: Option<Surplus>,
    },
    /// The key cannot be used.
    #[error("the key {place} {cause}")]
    Key {
        /// Where it is.
        place: String,
        /// What is wrong.
        cause: KeyError,
    },
    /// The fingerprint belongs to another key.
    #[error(
        "the key {place} has the fingerprint {actual}, but {origin} says {configured}; correct one of the two"
    )]
    FingerprintMismatch {
        /// The key.
        place: String,
        /// What it has.
        actual: String,
        /// What the profile says.
        configured: String,
        /// Where it says so.
        origin: String,
    },
    /// The session token is no token.
    #[error("the session token {} {problem}; get one with `oci session authenticate --profile-name {profile}`", path.display())]
    MalformedToken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
        /// The profile.
        profile: String,
    },
    /// The session is over.
    #[error(
        "the session token of the profile {profile} expired at {at}; run `oci session refresh --profile {profile}` before it does, or `oci session authenticate --profile-name {profile}` now"
    )]
    ExpiredToken {
        /// The profile.
        profile: String,
        /// When.
        at: Timestamp,
    },
    /// A delegation token that has ended.
    #[error(
        "the delegation token expired at {at}; open Cloud Shell again, which writes a fresh one, or name another file in OCI_CLI_DELEGATION_TOKEN_FILE"
    )]
    ExpiredDelegation {
        /// When.
        at: Timestamp,
    },
    /// No session key could be made.
    #[error("no session key could be made; the system's random source may be missing")]
    SessionKey,
    /// The environment does not hold what a way to sign in needs.
    #[error("signing in by {method} needs {variable}, which is not set")]
    MissingVariable {
        /// The variable.
        variable: &'static str,
        /// The way.
        method: &'static str,
    },
    /// Not an instance, or its metadata is switched off.
    #[error(
        "no instance metadata at {places} ({cause}); instance principals, and the delegation tokens of Cloud Shell, work on OCI compute instances alone, with metadata version 2 allowed"
    )]
    NoMetadata {
        /// Where it was looked for.
        places: String,
        /// What happened there.
        cause: String,
    },
    /// Metadata would be asked for in the clear somewhere else.
    #[error(
        "OCI_METADATA_BASE_URL is `{0}`, which is neither https:// nor an address of this machine's own link"
    )]
    MetadataUrl(String),
    /// A certificate that names no tenancy.
    #[error("the certificate in the instance's metadata names no tenancy; is this an OCI compute instance?")]
    NoTenancyInCertificate,
    /// The instance's certificate is of another tenancy than before.
    #[error(
        "the instance's certificate was of the tenancy {before} and is of {after} now; refusing to go on in another tenancy"
    )]
    TenancyChanged {
        /// Then.
        before: String,
        /// Now.
        after: String,
    },
    /// A resource principal of a version that is not known.
    #[error("OCI_RESOURCE_PRINCIPAL_VERSION is {0}; supported is 2.2")]
    ResourcePrincipalVersion(String),
    /// A resource principal's token that has ended.
    #[error(
        "the token in OCI_RESOURCE_PRINCIPAL_RPST expired at {at}, and whoever put it there has not put another; run again in a fresh container"
    )]
    ExpiredResourceToken {
        /// When.
        at: Timestamp,
    },
    /// A token that is none.
    #[error("{what}: the token {problem}")]
    BadToken {
        /// Whose.
        what: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A place for tokens that is no URL, or not a safe one.
    #[error("`{0}` is no https:// URL to ask for a token")]
    TokenUrl(String),
    /// No token for us.
    #[error(
        "{what} ({url}) refused a token with {status}: {message}; check the client, its rights and the clock"
    )]
    TokenRefused {
        /// Who.
        what: &'static str,
        /// Where.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What it said.
        message: String,
    },
    /// Nobody answered.
    #[error("{what} ({url}) gave no token: {cause}")]
    TokenUnavailable {
        /// Who.
        what: &'static str,
        /// Where.
        url: String,
        /// What happened.
        cause: String,
        /// What to do about it, where that is known.
        remedy: Option<&'static str>,
    },
    /// A token that speaks for somebody else's tenancy.
    #[error(
        "{what} gave a token of the tenancy {given} for a certificate of {asked}; refusing to go on in another tenancy"
    )]
    ForeignToken {
        /// Who.
        what: &'static str,
        /// The token's tenancy.
        given: String,
        /// The certificate's.
        asked: String,
    },
    /// A cluster that gives no tokens.
    #[error(
        "the cluster's proxy ({url}) refuses: workload identity needs an enhanced cluster (OKE, \"Comparing Enhanced Clusters with Basic Clusters\")"
    )]
    BasicCluster {
        /// Where.
        url: String,
    },
    /// A client of one domain asked about a tenancy.
    #[error(
        "an OAuth client belongs to one domain and cannot search a tenancy; name the domains with --domain-url"
    )]
    NoTenancy,
    /// Region metadata that cannot be used.
    #[error(transparent)]
    Region(#[from] crate::region::RegionError),
    /// The HTTP client could not be made.
    #[error(transparent)]
    Transport(#[from] crate::transport::TransportError),
    /// A way to sign in that is not there.
    #[error(
        "{origin} asks to sign in by `{method}`; supported are api_key, security_token, instance_principal, instance_obo_user, resource_principal, oke_workload_identity, oauth_client and token_exchange"
    )]
    UnsupportedMethod {
        /// What was asked for.
        method: String,
        /// Where.
        origin: String,
    },
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// No session could be begun; said to everybody who waited for it.
    #[error("{0}")]
    Repeated(Arc<AuthError>),
}

impl AuthError {
    /// What to do about it, where the message does not say.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Repeated(error) => error.remedy(),
            Self::TokenUnavailable { remedy, .. } => *remedy,
            Self::Region(error) => Some(error.remedy()),
            Self::ForeignToken { .. } | Self::TenancyChanged { .. } => Some(
                "check that OCI_METADATA_BASE_URL and OCI_CLI_FEDERATION_ENDPOINT are not set to somebody else's service",
            ),
            _ => None,
        }
    }
}

fn too_much(surplus: Option<&Surplus>) -> String {
    surplus.map_or_else(String::new, |surplus| {
        let (words, pronoun) = (surplus.in_words(), surplus.pronoun());
        format!(
            "; {words} is taken as part of the path, so remove {pronoun} and write only `{}`",
            surplus.rest
        )
    })
}

fn named_in(origin: &str) -> String {
    if matches!(origin, "--profile" | "the default") {
        String::new()
    } else {
        format!(", which {origin} names")
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean {name}?)"))
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none at all".to_owned() } else { names.join(", ") }
}
