//! Who signs in, to which tenancies, over which network: what every command that talks to OCI shares.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clap::Args;
use credage_core::{Gap, Incomplete};
use credage_oci::auth::{AuthMethod, AuthOptions, Environment, Setting};
use credage_oci::identity::Identity;
use credage_oci::region::{Region, RegionError};
use credage_oci::{
    AuthError, Client, ClientOptions, Clock, Deadline, Endpoint, Network, NetworkError, PaceFolder,
    Principal, RateLimit, Timeouts,
};
use jiff::SignedDuration;

use crate::cli::GlobalArgs;
use crate::commands::now;
use crate::exit::{Exit, Failure};
use crate::terminal;

/// The pace at which the Identity service is asked: its limits are not published, so we stay modest.
const IDENTITY_PACE: RateLimit = RateLimit::Custom { per_second: 10, per_minute: 600 };

/// Who signs in.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Who")]
pub(crate) struct ReachArgs {
    /// Profile in the OCI configuration file; several profiles are several tenancies (repeatable) [default: as
    /// OCI_CLI_PROFILE and `default_profile` in ~/.oci/oci_cli_rc say, else DEFAULT].
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Vec<String>,
    /// OCI configuration file [default: ~/.oci/config].
    #[arg(long, value_name = "PATH")]
    pub(crate) config_file: Option<PathBuf>,
    /// How to sign in: api_key, security_token, instance_principal, instance_obo_user, resource_principal,
    /// oke_workload_identity, oauth_client or token_exchange [default: as OCI_CLI_AUTH and the OCI CLI's own settings say,
    /// else what profile and environment offer; -v says which and why].
    #[arg(long, value_name = "METHOD")]
    pub(crate) auth: Option<AuthMethod>,
    /// Region whose Identity service is asked, such as us-ashburn-1 [default: OCI_CLI_REGION, else the profile's].
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Identity service to ask instead of the region's own: a private endpoint, another realm, a test.
    #[arg(long, value_name = "URL")]
    pub(crate) identity_endpoint: Option<Endpoint>,
}

/// How the network is used.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Network and pace")]
pub(crate) struct NetworkArgs {
    /// Certificates (PEM) to trust beside the system's own [default: OCI_CLI_CERT_BUNDLE, else REQUESTS_CA_BUNDLE]. The
    /// proxy (http:// or https://) is taken from HTTPS_PROXY and NO_PROXY.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_bundle: Option<PathBuf>,
    /// Seconds until a connection must stand.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub(crate) connect_timeout: u16,
    /// Seconds without any part of an answer.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub(crate) read_timeout: u16,
    /// Seconds that one request may take in all.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub(crate) timeout: u16,
    /// How often a request that failed is sent again.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(0..=20))]
    pub(crate) retries: u8,
    /// Requests on their way at the same time, in each domain.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) concurrency: u16,
    /// The domains' licence (free, oracle-apps, oracle-apps-premium, premium, external-user), of whose limit four fifths
    /// are used; or your own, such as 10/s,300/min; or none [default: each domain's own licence, else free].
    #[arg(long, value_name = "LIMIT")]
    pub(crate) rate_limit: Option<RateLimit>,
    /// Stop reading after this long, such as 90s, 10m or 1h30m. What was read until then is reported, and what was not is
    /// named as unread [default: no deadline].
    #[arg(long, value_name = "DURATION", value_parser = parse_deadline)]
    pub(crate) deadline: Option<Deadline>,
}

/// A length of time, counted from now on: the command line is read when the run begins.
fn parse_deadline(text: &str) -> Result<Deadline, String> {
    let seconds = || text.trim().parse().ok().map(SignedDuration::from_secs);
    let length = seconds().or_else(|| text.parse::<SignedDuration>().ok());
    let length = length.filter(SignedDuration::is_positive).and_then(|length| length.try_into().ok());
    length.map(Deadline::after).ok_or_else(|| "write a length of time, such as 90s, 10m or 1h30m".to_owned())
}

/// One who signed in.
pub(crate) struct Account {
    /// The profile, where several were asked for.
    pub(crate) label: Option<String>,
    pub(crate) principal: Arc<Principal>,
    pub(crate) env: Environment,
    pub(crate) network: Network,
    pub(crate) global: GlobalArgs,
}

/// Where the processes of this user share the domains' rate budgets.
fn pace_folder() -> Option<PaceFolder> {
    static FOLDER: OnceLock<Option<PaceFolder>> = OnceLock::new();
    FOLDER.get_or_init(|| PaceFolder::find(&Environment::from_process())).clone()
}

/// Everybody who was to sign in.
#[derive(Default)]
pub(crate) struct Accounts {
    /// Those who did, in the order of the profiles.
    pub(crate) signed_in: Vec<Account>,
    /// Those who could not: their tenancies are not searched.
    pub(crate) gaps: Vec<Gap>,
    /// How many were to sign in.
    pub(crate) asked: usize,
}

/// The clock of this process.
pub(crate) fn clock() -> Clock {
    Arc::new(now)
}

impl NetworkArgs {
    /// Proxy, authorities and times.
    pub(crate) fn network(&self, env: &Environment) -> Result<Network, Failure> {
        self.settings(env).map_err(Failure::usage)
    }

    /// The same, with the error as it is.
    pub(crate) fn settings(&self, env: &Environment) -> Result<Network, NetworkError> {
        let timeouts = Timeouts {
            connect: Duration::from_secs(self.connect_timeout.into()),
            read: Duration::from_secs(self.read_timeout.into()),
            total: Duration::from_secs(self.timeout.into()),
        };
        Network::new(timeouts, self.ca_bundle.as_deref(), env)
    }

    /// When reading ends.
    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline.unwrap_or_default()
    }

    /// How a domain of this pace is asked.
    pub(crate) fn client_options(&self, rate_limit: RateLimit, network: &Network) -> ClientOptions {
        ClientOptions {
            rate_limit,
            concurrency: self.concurrency.into(),
            retries: self.retries.into(),
            network: network.clone(),
            deadline: self.deadline(),
            pace_folder: pace_folder(),
            ..ClientOptions::default()
        }
    }
}

impl ReachArgs {
    /// The profiles that are asked for, each once; `None` is whatever the environment says.
    pub(crate) fn profiles(&self) -> Vec<Option<String>> {
        let mut profiles: Vec<Option<String>> = Vec::new();
        for name in &self.profile {
            if !profiles.iter().any(|known| known.as_ref() == Some(name)) {
                profiles.push(Some(name.clone()));
            }
        }
        if profiles.is_empty() { vec![None] } else { profiles }
    }

    /// How the one of this profile signs in.
    pub(crate) fn auth_options(&self, profile: Option<&String>) -> AuthOptions {
        AuthOptions { method: self.auth, profile: profile.cloned(), config_file: self.config_file.clone() }
    }

    /// The region whose Identity service is asked, where the endpoint itself is not given: that of the options, else the
    /// one that was found elsewhere.
    pub(crate) fn region(&self, found: Option<Setting>) -> Result<Setting, Failure> {
        let given = self.region.as_ref();
        let given = given.map(|region| Setting { value: region.clone(), origin: "--region".to_owned() });
        given.or(found).ok_or_else(|| {
            Failure::usage("no region is known, so there is no Identity service to ask for domains")
                .hint("add `region` to the profile, give --region such as us-ashburn-1, or name domains with --domain-url")
        })
    }
}

/// The Identity service of a region.
pub(crate) fn identity_of(region: &Region, said: &Setting) -> Result<Endpoint, Failure> {
    region.identity().parse().map_err(|_| {
        Failure::usage(format!("{}: `{}` is no region", said.origin, said.value))
            .hint("write it as the console does, such as us-ashburn-1")
    })
}

/// Why a region leads nowhere, with what to do about it.
pub(crate) fn no_region(error: &RegionError) -> Failure {
    Failure::usage(error).hint(error.remedy())
}

/// Signs everybody in, in the order of the profiles. Of several, one who cannot sign in is a gap and costs no other one.
pub(crate) async fn sign_in(
    reach: &ReachArgs,
    args: &NetworkArgs,
    env: &Environment,
    global: &GlobalArgs,
) -> Result<Accounts, Failure> {
    let signed = args.deadline().run(sign_all_in(reach, args, env, global)).await;
    signed.unwrap_or_else(|error| Err(Failure { exit: Exit::Nothing, ..Failure::usage(error) }))
}

async fn sign_all_in(
    reach: &ReachArgs,
    args: &NetworkArgs,
    env: &Environment,
    global: &GlobalArgs,
) -> Result<Accounts, Failure> {
    let network = args.network(env)?;
    let profiles = reach.profiles();
    let several = profiles.len() > 1;
    let mut accounts = Accounts { asked: profiles.len(), ..Accounts::default() };
    let mut failures = Vec::new();
    for profile in profiles {
        let label = profile.clone().filter(|_| several);
        match sign_in_one(reach, profile.as_ref(), &network, env, global).await {
            Ok(principal) => accounts.signed_in.push(Account {
                label,
                principal: Arc::new(principal),
                env: env.clone(),
                network: network.clone(),
                global: global.clone(),
            }),
            Err(error) => {
                let failure = no_sign_in(error);
                let name = label.unwrap_or_default();
                accounts.gaps.push(not_searched(
                    &name,
                    &name,
                    format!("sign in with the profile {name}"),
                    &failure,
                ));
                failures.push(failure);
            }
        }
    }
    if accounts.signed_in.is_empty()
        && let Some(failure) = all_of(failures)
    {
        return Err(failure);
    }
    accounts.gaps.iter().for_each(|gap| tell(gap, global));
    Ok(accounts)
}

async fn sign_in_one(
    reach: &ReachArgs,
    profile: Option<&String>,
    network: &Network,
    env: &Environment,
    global: &GlobalArgs,
) -> Result<Principal, AuthError> {
    let options = reach.auth_options(profile);
    let principal = credage_oci::auth::load(&options, env, network, &clock()).await?;
    for warning in principal.warnings() {
        terminal::warn(&warning.to_string(), global);
    }
    // A session that has ended, or that cannot begin, is known before anything is asked.
    principal.check(now()).await?;
    Ok(principal)
}

/// A tenancy that is not searched, for a reason that would have ended a run of this profile alone.
pub(crate) fn not_searched(tenancy: &str, profile: &str, what: String, failure: &Failure) -> Gap {
    let hint = failure.hint.clone().unwrap_or_else(|| {
        format!("correct it as the message says, then audit that tenancy with `--profile {profile}`")
    });
    Gap { tenancy: tenancy.to_owned(), what, why: Incomplete::new(failure.message.clone(), hint) }
}

/// Says at once what the report says at its end.
pub(crate) fn tell(gap: &Gap, global: &GlobalArgs) {
    terminal::warn(&format!("could not {}: {}", gap.what, gap.why.reason), global);
}

/// One failure for all: the only one, or each with its own words.
pub(crate) fn all_of(mut failures: Vec<Failure>) -> Option<Failure> {
    if failures.len() < 2 {
        return failures.pop();
    }
    let told: Vec<String> = failures.iter().map(|failure| failure.message.clone()).collect();
    let message = format!("none of the profiles can be used: {}", told.join("; and "));
    let exit = failures.iter().map(|failure| failure.exit).max().unwrap_or(Exit::Usage);
    let hint = failures.into_iter().find_map(|failure| failure.hint);
    Some(Failure { message, excerpt: None, hint, exit })
}

/// Why nobody could sign in, with what to do about it.
pub(crate) fn no_sign_in(error: AuthError) -> Failure {
    let remedy = match error {
        AuthError::NoTenancy => Some("credage audit --domain-url https://idcs-….identity.oraclecloud.com"),
        _ => error.remedy(),
    };
    let failure = Failure::usage(error);
    match remedy {
        Some(remedy) => failure.hint(remedy),
        None => failure,
    }
}

impl Account {
    /// The Identity service of this one's region.
    pub(crate) async fn identity(
        &self,
        tenancy: &str,
        reach: &ReachArgs,
        args: &NetworkArgs,
    ) -> Result<Identity, Failure> {
        let endpoint = self.identity_endpoint(tenancy, reach).await?;
        let options = args.client_options(IDENTITY_PACE, &self.network);
        let client = Client::new(endpoint, Arc::clone(&self.principal), options, clock());
        Ok(Identity::new(client.map_err(Failure::usage)?))
    }

    /// The tenancy that it belongs to.
    pub(crate) async fn tenancy(&self) -> Result<String, AuthError> {
        self.principal.tenancy(now()).await
    }

    async fn identity_endpoint(&self, tenancy: &str, reach: &ReachArgs) -> Result<Endpoint, Failure> {
        if let Some(endpoint) = &reach.identity_endpoint {
            return Ok(endpoint.clone());
        }
        let found = if reach.region.is_some() { None } else { self.principal.region(now()).await };
        let said = reach.region(found)?;
        let region = match self.principal.described_region(&said.value, now()).await {
            Some(region) => region,
            None => Region::find(&said, Some(tenancy), &self.env).map_err(|error| no_region(&error))?,
        };
        tracing::info!(
            region = region.id,
            realm = region.domain,
            known = region.known,
            origin = said.origin,
            "asking in this region"
        );
        if !region.known {
            let message = format!(
                "{}: the region {} is not known and taken to be of {}; if it is misspelt, correct it, and if it is new, \
                 describe it in OCI_REGION_METADATA",
                said.origin, said.value, region.domain
            );
            terminal::warn(&message, &self.global);
        }
        identity_of(&region, &said)
    }
}
