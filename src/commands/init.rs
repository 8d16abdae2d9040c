//! `warroom init`: writes the starter workspace into a folder.
//!
//! Owns looking for files in the way, and writing all of them or none. What
//! they say is in [`crate::starter`].

use std::io::Write;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use serde::Serialize;

use crate::cli::{CiChoice, Init, OutputFormat};
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::model::Tier;
use crate::starter::{self, Ci, Options, StarterError};
use crate::ui::Ui;

/// What `init` did, as JSON.
#[derive(Debug, Serialize)]
struct Report<'a> {
    version: u32,
    /// The name of the new workspace; absent where there was one already.
    workspace: Option<&'a str>,
    directory: &'a Utf8Path,
    files: Vec<&'a str>,
    next: Vec<String>,
}

/// Runs `warroom init`.
pub(crate) fn run(arguments: &Init, context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    if arguments.dir == "" {
        return Err(Failure::usage("the folder to write to has no name")
            .help("name one, or leave it out to write into this folder: `warroom init`"));
    }
    let dir = typed(&arguments.dir);
    let directory = plain(&context.environment.directory().join(&arguments.dir));
    let ci = arguments.ci.map(service);
    let exists = directory.join("warroom.yaml").is_file();
    match ci {
        // Whoever names playbooks wants a new workspace, and hears what is in the way.
        Some(ci) if exists && arguments.playbook.is_empty() => {
            ci_alone(ci, &dir, &directory, context, ui)?;
        }
        _ => new_workspace(arguments, &dir, &directory, context, ui)?,
    }
    Ok(ExitStatus::Done)
}

fn new_workspace(
    arguments: &Init,
    dir: &Utf8Path,
    directory: &Utf8Path,
    context: &Context,
    ui: &mut Ui,
) -> Result<(), Failure> {
    let ci = arguments.ci.map(service);
    let workspace = starter::workspace_name(directory.file_name().unwrap_or_default());
    let options = Options {
        workspace: workspace.clone(),
        playbooks: arguments.playbook.clone(),
        tier: arguments.tier,
        review_by: starter::review_date(context.environment.clock().now()),
    };
    let mut files = starter::files(&options).map_err(|error| refusal(&error))?;
    files.extend(ci.into_iter().flat_map(files_of));
    files.sort();
    let conflicts = conflicts(directory, &files);
    if !conflicts.is_empty() {
        return Err(in_the_way("the workspace", dir, &conflicts));
    }
    write_all(directory, &files)?;
    let mut notes = vec![format!("workspace `{workspace}`")];
    if arguments.tier == Tier::Professional {
        notes.push("its playbooks are public: private ones need the Enterprise tier (the free Entry edition counts), and Professional refuses them".to_owned());
    }
    let mut next = next_steps(dir);
    next.extend(ci.into_iter().flat_map(|ci| ci_steps(directory, ci)));
    let report = Report {
        version: 1,
        workspace: Some(workspace.as_str()),
        directory,
        files: files.iter().map(|(path, _)| path.as_str()).collect(),
        next,
    };
    tell(&report, &notes, dir, context, ui)
}

/// Adds the files of a service to a workspace that exists.
fn ci_alone(
    ci: Ci,
    dir: &Utf8Path,
    directory: &Utf8Path,
    context: &Context,
    ui: &mut Ui,
) -> Result<(), Failure> {
    let files = files_of(ci);
    let conflicts = conflicts(directory, &files);
    if !conflicts.is_empty() {
        let what = format!("what {} reads", ci.name());
        return Err(in_the_way(&what, dir, &conflicts).help(format!(
            "nothing is ever overwritten; `warroom init EMPTY-FOLDER --ci {}` writes a copy, to take over what you need",
            ci.name().to_lowercase()
        )));
    }
    write_all(directory, &files)?;
    let report = Report {
        version: 1,
        workspace: None,
        directory,
        files: files.iter().map(|(path, _)| path.as_str()).collect(),
        next: ci_steps(directory, ci),
    };
    let notes = ["the workspace was there already, and stays as it is".to_owned()];
    tell(&report, &notes, dir, context, ui)
}

fn files_of(ci: Ci) -> Vec<(String, String)> {
    let files = ci.files().into_iter();
    files.map(|(path, text)| (path.to_owned(), text)).collect()
}

fn service(choice: CiChoice) -> Ci {
    match choice {
        CiChoice::Github => Ci::GitHub,
        CiChoice::Gitlab => Ci::GitLab,
    }
}

fn tell(
    report: &Report<'_>,
    notes: &[String],
    dir: &Utf8Path,
    context: &Context,
    ui: &mut Ui,
) -> Result<(), Failure> {
    if context.format == OutputFormat::Json {
        return ui.json(report);
    }
    for path in &report.files {
        ui.result(&format!("wrote {}", shown(dir, path)))?;
    }
    for note in notes {
        ui.note(note);
    }
    ui.note("next:");
    for (n, step) in report.next.iter().enumerate() {
        ui.note(&format!("  {}. {step}", n + 1));
    }
    Ok(())
}

fn next_steps(dir: &Utf8Path) -> Vec<String> {
    let enter = (dir != ".").then(|| format!("cd {}", quoted(dir.as_str())));
    let edit = "put your people into permissions.yaml, your server and team into warroom.yaml";
    let steps = [
        edit,
        "warroom validate",
        "warroom login URL",
        "warroom plan",
    ];
    enter.into_iter().chain(steps.map(str::to_owned)).collect()
}

/// What makes the service see its files, which it looks for at the root of a repository only.
fn ci_steps(directory: &Utf8Path, ci: Ci) -> Vec<String> {
    let root = directory
        .ancestors()
        .find(|folder| fs_err::symlink_metadata(folder.join(".git")).is_ok());
    let inside = root.and_then(|root| Some((root, directory.strip_prefix(root).ok()?)));
    let moved = inside.filter(|(_, inside)| *inside != "").map(|(root, inside)| {
        let files = ci.files();
        let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
        format!(
            "move {} to {root}, where {} looks, and put {} into each WORKSPACE; or make this folder a repository of its own",
            paths.join(" and "),
            ci.name(),
            quoted(inside.as_str()),
        )
    });
    let push = format!(
        "commit and push: from then on {} checks every {}",
        ci.name(),
        ci.change()
    );
    let sync = "to sync what is merged, set WARROOM_SERVER and WARROOM_TOKEN there, as docs/gitops.md says".to_owned();
    moved.into_iter().chain([push, sync]).collect()
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A path as the user would type it.
fn shown(dir: &Utf8Path, path: &str) -> Utf8PathBuf {
    if dir == "." {
        path.into()
    } else {
        dir.join(path)
    }
}

/// The folder as somebody types it: without detours, and never read as an option.
fn typed(dir: &Utf8Path) -> Utf8PathBuf {
    let mut typed = Utf8PathBuf::new();
    for component in dir.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if typed.file_name().is_some() => {
                typed.pop();
            }
            Utf8Component::ParentDir if typed.has_root() => {}
            other => typed.push(other),
        }
    }
    if typed == "" {
        ".".into()
    } else if typed.as_str().starts_with('-') {
        Utf8Path::new(".").join(typed)
    } else {
        typed
    }
}

/// The path without `.` and `..`, so that its last part is the folder's name.
fn plain(path: &Utf8Path) -> Utf8PathBuf {
    let mut plain = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

fn refusal(error: &StarterError) -> Failure {
    match error {
        StarterError::UnknownPlaybook { .. } => {
            let names: Vec<String> = starter::playbooks().map(|name| format!("`{name}`")).collect();
            let help = format!("the starter playbooks are {}", names.join(", "));
            Failure::usage(error.to_string()).help(help)
        }
        StarterError::NoPlaybooks => Failure::refused(error.to_string()).help(
            "the free Entry edition has all of Playbooks: take `--tier enterprise` for it, or `--tier professional`",
        ),
    }
}

fn in_the_way(what: &str, dir: &Utf8Path, conflicts: &[String]) -> Failure {
    let list: Vec<String> = conflicts
        .iter()
        .map(|path| format!("\n  {}", shown(dir, path)))
        .collect();
    Failure::refused(format!(
        "could not write {what}, because these exist already:{}",
        list.concat()
    ))
    .help("nothing was written, and nothing is ever overwritten; name another folder: `warroom init DIR`")
}

/// What stands where a file or one of its folders should go; links count, wherever they lead.
fn conflicts(directory: &Utf8Path, files: &[(String, String)]) -> Vec<String> {
    let mut conflicts = Vec::new();
    for (path, _) in files {
        let path = Utf8Path::new(path);
        let folders = path.ancestors().skip(1).filter(|folder| *folder != "");
        let blocked = folders.filter(|folder| {
            let found = fs_err::symlink_metadata(directory.join(folder));
            found.is_ok_and(|found| !found.is_dir())
        });
        conflicts.extend(blocked.map(ToString::to_string));
        if fs_err::symlink_metadata(directory.join(path)).is_ok() {
            conflicts.push(path.to_string());
        }
    }
    conflicts.sort();
    conflicts.dedup();
    conflicts
}

/// Writes all files, or takes back those it has written.
fn write_all(directory: &Utf8Path, files: &[(String, String)]) -> Result<(), Failure> {
    let mut written = Written::default();
    for (path, text) in files {
        let target = directory.join(path);
        if let Err(error) = write_new(&target, text, &mut written) {
            written.take_back();
            return Err(Failure::new(format!(
                "could not write `{target}`, so nothing is written: {error}"
            ))
            .help("see that the folder may be written to, then run `warroom init` again"));
        }
    }
    Ok(())
}

/// What was made so far, in order.
#[derive(Debug, Default)]
struct Written {
    folders: Vec<Utf8PathBuf>,
    files: Vec<Utf8PathBuf>,
}

impl Written {
    /// Removes what was made. What cannot be removed stays: the first error is the one to tell.
    fn take_back(&self) {
        for file in &self.files {
            let _ = fs_err::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs_err::remove_dir(folder);
        }
    }
}

/// Writes a file that appears whole or not at all, and never takes the place of another.
fn write_new(target: &Utf8Path, text: &str, written: &mut Written) -> std::io::Result<()> {
    let folder = target.parent().unwrap_or(Utf8Path::new("."));
    let missing: Vec<&Utf8Path> = folder
        .ancestors()
        .take_while(|folder| *folder != "" && !folder.exists())
        .collect();
    for folder in missing.into_iter().rev() {
        fs_err::create_dir(folder)?;
        written.folders.push(folder.to_owned());
    }
    let mut file = new_file(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist_noclobber(target)
        .map_err(|error| error.error)?;
    written.files.push(target.to_owned());
    Ok(())
}

/// A temporary file that others may read: the workspace is shared through git.
fn new_file(folder: &Utf8Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".warroom-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The process's umask still applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_told_without_detours_and_never_as_an_option() {
        for (dir, told) in [
            (".", "."),
            ("d3/..", "."),
            ("d3/../d4", "d4"),
            ("./d4/", "d4"),
            ("../d4", "../d4"),
            ("../../a/../d4", "../../d4"),
            ("/../d4", "/d4"),
            ("-x", "./-x"),
        ] {
            assert_eq!(typed(Utf8Path::new(dir)), told, "{dir}");
        }
    }

    #[test]
    fn what_was_written_is_taken_back_when_a_later_file_fails() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let file = |path: &str| (path.to_owned(), "text".to_owned());
        // No system takes a name with U+0000.
        let files = [file("a/b/c.txt"), file("d.txt"), file("e\0.txt")];
        let failure = write_all(root, &files).unwrap_err();
        assert!(failure.message.contains("nothing is written"), "{failure}");
        assert_eq!(fs_err::read_dir(root).unwrap().count(), 0);
    }
}
