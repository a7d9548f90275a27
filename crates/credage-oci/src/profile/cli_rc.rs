//! The file that Oracle's command line interface keeps beside the profiles: `~/.oci/oci_cli_rc`.
//!
//! Read as `eager_load_cli_rc_file` and `load_default_values` of its `cli_root.py` do (oci-cli 3.95.1):
//! `[OCI_CLI_SETTINGS]` names the profile to take (`default_profile`) and a proxy, and the section of a profile, or
//! else `[DEFAULT]`, has defaults of options such as `auth`, `region` and `cert-bundle`.

use std::fs;
use std::path::{Path, PathBuf};

use super::ini::{Entry, Ini};
use super::{Environment, Setting, text_of};
use crate::auth::error::AuthError;

const SETTINGS: &str = "OCI_CLI_SETTINGS";

/// What the file says; nothing where there is none.
#[derive(Clone, Debug, Default)]
pub struct CliRc {
    path: PathBuf,
    ini: Ini,
}

impl CliRc {
    /// Finds and reads it.
    ///
    /// # Errors
    /// A file that is there and cannot be read or parsed: which profile it names would remain unknown.
    pub fn load(env: &Environment) -> Result<Self, AuthError> {
        let Some(path) = locate(env) else { return Ok(Self::default()) };
        let bytes = fs::read(&path).map_err(|error| AuthError::UnreadableFile {
            what: "settings file of the OCI CLI",
            path: path.clone(),
            cause: error.to_string(),
        })?;
        let text = text_of(bytes, &path)?;
        let ini =
            Ini::parse(&text).map_err(|cause| AuthError::MalformedFile { path: path.clone(), cause })?;
        Ok(Self { path, ini })
    }

    /// The profile to take where none is named.
    pub fn default_profile(&self) -> Option<Setting> {
        self.setting("default_profile")
    }

    /// A value of `[OCI_CLI_SETTINGS]`.
    pub fn setting(&self, key: &str) -> Option<Setting> {
        self.ini.own(SETTINGS, key).and_then(|entry| self.said(entry))
    }

    /// How to sign in under a profile: a default of the option `--auth`. The CLI does not look for it in
    /// `[OCI_CLI_SETTINGS]`; whoever wrote it there meant the same.
    pub fn auth(&self, profile: &str) -> Option<Setting> {
        self.default_of(profile, "auth").or_else(|| self.setting("auth"))
    }

    /// A default of an option under a profile.
    pub fn default_of(&self, profile: &str, option: &str) -> Option<Setting> {
        self.ini.get(profile, option).and_then(|entry| self.said(entry))
    }

    fn said(&self, entry: &Entry) -> Option<Setting> {
        let origin = format!("{} line {}", self.path.display(), entry.line);
        (!entry.value.is_empty()).then(|| Setting { value: entry.value.clone(), origin })
    }
}

/// The usual file wins over `OCI_CLI_RC_FILE`, since the CLI takes the default of its option for a choice.
fn locate(env: &Environment) -> Option<PathBuf> {
    let in_home = |name: &str| env.home().map(|home| home.join(".oci").join(name));
    let named = env.get("OCI_CLI_RC_FILE").map(|path| env.expand(path));
    let places = [in_home("oci_cli_rc"), named, in_home("cli-defaults")];
    places.into_iter().flatten().find(|path: &PathBuf| Path::new(path).exists())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn home(files: &[(&str, &str)]) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".oci")).unwrap();
        for (name, text) in files {
            fs::write(home.path().join(".oci").join(name), text).unwrap();
        }
        home
    }

    fn load(home: &tempfile::TempDir, variable: Option<&str>) -> Result<CliRc, AuthError> {
        let path = variable.map(|name| home.path().join(".oci").join(name).display().to_string());
        let variables: HashMap<_, _> =
            path.map(|path| ("OCI_CLI_RC_FILE".to_owned(), path)).into_iter().collect();
        CliRc::load(&Environment::new(variables, Some(home.path().to_owned())))
    }

    fn default_profile(rc: &CliRc) -> Option<String> {
        rc.default_profile().map(|said| said.value)
    }

    #[test]
    fn settings_and_defaults_are_told_apart() {
        let text = "[OCI_CLI_SETTINGS]\ndefault_profile = A\n[DEFAULT]\nauth=security_token\nregion=r\n[A]\nauth = api_key\n";
        let rc = load(&home(&[("oci_cli_rc", text)]), None).unwrap();
        assert_eq!(default_profile(&rc).as_deref(), Some("A"));
        assert!(rc.default_profile().unwrap().origin.ends_with("oci_cli_rc line 2"));
        assert_eq!(rc.auth("A").unwrap().value, "api_key");
        assert_eq!(rc.auth("B").unwrap().value, "security_token");
        assert_eq!(rc.default_of("A", "region").unwrap().value, "r");
        let in_settings = load(&home(&[("oci_cli_rc", "[OCI_CLI_SETTINGS]\nauth=api_key\n")]), None).unwrap();
        assert_eq!(in_settings.auth("A").unwrap().value, "api_key");
        let elsewhere = load(&home(&[("oci_cli_rc", "[DEFAULT]\ndefault_profile=A\n")]), None).unwrap();
        assert_eq!(default_profile(&elsewhere), None, "a default of an option is no setting");
    }

    #[test]
    fn the_usual_file_comes_first_and_the_former_one_last() {
        let of = |name: &str| format!("[OCI_CLI_SETTINGS]\ndefault_profile={name}\n");
        let (usual, named, former) = (of("USUAL"), of("NAMED"), of("FORMER"));
        let all = home(&[("oci_cli_rc", &usual), ("mine", &named), ("cli-defaults", &former)]);
        assert_eq!(default_profile(&load(&all, Some("mine")).unwrap()).as_deref(), Some("USUAL"));
        let two = home(&[("mine", &named), ("cli-defaults", &former)]);
        assert_eq!(default_profile(&load(&two, Some("mine")).unwrap()).as_deref(), Some("NAMED"));
        assert_eq!(default_profile(&load(&two, None).unwrap()).as_deref(), Some("FORMER"));
        assert_eq!(default_profile(&load(&home(&[]), Some("mine")).unwrap()), None);
    }

    #[test]
    fn what_cannot_be_parsed_is_not_passed_over() {
        let error = load(&home(&[("oci_cli_rc", "default_profile=A\n")]), None).unwrap_err();
        assert!(error.to_string().contains("oci_cli_rc"), "{error}");
    }
}
