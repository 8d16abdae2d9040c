//! The workspace that a verb works in.

use camino::Utf8PathBuf;

use crate::commands::Context;
use crate::diag::Finding;
use crate::exit::{ExitStatus, Failure};
use crate::ui::{Ui, report};
use crate::workspace::{self, Checked, Directory, Loaded, Workspace, WorkspaceError};

/// A workspace and where it is.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    /// The folder that holds `warroom.yaml`.
    pub(crate) root: Utf8PathBuf,
    /// What its files say.
    pub(crate) workspace: Workspace,
}

/// Loads the workspace of the working directory; one with mistakes is reported and refused.
pub(crate) fn open(context: &Context, ui: &mut Ui) -> Result<Opened, Failure> {
    let (root, loaded) = load(context)?;
    match loaded.workspace {
        Some(workspace) => Ok(Opened { root, workspace }),
        None => Err(refused(&loaded.findings, ui)),
    }
}

/// Loads the workspace of the working directory, with whatever is wrong with it.
pub(crate) fn load(context: &Context) -> Result<(Utf8PathBuf, Loaded), Failure> {
    let root = workspace::find_root(context.environment.directory())?;
    let loaded = workspace::load(&Directory::new(&root)?)?;
    Ok((root, loaded))
}

/// Checks the files of the workspace of the working directory, and keeps nothing of them.
pub(crate) fn check(context: &Context) -> Result<(Utf8PathBuf, Checked), Failure> {
    let root = workspace::find_root(context.environment.directory())?;
    let checked = workspace::check(&Directory::new(&root)?)?;
    Ok((root, checked))
}

/// Reports the mistakes of a workspace that cannot be worked with.
pub(crate) fn refused(findings: &[Finding], ui: &mut Ui) -> Failure {
    let text = report::human(findings, ui.style());
    ui.warning(&format!("the workspace has mistakes\n{text}"));
    Failure::with_status(
        ExitStatus::Findings,
        "did not go on with a workspace that has mistakes",
    )
    .help("`warroom validate` shows them again")
}

impl From<WorkspaceError> for Failure {
    fn from(error: WorkspaceError) -> Self {
        let failure = Self::new(error.to_string());
        match error {
            WorkspaceError::NotFound { .. } => {
                failure.help("go to the folder of a workspace, or write one with `warroom init`")
            }
            WorkspaceError::Read { .. } | WorkspaceError::Outside { .. } => failure,
        }
    }
}
