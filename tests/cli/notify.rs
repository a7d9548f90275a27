//! Telling people, whatever the channel: what is sent, when, and what becomes of the audit where it cannot be sent.

use std::process::{Command, Stdio};

use credage_sim::SimConfig;
use serde_json::Value;

use crate::harness::{NOW, Run, Tenancy, config, credage, finish};
use crate::receiver::{Answer, Got, Receiver};
use crate::smtp::python;

pub(crate) const SECRET: &str = "hunter2-of-the-hook";

/// Writes a policy file; yields its path.
pub(crate) fn policy(tenancy: &Tenancy, text: &str) -> String {
    let path = tenancy.path("credage.toml");
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// A webhook channel at a URL, impatient, with further settings.
pub(crate) fn hook(name: &str, url: &str, more: &str) -> String {
    format!(
        "[[channel]]\ntype = \"webhook\"\nname = \"{name}\"\nurl = \"{url}\"\nsecret_env = \"HOOK_SECRET\"\n\
         retries = 0\ntimeout = 2\nallow_private = true\n{more}\n"
    )
}

/// An audit with everything that channels of these tests need in its environment.
pub(crate) fn audit(tenancy: &Tenancy, policy: &str, args: &[&str]) -> Run {
    let mut command = tenancy.command(&["--policy", policy]);
    command.args(args).env("HOOK_SECRET", SECRET);
    finish(command)
}

fn small() -> SimConfig {
    SimConfig { users: 60, odd_users: false, ..config() }
}

/// Whether a message is signed with the secret, just now, by the example that is documented.
fn is_signed(got: &Got, secret: &str) -> bool {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/python/verify_webhook.py");
    let mut child = Command::new(python())
        .args([script, secret, &got.headers["credage-signature"], &now.to_string()])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), got.body.as_bytes()).unwrap();
    child.wait().unwrap().success()
}

#[test]
fn a_webhook_gets_what_the_report_says_signed() {
    let (tenancy, receiver) = (Tenancy::start(config()), Receiver::start(&[]));
    let file = policy(&tenancy, &hook("siem", &format!("{}/in?x=1", receiver.url), ""));
    let run = audit(&tenancy, &file, &["--format", "json", "--notify"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("channel siem (webhook, 127.0.0.1:"), "{}", run.stderr);
    assert!(run.stderr.contains("1 message delivered"), "{}", run.stderr);
    let (got, report) = (receiver.only(), run.json());
    assert_eq!((got.path.as_str(), got.headers["content-type"].as_str()), ("/in?x=1", "application/json"));
    assert_eq!(got.headers["credage-id"].len(), 32);
    assert!(is_signed(&got, SECRET));
    assert!(!is_signed(&got, "another"));
    assert!(!is_signed(&Got { body: format!("{} ", got.body), ..got.clone() }, SECRET));
    let digest = got.json();
    assert_eq!(
        (digest["schema"].as_str(), digest["sample"].as_bool()),
        (Some("credage.digest/v1"), Some(false))
    );
    assert_eq!(digest["counts"], report["summary"]);
    let items = digest["items"].as_array().unwrap();
    let late = |row: &&Value| !["fresh", "waived"].contains(&row["standing"].as_str().unwrap());
    let rows: Vec<&Value> = report["credentials"].as_array().unwrap().iter().filter(late).collect();
    assert_eq!(items.len(), 50, "as many as a channel takes");
    assert_eq!(digest["more"], rows.len() - 50);
    for (item, row) in items.iter().zip(rows) {
        for key in [
            "credential_id",
            "standing",
            "kind",
            "user_name",
            "user_email",
            "due_on",
            "days_left",
            "age_days",
        ] {
            assert_eq!(item[key], row[key], "{key}: {item}");
        }
        let steps = item["steps"].as_array().unwrap();
        assert!(steps.iter().any(|step| step["command"].is_string()), "{item}");
    }
}

#[test]
fn the_documented_example_is_the_one_that_is_tried() {
    let (docs, script) =
        (include_str!("../../docs/notifications.md"), include_str!("../python/verify_webhook.py"));
    let start = script.find("def verify(").unwrap();
    let end = script.find("\n\n\nif __name__").unwrap();
    assert!(docs.contains(&script[start..end]));
}

#[test]
fn the_same_findings_are_the_same_message() {
    let (tenancy, receiver) = (Tenancy::start(small()), Receiver::start(&[]));
    let file = policy(&tenancy, &hook("siem", &receiver.url, ""));
    for _ in 0..2 {
        assert_eq!(audit(&tenancy, &file, &["--notify", "siem"]).code, 0);
    }
    let got = receiver.got();
    assert_eq!((&got[0].headers["credage-id"], &got[0].body), (&got[1].headers["credage-id"], &got[1].body));
}

#[test]
fn where_nothing_is_due_nothing_is_sent_unless_that_is_asked_for() {
    let (tenancy, receiver) = (Tenancy::start(small()), Receiver::start(&[]));
    let calm = hook("calm", &format!("{}/calm", receiver.url), "");
    let eager = hook("eager", &format!("{}/eager", receiver.url), "when = \"always\"");
    let file = policy(&tenancy, &(calm + &eager));
    let run = audit(&tenancy, &file, &["--notify", "--user", "credage-auditor"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("channel calm") && run.stderr.contains("nothing to say"), "{}", run.stderr);
    let got = receiver.only();
    assert_eq!(got.path, "/eager");
    assert_eq!(got.json()["items"], serde_json::json!([]));
}

#[test]
fn channels_are_told_what_they_ask_for() {
    let (tenancy, receiver) = (Tenancy::start(config()), Receiver::start(&[]));
    let file = policy(&tenancy, &hook("pager", &receiver.url, "min_standing = \"expired\"\nmax_items = 3"));
    assert_eq!(audit(&tenancy, &file, &["--notify"]).code, 0);
    let digest = receiver.only().json();
    let items = digest["items"].as_array().unwrap();
    assert!(items.len() == 3 && items.iter().all(|item| item["standing"] == "expired"), "{items:?}");
    assert_eq!(digest["more"], digest["counts"]["expired"].as_u64().unwrap() - 3);
}

#[test]
fn a_dry_run_shows_everything_and_sends_nothing() {
    let (tenancy, receiver) = (Tenancy::start(small()), Receiver::start(&[]));
    let mail = "[[channel]]\ntype = \"email\"\nname = \"ops\"\nhost = \"nowhere.invalid\"\nfrom = \"a@b.example\"\n\
                to = [\"Ops <ops@b.example>\"]\n";
    let topic = "[[channel]]\ntype = \"oci-notifications\"\nname = \"topic\"\n\
                 topic = \"ocid1.onstopic.oc1.iad.aaaa\"\n";
    let file = policy(&tenancy, &(hook("siem", &receiver.url, "") + mail + topic));
    let plain = tenancy.audit(&[]);
    let run = audit(&tenancy, &file, &["--notify-dry-run"]);
    assert_eq!((run.code, &run.stdout), (0, &plain.stdout));
    for text in [
        "== channel siem (webhook",
        "\"schema\":\"credage.digest/v1\"",
        "== channel ops (email",
        "To: Ops <ops@b.example>",
        "Subject: [credage] ",
        "Next steps:",
        "== channel topic",
    ] {
        assert!(run.stderr.contains(text), "{text}:\n{}", run.stderr);
    }
    assert!(receiver.got().is_empty());
    let one = audit(&tenancy, &file, &["--notify", "ops", "--notify-dry-run"]);
    assert!(one.stderr.contains("== channel ops") && !one.stderr.contains("== channel siem"));
}

#[test]
fn what_could_not_be_read_is_told() {
    use credage_sim::{Collection, Denied, DeniedHow};
    let denied = vec![Denied { collection: Collection::SmtpCredentials, how: DeniedHow::Status(403) }];
    let (tenancy, receiver) = (Tenancy::start(SimConfig { denied, ..small() }), Receiver::start(&[]));
    let file = policy(&tenancy, &hook("siem", &receiver.url, ""));
    assert_eq!(audit(&tenancy, &file, &["--notify", "--user", "credage-auditor"]).code, 3);
    let digest = receiver.only().json();
    assert_eq!(digest["complete"], false);
    let problem = &digest["problems"][0];
    assert_eq!((&problem["what"], &problem["status"]), (&"smtp_credential".into(), &403.into()));
    assert!(!problem["hint"].as_str().unwrap().is_empty() && !problem["request_id"].is_null());
}

/// Every way in which a channel can fail says so in one clear line, costs the audit nothing, and stops no other channel.
#[test]
fn a_channel_that_fails_is_named_and_stops_nothing() {
    let tenancy = Tenancy::start(small());
    let plain = tenancy.audit(&["--format", "csv"]);
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let cases: [(Answer, &str, &str); 7] = [
        (Answer::Silence, "", "no answer within 2 s"),
        (Answer::Status(429, "retry-after: 3600"), "", "wants us back in 3600 s"),
        (Answer::Status(500, ""), "", "it answers 500: said by the receiver"),
        (Answer::Status(404, ""), "", "it refuses the message: 404"),
        (Answer::Status(302, "location: http://127.0.0.1/elsewhere"), "", "redirects are never followed"),
        (Answer::Status(200, ""), "https://nowhere.invalid/", "no connection"),
        (Answer::Status(200, ""), &format!("http://{gone}/"), "no connection: "),
    ];
    for (answer, url, message) in cases {
        let (broken, good) = (Receiver::start(&[answer]), Receiver::start(&[]));
        let url = if url.is_empty() { &broken.url } else { url };
        let file = policy(&tenancy, &(hook("broken", url, "") + &hook("good", &good.url, "")));
        let run = audit(&tenancy, &file, &["--format", "csv", "--notify"]);
        assert_eq!(run.code, 5, "{message}: {}", run.stderr);
        assert_eq!(run.stdout, plain.stdout, "{message}: the audit's own output is complete");
        let line = run.stderr.lines().find(|line| line.starts_with("error: ")).unwrap();
        assert!(line.starts_with("error: channel broken (webhook, ") && line.contains(message), "{line}");
        assert!(good.only().json()["items"].is_array(), "{message}: the other channel was told");
        assert!(broken.got().len() <= 1, "{message}: not followed, not repeated");
    }
}

#[test]
fn what_passes_is_waited_for_and_delivered_under_the_same_id() {
    let tenancy = Tenancy::start(small());
    let receiver = Receiver::start(&[Answer::Status(503, ""), Answer::Status(429, "retry-after: 2")]);
    let file = policy(&tenancy, &hook("siem", &receiver.url, "").replace("retries = 0", "retries = 3"));
    let run = audit(&tenancy, &file, &["--notify", "-v"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let got = receiver.got();
    assert_eq!(got.len(), 3);
    let ids: Vec<_> = got.iter().map(|got| &got.headers["credage-id"]).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(got.iter().all(|got| is_signed(got, SECRET)));
    assert!((got[2].at - got[1].at).as_secs_f64() >= 2.0, "as long as it asked for");
}

#[test]
fn a_name_that_leads_to_this_machine_is_not_posted_to() {
    let (tenancy, receiver) = (Tenancy::start(small()), Receiver::start(&[]));
    let url = format!("http://localhost:{}/", receiver.port);
    let file = policy(&tenancy, &hook("siem", &url, "").replace("allow_private = true\n", ""));
    let run = audit(&tenancy, &file, &["--notify"]);
    assert_eq!(run.code, 5);
    assert!(
        run.stderr.contains("localhost leads to ") && run.stderr.contains("(this machine)"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("allow_private = true"), "{}", run.stderr);
    assert!(receiver.got().is_empty());
    let allowed =
        hook("siem", &url, "allow = [\"127.0.0.0/8\", \"::1/128\"]").replace("allow_private = true\n", "");
    let file = policy(&tenancy, &allowed);
    assert_eq!(audit(&tenancy, &file, &["--notify"]).code, 0);
    receiver.only();
}

#[test]
fn mistakes_are_found_before_anything_is_asked() {
    let tenancy = Tenancy::start(small());
    let hook = hook("siem", "https://example.com/", "");
    let cases: [(String, &[&str], &[&str]); 7] = [
        (
            hook.replace("webhook", "web-hook"),
            &["--notify"],
            &["line 2 column 8", "`web-hook` is no type", "write `webhook`"],
        ),
        (
            hook.clone() + "secrets = 1\n",
            &["--notify"],
            &["line 10", "unknown key `secrets`", "| secrets = 1", "^^^"],
        ),
        (
            hook.replace("secret_env = \"HOOK_SECRET\"", "secret = \"hunter2\""),
            &["--notify"],
            &["`secret` is a secret", "secret_file"],
        ),
        (hook.replace("HOOK_SECRET", "NOT_SET"), &["--notify"], &["line 5", "NOT_SET is not set"]),
        (
            hook.replace("secret_env = \"HOOK_SECRET\"", "secret_file = \"gone\""),
            &["--notify"],
            &["line 5", "gone cannot be read"],
        ),
        (hook.clone(), &["--notify", "seim"], &["has no channel seim", "write `siem`"]),
        ("[rotation]\n".to_owned(), &["--notify"], &["has no channel", "[[channel]]"]),
    ];
    for (text, args, wanted) in cases {
        let file = policy(&tenancy, &text);
        let run = audit(&tenancy, &file, args);
        assert_eq!(run.code, 2, "{text}\n{}", run.stderr);
        for part in wanted {
            assert!(run.stderr.contains(part), "{part}\n{}", run.stderr);
        }
        assert!(run.stdout.is_empty() && !run.stderr.contains("hunter2"), "{}", run.stderr);
    }
    let nothing = finish({
        let mut command = tenancy.command(&["--notify"]);
        command.current_dir(tenancy.dir.path().join("..")).env("HOME", tenancy.dir.path());
        command
    });
    assert_eq!(nothing.code, 2);
    assert!(nothing.stderr.contains("no policy file that names channels"), "{}", nothing.stderr);
    assert_eq!(tenancy.stats().requests, 0);
}

#[test]
fn a_report_that_cannot_be_written_keeps_nobody_from_being_told() {
    let (tenancy, receiver) = (Tenancy::start(small()), Receiver::start(&[]));
    let file = policy(&tenancy, &hook("siem", &receiver.url, ""));
    let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
    command.env_clear().env("HOOK_SECRET", SECRET);
    command.args(["audit", "--as-of", NOW, "--domain-url", tenancy.sim.url(), "--policy", &file, "--notify"]);
    command.arg("--config-file").arg(&tenancy.files.config);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(receiver.only().json()["items"].is_array());
}

fn notify(policy: &str, args: &[&str]) -> Run {
    let mut command = credage();
    command.arg("notify").args(args).args(["--policy", policy]).env("HOOK_SECRET", SECRET);
    finish(command)
}

#[test]
fn a_channel_can_be_tried() {
    let (tenancy, receiver) = (Tenancy::start(small()), Receiver::start(&[]));
    let file =
        policy(&tenancy, &(hook("siem", &receiver.url, "") + &hook("other", "https://example.com/", "")));
    let run = notify(&file, &["test", "siem"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let digest = receiver.only().json();
    assert_eq!(digest["sample"], true);
    assert_eq!(digest["items"].as_array().unwrap().len(), 4);
    let dry = notify(&file, &["test", "siem", "--dry-run"]);
    assert!(dry.stdout.contains("== channel siem") && dry.stdout.contains("SAMPLE"), "{}", dry.stdout);
    assert_eq!(receiver.got().len(), 1);
    let broken = Receiver::start(&[Answer::Status(403, "")]);
    let file = policy(&tenancy, &hook("siem", &broken.url, ""));
    let run = notify(&file, &["test", "siem"]);
    assert_eq!(run.code, 5);
    assert!(run.stderr.contains("refuses the message: 403"), "{}", run.stderr);
}

#[test]
fn channels_are_listed_without_their_secrets() {
    let tenancy = Tenancy::start(small());
    let slack = "[[channel]]\ntype = \"slack\"\nname = \"chat\"\nurl_env = \"NOT_SET\"\n";
    let file = policy(&tenancy, &(hook("siem", "https://example.com:8443/a/token", "") + slack));
    let run = notify(&file, &["list"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        run.stdout,
        "siem  webhook            example.com:8443\nchat  slack              an incoming webhook\n"
    );
}
