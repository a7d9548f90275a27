//! What can be wrong with a profile, each with its place and remedy.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::key::KeyError;
use crate::profile::ini::IniError;
use crate::signer::SignError;

/// Why nothing could be signed.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// There is no home to look for a configuration file in.
    #[error("no home directory is known to look for .oci/config in; give --config-file PATH")]
    NoHome,
    /// There is no configuration file.
    #[error("there is no OCI configuration file at {}; create one with `oci setup config`, or give --config-file PATH", path.display())]
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
    #[error("{} has no profile {name}{}; it has {}", path.display(), did_you_mean(nearest.as_deref()), list(names))]
    NoSuchProfile {
        /// What was asked for.
        name: String,
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
    /// A key inside the configuration file.
    #[error(
        "{origin}: a key does not belong into the configuration file; save it in a file of its own and name that as `key_file`"
    )]
    KeyContent {
        /// Where it stands.
        origin: String,
    },
    /// A file that the profile names is not there.
    #[error("{origin} names the {what} {}, which does not exist{}", path.display(), if *quoted { "; the quotes are taken as part of the path, so remove them" } else { "" })]
    NoFile {
        /// Which file.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Where it is named.
        origin: String,
        /// Whether the path was written in quotes.
        quoted: bool,
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
    /// A way to sign in that is not there.
    #[error("{origin} asks to sign in by `{method}`; supported are api_key and security_token")]
    UnsupportedMethod {
        /// What was asked for.
        method: String,
        /// Where.
        origin: String,
    },
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean {name}?)"))
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none at all".to_owned() } else { names.join(", ") }
}
