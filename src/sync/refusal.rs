//! Why an object is left alone, as a value.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a playbook is left alone, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of reason.
    pub reason: Reason,
    /// What is in the way, each in words.
    pub problems: Vec<String>,
    /// What to do next.
    pub help: Option<String>,
}

/// The kind of reason for which a playbook is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A value is more than the server takes.
    OverLimit,
    /// The server's tier or version lacks something.
    NotOffered,
    /// A person, team or channel is not known to the server.
    UnknownName,
    /// A person was deactivated.
    Deactivated,
    /// A person is not on the team.
    NotOnTeam,
    /// Another playbook has its number prefix.
    PrefixTaken,
    /// What takes its place in git is refused.
    Successor,
    /// Whoever syncs would lose access to it.
    Lockout,
    /// Nobody would be its editor.
    NoEditor,
    /// Whoever syncs may not do that.
    NotAllowed,
    /// It must not be archived or released.
    Protected,
    /// It was renamed, and a playbook of the new key is there beside the old one.
    Both,
    /// A secret is not set, or is no address.
    MissingSecret,
    /// Somebody edited it in Mattermost.
    Drift,
    /// It should be there, and is not to be seen.
    OutOfSight,
    /// It cannot be adopted or released as asked.
    NotPossible,
    /// Incidents of it are active.
    ActiveIncidents,
    /// More would be removed than the budget allows.
    OverBudget,
    /// The workspace is empty, and everything would be archived.
    EmptyWorkspace,
    /// It moved since the plan in a file was made.
    Stale,
}

impl Refusal {
    /// A refusal for one problem.
    #[must_use]
    pub fn new(reason: Reason, problem: impl Into<String>) -> Self {
        Self {
            reason,
            problems: vec![problem.into()],
            help: None,
        }
    }

    /// The same refusal with what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A refusal for these problems; none without any.
    #[must_use]
    pub fn of(reason: Reason, problems: Vec<String>) -> Option<Self> {
        (!problems.is_empty()).then_some(Self {
            reason,
            problems,
            help: None,
        })
    }
}

impl Reason {
    /// In words, after "refused:".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::OverLimit => "more than the server takes",
            Self::NotOffered => "not offered by this server",
            Self::UnknownName => "names that the server does not know",
            Self::Deactivated => "people who were deactivated",
            Self::NotOnTeam => "people who are not on the team",
            Self::PrefixTaken => "another playbook has its number prefix",
            Self::Successor => "what takes its place is refused",
            Self::Lockout => "whoever syncs would lose access",
            Self::NotAllowed => "whoever syncs may not do that",
            Self::NoEditor => "nobody would be its editor",
            Self::Protected => "it is protected",
            Self::Both => "both the old and the new one are there",
            Self::MissingSecret => "a secret cannot be used",
            Self::Drift => "edited in Mattermost since the last sync",
            Self::OutOfSight => "managed, but out of sight",
            Self::NotPossible => "not possible as asked",
            Self::ActiveIncidents => "incidents of it are active",
            Self::OverBudget => "removes more than the budget allows",
            Self::EmptyWorkspace => "the workspace is empty",
            Self::Stale => "moved since the plan was made",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason.words(), self.problems.join("; "))
    }
}
