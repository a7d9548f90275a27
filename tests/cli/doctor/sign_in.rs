//! Who signs in: profiles, keys, sessions, other principals.

use std::fs;

use credage_sim::{Collection, Denied, DeniedHow, EstateConfig, SimConfig};
use jiff::SignedDuration;

use super::{assert_problem, check, checks, doctor, healthy, json_of, statements, text, verdict, with_file};
use crate::harness::{Tenancy, config, credage};
use crate::tenancy::{Whole, spec};

#[test]
fn a_broken_profile_keeps_nobody_from_the_network() {
    let whole = healthy();
    let good = fs::read_to_string(&whole.files.config).unwrap();
    let fingerprint = good.lines().find(|line| line.starts_with("fingerprint")).unwrap().to_owned();
    let wrong = format!("fingerprint={}", ["00"; 16].join(":"));
    let key = whole.files.key.display().to_string();
    let path = whole.dir.path().join("other");
    let no_token = whole.dir.path().join("token");
    fs::write(&no_token, "no token at all").unwrap();
    let token = format!("{good}\nsecurity_token_file={}\n", no_token.display());
    let gone = good.replace(&key, "/nonexistent/key.pem");
    let folder = good.replace(&key, &whole.dir.path().display().to_string());
    let cases: [(&str, &[&str], &str, &str, &str); 8] = [
        (&good, &["--profile", "PRD"], "profile", "no profile PRD", "it has: DEFAULT"),
        (&good.replace(&fingerprint, &wrong), &[], "key", "has the fingerprint", "correct one of the two"),
        (&gone, &[], "key", "does not exist", "correct the path"),
        (&folder, &[], "key", "cannot be read", "readable"),
        (&good.replace("user=ocid1", "user=me"), &[], "profile", "is no user", "ocid1.user."),
        (&token, &["--auth", "security_token"], "session", "is not a token", "oci session authenticate"),
        (&good, &["--auth", "resource_principal"], "profile", "OCI_RESOURCE", "set it"),
        (&good.replace("region=us", "nonsense us"), &[], "profile", "line", "correct that line"),
    ];
    for (text_of_file, args, subject, detail, remedy) in cases {
        fs::write(&path, text_of_file).unwrap();
        let args = [&["--identity-endpoint", whole.estate.url()], args].concat();
        let (run, json) = json_of(with_file(&path, &args));
        assert_eq!(run.code, 2, "{json:#}");
        assert_problem(&json, subject, detail, remedy);
        assert_eq!(check(&json, subject)["misuse"], true);
        assert_eq!(json["prospect"], "misuse");
        assert_eq!(verdict(&json, "connection"), "ok", "the way is looked at all the same");
        assert_eq!(verdict(&json, "clock"), "ok");
        assert!(text(&json, "domains", "detail").contains("nobody is signed in"));
    }
    fs::write(&path, &gone).unwrap();
    let (_, json) = json_of(with_file(&path, &["--domain-url", whole.estate.domains()[0].url()]));
    assert_eq!(verdict(&json, "connection"), "ok", "so is a domain's");
    assert_eq!(verdict(&json, "kinds"), "skipped");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let whole = healthy();
    fs::set_permissions(&whole.files.key, fs::Permissions::from_mode(0o644)).unwrap();
    let (run, json) = doctor(&whole, &[]);
    assert_eq!((run.code, verdict(&json, "key_file")), (0, "warning"));
    assert!(text(&json, "key_file", "remedy").contains("chmod 600"));
    assert!(run.stderr.is_empty(), "told once: {}", run.stderr);
}

#[test]
fn sessions_are_told_by_the_time_that_is_left() {
    let session = |minutes| {
        let lifetime = SignedDuration::from_mins(minutes);
        let tenancy = Tenancy::start(SimConfig { session_lifetime: lifetime, odd_users: false, ..config() });
        tenancy.sim.write_session(&tenancy.files).unwrap();
        let args = ["--profile", "SESSION", "--domain-url", tenancy.sim.url()];
        json_of(with_file(&tenancy.files.config, &args))
    };
    let (run, json) = session(60);
    assert_eq!((run.code, verdict(&json, "session")), (0, "ok"), "{json:#}");
    assert_eq!(verdict(&json, "own_key"), "skipped");
    let (run, json) = session(5);
    assert_eq!((run.code, verdict(&json, "session")), (0, "warning"));
    assert!(text(&json, "session", "remedy").contains("oci session refresh"));
    let (run, json) = session(-5);
    assert_eq!(run.code, 2);
    assert_problem(&json, "session", "expired at", "oci session authenticate --profile-name SESSION");
    assert_eq!(verdict(&json, "connection"), "ok");
}

#[test]
fn an_instance_of_another_tenancy_and_an_application_are_looked_at() {
    let whole = Whole::start(EstateConfig {
        token_lifetime: SignedDuration::from_secs(-1),
        tenancy_changes: true,
        ..EstateConfig::new(vec![spec("Default", "free", 1)])
    });
    let mut command = credage();
    command.args(["doctor", "--json", "--auth", "instance_principal", "--identity-endpoint"]);
    command.arg(whole.estate.url()).env("OCI_METADATA_BASE_URL", format!("{}/opc/v2", whole.estate.url()));
    command.env("OCI_CLI_FEDERATION_ENDPOINT", format!("{}/v1/x509", whole.estate.url()));
    let (run, json) = json_of(command);
    assert_eq!(run.code, 2, "{json:#}");
    let told = checks(&json).any(|check| check["detail"].as_str().unwrap().contains("another tenancy"));
    assert!(told, "{json:#}");
    let application = |secret: &str| {
        let denied = vec![Denied { collection: Collection::ApiKeys, how: DeniedHow::Status(403) }];
        let tenancy = Tenancy::start(SimConfig { denied, odd_users: false, ..config() });
        tenancy.sim.welcome_client("client-1", "s3cret");
        let mut command = credage();
        command.args(["doctor", "--json", "--domain-url", tenancy.sim.url()]);
        command.env("CREDAGE_CLIENT_ID", "client-1").env("CREDAGE_CLIENT_SECRET", secret);
        json_of(command)
    };
    let (run, json) = application("s3cret");
    assert_eq!(run.code, 3, "{json:#}");
    assert_problem(&json, "api_key", "403", "Audit Administrator");
    assert!(statements(&json).is_empty(), "policies are not for applications");
    let (run, json) = application("hunter2");
    assert_eq!(run.code, 4);
    assert_problem(&json, "users", "invalid_client", "check the client");
    assert!(!run.stdout.contains("hunter2"));
}
