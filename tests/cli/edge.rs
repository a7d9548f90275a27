//! The edge to the terminal: nothing gets past it that a terminal obeys, no password of a URL, and nobody's leaving is a
//! crash.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use credage_sim::SimConfig;
use serde_json::Value;

use crate::harness::{NOW, Run, Tenancy, config, credage, finish, read};
use crate::notify::{audit, hook, policy};
use crate::receiver::Receiver;

/// Clears the screen, sets a title, colours, a C1 control, turned text, what is not seen, and breaks of lines.
const HOSTILE: &str =
    "\u{1b}[2J\u{1b}]0;t\u{7}\u{1b}[31m\u{9b}31m\u{7f}\u{202e}\u{2066}\u{200b}\u{85}\u{2028}\r";

/// What of a text acts on a terminal, or is not seen.
fn acts(text: &str, allowed: &str) -> Option<char> {
    text.chars().find(|&c| {
        let unseen = matches!(c, '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{3164}' | '\u{e0000}'..='\u{e01ef}')
            || ('\u{200b}'..='\u{200f}').contains(&c)
            || ('\u{2028}'..='\u{202e}').contains(&c)
            || ('\u{2060}'..='\u{206f}').contains(&c);
        (c.is_control() || unseen) && !allowed.contains(c)
    })
}

fn check(run: &Run, what: &str) {
    assert_eq!(acts(&run.stderr, "\n\t"), None, "{what}: {:?}", run.stderr);
    // CSV ends its lines as RFC 4180 says.
    assert_eq!(acts(&run.stdout.replace("\r\n", "\n"), "\n\t"), None, "{what}: {:?}", run.stdout);
    assert!(!run.stderr.contains("panicked"), "{what}: {}", run.stderr);
}

#[test]
fn hostile_names_reach_no_terminal_from_any_command_at_any_verbosity() {
    let tenancy = Tenancy::start(SimConfig { hostile_names: true, users: 80, ..config() });
    let saved = tenancy.path("saved").display().to_string();
    let run = tenancy.audit(&["-vv", "--save", &saved]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    check(&run, "audit -vv");
    for format in ["table", "csv", "wide-csv", "findings-csv", "json"] {
        check(&tenancy.audit(&["--format", format, "-vv"]), format);
    }
    let offline: [&[&str]; 6] = [
        &["capabilities", "--rows", "0"],
        &["capabilities", "--format", "json"],
        &["capabilities", "--format", "csv"],
        &["audit", "--format", "json", "--all-users"],
        &["explain", "rtl"],
        &["explain", "--json", "c1"],
    ];
    for args in offline {
        let mut command = credage();
        command.args(args).args(["--from", &saved, "--as-of", NOW]);
        let run = finish(command);
        assert!(args[0] == "explain" || !run.stdout.is_empty(), "{args:?}: {}", run.stderr);
        check(&run, &format!("{args:?}"));
    }
}

#[test]
fn json_is_escaped_wherever_it_goes_and_means_the_same() {
    let tenancy = Tenancy::start(SimConfig { hostile_names: true, users: 80, ..config() });
    let (file, receiver) = (tenancy.path("report.json"), Receiver::start(&[]));
    let channel = hook("siem", &receiver.url, "max_items = 1000");
    let args = ["--notify", "--format", "json", "--max-age", "1", "--warn-before", "1", "--write"];
    let write = format!("json={}", file.display());
    let run = audit(&tenancy, &policy(&tenancy, &channel), &[&args[..], &[&write]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let (report, digest) = (run.json(), receiver.only().json());
    for text in [&run.stdout, &read(&file), &receiver.only().body] {
        assert_eq!(acts(text, "\n"), None, "{text}");
        assert!(text.contains("\\u202e") && text.contains("\\u009b"), "{text}");
    }
    for rows in [&report["credentials"], &digest["items"]] {
        let texts = rows.as_array().unwrap().iter().flat_map(|row| row.as_object().unwrap().values());
        let turned = texts.filter_map(Value::as_str).filter(|text| text.contains('\u{202e}'));
        assert!(turned.count() > 0, "it reads back to what it was: {rows}");
    }
}

/// A server that answers everything with this status, header and body.
fn server(status: u16, header: String, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut vec![0; 64 * 1024]);
            let length = body.len();
            // The client may have gone.
            let _ = write!(
                stream,
                "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {length}\r\n{header}\r\n{body}"
            );
        }
    });
    url
}

#[test]
fn what_a_server_says_reaches_no_terminal() {
    let tenancy = Tenancy::start(config());
    let units: Vec<String> = HOSTILE.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let escaped = units.concat();
    let message = format!("{{\"detail\":\"{escaped}\",\"code\":\"{escaped}\",\"message\":\"{escaped}\"}}");
    let header =
        "location: https://elsewhere.example/\u{9b}31m\u{202e}\r\nopc-request-id: \u{9b}31m\u{202e}\r\n";
    for (status, header, body) in [
        (403, String::new(), message.clone()),
        (401, header.to_owned(), message.clone()),
        (302, header.to_owned(), String::new()),
        (500, String::new(), HOSTILE.to_owned()),
        (200, String::new(), HOSTILE.to_owned()),
        (
            200,
            String::new(),
            format!("{{\"Resources\":[{{\"id\":\"{escaped}\"}}],\"totalResults\":\"{escaped}\"}}"),
        ),
    ] {
        let url = server(status, header, body);
        for command in [
            vec!["audit", "--domain-url", &url],
            vec!["audit", "--domain-url", &url, "--format", "json"],
            vec!["audit", "--identity-endpoint", &url],
            vec!["domains", "--identity-endpoint", &url],
            vec!["domains", "--identity-endpoint", &url, "--format", "json"],
            vec!["doctor", "--domain-url", &url],
            vec!["doctor", "--identity-endpoint", &url, "--json"],
        ] {
            let what = format!("{status} {command:?}");
            let mut run = credage();
            run.args(command).args(["-vv", "--retries", "0", "--config-file"]).arg(&tenancy.files.config);
            let run = finish(run);
            // Doctor has nothing against a domain with one oddly named user.
            assert!(run.code > 0 || what.contains("doctor"), "{what}: {}", run.stderr);
            check(&run, &what);
        }
    }
}

#[test]
fn what_was_typed_or_set_reaches_no_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(format!("x{HOSTILE}.toml"));
    let path = file.to_str().unwrap();
    let policies = [
        format!("[rotation]\nmax_age = \"{HOSTILE}\"\n").replace(['\r', '\u{7f}', '\u{1b}', '\u{7}'], ""),
        format!("# {HOSTILE}\nmax_age = {HOSTILE}\n"),
        "[[channel]]\ntype = \"email\"\nname = \"\\u001B[2J\"\nhost = \"\\u009B\"\nfrom = \"\\u202E\"\nto = [\"x\"]\n"
            .to_owned(),
        "[[class]]\nname = \"\\u202E\\u009B31m\"\n[class.match]\nuser = [\"\\u001B[2J\"]\n".to_owned(),
    ];
    for policy in &policies {
        std::fs::write(&file, policy).unwrap();
        for args in [
            &["policy", "check", path][..],
            &["policy", "show", "--policy", path],
            &["notify", "list", "--policy", path],
        ] {
            for more in [&[][..], &["-vv"]] {
                let mut command = credage();
                command.args(args).args(more);
                check(&finish(command), &format!("{args:?} {policy:?}"));
            }
        }
    }
    let typed: [&[&str]; 7] = [
        &["audit", HOSTILE],
        &["audit", "--kind", HOSTILE],
        &["audit", "--domain-url", HOSTILE],
        &["audit", "--from", HOSTILE],
        &["audit", "--demo", "--write", &format!("csv=/nonexistent/{HOSTILE}")],
        &["rules", HOSTILE],
        &["audit", "--config-file", HOSTILE, "--profile", HOSTILE],
    ];
    for args in typed {
        let mut command = credage();
        command
            .args(args)
            .env("CREDAGE_MAX_AGE", HOSTILE)
            .env("HTTPS_PROXY", HOSTILE)
            .env("OCI_REGION", HOSTILE);
        let run = finish(command);
        assert_eq!(run.code, 2, "{args:?}: {}", run.stderr);
        check(&run, &format!("{args:?}"));
    }
    let coloured = finish({
        let mut command = credage();
        command.args(["rules", HOSTILE, "--color", "always"]);
        command
    });
    let rest = coloured.stderr.replace("\u{1b}[0m", "").replace("\u{1b}[1m", "");
    let rest = rest.replace("\u{1b}[31m", "").replace("\u{1b}[36m", "");
    assert_eq!(acts(&rest, "\n"), None, "{rest:?}");
}

const WITH_SECRETS: [&str; 9] = [
    "https://me:hunter2@idcs.example.com",
    "https://me:hun ter2\"@idcs.example.com",
    "https://hunter2@idcs.example.com",
    "http://me:hunter2@idcs.example.com/x",
    "ftp://me:hunter2@idcs.example.com",
    "me:hunter2@idcs.example.com",
    "https://me:pass/hunter2@idcs.example.com",
    "https://idcs.example.com/?sig=hunter2",
    "://me:hunter2@idcs.example.com",
];

#[test]
fn no_password_of_a_url_is_given_back() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("credage.toml");
    let path = file.to_str().unwrap();
    let check = |mut command: assert_cmd::Command, what: &str| {
        command.arg("-vv").env("HOME", dir.path()).current_dir(dir.path());
        let run = finish(command);
        assert_eq!(run.code, 2, "{what}: {}", run.stderr);
        let told = format!("{}{}", run.stdout, run.stderr);
        assert!(!told.contains("hunter2") && !told.contains("ter2"), "{what}: {told}");
    };
    for url in WITH_SECRETS {
        for option in [
            "--domain-url",
            "--identity-endpoint",
            "--domain",
            "--region",
            "--config-file",
            "--max-age",
            "--kind",
            "--unheard-of",
        ] {
            for joined in [true, false] {
                let mut command = credage();
                command.arg("audit");
                if joined {
                    command.arg(format!("{option}={url}"))
                } else {
                    command.args([option, url])
                };
                check(command, &format!("{option} {url}"));
            }
        }
        let mut command = credage();
        command.args(["audit", url]);
        check(command, url);
        for policy in [
            format!(
                "[[channel]]\ntype = \"webhook\"\nname = \"x\"\nsecret_env = \"S\"\nurl = '{url}'\nallow = ['x']\n"
            ),
            format!("[[channel]]\ntype = \"webhook\"\nname = \"x\"\nsecret_env = \"S\"\nurl_env = '{url}'\n"),
            format!("[[channel]]\ntype = \"webhook\"\nname = \"x\"\nurl = '{url}' 1\n"),
            format!("[[channel]]\ntype = \"slack\"\nname = \"x\"\nurl = '{url}'\n"),
            "[[channel]]\ntype = \"email\"\nname = \"x\"\npassword = hunter2\n".to_owned(),
            "channel = [{ type = \"email\", password = \"hunter2\", name = 1 }]\n".to_owned(),
        ] {
            std::fs::write(&file, policy.replace("ter2\"@", "ter2@")).unwrap();
            let mut command = credage();
            command.args(["audit", "--demo", "--notify", "--policy", path]);
            check(command, &policy);
        }
    }
}

#[test]
fn no_password_in_a_variable_is_given_back() {
    let urls = [
        "http://me:hunter2@127.0.0.1:1/x",
        "http://me:hun ter2@h",
        "me:hunter2@h",
        "https://me:a/hunter2@h.example",
    ];
    for url in urls {
        for variable in ["OCI_METADATA_BASE_URL", "OCI_CLI_FEDERATION_ENDPOINT", "HTTPS_PROXY"] {
            for args in [&["doctor"][..], &["doctor", "--json"], &["audit"], &["domains", "-vv"]] {
                let mut command = credage();
                command.args(args).args([
                    "--auth",
                    "instance_principal",
                    "--connect-timeout",
                    "1",
                    "--retries",
                    "0",
                ]);
                command.env("OCI_METADATA_BASE_URL", "http://127.0.0.1:1").env(variable, url);
                let run = finish(command);
                assert!(run.code == 2 || run.code == 4, "{variable} {url} {args:?}: {}", run.stderr);
                let told = format!("{}{}", run.stdout, run.stderr);
                assert!(!told.contains("ter2"), "{variable} {url} {args:?}: {told}");
            }
        }
    }
}

#[test]
fn nobody_s_leaving_is_a_crash() {
    let tenancy = Tenancy::start(config());
    let saved = tenancy.path("saved").display().to_string();
    assert_eq!(tenancy.audit(&["--save", &saved]).code, 0);
    let config = tenancy.files.config.display().to_string();
    let commands: [&[&str]; 14] = [
        &["--help"],
        &["audit", "--help"],
        &["--version"],
        &["audit", "--unheard-of"],
        &["audit", "--from", &saved, "--rows", "0"],
        &["audit", "--from", &saved, "--format", "json"],
        &["audit", "--from", &saved, "--format", "csv"],
        &["capabilities", "--from", &saved, "--format", "json"],
        &["domains", "--domain-url", tenancy.sim.url(), "--config-file", &config, "-vv"],
        &["doctor", "--domain-url", tenancy.sim.url(), "--config-file", &config, "-vv"],
        &["rules", "--format", "markdown"],
        &["policy", "reference"],
        &["policy", "show"],
        &["schema", "report"],
    ];
    for args in commands {
        let run = |gone: bool| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
            command
                .env_clear()
                .env("HOME", "/nonexistent")
                .args(args)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            if gone {
                drop((child.stdout.take(), child.stderr.take()));
            }
            child.wait_with_output().unwrap()
        };
        let (heard, unheard) = (run(false), run(true));
        assert_eq!(unheard.status.code(), heard.status.code(), "{args:?}");
        assert!(heard.status.code().is_some_and(|code| code < 100), "{args:?}: {heard:?}");
    }
}
