//! `credage doctor`: whether an audit will work.

use std::io::Write;

use clap::Args;
use credage_core::{Examination, Prospect};
use credage_oci::auth::Environment;
use credage_report::RenderOptions;
use credage_report::doctor::{render_json, render_text};

use crate::cli::GlobalArgs;
use crate::commands::now;
use crate::demo::Demo;
use crate::examine::examine;
use crate::exit::{Exit, Failure};
use crate::policy::{FileArgs, StrictArgs};
use crate::reach::{NetworkArgs, ReachArgs};
use crate::targets::WhereArgs;
use crate::{output, redact, runtime, terminal};

/// What is looked at, and how it is told.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    places: WhereArgs,
    /// Look at a simulated tenancy instead, over real HTTP; needs no account.
    #[arg(
        long,
        help_heading = "Where",
        conflicts_with_all = ["profile", "config_file", "auth", "domain_url", "domain", "compartment"]
    )]
    demo: bool,
    #[command(flatten)]
    policy: FileArgs,
    #[command(flatten)]
    strict: StrictArgs,
    #[command(flatten)]
    reach: ReachArgs,
    /// Print JSON (`credage.doctor/v1`) instead of lines for people.
    #[arg(long, help_heading = "Out")]
    json: bool,
    #[command(flatten)]
    network: NetworkArgs,
}

/// Looks at everything, and tells.
pub(crate) fn run(args: &DoctorArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    // An audit would end with a policy that is wrong before it asks for anything.
    let policy = args.policy.policy().strict(args.strict).load(&Environment::from_process(), now())?;
    let examination = without_secrets(runtime::run(look(args, global))?);
    let examination = if policy.strict() { examination.strictly() } else { examination };
    let width =
        terminal::size().map_or(terminal::DEFAULT_WIDTH, |(width, _)| width).max(terminal::DEFAULT_WIDTH);
    let color = terminal::color_on_stdout(global.color);
    let options = RenderOptions { width, color, demo: args.demo, ..RenderOptions::default() };
    output::write_stdout(|out: &mut dyn Write| {
        if args.json { render_json(&examination, out) } else { render_text(&examination, &options, out) }
    })?;
    Ok(match examination.prospect() {
        Prospect::Complete => Exit::Done,
        Prospect::Misuse => Exit::Usage,
        Prospect::Incomplete => Exit::Incomplete,
        Prospect::Nothing => Exit::Nothing,
    })
}

/// What was found may repeat a variable or a URL with a password in it.
fn without_secrets(mut examination: Examination) -> Examination {
    for group in &mut examination.groups {
        group.title = redact::in_log(&group.title).into_owned();
        for check in &mut group.checks {
            check.detail = redact::in_log(&check.detail).into_owned();
            check.remedy = check.remedy.as_deref().map(|remedy| redact::in_log(remedy).into_owned());
        }
    }
    examination
}

async fn look(args: &DoctorArgs, global: &GlobalArgs) -> Result<Examination, Failure> {
    if args.demo {
        let demo = Demo::start(now()).await?;
        return Ok(examine(&demo.reach, &args.places, &args.network, &demo.env, global).await);
    }
    Ok(examine(&args.reach, &args.places, &args.network, &Environment::from_process(), global).await)
}
