//! `warroom plan`: what sync would change, and nothing else.

use std::collections::BTreeSet;

use crate::cli::Format;
use crate::commands::prepared::{Compared, Prepared};
use crate::commands::{Context, commits, saved, workspace};
use crate::exit::{ExitStatus, Failure};
use crate::model::Key;
use crate::sync::Desired;
use crate::sync::document::PlanDocument;
use crate::sync::plan::{Note, NoteKind, Plan, Prune, between};
use crate::ui::{self, Ui};
use crate::workspace::find_root;

/// Runs `warroom plan`.
pub(crate) fn run(
    arguments: &crate::cli::Plan,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    if let Some(base) = &arguments.base {
        return compare_commits(base, arguments, context, ui);
    }
    let mut prepared = Prepared::new(&arguments.only, &arguments.options, context, ui)?;
    if let Some(file) = &arguments.out {
        saved::out(file)?;
    }
    // Only sync looks secrets up: a plan may run where they must not be.
    let mut compared = prepared.compare(None)?;
    prepared.add_roles(&mut compared, arguments.permissions)?;
    if arguments.out.is_some() {
        let notes = unknown_secrets(&prepared, &compared);
        compared.plan.notes.extend(notes);
    }
    show(
        &compared.plan,
        &PlanDocument::from(&compared.plan),
        context,
        ui,
    )?;
    if let Some(file) = &arguments.out {
        saved::save(file, &prepared, &compared, context, ui)?;
    }
    Ok(ExitStatus::from(&compared.plan))
}

/// What a plan cannot know where secrets are not looked up.
fn unknown_secrets(prepared: &Prepared, compared: &Compared) -> Vec<Note> {
    let steps = compared.plan.steps.iter();
    let there = steps.filter(|step| step.id.is_some());
    there
        .filter(|step| {
            let playbook = prepared.desired.playbooks.get(&step.address);
            let wanted = playbook.and_then(|playbook| playbook.wanted.as_ref().ok());
            wanted.is_some_and(|wanted| {
                !wanted.start_webhooks.is_empty() || !wanted.update_webhooks.is_empty()
            })
        })
        .map(|step| Note {
            kind: NoteKind::UnknownSecrets,
            address: Some(step.address.clone()),
            id: step.id.clone(),
            text: "whether Mattermost has the addresses that are in its secrets is known to sync alone"
                .to_owned(),
        })
        .collect()
}

/// Prints a plan in the format that was asked for.
fn show(
    plan: &Plan,
    document: &PlanDocument,
    context: &Context,
    ui: &mut Ui,
) -> Result<(), Failure> {
    match context.asked {
        Format::Json => ui.json(document),
        Format::Markdown => ui.result(&ui::plan::markdown(plan)),
        _ => {
            let text = ui::plan::human(plan, |style, text| ui.paint(style, text));
            ui.result(&text)
        }
    }
}

/// The plan between two commits: nothing is asked of a server, and no token is read.
fn compare_commits(
    base: &str,
    arguments: &crate::cli::Plan,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let root = find_root(context.environment.directory())?;
    let repository = commits::repository(&root, base, "--base")?;
    let base = commits::commit(&repository, base)?;
    let (workspace, head) = match &arguments.head {
        None => (workspace::open(context, ui)?.workspace, None),
        Some(name) => {
            let head = commits::commit(&repository, name)?;
            let Some(workspace) = commits::workspace_at(&repository, head, ui)? else {
                let short = head.short();
                let message = format!("there is no workspace at commit {short}");
                return Err(Failure::new(message).help("name another commit with `--head`"));
            };
            (workspace, Some(head))
        }
    };
    let after = Desired::of(&workspace)?;
    let before = match commits::workspace_at(&repository, base, ui)? {
        Some(workspace) => Desired::of(&workspace)?,
        // Before there was a workspace it had nothing in it.
        None => Desired {
            playbooks: std::collections::BTreeMap::new(),
            ..after.clone()
        },
    };
    let only: BTreeSet<Key> = arguments.only.iter().cloned().collect();
    let known: BTreeSet<&Key> = before
        .playbooks
        .keys()
        .chain(after.playbooks.keys())
        .map(|address| &address.key)
        .collect();
    if let Some(key) = only.iter().find(|key| !known.contains(key)) {
        return Err(Failure::usage(format!("there is no playbook `{key}`"))
            .help("it is in neither of the two commits"));
    }
    let prunes = arguments.options.prune || workspace.settings.sync.prune.enabled;
    let prune = if prunes {
        Prune::WithinBudget
    } else {
        Prune::No
    };
    let mut plan = between(&before, &after, &only, prune);
    let with = base.short();
    plan.notes.push(Note {
        kind: NoteKind::BetweenCommits,
        address: None,
        id: None,
        text: format!(
            "compared with commit {with}, not with Mattermost: what people changed there is not known here"
        ),
    });
    let document = PlanDocument {
        base: Some(base.to_string()),
        head: head.map(|head| head.to_string()),
        ..PlanDocument::from(&plan)
    };
    show(&plan, &document, context, ui)?;
    Ok(ExitStatus::from(&plan))
}
