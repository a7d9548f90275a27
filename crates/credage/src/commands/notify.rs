//! `credage notify`: the channels of the policy file, listed or tried.

use clap::{Args, Subcommand};
use credage_monitor::Digest;
use credage_monitor::channels::Settings;
use credage_oci::auth::Environment;
use credage_report::sanitize::for_lines;

use crate::cli::GlobalArgs;
use crate::commands::now;
use crate::exit::{Exit, Failure};
use crate::notify::{Notices, load};
use crate::output;
use crate::policy::FileArgs;
use crate::reach::{NetworkArgs, ReachArgs};

/// What to do with the channels.
#[derive(Debug, Args)]
pub(crate) struct NotifyArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the channels of the policy file; their secrets are not read.
    List(ListArgs),
    /// Send a sample to channels, to see that it arrives.
    Test(Box<TestArgs>),
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    file: FileArgs,
}

#[derive(Debug, Args)]
struct TestArgs {
    /// The channels, by name.
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Print the sample instead of sending it.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    reach: ReachArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

/// Lists or tries.
pub(crate) fn run(args: &NotifyArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let env = Environment::from_process();
    match &args.what {
        What::List(args) => list(args, &env),
        What::Test(args) => test(args, &env, global),
    }
}

fn list(args: &ListArgs, env: &Environment) -> Result<Exit, Failure> {
    let (_, channels) = load(&args.file.policy(), env)?;
    let width = channels.iter().map(|channel| channel.name.len()).max().unwrap_or_default();
    let line = |channel: &Settings| {
        let kind = channel.channel_kind().as_str();
        format!("{:width$}  {kind:17}  {}\n", channel.name, channel.target())
    };
    let text: String = channels.iter().map(line).collect();
    output::write_stdout(|out| Ok(out.write_all(for_lines(&text).as_bytes())?))?;
    Ok(Exit::Done)
}

fn test(args: &TestArgs, env: &Environment, global: &GlobalArgs) -> Result<Exit, Failure> {
    let names: Vec<&str> = args.names.iter().map(String::as_str).collect();
    let notices = Notices::new(&args.file.policy(), &names, env, args.network.network(env)?)?;
    let sample = Digest::sample(now());
    if args.dry_run {
        let text = for_lines(&notices.preview(&sample)?);
        output::write_stdout(|out| Ok(out.write_all(text.as_bytes())?))?;
        return Ok(Exit::Done);
    }
    notices.tell(&sample, &args.reach, global)
}
