//! `plan --out FILE` and `sync FILE`: plans in files.
//!
//! Owns reading and writing of the file, and the words for what moved since. What may be
//! carried out is decided by [`crate::sync::saved`].

use std::io::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::{SyncOptions, Target};
use crate::commands::prepared::{Compared, Prepared};
use crate::commands::{Context, commits};
use crate::exit::{ExitStatus, Failure};
use crate::git::Repository;
use crate::model::Key;
use crate::sync::desired::Address;
use crate::sync::saved::{Basis, Checked, SavedPlan};
use crate::sync::secrets::Secrets;
use crate::ui::Ui;
use crate::workspace::{Directory, find_root, load};

/// The most bytes of a plan that are read.
const MOST: u64 = 256 << 20;

/// What a command line names: playbooks, or one file with a plan.
pub(crate) fn targets(
    targets: &[Target],
    options: &SyncOptions,
    allow_partial: bool,
    permissions: bool,
) -> Result<(Vec<Key>, Option<Utf8PathBuf>), Failure> {
    let mut keys = Vec::new();
    let mut files = Vec::new();
    for target in targets {
        match target {
            Target::Playbook(key) => keys.push(key.clone()),
            Target::Plan(file) => files.push(file.clone()),
        }
    }
    let Some(file) = files.pop() else {
        if allow_partial {
            return Err(Failure::usage("`--allow-partial` is for saved plans only")
                .help("name the file that `warroom plan --out FILE` wrote"));
        }
        return Ok((keys, None));
    };
    if !files.is_empty() || !keys.is_empty() {
        return Err(Failure::usage("a saved plan is carried out alone")
            .help("it names its playbooks; make another one for others"));
    }
    if permissions {
        return Err(Failure::usage("a saved plan changes no role of Mattermost")
            .help("`warroom sync --permissions` does, without a file"));
    }
    if *options != SyncOptions::default() {
        return Err(Failure::usage("a saved plan has its own options")
            .help("give `--prune`, `--at-most`, `--on-drift`, `--adopt` and `--release` to `warroom plan --out`"));
    }
    Ok((keys, Some(file)))
}

/// The file of `--out`, whose name `sync` must be able to tell from a playbook.
pub(crate) fn out(file: &Utf8Path) -> Result<(), Failure> {
    match file.as_str().parse() {
        Ok(Target::Plan(_)) => Ok(()),
        _ => Err(
            Failure::usage(format!("`{file}` could be the name of a playbook"))
                .help("`sync` tells a file by a `.` or `/` in its name, as in `plan.json`"),
        ),
    }
}

/// Writes a plan down.
pub(crate) fn save(
    file: &Utf8Path,
    prepared: &Prepared,
    compared: &Compared,
    context: &Context,
    ui: &mut Ui,
) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("could not write the plan `{file}`: {error}"))
            .help("name a file in a folder that exists and may be written to")
    };
    let path = context.environment.directory().join(file);
    // A device or a folder would be replaced.
    if fs_err::symlink_metadata(&path).is_ok_and(|data| !data.is_file()) {
        return Err(failed(&"something else than a file is there"));
    }
    let commit = prepared.commit()?.map(|commit| commit.to_string());
    let saved = SavedPlan::new(
        &compared.plan,
        &Basis {
            made_at: &context.environment.clock().now().to_string(),
            site: prepared.reader.site().as_str(),
            commit: commit.as_deref(),
            options: prepared.options(),
            desired: &prepared.desired,
            observed: &compared.observed,
            key: &prepared.reader.seal_key(),
        },
    );
    let text = serde_json::to_string_pretty(&saved).map_err(|error| failed(&error))?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_str().is_empty() => folder,
        _ => Utf8Path::new("."),
    };
    // Whoever made it may read it, and nobody else: playbooks may be private.
    let mut written = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    writeln!(written, "{text}").map_err(|error| failed(&error))?;
    written
        .persist(&path)
        .map_err(|error| failed(&error.error))?;
    ui.note(&format!(
        "note: saved in `{file}`: `warroom sync {file}` carries it out, as long as nothing moves"
    ));
    if commit.is_none() {
        ui.note(
            "note: some files are not committed: the plan holds only while they stay as they are",
        );
    }
    Ok(())
}

/// Reads a plan, and the workspace as it was when the plan was made.
pub(crate) fn open(
    file: &Utf8Path,
    context: &Context,
    ui: &mut Ui,
) -> Result<(Prepared, SavedPlan), Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("could not read the plan `{file}`: {error}")).help(
            "`warroom plan --out FILE` makes one; a playbook has no `.` and no `/` in its key",
        )
    };
    let path = context.environment.directory().join(file);
    let size = fs_err::metadata(&path)
        .map_err(|error| failed(&error))?
        .len();
    if size > MOST {
        return Err(failed(&"it is too large for a plan"));
    }
    let text = fs_err::read_to_string(&path).map_err(|error| failed(&error))?;
    let saved = SavedPlan::read(&text).map_err(|error| error.of_file(file.as_str()))?;
    let root = find_root(context.environment.directory())?;
    let repository = Repository::discover(&root)?;
    let (workspace, commit) = match &saved.commit {
        Some(id) => {
            let (commit, repository) = commit_of(id, repository.as_ref(), file)?;
            (commits::workspace_at(repository, commit, ui)?, Some(commit))
        }
        None => (load(&Directory::new(&root)?)?.workspace, None),
    };
    let Some(workspace) = workspace else {
        return Err(Failure::with_status(
            ExitStatus::Findings,
            format!("could not use the plan `{file}`: its workspace has mistakes or is gone"),
        )
        .help("correct the files, and make the plan again with `warroom plan --out`"));
    };
    let key = workspace.settings.workspace.clone();
    let options = saved.options();
    let prepared = Prepared::with(root, workspace, options, repository, commit, context, ui)?;
    let reader = &prepared.reader;
    saved
        .check(&reader.seal_key(), reader.site().as_str(), &key)
        .map_err(|error| error.of_file(file.as_str()))?;
    Ok((prepared, saved))
}

fn commit_of<'r>(
    id: &str,
    repository: Option<&'r Repository>,
    file: &Utf8Path,
) -> Result<(crate::git::CommitId, &'r Repository), Failure> {
    let absent = |help: &str| {
        let short: String = id.chars().filter(char::is_ascii_hexdigit).take(7).collect();
        let message = format!("could not use the plan `{file}`: its commit {short} is not here");
        Failure::with_status(ExitStatus::Refused, message).help(help)
    };
    let Some(repository) = repository else {
        return Err(absent(
            "go to a clone of the workspace that has that commit",
        ));
    };
    match repository.commit(id)? {
        Some(commit) => Ok((commit, repository)),
        None => Err(absent(commits::where_to_find_it(repository))),
    }
}

/// Plans again, and says what of the saved plan still holds.
pub(crate) fn compare(
    saved: &SavedPlan,
    file: &Utf8Path,
    prepared: &mut Prepared,
    secrets: &Secrets,
    ui: &mut Ui,
) -> Result<(Compared, Checked), Failure> {
    let compared = prepared.compare_again(secrets)?;
    let Compared { observed, plan } = compared;
    saved
        .check_account(&observed.account.username)
        .map_err(|error| error.of_file(file.as_str()))?;
    let key = prepared.reader.seal_key();
    let checked = saved.against(&plan, &prepared.desired, &observed, &key);
    for address in &checked.others {
        ui.note(&format!(
            "note: {address}: would be written by now, and is not in the plan: left alone"
        ));
    }
    let stale = secrets.stale(&prepared.desired, &observed);
    let writes = |address: &Address| {
        let mut steps = checked.plan.steps.iter();
        steps.any(|step| step.address == *address && step.writes())
    };
    for address in stale.keys().filter(|address| !writes(address)) {
        ui.note(&format!(
            "note: {address}: its secrets hold other addresses than Mattermost has, which no plan can know: `warroom sync` writes them"
        ));
    }
    let plan = checked.plan.clone();
    Ok((Compared { observed, plan }, checked))
}

/// The refusal of a plan of which something moved, or a secret is missing.
pub(crate) fn all_or_nothing(checked: &Checked, file: &Utf8Path) -> Result<(), Failure> {
    let held = checked
        .plan
        .steps
        .iter()
        .filter(|step| step.writes())
        .count();
    if held == checked.planned {
        return Ok(());
    }
    let status = checked.plan.refused_status();
    let message = format!(
        "nothing was written: of {} playbooks that `{file}` would write, {} cannot be written as planned",
        checked.planned,
        checked.planned - held
    );
    Err(Failure::with_status(status, message).help(
        "make the plan again with `warroom plan --out`, or write the others with `--allow-partial`",
    ))
}
