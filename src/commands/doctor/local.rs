//! What can be looked at without a server: the workspace, and git.

use crate::commands::doctor::of_failure;
use crate::commands::{Context, workspace};
use crate::diag::Level;
use crate::ui::checks::Check;
use crate::workspace::Workspace;

/// Looks for the workspace.
pub(super) fn workspace(context: &Context, found: &mut Vec<Check>) -> Option<Workspace> {
    const NAME: &str = "workspace";
    let (root, loaded) = match workspace::load(context) {
        Ok(loaded) => loaded,
        Err(failure) => {
            found.push(of_failure(NAME, failure));
            return None;
        }
    };
    let errors = loaded
        .findings
        .iter()
        .filter(|finding| finding.code.level() == Level::Error);
    found.push(match &loaded.workspace {
        Some(workspace) => Check::ok(
            NAME,
            format!(
                "`{}` in `{root}`: {} files, {} of them playbooks",
                workspace.settings.workspace,
                loaded.files,
                workspace.playbooks.len()
            ),
        ),
        None => Check::problem(
            NAME,
            format!("the workspace in `{root}` has {} mistakes", errors.count()),
            "`warroom validate` shows them",
        ),
    });
    loaded.workspace
}

/// Looks for the repository, and for who commits to it.
pub(super) fn git(context: &Context) -> Check {
    const NAME: &str = "git";
    let directory = context.environment.directory();
    let Ok(repository) = git2::Repository::discover(directory) else {
        return Check::problem(
            NAME,
            format!("`{directory}` is not in a git repository"),
            "run `git init`; warroom works without, but cannot tell which side changed, nor commit post-mortems",
        );
    };
    // A snapshot, so that name and address are of the same moment.
    let identity = repository.config().and_then(|mut config| config.snapshot());
    let setting = |key: &str| {
        let value = identity.as_ref().ok()?.get_string(key).ok()?;
        (!value.trim().is_empty()).then_some(value)
    };
    match (setting("user.name"), setting("user.email")) {
        (Some(name), Some(address)) => Check::ok(NAME, format!("commits as {name} <{address}>")),
        (name, _) => {
            let missing = if name.is_some() {
                "user.email"
            } else {
                "user.name"
            };
            Check::problem(
                NAME,
                format!("git does not know who commits: `{missing}` is not set"),
                format!("run `git config --global {missing} …`"),
            )
        }
    }
}
