//! Mail: over STARTTLS and TLS, to a list and to owners, to a server that nobody here wrote.

use std::collections::BTreeMap;

use credage_sim::SimConfig;
use serde_json::Value;

use crate::harness::{Run, Tenancy, config, finish};
use crate::notify::policy;
use crate::smtp::{Mail, PASSWORD, Smtp, USER};

/// A mail channel to the server, with further settings.
fn channel(smtp: &Smtp, tls: &str, more: &str) -> String {
    let login = if tls == "none" {
        String::new()
    } else {
        format!("username = \"{USER}\"\npassword_file = \"smtp-password\"\n")
    };
    format!(
        "[[channel]]\ntype = \"email\"\nname = \"ops\"\nhost = \"localhost\"\nport = {}\ntls = \"{tls}\"\n{login}\
         from = \"Credage Bot <credage@example.com>\"\nretries = 0\ntimeout = 20\n{more}\n",
        smtp.port
    )
}

fn audit(tenancy: &Tenancy, smtp: &Smtp, policy: &str, args: &[&str]) -> Run {
    std::fs::write(tenancy.path("smtp-password"), format!("{PASSWORD}\n")).unwrap();
    let mut command = tenancy.command(&["--policy", policy, "--notify"]);
    command.arg("--ca-bundle").arg(&smtp.ca).args(args);
    finish(command)
}

fn late(report: &Value) -> Vec<Value> {
    let rows = report["credentials"].as_array().unwrap().iter();
    rows.filter(|row| !["fresh", "waived"].contains(&row["standing"].as_str().unwrap())).cloned().collect()
}

#[test]
fn a_list_gets_one_mail_in_text_and_html() {
    for (mode, tls) in [("starttls", "starttls"), ("tls", "tls"), ("plain", "none")] {
        let (tenancy, smtp) = (Tenancy::start(config()), Smtp::start(mode));
        let to = "to = [\"Ops <ops@example.com>\", \"lead@example.com\"]\ncc = [\"boss@example.com\"]\nmax_items = 5";
        let file = policy(&tenancy, &channel(&smtp, tls, to));
        let run = audit(&tenancy, &smtp, &file, &["--format", "json"]);
        assert_eq!(run.code, 0, "{mode}: {}", run.stderr);
        let mail = smtp.only();
        assert_eq!(mail.0["tls"], mode != "plain");
        assert_eq!(mail.0["login"].as_str(), (mode != "plain").then_some(USER));
        assert_eq!(mail.0["envelope_from"], "credage@example.com");
        assert_eq!(mail.envelope_to(), ["ops@example.com", "lead@example.com", "boss@example.com"]);
        assert_eq!(mail.header("from"), "Credage Bot <credage@example.com>");
        assert_eq!(mail.header("auto-submitted"), "auto-generated");
        assert!(mail.header("message-id").ends_with("@example.com>"), "{}", mail.header("message-id"));
        assert_eq!(mail.0["defects"], serde_json::json!([]));
        check_content(&mail, &late(&run.json()));
    }
}

/// Most urgent first, with dates and the next steps, in both parts.
fn check_content(mail: &Mail, rows: &[Value]) {
    let summary = mail.header("subject");
    assert!(summary.starts_with("[credage] ") && summary.contains(" expired, "), "{summary}");
    for body in [mail.text(), mail.html()] {
        let mut from = 0;
        for row in &rows[..5] {
            let id = row["credential_id"].as_str().unwrap();
            let at = body[from..].find(id).unwrap_or_else(|| panic!("{id} comes in its turn:\n{body}"));
            from += at;
            assert!(body.contains(&row["due_on"].as_str().unwrap()[..10]), "{row}");
        }
        assert!(!body.contains(rows[5]["credential_id"].as_str().unwrap()), "no more than five");
        assert!(body.contains(&format!("and {} more (", rows.len() - 5)), "{body}");
        assert!(body.contains("Delete the old") && body.contains("oci "), "{body}");
    }
    assert!(!mail.html().contains("src=") && !mail.html().contains("http-equiv"), "nothing from elsewhere");
}

#[test]
fn each_owner_gets_one_mail_about_their_own() {
    let (tenancy, smtp) = (Tenancy::start(SimConfig { users: 80, ..config() }), Smtp::start("starttls"));
    let to = "to = \"owners\"\nfallback = [\"ops@example.com\"]\nmax_items = 1000";
    let file = policy(&tenancy, &channel(&smtp, "starttls", to));
    let run = audit(&tenancy, &smtp, &file, &["--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let rows = late(&run.json());
    for row in &rows {
        let owner = row["user_email"].as_str().map_or("ops@example.com".to_owned(), str::to_lowercase);
        wanted.entry(owner).or_default().push(row["credential_id"].as_str().unwrap().to_owned());
    }
    assert!(wanted.len() > 10 && wanted.contains_key("ops@example.com"), "{wanted:?}");
    let mails = smtp.mails();
    assert_eq!(mails.len(), wanted.len());
    for mail in &mails {
        let [to] = mail.envelope_to()[..] else { panic!("{mail:?}") };
        let own = &wanted[to];
        for row in &rows {
            let id = row["credential_id"].as_str().unwrap().to_owned();
            assert_eq!(mail.text().contains(&format!("id {id}")), own.contains(&id), "{to}: {id}");
        }
        let subject = mail.header("subject");
        assert_eq!(subject.contains("your "), to != "ops@example.com", "{subject}");
    }
}

#[test]
fn a_server_that_refuses_is_named_with_what_to_do() {
    let tenancy = Tenancy::start(SimConfig { users: 60, ..config() });
    let plain = tenancy.audit(&["--format", "csv"]);
    let smtp = Smtp::start("starttls");
    let list = "to = [\"ops@example.com\"]";
    let good = channel(&smtp, "starttls", list);
    let cases = [
        (good.replace(&format!("\"{USER}\""), "\"mallory\""), "the server refuses the login: 535"),
        (
            good.replace("username = \"credage\"\npassword_file = \"smtp-password\"\n", ""),
            "refuses the login: 530",
        ),
        (
            good.replace("ops@example.com", "nobody@example.com"),
            "the mail to nobody@example.com is refused: 550",
        ),
        (good.replace("ops@example.com", "busy@example.com"), "wants us to come back later: 451"),
        (good.replace("localhost", "nowhere.invalid"), "no connection"),
        (good.replace("\"starttls\"", "\"tls\""), "no TLS with the server: "),
    ];
    for (text, message) in cases {
        let run = audit(&tenancy, &smtp, &policy(&tenancy, &text), &["--format", "csv"]);
        assert_eq!((run.code, &run.stdout), (5, &plain.stdout), "{message}: {}", run.stderr);
        assert!(
            run.stderr.contains("error: channel ops (email, ") && run.stderr.contains(message),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains(PASSWORD));
    }
    let mut untrusting = tenancy.command(&["--policy", &policy(&tenancy, &good), "--notify"]);
    let run = finish({
        untrusting.arg("--format").arg("csv");
        untrusting
    });
    assert_eq!(run.code, 5);
    assert!(
        run.stderr.contains("no TLS with the server") && run.stderr.contains("--ca-bundle"),
        "{}",
        run.stderr
    );
    assert!(smtp.mails().is_empty());
}

#[test]
fn one_owner_s_bad_address_keeps_no_other_from_being_told() {
    let (tenancy, smtp) = (Tenancy::start(SimConfig { users: 80, ..config() }), Smtp::start("starttls"));
    let to = "to = \"owners\"\nfallback = [\"nobody@example.com\"]";
    let file = policy(&tenancy, &channel(&smtp, "starttls", to));
    let run = audit(&tenancy, &smtp, &file, &["--format", "json"]);
    assert_eq!(run.code, 5, "{}", run.stderr);
    let delivered = smtp.mails().len();
    assert!(delivered > 10);
    assert!(
        run.stderr.contains(&format!("({delivered} of {} messages delivered)", delivered + 1)),
        "{}",
        run.stderr
    );
}

#[test]
fn an_address_that_the_server_cannot_take_is_named_and_alone() {
    let (tenancy, smtp) = (Tenancy::start(SimConfig { users: 80, ..config() }), Smtp::start("ascii"));
    let to = "to = \"owners\"\nfallback = [\"ops@example.com\"]";
    let file = policy(&tenancy, &channel(&smtp, "starttls", to));
    let run = audit(&tenancy, &smtp, &file, &["--format", "json"]);
    assert_eq!(run.code, 5, "{}", run.stderr);
    assert!(run.stderr.contains("SMTPUTF8") && run.stderr.contains("the mail to "), "{}", run.stderr);
    let owners =
        late(&run.json()).into_iter().filter_map(|row| row["user_email"].as_str().map(str::to_lowercase));
    let mut plain: Vec<String> = owners.filter(|owner: &String| owner.is_ascii()).collect();
    plain.sort();
    plain.dedup();
    assert!(plain.len() > 3);
    let told: Vec<String> = smtp.mails().iter().map(|mail| mail.envelope_to()[0].to_owned()).collect();
    assert!(plain.iter().all(|owner| told.contains(owner)), "{told:?}");
}

#[test]
fn hostile_names_bring_nothing_into_a_mail() {
    let hostile = SimConfig { hostile_names: true, users: 80, ..config() };
    let (tenancy, smtp) = (Tenancy::start(hostile), Smtp::start("starttls"));
    let file = policy(&tenancy, &channel(&smtp, "starttls", "to = [\"ops@example.com\"]\nmax_items = 1000"));
    let run = audit(&tenancy, &smtp, &file, &["--format", "csv"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let mail = smtp.only();
    let names: Vec<&str> =
        mail.0["headers"].as_array().unwrap().iter().map(|pair| pair[0].as_str().unwrap()).collect();
    let known =
        ["From", "Date", "Subject", "Message-ID", "To", "Auto-Submitted", "MIME-Version", "Content-Type"];
    assert!(names.iter().all(|name| known.iter().any(|known| known.eq_ignore_ascii_case(name))), "{names:?}");
    let html = mail.html().to_lowercase();
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    assert!(html.contains("script&#62;") || html.contains("script&gt;"), "a hostile name was there");
    let acts = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    for text in [mail.text(), mail.html(), mail.header("subject").to_owned()] {
        assert_eq!(text.chars().find(|&c| acts(c)), None);
    }
}
