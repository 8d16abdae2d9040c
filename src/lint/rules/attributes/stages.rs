//! What is left of a playbook when conditions hide tasks.

use super::solve::{Given, Solver, Verdict};
use crate::lint::scope::{PlaybookScope, Scope};
use crate::model::{Assign, Formula, Progression, Task, Variable, variables};

/// C-04.
pub(super) fn stage_vanishes(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let can_vanish = |tasks: &[Task]| match tasks {
        [first, rest @ ..] => {
            let conditional = tasks.iter().all(|task| task.when.is_some());
            // One condition for all of them is meant.
            conditional && rest.iter().any(|task| task.when != first.when)
        }
        [] => false,
    };
    if !playbook.checklists.iter().any(|c| can_vanish(&c.tasks)) {
        return;
    }
    let variables = variables(playbook, scope.around.settings);
    let mut solver = Solver::new(&variables);
    for (index, checklist) in playbook.checklists.iter().enumerate() {
        if !can_vanish(&checklist.tasks) {
            continue;
        }
        let Some(words) = hidden(&mut solver, checklist.tasks.iter(), &variables) else {
            continue;
        };
        let what = match playbook.progression {
            Progression::Staged => "stage",
            Progression::Free => "checklist",
        };
        let message = format!("with {words} the {what} `{}` has no task", checklist.title);
        let finding = scope.at_value(&format!("/checklists/{index}/title"), message);
        let finding = finding
            .label("add a task without `when`")
            .help("Mattermost then shows an empty list, and people cannot tell whether that is intended; add a task that says what to do in that case, or that there is nothing to do");
        scope.report(finding);
    }
}

/// C-05.
pub(super) fn nobody_leads(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let leads = |task: &Task| task.assign == Some(Assign::Commander);
    let tasks = || {
        playbook
            .tasks()
            .map(|(.., task)| task)
            .filter(|task| leads(task))
    };
    if tasks().next().is_none() || tasks().any(|task| task.when.is_none()) {
        return;
    }
    let variables = variables(playbook, scope.around.settings);
    let mut solver = Solver::new(&variables);
    // C-03 speaks of what never holds.
    let mut first = playbook.tasks().filter(|(.., task)| leads(task));
    let first = first.find(|(.., task)| {
        let formula = task.when.as_ref();
        let formula = formula.and_then(|when| Formula::of(when, &variables));
        formula.is_some_and(|f| solver.solve(&f, Given::Perhaps) != Verdict::Never)
    });
    let Some((checklist, index, _)) = first else {
        return;
    };
    let Some(words) = hidden(&mut solver, tasks(), &variables) else {
        return;
    };
    let message = format!("with {words} the commander has no task");
    let finding = scope.at_key(
        &format!("/checklists/{checklist}/tasks/{index}/when"),
        message,
    );
    let finding = finding
        .label("give the commander a task without `when`")
        .help("every task with `assign: commander` is hidden then; a commander should always see where to begin");
    scope.report(finding);
}

/// Values with which every one of these tasks is hidden.
fn hidden<'p>(
    solver: &mut Solver<'_, 'p>,
    tasks: impl Iterator<Item = &'p Task>,
    variables: &[Variable<'p>],
) -> Option<String> {
    let whens = tasks.filter_map(|task| task.when.as_ref());
    let all: Option<Vec<Formula<'p>>> = whens.map(|w| Formula::not_of(w, variables)).collect();
    match solver.solve(&Formula::All(all?), Given::Always) {
        Verdict::Holds(words) if !words.is_empty() => Some(words),
        _ => None,
    }
}
