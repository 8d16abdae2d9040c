//! The HTTP server around the world.
//!
//! Owns the thread, the listener, faults, the log and what turns a [`Reply`] into
//! bytes. Must not know what any route means.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::call::Call;
use super::fault::{Fault, FaultAction, Faults, PluginState};
use super::pace::{Buckets, RateLimit, Verdict};
use super::reply::{Body, Reply};
use super::routes;
use super::seed::Seed;
use super::wire::{Scissors, Severable};
use super::world::World;
use crate::clock::Clock;

/// What the rate limiter of core says besides its status, when a fault plays it.
const TOO_MANY: [(&str, &str); 4] = [
    ("retry-after", "1"),
    ("x-ratelimit-limit", "101"),
    ("x-ratelimit-remaining", "0"),
    ("x-ratelimit-reset", "11"),
];

/// More than any limit of the real server: larger bodies are cut off unread.
const LARGEST_BODY: usize = 64 << 20;

/// How a sandbox begins.
#[derive(Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// People, teams and channels.
    pub seed: Seed,
    /// Tells the server the time.
    pub clock: Arc<dyn Clock>,
    /// How long every answer takes, in real time.
    pub latency: Duration,
    /// How often each account may ask; none for as often as it likes.
    pub rate_limit: Option<RateLimit>,
}

impl Options {
    /// The default seed on a free port of this machine.
    #[must_use]
    pub fn local(clock: Arc<dyn Clock>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            seed: Seed::default(),
            clock,
            latency: Duration::ZERO,
            rate_limit: None,
        }
    }
}

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address cannot be listened on.
    #[error("could not listen on `{address}`: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// No thread or runtime.
    #[error("could not start the sandbox: {0}")]
    Start(std::io::Error),
}

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// `GET`, `POST` …
    pub method: String,
    /// The path, with the query.
    pub path: String,
    /// The username of the caller, where there was a valid token.
    pub user: Option<String>,
    /// The status; 0 where the connection was cut instead.
    pub status: u16,
}

impl Exchange {
    /// Whether it may have changed something: neither a GET nor one of the look-ups
    /// that Mattermost makes a POST.
    #[must_use]
    pub fn is_write(&self) -> bool {
        let look_up = ["/users/usernames", "/users/ids"];
        self.method != "GET" && !look_up.iter().any(|end| self.path.ends_with(end))
    }
}

/// A running sandbox; stops when dropped.
#[derive(Debug)]
pub struct Running {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    world: Mutex<World>,
    faults: Mutex<Faults>,
    plugin: Mutex<PluginState>,
    log: Mutex<Log>,
    pace: Mutex<Pace>,
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Clone, Copy)]
struct Pace {
    latency: Duration,
    rate_limit: Option<RateLimit>,
}

#[derive(Debug, Default)]
struct Log {
    exchanges: Vec<Exchange>,
    listeners: Vec<UnboundedSender<Exchange>>,
}

/// Starts a sandbox on a thread of its own.
///
/// # Errors
/// [`SandboxError::Listen`] when the address is taken or not ours.
pub fn start(options: Options) -> Result<Running, SandboxError> {
    let refused = |source| SandboxError::Listen {
        address: options.listen,
        source,
    };
    let listener = std::net::TcpListener::bind(options.listen).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let mut world = World::new(options.clock, format!("http://{address}"));
    options.seed.plant(&mut world);
    let shared = Arc::new(Shared {
        world: Mutex::new(world),
        faults: Mutex::default(),
        plugin: Mutex::default(),
        log: Mutex::default(),
        pace: Mutex::new(Pace {
            latency: options.latency,
            rate_limit: options.rate_limit,
        }),
        buckets: Mutex::default(),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(SandboxError::Start)?;
    let (stop, stopped) = oneshot::channel();
    let serving = Arc::clone(&shared);
    let thread = std::thread::Builder::new()
        .name("sandbox".to_owned())
        .spawn(move || runtime.block_on(serve(listener, serving, stopped)))
        .map_err(SandboxError::Start)?;
    Ok(Running {
        shared,
        address,
        stop: Some(stop),
        thread: Some(thread),
    })
}

impl Running {
    /// Where it is reached, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The token of somebody in the seed.
    #[must_use]
    pub fn token(&self, username: &str) -> String {
        format!("{username}-token")
    }

    /// Everybody in the seed, with their tokens.
    #[must_use]
    pub fn tokens(&self) -> Vec<(String, String)> {
        let world = lock(&self.shared.world);
        let people = world
            .users
            .iter()
            .filter(|user| user.username != "playbooks");
        people
            .map(|user| (user.username.clone(), self.token(&user.username)))
            .collect()
    }

    /// The id of somebody, by username.
    #[must_use]
    pub fn user_id(&self, username: &str) -> Option<String> {
        let world = lock(&self.shared.world);
        world.user_named(username).map(|user| user.id.clone())
    }

    /// The id of a team, by name.
    #[must_use]
    pub fn team_id(&self, name: &str) -> Option<String> {
        let world = lock(&self.shared.world);
        world.team_named(name).map(|team| team.id.clone())
    }

    /// The id of a channel, by the names of team and channel.
    #[must_use]
    pub fn channel_id(&self, team: &str, channel: &str) -> Option<String> {
        let world = lock(&self.shared.world);
        let team = world.team_named(team)?;
        let channel = world.channel_named(&team.id, channel)?;
        Some(channel.id.clone())
    }

    /// What was asked and answered so far, in order.
    #[must_use]
    pub fn log(&self) -> Vec<Exchange> {
        lock(&self.shared.log).exchanges.clone()
    }

    /// Forgets what was asked so far.
    pub fn clear_log(&self) {
        lock(&self.shared.log).exchanges.clear();
    }

    /// Tells of every request from now on.
    pub fn tell(&self, listener: UnboundedSender<Exchange>) {
        lock(&self.shared.log).listeners.push(listener);
    }

    /// Lets something go wrong.
    pub fn fault(&self, fault: Fault) {
        lock(&self.shared.faults).add(fault);
    }

    /// Forgets the faults that did not happen yet.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).clear();
    }

    /// Answers so much later from now on.
    pub fn set_latency(&self, latency: Duration) {
        lock(&self.shared.pace).latency = latency;
    }

    /// Limits each account from now on; none for no limit.
    pub fn set_rate_limit(&self, limit: Option<RateLimit>) {
        lock(&self.shared.pace).rate_limit = limit;
        *lock(&self.shared.buckets) = Buckets::default();
    }

    /// Crashes, disables or repairs the Playbooks plugin.
    pub fn set_plugin(&self, state: PluginState) {
        *lock(&self.shared.plugin) = state;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Nobody listens any more when the server stopped by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic of the server was reported when it happened.
            let _ = thread.join();
        }
    }
}

/// A panic in one handler must not stop the next from being answered.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(
    listener: std::net::TcpListener,
    shared: Arc<Shared>,
    stopped: oneshot::Receiver<()>,
) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let app = Router::new().fallback(exchange).with_state(shared);
    let app = app.into_make_service_with_connect_info::<Scissors>();
    // Not axum's graceful shutdown: it would wait for idle connections.
    tokio::select! {
        _ = axum::serve(Severable(listener), app).into_future() => {}
        _ = stopped => {}
    }
}

async fn exchange(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LARGEST_BODY).await;
    let path_and_query = head
        .uri
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    let mut call = Call {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect(),
        body: body.unwrap_or_else(|_| Bytes::new()).into(),
        content_type: text_of(&head.headers, &header::CONTENT_TYPE),
        token: token_of(&head.headers),
        ..Call::default()
    };
    let latency = lock(&shared.pace).latency;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let verdict = verdict(&shared, &call);
    let refused = verdict.is_some_and(|verdict| verdict.retry_after.is_some());
    // What the limiter refuses meets no fault: it is not looked at any further.
    let action = if refused {
        None
    } else {
        lock(&shared.faults).take(&call.method, &path_and_query)
    };
    match &action {
        Some(FaultAction::Delay(duration)) => tokio::time::sleep(*duration).await,
        Some(FaultAction::Hold(gate)) => gate.pass().await,
        _ => {}
    }
    let reply = match action {
        _ if refused => Some(Verdict::refusal()),
        Some(FaultAction::Status(status, body)) => Some(text_or_json(status, body)),
        Some(FaultAction::Drop) => None,
        Some(FaultAction::StatusAfter(status, body)) => {
            answer(&shared, &mut call);
            Some(text_or_json(status, body))
        }
        Some(FaultAction::DropAfter) => {
            answer(&shared, &mut call);
            None
        }
        Some(FaultAction::HalfAfter) => Some(answer(&shared, &mut call).half()),
        Some(FaultAction::HoldAfter(gate)) => {
            let reply = answer(&shared, &mut call);
            gate.pass().await;
            Some(reply)
        }
        Some(FaultAction::Delay(_) | FaultAction::Hold(_)) | None => {
            Some(answer(&shared, &mut call))
        }
    };
    let is_core = !call.path.starts_with("/plugins/");
    let mut world = lock(&shared.world);
    let caller = call.token.as_deref().and_then(|t| world.user_of_token(t));
    let user = caller.map(|user| user.username.clone());
    let request_id = world.new_id();
    drop(world);
    lock(&shared.log).add(Exchange {
        method: call.method,
        path: path_and_query,
        user,
        status: reply.as_ref().map_or(0, |reply| reply.status),
    });
    if let Some(reply) = reply {
        let mut response = respond(reply, &request_id, refused);
        let headers = verdict.map(|verdict| verdict.headers()).unwrap_or_default();
        let twice = is_core && !refused;
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                if twice {
                    response.headers_mut().append(name, value.clone());
                }
                response.headers_mut().append(name, value);
            }
        }
        response
    } else {
        scissors.cut();
        StatusCode::OK.into_response()
    }
}

impl Log {
    fn add(&mut self, exchange: Exchange) {
        self.listeners
            .retain(|listener| listener.send(exchange.clone()).is_ok());
        self.exchanges.push(exchange);
    }
}

/// What the rate limiter says, where there is one.
fn verdict(shared: &Shared, call: &Call) -> Option<Verdict> {
    let limit = lock(&shared.pace).rate_limit?;
    let now = lock(&shared.world).now_exactly();
    let whose = call.token.as_deref().unwrap_or_default();
    Some(lock(&shared.buckets).take(limit, whose, now))
}

fn answer(shared: &Shared, call: &mut Call) -> Reply {
    if call.path.starts_with("/plugins/") {
        match *lock(&shared.plugin) {
            PluginState::Running => {}
            PluginState::Crashed => return Reply::text(500, "500 internal server error\n"),
            PluginState::Disabled => return Reply::no_route(),
        }
    }
    routes::answer(&mut lock(&shared.world), call)
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_lowercase()
}

fn token_of(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

fn text_or_json(status: u16, body: String) -> Reply {
    match serde_json::from_str::<serde_json::Value>(&body) {
        Ok(value) => Reply::json(status, value),
        Err(_) => Reply::text(status, body),
    }
}

/// The answer in bytes; `limited` when it is the limiter's own, which has its headers.
fn respond(reply: Reply, request_id: &str, limited: bool) -> Response {
    let (content_type, body) = match reply.body {
        Body::Empty => (None, Vec::new()),
        Body::Json(value) => (
            Some("application/json".to_owned()),
            value.to_string().into(),
        ),
        Body::JsonText(text) => (Some("application/json".to_owned()), text.into()),
        Body::Text(text) => (Some("text/plain; charset=utf-8".to_owned()), text.into()),
        Body::File(bytes, content_type) => (Some(content_type), bytes),
        Body::Core(error) => {
            let body = serde_json::json!({
                "id": error.id,
                "message": error.message,
                "detailed_error": error.detail,
                "request_id": request_id,
                "status_code": reply.status,
            });
            (Some("application/json".to_owned()), body.to_string().into())
        }
    };
    let mut response = Response::new(axum::body::Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [
        ("x-request-id", Some(request_id.to_owned())),
        ("content-type", content_type),
    ];
    let own = reply.header.map(|header| (header.0, Some(header.1)));
    let limits = TOO_MANY.map(|(name, value)| (name, Some(value.to_owned())));
    let limits = limits
        .into_iter()
        .filter(|_| reply.status == 429 && !limited);
    for (name, value) in headers.into_iter().chain(own).chain(limits) {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
