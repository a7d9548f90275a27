//! Every way in, laid out for somebody to try: a file of shell variables for each, and what they name.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::Estate;
use crate::error::SimError;
use crate::profile::write_private;

/// A way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// As `--auth` calls it.
    pub method: &'static str,
    /// Variables to read with the shell's `.` before credage is run.
    pub file: PathBuf,
}

impl Way {
    /// The shell command that reads the variables.
    pub fn command(&self) -> String {
        format!(". {}", quoted(&self.file.display().to_string()))
    }
}

const CLIENT: &str = "simulated-client";
const SECRET: &str = "simulated-secret";

impl Estate {
    /// Writes what lets every principal in into a directory, good for `lifetime`. The cluster's proxy is left out where
    /// its port is taken.
    pub async fn write_ways(&mut self, dir: &Path, lifetime: SignedDuration) -> Result<Vec<Way>, SimError> {
        fs::create_dir_all(dir).map_err(|source| SimError::Write { path: dir.to_owned(), source })?;
        let mut ways = Vec::new();
        ways.extend(self.write_instances(dir, lifetime)?);
        self.write_resource_principal(dir, lifetime)?;
        ways.push(write(
            dir,
            "resource_principal",
            &[
                ("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2".to_owned()),
                ("OCI_RESOURCE_PRINCIPAL_RPST", path(dir, "rpst")),
                ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", path(dir, "rpst.pem")),
                ("OCI_RESOURCE_PRINCIPAL_REGION", "us-ashburn-1".to_owned()),
            ],
        )?);
        if let Ok(host) = self.start_cluster(Ipv4Addr::LOCALHOST, dir).await {
            ways.push(write(
                dir,
                "oke_workload_identity",
                &[
                    ("KUBERNETES_SERVICE_HOST", host),
                    ("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH", path(dir, "token")),
                    ("OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH", path(dir, "ca.crt")),
                ],
            )?);
        }
        if let Some(domain) = self.domains.first() {
            let expires = crate::clock::now().checked_add(lifetime).unwrap_or(Timestamp::MAX);
            let subject = crate::keys::jwt(&serde_json::json!({"sub": "ci", "exp": expires.as_second()}));
            domain.welcome_client(CLIENT, SECRET);
            domain.welcome_subject(&subject);
            write_private(&dir.join("secret"), SECRET)?;
            write_private(&dir.join("subject_token"), &subject)?;
            let client = [
                ("CREDAGE_CLIENT_ID", CLIENT.to_owned()),
                ("CREDAGE_CLIENT_SECRET_FILE", path(dir, "secret")),
            ];
            ways.push(write(dir, "oauth_client", &client)?);
            let subject = [
                ("CREDAGE_TOKEN_DOMAIN_URL", domain.url().to_owned()),
                ("CREDAGE_SUBJECT_TOKEN_FILE", path(dir, "subject_token")),
            ];
            ways.push(write(dir, "token_exchange", &[client, subject].concat())?);
        }
        Ok(ways)
    }

    /// An instance in its own name, and on behalf of a user.
    fn write_instances(&self, dir: &Path, lifetime: SignedDuration) -> Result<[Way; 2], SimError> {
        let url = self.url();
        let instance = [
            ("OCI_METADATA_BASE_URL", format!("{url}/opc/v2")),
            ("OCI_CLI_FEDERATION_ENDPOINT", format!("{url}/v1/x509")),
        ];
        self.write_delegation(dir, lifetime)?;
        let profile = [
            ("OCI_CLI_CONFIG_FILE", path(dir, "cloud_shell_config")),
            ("OCI_CLI_PROFILE", "us-ashburn-1".to_owned()),
        ];
        let delegate = [instance.clone(), profile].concat();
        Ok([write(dir, "instance_principal", &instance)?, write(dir, "instance_obo_user", &delegate)?])
    }
}

fn path(dir: &Path, name: &str) -> String {
    dir.join(name).display().to_string()
}

fn write(dir: &Path, method: &'static str, variables: &[(&'static str, String)]) -> Result<Way, SimError> {
    let file = dir.join(format!("{method}.sh"));
    let line = |(name, value): &(&str, String)| format!("export {name}={}\n", quoted(value));
    write_private(&file, &variables.iter().map(line).collect::<String>())?;
    Ok(Way { method, file })
}

/// As a shell takes it for one word, whatever is in it.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        assert_eq!(quoted("plain"), "'plain'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }
}
