//! `warroom sync`: shows the plan, asks, writes, and says what became of it.

use std::cell::RefCell;
use std::io::Write as _;

use camino::Utf8Path;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::cli::OutputFormat;
use crate::commands::prepared::{Compared, Prepared};
use crate::commands::report_file::ReportFile;
use crate::commands::{Context, block_on, saved};
use crate::exit::{ExitStatus, Failure};
use crate::git::CommitId;
use crate::mattermost::Writer;
use crate::sync::announce::{Announcement, announce};
use crate::sync::apply::Watcher;
use crate::sync::canonical::hexadecimal;
use crate::sync::desired::Address;
use crate::sync::document::PlanDocument;
use crate::sync::plan::{Plan, Step};
use crate::sync::progress::Event;
use crate::sync::recorded::Recorded;
use crate::sync::report::{Journal, Results};
use crate::sync::roles::write_roles;
use crate::sync::secrets::Secrets;
use crate::sync::site::Writing;
use crate::sync::{Applied, Desired, Observed, apply_watched};
use crate::ui::{self, Meter, Ui};

/// Runs `warroom sync`.
pub(crate) fn run(
    arguments: &crate::cli::Sync,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let clock = context.environment.clock();
    let Some(path) = &arguments.report else {
        let journal = Journal::new(clock.now(), |_| ());
        return sync(arguments, context, &journal, ui);
    };
    let file = ReportFile::new(context.environment.directory(), path)?;
    // While it is written nobody can be told; at the end there is somebody.
    let problem = RefCell::new(None);
    let journal = Journal::new(clock.now(), |document| {
        *problem.borrow_mut() = file.write(document).err();
    });
    // A report that cannot be written is told before there is something to report.
    file.write(&journal.document())?;
    let ended = sync(arguments, context, &journal, ui);
    journal.ends(clock.now(), &ended);
    if let Some(problem) = problem.take() {
        ui.warning(&problem.message);
        return ended.map(|status| status.and(ExitStatus::Failed));
    }
    ended
}

fn sync(
    arguments: &crate::cli::Sync,
    context: &Context,
    journal: &Journal<'_>,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let (only, file) = saved::targets(
        &arguments.only,
        &arguments.options,
        arguments.allow_partial,
        arguments.permissions,
    )?;
    let (mut prepared, plan_of_file) = match &file {
        Some(file) => {
            let (prepared, plan) = saved::open(file, context, ui)?;
            (prepared, Some((file, plan)))
        }
        None => (Prepared::new(&only, &arguments.options, context, ui)?, None),
    };
    let secrets = Secrets::of(&prepared.desired, |name| context.environment.secret(name));
    let site = prepared.reader.site().clone();
    journal.looks_at(&prepared.desired.workspace, site.as_str(), &secrets);
    let mut checked = None;
    let compared = match &plan_of_file {
        None => {
            let mut compared = prepared.compare(Some(&secrets))?;
            if arguments.permissions {
                prepared.add_roles(&mut compared, true)?;
            }
            compared
        }
        Some((file, plan)) => {
            let (compared, held) = saved::compare(plan, file, &mut prepared, &secrets, ui)?;
            checked = Some((*file, held));
            compared
        }
    };
    let Compared { observed, plan } = &compared;
    let id = prepared.commit()?;
    let commit = id.map(CommitId::short);
    journal.plans(plan, observed, id.map(|id| id.to_string()).as_deref());
    check_account(&prepared.desired, observed)?;
    let json = context.format == OutputFormat::Json;
    let text = ui::plan::human(plan, |style, text| ui.paint(style, text));
    if let (Some((file, checked)), false) = (&checked, arguments.allow_partial)
        && let Err(failure) = saved::all_or_nothing(checked, file)
    {
        ui.show(&text);
        return Err(failure);
    }
    if plan.is_empty() {
        if json {
            let none = Applied::default();
            ui.json(&PlanDocument::with_outcomes(plan, &none, &secrets))?;
        } else {
            ui.result(&text)?;
        }
        return Ok(ExitStatus::from(plan));
    }
    // For programs stdout holds one object, at the end.
    if json {
        ui.show(&text);
    } else {
        ui.result(&text)?;
    }
    let question = format!("write this to {site}?");
    if !arguments.yes && !ui.confirm(&question, "--yes")? {
        return Err(Failure::refused("nothing was written: you did not agree"));
    }
    save_overwritten(&prepared.root, plan, observed, ui)?;

    // From here on there is consent.
    let writer = Writer::new(prepared.reader.clone());
    let writer = Recorded::new(&writer, journal);
    let applied = block_on(async {
        let (desired, commit) = (&prepared.desired, commit.as_deref());
        let watchers = (journal, &Shown(&prepared.meter));
        let work = async {
            let mut applied = apply_watched(
                &writer, plan, desired, observed, &secrets, commit, &watchers,
            )
            .await;
            if let Some(roles) = &plan.roles {
                applied.roles = write_roles(&writer, roles).await;
            }
            applied
        };
        tokio::select! {
            applied = work => Ok(Some(applied)),
            () = interrupted() => Ok(None),
        }
    })?;
    prepared.meter.wipe();
    let Some(applied) = applied else {
        return Err(broken_off(&journal.document().summary));
    };
    if json {
        ui.json(&PlanDocument::with_outcomes(plan, &applied, &secrets))?;
    } else {
        let text = ui::plan::outcomes(&applied, |style, text| ui.paint(style, text));
        ui.result(&secrets.hide(&text))?;
    }
    tell(&prepared, observed, &applied, &writer, id, ui)?;
    Ok(ExitStatus::from(&applied).and(plan.refused_status()))
}

/// Waits until somebody wants the process to end.
async fn interrupted() {
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

/// What is said when somebody broke a sync off.
fn broken_off(results: &Results) -> Failure {
    let Results {
        done,
        failed,
        begun,
        not_attempted,
        ..
    } = results;
    Failure::with_status(
        ExitStatus::Interrupted,
        format!("interrupted: {done} done, {failed} failed, {begun} begun, {not_attempted} not attempted"),
    )
    .help("run `warroom sync` again: it finishes what was begun")
}

/// Draws how far it is.
struct Shown<'a>(&'a Meter);

impl Watcher for Shown<'_> {
    fn is_at(&self, event: Event) {
        self.0.show(event);
    }
}

/// Another account would see less, and leave playbooks that the right one cannot read.
fn check_account(desired: &Desired, observed: &Observed) -> Result<(), Failure> {
    let me = &observed.account.username;
    match &desired.account {
        Some(account) if account.as_str() != me => Err(Failure::refused(format!(
            "only `{account}` may sync this workspace, and the token belongs to `{me}`"
        ))
        .help("use the token of that account, or change `sync.account` in `warroom.yaml`")),
        _ => Ok(()),
    }
}

/// What is written over is kept, in a folder that git ignores.
fn save_overwritten(
    root: &Utf8Path,
    plan: &Plan,
    observed: &Observed,
    ui: &mut Ui,
) -> Result<(), Failure> {
    for step in plan.steps.iter().filter(|step| step.overwrites()) {
        let path = save(root, step, observed)?;
        ui.note(&format!(
            "note: {}: what Mattermost had is kept in `{path}`",
            step.address
        ));
    }
    Ok(())
}

fn save(root: &Utf8Path, step: &Step, observed: &Observed) -> Result<String, Failure> {
    let id = step.id.as_deref().unwrap_or_default();
    let mut all = observed.ours.values().chain(observed.asked.values());
    let Some(found) = all.find(|found| found.raw.id() == id) else {
        return Err(Failure::new(format!(
            "did not find `{id}` among what was read"
        )));
    };
    let folder = root.join(".warroom");
    let inner = folder.join("overwritten");
    for folder in [&folder, &inner] {
        // A workspace may come from a stranger: nothing is written through a link.
        if fs_err::symlink_metadata(folder).is_ok_and(|data| !data.is_dir()) {
            return Err(Failure::refused(format!(
                "`{folder}` is no folder: nothing is written through it"
            ))
            .help("remove it, and sync again"));
        }
    }
    fs_err::create_dir_all(&inner)?;
    let ignore = folder.join(".gitignore");
    if fs_err::symlink_metadata(&ignore).is_err() {
        fs_err::write(&ignore, "*\n")?;
    }
    let contents = json!({
        "version": 1,
        "key": step.address.key,
        "team": step.address.team,
        "id": id,
        "update_at": found.raw.updated_at(),
        "fields": found.state.fields(),
    });
    let text = serde_json::to_string_pretty(&contents)
        .map_err(|error| Failure::new(format!("could not keep what Mattermost had: {error}")))?;
    // An edit in the web editor leaves `update_at` as it was: only what is kept tells versions apart.
    let digest = hexadecimal(&Sha256::digest(text.as_bytes())[..8]);
    let Address { key, team } = &step.address;
    let name = format!("{key}-{team}-{}-{digest}.json", found.raw.updated_at());
    let shown = format!(".warroom/overwritten/{name}");
    let failed = |error: std::io::Error| {
        Failure::new(format!(
            "could not keep what Mattermost had in `{shown}`: {error}"
        ))
        .help("nothing was written to Mattermost; make room for that file, and sync again")
    };
    // As a whole or not at all, and in the place of a link rather than through it.
    let mut file = tempfile::NamedTempFile::new_in(&inner).map_err(failed)?;
    writeln!(file, "{text}").map_err(failed)?;
    file.persist(inner.join(&name))
        .map_err(|error| failed(error.error))?;
    Ok(shown)
}

/// One post for a sync that changed something; that it failed is no reason to fail.
fn tell(
    prepared: &Prepared,
    observed: &Observed,
    applied: &Applied,
    writer: &impl Writing,
    commit: Option<CommitId>,
    ui: &mut Ui,
) -> Result<(), Failure> {
    let settings = &prepared.workspace.settings;
    let (Some(channel), true) = (&settings.sync.announce, applied.wrote()) else {
        return Ok(());
    };
    if applied.told().next().is_none() {
        return Ok(());
    }
    let short = commit.map(CommitId::short);
    let author = prepared.author(commit);
    let announcement = Announcement {
        workspace: &settings.workspace,
        account: &observed.account,
        commit: short.as_deref(),
        author: author.as_deref(),
        applied,
    };
    let message = announcement.words();
    let team = settings.team.as_ref().or_else(|| {
        applied
            .outcomes
            .first()
            .map(|outcome| &outcome.address.team)
    });
    let team = team.and_then(|team| observed.teams.get(team));
    let told = block_on(async { Ok(announce(writer, team, channel, &message).await) })?;
    if let Err(error) = told {
        ui.warning(&format!("did not tell {channel} about this sync: {error}"));
    }
    Ok(())
}
