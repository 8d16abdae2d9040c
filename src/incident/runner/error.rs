//! Why a verb of an incident was not carried out, by what the caller can do about it.

use crate::incident::address::AddressError;
use crate::incident::find::FindError;
use crate::incident::overview::TooLong;
use crate::mattermost::ApiError;
use crate::template::{TemplateError, TemplateProblem};

/// Why a verb was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// The server.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// No incident, or several, are called that.
    #[error(transparent)]
    Find(#[from] FindError),
    /// No task, or several, are called that.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// A template could not be rendered.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A template is not sound.
    #[error("`{name}` is not a sound template: {}", .problem.message)]
    Unsound {
        /// Its path.
        name: String,
        /// What is wrong with it.
        problem: Box<TemplateProblem>,
    },
    /// The overview has no room.
    #[error(transparent)]
    Overview(#[from] TooLong),
    /// A name or value is not one that the workspace or the server knows.
    #[error("{message}")]
    Unknown {
        /// What was named, and where it was looked for.
        message: String,
        /// What to do next.
        help: String,
    },
    /// A rule stands against it; nothing was written.
    #[error("{message}")]
    Refused {
        /// Which rule.
        message: String,
        /// What to do next.
        help: String,
    },
    /// It was attempted, and did not come about.
    #[error("{message}")]
    Failed {
        /// What did not.
        message: String,
        /// What to do next.
        help: String,
    },
    /// The caller may not do this; nothing was written.
    #[error("{message}")]
    NotAllowed {
        /// Who may.
        message: String,
        /// What to do next.
        help: String,
    },
    /// What was given does not fit what was asked for; nothing was written.
    #[error("{message}")]
    Usage {
        /// What does not fit.
        message: String,
        /// What would.
        help: String,
    },
    /// It failed halfway.
    #[error("{cause}; before that it {}", .did.join("; "))]
    Partly {
        /// What was done before.
        did: Vec<String>,
        /// What failed.
        cause: Box<RunnerError>,
    },
    /// It failed halfway, and what was written before was taken back.
    #[error("{cause}; the status is {status} again")]
    TakenBack {
        /// The status as before.
        status: String,
        /// What failed.
        cause: Box<RunnerError>,
    },
}

impl RunnerError {
    /// Something that nobody knows.
    pub(super) fn unknown(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Unknown {
            message: message.into(),
            help: help.into(),
        }
    }

    /// Something that a rule stands against.
    pub(super) fn refused(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Refused {
            message: message.into(),
            help: help.into(),
        }
    }

    /// Something that was attempted and did not come about.
    pub(super) fn failed(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Failed {
            message: message.into(),
            help: help.into(),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Api(error) => Some(error.help()),
            Self::Find(_) => {
                Some("`warroom run list` shows them; name one by its number or id".to_owned())
            }
            Self::Address(error) => Some(error.help().to_owned()),
            Self::Template(_) | Self::Unsound { .. } => {
                Some("`warroom validate` shows the place".to_owned())
            }
            Self::Overview(_) => Some("shorten those lines in the overview".to_owned()),
            Self::Unknown { help, .. }
            | Self::Refused { help, .. }
            | Self::Failed { help, .. }
            | Self::NotAllowed { help, .. }
            | Self::Usage { help, .. } => Some(help.clone()),
            Self::Partly { cause, .. } | Self::TakenBack { cause, .. } => cause.help(),
        }
    }
}
