//! A tiny identity domain over loopback whose answers a test writes itself: whatever shape they have.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::harness::{NOW, Run, Tenancy, config, credage, finish};

const EXTENSION: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:";
/// The collections of credentials, each with its list in the index.
const COLLECTIONS: [(&str, &str, &str); 6] = [
    ("ApiKeys", "apiKeys", "canUseApiKeys"),
    ("AuthTokens", "authTokens", "canUseAuthTokens"),
    ("CustomerSecretKeys", "customerSecretKeys", "canUseCustomerSecretKeys"),
    ("UserDbCredentials", "dbCredentials", "canUseDbCredentials"),
    ("OAuth2ClientCredentials", "oAuth2ClientCredentials", "canUseOAuth2ClientCredentials"),
    ("SmtpCredentials", "smtpCredentials", "canUseSmtpCredentials"),
];

/// The name of an extension of users, such as `user:User`.
pub(crate) fn extension(name: &str) -> String {
    format!("{EXTENSION}{name}")
}

/// What a domain holds, as JSON: rows by collection.
#[derive(Clone)]
pub(crate) struct Rows(Vec<(&'static str, Vec<Value>)>);

impl Rows {
    /// Six users, each with an API key of 100 days and an auth token of 10.
    pub(crate) fn usual() -> Self {
        let mut rows: Vec<(&str, Vec<Value>)> = vec![("Users", Vec::new())];
        rows.extend(COLLECTIONS.map(|(collection, ..)| (collection, Vec::new())));
        let mut usual = Self(rows);
        for number in 0..6 {
            let (user, name) = (format!("u{number}"), format!("user{number}@example.com"));
            let mut index = serde_json::Map::new();
            for (collection, list, created) in [
                ("ApiKeys", "apiKeys", "2026-02-21T12:00:00Z"),
                ("AuthTokens", "authTokens", "2026-05-22T12:00:00Z"),
            ] {
                let id = format!("{list}{number}");
                let mut row = json!({
                    "id": id, "meta": {"created": created}, "description": format!("{collection} {number}"),
                    "user": {"value": user, "ocid": format!("ocid1.user.oc1..{user}"), "name": name},
                });
                if collection == "ApiKeys" {
                    row["fingerprint"] = format!("aa:bb:{number}").into();
                }
                usual.of(collection).push(row);
                index.insert(list.to_owned(), json!([{"value": id}]));
            }
            let mut flags = serde_json::Map::from_iter([("canUseConsolePassword".to_owned(), true.into())]);
            flags.extend(COLLECTIONS.map(|(.., flag)| (flag.to_owned(), true.into())));
            usual.of("Users").push(json!({
                "id": user, "ocid": format!("ocid1.user.oc1..{user}"), "userName": name, "active": true,
                "emails": [{"value": name, "primary": true, "type": "work"}],
                "meta": {"created": "2025-01-01T00:00:00Z"},
                "groups": [{"display": "All Domain Users"}],
                extension("capabilities:User"): flags,
                extension("userCredentials:User"): index,
                extension("userState:User"): {"lastSuccessfulLoginDate": "2026-05-30T00:00:00Z"},
                extension("mfa:User"): {"mfaStatus": "ENROLLED"},
                extension("user:User"): {
                    "isFederatedUser": false, "serviceUser": false,
                    "appRoles": [{"display": "Identity Domain Administrator", "adminRole": number == 0}],
                },
            }));
        }
        usual
    }

    pub(crate) fn of(&mut self, collection: &str) -> &mut Vec<Value> {
        &mut self.0.iter_mut().find(|(name, _)| *name == collection).unwrap().1
    }

    /// The same with something done to every user.
    pub(crate) fn users(mut self, mut change: impl FnMut(usize, &mut Value)) -> Self {
        self.of("Users").iter_mut().enumerate().for_each(|(place, user)| change(place, user));
        self
    }
}

/// A running domain.
pub(crate) struct OddDomain {
    url: String,
    /// Only for a profile to sign in with: this domain looks at no signature.
    auditor: Tenancy,
    asked: Arc<Mutex<Vec<String>>>,
}

impl OddDomain {
    /// Starts it; `body` makes the body of every listing from its JSON.
    pub(crate) fn start(rows: Rows, body: fn(&str, Value) -> String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (rows, log) = (rows.clone(), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &rows, body, &log));
            }
        });
        let auditor = Tenancy::start(credage_sim::SimConfig { users: 8, odd_users: false, ..config() });
        Self { url, auditor, asked }
    }

    /// The same, with listings as they are.
    pub(crate) fn plain(rows: Rows) -> Self {
        Self::start(rows, |_, page| page.to_string())
    }

    /// `credage COMMAND` of it, with further arguments.
    pub(crate) fn run(&self, command: &str, args: &[&str]) -> Run {
        let mut credage = credage();
        credage.args([
            command,
            "--domain-url",
            &self.url,
            "--as-of",
            NOW,
            "--rate-limit",
            "none",
            "--config-file",
        ]);
        credage.arg(&self.auditor.files.config).args(args);
        finish(credage)
    }

    /// The JSON report of an audit.
    pub(crate) fn report(&self, args: &[&str]) -> (Run, Value) {
        let run = self.run("audit", &[&["--format", "json"], args].concat());
        let report = run.json();
        (run, report)
    }

    /// The same under a policy.
    pub(crate) fn under(&self, policy: &str, args: &[&str]) -> (Run, Value) {
        let file = self.policy_file();
        std::fs::write(&file, policy).unwrap();
        self.report(&[&["--policy", &file], args].concat())
    }

    /// Where the policy is.
    pub(crate) fn policy_file(&self) -> String {
        self.auditor.path("credage.toml").to_str().unwrap().to_owned()
    }

    /// The paths that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    stream: TcpStream,
    rows: &Rows,
    body: fn(&str, Value) -> String,
    log: &Mutex<Vec<String>>,
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let target = line.split(' ').nth(1)?.to_owned();
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            if header.trim().is_empty() {
                break;
            }
            if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut sent = vec![0; length];
        reader.read_exact(&mut sent).ok()?;
        log.lock().unwrap().push(target.clone());
        let (status, text) = answer(&target, &sent, rows, body);
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/scim+json\r\ncontent-length: {}\r\n\r\n",
            text.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(text.as_bytes())).ok()?;
    }
}

fn answer(target: &str, sent: &[u8], rows: &Rows, body: fn(&str, Value) -> String) -> (u16, String) {
    let url = url::Url::parse(&format!("http://x{target}")).unwrap();
    let mut asked: std::collections::HashMap<String, String> = url.query_pairs().into_owned().collect();
    if let Ok(Value::Object(search)) = serde_json::from_slice(sent) {
        asked.extend(
            search
                .into_iter()
                .map(|(key, value)| (key, value.as_str().map_or(value.to_string(), str::to_owned))),
        );
    }
    let path: Vec<&str> = url.path().split('/').skip(1).collect();
    let name = path.get(2).copied().unwrap_or_default();
    let Some((_, all)) = rows.0.iter().find(|(known, _)| *known == name) else {
        return (404, "{}".to_owned());
    };
    if let Some(id) = path.get(3).filter(|id| **id != ".search") {
        let found = all.iter().find(|row| row["id"] == *id);
        return found.map_or((404, "{}".to_owned()), |row| (200, row.to_string()));
    }
    let of_owner = |row: &&Value| match asked.get("filter") {
        Some(filter) if filter.contains("user.value eq") => {
            row["user"]["value"].as_str().is_some_and(|owner| filter.contains(&format!("\"{owner}\"")))
        }
        _ => true,
    };
    let found: Vec<&Value> = all.iter().filter(of_owner).collect();
    let number = |key: &str, usual| asked.get(key).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (start, count): (usize, usize) = (number("startIndex", 1), number("count", 50));
    let page: Vec<Value> = found.iter().skip(start - 1).take(count).map(|row| (*row).clone()).collect();
    (
        200,
        body(
            name,
            json!({"totalResults": found.len(), "Resources": page, "startIndex": start, "itemsPerPage": count}),
        ),
    )
}
