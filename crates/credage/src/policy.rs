//! The policy: found, read, and laid over with what environment and command line say.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use credage_core::policy::{self, Mistakes, Origin, Overrides};
use credage_core::{ConfigSource, Days, Policy};
use credage_monitor::channels;
use credage_oci::auth::Environment;
use jiff::Timestamp;

use crate::commands::now;
use crate::exit::Failure;

/// The name of the policy file.
pub(crate) const FILE: &str = "credage.toml";

/// The largest policy file that is read: some 60,000 waivers.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What is allowed.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct PolicyArgs {
    /// Policy file [default: CREDAGE_POLICY, else credage.toml here, else in the user's configuration directory].
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The age at which a credential is overdue, such as 90d or 12w, where the policy has nothing closer
    /// [default: CREDAGE_MAX_AGE, else the policy's, else 90d].
    #[arg(long, value_name = "DAYS")]
    pub(crate) max_age: Option<Days>,
    /// How long before it is due a credential is due soon [default: CREDAGE_WARN_BEFORE, else the policy's, else 15d].
    #[arg(long, value_name = "DAYS")]
    pub(crate) warn_before: Option<Days>,
    /// Whether the command was asked to be strict ([`StrictArgs`]).
    #[arg(skip)]
    pub(crate) strict: bool,
}

/// What becomes of what nothing proves.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct StrictArgs {
    /// Count a kind that is `unconfirmed` (nothing tells "none" from "not visible") as not read, so that the exit code is 3
    /// [default: the policy's `strict`, else no].
    #[arg(long)]
    pub(crate) strict: bool,
}

impl PolicyArgs {
    /// The same, strict where a command is asked to be.
    pub(crate) fn strict(&self, args: StrictArgs) -> Self {
        Self { strict: args.strict, ..self.clone() }
    }

    /// The policy file, where there is one.
    pub(crate) fn source(&self, env: &Environment) -> Result<Option<ConfigSource>, Failure> {
        let named = self.policy.clone().or_else(|| env.get("CREDAGE_POLICY").map(|text| env.expand(text)));
        if let Some(path) = named {
            return match read(&path)? {
                Some(source) => Ok(Some(source)),
                None => Err(Failure::usage(format!("there is no policy file {}", path.display()))
                    .hint("write one with `credage policy init`, or name another with --policy")),
            };
        }
        for path in places(env) {
            if let Some(source) = read(&path)? {
                tracing::info!(file = source.origin, "this is the policy");
                return Ok(Some(source));
            }
        }
        Ok(None)
    }

    /// The policy to judge by, its ends compared with an instant. It is read before anything is asked of OCI, and says the
    /// same at every later instant: a waiver that does not end too late then does not end too late afterwards.
    pub(crate) fn load(&self, env: &Environment, as_of: Timestamp) -> Result<Policy, Failure> {
        self.check(env, as_of)?.map_err(|mistakes| Failure::config(*mistakes.first))
    }

    /// The same, with all mistakes.
    pub(crate) fn check(
        &self,
        env: &Environment,
        as_of: Timestamp,
    ) -> Result<Result<Policy, Mistakes>, Failure> {
        let source = self.source(env)?;
        // A waiver that is not too long today is not too long for a look at a day that is past.
        let policy = policy::check(source.as_ref(), &self.overrides(env)?, as_of.max(now()));
        // Channels are checked even where nobody is to be told: a file is right or it is not.
        let channels = source.as_ref().map_or_else(|| Ok(Vec::new()), channels::load);
        Ok(match (policy, channels) {
            (policy, Ok(_)) => policy,
            (Ok(_), Err(wrong)) => Err(Mistakes::one(wrong)),
            (Err(mistakes), Err(wrong)) => Err(mistakes.and(wrong)),
        })
    }

    /// How many channels the file has.
    pub(crate) fn channels(&self, env: &Environment) -> Result<usize, Failure> {
        let Some(source) = self.source(env)? else { return Ok(0) };
        channels::load(&source).map(|channels| channels.len()).map_err(Failure::config)
    }

    fn overrides(&self, env: &Environment) -> Result<Overrides, Failure> {
        let pick = |flag: Option<Days>, option: &'static str, variable: &'static str| {
            if let Some(days) = flag {
                return Ok(Some((days, Origin::Flag(option))));
            }
            let Some(text) = env.get(variable) else { return Ok(None) };
            let days = text.parse().map_err(|error| Failure::usage(format!("{variable}: {error}")))?;
            Ok::<_, Failure>(Some((days, Origin::Environment(variable))))
        };
        Ok(Overrides {
            max_age: pick(self.max_age, "--max-age", "CREDAGE_MAX_AGE")?,
            warn_before: pick(self.warn_before, "--warn-before", "CREDAGE_WARN_BEFORE")?,
            strict: self.strict.then_some(Origin::Flag("--strict")),
        })
    }
}

/// Which policy file.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct FileArgs {
    /// Policy file [default: CREDAGE_POLICY, else credage.toml here, else in the user's configuration directory].
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
}

impl FileArgs {
    /// The same, where a whole policy is asked for.
    pub(crate) fn policy(&self) -> PolicyArgs {
        PolicyArgs { policy: self.policy.clone(), ..PolicyArgs::default() }
    }
}

/// The JSON Schema of the policy file, channels included.
pub(crate) fn schema() -> String {
    policy::schema(&channels::schema().to_value())
}

/// Where a policy is looked for, in this order.
pub(crate) fn places(env: &Environment) -> Vec<PathBuf> {
    let configuration = env.get("XDG_CONFIG_HOME").map_or_else(|| env.expand("~/.config"), PathBuf::from);
    vec![PathBuf::from(FILE), configuration.join("credage").join(FILE)]
}

fn read(path: &Path) -> Result<Option<ConfigSource>, Failure> {
    let shown = path.display();
    let mut bytes = Vec::new();
    match fs::File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)) {
        Ok(_) => {}
        // No file, or no folder where one would be.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(Failure::usage(format!("the policy file {shown} cannot be read: {error}"))),
    }
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        let mib = MAX_BYTES / (1024 * 1024);
        return Err(Failure::usage(format!("the policy file {shown} is larger than {mib} MiB"))
            .hint("name groups, patterns or classes of users instead of single ones"));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::usage(format!("the policy file {shown} is not UTF-8 text")))?;
    Ok(Some(ConfigSource::new(shown.to_string(), text)))
}
