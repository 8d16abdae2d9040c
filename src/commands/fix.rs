//! `warroom lint --fix` and `--diff`: mends files, or shows what would change.

use serde_json::{Value, json};

use crate::cli::OutputFormat;
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::lint::{self, Linted, MendedFile};
use crate::ui::report::Format;
use crate::ui::{Ui, mended};
use crate::workspace::{Directory, Files, ReplaceError, WorkspaceError};

/// Lints files.
pub(crate) type Lint<'l> = &'l dyn Fn(&dyn Files) -> Result<Linted, WorkspaceError>;

/// Mends the files of a folder, says what was done, and returns what linting finds afterwards.
///
/// A file that cannot be written is told, fails the command, and keeps none of the others back.
pub(crate) fn write(
    directory: &Directory,
    lint: Lint<'_>,
    ui: &mut Ui,
) -> Result<(Linted, ExitStatus), Failure> {
    let found = lint::mend(directory, lint)?;
    let mut written: Vec<&MendedFile> = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    for file in &found.files {
        match directory.replace(&file.path, &file.before, &file.after) {
            Ok(()) => written.push(file),
            // What it leads to is mended where it stands.
            Err(ReplaceError::Link { target, .. })
                if found.files.iter().any(|other| target == other.path) => {}
            Err(error) => failures.push(failure(&error)),
        }
    }
    for file in &written {
        ui.note(&mended::list(file));
    }
    ui.note(&mended::summary(written.iter().copied()));
    for failure in &failures {
        ui.failure(failure);
    }
    match (failures.is_empty(), written.is_empty()) {
        (true, _) => Ok((found.linted, ExitStatus::Done)),
        (false, true) => Ok((lint(directory)?, ExitStatus::Failed)),
        (false, false) => Ok((lint(directory)?, ExitStatus::PartlyApplied)),
    }
}

/// Shows what would change, and writes nothing.
pub(crate) fn diff(
    directory: &Directory,
    lint: Lint<'_>,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    if !matches!(context.findings, Format::Human | Format::Json) {
        let message = "a diff is printed as human or json";
        return Err(Failure::usage(message).help("the other formats are for findings"));
    }
    let found = lint::mend(directory, lint)?;
    match context.format {
        OutputFormat::Json => {
            let files: Vec<Value> = found.files.iter().map(as_json).collect();
            ui.json(&json!({ "version": 1, "files": files }))?;
        }
        OutputFormat::Human => {
            for file in &found.files {
                ui.result(&mended::diff(file))?;
            }
        }
    }
    let summary = mended::summary(&found.files);
    if found.files.is_empty() {
        ui.note(&summary);
        return Ok(ExitStatus::Done);
    }
    ui.note(&format!("{summary}, and nothing was written"));
    Ok(ExitStatus::Findings)
}

fn as_json(file: &MendedFile) -> Value {
    let fixes = file
        .fixes
        .iter()
        .map(|fix| json!({ "line": fix.line, "code": fix.code.id(), "title": fix.title }));
    json!({
        "path": file.path,
        "diff": mended::diff(file),
        "fixes": fixes.collect::<Vec<Value>>(),
    })
}

fn failure(error: &ReplaceError) -> Failure {
    let failure = Failure::new(error.to_string());
    match error {
        ReplaceError::Link { .. } => failure.help("mend the file that it leads to"),
        ReplaceError::ReadOnly { .. } => failure.help("make it writable, and run the same again"),
        ReplaceError::Changed { .. } | ReplaceError::Exists { .. } => {
            failure.help("run the same again")
        }
        ReplaceError::Write { .. } => {
            failure.help("see that its folder may be written to, and run the same again")
        }
    }
}
