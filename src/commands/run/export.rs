//! `warroom run export`.

use serde::Serialize;

use super::{Desk, workspace_at};
use crate::cli::{OutputFormat, RunExport};
use crate::commands::{Context, block_on};
use crate::exit::{ExitStatus, Failure};
use crate::git::Repository;
use crate::incident::runner::Sources;
use crate::postmortem::{self, Collected, Exported};
use crate::ui::Ui;

/// What was exported, as JSON.
#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    verb: &'static str,
    folder: &'a str,
    branch: &'a str,
    commit: Option<String>,
    warnings: &'a [String],
}

/// Writes the post-mortem into git.
pub(super) fn run(
    arguments: &RunExport,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let desk = Desk::open(context, ui)?;
    let Some(opened) = &desk.opened else {
        return Err(Failure::new("there is no workspace here"));
    };
    // Before the server is asked anything: without a repository it would be in vain.
    let repository = Repository::discover(&opened.root)?.ok_or_else(|| {
        Failure::new(format!(
            "could not export: `{}` is in no git repository",
            opened.root
        ))
        .help("run `git init`, and commit the workspace")
    })?;
    let settings = &opened.workspace.settings.export;
    let target = repository.target(settings.branch.as_deref())?;
    if arguments.no_commit && !target.is_checked_out() {
        return Err(Failure::refused(format!(
            "did not export: branch `{}` of `export.branch` is not checked out, and without a commit there is nowhere to write",
            target.branch()
        ))
        .help("leave `--no-commit` out, or check the branch out"));
    }
    let id = desk.incident(&arguments.which)?;
    let at = |commit: &str| workspace_at(&opened.root, commit);
    let sources = Sources {
        current: &opened.workspace,
        at: &at,
    };
    let Collected {
        record,
        incident,
        template,
        access,
    } = block_on(async {
        let collected = postmortem::collect(&desk.reader, &sources, &id).await;
        collected.map_err(Failure::from)
    })?;
    desk.remember(&incident, ui);
    let exported = postmortem::export_to(
        &target,
        &record,
        &template,
        settings,
        access.as_ref(),
        !arguments.no_commit,
        context.environment.clock().now(),
    )?;
    let warnings = &record.completeness.warnings;
    for warning in warnings {
        ui.warning(warning);
    }
    match context.format {
        OutputFormat::Human => {
            let did = sentence(&exported, arguments.no_commit);
            ui.result(&format!("{}: {did}", incident.label()))?;
        }
        OutputFormat::Json => ui.json(&Report {
            version: 1,
            verb: "export",
            folder: &exported.folder,
            branch: &exported.branch,
            commit: exported.commit.map(|commit| commit.to_string()),
            warnings,
        })?,
    }
    Ok(ExitStatus::Done)
}

fn sentence(exported: &Exported, no_commit: bool) -> String {
    let Exported { folder, branch, .. } = exported;
    match exported.commit {
        Some(commit) => format!(
            "wrote `{folder}`, commit {} on branch `{branch}`",
            commit.short()
        ),
        None if no_commit => format!("wrote `{folder}` without a commit"),
        None => format!("`{folder}` on branch `{branch}` is up to date"),
    }
}
