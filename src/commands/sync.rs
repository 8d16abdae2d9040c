//! `warroom sync`: shows the plan, asks, writes, and says what became of it.

use std::io::Write as _;

use camino::Utf8Path;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::cli::OutputFormat;
use crate::commands::prepared::{Compared, Prepared};
use crate::commands::{Context, block_on};
use crate::exit::{ExitStatus, Failure};
use crate::mattermost::Writer;
use crate::sync::announce::{announce, words};
use crate::sync::apply::{Applied, apply};
use crate::sync::canonical::hexadecimal;
use crate::sync::desired::Address;
use crate::sync::document::PlanDocument;
use crate::sync::plan::{Plan, Step};
use crate::sync::secrets::Secrets;
use crate::sync::{Desired, Observed};
use crate::ui::{self, Ui};

/// Runs `warroom sync`.
pub(crate) fn run(
    arguments: &crate::cli::Sync,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let mut prepared = Prepared::new(&arguments.only, &arguments.options, context, ui)?;
    let secrets = Secrets::of(&prepared.desired, |name| context.environment.secret(name));
    let compared = prepared.compare(Some(&secrets))?;
    let Compared { observed, plan } = &compared;
    check_account(&prepared.desired, observed)?;
    let json = context.format == OutputFormat::Json;
    let text = ui::plan::human(plan, |style, text| ui.paint(style, text));
    if plan.is_empty() {
        if json {
            ui.json(&PlanDocument::with_outcomes(plan, &Applied::default()))?;
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
    let question = format!("write this to {}?", prepared.reader.site());
    if !arguments.yes && !ui.confirm(&question, "--yes")? {
        return Err(Failure::refused("nothing was written: you did not agree"));
    }
    let commit = prepared.commit()?;
    save_overwritten(&prepared.root, plan, observed, ui)?;

    // From here on there is consent.
    let writer = Writer::new(prepared.reader.clone());
    let applied = block_on(async {
        let desired = &prepared.desired;
        Ok(apply(
            &writer,
            plan,
            desired,
            observed,
            &secrets,
            commit.as_deref(),
        )
        .await)
    })?;
    if json {
        ui.json(&PlanDocument::with_outcomes(plan, &applied))?;
    } else {
        ui.result(&ui::plan::outcomes(&applied, |style, text| {
            ui.paint(style, text)
        }))?;
    }
    tell(
        &prepared,
        observed,
        &applied,
        &writer,
        commit.as_deref(),
        ui,
    )?;
    let refused = match plan.refusals().next() {
        Some(_) => ExitStatus::Refused,
        None => ExitStatus::Done,
    };
    Ok(ExitStatus::from(&applied).and(refused))
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
    writer: &Writer,
    commit: Option<&str>,
    ui: &mut Ui,
) -> Result<(), Failure> {
    let settings = &prepared.workspace.settings;
    let (Some(channel), true) = (&settings.sync.announce, applied.wrote()) else {
        return Ok(());
    };
    if applied.told().next().is_none() {
        return Ok(());
    }
    let message = words(&settings.workspace, &observed.account, applied, commit);
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
