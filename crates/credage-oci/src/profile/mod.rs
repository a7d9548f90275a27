//! The OCI configuration file and the environment beside it: where they are, and which value wins.

pub mod cli_rc;
pub mod ini;
pub mod surplus;

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use self::cli_rc::CliRc;
use self::ini::{Entry, Ini};
use self::surplus::Surplus;
use crate::auth::error::AuthError;

/// The profile that every other one inherits from, and that is taken where none is named.
const DEFAULT: &str = "DEFAULT";

/// The environment of the process, passed in so that it can be another one.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: HashMap<String, String>,
    home: Option<PathBuf>,
}

impl Environment {
    /// Nothing is set, and there is no home.
    pub fn empty() -> Self {
        Self::default()
    }

    /// These variables, and this home.
    pub const fn new(variables: HashMap<String, String>, home: Option<PathBuf>) -> Self {
        Self { variables, home }
    }

    /// What this process has. Variables that are not Unicode count as not set.
    pub fn from_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { variables: std::env::vars_os().filter_map(text).collect(), home: std::env::home_dir() }
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The user's home.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// A path with `~` at its start replaced by the home.
    pub fn expand(&self, path: &str) -> PathBuf {
        match (path.strip_prefix('~'), &self.home) {
            (Some(""), Some(home)) => home.clone(),
            (Some(rest), Some(home)) if rest.starts_with(['/', '\\']) => {
                home.join(rest.trim_start_matches(['/', '\\']))
            }
            _ => PathBuf::from(path),
        }
    }
}

/// One profile, with the environment laid over it.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// The file; `None` where the environment alone is enough.
    pub file: Option<PathBuf>,
    /// The line of its header.
    pub line: usize,
    ini: Ini,
    rc: CliRc,
    env: Environment,
}

/// How near to a profile a value was written. What is nearer means the profile more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// In `[DEFAULT]`, for every profile.
    Inherited,
    /// In the profile itself.
    Own,
    /// In a variable, for this run.
    Environment,
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The value.
    pub value: String,
    /// Such as `~/.oci/config line 4` or `OCI_CLI_USER`.
    pub origin: String,
}

impl Profile {
    /// The profile to take: the one that is given, else that of `OCI_CLI_PROFILE`, of the CLI's settings, or DEFAULT.
    pub fn name(given: Option<&str>, rc: &CliRc, env: &Environment) -> Setting {
        let said = |value: &str, origin: &str| Setting { value: value.to_owned(), origin: origin.to_owned() };
        let given = given.map(|name| said(name, "--profile"));
        given
            .or_else(|| env.get("OCI_CLI_PROFILE").map(|name| said(name, "OCI_CLI_PROFILE")))
            .or_else(|| rc.default_profile())
            .unwrap_or_else(|| said(DEFAULT, "the default"))
    }

    /// Finds and reads the profile.
    pub fn load(name: Option<&str>, file: Option<&Path>, env: &Environment) -> Result<Self, AuthError> {
        let rc = CliRc::load(env)?;
        let Setting { value: name, origin } = Self::name(name, &rc, env);
        let enough = suffices(env);
        let path = locate(file, env);
        let read = path.as_ref().map(|path| (path, fs::read(path)));
        let bytes = match read {
            Some((_, Ok(bytes))) => bytes,
            Some((_, Err(error))) if error.kind() == ErrorKind::NotFound && enough && file.is_none() => {
                return Ok(Self { name, file: None, line: 0, ini: Ini::default(), rc, env: env.clone() });
            }
            None if enough => {
                return Ok(Self { name, file: None, line: 0, ini: Ini::default(), rc, env: env.clone() });
            }
            None => return Err(AuthError::NoHome),
            Some((path, Err(error))) if error.kind() == ErrorKind::NotFound => {
                return Err(no_config_file(path, file, env));
            }
            Some((path, Err(error))) => {
                return Err(AuthError::UnreadableFile {
                    what: "configuration file",
                    path: path.clone(),
                    cause: error.to_string(),
                });
            }
        };
        let path = path.unwrap_or_default();
        let text = text_of(bytes, &path)?;
        let ini =
            Ini::parse(&text).map_err(|cause| AuthError::MalformedFile { path: path.clone(), cause })?;
        let line = match ini.section(&name) {
            Some(section) => section.line,
            None if enough => 0,
            None => return Err(no_such_profile(name, origin, path, &ini)),
        };
        tracing::info!(profile = name, origin, file = %path.display(), "the profile is read");
        Ok(Self { name, file: Some(path), line, ini, rc, env: env.clone() })
    }

    /// A value: of the environment variable if it is set, else of the profile or of DEFAULT.
    pub fn setting(&self, key: &str, variables: &[&str]) -> Option<Setting> {
        let from_env = variables.iter().find_map(|name| Some((*name, self.env.get(name)?)));
        if let Some((name, value)) = from_env {
            return Some(Setting { value: value.to_owned(), origin: name.to_owned() });
        }
        let Entry { line, value } = self.ini.get(&self.name, key).filter(|entry| !entry.value.is_empty())?;
        let file = self.file.as_deref().unwrap_or(Path::new("")).display();
        Some(Setting { value: value.clone(), origin: format!("{file} line {line}") })
    }

    /// How near to the profile a value is that [`Profile::setting`] gives.
    pub fn nearness(&self, key: &str, variables: &[&str]) -> Option<Nearness> {
        self.setting(key, variables)?;
        Some(if variables.iter().any(|name| self.env.get(name).is_some()) {
            Nearness::Environment
        } else if self.ini.own(&self.name, key).is_some() {
            Nearness::Own
        } else {
            Nearness::Inherited
        })
    }

    /// The region that is asked for, in the order of Oracle's CLI: `OCI_CLI_REGION`, its settings file, the profile.
    pub fn region(&self) -> Option<Setting> {
        self.setting_in_env("OCI_CLI_REGION")
            .or_else(|| self.rc.default_of(&self.name, "region"))
            .or_else(|| self.setting("region", &[]))
    }

    fn setting_in_env(&self, name: &str) -> Option<Setting> {
        self.env.get(name).map(|value| Setting { value: value.to_owned(), origin: name.to_owned() })
    }

    /// A value that must be there.
    pub fn required(&self, key: &'static str, variable: &'static str) -> Result<Setting, AuthError> {
        self.setting(key, &[variable]).ok_or_else(|| AuthError::MissingKey {
            key,
            variable,
            profile: self.name.clone(),
            place: self.place(),
        })
    }

    /// The environment that was laid over it.
    pub const fn env(&self) -> &Environment {
        &self.env
    }

    /// Where it stands.
    pub fn place(&self) -> String {
        let at = |file: &PathBuf| format!("{} line {}", file.display(), self.line);
        self.file.as_ref().map_or_else(|| "the environment".to_owned(), at)
    }
}

/// Whether the environment alone says who signs with what.
fn suffices(env: &Environment) -> bool {
    let key = env.get("OCI_CLI_KEY_FILE").or_else(|| env.get("OCI_CLI_KEY_CONTENT")).is_some();
    let api_key =
        ["OCI_CLI_USER", "OCI_CLI_TENANCY", "OCI_CLI_FINGERPRINT"].iter().all(|name| env.get(name).is_some());
    key && (api_key || env.get("OCI_CLI_SECURITY_TOKEN_FILE").is_some())
}

/// What was given, else what `OCI_CLI_CONFIG_FILE` says, else `~/.oci/config`; only where that does not exist,
/// `OCI_CONFIG_FILE` and `~/.oraclebmc/config` (`_get_config_path_with_fallback` in `config.py` of Oracle's Python SDK).
fn locate(file: Option<&Path>, env: &Environment) -> Option<PathBuf> {
    if let Some(file) = file {
        return Some(file.to_str().map_or_else(|| file.to_owned(), |text| env.expand(text)));
    }
    if let Some(file) = env.get("OCI_CLI_CONFIG_FILE") {
        return Some(env.expand(file));
    }
    let usual = env.home.as_ref().map(|home| home.join(".oci").join("config"));
    if usual.as_ref().is_some_and(|usual| usual.is_file()) {
        return usual;
    }
    let former = || Some(env.home.as_ref()?.join(".oraclebmc").join("config")).filter(|path| path.is_file());
    env.get("OCI_CONFIG_FILE").map(|file| env.expand(file)).or_else(former).or(usual)
}

/// Whether there is none, or whether its name has something in it that does not belong there.
fn no_config_file(path: &Path, given: Option<&Path>, env: &Environment) -> AuthError {
    let said = match given {
        Some(file) => file.to_str().map(|text| (text, "--config-file")),
        None => env.get("OCI_CLI_CONFIG_FILE").map(|text| (text, "OCI_CLI_CONFIG_FILE")),
    };
    match said.and_then(|(text, origin)| Some((Surplus::of_text(text)?, origin))) {
        Some((surplus, origin)) => AuthError::NoFile {
            what: "configuration file",
            path: path.to_owned(),
            origin: origin.to_owned(),
            surplus: Some(surplus),
        },
        None => AuthError::NoConfigFile { path: path.to_owned() },
    }
}

/// The text of a file, or the line that is none.
fn text_of(bytes: Vec<u8>, path: &Path) -> Result<String, AuthError> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        AuthError::NotText { line: 1 + good.filter(|&&byte| byte == b'\n').count(), path: path.to_owned() }
    })
}

fn no_such_profile(name: String, origin: String, path: PathBuf, ini: &Ini) -> AuthError {
    let names: Vec<String> = ini.names().into_iter().map(str::to_owned).collect();
    let meant = Surplus::of_text(&name).map_or_else(|| name.clone(), |surplus| surplus.rest);
    let nearest = names.iter().find(|known| known.eq_ignore_ascii_case(&meant)).cloned();
    AuthError::NoSuchProfile { name, origin, path, names, nearest }
}
