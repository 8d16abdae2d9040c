//! What became of a plan, as a value.

use std::fmt;

use crate::exit::ExitStatus;
use crate::mattermost::ApiError;
use crate::sync::desired::Address;
use crate::sync::marker::TooLong;
use crate::sync::plan::{Fate, Step};
use crate::sync::roles::RoleOutcome;
use crate::sync::wire::UnknownName;

/// What happened to each playbook that the plan wanted to write.
#[derive(Debug, Default)]
pub struct Applied {
    /// In the order of the plan; what is archived comes last.
    pub outcomes: Vec<Outcome>,
    /// What happened to each of Mattermost's own roles.
    pub roles: Vec<RoleOutcome>,
}

/// What happened to one playbook.
#[derive(Debug)]
pub struct Outcome {
    /// Which playbook.
    pub address: Address,
    /// Its id, where it has one by now.
    pub id: Option<String>,
    /// What was to be done.
    pub action: Fate,
    /// Whether anything was written.
    pub wrote: bool,
    /// How it ended.
    pub result: Result<(), ApplyError>,
}

/// Why a playbook could not be written, or not as git says.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The server refused or failed.
    #[error("{0}")]
    Api(#[from] ApiError),
    /// Somebody changed it since it was compared.
    #[error("somebody changed it in Mattermost since the plan was made")]
    Moved,
    /// Incidents were started since it was compared.
    #[error("an incident of it was started since the plan was made")]
    ActiveIncidents,
    /// The server kept something else than was written.
    #[error("the server did not keep what was written: {}", list(.0))]
    NotKept(Vec<NotKept>),
    /// One of its attributes could not be written.
    #[error("the attribute `{name}`: {error}")]
    Attribute {
        /// Its name.
        name: String,
        /// What the server said.
        error: ApiError,
    },
    /// One of its conditions could not be written.
    #[error("{}: {error}", condition(.task.as_deref()))]
    Condition {
        /// The title of a task that needs it; none where no task does any more.
        task: Option<String>,
        /// What the server said.
        error: ApiError,
    },
    /// Another playbook has its number prefix.
    #[error("`start.number_prefix` `{prefix}` is taken: {error}")]
    PrefixTaken {
        /// What git says.
        prefix: String,
        /// What the server said.
        error: ApiError,
    },
    /// Another sync created the same playbook a moment before.
    #[error("another sync created it at the same time as `{older}`: there are two now")]
    Second {
        /// The one that counts.
        older: String,
        /// The one that this sync created.
        second: String,
    },
    /// What takes its place in git was not written.
    #[error("it stays: what takes its place in git was not written")]
    Withheld,
    /// The requests that the user allows might not have sufficed.
    #[error("not begun: {left} requests are left of `--max-requests`, and it may take {needs}")]
    NotBegun {
        /// How many are left.
        left: u64,
        /// How many it may take.
        needs: u64,
    },
    /// The creation was not answered, and nothing is to be found.
    #[error("{0}; looked for the new playbook and found none")]
    Doubtful(ApiError),
    /// A name has no id.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// The description is too long with its marker.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

/// A field that the server did not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotKept {
    /// The field, named as in YAML.
    pub field: String,
    /// What was written.
    pub written: String,
    /// What the server has.
    pub kept: String,
}

impl Applied {
    /// Whether anything was written.
    #[must_use]
    pub fn wrote(&self) -> bool {
        let roles = self.roles.iter().any(|role| role.wrote);
        roles || self.outcomes.iter().any(|outcome| outcome.wrote)
    }

    /// What others may want to know: not what an account notes for itself.
    pub fn told(&self) -> impl Iterator<Item = &Outcome> {
        let outcomes = self.outcomes.iter();
        outcomes.filter(|outcome| outcome.action != Fate::Remember)
    }

    /// The playbooks that were created.
    pub(super) fn created(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| outcome.is_created())
    }

    /// How many playbooks were written as the plan says.
    #[must_use]
    pub fn done(&self) -> usize {
        let outcomes = self.outcomes.iter();
        outcomes.filter(|outcome| outcome.result.is_ok()).count()
    }

    /// The playbooks that failed, with the reason.
    pub fn failures(&self) -> impl Iterator<Item = (&Outcome, &ApplyError)> {
        let outcomes = self.outcomes.iter();
        outcomes.filter_map(|outcome| Some((outcome, outcome.result.as_ref().err()?)))
    }
}

impl Outcome {
    /// Whether it is of a playbook that was created, and is complete.
    pub(super) fn is_created(&self) -> bool {
        self.action == Fate::Create && self.result.is_ok()
    }

    /// Of a step that was not begun, since what takes its place failed.
    pub(super) fn withheld(step: &Step) -> Self {
        Self {
            address: step.address.clone(),
            id: step.id.clone(),
            action: step.action.fate(),
            wrote: false,
            result: Err(ApplyError::Withheld),
        }
    }
}

impl From<&Applied> for ExitStatus {
    fn from(applied: &Applied) -> Self {
        let mut status = Self::Done;
        let roles = applied.roles.iter();
        let roles = roles.filter_map(|role| role.result.as_ref().err());
        let playbooks = applied.failures().map(|(_, error)| error);
        for error in playbooks.chain(roles) {
            status = status.and(match error {
                ApplyError::Moved | ApplyError::ActiveIncidents => Self::StalePlan,
                ApplyError::Api(ApiError::Forbidden(_) | ApiError::Unauthorized(_))
                | ApplyError::Attribute {
                    error: ApiError::Forbidden(_) | ApiError::Unauthorized(_),
                    ..
                }
                | ApplyError::Condition {
                    error: ApiError::Forbidden(_) | ApiError::Unauthorized(_),
                    ..
                } => Self::Forbidden,
                ApplyError::NotBegun { .. } => Self::Refused,
                _ => Self::Failed,
            });
        }
        match status {
            Self::Done => Self::Done,
            failed if applied.wrote() => failed.and(Self::PartlyApplied),
            failed => failed,
        }
    }
}

impl ApplyError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Attribute {
                error: ApiError::Conflict(_),
                ..
            } => {
                "a condition of this playbook needs it: change or remove that condition in Mattermost, and sync again".to_owned()
            }
            Self::Api(error) | Self::Attribute { error, .. } | Self::Condition { error, .. } => {
                error.help()
            }
            Self::Moved | Self::ActiveIncidents => {
                "run `warroom plan` to see what is there now".to_owned()
            }
            Self::NotKept(_) => {
                "the server drops people who are not on the team, and fields that its version lacks; correct the YAML or the server, and sync again".to_owned()
            }
            Self::PrefixTaken { .. } => {
                "give it another prefix, or change the playbook that has this one".to_owned()
            }
            Self::Second { second, .. } => format!(
                "archive the younger one, `{second}`, in Mattermost; see to it that only one sync runs at a time"
            ),
            Self::Withheld => "correct the other one, and sync again".to_owned(),
            Self::NotBegun { .. } => {
                "sync again, with more requests or without `--max-requests`: it goes on where this one stopped".to_owned()
            }
            Self::Doubtful(_) => "run `warroom sync` again: it looks before it creates".to_owned(),
            Self::Unknown(_) | Self::TooLong(_) => "run `warroom plan` again".to_owned(),
        }
    }
}

impl fmt::Display for NotKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.field)
    }
}

fn condition(task: Option<&str>) -> String {
    match task {
        Some(task) => format!("the condition of the task `{task}`"),
        None => "a condition that no task needs any more".to_owned(),
    }
}

fn list(fields: &[NotKept]) -> String {
    let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
    fields.join(", ")
}
