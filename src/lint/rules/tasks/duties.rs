//! Tasks that are missing, and tasks that stand everywhere.

use std::collections::BTreeMap;

use super::task_key;
use crate::diag::Code;
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{PlaybookScope, Scope, WorkspaceScope};
use crate::model::{Assign, Playbook, Settings, Task};
use crate::workspace::{Document, Placed};
use crate::yaml::Part;

/// A playbook with a task that others have too.
macro_rules! same {
    ($key:literal) => {
        concat!(
            "key: ",
            $key,
            "\ntitle: Outage of ",
            $key,
            "\naccess: everybody\nreview: { owner: carol, by: 2027-03-31 }\nstart: { invite: [group:sre] }\n",
            "checklists:\n  - key: first\n    title: First minutes\n    tasks:\n",
            "      - key: freeze\n        title: Freeze deploys and configuration\n",
            "        description: Ask in the deploy channel, and wait for the yes.\n",
            "      - { key: post-mortem, title: Schedule the post-mortem of ",
            $key,
            " }\nupdates:\n  every: 30m\nretrospective: {}\n"
        )
    };
}

pub(super) const MISSING_DUTY: Rule = Rule {
    code: Code::MissingDuty,
    what: "In a workspace with severities: a playbook without `updates` in which no checklist, task or role has to do with \
           informing anybody. That nobody plans to look back is S-08.",
    why: "In a severe incident those who repair forget those who wait.",
    bad: &[(
        "playbooks/login.yaml",
        "\
key: login
title: Login broken
access: everybody
review: { owner: carol, by: 2027-03-31 }
start: { invite: [group:sre] }
checklists:
  - key: repair
    title: Repair
    tasks:
      - { key: confirm, title: Confirm it with an account of your own }
      - { key: roll-back, title: Roll back the last change }
",
    )],
    good: &[(
        "playbooks/login.yaml",
        "\
key: login
title: Login broken
access: everybody
review: { owner: carol, by: 2027-03-31 }
start: { invite: [group:sre] }
checklists:
  - key: repair
    title: Repair
    tasks:
      - { key: confirm, title: Confirm it with an account of your own }
      - { key: support, title: Inform support, assign: role:comms }
      - { key: post-mortem, title: Schedule the post-mortem }
",
    )],
    checks: &[Check::Playbook(missing_duty)],
};

pub(super) const REPEATED_TASK: Rule = Rule {
    code: Code::RepeatedTask,
    what: "The same title and description stand in three or more playbooks. Titles under 12 characters do not count. \
           Told is each such task once, and at most 100 of them.",
    why: "Whoever corrects one of them forgets the others, and in the incident people get the stale one.",
    bad: &[
        ("playbooks/a.yaml", same!("a")),
        ("playbooks/b.yaml", same!("b")),
        ("playbooks/c.yaml", same!("c")),
    ],
    good: &[
        ("playbooks/a.yaml", same!("a")),
        ("playbooks/b.yaml", same!("b")),
    ],
    checks: &[
        Check::Workspace(repeated_task),
        Check::Deferred("there are no fragments yet that several playbooks could share"),
    ],
};

/// Parts of words that have to do with informing people, English and German.
const INFORMING: [&str; 21] = [
    "announc",
    "benachrichtig",
    "brief",
    "comms",
    "communic",
    "customer",
    "inform",
    "kommunik",
    "kunde",
    "liaison",
    "melde",
    "mitteil",
    "notif",
    "press",
    "public",
    "stakeholder",
    "status",
    "support",
    "tell",
    "update",
    "write to",
];

/// Parts of words that name a look back, English and German.
const LOOKING_BACK: [&str; 14] = [
    "aufarbeit",
    "blameless",
    "debrief",
    "learn",
    "lernen",
    "lessons",
    "nachbereit",
    "nachbesprech",
    "post mortem",
    "post-mortem",
    "postmortem",
    "retro",
    "review",
    "rückblick",
];

fn says(text: &str, words: &[&str]) -> bool {
    let lower = text.to_lowercase();
    words.iter().any(|word| lower.contains(word))
}

fn missing_duty(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let settings = scope.around.settings;
    if settings.severities.is_empty() {
        return;
    }
    if playbook.updates.is_none() && !informs(playbook, settings) {
        let finding = scope
            .at_value(
                "/title",
                "nothing in this playbook tells anybody to keep people informed",
            )
            .label("add `updates`, or a task such as `Inform the customers`");
        scope.report(finding);
    }
}

fn informs(playbook: &Playbook, settings: &Settings) -> bool {
    let has_role = |task: &Task| match &task.assign {
        Some(Assign::Role(role)) => {
            let role_of = settings.roles.get(role);
            let words = role_of.map(|role| format!("{} {}", role.title, role.duty));
            says(role.as_str(), &INFORMING) || words.is_some_and(|words| says(&words, &INFORMING))
        }
        _ => false,
    };
    let lists = playbook.checklists.iter();
    lists.into_iter().any(|list| says(&list.title, &INFORMING))
        || playbook
            .tasks()
            .any(|(.., task)| says(&task.title, &INFORMING) || has_role(task))
}

/// Whether the incident should not end before somebody planned to look back.
pub(in super::super) fn plans_to_look_back(playbook: &Playbook) -> bool {
    let names =
        |task: &Task| [&task.title, &task.description].map(|text| says(text, &LOOKING_BACK));
    let mut tasks = playbook.tasks();
    tasks.any(|(.., task)| task.required && names(task).contains(&true))
}

/// The most tasks that are told.
const MOST_TOLD: usize = 100;

fn repeated_task(scope: &mut WorkspaceScope<'_>) {
    let mut all = Vec::new();
    for (n, (_, outline)) in scope.playbooks.iter().enumerate() {
        all.extend(
            outline
                .tasks
                .iter()
                .map(|task| (task.words, n, task.checklist, task.index)),
        );
    }
    all.sort_unstable();
    let mut repeated = Vec::new();
    for same in all.chunk_by(|a, b| a.0 == b.0) {
        // The first of each playbook.
        let mut places = same
            .iter()
            .map(|(_, n, checklist, index)| (*n, *checklist, *index));
        let mut first: Vec<(usize, u32, u32)> = Vec::new();
        let mut count = 0;
        let mut last = None;
        for place in &mut places {
            if last != Some(place.0) {
                last = Some(place.0);
                count += 1;
                if first.len() < 3 {
                    first.push(place);
                }
            }
        }
        if let [a, b, c] = first[..] {
            repeated.push(([a, b, c], count));
        }
    }
    repeated.sort_unstable();
    repeated.truncate(MOST_TOLD);
    let mut documents: BTreeMap<usize, Document> = BTreeMap::new();
    for (places, count) in repeated {
        let mut spans = places
            .map(|(n, checklist, index)| {
                let document = documents
                    .entry(n)
                    .or_insert_with(|| scope.around.document(&scope.playbooks[n].0.path));
                let pointer = task_key(checklist as usize, index as usize, "title");
                (
                    document.clone(),
                    document.place(&pointer, Part::Value),
                    pointer,
                )
            })
            .into_iter();
        let Some((document, _, pointer)) = spans.next() else {
            continue;
        };
        let message = format!("{count} playbooks have this task in the same words");
        let mut finding = document
            .at_value(Code::RepeatedTask, &pointer, message)
            .label(
                "say here what is special about it, or keep the text in one runbook and link to it",
            );
        for (document, span, _) in spans {
            finding = finding.related(document.source(), span, "here too");
        }
        scope.report(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::diag::Code;
    use crate::lint::tests::{lint, messages};

    #[test]
    fn without_severities_nothing_is_asked_for() {
        let playbook = super::MISSING_DUTY.bad[0];
        assert_eq!(
            messages(Code::MissingDuty, &[playbook]),
            ["2: nothing in this playbook tells anybody to keep people informed"]
        );
        let settings = ("warroom.yaml", "severities: []\n");
        assert!(messages(Code::MissingDuty, &[playbook, settings]).is_empty());
        let role = playbook
            .1
            .replace("change }", "change, assign: role:comms }");
        assert!(messages(Code::MissingDuty, &[(playbook.0, &role)]).is_empty());
        // That nobody looks back is a matter of S-08.
        assert_eq!(messages(Code::NoRetrospective, &[playbook]).len(), 1);
    }

    #[test]
    fn each_playbook_counts_once() {
        let twice = super::REPEATED_TASK.good[0].1.replace(
            "      - { key: post-mortem",
            "      - key: again\n        title: Freeze deploys and configuration\n        description: Ask in the deploy channel, and wait for the yes.\n      - { key: post-mortem",
        );
        let files = [
            ("playbooks/a.yaml", twice.as_str()),
            super::REPEATED_TASK.good[1],
        ];
        assert!(messages(Code::RepeatedTask, &files).is_empty());
        let found = lint(super::REPEATED_TASK.bad);
        let ours: Vec<_> = found
            .iter()
            .filter(|f| f.code == Code::RepeatedTask)
            .collect();
        assert_eq!(ours.len(), 1);
        let related: Vec<&str> = ours[0].related.iter().map(|r| r.source.name()).collect();
        assert_eq!(
            (ours[0].source.name(), &related[..]),
            (
                "playbooks/a.yaml",
                &["playbooks/b.yaml", "playbooks/c.yaml"][..]
            )
        );
    }
}
