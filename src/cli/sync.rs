//! Arguments of the verbs that compare a workspace with Mattermost.
//!
//! Owns names, values and help texts of `plan`, `drift` and `sync`, as clap types only;
//! `commands` lowers them.

use std::str::FromStr;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use crate::model::{Budget, Key, NameError};

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// Only these playbooks
    #[arg(value_name = "PLAYBOOK")]
    pub only: Vec<Key>,
    /// What to compare.
    #[command(flatten)]
    pub options: SyncOptions,
    /// Compare with this commit instead of Mattermost; needs no server and no token
    #[arg(
        long,
        value_name = "COMMIT",
        conflicts_with_all = ["at_most", "on_drift", "adopt", "release", "permissions"]
    )]
    pub base: Option<String>,
    /// Take the files of this commit instead of those that are here
    #[arg(long, value_name = "COMMIT", requires = "base")]
    pub head: Option<String>,
    /// Count the changes of Mattermost's own roles, which are shown anyway
    #[arg(long)]
    pub permissions: bool,
    /// Also save the plan in this file, for `sync FILE`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["base", "permissions"])]
    pub out: Option<Utf8PathBuf>,
}

/// Arguments of `drift`.
#[derive(Debug, Args)]
pub struct Drift {
    /// Only these playbooks
    #[arg(value_name = "PLAYBOOK")]
    pub only: Vec<Key>,
}

/// Arguments of `sync`.
#[derive(Debug, Args)]
pub struct Sync {
    /// Only these playbooks; or a file that `plan --out` wrote: that plan and nothing else
    #[arg(value_name = "PLAYBOOK|FILE")]
    pub only: Vec<Target>,
    /// What to compare.
    #[command(flatten)]
    pub options: SyncOptions,
    /// Also change Mattermost's own roles, as `server.roles` says; needs a system administrator
    #[arg(long)]
    pub permissions: bool,
    /// Write without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Of a saved plan, write what did not move since
    #[arg(long)]
    pub allow_partial: bool,
    /// Write what was done, skipped, failed and not attempted into this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<Utf8PathBuf>,
}

/// What `plan` and `sync` compare.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct SyncOptions {
    /// Archive playbooks whose file vanished
    #[arg(long)]
    pub prune: bool,
    /// The most that may be archived, or removed inside a playbook: a number or a share such as `20%`
    #[arg(long, value_name = "N|N%")]
    pub at_most: Option<Budget>,
    /// What to do with playbooks that were edited in Mattermost
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "refuse|overwrite"
    )]
    pub on_drift: Option<DriftChoice>,
    /// Take over an existing playbook of Mattermost
    #[arg(long, value_name = "KEY=ID")]
    pub adopt: Vec<String>,
    /// Give up a managed playbook and leave it in Mattermost
    #[arg(long, value_name = "KEY")]
    pub release: Vec<Key>,
    /// Send at most so many requests, and say what is left
    #[arg(long, value_name = "N")]
    pub max_requests: Option<u64>,
}

/// What `sync` is to bring into Mattermost: a playbook, or a plan in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A playbook by its key.
    Playbook(Key),
    /// A file: its name has a `.` or `/`, which no key has.
    Plan(Utf8PathBuf),
}

impl FromStr for Target {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.contains(['.', '/', '\\']) {
            return Ok(Self::Plan(text.into()));
        }
        text.parse().map(Self::Playbook)
    }
}

/// What to do with drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DriftChoice {
    /// Leave the playbook alone and show both sides.
    Refuse,
    /// Write what git says.
    Overwrite,
}
