//! Which profile, which key and which values sign the requests: those that Oracle's SDK and CLI would take, and an error
//! to the character where a value has something in it that does not belong there.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

use crate::harness::{NOW, Run, Tenancy, assert_whole, config, credage, finish};

/// A tenancy and a home whose files lead to it.
struct Home {
    tenancy: Tenancy,
    dir: PathBuf,
}

impl Home {
    fn new() -> Self {
        let tenancy = Tenancy::start(config());
        let dir = tenancy.path("home");
        fs::create_dir_all(dir.join(".oci/sessions")).unwrap();
        Self { tenancy, dir }
    }

    /// The lines of the profile that the tenancy lets in, under another name and with changes.
    fn profile(&self, name: &str, change: impl Fn(&str, &str) -> Option<String>) -> String {
        let good = fs::read_to_string(&self.tenancy.files.config).unwrap();
        let line = |line: &str| {
            let (key, value) = line.split_once('=')?;
            change(key, value).map(|value| format!("{key}={value}\n"))
        };
        format!("[{name}]\n{}\n", good.lines().filter_map(line).collect::<String>())
    }

    fn good(&self, name: &str) -> String {
        self.profile(name, |_, value| Some(value.to_owned()))
    }

    fn value(&self, wanted: &str) -> String {
        let good = fs::read_to_string(&self.tenancy.files.config).unwrap();
        good.lines().find_map(|line| line.strip_prefix(&format!("{wanted}="))).unwrap().to_owned()
    }

    /// A session token that ended an hour ago; the path that a profile names it by.
    fn ended_token(&self) -> String {
        let part = |json: &str| BASE64_URL_SAFE_NO_PAD.encode(json);
        let token = format!("{}.{}.{}", part("{}"), part(r#"{"exp":1700000000}"#), part("x"));
        fs::write(self.dir.join(".oci/sessions/token"), token).unwrap();
        "~/.oci/sessions/token".to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.dir.join(".oci").join(name), text).unwrap();
    }

    fn audit(&self, args: &[&str], env: &[(&str, &str)]) -> Run {
        let mut command = credage();
        command.args(["audit", "-v", "--format", "json", "--as-of", NOW, "--rate-limit", "none"]);
        command.args(["--domain-url", self.tenancy.sim.url()]).args(args);
        command.env("HOME", &self.dir).env("OCI_METADATA_BASE_URL", "http://127.0.0.1:9/opc/v2");
        command.envs(env.iter().copied());
        finish(command)
    }

    fn assert_let_in(&self, run: &Run) {
        assert_whole(&self.tenancy, run, &run.json());
    }
}

fn assert_refused(run: &Run, said: &[&str]) {
    assert_eq!(run.code, 2, "{said:?}: {run:?}");
    for said in said {
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    }
}

#[test]
fn a_key_is_not_overridden_by_a_session_that_the_profile_inherits() {
    let home = Home::new();
    let token = home.ended_token();
    let session = home.profile("DEFAULT", |key, value| (key != "user").then(|| value.to_owned()));
    let session = format!("{}security_token_file={token}\n", session.trim_start());
    home.write("config", &format!("{session}\n{}", home.good("AUDIT")));
    let run = home.audit(&["--profile", "AUDIT"], &[]);
    home.assert_let_in(&run);
    assert!(run.stderr.contains("api_key"), "{}", run.stderr);
    // The session's own profile, and whoever asks for the session.
    assert_refused(&home.audit(&[], &[]), &["security_token", "expired at"]);
    assert_refused(&home.audit(&["--profile", "AUDIT", "--auth", "security_token"], &[]), &["expired at"]);
    // A profile that takes over the user as well is as much a session as before.
    home.write("config", &format!("{}\n[S]\nsecurity_token_file={token}\n", home.good("DEFAULT")));
    assert_refused(&home.audit(&["--profile", "S"], &[]), &["expired at"]);
}

#[test]
fn a_key_beside_a_session_token_is_taken_and_the_token_is_mentioned() {
    let home = Home::new();
    let both = format!("{}security_token_file={}\n", home.good("DEFAULT").trim_start(), home.ended_token());
    home.write("config", &both);
    let run = home.audit(&[], &[]);
    home.assert_let_in(&run);
    assert!(run.stderr.contains("names a session token, which is not used"), "{}", run.stderr);
    assert!(run.stderr.contains("--auth security_token"), "{}", run.stderr);
    let variable = [("OCI_CLI_SECURITY_TOKEN_FILE", "~/.oci/sessions/token")];
    home.write("config", &home.good("DEFAULT"));
    home.assert_let_in(&home.audit(&[], &variable));
}

#[test]
fn the_settings_of_the_oci_command_are_honoured() {
    let home = Home::new();
    let gone = home.profile("DEFAULT", |key, value| {
        Some(if key == "key_file" { "~/.oci/gone.pem".to_owned() } else { value.to_owned() })
    });
    home.write("config", &format!("{gone}\n{}", home.good("C2")));
    assert_refused(&home.audit(&[], &[]), &["gone.pem"]);
    let settings = "[OCI_CLI_SETTINGS]\ndefault_profile=C2\n";
    home.write("mine", settings);
    let mine = home.dir.join(".oci/mine");
    home.assert_let_in(&home.audit(&[], &[("OCI_CLI_RC_FILE", mine.to_str().unwrap())]));
    home.write("oci_cli_rc", settings);
    home.assert_let_in(&home.audit(&[], &[]));
    // What is nearer wins.
    assert_refused(&home.audit(&["--profile", "DEFAULT"], &[]), &["gone.pem"]);
    assert_refused(&home.audit(&[], &[("OCI_CLI_PROFILE", "DEFAULT")]), &["gone.pem"]);
    for place in ["[DEFAULT]", "[C2]", "[OCI_CLI_SETTINGS]"] {
        let other = if place == "[OCI_CLI_SETTINGS]" { "" } else { place };
        home.write("oci_cli_rc", &format!("{settings}{other}\nauth = security_token\n"));
        assert_refused(&home.audit(&[], &[]), &["security_token_file"]);
        home.assert_let_in(&home.audit(&["--auth", "api_key"], &[]));
        home.assert_let_in(&home.audit(&[], &[("OCI_CLI_AUTH", "api_key")]));
    }
    home.write("oci_cli_rc", &settings.replace("C2", "\"C2\""));
    assert_refused(&home.audit(&[], &[]), &["oci_cli_rc line 2", "did you mean C2?"]);
    home.write("oci_cli_rc", "default_profile=C2\n");
    assert_refused(&home.audit(&[], &[]), &["oci_cli_rc", "line 1"]);
}

#[test]
fn what_is_too_much_in_a_value_is_named_with_what_to_write() {
    let home = Home::new();
    let (user, tenancy) = (home.value("user"), home.value("tenancy"));
    let (fingerprint, key) = (home.value("fingerprint"), home.value("key_file"));
    let cases = [
        ("user", format!("\"{user}\""), "`\"` at its start and end", &user),
        ("user", format!("“{user}”"), "`“` at its start and `”` at its end", &user),
        ("user", format!("{user} # me"), "the comment `# me` at its end", &user),
        ("tenancy", format!("'{tenancy}'"), "`'` at its start and end", &tenancy),
        ("tenancy", format!("{tenancy} ; ours"), "the comment `; ours` at its end", &tenancy),
        ("tenancy", tenancy.replacen('a', "a\n   a", 1), "a line break", &tenancy.replacen('a', "aa", 1)),
        ("fingerprint", format!("{fingerprint}#1"), "the comment `#1` at its end", &fingerprint),
        ("fingerprint", format!("<{fingerprint}>"), "`<` at its start and `>` at its end", &fingerprint),
        ("key_file", format!("{key} # TODO"), "the comment `# TODO` at its end", &key),
        ("key_file", format!("\"{key}\""), "`\"` at its start and end", &key),
        ("key_file", format!("„{key}“"), "`„` at its start and `“` at its end", &key),
        (
            "fingerprint",
            format!("{fingerprint}\n region=us-ashburn-1"),
            "the next line (`region`)",
            &fingerprint,
        ),
    ];
    for (wanted, value, said, rest) in cases {
        let odd = home.profile("DEFAULT", |key, own| match key {
            // The line that is taken for a continuation is not there a second time.
            "region" => None,
            key => Some(if key == wanted { value.clone() } else { own.to_owned() }),
        });
        home.write("config", &odd);
        let run = home.audit(&[], &[]);
        assert_refused(&run, &[said, &format!("write only `{rest}`"), ".oci/config line "]);
    }
    home.write("config", &home.good("DEFAULT"));
    let run = home.audit(&[], &[("OCI_CLI_USER", &format!("{user}\n"))]);
    assert_refused(&run, &["OCI_CLI_USER: a line break is taken as part", &format!("write only `{user}`")]);
    let run = home.audit(&[], &[("OCI_CLI_AUTH", "\"api_key\"")]);
    assert_refused(&run, &["OCI_CLI_AUTH: `\"` at its start and end", "write only `api_key`"]);
    let quoted = format!("\"{}\"", home.dir.join(".oci/config").display());
    let run = home.audit(&[], &[("OCI_CLI_CONFIG_FILE", &quoted)]);
    assert_refused(&run, &["OCI_CLI_CONFIG_FILE names the configuration file", "`\"` at its start and end"]);
    assert_eq!(home.tenancy.stats().requests, 0);
}

#[test]
fn a_region_with_something_around_it_is_asked_nowhere() {
    let home = Home::new();
    for odd in ["\"us-ashburn-1\"", "“us-ashburn-1”", "us-ashburn-1 # home", "us-ashburn-1;"] {
        let text = home.profile("DEFAULT", |key, value| {
            Some(if key == "region" { odd.to_owned() } else { value.to_owned() })
        });
        home.write("config", &text);
        let mut command = credage();
        command.args(["domains", "--retries", "0"]).env("HOME", &home.dir);
        command.env("HTTPS_PROXY", "http://127.0.0.1:9");
        let run = finish(command);
        assert_refused(&run, &[".oci/config line ", "write only `us-ashburn-1`"]);
    }
}

#[test]
fn keys_are_read_from_variables_as_these_carry_them() {
    let home = Home::new();
    home.write("config", &home.good("DEFAULT"));
    let pem = fs::read_to_string(&home.tenancy.files.key).unwrap();
    for content in
        [pem.clone(), pem.replace('\n', "\\n"), BASE64_STANDARD.encode(&pem), pem.replace('\n', " ")]
    {
        let run = home.audit(&[], &[("OCI_CLI_KEY_CONTENT", &content), ("OCI_CLI_KEY_FILE", "/nonexistent")]);
        home.assert_let_in(&run);
    }
    fs::write(&home.tenancy.files.key, pem.replace('\n', "\\n")).unwrap();
    home.assert_let_in(&home.audit(&[], &[]));
    let run = home.audit(&[], &[("OCI_CLI_KEY_CONTENT", "no key")]);
    assert_refused(&run, &["the key in OCI_CLI_KEY_CONTENT is not a private key in PEM form"]);
}

#[test]
fn the_usual_file_comes_before_the_one_of_oci_config_file() {
    let home = Home::new();
    let elsewhere = home.tenancy.files.config.to_str().unwrap();
    home.assert_let_in(&home.audit(&[], &[("OCI_CONFIG_FILE", elsewhere)]));
    home.write("config", "[OTHER]\n");
    assert_refused(&home.audit(&[], &[("OCI_CONFIG_FILE", elsewhere)]), &["has no profile DEFAULT"]);
    home.assert_let_in(&home.audit(&[], &[("OCI_CLI_CONFIG_FILE", elsewhere)]));
}
