//! Every way in: each against the part of the simulation that gives its tokens and checks what it is sent.

use std::net::Ipv4Addr;

use assert_cmd::Command;
use credage_sim::{Estate, EstateConfig, ListingPolicies, ListingPolicy, ServerCertificate, SimConfig};
use jiff::SignedDuration;
use serde_json::Value;

use crate::harness::{NOW, Run, Tenancy, assert_same, config, credage, finish, ids};
use crate::tenancy::{Whole, spec};

fn whole(change: impl FnOnce(EstateConfig) -> EstateConfig) -> Whole {
    Whole::start(change(EstateConfig::new(vec![
        spec("Default", "premium", 1),
        spec("Partners", "premium", 2),
    ])))
}

/// An audit of a tenancy without any configuration file.
fn bare(whole: &Whole, args: &[&str]) -> Command {
    let mut command = credage();
    command.args([
        "audit",
        "--as-of",
        NOW,
        "--format",
        "json",
        "-v",
        "--identity-endpoint",
        whole.estate.url(),
    ]);
    command.args(args);
    command
}

fn instance(whole: &Whole, args: &[&str]) -> Command {
    let mut command = bare(whole, args);
    command.env("OCI_METADATA_BASE_URL", format!("{}/opc/v2", whole.estate.url()));
    command.env("OCI_CLI_FEDERATION_ENDPOINT", format!("{}/v1/x509", whole.estate.url()));
    command
}

fn assert_found(whole: &Whole, run: &Run) -> Value {
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = run.json();
    assert_same(&ids(&report), &whole.truth());
    report
}

#[test]
fn an_instance_is_recognised_where_nothing_is_configured() {
    let whole = whole(|config| config);
    let run = finish(instance(&whole, &[]));
    let report = assert_found(&whole, &run);
    assert!(run.stderr.contains("instance metadata answers"), "{}", run.stderr);
    assert_eq!(report["domains"][0]["control"], "not_tried");
    let recorded = whole.estate.recorded();
    assert_eq!(recorded.len(), 1, "one token for both domains and the search");
    assert!(!recorded[0].headers["authorization"].contains("host"), "{:?}", recorded[0].headers);
}

#[test]
fn tokens_that_end_soon_are_renewed_in_the_middle_of_a_run() {
    let mut specs = vec![spec("Default", "premium", 1)];
    specs[0].config.latency = std::time::Duration::from_millis(300);
    specs[0].config.listing = ListingPolicies::credentials(ListingPolicy::OneUser);
    let whole = Whole::start(EstateConfig {
        token_lifetime: SignedDuration::from_secs(4),
        ..EstateConfig::new(specs)
    });
    let run = finish(instance(&whole, &["--auth", "instance-principal", "--concurrency", "3"]));
    assert_found(&whole, &run);
    let tokens = whole.estate.recorded().len();
    assert!((2..=8).contains(&tokens), "{tokens} tokens");
    let refused: u64 = whole.estate.domains().iter().map(|sim| sim.stats().refused_signatures).sum();
    assert_eq!(refused, 0, "renewed before they ended");
}

#[test]
fn a_session_that_the_service_ends_is_begun_again() {
    let mut slow = vec![spec("Default", "premium", 1)];
    slow[0].config.latency = std::time::Duration::from_millis(400);
    slow[0].config.page_cap = Some(5);
    let whole = Whole::start(EstateConfig::new(slow));
    let run = std::thread::scope(|scope| {
        let run = scope.spawn(|| finish(instance(&whole, &["--auth", "instance_principal"])));
        // In the middle: some requests are answered, and more are to come.
        while whole.estate.domains()[0].stats().requests < 10 {
            std::thread::yield_now();
        }
        whole.estate.revoke_tokens();
        run.join().unwrap()
    });
    assert_found(&whole, &run);
    assert!(whole.estate.recorded().len() >= 2, "another token was asked for");
}

#[test]
fn an_instance_that_changes_its_tenancy_is_refused() {
    let whole = whole(|config| EstateConfig {
        token_lifetime: SignedDuration::from_secs(-1),
        tenancy_changes: true,
        ..config
    });
    let run = finish(instance(&whole, &["--auth", "instance_principal"]));
    assert_ne!(run.code, 0);
    assert!(run.stderr.contains("another tenancy"), "{}", run.stderr);
}

#[test]
fn metadata_that_is_not_there_is_known_soon_and_asked_nowhere_else() {
    let mut command = credage();
    command
        .args(["audit", "--auth", "instance_principal"])
        .env("OCI_METADATA_BASE_URL", "http://127.0.0.1:9/opc/v2");
    let run = finish(command);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("no instance metadata"), "{}", run.stderr);
    let mut command = credage();
    command
        .args(["audit", "--auth", "instance_principal"])
        .env("OCI_METADATA_BASE_URL", "http://192.0.2.1/opc/v2");
    let run = finish(command);
    assert!(run.stderr.contains("neither https:// nor"), "{}", run.stderr);
}

/// Cloud Shell: an instance that may do nothing in its own name, and a profile with a delegation token.
fn cloud_shell(whole: &Whole, args: &[&str]) -> Command {
    let mut command = instance(whole, args);
    command.env("OCI_CLI_CONFIG_FILE", whole.dir.path().join("cloud_shell_config"));
    command.env("OCI_CLI_PROFILE", "us-ashburn-1").env("OCI_CLI_CLOUD_SHELL", "True");
    command
}

#[test]
fn cloud_shell_signs_on_behalf_of_its_user() {
    let whole = whole(|config| EstateConfig { instances_only_delegate: true, ..config });
    let dir = whole.dir.path();
    let token = whole.estate.write_delegation(dir, SignedDuration::from_hours(1)).unwrap();
    let mut command = cloud_shell(&whole, &[]);
    command.env("OCI_CLI_AUTH", "instance_obo_user");
    let asked = finish(command);
    assert_found(&whole, &asked);
    assert!(
        !whole.estate.recorded()[0].headers.contains_key("opc-obo-token"),
        "the token is not for federation"
    );
    let found = finish(cloud_shell(&whole, &[]));
    assert_found(&whole, &found);
    assert!(found.stderr.contains("instance_obo_user"), "{}", found.stderr);
    for run in [&asked, &found] {
        assert!(!format!("{run:?}").contains(&token), "the token is a secret");
    }
    let refused: u64 = whole.estate.domains().iter().map(|sim| sim.stats().refused_signatures).sum();
    assert_eq!(refused + whole.estate.stats().refused_signatures, 0);
    // The same as Oracle's Python SDK has it in the profile itself.
    let file = dir.join("cloud_shell_config");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}authentication_type=instance_principal\n")).unwrap();
    assert_found(&whole, &finish(cloud_shell(&whole, &[])));
    // Without the token the instance is nobody, which shows that it was needed.
    let alone = finish(cloud_shell(&whole, &["--auth", "instance_principal"]));
    assert_eq!(alone.code, 4, "{}", alone.stderr);
    assert!(alone.stdout.contains("in its own name"), "{}", alone.stdout);
}

#[test]
fn a_delegation_token_that_is_replaced_is_read_again() {
    let mut slow = vec![spec("Default", "premium", 1)];
    slow[0].config.latency = std::time::Duration::from_millis(300);
    slow[0].config.listing = ListingPolicies::credentials(ListingPolicy::OneUser);
    let whole = Whole::start(EstateConfig { instances_only_delegate: true, ..EstateConfig::new(slow) });
    let dir = whole.dir.path();
    whole.estate.write_delegation(dir, SignedDuration::from_secs(8)).unwrap();
    let run = std::thread::scope(|scope| {
        let run = scope.spawn(|| finish(cloud_shell(&whole, &["--concurrency", "2"])));
        while whole.estate.domains()[0].stats().requests < 3 {
            std::thread::yield_now();
        }
        whole.estate.write_delegation(dir, SignedDuration::from_hours(1)).unwrap();
        run.join().unwrap()
    });
    assert_found(&whole, &run);
    assert!(whole.estate.recorded().len() >= 2, "a session of its own");
}

#[test]
fn a_delegation_token_that_is_missing_or_no_use_is_said_to_be() {
    let whole = whole(|config| EstateConfig { instances_only_delegate: true, ..config });
    let dir = whole.dir.path();
    whole.estate.write_delegation(dir, SignedDuration::from_secs(-5)).unwrap();
    let ended = finish(cloud_shell(&whole, &[]));
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("the delegation token expired at"), "{}", ended.stderr);
    assert_eq!(whole.estate.recorded().len(), 0, "no session is begun for it");
    // One that says nothing of itself, and that nobody knows.
    std::fs::write(dir.join("delegation_token"), "opaque").unwrap();
    let unknown = finish(cloud_shell(&whole, &[]));
    assert_eq!(unknown.code, 4, "{}", unknown.stderr);
    assert!(unknown.stdout.contains("delegation token is not known or has expired"), "{}", unknown.stdout);
    std::fs::write(dir.join("delegation_token"), " \n").unwrap();
    let empty = finish(cloud_shell(&whole, &[]));
    assert_eq!(empty.code, 2);
    assert!(empty.stderr.contains("the delegation token: the token is empty"), "{}", empty.stderr);
    std::fs::remove_file(dir.join("delegation_token")).unwrap();
    let gone = finish(cloud_shell(&whole, &[]));
    assert_eq!(gone.code, 2);
    assert!(gone.stderr.contains("names the delegation token"), "{}", gone.stderr);
    let nowhere = finish({
        let mut command = cloud_shell(&whole, &["--auth", "instance_obo_user", "--profile", "DEFAULT"]);
        command.env("OCI_CLI_CONFIG_FILE", &whole.files.config);
        command
    });
    assert!(nowhere.stderr.contains("delegation_token_file"), "{}", nowhere.stderr);
}

#[test]
fn a_resource_is_let_in_by_paths_and_by_values() {
    let whole = whole(|config| config);
    let dir = whole.dir.path();
    whole.estate.write_resource_principal(dir, SignedDuration::from_hours(1)).unwrap();
    let (token, key) = (dir.join("rpst"), dir.join("rpst.pem"));
    let run = |token: &str, key: &str| {
        let mut command = bare(&whole, &[]);
        command.env("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2").env("OCI_RESOURCE_PRINCIPAL_RPST", token);
        command
            .env("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", key)
            .env("OCI_RESOURCE_PRINCIPAL_REGION", "us-ashburn-1");
        finish(command)
    };
    let by_path = run(token.to_str().unwrap(), key.to_str().unwrap());
    assert_found(&whole, &by_path);
    assert!(by_path.stderr.contains("OCI_RESOURCE_PRINCIPAL_VERSION is set"), "{}", by_path.stderr);
    let text = |path| std::fs::read_to_string(path).unwrap();
    assert_found(&whole, &run(&text(&token), &text(&key)));
    whole.estate.write_resource_principal(dir, SignedDuration::from_secs(-5)).unwrap();
    let ended = run(token.to_str().unwrap(), key.to_str().unwrap());
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("expired at"), "{}", ended.stderr);
    let mut command = bare(&whole, &[]);
    command.env("OCI_RESOURCE_PRINCIPAL_VERSION", "1.1");
    assert!(finish(command).stderr.contains("supported is 2.2"));
}

#[test]
fn a_pod_is_let_in_by_its_service_account() {
    let mut enhanced = whole(|config| config);
    let dir = enhanced.dir.path().to_owned();
    let host = Ipv4Addr::new(127, 1, 0, 1);
    let Whole { estate, runtime, .. } = &mut enhanced;
    let host = runtime.block_on(estate.start_cluster(host, &dir)).unwrap();
    let pod = |whole: &Whole, host: &str| {
        let mut command = bare(whole, &["--region", "us-ashburn-1"]);
        command.env("KUBERNETES_SERVICE_HOST", host);
        command.env("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH", dir.join("token"));
        command.env("OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH", dir.join("ca.crt"));
        finish(command)
    };
    let run = pod(&enhanced, &host);
    assert_found(&enhanced, &run);
    assert!(run.stderr.contains("oke_workload_identity"), "{}", run.stderr);
    // Oracle's Go SDK wants these two in a pod; they hold no token, and so are no resource principal.
    let mut command = bare(&enhanced, &[]);
    command.env("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2").env("OCI_RESOURCE_PRINCIPAL_REGION", "us-ashburn-1");
    command.env("KUBERNETES_SERVICE_HOST", &host);
    command.env("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH", dir.join("token"));
    command.env("OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH", dir.join("ca.crt"));
    let run = finish(command);
    assert_found(&enhanced, &run);
    assert!(run.stderr.contains("oke_workload_identity"), "{}", run.stderr);
    assert!(enhanced.estate.recorded()[0].body.contains("podKey"));
    let mut basic = whole(|config| EstateConfig { basic_cluster: true, ..config });
    let Whole { estate, runtime, .. } = &mut basic;
    let host = runtime.block_on(estate.start_cluster(Ipv4Addr::new(127, 1, 0, 2), &dir)).unwrap();
    let run = pod(&basic, &host);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("enhanced cluster"), "{}", run.stderr);
}

fn oauth(tenancy: &Tenancy) -> Command {
    let mut command = credage();
    command.args(["audit", "--as-of", NOW, "--format", "json", "-v", "--rate-limit", "none"]);
    command.args(["--domain-url", tenancy.sim.url()]).env("CREDAGE_CLIENT_ID", "client-1");
    command
}

#[test]
fn an_application_of_the_domain_is_let_in() {
    let tenancy = Tenancy::start(SimConfig { token_lifetime: SignedDuration::from_hours(1), ..config() });
    tenancy.sim.welcome_client("client-1", "s3cret");
    let secret = tenancy.path("secret");
    std::fs::write(&secret, "s3cret\n").unwrap();
    let mut command = oauth(&tenancy);
    command.env("CREDAGE_CLIENT_SECRET_FILE", &secret);
    let run = finish(command);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_same(&ids(&run.json()), &tenancy.truth());
    assert_eq!(tenancy.sim.recorded().len(), 1, "the token is kept");
    let recorded = &tenancy.sim.recorded()[0];
    assert_eq!(recorded.body, "grant_type=client_credentials&scope=urn%3Aopc%3Aidm%3A__myscopes__");
    let mut command = oauth(&tenancy);
    command.env("CREDAGE_CLIENT_SECRET", "hunter2");
    let run = finish(command);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stdout.contains("invalid_client"), "{}", run.stdout);
    assert!(!format!("{run:?}").contains("hunter2"), "no secret is shown");
    assert!(finish(oauth(&tenancy)).stderr.contains("CREDAGE_CLIENT_SECRET"));
    let mut command = credage();
    command
        .args(["audit", "--auth", "oauth_client"])
        .env("CREDAGE_CLIENT_ID", "a")
        .env("CREDAGE_CLIENT_SECRET", "b");
    assert!(finish(command).stderr.contains("--domain-url"), "a client cannot search");
}

#[test]
fn a_foreign_token_is_exchanged() {
    let whole = whole(|config| config);
    let sim = &whole.estate.domains()[0];
    sim.welcome_client("client-1", "s3cret");
    sim.welcome_subject("x.e30.y");
    let exchange = |subject: &str| {
        let mut command = bare(&whole, &[]);
        command.env("CREDAGE_CLIENT_ID", "client-1").env("CREDAGE_CLIENT_SECRET", "s3cret");
        command.env("CREDAGE_TOKEN_DOMAIN_URL", sim.url()).env("CREDAGE_SUBJECT_TOKEN", subject);
        command.env("OCI_CLI_REGION", "us-ashburn-1");
        finish(command)
    };
    let run = exchange("x.e30.y");
    assert_found(&whole, &run);
    assert!(run.stderr.contains("token_exchange"), "{}", run.stderr);
    let run = exchange("x.e30.z");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("The subject token is not trusted"), "{}", run.stderr);
}

#[test]
fn another_authority_is_trusted_when_it_is_named() {
    let mut whole = whole(|config| config);
    let ca = whole.dir.path().join("ca.pem");
    let Whole { estate, runtime, .. } = &mut whole;
    let url = runtime.block_on(Estate::start_tls(estate, &ca, &ServerCertificate::of("127.0.0.1"))).unwrap();
    let audit = |args: &[&str], variable: Option<(&str, &std::path::Path)>| {
        let mut command = credage();
        command.args([
            "audit",
            "--as-of",
            NOW,
            "--format",
            "json",
            "--retries",
            "0",
            "--identity-endpoint",
            &url,
        ]);
        command.arg("--config-file").arg(&whole.files.config).args(args);
        if let Some((name, path)) = variable {
            command.env(name, path);
        }
        finish(command)
    };
    let run = audit(&[], None);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stdout.to_lowercase().contains("certificate"), "{}", run.stdout);
    assert_found(&whole, &audit(&["--ca-bundle", ca.to_str().unwrap()], None));
    for name in ["OCI_CLI_CERT_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
        assert_found(&whole, &audit(&[], Some((name, &ca))));
        let missing = audit(&[], Some((name, std::path::Path::new("/nonexistent"))));
        assert!(missing.code == 2 && missing.stderr.contains(name), "{missing:?}");
    }
    // A folder of certificates is one too, whatever else is in it.
    let folder = whole.dir.path().join("certificates");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("README"), "no certificate").unwrap();
    let empty = audit(&[], Some(("REQUESTS_CA_BUNDLE", &folder)));
    assert!(empty.code == 2 && empty.stderr.contains("holds no certificate"), "{empty:?}");
    std::fs::copy(&ca, folder.join("0a1b2c3d.0")).unwrap();
    assert_found(&whole, &audit(&[], Some(("REQUESTS_CA_BUNDLE", &folder))));
    assert!(audit(&["--ca-bundle", "/nonexistent"], None).stderr.contains("--ca-bundle"));
}
