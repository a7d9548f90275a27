//! `credage domains`: what discovery finds.

use std::io::Write;

use clap::{Args, ValueEnum};
use credage_oci::auth::Environment;
use credage_report::domains::{DomainRow, GapRow, Listing, render_json, render_table};

use crate::cli::GlobalArgs;
use crate::exit::{Exit, Failure};
use crate::reach::{NetworkArgs, ReachArgs, sign_in};
use crate::targets::{Search, Target, WhereArgs, search};
use crate::{output, runtime, terminal};

/// Which tenancies, and how to show their domains.
#[derive(Debug, Args)]
pub(crate) struct DomainsArgs {
    #[command(flatten)]
    places: WhereArgs,
    #[command(flatten)]
    reach: ReachArgs,
    /// table or json.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Shape::Table)]
    format: Shape,
    #[command(flatten)]
    network: NetworkArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    Table,
    Json,
}

/// Lists.
pub(crate) fn run(args: &DomainsArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let found = runtime::run(find(args, global))?;
    let listing = Listing {
        domains: found.targets.iter().map(row).collect(),
        gaps: found.gaps.iter().map(gap).collect(),
    };
    let width =
        terminal::size().map_or(terminal::DEFAULT_WIDTH, |(width, _)| width).max(terminal::DEFAULT_WIDTH);
    let color = terminal::color_on_stdout(global.color);
    output::write_stdout(|out: &mut dyn Write| match args.format {
        Shape::Table => render_table(&listing, width, color, out),
        Shape::Json => render_json(&listing, out),
    })?;
    Ok(match (found.targets.is_empty(), found.gaps.is_empty()) {
        (true, false) => Exit::Nothing,
        (false, false) => Exit::Incomplete,
        (_, true) => Exit::Done,
    })
}

async fn find(args: &DomainsArgs, global: &GlobalArgs) -> Result<Search, Failure> {
    let accounts = sign_in(&args.reach, &args.network, &Environment::from_process(), global).await?;
    search(&accounts, &args.places, &args.reach, &args.network).await
}

fn row(target: &Target) -> DomainRow<'_> {
    let summary = target.found.as_ref().map(|found| &found.summary);
    let limit = target.reach.as_ref().ok().and_then(|ways| ways.client.options().rate_limit.budget());
    DomainRow {
        name: &target.domain.name,
        url: &target.domain.url,
        ocid: target.domain.ocid.as_deref(),
        tenancy: target.domain.tenancy.as_deref(),
        compartment: target.found.as_ref().map(|found| found.compartment.as_str()),
        domain_type: summary.and_then(|summary| summary.domain_type.as_deref()),
        licence: target.domain.licence.as_deref(),
        state: summary.and_then(|summary| summary.lifecycle_state.as_deref()),
        home_region: target.domain.home_region.as_deref(),
        replica_regions: summary
            .and_then(|summary| summary.replica_regions.as_deref())
            .unwrap_or_default()
            .iter()
            .filter(|replica| replica.state == "REPLICATION_ENABLED")
            .map(|replica| replica.region.as_str())
            .collect(),
        requests_per_second: limit.map(|(second, _)| second),
        requests_per_minute: limit.map(|(_, minute)| minute),
        problem: target.reach.as_ref().err().map(|why| why.reason.as_str()),
    }
}

fn gap(gap: &credage_core::Gap) -> GapRow<'_> {
    GapRow {
        tenancy: &gap.tenancy,
        what: &gap.what,
        status: gap.why.status,
        reason: &gap.why.reason,
        hint: &gap.why.hint,
        request_id: gap.why.request_id.as_deref(),
    }
}
