//! Where the policy file is.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use credage_core::config::ConfigSource;
use credage_oci::auth::Environment;

use crate::exit::Failure;

/// The name of the file, wherever it is looked for.
const NAME: &str = "credage.toml";

/// Which policy file.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct PolicyFileArgs {
    /// The policy file [default: ./credage.toml, else credage/credage.toml in the user's configuration directory].
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl PolicyFileArgs {
    /// Reads the file that is named, or the first that is found; nothing where there is none.
    pub(crate) fn find(&self, env: &Environment) -> Result<Option<ConfigSource>, Failure> {
        if let Some(path) = &self.policy {
            return read(path)?.map(Some).ok_or_else(|| {
                Failure::usage(format!("the policy file {} is not there", path.display()))
                    .hint("give --policy the path of a file")
            });
        }
        let configuration = env
            .get("XDG_CONFIG_HOME")
            .map_or_else(|| env.expand("~/.config"), PathBuf::from)
            .join("credage")
            .join(NAME);
        for path in [PathBuf::from(NAME), configuration] {
            if let Some(source) = read(&path)? {
                return Ok(Some(source));
            }
        }
        Ok(None)
    }
}

fn read(path: &Path) -> Result<Option<ConfigSource>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(ConfigSource::new(path.display().to_string(), text))),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => {
            Err(Failure::usage(format!("the policy file {} cannot be read: {error}", path.display()))
                .hint("check its rights, and that it is UTF-8"))
        }
    }
}
