//! Secrets of channels: in a file or an environment variable, never in the policy file itself.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use credage_core::config::{ConfigError, ConfigSource};
use credage_oci::auth::Environment;
use secrecy::SecretString;
use toml::Spanned;

/// Where a secret is, and where the policy file says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretPlace {
    place: Place,
    span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    File(String),
    Variable(String),
}

/// The keys by which a table names a secret.
pub(super) struct Keys {
    /// The key that nobody should use: the secret itself.
    pub(super) clear: &'static str,
    /// The key of a file.
    pub(super) file: &'static str,
    /// The key of a variable.
    pub(super) variable: &'static str,
}

pub(super) const PASSWORD: Keys = Keys { clear: "password", file: "password_file", variable: "password_env" };
pub(super) const SECRET: Keys = Keys { clear: "secret", file: "secret_file", variable: "secret_env" };
pub(super) const URL: Keys = Keys { clear: "url", file: "url_file", variable: "url_env" };

impl SecretPlace {
    /// The place that a table names: one at most.
    pub(super) fn of(
        source: &ConfigSource,
        keys: &Keys,
        file: Option<Spanned<String>>,
        variable: Option<Spanned<String>>,
    ) -> Result<Option<Self>, ConfigError> {
        let Keys { file: file_key, variable: variable_key, .. } = keys;
        let (place, key) = match (file, variable) {
            (None, None) => return Ok(None),
            (Some(file), None) => (file, file_key),
            (None, Some(variable)) => (variable, variable_key),
            (Some(_), Some(variable)) => {
                let both = format!("both `{file_key}` and `{variable_key}` are given");
                return Err(source.error(Some(variable.span()), both).hint("keep one of them"));
            }
        };
        let span = place.span();
        let text = place.into_inner();
        if text.trim().is_empty() {
            return Err(source.error(Some(span), format!("`{key}` is empty")));
        }
        // A URL here is the secret itself, and is not repeated.
        if text.contains("://") {
            let wrong = format!("`{key}` must name where the secret is; this is a URL");
            let hint = format!(
                "put the URL into a file or an environment variable, and name that in `{file_key}` or `{variable_key}`"
            );
            return Err(source.error(Some(span), wrong).hint(hint));
        }
        let place = if key == file_key { Place::File(text) } else { Place::Variable(text) };
        Ok(Some(Self { place, span }))
    }

    /// Something that is wrong with what it holds.
    pub(super) fn error(&self, source: &ConfigSource, message: impl Into<String>) -> ConfigError {
        source.error(Some(self.span.clone()), message)
    }

    /// Reads it. What a file holds is taken without the line break at its end; its path counts from the policy file.
    pub fn read(&self, source: &ConfigSource, env: &Environment) -> Result<SecretString, ConfigError> {
        let wrong = |message: String, hint: &str| source.error(Some(self.span.clone()), message).hint(hint);
        match &self.place {
            Place::Variable(name) => {
                let value = env.get(name).ok_or_else(|| {
                    wrong(
                        format!("the environment variable {name} is not set"),
                        "set it, or name a file instead",
                    )
                })?;
                Ok(value.into())
            }
            Place::File(written) => {
                let path = located(source, &env.expand(written));
                let text = fs::read_to_string(&path).map_err(|error| {
                    wrong(
                        format!("{} cannot be read: {error}", path.display()),
                        "name a file that holds the secret alone",
                    )
                })?;
                let secret = text.trim_end_matches(['\r', '\n']);
                if secret.is_empty() {
                    return Err(wrong(format!("{} is empty", path.display()), "put the secret into it"));
                }
                Ok(secret.into())
            }
        }
    }
}

fn located(source: &ConfigSource, path: &Path) -> PathBuf {
    Path::new(&source.origin).parent().map_or_else(|| path.to_owned(), |folder| folder.join(path))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_file_is_found_beside_the_policy_file() {
        let dir = tempfile::tempdir().unwrap();
        let source = ConfigSource::new(dir.path().join("credage.toml").display().to_string(), "x");
        let place = |name: &str| SecretPlace { place: Place::File(name.to_owned()), span: 0..1 };
        let read = |name: &str| place(name).read(&source, &Environment::empty());
        fs::write(dir.path().join("secret"), "hunter2 \n").unwrap();
        assert_eq!(read("secret").unwrap().expose_secret(), "hunter2 ");
        assert_eq!(read(dir.path().join("secret").to_str().unwrap()).unwrap().expose_secret(), "hunter2 ");
        fs::write(dir.path().join("empty"), "\n").unwrap();
        assert!(read("empty").unwrap_err().to_string().contains("is empty"));
        assert!(read("nowhere").unwrap_err().to_string().contains("cannot be read"));
    }

    #[test]
    fn a_variable_must_be_set() {
        let source = ConfigSource::new("credage.toml", "x");
        let place = SecretPlace { place: Place::Variable("SMTP".to_owned()), span: 0..1 };
        let env = Environment::new(HashMap::from([("SMTP".to_owned(), "hunter2".to_owned())]), None);
        assert_eq!(place.read(&source, &env).unwrap().expose_secret(), "hunter2");
        let unset = place.read(&source, &Environment::empty()).unwrap_err();
        assert!(unset.to_string().contains("SMTP is not set"), "{unset}");
    }
}
