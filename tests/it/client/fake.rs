//! A server that says exactly what a test tells it to say, byte for byte.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use warroom::clock::ManualClock;
use warroom::mattermost::{Credentials, Options, Reader, RetryPolicy, Site, Sleep};

/// The token of all tests here; it must not appear in anything that is shown.
pub const TOKEN: &str = "sekrit9token8sekrit7token6";

/// What the server does with one request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Answers with status, headers and body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Sends these bytes and cuts the connection.
    Raw(Vec<u8>),
    /// Says nothing until the client gives up.
    Silence,
}

impl Reply {
    pub fn json(status: u16, body: &str) -> Self {
        Self::text(status, "application/json", body)
    }

    pub fn text(status: u16, content_type: &str, body: &str) -> Self {
        let headers = vec![("Content-Type", content_type.to_owned())];
        Self::Answer(status, headers, body.to_owned())
    }

    pub fn header(self, name: &'static str, value: &str) -> Self {
        match self {
            Self::Answer(status, mut headers, body) => {
                headers.push((name, value.to_owned()));
                Self::Answer(status, headers, body)
            }
            other => other,
        }
    }
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET /path?query`.
    pub line: String,
    /// Header lines, names in lower case.
    pub headers: Vec<String>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.headers.iter();
        lines
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }
}

type Script = dyn Fn(&Request) -> Reply + Send + Sync;

/// A running server; it ends with the test process.
pub struct Fake {
    address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Fake {
    /// Answers each request with the next reply; the last one is repeated.
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Mutex<VecDeque<Reply>> = Mutex::new(replies.into_iter().collect());
        Self::answering(move |_| {
            let mut replies = replies.lock().unwrap();
            let next = replies.front().unwrap().clone();
            if replies.len() > 1 {
                replies.pop_front();
            }
            next
        })
    }

    /// Answers each request as `script` says.
    pub fn answering(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(script);
        let log = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, log) = (Arc::clone(&script), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &*script, &log));
            }
        });
        Self { address, requests }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The request lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.requests().into_iter().map(|r| r.line).collect()
    }

    /// A client of this server that never tries again.
    pub fn reader(&self) -> Reader {
        reader(&self.url(), RetryPolicy::NEVER, &Naps::default())
    }

    /// A client of this server with ordinary patience, and notes of how long it waited.
    pub fn patient_reader(&self) -> (Reader, Naps) {
        let naps = Naps::default();
        (reader(&self.url(), RetryPolicy::default(), &naps), naps)
    }
}

/// A client of the server at `url`; the clock stands at 2026-11-21 12:00:00 UTC.
pub fn reader(url: &str, retry: RetryPolicy, naps: &Naps) -> Reader {
    let noon = "2026-11-21T12:00:00Z".parse().unwrap();
    let options = Options {
        clock: Arc::new(ManualClock::at(noon)),
        sleep: Arc::new(naps.clone()),
        retry,
        timeout: Duration::from_secs(20),
        answer_limit: 1 << 20,
        ..Options::default()
    };
    let credentials = Credentials::new(Site::parse(url).unwrap(), TOKEN);
    Reader::with_options(credentials, options).unwrap()
}

/// Does not sleep, and takes notes.
#[derive(Debug, Clone, Default)]
pub struct Naps(Arc<Mutex<Vec<Duration>>>);

impl Naps {
    pub fn seconds(&self) -> Vec<u64> {
        self.0
            .lock()
            .unwrap()
            .iter()
            .map(Duration::as_secs)
            .collect()
    }
}

impl Sleep for Naps {
    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().unwrap().push(wait);
        Box::pin(std::future::ready(()))
    }
}

/// Waits for a call.
pub fn wait<T>(call: impl Future<Output = T>) -> T {
    runtime().block_on(call)
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn serve(stream: TcpStream, script: &Script, log: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        match header.trim_end().split_once(": ") {
            Some((name, value)) => headers.push(format!("{}: {value}", name.to_lowercase())),
            None => break,
        }
    }
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let mut request = Request {
        line,
        headers,
        body: String::new(),
    };
    let length = request
        .header("content-length")
        .map_or(0, |n| n.parse().unwrap());
    reader
        .take(length)
        .read_to_string(&mut request.body)
        .unwrap();
    let reply = script(&request);
    log.lock().unwrap().push(request);
    send(stream, reply);
}

fn send(mut stream: TcpStream, reply: Reply) {
    match reply {
        Reply::Answer(status, headers, body) => {
            let lines: Vec<String> = headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}\r\n"))
                .collect();
            let answer = format!(
                "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n{}\r\n{body}",
                body.len(),
                lines.concat()
            );
            let _ = stream.write_all(answer.as_bytes());
        }
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes);
        }
        Reply::Silence => {
            let _ = stream.read(&mut [0]);
        }
    }
}
