//! Tasks and commands.

mod blanks;
mod commands;
mod dues;
mod duties;
mod keywords;
mod links;
mod mentions;
mod wording;

pub(super) use duties::plans_to_look_back;

use crate::diag::Code;
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{PlaybookScope, Scope};

pub(super) static RULES: &[Rule] = &[
    UNOWNED_TASK,
    commands::BAD_COMMAND,
    commands::UNDEFINED_VARIABLE,
    commands::DANGEROUS_COMMAND,
    mentions::MASS_MENTION,
    dues::DUE_ORDER,
    Rule {
        code: Code::OverdueByDesign,
        what: "Tasks in a row whose expected durations add up to more than the time there is.",
        why: "A plan that cannot be kept teaches people to ignore its times.",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred(
            "tasks have no key for an expected duration",
        )],
    },
    dues::ABSOLUTE_DUE,
    Rule {
        code: Code::BadDependency,
        what: "A task that waits for one that does not exist, comes later, or waits for itself.",
        why: "A task that can never be begun blocks everything behind it.",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("tasks have no key for what they depend on")],
    },
    wording::TASK_WORDING,
    wording::MARKDOWN_UNSUPPORTED,
    links::DEAD_LINK,
    keywords::WEAK_KEYWORD,
    keywords::TASK_ACTION_LIMIT,
    duties::MISSING_DUTY,
    duties::REPEATED_TASK,
];

const UNOWNED_TASK: Rule = Rule {
    code: Code::UnownedTask,
    what: "A task with `required: true` says in `assign` who does it.",
    why: "In the first minutes everybody believes that somebody else has it. A name, a role or the commander \
          turns a list into work.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: freeze
        title: Freeze deploys
        required: true
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: freeze
        title: Freeze deploys
        assign: commander
        required: true
",
    )],
    checks: &[Check::Playbook(unowned_task)],
};

fn unowned_task(scope: &mut PlaybookScope<'_>) {
    for (checklist, index, task) in scope.playbook.tasks() {
        if task.required && task.assign.is_none() {
            let pointer = format!("/checklists/{checklist}/tasks/{index}/title");
            let finding = scope
                .at_value(&pointer, "this task is required, but assigned to nobody")
                .label("add `assign: commander` or `assign: role:NAME`")
                .help("`assign` takes `commander`, `creator`, `role:NAME`, `attribute:KEY` or `user:NAME`");
            scope.report(finding);
        }
    }
}

/// The pointer of a key of a task.
fn task_key(checklist: usize, index: usize, key: &str) -> String {
    format!("/checklists/{checklist}/tasks/{index}/{key}")
}
