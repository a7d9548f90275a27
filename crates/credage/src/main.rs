//! `credage`: how old every OCI credential is, and when each one is due.
//!
//! Nothing but wiring: read the command line, call the crates that do the work, end with the exit code that
//! [`exit::Exit`] documents.

mod cli;
mod commands;
mod confirmations;
mod demo;
mod descriptors;
mod examine;
mod exit;
mod files;
mod logging;
mod naming;
mod notify;
mod output;
mod policy;
mod progress;
mod reach;
mod reading;
mod redact;
mod remarks;
mod replay;
mod runtime;
mod signals;
mod targets;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::exit::{Exit, Failure};

fn main() -> ExitCode {
    // First of all: whatever comes after may be interrupted.
    let listening = signals::listen();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            terminal::usage(&error);
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::USAGE));
        }
        // `--help` and `--version` come this way too.
        Err(error) => {
            let text = terminal::help(&error);
            // Nobody can be told that standard output is gone.
            let _ = output::write_stdout(|out| Ok(out.write_all(text.as_bytes())?));
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::USAGE));
        }
    };
    logging::start(&cli.global);
    descriptors::raise();
    match listening.map_err(runtime::unavailable).and_then(|()| run(&cli)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            terminal::complain(&failure, &cli.global);
            failure.exit.into()
        }
    }
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Audit(args) => commands::audit::run(args, &cli.global),
        Command::Explain(args) => commands::explain::run(args, &cli.global),
        Command::Capabilities(args) => commands::capabilities::run(args, &cli.global),
        Command::Doctor(args) => commands::doctor::run(args, &cli.global),
        Command::Domains(args) => commands::domains::run(args, &cli.global),
        Command::Policy(args) => commands::policy::run(args, &cli.global),
        Command::Rules(args) => commands::rules::run(args, &cli.global),
        Command::Notify(args) => commands::notify::run(args, &cli.global),
        Command::Sim(args) => commands::sim::run(args, &cli.global),
        Command::Schema(args) => commands::schema::run(args),
    }
}
