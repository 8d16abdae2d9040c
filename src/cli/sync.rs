//! Arguments of the verbs that compare a workspace with Mattermost.
//!
//! Owns names, values and help texts of `plan`, `drift` and `sync`, as clap types only;
//! `commands` lowers them.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use crate::model::{Budget, Key};

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
    /// Only these playbooks
    #[arg(value_name = "PLAYBOOK")]
    pub only: Vec<Key>,
    /// What to compare.
    #[command(flatten)]
    pub options: SyncOptions,
    /// Also change Mattermost's own roles, as `server.roles` says; needs a system administrator
    #[arg(long)]
    pub permissions: bool,
    /// Write without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Write what was done, skipped, failed and not attempted into this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<Utf8PathBuf>,
}

/// What `plan` and `sync` compare.
#[derive(Debug, Clone, Default, Args)]
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
}

/// What to do with drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DriftChoice {
    /// Leave the playbook alone and show both sides.
    Refuse,
    /// Write what git says.
    Overwrite,
}
