//! Removal is deliberate: budgets, and a guard against an empty workspace.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Options, Plan, Step};
use crate::mattermost::OptionId;
use crate::sync::canonical::{MetricState, PlaybookState};
use crate::sync::desired::{Address, Desired, Wanted};
use crate::sync::observed::{Found, Observed};
use crate::sync::refusal::{Reason, Refusal};
use crate::sync::wire::staying;

/// Refuses what would remove more than one sync may.
pub(super) fn keep_within_budget(
    plan: &mut Plan,
    desired: &Desired,
    observed: &Observed,
    options: &Options,
) {
    for step in &mut plan.steps {
        if let Some(refusal) = inside(step, desired, observed, options) {
            step.action = Action::Refused(refusal);
        }
    }
    wait_for_successors(plan, desired);
    archives(plan, desired, observed, options);
}

/// What git wants in another team now is archived only where that one comes to stand.
pub(in crate::sync) fn wait_for_successors(plan: &mut Plan, desired: &Desired) {
    let refused: Vec<Address> = plan
        .refusals()
        .map(|(step, _)| step.address.clone())
        .filter(|address| desired.playbooks.contains_key(address))
        .collect();
    for step in &mut plan.steps {
        let heir = refused.iter().find(|heir| heir.key == step.address.key);
        if let (Action::Archive, Some(heir)) = (&step.action, heir) {
            let problem = format!("git has it as {heir} now, which is refused");
            let refusal = Refusal::new(Reason::Successor, problem)
                .help("correct that one first: nothing is archived before it stands");
            step.action = Action::Refused(refusal);
        }
    }
}

fn archives(plan: &mut Plan, desired: &Desired, observed: &Observed, options: &Options) {
    let leaving = plan.count("archive");
    if leaving == 0 {
        return;
    }
    let live = observed
        .ours
        .values()
        .filter(|found| !found.raw.is_archived());
    let managed = live.count();
    let allowed = options.at_most.of(managed);
    let refusal = if desired.playbooks.is_empty() {
        Refusal::new(
            Reason::EmptyWorkspace,
            format!("the workspace has no playbook left, and Mattermost has {managed}"),
        )
        .help("that is rarely meant; archive them in Mattermost if it is")
    } else if leaving > allowed {
        let budget = options.at_most;
        Refusal::new(
            Reason::OverBudget,
            format!("{leaving} of {managed} playbooks would be archived, and the budget of {budget} allows {allowed}"),
        )
        .help(format!("allow it with `--at-most {leaving}`"))
    } else {
        return;
    };
    let archives = plan.steps.iter_mut();
    for step in archives.filter(|step| step.action == Action::Archive) {
        step.action = Action::Refused(refusal.clone());
    }
}

/// The same budget for members, attributes, conditions and tasks that vanish from one playbook.
fn inside(
    step: &Step,
    desired: &Desired,
    observed: &Observed,
    options: &Options,
) -> Option<Refusal> {
    let changes = matches!(
        step.action,
        Action::Update | Action::Adopt | Action::Restore
    );
    let id = step.id.as_ref().filter(|_| changes)?;
    let wanted = desired.playbooks.get(&step.address)?.wanted.as_ref().ok()?;
    let mut found = observed.ours.values().chain(observed.asked.values());
    let found = found.find(|found| found.raw.id() == id)?;
    let (old, new) = (&found.state, &wanted.state);
    let renames = &wanted.renames;
    let kinds = [
        ("members", members_gone(old, new)),
        ("attributes", attributes_gone(old, new, &renames.attributes)),
        ("options of attributes", options_gone(found, wanted)),
        ("metrics", metrics_gone(old, new, &renames.metrics)),
        ("conditions", conditions_gone(old, new)),
        ("tasks", tasks_gone(old, new)),
    ];
    let mut problems = Vec::new();
    let mut most = 0;
    for (kind, (gone, all)) in kinds {
        let allowed = options.at_most.of(all);
        if gone > allowed {
            most = most.max(gone);
            let budget = options.at_most;
            problems.push(format!(
                "{gone} of {all} {kind} would be removed, and the budget of {budget} allows {allowed}"
            ));
        }
    }
    let refusal = Refusal::of(Reason::OverBudget, problems)?;
    Some(refusal.help(format!("allow it with `--at-most {most}`")))
}

fn members_gone(old: &PlaybookState, new: &PlaybookState) -> (usize, usize) {
    let (Some(old), Some(new)) = (&old.members, &new.members) else {
        return (0, 0);
    };
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    (gone.count(), old.len())
}

/// A name is all that an attribute is known by, its own or the one it had before.
fn attributes_gone(
    old: &PlaybookState,
    new: &PlaybookState,
    renames: &BTreeMap<String, String>,
) -> (usize, usize) {
    let stays = |name: &String| {
        let mut kept = new.attributes.iter();
        kept.any(|kept| kept.name == *name || renames.get(&kept.name) == Some(name))
    };
    let gone = old.attributes.iter().filter(|gone| !stays(&gone.name));
    (gone.count(), old.attributes.len())
}

/// An option stays with its name or its id; those of attributes that vanish are counted there.
fn options_gone(found: &Found, wanted: &Wanted) -> (usize, usize) {
    let fields = &found.beside.attributes;
    let (all, renamed) = (&wanted.state.attributes, &wanted.renames.attributes);
    let (mut gone, mut count) = (0, 0);
    for (now, then) in staying(fields, all, renamed, &wanted.option_ids) {
        let options = &now.attrs.options;
        let stays = |id: &OptionId| then.attrs.options.iter().any(|option| option.id == *id);
        gone += options.iter().filter(|option| !stays(&option.id)).count();
        count += options.len();
    }
    (gone, count)
}

/// A metric that counts something else from now on is another one.
fn metrics_gone(
    old: &PlaybookState,
    new: &PlaybookState,
    renames: &BTreeMap<String, String>,
) -> (usize, usize) {
    let stays = |gone: &MetricState| {
        let mut kept = new.metrics.iter();
        kept.any(|kept| {
            let named = kept.title == gone.title || renames.get(&kept.title) == Some(&gone.title);
            named && kept.kind == gone.kind
        })
    };
    let gone = old.metrics.iter().filter(|gone| !stays(gone));
    (gone.count(), old.metrics.len())
}

/// One that another takes the place of is changed, and not removed.
fn conditions_gone(old: &PlaybookState, new: &PlaybookState) -> (usize, usize) {
    let (old, new) = (old.conditions(), new.conditions());
    (old.saturating_sub(new), old)
}

/// A task stays if its id or its title does: the web app's editor drops the ids.
fn tasks_gone(old: &PlaybookState, new: &PlaybookState) -> (usize, usize) {
    let mut kept: BTreeSet<&str> = BTreeSet::new();
    for (_, task) in new.tasks() {
        kept.extend([task.id.as_str(), task.title.as_str()]);
    }
    let gone = old.tasks().filter(|(_, task)| {
        !kept.contains(task.title.as_str())
            && (task.id.is_empty() || !kept.contains(task.id.as_str()))
    });
    (gone.count(), old.tasks().count())
}
