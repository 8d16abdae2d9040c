//! Why a call failed, by what the caller can do about it.
//!
//! Owns the wording: what was attempted, what was answered, what to do next.
//! Every error keeps method, path, status, the server's words and its request
//! id. Tokens are taken out before an error is made. Must not decide exit codes.

use std::fmt;
use std::time::Duration;

/// What was asked of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// In words, after "could not": `read the playbook`.
    pub what: &'static str,
    /// The method: `GET`.
    pub method: String,
    /// The path below the site, without the query: `/api/v4/users/me`.
    pub path: String,
    /// The site.
    pub site: String,
    /// Whether it only reads: then trying again is harmless.
    pub reads: bool,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "could not {}: `{} {}`",
            self.what, self.method, self.path
        )
    }
}

/// A refusal or failure that the server put into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked.
    pub attempt: Attempt,
    /// The HTTP status.
    pub status: u16,
    /// The server's words, in its language; empty if it had none.
    pub message: String,
    /// The core API's name of the error, such as `api.context.permissions.app_error`.
    pub id: Option<String>,
    /// Finds the call in the server's log.
    pub request_id: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was answered with {}", self.attempt, self.status)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        match &self.request_id {
            Some(id) => write!(f, " (request id `{id}`)"),
            None => Ok(()),
        }
    }
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// 401: no valid token.
    #[error("{0}")]
    Unauthorized(Box<Refusal>),
    /// 403: not allowed; the plugin also says so of many objects that do not exist.
    #[error("{0}")]
    Forbidden(Box<Refusal>),
    /// 404: there is no such object.
    #[error("{0}")]
    NotFound(Box<Refusal>),
    /// 400, or an error of GraphQL: the server does not want this request.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// 409: something else is in the way.
    #[error("{0}")]
    Conflict(Box<Refusal>),
    /// 413: the request is too large for the server.
    #[error("{0}")]
    TooLarge(Box<Refusal>),
    /// 429, after as many repetitions as were reasonable.
    #[error("{refusal}")]
    RateLimited {
        /// What the server said.
        refusal: Box<Refusal>,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// 500: the server failed; the plugin also answers so to much that is merely wrong.
    #[error("{0}")]
    ServerFailed(Box<Refusal>),
    /// 501: this server's licence or build lacks it.
    #[error("{0}")]
    NotSupported(Box<Refusal>),
    /// 502, 503, 504: something between us and the server, or a server that is starting.
    #[error("{refusal}")]
    Unavailable {
        /// What was said.
        refusal: Box<Refusal>,
        /// How long to wait before the next try.
        retry_after: Option<Duration>,
    },
    /// The plugin's path is not served: not installed, not enabled, or too old for this call.
    #[error("{0}")]
    PluginAbsent(Box<Refusal>),
    /// The plugin's process crashed; the server starts it again within half a minute.
    #[error("{0}; the Playbooks plugin has crashed")]
    PluginCrashed(Box<Refusal>),
    /// Any other status.
    #[error("{0}")]
    Unexpected(Box<Refusal>),
    /// An HTML page instead of an answer: a login page, or a proxy.
    #[error("{attempt} was answered with {status} and a web page{title}, not by Mattermost")]
    NotMattermost {
        /// What was asked.
        attempt: Box<Attempt>,
        /// The HTTP status.
        status: u16,
        /// The page's title, worded for the message; may be empty.
        title: String,
    },
    /// 3xx. Never followed: the token belongs to one host.
    #[error("{attempt} was answered with {status}, a redirect to `{location}`")]
    Redirected {
        /// What was asked.
        attempt: Box<Attempt>,
        /// The HTTP status.
        status: u16,
        /// Where to.
        location: String,
    },
    /// A success without the object that should be in it.
    #[error("{attempt} was answered with {status} and nothing else")]
    EmptyBody {
        /// What was asked.
        attempt: Box<Attempt>,
        /// The HTTP status.
        status: u16,
    },
    /// An answer that does not have the shape it should.
    #[error(
        "{attempt} was answered with something that this version of warroom cannot read: at `{at}`: {problem}"
    )]
    Undecodable {
        /// What was asked.
        attempt: Box<Attempt>,
        /// The JSON path of the value: `items[0].members`; `.` is the whole.
        at: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An answer larger than warroom is willing to read.
    #[error("{attempt} was answered with more than {limit} bytes")]
    Oversized {
        /// What was asked.
        attempt: Box<Attempt>,
        /// The limit in bytes.
        limit: usize,
    },
    /// No connection: name, address, port, certificate. The server has heard nothing.
    #[error("{attempt}: no connection to `{}`: {problem}", attempt.site)]
    Unreachable {
        /// What was asked.
        attempt: Box<Attempt>,
        /// What the network said.
        problem: String,
    },
    /// The connection was lost before the answer was complete.
    #[error(
        "{attempt}: the connection was cut before the answer was complete: {problem}{}",
        doubt(attempt)
    )]
    Interrupted {
        /// What was asked.
        attempt: Box<Attempt>,
        /// What the network said.
        problem: String,
    },
    /// No answer in time.
    #[error("{attempt}: no answer within {} seconds{}", after.as_secs(), doubt(attempt))]
    TimedOut {
        /// What was asked.
        attempt: Box<Attempt>,
        /// How long was waited.
        after: Duration,
    },
    /// Never sent: the server would reject, truncate or even crash on so long a text.
    #[error("could not {what}: {field} has {length} characters, and the server takes {limit}")]
    TooLong {
        /// What was to be done.
        what: &'static str,
        /// Which text: `the title`.
        field: &'static str,
        /// Its length in characters.
        length: usize,
        /// The limit in characters.
        limit: usize,
    },
    /// Never sent: no more requests are allowed.
    #[error("could not {what}: the requests that `--max-requests` allows are used up")]
    Spent {
        /// What was to be done.
        what: &'static str,
    },
    /// Never sent: the request cannot be built.
    #[error("could not {what}: {problem}")]
    Unsendable {
        /// What was to be done.
        what: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

fn doubt(attempt: &Attempt) -> &'static str {
    if attempt.reads {
        ""
    } else {
        "; it may have been carried out all the same"
    }
}

impl ApiError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Unauthorized(refusal) => format!(
                "the token is missing, expired or revoked: store a new one with `warroom login {}`, or set `WARROOM_TOKEN`",
                refusal.attempt.site
            ),
            Self::Forbidden(_) => {
                "check that it exists and that the account of your token may do this; `warroom doctor` shows who you are".to_owned()
            }
            Self::NotFound(_) => "check the name or id; it may have been deleted, or be hidden from the account of your token".to_owned(),
            Self::Refused(_) => "the server explains above what it does not accept; correct that and try again".to_owned(),
            Self::Conflict(_) => "something of that name or number already exists, or is in use; look it up in Mattermost".to_owned(),
            Self::TooLarge(_) => "make it smaller, or ask an administrator to raise `MaximumPayloadSizeBytes`".to_owned(),
            Self::RateLimited { retry_after, .. } => match retry_after {
                Some(wait) => format!("wait {} seconds and try again", wait.as_secs().max(1)),
                None => "wait a little and try again".to_owned(),
            },
            Self::ServerFailed(refusal) if refusal.attempt.reads => {
                "the server's log says why; try again later".to_owned()
            }
            Self::ServerFailed(_) => {
                "look at what Mattermost shows now before you try again: a call that fails like this may still have had an effect; the server's log says why".to_owned()
            }
            Self::NotSupported(_) => "this server's licence or edition does not offer it; `warroom doctor` shows which it is".to_owned(),
            Self::Unavailable { .. } => "the server is restarting or overloaded, or a proxy cannot reach it; try again in a minute".to_owned(),
            Self::PluginAbsent(_) => "install and enable the Playbooks plugin, or update it; `warroom doctor` shows which version answers".to_owned(),
            Self::PluginCrashed(_) => "Mattermost restarts the plugin within half a minute; try again then, and look at the server's log".to_owned(),
            Self::Unexpected(_) | Self::Undecodable { .. } => {
                "check that the address is the one of your Mattermost server, and that `warroom` is up to date".to_owned()
            }
            Self::NotMattermost { attempt, .. } => format!(
                "check the address `{}`, with its sub-path if it has one; a login page in front of the server has to let `/api/v4` and `/plugins/playbooks` through",
                attempt.site
            ),
            Self::Redirected { .. } => {
                "the token is not sent to another address; if the new one is right, use it as the server's address".to_owned()
            }
            Self::EmptyBody { .. } => "a proxy may have cut the answer off; try again, then look at the server's log".to_owned(),
            Self::Oversized { .. } => "that is no answer of a healthy server; check the address".to_owned(),
            Self::Unreachable { attempt, .. } => format!(
                "check the address `{}`, your network, proxy and certificates",
                attempt.site
            ),
            Self::Interrupted { attempt, .. } | Self::TimedOut { attempt, .. } => {
                if attempt.reads {
                    "try again; if it stays so, look at the server's log".to_owned()
                } else {
                    "look at what Mattermost shows now before you try again".to_owned()
                }
            }
            Self::TooLong { .. } => "shorten it".to_owned(),
            Self::Spent { .. } => "allow more, or none to have no limit; the next run goes on where this one stopped".to_owned(),
            Self::Unsendable { .. } => "check the names and ids it was given".to_owned(),
        }
    }

    /// What was asked; `None` when it was never sent.
    #[must_use]
    pub fn attempt(&self) -> Option<&Attempt> {
        match self {
            Self::NotMattermost { attempt, .. }
            | Self::Redirected { attempt, .. }
            | Self::EmptyBody { attempt, .. }
            | Self::Undecodable { attempt, .. }
            | Self::Oversized { attempt, .. }
            | Self::Unreachable { attempt, .. }
            | Self::Interrupted { attempt, .. }
            | Self::TimedOut { attempt, .. } => Some(attempt),
            Self::TooLong { .. } | Self::Spent { .. } | Self::Unsendable { .. } => None,
            _ => self.refusal().map(|refusal| &refusal.attempt),
        }
    }

    /// What the server said, where it said something.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Unauthorized(refusal)
            | Self::Forbidden(refusal)
            | Self::NotFound(refusal)
            | Self::Refused(refusal)
            | Self::Conflict(refusal)
            | Self::TooLarge(refusal)
            | Self::ServerFailed(refusal)
            | Self::NotSupported(refusal)
            | Self::PluginAbsent(refusal)
            | Self::PluginCrashed(refusal)
            | Self::Unexpected(refusal)
            | Self::RateLimited { refusal, .. }
            | Self::Unavailable { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// The HTTP status, if there was an answer that has one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::NotMattermost { status, .. }
            | Self::Redirected { status, .. }
            | Self::EmptyBody { status, .. } => Some(*status),
            _ => self.refusal().map(|refusal| refusal.status),
        }
    }

    /// Whether the call was a write whose effect is unknown: look before repeating it.
    ///
    /// A 500 counts, too: starting a run that answers 500 may have started it.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        let doubtful = matches!(
            self,
            Self::ServerFailed(_)
                | Self::Unavailable { .. }
                | Self::PluginCrashed(_)
                | Self::NotMattermost { .. }
                | Self::EmptyBody { .. }
                | Self::Undecodable { .. }
                | Self::Oversized { .. }
                | Self::Interrupted { .. }
                | Self::TimedOut { .. }
                | Self::Unexpected(_)
        );
        doubtful && self.attempt().is_some_and(|attempt| !attempt.reads)
    }

    /// Whether the object is missing or hidden: 404, or the 403 that the plugin answers for both.
    #[must_use]
    pub fn is_missing_or_hidden(&self) -> bool {
        matches!(self, Self::NotFound(_) | Self::Forbidden(_))
    }
}
