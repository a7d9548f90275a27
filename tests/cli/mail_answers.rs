//! Mail servers that answer as OCI Email Delivery does, and not quite: one recipient of several, a sender that is not
//! approved, an address that is suppressed, a limit a minute.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use credage_sim::SimConfig;

use crate::harness::{Run, Tenancy, config};
use crate::notify::{audit, policy};

/// What a server answers to the beginning of a command, so many times; everything else it takes.
type Rule = (&'static str, &'static str, usize);

/// A server on loopback, without TLS.
struct Server {
    port: u16,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    rules: Vec<Rule>,
    /// The envelopes of the mails that were taken.
    mails: Vec<Vec<String>>,
    tries: usize,
}

impl Server {
    fn start(rules: &[Rule]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Heard { rules: rules.to_vec(), ..Heard::default() }));
        let shared = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up has heard enough.
                let _ = serve(&stream, &shared);
            }
        });
        Self { port, heard }
    }

    fn mails(&self) -> Vec<Vec<String>> {
        self.heard.lock().unwrap().mails.clone()
    }
}

fn serve(stream: &TcpStream, heard: &Mutex<Heard>) -> std::io::Result<()> {
    let (mut lines, mut out) = (BufReader::new(stream).lines(), stream);
    write!(out, "220 ready\r\n")?;
    let mut to = Vec::new();
    while let Some(line) = lines.next() {
        let line = line?;
        let rule = heard.lock().unwrap().answer(&line);
        let answer = match (rule, line.get(..4).unwrap_or_default()) {
            (Some(answer), _) => answer,
            (None, "EHLO") => "250-server\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN",
            (None, "AUTH") => "235 welcome",
            (None, "RCPT") => {
                to.push(line.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned());
                "250 good"
            }
            (None, "DATA") => {
                write!(out, "354 go\r\n")?;
                while lines.next().is_some_and(|line| line.is_ok_and(|line| line != ".")) {}
                let mut heard = heard.lock().unwrap();
                let answer = heard.answer("END");
                if answer.is_none_or(|answer| answer.starts_with('2')) {
                    heard.mails.push(std::mem::take(&mut to));
                }
                answer.unwrap_or("250 kept")
            }
            (None, _) => "250 good",
        };
        write!(out, "{answer}\r\n")?;
    }
    Ok(())
}

impl Heard {
    fn answer(&mut self, line: &str) -> Option<&'static str> {
        self.tries += usize::from(line.starts_with("MAIL"));
        let rule = self.rules.iter_mut().find(|(begin, _, times)| line.starts_with(begin) && *times > 0)?;
        rule.2 -= 1;
        Some(rule.1)
    }
}

fn tell(tenancy: &Tenancy, server: &Server, to: &str) -> Run {
    std::fs::write(tenancy.path("password"), "hunter2").unwrap();
    let text = format!(
        "[[channel]]\ntype = \"email\"\nname = \"ops\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
         username = \"ocid1.user.oc1..aaaa\"\npassword_file = \"password\"\nfrom = \"credage@example.com\"\n\
         retries = 2\ntimeout = 10\n{to}\n",
        server.port
    );
    audit(tenancy, &policy(tenancy, &text), &["--notify", "--format", "json"])
}

const THREE: &str =
    "to = [\"ops@example.com\", \"bad@example.com\"]\ncc = [\"sec@example.com\", \"OPS@example.com\"]";

fn small() -> Tenancy {
    Tenancy::start(SimConfig { users: 40, ..config() })
}

#[test]
fn one_refused_recipient_costs_only_that_one() {
    let tenancy = small();
    let server = Server::start(&[("RCPT TO:<bad@", "550 5.1.1 Recipient unknown", usize::MAX)]);
    let run = tell(&tenancy, &server, THREE);
    assert_eq!(run.code, 5, "{}", run.stderr);
    assert_eq!(server.mails(), [["ops@example.com", "sec@example.com"]], "each once");
    assert!(run.stderr.contains("the mail to bad@example.com is refused: 550"), "{}", run.stderr);
    assert!(run.stderr.contains("1 recipient not notified: bad@example.com\n"), "{}", run.stderr);
    assert!(
        !run.stderr.contains("ops@example.com") && !run.stderr.contains("sec@example.com"),
        "{}",
        run.stderr
    );
}

#[test]
fn who_is_refused_for_now_is_tried_again_alone() {
    let tenancy = small();
    let server = Server::start(&[("RCPT TO:<bad@", "451 4.3.0 come back later", 1)]);
    let run = tell(&tenancy, &server, THREE);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(server.mails(), [vec!["ops@example.com", "sec@example.com"], vec!["bad@example.com"]]);
}

#[test]
fn a_sender_that_is_not_approved_is_not_a_login_that_is_refused() {
    let tenancy = small();
    let said = "535 Authorization failed: Envelope From address credage@example.com not authorized";
    for begin in ["MAIL", "END"] {
        let server = Server::start(&[(begin, said, usize::MAX)]);
        let run = tell(&tenancy, &server, THREE);
        assert_eq!(run.code, 5, "{}", run.stderr);
        assert!(run.stderr.contains("does not accept the sender credage@example.com: 535"), "{}", run.stderr);
        assert!(run.stderr.contains("approved sender") && !run.stderr.contains("login"), "{}", run.stderr);
        for name in ["ops@example.com", "bad@example.com", "sec@example.com"] {
            assert!(run.stderr.contains(name), "{}", run.stderr);
        }
        assert_eq!(server.heard.lock().unwrap().tries, 1, "it would end the same way");
    }
    let server = Server::start(&[("AUTH", "535 no such user", usize::MAX)]);
    let run = tell(&tenancy, &server, THREE);
    assert!(
        run.stderr.contains("refuses the login: 535") && run.stderr.contains("`username`"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("hunter2"));
}

#[test]
fn what_is_suppressed_was_not_delivered() {
    let tenancy = small();
    let named = "254 4.7.1 Suppression for user ocid1.user.oc1..aaaa to bad@example.com";
    for (rules, lost) in [
        ([("END", named, 1)], "1 recipient not notified: bad@example.com"),
        ([("RCPT TO:<bad@", named, 1)], "1 recipient not notified: bad@example.com"),
        (
            [("END", "254 Suppression", 1)],
            "3 recipients not notified: ops@example.com, bad@example.com, sec@example.com",
        ),
    ] {
        let server = Server::start(&rules);
        let run = tell(&tenancy, &server, THREE);
        assert_eq!(run.code, 5, "{}", run.stderr);
        assert!(run.stderr.contains("suppression list: 254") && run.stderr.contains(lost), "{}", run.stderr);
        assert_eq!(server.mails().len(), 1, "it is not sent again");
    }
}

#[test]
fn a_limit_is_waited_out_most_urgent_first() {
    let tenancy = small();
    let server = Server::start(&[("MAIL", "455 4.7.1 Too many messages this minute", 1)]);
    let run = tell(&tenancy, &server, "to = \"owners\"\nfallback = [\"ops@example.com\"]");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("limits how many messages"), "{}", run.stderr);
    let mut wanted: Vec<String> = Vec::new();
    for row in run.json()["credentials"].as_array().unwrap() {
        let late = !["fresh", "waived"].contains(&row["standing"].as_str().unwrap());
        let email = row["user_email"].as_str().map(str::to_ascii_lowercase);
        wanted.extend(email.filter(|email| late && !wanted.contains(email)));
    }
    let told: Vec<String> =
        server.mails().into_iter().flatten().filter(|to| to != "ops@example.com").collect();
    assert_eq!(told, wanted, "in the order of the report");
    assert!(wanted.len() > 3);
}
