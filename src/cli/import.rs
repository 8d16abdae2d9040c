//! Arguments of `import`, as clap types only.

use camino::Utf8PathBuf;
use clap::Args;

/// Arguments of `import`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // each is a flag of the command line
pub struct Import {
    /// These playbooks of Mattermost
    #[arg(long, value_name = "ID|TITLE", num_args = 1.., conflicts_with = "all")]
    pub playbook: Vec<String>,
    /// Every playbook that the account sees and no other workspace manages; without this and `--playbook` those of this workspace that somebody edited in Mattermost
    #[arg(long)]
    pub all: bool,
    /// A file that the web UI's *Export* made; needs no server
    #[arg(long, value_name = "FILE", conflicts_with_all = ["playbook", "all", "adopt"])]
    pub file: Option<Utf8PathBuf>,
    /// Manage them from now on: a sync of these playbooks follows, which shows its plan and asks
    #[arg(long, conflicts_with = "diff")]
    pub adopt: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub diff: bool,
    /// Write without asking
    #[arg(short, long, conflicts_with = "diff")]
    pub yes: bool,
}
