//! OCI Notifications and Slack: signed, within their limits, and plain about what goes wrong.

use credage_sim::{EstateConfig, Fault, FaultAction, SimConfig, TOPIC};
use serde_json::Value;

use crate::harness::{Run, config, finish};
use crate::notify::policy;
use crate::receiver::{Answer, Receiver};
use crate::tenancy::{Whole, spec};

const SLACK_PATH: &str = "/services/T000/B000/hunter2-of-slack";

fn channel(endpoint: &str, topic: &str, more: &str) -> String {
    format!(
        "[[channel]]\ntype = \"oci-notifications\"\nname = \"topic\"\ntopic = \"{topic}\"\nendpoint = \"{endpoint}\"\n\
         retries = 0\ntimeout = 2\n{more}\n"
    )
}

fn write(whole: &Whole, text: &str) -> String {
    let path = whole.dir.path().join("credage.toml");
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn start(change: impl FnOnce(EstateConfig) -> EstateConfig) -> Whole {
    Whole::start(change(EstateConfig::new(vec![
        spec("Default", "premium", 1),
        spec("Partners", "premium", 2),
    ])))
}

fn notify(whole: &Whole, policy: &str, args: &[&str]) -> Run {
    whole.audit(&[&["--notify", "--policy", policy], args].concat())
}

#[test]
fn a_topic_gets_one_signed_message() {
    let whole = start(|config| config);
    let file = write(&whole, &channel(whole.estate.url(), TOPIC, "max_items = 4"));
    let run = notify(&whole, &file, &["--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let published = whole.estate.published();
    assert_eq!(published.len(), 1);
    assert_eq!(whole.estate.stats().refused_signatures, 0);
    let message = &published[0];
    assert!(
        message.title.starts_with("[credage] ") && message.title.contains("overdue"),
        "{}",
        message.title
    );
    let report = run.json();
    let mut from = 0;
    for row in &report["credentials"].as_array().unwrap()[..4] {
        from += message.body[from..].find(row["credential_id"].as_str().unwrap()).unwrap();
        assert!(message.body.contains(&format!("domain {}", row["domain"].as_str().unwrap())));
    }
    assert!(message.body.contains("Next steps:") && message.body.contains("more ("), "{}", message.body);
}

#[test]
fn a_message_is_never_larger_than_the_service_takes() {
    let mut specs = vec![spec("Default", "premium", 1)];
    specs[0].config.users = 900;
    specs[0].config.hostile_names = true;
    let whole = Whole::start(EstateConfig::new(specs));
    let file = write(&whole, &channel(whole.estate.url(), TOPIC, "max_items = 1000"));
    let run = notify(&whole, &file, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let published = whole.estate.published();
    assert!((50_000..=64 * 1024).contains(&published[0].body.len()), "{}", published[0].body.len());
    assert!(published[0].body.contains("… and "), "what does not fit is counted");
}

#[test]
fn a_topic_that_does_not_take_it_is_named() {
    let fault = |action| vec![Fault { collection: None, nth: 1, times: u64::MAX, action }];
    let cases: [(Vec<Fault>, &str, &str); 5] = [
        (Vec::new(), "ocid1.onstopic.oc1.iad.another", "refuses the message: 404"),
        (fault(FaultAction::Status(429)), TOPIC, "wants us back in 1800 s"),
        (fault(FaultAction::Status(500)), TOPIC, "500: Simulated: Something went wrong on purpose"),
        (fault(FaultAction::Stall), TOPIC, "no answer within 2 s"),
        (fault(FaultAction::Reset), TOPIC, "the connection broke"),
    ];
    for (topic_faults, topic, message) in cases {
        let whole = start(|config| EstateConfig { topic_faults, topic_retry_after: Some(1800), ..config });
        let plain = whole.audit(&["--format", "csv"]);
        let file = write(&whole, &channel(whole.estate.url(), topic, ""));
        let run = notify(&whole, &file, &["--format", "csv"]);
        assert_eq!((run.code, &run.stdout), (5, &plain.stdout), "{message}: {}", run.stderr);
        let named = format!("error: channel topic (oci-notifications, {topic} at 127.0.0.1:");
        assert!(run.stderr.contains(&named) && run.stderr.contains(message), "{}", run.stderr);
        assert!(whole.estate.published().is_empty());
    }
}

#[test]
fn a_busy_topic_is_waited_for() {
    let topic_faults = vec![Fault { collection: None, nth: 1, times: 1, action: FaultAction::Status(429) }];
    let whole = start(|config| EstateConfig { topic_faults, topic_retry_after: Some(1), ..config });
    let file = write(&whole, &channel(whole.estate.url(), TOPIC, "").replace("retries = 0", "retries = 2"));
    let run = notify(&whole, &file, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(whole.estate.published().len(), 1);
}

fn slack(whole: &Whole, receiver: &Receiver, args: &[&str]) -> (Run, Value) {
    let text = "[[channel]]\ntype = \"slack\"\nname = \"chat\"\nurl_file = \"slack-url\"\n";
    std::fs::write(whole.dir.path().join("slack-url"), format!("{}{SLACK_PATH}\n", receiver.url)).unwrap();
    let run = notify(whole, &write(whole, text), args);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let got = receiver.only();
    assert_eq!(got.path, SLACK_PATH);
    (run, got.json())
}

fn texts(message: &Value) -> Vec<&str> {
    message["blocks"].as_array().unwrap().iter().filter_map(|block| block["text"]["text"].as_str()).collect()
}

#[test]
fn slack_gets_blocks_most_urgent_first() {
    let (whole, receiver) = (start(|config| config), Receiver::start(&[]));
    let (run, message) = slack(&whole, &receiver, &["--format", "json", "-vv"]);
    assert!(!run.stderr.contains("hunter2"), "the URL is a secret: {}", run.stderr);
    let blocks = message["blocks"].as_array().unwrap();
    assert!(blocks.len() <= 50 && blocks[0]["type"] == "header");
    let joined = texts(&message).join("\n");
    let mut from = 0;
    for row in &run.json()["credentials"].as_array().unwrap()[..10] {
        from += joined[from..].find(row["credential_id"].as_str().unwrap()).unwrap();
    }
    assert!(joined.contains("Delete the old"), "{joined}");
}

#[test]
fn hostile_names_mention_nobody_in_slack() {
    let mut specs = vec![spec("<!channel>", "premium", 1)];
    specs[0].config.hostile_names = true;
    let whole = Whole::start(EstateConfig::new(specs));
    let receiver = Receiver::start(&[]);
    let (_, message) = slack(&whole, &receiver, &["--max-age", "1", "--warn-before", "1"]);
    let texts = texts(&message);
    let joined = texts[1..].join("\n");
    assert!(!joined.contains('<') && !joined.contains('>'), "{joined}");
    assert!(joined.contains("&lt;!channel&gt;") && joined.contains("&lt;script&gt;"), "{joined}");
    assert!(joined.chars().all(|c| !c.is_control() || c == '\n'));
    assert!(
        message["blocks"]
            .as_array()
            .unwrap()
            .iter()
            .all(|block| block["text"]["type"] != "mrkdwn" || block["text"]["verbatim"] == true)
    );
}

#[test]
fn no_secret_is_ever_said() {
    let tenancy = crate::harness::Tenancy::start(SimConfig { users: 40, ..config() });
    let (hook, chat) = (Receiver::start(&[]), Receiver::start(&[]));
    let text = format!(
        "{}[[channel]]\ntype = \"slack\"\nname = \"chat\"\nurl_env = \"SLACK_URL\"\n\
         [[channel]]\ntype = \"email\"\nname = \"ops\"\nhost = \"localhost\"\nport = 9\nfrom = \"a@b.example\"\n\
         to = [\"a@b.example\"]\nusername = \"u\"\npassword_env = \"MAIL_PASSWORD\"\nretries = 0\n",
        crate::notify::hook("siem", &hook.url, "")
    );
    let file = policy(&tenancy, &text);
    let mut command = tenancy.command(&["--policy", &file, "--notify", "-vv"]);
    command.env("HOOK_SECRET", "hunter2-a").env("MAIL_PASSWORD", "hunter2-b");
    command.env("SLACK_URL", format!("{}{SLACK_PATH}", chat.url));
    let run = finish(command);
    assert_eq!(run.code, 5, "no mail server is there: {}", run.stderr);
    assert!(hook.got().len() == 1 && chat.got().len() == 1);
    assert!(!run.stderr.contains("hunter2") && !run.stdout.contains("hunter2"), "{}", run.stderr);
}

/// Characters of all texts of a message, which Slack limits together.
fn characters(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| match value.as_str() {
                Some(text) if key == "text" => text.chars().count(),
                _ => characters(value),
            })
            .sum(),
        Value::Array(values) => values.iter().map(characters).sum(),
        _ => 0,
    }
}

#[test]
fn slack_gets_no_more_than_it_takes_and_a_shorter_message_where_it_takes_less() {
    let mut specs = vec![spec("Default", "premium", 1)];
    specs[0].config.users = 300;
    let whole = Whole::start(EstateConfig::new(specs));
    let receiver = Receiver::start(&[]);
    let (_, message) = slack(&whole, &receiver, &[]);
    assert!(characters(&message) <= 13_000, "{}", characters(&message));
    assert!(
        texts(&message).iter().any(|text| text.contains(" more (")),
        "what is left out is counted: {message}"
    );
    for refusal in ["msg_blocks_too_long", "invalid_blocks"] {
        let receiver = Receiver::start(&[Answer::Says(400, refusal)]);
        std::fs::write(whole.dir.path().join("slack-url"), &receiver.url).unwrap();
        let text = "[[channel]]\ntype = \"slack\"\nname = \"chat\"\nurl_file = \"slack-url\"\nretries = 0\n";
        let run = notify(&whole, &write(&whole, text), &[]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let got = receiver.got();
        let [long, short] = [got[0].json(), got[1].json()];
        assert!(got.len() == 2 && characters(&short) * 2 < characters(&long), "{short}");
        assert!(short["text"].as_str().unwrap().contains(" more ("), "{short}");
        let receiver = Receiver::start(&[Answer::Says(400, refusal), Answer::Says(400, refusal)]);
        std::fs::write(whole.dir.path().join("slack-url"), &receiver.url).unwrap();
        let run = notify(&whole, &write(&whole, text), &[]);
        assert_eq!((run.code, receiver.got().len()), (5, 2), "{}", run.stderr);
        assert!(run.stderr.contains(refusal), "{}", run.stderr);
    }
}
