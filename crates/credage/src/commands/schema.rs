//! `credage schema`: the JSON Schema of a format, generated from the types that write it.

use clap::{Args, ValueEnum};

use crate::exit::{Exit, Failure};
use crate::output;

/// Which schema.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// The format to describe.
    #[arg(value_enum)]
    what: Described,
}

/// A format that has a schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Described {
    /// What `credage audit --format json` writes (`credage.report/v1`).
    Report,
    /// The policy file `credage.toml`, for editors (version 1).
    Policy,
    /// What `credage doctor --json` writes (`credage.doctor/v1`).
    Doctor,
    /// What `credage explain --json` writes (`credage.explanation/v1`).
    Explanation,
    /// What `credage capabilities --format json` writes (`credage.capabilities/v1`).
    Capabilities,
    /// What a webhook is sent (`credage.digest/v1`).
    Digest,
}

/// Prints the schema.
pub(crate) fn run(args: &SchemaArgs) -> Result<Exit, Failure> {
    let schema = match args.what {
        Described::Report => credage_report::report_schema(),
        Described::Policy => crate::policy::schema(),
        Described::Doctor => credage_report::doctor::schema(),
        Described::Explanation => credage_report::explanation_schema(),
        Described::Capabilities => credage_report::capabilities_schema(),
        Described::Digest => credage_monitor::channels::webhook::v1::schema(),
    };
    output::write_stdout(|out| Ok(out.write_all(schema.as_bytes())?))?;
    Ok(Exit::Done)
}
