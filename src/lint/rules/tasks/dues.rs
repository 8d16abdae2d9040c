//! Until when tasks are due.

use super::task_key;
use crate::diag::Code;
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{PlaybookScope, Scope};
use crate::model::{Duration, Progression};
use crate::workspace::Placed;
use crate::yaml::Part;

pub(super) const DUE_ORDER: Rule = Rule {
    code: Code::DueOrder,
    what: "A task is due before the task above it in the same checklist (of those that have a `due`). With \
           `progression: staged` also a task that is due only when everything of a later stage is. Tasks with `when` \
           may be missing from an incident, so that nothing is measured by them, nor by a stage in which one of them is due last.",
    why: "People work from top to bottom. What is due first but stands below is late before anybody has read it.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: mitigate, title: Roll back the last change, due: 1h }
      - { key: update, title: Post the first status update, due: 15m }
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: update, title: Post the first status update, due: 15m }
      - { key: mitigate, title: Roll back the last change, due: 1h }
",
    )],
    checks: &[Check::Playbook(due_order)],
};

pub(super) const ABSOLUTE_DUE: Rule = Rule {
    code: Code::AbsoluteDue,
    what: "`due` holds a date or a time of day, such as `2026-12-24` or `14:30`. Other values that are no duration are \
           `Y-14`.",
    why: "A playbook serves many incidents, and nobody knows when they start: `due` counts from there.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: update, title: Post the first status update, due: 2026-12-24 }
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: update, title: Post the first status update, due: 15m }
",
    )],
    checks: &[Check::Structure],
};

fn due_order(scope: &mut PlaybookScope<'_>) {
    for (n, checklist) in scope.playbook.checklists.iter().enumerate() {
        let mut above: Option<(usize, Duration)> = None;
        for (index, task) in checklist.tasks.iter().enumerate() {
            let Some(due) = task.due else { continue };
            if let Some((first, its)) = above
                && due < its
            {
                let message =
                    format!("this is due after {due}, but the task above it only after {its}");
                report(
                    scope,
                    (n, index),
                    message,
                    "write a later time, or move the task up",
                    (n, first),
                );
            }
            if task.when.is_none() {
                above = Some((index, due));
            }
        }
    }
    if scope.playbook.progression == Progression::Staged {
        stages(scope);
    }
}

/// Tasks that are due only when a whole later stage is.
fn stages(scope: &mut PlaybookScope<'_>) {
    let mut later: Option<(Duration, (usize, usize))> = None;
    for (n, checklist) in scope.playbook.checklists.iter().enumerate().rev() {
        let dues = || {
            let tasks = checklist.tasks.iter().enumerate();
            tasks.filter_map(move |(index, task)| Some((task.due?, (n, index))))
        };
        if let Some((end, last)) = later {
            for (due, place) in dues().filter(|(due, _)| *due > end) {
                let title = &scope.playbook.checklists[last.0].title;
                let title = super::super::words::shortened(title);
                let message = format!(
                    "this is due after {due}, but the later stage `{title}` should be over after {end}"
                );
                report(
                    scope,
                    place,
                    message,
                    "write an earlier time, or move the task to a later stage",
                    last,
                );
            }
        }
        // What may be missing says nothing about when a stage is over.
        let end = dues().max_by_key(|(due, _)| *due);
        let end = end.filter(|(_, (_, index))| checklist.tasks[*index].when.is_none());
        later = match (later, end) {
            (Some(later), Some(end)) => Some(later.min(end)),
            (later, end) => later.or(end),
        };
    }
}

fn report(
    scope: &mut PlaybookScope<'_>,
    place: (usize, usize),
    message: String,
    label: &str,
    other: (usize, usize),
) {
    let other = scope
        .file()
        .place(&task_key(other.0, other.1, "due"), Part::Value);
    let finding = scope
        .at_value(&task_key(place.0, place.1, "due"), message)
        .label(label)
        .help("`due` is counted from the start of the incident, not from the task before")
        .related(scope.file().source(), other, "compared with this");
    scope.report(finding);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::diag::{Code, Level};
    use crate::lint::tests::{lint, messages};

    fn found(tail: &str, stages: &[&[&str]]) -> Vec<String> {
        let mut text = format!("{tail}checklists:\n");
        for (n, tasks) in stages.iter().enumerate() {
            let _ = writeln!(text, "  - key: s{n}\n    title: Stage {n}\n    tasks:");
            for (i, due) in tasks.iter().enumerate() {
                let _ = writeln!(
                    text,
                    "      - {{ key: t{i}, title: Repair part {n}.{i}, {due} }}"
                );
            }
        }
        messages(Code::DueOrder, &[("playbooks/outage.yaml", &text)])
    }

    #[test]
    fn each_task_is_measured_by_the_one_above() {
        assert_eq!(
            found(
                "",
                &[
                    &["due: 5m", "required: false", "due: 5m", "due: 1h"],
                    &["due: 1m"]
                ]
            ),
            Vec::<String>::new()
        );
        // One that is out of order spoils nothing for the others.
        let found = found("", &[&["due: 5m", "due: 4h", "due: 10m", "due: 15m"]]);
        assert_eq!(
            found,
            ["13: this is due after 10m, but the task above it only after 4h"]
        );
    }

    #[test]
    fn what_may_be_missing_measures_nothing() {
        let attributes = "attributes: [{ key: a, name: A, type: select, options: [x, y] }]\n";
        let found = found(
            attributes,
            &[&[
                "due: 1h, when: { a: [x] }",
                "due: 10m, when: { a: [y] }",
                "due: 15m",
            ]],
        );
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn stages_end_one_after_the_other() {
        let stages: &[&[&str]] = &[
            &["due: 5m", "due: 3h"],
            &["due: 1h", "due: 2h"],
            &["due: 4h"],
        ];
        assert!(found("", stages).is_empty());
        let told = found("progression: staged\n", stages);
        assert_eq!(
            told,
            ["12: this is due after 3h, but the later stage `Stage 1` should be over after 2h"]
        );
        assert!(
            found(
                "progression: staged\n",
                &[&["due: 3h"], &["required: false"], &["due: 1h", "due: 3h"]]
            )
            .is_empty()
        );
    }

    #[test]
    fn a_stage_that_may_be_over_later_measures_nothing() {
        let staged = "progression: staged\nattributes: [{ key: a, name: A, type: select, options: [x, y] }]\n";
        for later in [
            &["due: 1h, when: { a: [x] }"] as &[&str],
            &["due: 1h", "due: 4h, when: { a: [x] }"],
        ] {
            assert!(
                found(staged, &[&["due: 3h"], later]).is_empty(),
                "{later:?}"
            );
        }
        let told = found(
            staged,
            &[&["due: 3h"], &["due: 1h, when: { a: [x] }", "due: 2h"]],
        );
        assert_eq!(told.len(), 1, "{told:?}");
        let third = found(
            staged,
            &[&["due: 3h"], &["due: 1h, when: { a: [x] }"], &["due: 2h"]],
        );
        assert_eq!(
            third,
            ["11: this is due after 3h, but the later stage `Stage 2` should be over after 2h"]
        );
    }

    #[test]
    fn times_of_day_are_refused_under_this_id_and_other_slips_are_not() {
        let codes = |due: &str| -> Vec<(Code, Level)> {
            let text = format!(
                "checklists:\n  - key: a\n    title: A\n    tasks:\n      - {{ key: b, title: Call, due: {due} }}\n"
            );
            let findings = lint(&[("playbooks/outage.yaml", &text)]);
            findings.iter().map(|f| (f.code, f.level)).collect()
        };
        assert_eq!(codes("\"14:30\""), [(Code::AbsoluteDue, Level::Error)]);
        assert_eq!(
            codes("2026-12-24T10:00Z"),
            [(Code::AbsoluteDue, Level::Error)]
        );
        assert_eq!(codes("10 minutes"), [(Code::InvalidValue, Level::Error)]);
    }
}
