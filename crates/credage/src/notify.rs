//! Telling people: from options and policy file to channels, and from their outcomes to lines and an exit code.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::Args;
use credage_core::config::{ConfigSource, did_you_mean};
use credage_monitor::Digest;
use credage_monitor::channels::delivery::{Outcome, deliver};
use credage_monitor::channels::{self, ChannelKind, Means, Open, OpenError, Settings};
use credage_oci::auth::{AuthOptions, Environment};
use credage_oci::{Network, Principal};

use crate::cli::GlobalArgs;
use crate::exit::{Exit, Failure};
use crate::policy::PolicyArgs;
use crate::reach::{NetworkArgs, ReachArgs, clock};
use crate::{runtime, signals, terminal};

/// Failures of one channel that are told one by one.
const MAX_FAILURES: usize = 3;

/// Whether and whom to tell.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Alerts")]
pub(crate) struct AlertArgs {
    /// Tell a channel of the policy file what was found; without a name, all of them (repeatable).
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    notify: Vec<String>,
    /// Print on standard error what the channels would be sent, and send nothing.
    #[arg(long)]
    notify_dry_run: bool,
}

/// Channels that are ready, with everything that could be wrong about them beforehand being right.
pub(crate) struct Notices {
    source: ConfigSource,
    settings: Vec<Settings>,
    env: Environment,
    network: Network,
    dry_run: bool,
}

impl AlertArgs {
    /// Reads and checks the channels, secrets included, before anything is asked of anybody; nothing where nobody is to
    /// be told.
    pub(crate) fn prepare(
        &self,
        policy: &PolicyArgs,
        env: &Environment,
        network: &NetworkArgs,
    ) -> Result<Option<Notices>, Failure> {
        if self.notify.is_empty() && !self.notify_dry_run {
            return Ok(None);
        }
        let names: Vec<&str> =
            self.notify.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        let notices = Notices::new(policy, &names, env, network.network(env)?)?;
        Ok(Some(Notices { dry_run: self.notify_dry_run, ..notices }))
    }
}

impl Notices {
    /// The named channels of the policy file; all of them where none is named.
    pub(crate) fn new(
        policy: &PolicyArgs,
        names: &[&str],
        env: &Environment,
        network: Network,
    ) -> Result<Self, Failure> {
        let (source, all) = load(policy, env)?;
        let settings = chosen(&source, all, names)?;
        let notices = Self { source, settings, env: env.clone(), network, dry_run: false };
        notices.open(&Err("nobody is signed in".to_owned()))?;
        Ok(notices)
    }

    /// Tells everybody, or prints what they would be told.
    pub(crate) fn tell(
        &self,
        digest: &Digest,
        reach: &ReachArgs,
        global: &GlobalArgs,
    ) -> Result<Exit, Failure> {
        if self.dry_run {
            let text = self.preview(digest)?;
            terminal::lines(&text);
            return Ok(Exit::Done);
        }
        signals::stage("some channels may not have been notified");
        let outcomes = runtime::run(self.deliver(digest, reach))?;
        for outcome in &outcomes {
            say(outcome, global);
        }
        let all = outcomes.iter().all(Outcome::is_delivered);
        Ok(if all { Exit::Done } else { Exit::Undelivered })
    }

    /// What would be sent, message by message.
    pub(crate) fn preview(&self, digest: &Digest) -> Result<String, Failure> {
        let mut text = String::new();
        for open in self.open(&Err("nobody is signed in".to_owned()))? {
            let messages = open.plan(digest);
            let (kind, target) = (open.channel.kind(), open.channel.target());
            if messages.is_empty() {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "== channel {} ({kind}, {target}): nothing to say\n", open.name);
            }
            for (message, number) in messages.iter().zip(1_usize..) {
                let count = messages.len();
                let _ = writeln!(
                    text,
                    "== channel {} ({kind}, {target}): message {number} of {count}",
                    open.name
                );
                for (what, list) in [("To", &message.to), ("Cc", &message.cc)] {
                    if !list.is_empty() {
                        let _ = writeln!(text, "{what}: {}", list.join(", "));
                    }
                }
                let _ = writeln!(text, "Subject: {}\n\n{}\n", message.subject, message.body().trim_end());
            }
        }
        Ok(text)
    }

    fn open(&self, principal: &Result<Arc<Principal>, String>) -> Result<Vec<Open>, Failure> {
        let clock = clock();
        let means = Means {
            source: &self.source,
            env: &self.env,
            network: &self.network,
            clock: &clock,
            principal: principal.clone(),
        };
        let opened = self.settings.iter().map(|settings| channels::open(settings, &means));
        opened.collect::<Result<_, _>>().map_err(|error| match error {
            OpenError::Config(error) => Failure::config(error),
            setup @ OpenError::Setup { .. } => Failure::usage(setup),
        })
    }

    async fn deliver(&self, digest: &Digest, reach: &ReachArgs) -> Result<Vec<Outcome>, Failure> {
        let signed = self.settings.iter().any(|each| each.channel_kind() == ChannelKind::OciNotifications);
        let principal =
            if signed { self.principal(reach).await } else { Err("nobody is signed in".to_owned()) };
        Ok(deliver(&self.open(&principal)?, digest).await)
    }

    /// Who publishes to topics: the first account of the run. Where that fails, the other channels are told all the same.
    async fn principal(&self, reach: &ReachArgs) -> Result<Arc<Principal>, String> {
        let options = AuthOptions {
            method: reach.auth,
            profile: reach.profile.first().cloned(),
            config_file: reach.config_file.clone(),
        };
        let loaded = credage_oci::auth::load(&options, &self.env, &self.network, &clock()).await;
        loaded.map(Arc::new).map_err(|error| error.to_string())
    }
}

/// The policy file and its channels.
pub(crate) fn load(policy: &PolicyArgs, env: &Environment) -> Result<(ConfigSource, Vec<Settings>), Failure> {
    let source = policy.source(env)?.ok_or_else(|| {
        Failure::usage("there is no policy file that names channels")
            .hint("write `[[channel]]` tables into ./credage.toml, or give --policy FILE; see docs/notifications.md")
    })?;
    let all = channels::load(&source).map_err(Failure::config)?;
    Ok((source, all))
}

fn chosen(source: &ConfigSource, all: Vec<Settings>, names: &[&str]) -> Result<Vec<Settings>, Failure> {
    if all.is_empty() {
        return Err(Failure::usage(format!("{} has no channel", source.origin))
            .hint("add a `[[channel]]` table; see docs/notifications.md"));
    }
    let known: Vec<&str> = all.iter().map(|settings| settings.name.as_str()).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        let hint = did_you_mean(unknown, known.iter().copied()).map_or_else(
            || format!("the channels are: {}", known.join(", ")),
            |name| format!("write `{name}`"),
        );
        return Err(Failure::usage(format!("{} has no channel {unknown}", source.origin)).hint(hint));
    }
    let wanted = |settings: &Settings| names.is_empty() || names.contains(&settings.name.as_str());
    Ok(all.into_iter().filter(wanted).collect())
}

/// One line for what went well; one for each thing that did not, and one that names everybody who was not told.
fn say(outcome: &Outcome, global: &GlobalArgs) {
    let Outcome { name, kind, target, messages, delivered, failures, missed } = outcome;
    let channel = format!("channel {name} ({kind}, {target})");
    if outcome.is_delivered() {
        let what = match messages {
            0 => "nothing to say".to_owned(),
            1 => "1 message delivered".to_owned(),
            many => format!("{many} messages delivered"),
        };
        return terminal::note(&format!("{channel}: {what}"), global);
    }
    let arrived = if *messages > 1 {
        format!(" ({} of {messages} messages delivered)", delivered.len())
    } else {
        String::new()
    };
    for failure in failures.iter().take(MAX_FAILURES) {
        let told = Failure::usage(format!("{channel}: {failure}{arrived}"));
        let told = Failure { hint: failure.hint.clone(), ..told };
        terminal::complain(&told, global);
    }
    let hidden = failures.len().saturating_sub(MAX_FAILURES);
    if hidden > 0 {
        terminal::complain(&Failure::usage(format!("{channel}: {hidden} more failures like these")), global);
    }
    if !missed.is_empty() {
        let (count, names) = (missed.len(), missed.join(", "));
        let recipients = if count == 1 { "recipient" } else { "recipients" };
        let line = format!("{channel}: {count} {recipients} not notified: {names}");
        terminal::complain(&Failure::usage(line), global);
    }
}
