//! An HTTP server that takes what channels post, and answers as a test wants it to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::Value;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    pub(crate) at: Instant,
}

/// What the next request is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// A status, and a header line.
    Status(u16, &'static str),
    /// A status, and the body.
    Says(u16, &'static str),
    /// Nothing, for as long as the client waits.
    Silence,
}

/// A running server. What comes after the last answer is answered 200.
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    answers: Vec<Answer>,
    got: Vec<Got>,
    /// Connections that are kept waiting.
    held: Vec<TcpStream>,
}

impl Receiver {
    pub(crate) fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers = answers.iter().rev().copied().collect();
        let state = Arc::new(Mutex::new(State { answers, ..State::default() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &shared);
            }
        });
        Self { url: format!("http://127.0.0.1:{port}"), port, state }
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.state.lock().unwrap().got.clone()
    }

    /// The one request that there was.
    pub(crate) fn only(&self) -> Got {
        let got = self.got();
        assert_eq!(got.len(), 1, "{got:?}");
        got[0].clone()
    }
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let Some(got) = read(&stream) else { return };
    let mut state = state.lock().unwrap();
    state.got.push(got);
    match state.answers.pop().unwrap_or(Answer::Status(200, "")) {
        Answer::Silence => state.held.push(stream),
        Answer::Status(status, header) => say(&mut stream, status, header, "said by the receiver"),
        Answer::Says(status, text) => say(&mut stream, status, "", text),
    }
}

fn say(stream: &mut TcpStream, status: u16, header: &str, text: &str) {
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    let head =
        format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n{header}", text.len());
    // The client may have gone.
    let _ = write!(stream, "{head}\r\n{text}");
}

fn read(stream: &TcpStream) -> Option<Got> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Got { path, headers, body: String::from_utf8(body).ok()?, at: Instant::now() })
}
