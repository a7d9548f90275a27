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
use crate::key::{self, KeyError};
use crate::profile::surplus::Surplus;
use crate::profile::{Profile, Setting};

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
    let passphrase = profile.setting("pass_phrase", &["OCI_CLI_PASSPHRASE"]);
    if let Some(content) = profile.env().get("OCI_CLI_KEY_CONTENT") {
        let place = "in OCI_CLI_KEY_CONTENT".to_owned();
        let pair = open(content.as_bytes(), &place, passphrase)?;
        return Ok(Loaded { pair, place, path: None, warnings: Vec::new() });
    }
    let file = profile.required("key_file", "OCI_CLI_KEY_FILE")?;
    let path = profile.env().expand(&file.value);
    let text = read_file("private key", &file, profile)?;
    let place = path.display().to_string();
    let pair = open(&text, &place, passphrase)?;
    let warnings = warnings(&path, profile);
    Ok(Loaded { pair, place, path: Some(path), warnings })
}

fn open(text: &[u8], place: &str, passphrase: Option<Setting>) -> Result<Arc<RsaKeyPair>, AuthError> {
    let secret = passphrase.as_ref().map(|said| SecretString::from(said.value.clone()));
    key::read(text, secret.as_ref()).map_err(|cause| match passphrase {
        // Nearly anything may belong to a pass phrase, so what is odd in one is told only when it opens nothing.
        Some(said) if cause == KeyError::WrongPassphrase => match Surplus::of_text(&said.value) {
            Some(surplus) => {
                AuthError::PassphraseSurplus { place: place.to_owned(), origin: said.origin, surplus }
            }
            None => AuthError::Key { place: place.to_owned(), cause },
        },
        _ => AuthError::Key { place: place.to_owned(), cause },
    })
}

/// Reads a file that a profile names.
pub(super) fn read_file(
    what: &'static str,
    said: &Setting,
    profile: &Profile,
) -> Result<Zeroizing<Vec<u8>>, AuthError> {
    let path = profile.env().expand(&said.value);
    let is_file = |text: &str| profile.env().expand(text).is_file();
    fs::read(&path).map(Zeroizing::new).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => AuthError::NoFile {
            what,
            path: path.clone(),
            origin: said.origin.clone(),
            surplus: Surplus::of_path(&said.value, is_file),
        },
        _ => AuthError::UnreadableFile { what, path: path.clone(), cause: error.to_string() },
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

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::KeySize;
    use pkcs8::der::Encode;
    use pkcs8::der::asn1::OctetStringRef;
    use pkcs8::pkcs5::pbes2;
    use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, SecretDocument};

    use super::*;

    fn sealed(passphrase: &str) -> String {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let parameters =
            pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(1_000, b"saltsalt", [7; 16]).unwrap();
        let encrypted = parameters.encrypt(passphrase, der.as_ref()).unwrap();
        let info = EncryptedPrivateKeyInfoRef {
            encryption_algorithm: parameters.into(),
            encrypted_data: OctetStringRef::new(&encrypted).unwrap(),
        };
        let document = SecretDocument::try_from(info.to_der().unwrap()).unwrap();
        document.to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF).unwrap().to_string()
    }

    #[test]
    fn a_pass_phrase_may_hold_anything_and_what_is_odd_is_told_when_it_does_not_open() {
        let opened = |sealed_with: &str, said: &str| {
            let said = Setting { value: said.to_owned(), origin: "config line 7".to_owned() };
            open(sealed(sealed_with).as_bytes(), "key.pem", Some(said)).map(drop)
        };
        assert!(opened("\"a # b\"", "\"a # b\"").is_ok(), "odd, and right");
        for odd in ["\"hunter2\"", "hunter2 # mine", "“hunter2”", "hunter2\n"] {
            let error = opened("hunter2", odd).unwrap_err();
            let text = error.to_string();
            assert!(matches!(error, AuthError::PassphraseSurplus { .. }), "{odd}: {text}");
            assert!(text.contains("config line 7") && !text.contains("hunter2"), "{text}");
        }
        assert!(matches!(opened("hunter2", "hunter3"), Err(AuthError::Key { .. })), "plainly wrong");
    }
}
