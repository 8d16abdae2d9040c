//! `warroom import`: writes playbooks of Mattermost down as YAML.
//!
//! Owns asking, writing all files or none, and handing over to `sync` for `--adopt`. What
//! the files say is in [`crate::sync::import`].

use std::io::Read as _;

use camino::Utf8Path;

use crate::cli::{Import, OutputFormat, Sync, SyncOptions, Target};
use crate::commands::workspace::Opened;
use crate::commands::{Context, block_on, session, sync, workspace};
use crate::exit::{ExitStatus, Failure};
use crate::git::Repository;
use crate::sync::import::{
    self, Asked, Choice, Draft, DraftError, DraftFile, choose, draft, draft_exported, exported,
};
use crate::sync::{Base, Desired, history, observed};
use crate::ui::{self, Ui};
use crate::workspace::{Directory, ReplaceError};

/// Runs `warroom import`.
pub(crate) fn run(
    arguments: &Import,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let opened = workspace::open(context, ui)?;
    let directory = Directory::new(&opened.root)?;
    let draft = match &arguments.file {
        Some(file) => from_file(file, &opened, &directory, context)?,
        None => from_server(arguments, &opened, &directory, context, ui)?,
    };
    let status = show(&draft, arguments, context, ui)?;
    if draft.files.is_empty() || arguments.diff {
        return Ok(status);
    }
    let question = format!("write this into {}?", opened.root);
    if !arguments.yes && !ui.confirm(&question, "--yes")? {
        return Err(Failure::refused("nothing was written: you did not agree"));
    }
    write(&directory, &draft.files)?;
    if context.format == OutputFormat::Json && !arguments.adopt {
        ui.json(&ui::import::json(&draft, true))?;
    }
    for file in &draft.files {
        let verb = if file.before.is_none() {
            "wrote"
        } else {
            "changed"
        };
        ui.note(&format!("{verb} {}", file.path));
    }
    if arguments.adopt && draft.adoptions().next().is_some() {
        return Ok(adopt(&draft, arguments, context, ui)?.and(status));
    }
    let next = match draft.adoptions().next() {
        Some(_) => {
            "next: read them, commit them, and take the playbooks over with `warroom sync --adopt KEY=ID`"
        }
        None => "next: read them, and commit them",
    };
    ui.note(next);
    Ok(status)
}

/// What an exported file holds.
fn from_file(
    file: &Utf8Path,
    opened: &Opened,
    directory: &Directory,
    context: &Context,
) -> Result<Draft, Failure> {
    let failed = |problem: &dyn std::fmt::Display| {
        Failure::new(format!("could not import `{file}`: {problem}"))
            .help("*Export* in the menu of a playbook in Mattermost makes such a file")
    };
    let path = context.environment.directory().join(file);
    let bytes = fs_err::File::open(&path).and_then(|file| {
        let mut bytes = Vec::new();
        file.take(import::MOST_BYTES as u64 + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    let bytes = bytes.map_err(|error| failed(&error.kind()))?;
    let state = exported(&bytes).map_err(|error| failed(&error))?;
    let workspace = &opened.workspace;
    let Some(team) = &workspace.settings.team else {
        return Err(failed(&"`warroom.yaml` names no team")
            .help("write `team:` into `warroom.yaml`: an exported playbook belongs to none"));
    };
    Ok(draft_exported(workspace, directory, &state, team)?)
}

/// What Mattermost has.
fn from_server(
    arguments: &Import,
    opened: &Opened,
    directory: &Directory,
    context: &Context,
    ui: &mut Ui,
) -> Result<Draft, Failure> {
    let asked = match (arguments.all, arguments.playbook.is_empty()) {
        (true, _) => Asked::All,
        (false, true) => Asked::Edited,
        (false, false) => Asked::Named(arguments.playbook.clone()),
    };
    let workspace = &opened.workspace;
    let desired = Desired::of(workspace)?;
    let reader = session::reader(context, workspace.settings.server.url.as_deref(), ui)?;
    let mut choice = Choice::default();
    let observed = block_on(async {
        let pick = |entries: &[_]| {
            choice = choose(entries, &asked, &desired.workspace);
            choice.ids.clone()
        };
        Ok(observed::observe_with(&reader, &desired, pick).await?)
    })?;
    if let Some(problem) = choice.problems.first() {
        return Err(
            Failure::new(format!("could not find all playbooks: {problem}"))
                .help("ids stand in the address of a playbook in Mattermost; nothing was written"),
        );
    }
    let desired = desired.for_account(&observed.account.username);
    let base = match Repository::discover(&opened.root) {
        Ok(Some(repository)) => history::base_of(&repository, &desired, &observed),
        Ok(None) => Base::default(),
        Err(error) => {
            ui.warning(&format!("going on without git: {error}"));
            Base::default()
        }
    };
    Ok(draft(
        workspace, directory, &desired, &observed, &base, &choice,
    )?)
}

/// Shows what would be written, and answers with what becomes of what cannot be.
fn show(
    draft: &Draft,
    arguments: &Import,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let diffs = ui::import::diffs(draft);
    let over = arguments.diff || draft.files.is_empty();
    match context.format {
        // For programs stdout holds one object, at the end.
        OutputFormat::Json if over => ui.json(&ui::import::json(draft, false))?,
        OutputFormat::Json => ui.show(&diffs),
        OutputFormat::Human => ui.result(&diffs)?,
    }
    let notes = ui::import::notes(draft);
    if !notes.is_empty() {
        ui.show(notes.trim_end());
    }
    ui.note(&ui::import::summary(draft));
    let refused = match draft.refused.first() {
        Some(_) => ExitStatus::Refused,
        None => ExitStatus::Done,
    };
    let changes = if arguments.diff && !draft.files.is_empty() {
        ExitStatus::Findings
    } else {
        ExitStatus::Done
    };
    Ok(refused.and(changes))
}

/// Writes all files, or takes back those it has written.
fn write(directory: &Directory, files: &[DraftFile]) -> Result<(), Failure> {
    for (n, file) in files.iter().enumerate() {
        let written = match &file.before {
            Some(before) => directory.replace(&file.path, before.as_bytes(), file.after.as_bytes()),
            None => directory.create(&file.path, file.after.as_bytes()),
        };
        if let Err(error) = written {
            for file in files[..n].iter().rev() {
                // What cannot be taken back stays: the first error is the one to tell.
                let _ = match &file.before {
                    Some(before) => {
                        directory.replace(&file.path, file.after.as_bytes(), before.as_bytes())
                    }
                    None => directory.remove(&file.path, file.after.as_bytes()),
                };
            }
            return Err(failure(&error));
        }
    }
    Ok(())
}

fn failure(error: &ReplaceError) -> Failure {
    Failure::new(format!("{error}, so nothing is written"))
        .help("see what stands there, then run `warroom import` again")
}

/// Takes the playbooks over with a sync of these alone.
fn adopt(
    draft: &Draft,
    arguments: &Import,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let sync = Sync {
        permissions: false,
        only: draft
            .adoptions()
            .map(|(key, _)| Target::Playbook(key.clone()))
            .collect(),
        options: SyncOptions {
            adopt: draft
                .adoptions()
                .map(|(key, id)| format!("{key}={id}"))
                .collect(),
            ..SyncOptions::default()
        },
        yes: arguments.yes,
        allow_partial: false,
        report: None,
    };
    sync::run(&sync, context, ui)
}

impl From<DraftError> for Failure {
    fn from(error: DraftError) -> Self {
        Self::new(error.to_string()).help("nothing was written")
    }
}
