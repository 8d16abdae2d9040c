//! What can go wrong with a repository, and what to do about it.

use crate::exit::Failure;

/// Why something about a repository failed or was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    /// Git knows no name or address to sign a commit with.
    #[error("could not commit: git does not know who you are (`{missing}` is not set)")]
    Identity {
        /// The setting that is missing.
        missing: &'static str,
    },
    /// No branch is checked out.
    #[error("did not commit: no branch is checked out, and the commit would be lost")]
    Detached,
    /// A merge, rebase or the like is under way.
    #[error("did not commit: a {operation} is under way in this repository")]
    Busy {
        /// What is under way.
        operation: &'static str,
    },
    /// The branch's name cannot be one.
    #[error("`{name}` cannot be the name of a branch")]
    BranchName {
        /// The name.
        name: String,
    },
    /// Git keeps branches as files and folders: one cannot be both.
    #[error("there can be no branch `{name}` beside the branch `{other}`")]
    BranchBeside {
        /// The name.
        name: String,
        /// The branch that is there.
        other: String,
    },
    /// The branch is checked out in another work tree, whose files would then look changed.
    #[error("did not commit: branch `{branch}` is checked out in another work tree")]
    CheckedOutElsewhere {
        /// The branch.
        branch: String,
    },
    /// A path leads out of the folder.
    #[error("`{path}` is not a path inside the workspace")]
    Path {
        /// The path.
        path: String,
    },
    /// A file or one of its folders is a link.
    #[error("did not write `{path}`: `{link}` is a link")]
    Link {
        /// The file that was to be written.
        path: String,
        /// What is a link.
        link: String,
    },
    /// One of the folders of a path is a repository of its own.
    #[error("did not write `{path}`: `{folder}` is a git repository of its own")]
    Nested {
        /// The path.
        path: String,
        /// The other repository.
        folder: String,
    },
    /// One of the folders of a path is a file.
    #[error("did not write `{path}`: `{file}` is a file and no folder")]
    InTheWay {
        /// The path.
        path: String,
        /// What is in the way.
        file: String,
    },
    /// Somebody changed a file that was to be written.
    #[error("did not write `{path}`: it has changes that are not committed")]
    Changed {
        /// The file.
        path: String,
    },
    /// The branch moved while the commit was made.
    #[error("did not commit: branch `{branch}` moved in the meantime")]
    Moved {
        /// The branch.
        branch: String,
    },
    /// Git itself failed.
    #[error("could not {doing}: {reason}")]
    Git {
        /// What was attempted.
        doing: String,
        /// What git said.
        reason: String,
    },
}

impl GitError {
    pub(super) fn git(doing: impl Into<String>, error: &git2::Error) -> Self {
        Self::Git {
            doing: doing.into(),
            reason: error.message().to_owned(),
        }
    }

    pub(super) fn io(doing: impl Into<String>, error: &std::io::Error) -> Self {
        Self::Git {
            doing: doing.into(),
            reason: error.to_string(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::Identity { missing } => {
                let example = match *missing {
                    "user.email" => "you@example.com",
                    _ => "Your Name",
                };
                return Some(format!("run `git config {missing} \"{example}\"`"));
            }
            Self::Detached => {
                "check out a branch, or name one in `export.branch` of `warroom.yaml`"
            }
            Self::Busy { .. } => "finish or abort it, then run this again",
            Self::BranchName { .. } => {
                "write a name such as `incidents` in `export.branch` of `warroom.yaml`, without `refs/heads/`"
            }
            Self::BranchBeside { .. } => "choose another name in `export.branch` of `warroom.yaml`",
            Self::CheckedOutElsewhere { .. } => "run this in that work tree",
            Self::Path { .. } => "write it relative to the workspace, with `/` and without `..`",
            Self::Link { .. } => "replace the link by a folder or a file",
            Self::Nested { .. } => {
                "choose a folder of this repository in `export.path` of `warroom.yaml`, or take the other repository away"
            }
            Self::InTheWay { .. } => {
                "choose another folder in `export.path` of `warroom.yaml`, or move what is in the way"
            }
            Self::Changed { .. } => "commit or stash the changes, then run this again",
            Self::Moved { .. } => "run this again",
            Self::Git { reason, .. } if reason.contains("not owned by") => {
                "the repository belongs to another user; see `safe.directory` in `git help config`"
            }
            Self::Git { reason, .. } if reason.contains("lock") => {
                "another git program works in this repository; run this again when it is done"
            }
            Self::Git { .. } => return None,
        };
        Some(help.to_owned())
    }

    /// Whether it was refused for safety rather than tried in vain.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::Git { .. } | Self::Identity { .. })
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        let failure = if error.is_refusal() {
            Self::refused(error.to_string())
        } else {
            Self::new(error.to_string())
        };
        match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}
