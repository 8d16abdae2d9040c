//! Commits that a command line names, and the workspace as it was at one.
//!
//! Owns what people are told where a commit is not to be had. Reads only what the
//! repository holds: nothing is fetched.

use camino::Utf8Path;

use crate::commands::workspace;
use crate::diag::one_line;
use crate::exit::{ExitStatus, Failure};
use crate::git::{CommitId, Repository};
use crate::ui::Ui;
use crate::workspace::{Committed, Workspace, WorkspaceError, load};

/// The repository of a workspace whose commit was named with `flag`.
pub(crate) fn repository(root: &Utf8Path, name: &str, flag: &str) -> Result<Repository, Failure> {
    Repository::discover(root)?.ok_or_else(|| {
        let shown = one_line(name);
        let message = format!("could not compare with `{shown}`: `{root}` is in no git repository");
        Failure::new(message).help(format!("leave out `{flag}`"))
    })
}

/// The commit of that name.
pub(crate) fn commit(repository: &Repository, name: &str) -> Result<CommitId, Failure> {
    if let Some(commit) = repository.revision(name)? {
        return Ok(commit);
    }
    let shown = one_line(name);
    let message = format!("could not compare with `{shown}`: there is no such commit here");
    Err(Failure::new(message).help(where_to_find_it(repository)))
}

/// What to do about a commit that is not there.
pub(crate) fn where_to_find_it(repository: &Repository) -> &'static str {
    if repository.is_shallow() {
        "this clone is shallow: fetch the commit first, as with `git fetch --depth=1 origin COMMIT`, \
         or clone with the whole history (`fetch-depth: 0` in GitHub Actions, `GIT_DEPTH: 0` in GitLab)"
    } else {
        "name a branch, a tag or a commit; a branch of the server is called `origin/NAME`"
    }
}

/// The workspace at a commit; none from before there was one.
pub(crate) fn workspace_at(
    repository: &Repository,
    commit: CommitId,
    ui: &mut Ui,
) -> Result<Option<Workspace>, Failure> {
    let files = Committed::read(&repository.files_at(commit)?)?;
    let loaded = match load(&files) {
        Ok(loaded) => loaded,
        Err(WorkspaceError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if let Some(workspace) = loaded.workspace {
        Ok(Some(workspace))
    } else {
        let short = commit.short();
        let _ = workspace::refused(&loaded.findings, ui);
        let message = format!("the workspace has mistakes at commit {short}");
        Err(Failure::with_status(ExitStatus::Findings, message)
            .help("name a commit at which `warroom validate` finds none"))
    }
}
