//! Tasks and commands.

use crate::diag::Code;
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{PlaybookScope, Scope};

pub(super) static RULES: &[Rule] = &[
    Rule {
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
    },
    Rule {
        code: Code::BadCommand,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::UndefinedVariable,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::DangerousCommand,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::MassMention,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::DueOrder,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::OverdueByDesign,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("tasks have no `expected` duration yet")],
    },
    Rule {
        code: Code::AbsoluteDue,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::BadDependency,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("tasks have no `depends_on` yet")],
    },
    Rule {
        code: Code::TaskWording,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::MarkdownUnsupported,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::DeadLink,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::WeakKeyword,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::TaskActionLimit,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::MissingDuty,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::RepeatedTask,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
];

fn unowned_task(scope: &mut PlaybookScope<'_>) {
    for (checklist, index, task) in scope.playbook.tasks() {
        if task.required && task.assign.is_none() {
            let pointer = format!("/checklists/{checklist}/tasks/{index}/title");
            let finding = scope
                .at_value(&pointer, "this task is required, and nobody has it")
                .label("add `assign: commander`, or a role")
                .help("`assign` takes `commander`, `creator`, `role:NAME`, `attribute:KEY` or `user:NAME`");
            scope.report(finding);
        }
    }
}
