//! The simulation, judged by Oracle's own Python SDK: what a real client expects of the wire is what it gets.

// `cfg(test)` tells clippy that helpers may be as frank as the test that calls them.
#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use credage_sim::{DomainSpec, Estate, EstateConfig, Sim, SimConfig, TOPIC};

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
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let config = SimConfig { users: 130, ..SimConfig::new("2026-06-01T12:00:00Z".parse().unwrap()) };
        let sim = runtime.block_on(Sim::start(config)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let files = sim.write_profile(dir.path()).unwrap();
        sim.write_session(&files).unwrap();
        let truth: Vec<_> = sim
            .truth()
            .into_iter()
            .map(|row| serde_json::json!({"collection": row.collection.path(), "id": row.id, "owner": row.owner}))
            .collect();
        let expected = dir.path().join("truth.json");
        std::fs::write(&expected, serde_json::Value::from(truth).to_string()).unwrap();
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

    #[test]
    fn oracle_s_own_sdk_publishes_to_the_topic() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
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
