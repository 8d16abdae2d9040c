//! Checklists and tasks: told apart, worth the name, and not too many.

use std::collections::HashMap;

use crate::diag::Level;
use crate::lint::scope::{PlaybookScope, Scope};
use crate::model::{Progression, Task};
use crate::workspace::Placed;
use crate::yaml::Part;

/// More tasks than this nobody keeps in view.
const MOST_TASKS: usize = 50;
/// More checklists than this nobody keeps in view.
const MOST_CHECKLISTS: usize = 9;

/// P-04: titles of tasks; their keys are a matter of the structure.
pub(super) fn titles_of_tasks(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let mut first: HashMap<String, (usize, usize, &Task)> = HashMap::new();
    for (checklist, index, task) in playbook.tasks() {
        let known = first.entry(task.title.trim().to_lowercase());
        let (at, with, other) = *known.or_insert((checklist, index, task));
        // Variants of one step: of these each incident sees only its own.
        let variants = task.when != other.when;
        if (at, with) == (checklist, index) || variants {
            continue;
        }
        let file = scope.file();
        let there = file.place(&format!("/checklists/{at}/tasks/{with}/title"), Part::Value);
        let pointer = format!("/checklists/{checklist}/tasks/{index}/title");
        let (message, level) = if at == checklist {
            (
                "this checklist already has a task with this title",
                Level::Warning,
            )
        } else {
            ("another checklist has a task with this title", Level::Info)
        };
        let finding = scope
            .at_value(&pointer, message)
            .level(level)
            .label("say what is different here, or remove it")
            .related(file.source(), there, "first used here");
        scope.report(finding);
    }
}

/// P-05: a playbook without tasks, and checklists that are none.
pub(super) fn empty_checklists(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    if playbook.tasks().next().is_none() {
        let finding = scope
            .at_key("/checklists", "this playbook has no tasks")
            .level(Level::Error)
            .label("write down what to do first")
            .help("a draft belongs on a branch: what is here gets synced, and is started in an incident");
        scope.report(finding);
        return;
    }
    for (index, checklist) in playbook.checklists.iter().enumerate() {
        let pointer = format!("/checklists/{index}/title");
        let finding = match checklist.tasks.as_slice() {
            [] => scope
                .at_value(&pointer, "this checklist has no tasks")
                .label("add tasks, or remove the checklist"),
            [only] if is_bare(only) => scope
                .at_value(
                    &pointer,
                    "this checklist has one task that says nothing but its title",
                )
                .label("say who does it and how, or move it into another checklist"),
            _ => continue,
        };
        scope.report(finding);
    }
}

/// A task with a title and nothing else.
fn is_bare(task: &Task) -> bool {
    task.description.trim().is_empty()
        && task.assign.is_none()
        && task.due.is_none()
        && !task.required
        && task.command.is_none()
        && task.done_when.is_none()
}

/// P-06: titles of checklists; their keys are a matter of the structure.
pub(super) fn titles_of_checklists(scope: &mut PlaybookScope<'_>) {
    let mut first: HashMap<String, usize> = HashMap::new();
    for (index, checklist) in scope.playbook.checklists.iter().enumerate() {
        let title = checklist.title.trim().to_lowercase();
        let other = *first.entry(title).or_insert(index);
        if other == index {
            continue;
        }
        let file = scope.file();
        let there = file.place(&format!("/checklists/{other}/title"), Part::Value);
        let message = "another checklist already has this title";
        let finding = scope
            .at_value(&format!("/checklists/{index}/title"), message)
            .label("choose another title")
            .related(file.source(), there, "first used here");
        scope.report(finding);
    }
}

/// P-07: more than people can follow.
pub(super) fn too_much(scope: &mut PlaybookScope<'_>) {
    let checklists = scope.playbook.checklists.len();
    let tasks = scope.playbook.tasks().count();
    let message = if checklists > MOST_CHECKLISTS {
        format!(
            "this playbook has {checklists} checklists, and people can keep only {MOST_CHECKLISTS} in view"
        )
    } else if tasks > MOST_TASKS {
        format!("this playbook has {tasks} tasks, and people can keep only {MOST_TASKS} in view")
    } else {
        return;
    };
    let finding = scope
        .at_key("/checklists", message)
        .label("cut it down to what the first hours need, or split it")
        .help("details fit into the description of a task, or into a runbook that it links to");
    scope.report(finding);
}

/// P-15: stages are advice where Mattermost runs the checklists.
pub(super) fn stages_advise(scope: &mut PlaybookScope<'_>) {
    if scope.playbook.progression != Progression::Staged {
        return;
    }
    let message = "Mattermost does not enforce stages: people can tick any task at any time";
    let finding = scope
        .at_value("/progression", message)
        .label("write `free`, or take the order as advice")
        .help(
            "if the order is meant as advice, switch this rule off: \
             `lint: { levels: { P-15: \"off\" } }` in `warroom.yaml`",
        );
    scope.report(finding);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::diag::Code;
    use crate::lint::tests::messages;

    fn found(code: Code, text: &str) -> Vec<String> {
        messages(code, &[("playbooks/outage.yaml", text)])
    }

    #[test]
    fn titles_are_compared_across_checklists_and_variants_are_none() {
        let text = "\
attributes:
  - { key: service, name: Service, type: select, options: [shop, search] }
checklists:
  - key: first
    title: First
    tasks:
      - { key: a, title: Page the vendor, assign: commander, when: { service: [shop] } }
      - { key: b, title: Page the vendor, assign: commander, when: { service: [search] } }
      - { key: c, title: Post an update, assign: commander }
  - key: second
    title: Second
    tasks:
      - { key: a, title: \" post an Update\", assign: commander }
      - { key: b, title: Breathe, assign: commander }
";
        let found = found(Code::DuplicateTask, text);
        assert_eq!(found, ["17: another checklist has a task with this title"]);
    }

    #[test]
    fn a_playbook_without_tasks_is_one_error() {
        let empty = "checklists:\n  - { key: a, title: A, tasks: [] }\n  - { key: b, title: B, tasks: [] }\n";
        assert_eq!(
            found(Code::EmptyChecklist, empty),
            ["7: this playbook has no tasks"]
        );
        let none = found(Code::EmptyChecklist, "checklists: []\n");
        assert_eq!(none, ["7: this playbook has no tasks"]);
    }

    #[test]
    fn one_task_is_enough_when_it_says_how() {
        let list = |task: &str| {
            format!(
                "checklists:\n  - {{ key: a, title: A, tasks: [{{ key: x, title: X, assign: commander }}] }}\n  \
                 - {{ key: b, title: B, tasks: [{{ key: y, title: Y{task} }}] }}\n"
            )
        };
        assert_eq!(found(Code::EmptyChecklist, &list("")).len(), 1);
        for more in [
            ", assign: commander",
            ", due: 5m",
            ", description: How",
            ", command: /x",
        ] {
            assert!(
                found(Code::EmptyChecklist, &list(more)).is_empty(),
                "{more}"
            );
        }
    }

    #[test]
    fn fifty_tasks_are_fine_and_ten_checklists_are_not() {
        let mut text = "checklists:\n".to_owned();
        for n in 0..9 {
            writeln!(text, "  - key: c{n}\n    title: C{n}\n    tasks:").unwrap();
            for t in 0..6 {
                if n * 6 + t < 50 {
                    writeln!(
                        text,
                        "      - {{ key: t{t}, title: T{n}{t}, assign: commander }}"
                    )
                    .unwrap();
                }
            }
            if n * 6 >= 50 {
                writeln!(text, "      - {{ key: t, title: T{n}, assign: commander }}").unwrap();
            }
        }
        assert!(
            found(
                Code::TooLarge,
                &text.replace("      - { key: t1, title: T01, assign: commander }\n", "")
            )
            .is_empty()
        );
        let more =
            text.clone() + "  - { key: z, title: Z, tasks: [{ key: t, title: TZ, due: 5m }] }\n";
        assert_eq!(
            found(Code::TooLarge, &more),
            ["7: this playbook has 10 checklists, and people can keep only 9 in view"]
        );
        let tasks = text + "      - { key: z, title: Z, due: 5m }\n";
        assert_eq!(
            found(Code::TooLarge, &tasks),
            ["7: this playbook has 51 tasks, and people can keep only 50 in view"]
        );
    }
}
