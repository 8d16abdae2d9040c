//! How a command ends: its exit status, and the failure it reports.
//!
//! Owns the one table of exit codes and the shape of every error message: what
//! was attempted, what went wrong, what to do next. Prints nothing.

use std::fmt;
use std::process::ExitCode;

/// What the exit code of a command says.
///
/// Ordered by urgency: where several hold, the highest below [`ExitStatus::Usage`] wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// Done, nothing to do, or findings below the failing level.
    Done,
    /// Failed; also a look-up that did not answer.
    Failed,
    /// There are changes, or findings that fail.
    Findings,
    /// Refused for safety, or declined by the user.
    Refused,
    /// Some of it was applied, some was not.
    PartlyApplied,
    /// The saved plan no longer fits the server.
    StalePlan,
    /// The server denies permission.
    Forbidden,
    /// Wrong usage of the command line.
    Usage,
    /// Interrupted by the user. Where a signal ends the process, shells report it with this code, too.
    Interrupted,
}

impl ExitStatus {
    /// Every status with its code and meaning, in the order of the codes.
    pub const ALL: [(Self, u8, &'static str); 9] = [
        (
            Self::Done,
            0,
            "done, nothing to do, or findings below the failing level",
        ),
        (
            Self::Failed,
            1,
            "failed, also a look-up that did not answer",
        ),
        (Self::Findings, 2, "changes or failing findings"),
        (
            Self::Refused,
            3,
            "refused for safety, or declined by the user",
        ),
        (Self::PartlyApplied, 4, "partly applied"),
        (Self::StalePlan, 5, "the plan is stale"),
        (Self::Forbidden, 6, "no permission"),
        (Self::Usage, 64, "wrong usage"),
        (Self::Interrupted, 130, "interrupted"),
    ];

    /// The code handed to the shell.
    #[must_use]
    pub fn code(self) -> u8 {
        Self::ALL
            .iter()
            .find(|(status, ..)| *status == self)
            .map_or(1, |(_, code, _)| *code)
    }

    /// The status of two results together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

/// An error as the user sees it.
///
/// `message` says what was attempted and what went wrong, in lower case and
/// without a full stop; `help` says what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit status of the command.
    pub status: ExitStatus,
    /// What was attempted, and what went wrong.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

impl Failure {
    /// A failure with status [`ExitStatus::Failed`].
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self::with_status(ExitStatus::Failed, message)
    }

    /// A refusal for safety.
    #[must_use]
    pub fn refused(message: impl Into<String>) -> Self {
        Self::with_status(ExitStatus::Refused, message)
    }

    /// Wrong usage of the command line.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::with_status(ExitStatus::Usage, message)
    }

    /// A failure with that status.
    #[must_use]
    pub fn with_status(status: ExitStatus, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            help: None,
        }
    }

    /// The same failure with what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_of_several_statuses_wins() {
        assert_eq!(
            ExitStatus::Findings.and(ExitStatus::Refused),
            ExitStatus::Refused
        );
        assert_eq!(
            ExitStatus::PartlyApplied.and(ExitStatus::Done),
            ExitStatus::PartlyApplied
        );
    }

    #[test]
    fn codes_rise_with_urgency() {
        assert!(ExitStatus::ALL.is_sorted_by_key(|(status, ..)| *status));
        assert!(ExitStatus::ALL.is_sorted_by_key(|(_, code, _)| *code));
    }
}
