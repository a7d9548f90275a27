//! The private key that a profile names.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::signature::RsaKeyPair;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::AuthWarning;
use super::error::AuthError;
use crate::key;
use crate::profile::Profile;

/// A key, and what there is to say about its file.
pub(super) struct Loaded {
    pub(super) pair: Arc<RsaKeyPair>,
    pub(super) place: String,
    /// The file, if it is in one.
    pub(super) path: Option<PathBuf>,
    pub(super) warnings: Vec<AuthWarning>,
}

/// Reads the key of a profile, from the file or from `OCI_CLI_KEY_CONTENT`.
pub(super) fn load(profile: &Profile) -> Result<Loaded, AuthError> {
    if let Some(setting) = profile.setting("key_content", &[]) {
        return Err(AuthError::KeyContent { origin: setting.origin });
    }
    let passphrase =
        profile.setting("pass_phrase", &["OCI_CLI_PASSPHRASE"]).map(|text| SecretString::from(text.value));
    if let Some(content) = profile.env().get("OCI_CLI_KEY_CONTENT") {
        let place = "in OCI_CLI_KEY_CONTENT".to_owned();
        let pair = key::read(content.as_bytes(), passphrase.as_ref());
        let pair = pair.map_err(|cause| AuthError::Key { place: place.clone(), cause })?;
        return Ok(Loaded { pair, place, path: None, warnings: Vec::new() });
    }
    let file = profile.required("key_file", "OCI_CLI_KEY_FILE")?;
    let path = profile.env().expand(&file.value);
    let text = read_file("private key", &path, &file.value, &file.origin)?;
    let place = path.display().to_string();
    let pair = key::read(&text, passphrase.as_ref())
        .map_err(|cause| AuthError::Key { place: place.clone(), cause })?;
    let warnings = warnings(&path, profile);
    Ok(Loaded { pair, place, path: Some(path), warnings })
}

/// Reads a file that a profile names.
pub(super) fn read_file(
    what: &'static str,
    path: &Path,
    written: &str,
    origin: &str,
) -> Result<Zeroizing<Vec<u8>>, AuthError> {
    fs::read(path).map(Zeroizing::new).map_err(|error| match error.kind() {
        ErrorKind::NotFound => AuthError::NoFile {
            what,
            path: path.to_owned(),
            origin: origin.to_owned(),
            quoted: written.starts_with(['"', '\'']),
        },
        _ => AuthError::UnreadableFile { what, path: path.to_owned(), cause: error.to_string() },
    })
}

#[cfg(unix)]
fn warnings(path: &Path, profile: &Profile) -> Vec<AuthWarning> {
    use std::os::unix::fs::PermissionsExt;
    let quiet = profile.env().get("OCI_CLI_SUPPRESS_FILE_PERMISSIONS_WARNING");
    if quiet.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Vec::new();
    }
    let mode = fs::metadata(path).map_or(0, |found| found.permissions().mode() & 0o777);
    let readable = mode & 0o077 != 0;
    readable.then(|| AuthWarning::KeyReadableByOthers { path: path.to_owned(), mode }).into_iter().collect()
}

#[cfg(not(unix))]
fn warnings(_path: &Path, _profile: &Profile) -> Vec<AuthWarning> {
    Vec::new()
}
