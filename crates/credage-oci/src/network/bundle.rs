//! The certificates that are trusted beside the platform's own.

use std::fs;
use std::path::{Path, PathBuf};

use reqwest::Certificate;

use super::NetworkError;
use crate::profile::cli_rc::CliRc;
use crate::profile::{Environment, Profile, Setting};

/// The bundle to trust, and where it is named: by our own option, or as the OCI CLI has it.
pub(super) fn named(given: Option<&Path>, rc: &CliRc, env: &Environment) -> Option<(PathBuf, String)> {
    let given = given.map(|path| (path.to_owned(), "--ca-bundle".to_owned()));
    let variable = |name: &str| Some((env.expand(env.get(name)?), name.to_owned()));
    let of_cli = || {
        let profile = Profile::name(None, rc, env).value;
        let Setting { value, origin } = rc.default_of(&profile, "cert-bundle")?;
        Some((env.expand(&value), origin))
    };
    given
        .or_else(|| variable("OCI_CLI_CERT_BUNDLE"))
        .or_else(of_cli)
        .or_else(|| variable("REQUESTS_CA_BUNDLE"))
        .or_else(|| variable("CURL_CA_BUNDLE"))
}

/// Its certificates, as they are and as the HTTP client takes them.
pub(super) fn read(path: &Path, origin: &str) -> Result<(Vec<u8>, Vec<Certificate>), NetworkError> {
    let read = if path.is_dir() { read_folder(path) } else { fs::read(path) };
    let pem = read.map_err(|error| NetworkError::NoBundle {
        path: path.to_owned(),
        origin: origin.to_owned(),
        cause: error.to_string(),
    })?;
    let roots = Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if roots.is_empty() {
        return Err(NetworkError::EmptyBundle { path: path.to_owned(), origin: origin.to_owned() });
    }
    Ok((pem, roots))
}

/// A folder of certificates, such as /etc/ssl/certs, which `REQUESTS_CA_BUNDLE` may name as well. What else is in it is
/// passed over.
fn read_folder(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut files: Vec<PathBuf> = fs::read_dir(path)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort_unstable();
    let mut pem = Vec::new();
    for file in files.into_iter().filter(|file| file.is_file()) {
        let text = fs::read(file).unwrap_or_default();
        if Certificate::from_pem_bundle(&text).is_ok_and(|roots| !roots.is_empty()) {
            pem.extend_from_slice(&text);
            pem.push(b'\n');
        }
    }
    Ok(pem)
}
