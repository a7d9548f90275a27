//! The simulation, judged by Oracle's own Python SDK: what a real client expects of the wire is what it gets.

// `cfg(test)` tells clippy that helpers may be as frank as the test that calls them.
#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::Ipv4Addr;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use credage_sim::{DomainSpec, Estate, EstateConfig, Recorded, Sim, SimConfig, TOPIC};
    use jiff::SignedDuration;
    use serde_json::{Value, json};
    use tempfile::TempDir;
    use tokio::runtime::Runtime;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    /// The interpreter of a virtual environment with the SDK: the one that is given, else one that is made.
    fn python() -> PathBuf {
        if let Some(given) = std::env::var_os("CREDAGE_OCI_PYTHON") {
            return given.into();
        }
        let output = Command::new("bash").arg(root().join("scripts/oci-sdk-venv")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().into()
    }

    #[test]
    fn oracle_s_own_sdk_is_served() {
        let runtime = Runtime::new().unwrap();
        let config = SimConfig { users: 130, ..SimConfig::new("2026-06-01T12:00:00Z".parse().unwrap()) };
        let sim = runtime.block_on(Sim::start(config)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let files = sim.write_profile(dir.path()).unwrap();
        sim.write_session(&files).unwrap();
        let truth: Vec<_> = sim
            .truth()
            .into_iter()
            .map(|row| json!({"collection": row.collection.path(), "id": row.id, "owner": row.owner}))
            .collect();
        let expected = dir.path().join("truth.json");
        std::fs::write(&expected, Value::from(truth).to_string()).unwrap();
        let output = Command::new(python())
            .arg(root().join("tests/python/check_sim.py"))
            .args([sim.url(), files.config.to_str().unwrap(), expected.to_str().unwrap()])
            .output()
            .unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{stdout}\n{stderr}");
        assert!(stdout.contains("14 checks passed"), "{stdout}\n{stderr}");
        let stats = sim.stats();
        assert!(stats.requests > 30, "{stats:?}");
        assert_eq!(stats.refused_signatures, 2, "the wrong key, and the token that nobody gave");
    }

    fn spec(name: &str, licence: &'static str, compartment: usize, seed: u64) -> DomainSpec {
        let config = SimConfig {
            users: 20,
            seed,
            odd_users: false,
            ..SimConfig::new("2026-06-01T12:00:00Z".parse().unwrap())
        };
        DomainSpec { compartment, ..DomainSpec::new(name, licence, config) }
    }

    /// A tenancy with everything that lets principals in.
    struct Tenancy {
        estate: Estate,
        dir: TempDir,
        host: String,
        runtime: Runtime,
    }

    const CLIENT: (&str, &str) = ("client-1", "s3cret");
    const SUBJECT: &str = "e30.eyJzdWIiOiJjaSJ9.x";

    impl Tenancy {
        fn start() -> Self {
            let runtime = Runtime::new().unwrap();
            let domains = vec![
                spec("Default", "free", 0, 1),
                spec("Partners", "premium", 2, 2),
                spec("Staff", "oracle-apps", 5, 3),
                spec("Customers", "external-user", 5, 4),
            ];
            let config = EstateConfig { compartments: 5, page: 2, ..EstateConfig::new(domains) };
            let mut estate = runtime.block_on(Estate::start(config)).unwrap();
            let dir = tempfile::tempdir().unwrap();
            let files = estate.write_profile(dir.path()).unwrap();
            estate.write_session(&files, SignedDuration::from_hours(1)).unwrap();
            estate.write_resource_principal(dir.path(), SignedDuration::from_hours(1)).unwrap();
            let host = Ipv4Addr::new(127, 1, 0, 3);
            let host = runtime.block_on(estate.start_cluster(host, dir.path())).unwrap();
            estate.domains()[0].welcome_client(CLIENT.0, CLIENT.1);
            estate.domains()[0].welcome_subject(SUBJECT);
            Self { estate, dir, host, runtime }
        }

        fn path(&self, name: &str) -> String {
            self.dir.path().join(name).to_str().unwrap().to_owned()
        }

        /// What every principal finds in its environment; the same for the SDK and for credage.
        fn env(&self) -> Vec<(&'static str, String)> {
            vec![
                ("OCI_METADATA_BASE_URL", format!("{}/opc/v2", self.estate.url())),
                ("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2".to_owned()),
                ("OCI_RESOURCE_PRINCIPAL_RPST", self.path("rpst")),
                ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", self.path("rpst.pem")),
                ("OCI_RESOURCE_PRINCIPAL_REGION", "us-ashburn-1".to_owned()),
                ("KUBERNETES_SERVICE_HOST", self.host.clone()),
                ("OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH", self.path("ca.crt")),
            ]
        }

        /// `credage domains` by one principal.
        fn credage(&self, method: &str) {
            let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
            command.env_clear().args(["domains", "--auth", method, "--identity-endpoint", self.estate.url()]);
            command.envs(self.env());
            command.env("OCI_CLI_FEDERATION_ENDPOINT", format!("{}/v1/x509", self.estate.url()));
            command.env("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH", self.path("token"));
            command.env("CREDAGE_CLIENT_ID", CLIENT.0).env("CREDAGE_CLIENT_SECRET", CLIENT.1);
            command.env("CREDAGE_TOKEN_DOMAIN_URL", self.estate.domains()[0].url());
            command.env("CREDAGE_SUBJECT_TOKEN", SUBJECT);
            let output = command.output().unwrap();
            assert!(output.status.success(), "{method}: {}", String::from_utf8_lossy(&output.stderr));
        }

        /// Has the SDK discover the tenancy by every principal.
        fn drive_with_sdk(&self) {
            let domains = self.estate.domains().iter();
            let named = [
                ("Default", "free", "DEFAULT"),
                ("Partners", "premium", "SECONDARY"),
                ("Staff", "oracle-apps", "SECONDARY"),
                ("Customers", "external-user", "SECONDARY"),
            ];
            let domains: Vec<Value> = named
            .iter()
            .zip(domains)
            .map(|((name, licence, kind), sim)| {
                json!({"name": name, "licence": licence, "type": kind, "url": sim.url()})
            })
            .collect();
            let expected = json!({
                "url": self.estate.url(), "tenancy": "ocid1.tenancy.oc1..aaaaaaaasimulatedtenancy",
                "config": self.path("config"), "users": 20, "domains": domains,
                "account_token": self.path("token"), "subject_token": SUBJECT,
                "client_id": CLIENT.0, "client_secret": CLIENT.1,
            });
            let file = self.path("expected.json");
            std::fs::write(&file, expected.to_string()).unwrap();
            let script = root().join("tests/python/check_tenancy.py");
            let output = Command::new(python()).arg(script).arg(file).envs(self.env()).output().unwrap();
            let (stdout, stderr) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "{stdout}\n{stderr}");
            assert!(stdout.contains("27 checks passed"), "{stdout}\n{stderr}");
        }

        /// Requests for tokens so far, in the order in which they came, by their path.
        fn recorded(&self, path: &str) -> Vec<Recorded> {
            let of_domain = self.estate.domains()[0].recorded();
            let all = self.estate.recorded().into_iter().chain(of_domain);
            all.filter(|recorded| recorded.target == format!("POST {path}")).collect()
        }

        /// The one request that the SDK sent, and the one that credage sends for the same input.
        fn both(&self, path: &str, method: &str) -> (Recorded, Recorded) {
            let sdk = self.recorded(path);
            self.credage(method);
            let both = self.recorded(path);
            assert_eq!((sdk.len(), both.len()), (1, 2), "{method}: one each");
            assert_eq!(sdk[0].target, both[1].target);
            assert_headers(&sdk[0], &both[1], method);
            (sdk[0].clone(), both[1].clone())
        }
    }

    /// Headers of which nothing depends: what the two HTTP libraries send of their own accord, each its own way, and what
    /// is different in every request.
    const HARMLESS: [&str; 9] = [
        "accept",
        "accept-encoding",
        "connection",
        "user-agent",
        "content-length",
        "date",
        "host",
        "x-content-sha256",
        "authorization",
    ];

    /// The same headers with the same values, but for those of which nothing depends; of these, the ones that are signed
    /// are there in both.
    fn assert_headers(sdk: &Recorded, ours: &Recorded, method: &str) {
        let names = |recorded: &Recorded| -> BTreeSet<String> {
            let names = recorded.headers.keys().filter(|name| !HARMLESS.contains(&name.as_str()));
            names.cloned().collect()
        };
        assert_eq!(names(sdk), names(ours), "{method}");
        for name in names(sdk).iter().filter(|name| *name != "opc-request-id") {
            assert_eq!(sdk.headers[name], ours.headers[name], "{method}: {name}");
        }
        for name in ["date", "x-content-sha256", "authorization", "host", "content-length"] {
            assert_eq!(sdk.headers.contains_key(name), ours.headers.contains_key(name), "{method}: {name}");
        }
    }

    /// The parameters of a signature without the signature itself.
    fn parameters(recorded: &Recorded) -> Vec<String> {
        let text = recorded.headers["authorization"].strip_prefix("Signature ").unwrap().to_owned();
        text.split(',').filter(|pair| !pair.starts_with("signature=")).map(str::to_owned).collect()
    }

    fn json(recorded: &Recorded) -> Value {
        serde_json::from_str(&recorded.body).unwrap()
    }

    /// Two public keys of the same kind: RSA of 2,048 bits with the exponent 65537, DER in base64 without breaks.
    fn assert_public_keys(sdk: &str, ours: &str) {
        assert_ne!(sdk, ours, "each makes its own");
        assert_eq!(sdk.len(), ours.len());
        assert_eq!(sdk[..44], ours[..44], "the same algorithm and length");
        assert_eq!(sdk[sdk.len() - 6..], ours[ours.len() - 6..], "the same exponent");
    }

    #[test]
    fn the_sdk_discovers_by_every_principal_and_asks_for_tokens_as_credage_does() {
        let tenancy = Tenancy::start();
        tenancy.drive_with_sdk();
        assert_eq!(tenancy.estate.stats().refused_signatures, 0);

        let (sdk, ours) = tenancy.both("/v1/x509", "instance_principal");
        assert_eq!(parameters(&sdk), parameters(&ours), "key id, algorithm, signed headers, version");
        assert!(parameters(&ours).iter().any(|parameter| {
            parameter == r#"headers="date (request-target) content-length content-type x-content-sha256""#
        }));
        let (mut sdk, mut ours) = (json(&sdk), json(&ours));
        let (theirs, own) = (sdk["publicKey"].take(), ours["publicKey"].take());
        assert_public_keys(theirs.as_str().unwrap(), own.as_str().unwrap());
        assert_eq!(sdk, ours, "the same certificates under the same names, and nothing else");
        assert_eq!(ours["intermediateCertificates"].as_array().unwrap().len(), 1);

        let (sdk, ours) = tenancy.both("/resourcePrincipalSessionTokens", "oke_workload_identity");
        assert_eq!(
            sdk.headers["authorization"], ours.headers["authorization"],
            "the service account's token"
        );
        let shape = |recorded: &Recorded| {
            let id = &recorded.headers["opc-request-id"];
            id.split('/')
                .map(|part| (part.len(), part.bytes().all(|byte| byte.is_ascii_hexdigit())))
                .collect::<Vec<_>>()
        };
        assert_eq!(shape(&sdk), shape(&ours));
        let (mut sdk, mut ours) = (json(&sdk), json(&ours));
        let (theirs, own) = (sdk["podKey"].take(), ours["podKey"].take());
        assert_public_keys(theirs.as_str().unwrap(), own.as_str().unwrap());
        assert_eq!(sdk, ours);

        let (sdk, ours) = tenancy.both("/oauth2/v1/token", "token_exchange");
        assert_eq!(sdk.headers["authorization"], ours.headers["authorization"], "the client");
        let form = |recorded: &Recorded| -> Vec<(String, String)> {
            url::form_urlencoded::parse(recorded.body.as_bytes()).into_owned().collect()
        };
        let (mut sdk, mut ours) = (form(&sdk), form(&ours));
        let (theirs, own) = (sdk.pop().unwrap(), ours.pop().unwrap());
        assert_eq!((theirs.0.as_str(), own.0.as_str()), ("public_key", "public_key"));
        assert_public_keys(&theirs.1, &own.1);
        assert_eq!(sdk, ours, "the same fields with the same values, in the same order");

        tenancy.credage("resource_principal");
        drop(tenancy.runtime);
    }

    /// The same headers as in `signer_tests.rs`, which holds credage to them.
    #[test]
    fn oracle_s_own_sdk_signs_on_behalf_of_a_user() {
        let runtime = Runtime::new().unwrap();
        let config = EstateConfig {
            instances_only_delegate: true,
            ..EstateConfig::new(vec![spec("Default", "free", 0, 1)])
        };
        let estate = runtime.block_on(Estate::start(config)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        estate.write_delegation(dir.path(), SignedDuration::from_hours(1)).unwrap();
        let output = Command::new(python())
            .arg(root().join("tests/python/check_delegation.py"))
            .args([estate.url(), "ocid1.tenancy.oc1..aaaaaaaasimulatedtenancy"])
            .arg(dir.path().join("delegation_token"))
            .env("OCI_METADATA_BASE_URL", format!("{}/opc/v2", estate.url()))
            .output()
            .unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{stdout}\n{stderr}");
        let lines: Vec<&str> = stdout.lines().collect();
        let generic = "date (request-target) host opc-obo-token";
        assert_eq!(lines[0], format!("GET {generic}"));
        assert_eq!(lines[1], format!("POST {generic} content-length content-type x-content-sha256"));
        assert_eq!(lines[2], "1 domain(s) read");
        assert_eq!(estate.stats().refused_signatures, 0);
    }

    #[test]
    fn profiles_keys_and_principals_are_chosen_as_oracle_s_own_tools_choose_them() {
        let script = root().join("tests/python/check_sign_in.py");
        let output = Command::new(python()).arg(script).arg(env!("CARGO_BIN_EXE_credage")).output().unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{stdout}\n{stderr}");
        assert!(stdout.contains(" situations compared in "), "{stdout}\n{stderr}");
    }

    #[test]
    fn oracle_s_own_sdk_publishes_to_the_topic() {
        let runtime = Runtime::new().unwrap();
        let config = SimConfig { users: 3, ..SimConfig::new("2026-06-01T12:00:00Z".parse().unwrap()) };
        let specs = vec![DomainSpec::new("Default", "free", config)];
        let estate = runtime.block_on(Estate::start(EstateConfig::new(specs))).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let files = estate.write_profile(dir.path()).unwrap();
        let output = Command::new(python())
            .arg(root().join("tests/python/check_notifications.py"))
            .args([estate.url(), files.config.to_str().unwrap(), TOPIC])
            .output()
            .unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{stdout}\n{stderr}");
        assert!(stdout.contains("5 checks passed"), "{stdout}\n{stderr}");
        let published = estate.published();
        assert_eq!(published.len(), 1, "{published:?}");
        assert_eq!((published[0].title.as_str(), published[0].body.as_str()), ("from the SDK", "grüß dich"));
        assert_eq!(estate.stats().refused_signatures, 0);
    }
}
