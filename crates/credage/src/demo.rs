//! The demo: a simulated tenancy in this process, asked over real HTTP on loopback like any other.

use credage_oci::auth::{AuthMethod, Environment};
use credage_sim::{DomainSpec, Estate, EstateConfig, SimConfig};
use jiff::Timestamp;

use crate::exit::Failure;
use crate::files::Workshop;
use crate::reach::ReachArgs;

/// A running demo. It ends when it is dropped.
pub(crate) struct Demo {
    /// How it is signed in to.
    pub(crate) reach: ReachArgs,
    /// What the user's own environment says about signing in has no business here.
    pub(crate) env: Environment,
    _estate: Estate,
    _folder: Workshop,
}

impl Demo {
    /// Starts it, laid out around `as_of`.
    pub(crate) async fn start(as_of: Timestamp) -> Result<Self, Failure> {
        let failed =
            |error: &dyn std::fmt::Display| Failure::usage(format!("the demo could not be started: {error}"));
        let specs = vec![DomainSpec::new("Demo", "premium", SimConfig::demo(as_of))];
        let estate = Estate::start(EstateConfig::new(specs)).await.map_err(|error| failed(&error))?;
        let folder = Workshop::open().map_err(|error| failed(&error))?;
        let files = estate.write_profile(folder.path()).map_err(|error| failed(&error))?;
        let reach = ReachArgs {
            config_file: Some(files.config),
            auth: Some(AuthMethod::ApiKey),
            identity_endpoint: Some(estate.url().parse().map_err(|error| failed(&error))?),
            ..ReachArgs::default()
        };
        Ok(Self { reach, env: Environment::empty(), _estate: estate, _folder: folder })
    }
}
