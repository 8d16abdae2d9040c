//! Plays the requests of a scenario against a server, and compares the answers.
//!
//! Knows nothing of the sandbox: a [`Target`] can just as well be a real server.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::compare::{Bindings, Rules, expand, same};

/// A recorded scenario.
#[derive(Debug, Deserialize)]
pub struct Scenario {
    #[serde(rename = "scenario")]
    pub name: String,
    pub what: String,
    pub fixtures: Vec<String>,
    volatile: Vec<String>,
    unordered: Vec<String>,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
struct Step {
    #[serde(rename = "as", default)]
    caller: String,
    method: String,
    path: String,
    body: Option<Value>,
    body_raw: Option<String>,
    multipart: Option<Vec<Part>>,
    #[serde(default)]
    request_headers: BTreeMap<String, String>,
    request_content_type: Option<String>,
    #[serde(default)]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    response: Value,
    /// `true`, or a sentence that says what was left out.
    partial: Option<Value>,
    #[serde(default)]
    wait_ms: u64,
}

#[derive(Debug, Deserialize)]
struct Part {
    name: String,
    value: String,
    filename: Option<String>,
    #[serde(rename = "type")]
    content_type: Option<String>,
}

/// A server to replay against.
pub struct Target<'t> {
    /// Its base URL, without a trailing slash.
    pub site: String,
    /// Tokens by the names of the recordings.
    pub tokens: BTreeMap<String, String>,
    /// What placeholders stand for before the first step.
    pub known: BTreeMap<String, String>,
    /// Lets time pass before a step.
    pub pass: Box<dyn Fn(Duration) + 't>,
}

/// Where an answer was not the recorded one.
#[derive(Debug)]
pub struct Difference {
    step: usize,
    request: String,
    what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}: {}", self.step, self.request, self.what)
    }
}

/// What a server answered.
struct Answer {
    status: u16,
    content_type: String,
    location: String,
    text: String,
}

/// Plays scenarios; made once, since a client is slow to make.
pub struct Player {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
}

impl Player {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { runtime, client }
    }

    /// Replays a scenario and tells every difference; stops where it cannot go on.
    pub fn replay(&self, scenario: &Scenario, target: &Target<'_>) -> Vec<Difference> {
        let mut bindings = Bindings::new(target.known.clone());
        let mut differences = Vec::new();
        for fixture in &scenario.fixtures {
            assert!(target.known.contains_key(fixture), "no fixture `{fixture}`");
        }
        for (number, step) in scenario.steps.iter().enumerate() {
            if ["WS", "RECEIVED"].contains(&step.method.as_str()) {
                continue;
            }
            (target.pass)(Duration::from_millis(step.wait_ms));
            let request = format!("{} {} {}", step.caller, step.method, step.path);
            let mut differ = |what: String| {
                differences.push(Difference {
                    step: number,
                    request: request.clone(),
                    what,
                });
            };
            let answer = self
                .runtime
                .block_on(send(&self.client, step, target, &bindings));
            let answer = match answer {
                Ok(answer) => answer,
                Err(problem) => {
                    differ(problem);
                    break;
                }
            };
            let rules = Rules {
                volatile: &scenario.volatile,
                unordered: &scenario.unordered,
                path: &step.path,
            };
            for what in compare(step, &answer, &rules, &mut bindings) {
                differ(what);
            }
        }
        differences
    }
}

async fn send(
    client: &reqwest::Client,
    step: &Step,
    target: &Target<'_>,
    bindings: &Bindings,
) -> Result<Answer, String> {
    let path = bindings.filled(&step.path)?;
    let method = step.method.parse().map_err(|_| "a strange method")?;
    let mut request = client.request(method, format!("{}{path}", target.site));
    match step.caller.as_str() {
        "nobody" => {}
        "bad-token" => request = request.bearer_auth("thisisnotavalidtoken000000"),
        caller if caller.starts_with("{{") => {
            request = request.bearer_auth(bindings.filled(caller)?);
        }
        caller => {
            let token = target.tokens.get(caller).ok_or("nobody of that name")?;
            request = request.bearer_auth(token);
        }
    }
    for (name, value) in &step.request_headers {
        request = request.header(name, value);
    }
    let json = step.request_content_type.as_deref();
    if let Some(parts) = &step.multipart {
        let (content_type, body) = form(parts, bindings)?;
        request = request.header("Content-Type", content_type).body(body);
    } else if let Some(body) = body_of(step, bindings)? {
        let content_type = json.unwrap_or("application/json");
        request = request.header("Content-Type", content_type).body(body);
    }
    let answer = request
        .send()
        .await
        .map_err(|error| format!("no answer: {error}"))?;
    let header = |name: &str| {
        let value = answer
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    Ok(Answer {
        status: answer.status().as_u16(),
        content_type: header("content-type"),
        location: header("location"),
        text: answer
            .text()
            .await
            .map_err(|error| format!("a cut answer: {error}"))?,
    })
}

fn body_of(step: &Step, bindings: &Bindings) -> Result<Option<String>, String> {
    if let Some(raw) = &step.body_raw {
        return bindings.filled(raw).map(Some);
    }
    let Some(body) = &step.body else {
        return Ok(None);
    };
    let body = fill(expand(body.clone()), bindings)?;
    Ok(Some(body.to_string()))
}

fn fill(value: Value, bindings: &Bindings) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(bindings.filled(&text)?),
        Value::Array(list) => list
            .into_iter()
            .map(|value| fill(value, bindings))
            .collect::<Result<_, _>>()?,
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| Ok((bindings.filled(&key)?, fill(value, bindings)?)))
            .collect::<Result<Map<_, _>, String>>()?
            .into(),
        value => value,
    })
}

fn form(parts: &[Part], bindings: &Bindings) -> Result<(String, String), String> {
    const BOUNDARY: &str = "warroom-contract-boundary";
    let mut body = Vec::new();
    for part in parts {
        let filename = part.filename.as_ref();
        let filename = filename.map(|name| format!("; filename=\"{name}\""));
        let content_type = part.content_type.as_ref();
        let content_type = content_type.map(|kind| format!("\r\nContent-Type: {kind}"));
        body.push(format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"{}{}\r\n\r\n{}\r\n",
            part.name,
            filename.unwrap_or_default(),
            content_type.unwrap_or_default(),
            bindings.filled(&part.value)?,
        ));
    }
    body.push(format!("--{BOUNDARY}--\r\n"));
    let body = body.concat();
    Ok((format!("multipart/form-data; boundary={BOUNDARY}"), body))
}

fn compare(
    step: &Step,
    answer: &Answer,
    rules: &Rules<'_>,
    bindings: &mut Bindings,
) -> Vec<String> {
    let mut found = Vec::new();
    if step.status != answer.status {
        let text: String = answer.text.chars().take(300).collect();
        return vec![format!(
            "status {} instead of {}: {text}",
            answer.status, step.status
        )];
    }
    let header = |name: &str| {
        step.headers
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
    };
    if header("content-type") != answer.content_type {
        found.push(format!(
            "content type `{}` instead of `{}`",
            answer.content_type,
            header("content-type")
        ));
    }
    if let Err(what) = bindings.matches(header("location"), &answer.location) {
        found.push(format!("location: {what}"));
    }
    if step.partial.is_some() {
        // Shortened: nothing can be held against it, but ids may be learned from it.
        if let Ok(actual) = serde_json::from_str(&answer.text) {
            bindings.learn(&step.response, &actual);
        }
    } else {
        let actual = if step.response.is_string() {
            // A JSON text was recorded as the text in it.
            let text = serde_json::from_str::<String>(&answer.text);
            Value::String(text.unwrap_or_else(|_| answer.text.clone()))
        } else {
            serde_json::from_str(&answer.text).unwrap_or_else(|_| answer.text.clone().into())
        };
        same(
            &expand(step.response.clone()),
            &actual,
            rules,
            bindings,
            &mut found,
        );
    }
    found
}
