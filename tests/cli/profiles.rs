//! Profiles: the ways in, and every mistake with its remedy.

use std::fs;

use crate::harness::{NOW, Run, Tenancy, assert_whole, config, credage, finish};

fn with_config(tenancy: &Tenancy, text: &str, args: &[&str]) -> Run {
    let path = tenancy.path("other");
    fs::write(&path, text).unwrap();
    let mut command = credage();
    command.args(["audit", "--format", "json", "--as-of", NOW, "--rate-limit", "none", "--domain-url"]);
    command.arg(tenancy.sim.url()).arg("--config-file").arg(&path).args(args);
    finish(command)
}

#[test]
fn a_session_token_signs_as_well() {
    let tenancy = Tenancy::start(config());
    tenancy.sim.write_session(&tenancy.files).unwrap();
    let (run, report) = tenancy.report(&["--profile", "SESSION"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(report["complete"], true);
    assert_eq!(report["domains"][0]["control"], "not_tried", "a token has no fingerprint to look for");
    let (run, _) = tenancy.report(&["--profile", "SESSION", "--auth", "security-token"]);
    assert_eq!(run.code, 0);
}

#[test]
fn an_expired_session_says_how_to_renew_it() {
    let lifetime = jiff::SignedDuration::from_mins(-1);
    let tenancy = Tenancy::start(credage_sim::SimConfig { session_lifetime: lifetime, ..config() });
    tenancy.sim.write_session(&tenancy.files).unwrap();
    let run = tenancy.audit(&["--profile", "SESSION"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(
        run.stderr.contains("expired at") && run.stderr.contains("oci session refresh"),
        "{}",
        run.stderr
    );
    assert_eq!(tenancy.stats().requests, 0, "nothing is sent under a token that has ended");
}

#[test]
fn the_environment_can_replace_the_file() {
    let tenancy = Tenancy::start(config());
    let text = fs::read_to_string(&tenancy.files.config).unwrap();
    let value =
        |key: &str| text.lines().find_map(|line| line.strip_prefix(&format!("{key}="))).unwrap().to_owned();
    let mut command = credage();
    command.args([
        "audit",
        "--format",
        "json",
        "--as-of",
        NOW,
        "--rate-limit",
        "none",
        "--domain-url",
        tenancy.sim.url(),
    ]);
    for (variable, key) in [
        ("OCI_CLI_USER", "user"),
        ("OCI_CLI_TENANCY", "tenancy"),
        ("OCI_CLI_FINGERPRINT", "fingerprint"),
        ("OCI_CLI_KEY_FILE", "key_file"),
    ] {
        command.env(variable, value(key));
    }
    let run = finish(command);
    assert_whole(&tenancy, &run, &run.json());
}

#[test]
fn every_mistake_names_its_place_and_remedy() {
    let tenancy = Tenancy::start(config());
    let good = fs::read_to_string(&tenancy.files.config).unwrap();
    let key = tenancy.files.key.display().to_string();
    let replace = |from: &str, to: &str| good.replace(from, to);
    let fingerprint = good.lines().find(|line| line.starts_with("fingerprint")).unwrap().to_owned();
    let wrong = format!("fingerprint={}", ["00"; 16].join(":"));
    let empty = tenancy.path("empty.pem");
    fs::write(&empty, " \n").unwrap();
    let public = tenancy.path("public.pem");
    fs::write(&public, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n").unwrap();
    let elsewhere = |path: &std::path::Path| replace(&key, &path.display().to_string());
    let cases = [
        (replace("[DEFAULT]", "[PROD]"), &["--profile", "prod"][..], "did you mean PROD?"),
        (replace("user=", "usr="), &[], "has no `user`"),
        (replace("user=ocid1", "user=ocid"), &[], "line 3: `ocid"),
        (replace(&fingerprint, "fingerprint=12:34"), &[], "16 pairs"),
        (replace(&fingerprint, &wrong), &[], "correct one of the two"),
        (replace(&key, "/nonexistent/key.pem"), &[], "which does not exist"),
        (replace(&key, &format!("\"{key}\"")), &[], "so remove them"),
        (elsewhere(&empty), &[], "is empty"),
        (elsewhere(&public), &[], "public half"),
        (replace("region=", "key_content="), &[], "file of its own"),
        (replace("region=us", "nonsense us"), &[], "line 6 is neither"),
        (format!("{good}user=again\n"), &[], "a second time"),
        (replace("[DEFAULT]", "[DEFAULT]\nauthentication_type=delegation_token"), &[], "supported are"),
    ];
    for (text, args, message) in cases {
        let run = with_config(&tenancy, &text, args);
        assert_eq!(run.code, 2, "{message}: {run:?}");
        assert!(run.stderr.contains(message), "{message}: {}", run.stderr);
    }
    let mut command = credage();
    command.args(["audit", "--domain-url", tenancy.sim.url(), "--config-file", "/nonexistent/config"]);
    assert!(finish(command).stderr.contains("oci setup config"));
    assert_eq!(tenancy.stats().requests, 0);
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let tenancy = Tenancy::start(config());
    fs::set_permissions(&tenancy.files.key, fs::Permissions::from_mode(0o644)).unwrap();
    let run = tenancy.audit(&[]);
    assert_eq!(run.code, 0);
    assert!(
        run.stderr.contains("can be read by others") && run.stderr.contains("chmod 600"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_wrong_key_is_refused_by_the_domain() {
    let (one, two) = (Tenancy::start(config()), Tenancy::start(config()));
    let mut command = credage();
    command.args(["audit", "--domain-url", one.sim.url(), "--config-file"]).arg(&two.files.config);
    let run = finish(command);
    assert_eq!(run.code, 4);
    assert!(run.stdout.contains("NotAuthenticated"), "{}", run.stdout);
    assert_eq!(one.stats().refused_signatures, one.stats().requests);
}
