//! The OCI configuration file that lets clients in.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;

use crate::clock;
use crate::error::SimError;
use crate::keyring::Keyring;
use crate::keys::{AUDITOR, Key, TENANCY};
use crate::sim::Sim;

/// The first line of every file that a simulation writes and may therefore replace.
const MARK: &str = "# written by credage sim";

/// The files of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileFiles {
    /// The configuration file.
    pub config: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Sim {
    /// Writes a configuration file with a DEFAULT profile, and its key, into a directory. Files that no simulation
    /// wrote are left alone.
    pub fn write_profile(&self, dir: &Path) -> Result<ProfileFiles, SimError> {
        write(dir, &self.key, TENANCY)
    }

    /// Adds a profile SESSION that signs in with a session token, to a configuration file that
    /// [`Sim::write_profile`] wrote.
    pub fn write_session(&self, files: &ProfileFiles) -> Result<(), SimError> {
        add_session(files, &self.tenancy.keyring, TENANCY, self.tenancy.config.session_lifetime)
    }
}

/// Adds a profile SESSION in a tenancy, whose token lasts for `lifetime`.
pub(crate) fn add_session(
    files: &ProfileFiles,
    keyring: &Keyring,
    tenancy: &str,
    lifetime: SignedDuration,
) -> Result<(), SimError> {
    let dir = files.config.parent().unwrap_or_else(|| Path::new("."));
    let (key_path, token_path) = (dir.join("session_key.pem"), dir.join("session_token"));
    let key = Key::generate()?;
    let expires = clock::now().checked_add(lifetime).unwrap_or(jiff::Timestamp::MAX);
    let token = key.token(tenancy, expires);
    keyring.welcome(key.token_signer(&token, expires));
    write_private(&key_path, &key.pem()?)?;
    write_private(&token_path, &token)?;
    let before = fs::read_to_string(&files.config)
        .map_err(|source| SimError::Write { path: files.config.clone(), source })?;
    let session = format!(
        "{before}\n[SESSION]\nfingerprint={}\nkey_file={}\nsecurity_token_file={}\n",
        key.fingerprint,
        key_path.display(),
        token_path.display()
    );
    write_private(&files.config, &session)
}

/// Writes a DEFAULT profile of the auditor in a tenancy, and the key.
pub(crate) fn write(dir: &Path, key: &Key, tenancy: &str) -> Result<ProfileFiles, SimError> {
    let files = ProfileFiles { config: dir.join("config"), key: dir.join("oci_api_key.pem") };
    let ours = fs::read_to_string(&files.config).is_ok_and(|text| text.starts_with(MARK));
    if !ours && let Some(taken) = [&files.config, &files.key].into_iter().find(|path| path.exists()) {
        return Err(SimError::WouldOverwrite(taken.clone()));
    }
    fs::create_dir_all(dir).map_err(|source| SimError::Write { path: dir.to_owned(), source })?;
    write_private(&files.key, &key.pem()?)?;
    let config = format!(
        "{MARK}\n[DEFAULT]\nuser={AUDITOR}\nfingerprint={}\ntenancy={tenancy}\nregion=us-ashburn-1\nkey_file={}\n",
        key.fingerprint,
        files.key.display()
    );
    write_private(&files.config, &config)?;
    Ok(files)
}

/// Writes a file that only its owner can read, from its first byte on.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), SimError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| SimError::Write { path: path.to_owned(), source })
}
