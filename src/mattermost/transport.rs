//! One call over HTTP: address, token, time-outs, repetition.
//!
//! The only place that reads a token, and it puts it into a header of requests to
//! the token's own site: redirects are reported, never followed. Knows nothing of
//! what calls mean.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Client, Method};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::answer::{Answer, presentable};
use super::credentials::Credentials;
use super::error::{ApiError, Attempt};
use super::limiter::{Limiter, Quota};
use super::retry::{Jitter, RealSleep, RetryPolicy, Sleep, asked_wait};
use crate::clock::{Clock, SystemClock};

/// Where the Playbooks plugin is served.
pub(super) const PLUGIN_PATH: &str = "/plugins/playbooks/";

/// How a client behaves; [`Default`] is right outside tests.
#[derive(Debug, Clone)]
pub struct Options {
    /// Reads dates of the server.
    pub clock: Arc<dyn Clock>,
    /// Waits between two tries.
    pub sleep: Arc<dyn Sleep>,
    /// How much patience there is.
    pub retry: RetryPolicy,
    /// For a connection to be made.
    pub connect_timeout: Duration,
    /// For one exchange, from the connection to the end of the answer.
    pub timeout: Duration,
    /// The largest answer that is read, in bytes.
    pub answer_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            sleep: Arc::new(RealSleep),
            retry: RetryPolicy::default(),
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            answer_limit: 64 << 20,
        }
    }
}

/// Which of the two APIs a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    /// The server's own.
    Core,
    /// The Playbooks plugin's.
    Playbooks,
}

impl Api {
    fn segments(self) -> &'static [&'static str] {
        match self {
            Self::Core => &["api", "v4"],
            Self::Playbooks => &["plugins", "playbooks", "api", "v0"],
        }
    }
}

/// One call, ready to be sent.
#[derive(Debug)]
pub(super) struct Call {
    api: Api,
    what: &'static str,
    method: Method,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<Result<Vec<u8>, serde_json::Error>>,
    reads: bool,
}

impl Call {
    fn new(api: Api, method: Method, what: &'static str, path: &[&str]) -> Self {
        Self {
            api,
            what,
            method,
            path: path.iter().map(|&segment| segment.to_owned()).collect(),
            query: Vec::new(),
            body: None,
            reads: false,
        }
    }

    /// A GET.
    pub(super) fn read(api: Api, what: &'static str, path: &[&str]) -> Self {
        Self {
            reads: true,
            ..Self::new(api, Method::GET, what, path)
        }
    }

    /// A POST that only reads.
    pub(super) fn look_up(
        api: Api,
        what: &'static str,
        path: &[&str],
        body: &impl Serialize,
    ) -> Self {
        Self {
            reads: true,
            ..Self::new(api, Method::POST, what, path).body(body)
        }
    }

    /// A POST that changes something.
    pub(super) fn post(api: Api, what: &'static str, path: &[&str]) -> Self {
        Self::new(api, Method::POST, what, path)
    }

    /// A PUT.
    pub(super) fn put(api: Api, what: &'static str, path: &[&str]) -> Self {
        Self::new(api, Method::PUT, what, path)
    }

    /// A PATCH.
    pub(super) fn patch(api: Api, what: &'static str, path: &[&str]) -> Self {
        Self::new(api, Method::PATCH, what, path)
    }

    /// A DELETE.
    pub(super) fn delete(api: Api, what: &'static str, path: &[&str]) -> Self {
        Self::new(api, Method::DELETE, what, path)
    }

    /// With this value as JSON.
    pub(super) fn body(mut self, body: &impl Serialize) -> Self {
        self.body = Some(serde_json::to_vec(body));
        self
    }

    /// With a parameter in the query.
    pub(super) fn query(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// With a parameter in the query, if there is one.
    pub(super) fn query_if(self, name: &'static str, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }
}

/// Sends calls to one site with one token.
#[derive(Debug)]
pub(super) struct Transport {
    client: Client,
    credentials: Credentials,
    options: Options,
    jitter: Jitter,
    limiter: Limiter,
    requests: AtomicU64,
}

impl Transport {
    pub(super) fn new(credentials: Credentials, options: Options) -> Result<Self, ApiError> {
        let unsendable = |problem: String| ApiError::Unsendable {
            what: "prepare the connection to the server",
            problem,
        };
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {}", credentials.token.expose_secret()))
                .map_err(|_| {
                    unsendable("the token contains characters that no token has".to_owned())
                })?;
        bearer.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, bearer);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let mut builder = Client::builder()
            .user_agent(concat!("warroom/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(options.connect_timeout)
            // Shorter than what servers and proxies wait: while somebody reads a plan, connections
            // die, and a write on a dead one could not be repeated.
            .pool_idle_timeout(Duration::from_secs(20))
            .timeout(options.timeout);
        if credentials.site.is_loopback() {
            // What stays on this machine is not shown to a proxy.
            builder = builder.no_proxy();
        }
        if credentials.site.url().scheme() == "https" {
            builder = builder.https_only(true);
        } else {
            // No certificate is ever looked at, so a machine without any will do.
            builder = builder.tls_certs_only([]);
        }
        let client = builder
            .build()
            .map_err(|error| unsendable(innermost(&error)))?;
        let seed = options.clock.now().as_nanosecond().to_ne_bytes();
        let mut half = [0; 8];
        half.copy_from_slice(&seed[..8]);
        Ok(Self {
            client,
            credentials,
            jitter: Jitter::seeded(u64::from_ne_bytes(half) ^ u64::from(std::process::id())),
            limiter: Limiter::new(Arc::clone(&options.clock), Arc::clone(&options.sleep)),
            options,
            requests: AtomicU64::new(0),
        })
    }

    pub(super) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// How many requests were sent, repetitions included.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// What lets requests through.
    pub(super) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// Sends the call and reads the value it is answered with.
    pub(super) async fn value<T: DeserializeOwned>(&self, call: Call) -> Result<T, ApiError> {
        let answer = self.send(call).await?;
        self.decode(&answer)
    }

    /// Sends the call; success says nothing more.
    pub(super) async fn done(&self, call: Call) -> Result<(), ApiError> {
        self.send(call).await.map(drop)
    }

    /// Sends the call, again if that is harmless and may help.
    pub(super) async fn send(&self, call: Call) -> Result<Answer, ApiError> {
        let url = self.url(&call)?;
        let body = call
            .body
            .transpose()
            .map_err(|error| ApiError::Unsendable {
                what: call.what,
                problem: error.to_string(),
            })?;
        let attempt = Attempt {
            what: call.what,
            method: call.method.to_string(),
            path: self.path_below_site(&url),
            site: self.credentials.site.to_string(),
            reads: call.reads,
        };
        let mut tries = 0;
        let mut waited = Duration::ZERO;
        loop {
            tries += 1;
            let error = match self
                .exchange(&attempt, &call.method, &url, body.as_deref())
                .await
            {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let fraction = self.jitter.fraction();
            let Some(wait) = self.options.retry.wait(&error, tries, waited, fraction) else {
                return Err(error);
            };
            waited += wait;
            match error {
                // The server means everybody who uses this token: nothing else is sent either.
                ApiError::RateLimited { .. } => self.limiter.close(wait),
                _ => self.options.sleep.sleep(wait).await,
            }
        }
    }

    async fn exchange(
        &self,
        attempt: &Attempt,
        method: &Method,
        url: &Url,
        body: Option<&[u8]>,
    ) -> Result<Answer, ApiError> {
        let mut request = self.client.request(method.clone(), url.clone());
        if let Some(body) = body {
            request = request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_vec());
        }
        let admitted = self.limiter.admit(attempt.reads).await;
        let admitted = admitted.map_err(|_| ApiError::Spent { what: attempt.what })?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut response = request.send().await.map_err(|error| {
            if error.is_timeout() {
                admitted.troubled();
            }
            self.network(attempt, &error)
        })?;
        admitted.answered(response.status().as_u16(), Quota::of(response.headers()));
        let text = |name: &str| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let now = self.options.clock.now();
        let mut answer = Answer {
            attempt: attempt.clone(),
            status: response.status().as_u16(),
            content_type: text("content-type").unwrap_or_default(),
            location: text("location"),
            request_id: text("x-request-id"),
            retry_after: asked_wait(
                text("retry-after").as_deref(),
                text("x-ratelimit-reset").as_deref(),
                now,
            ),
            body: Vec::new(),
        };
        let limit = self.options.answer_limit;
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.network(attempt, &error))?
        {
            if answer.body.len() + chunk.len() > limit {
                return Err(ApiError::Oversized {
                    attempt: Box::new(attempt.clone()),
                    limit,
                });
            }
            answer.body.extend_from_slice(&chunk);
        }
        answer.checked(|text| self.scrub(text))
    }

    fn network(&self, attempt: &Attempt, error: &reqwest::Error) -> ApiError {
        let attempt = Box::new(attempt.clone());
        let problem = self.presentable(&innermost(error));
        if error.is_connect() || error.is_builder() {
            ApiError::Unreachable { attempt, problem }
        } else if error.is_timeout() {
            let after = self.options.timeout;
            ApiError::TimedOut { attempt, after }
        } else {
            ApiError::Interrupted { attempt, problem }
        }
    }

    /// The value in an answer of [`Transport::send`].
    pub(super) fn decode<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, ApiError> {
        answer.decode(|text| self.scrub(text))
    }

    /// The server's words, fit to be shown.
    pub(super) fn presentable(&self, text: &str) -> String {
        presentable(&self.scrub(text))
    }

    fn scrub(&self, text: &str) -> String {
        self.credentials.scrub(text)
    }

    /// The address of a call. An empty segment would name another route, and `..` another level.
    fn url(&self, call: &Call) -> Result<Url, ApiError> {
        let unsendable = |problem: String| ApiError::Unsendable {
            what: call.what,
            problem,
        };
        if let Some(odd) = call
            .path
            .iter()
            .find(|segment| matches!(segment.as_str(), "" | "." | ".."))
        {
            return Err(unsendable(format!("`{odd}` is not a name or an id")));
        }
        let mut url = self.credentials.site.url().clone();
        url.path_segments_mut()
            .map_err(|()| unsendable("the server's address has no path".to_owned()))?
            .pop_if_empty()
            .extend(call.api.segments())
            .extend(&call.path);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        Ok(url)
    }

    fn path_below_site(&self, url: &Url) -> String {
        let below = self.credentials.site.url().path().trim_end_matches('/');
        url.path()
            .strip_prefix(below)
            .unwrap_or_default()
            .to_owned()
    }
}

/// The last of a chain of causes: the outer ones only repeat the address.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if error.source().is_none() {
        return error.to_string();
    }
    cause.to_string()
}
