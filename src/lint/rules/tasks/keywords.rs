//! Keywords that close a task by themselves.

use super::super::words::shortened;
use super::task_key;
use crate::diag::{Code, Level};
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{PlaybookScope, Scope};
use crate::model::Username;
use crate::workspace::Placed;
use crate::yaml::Part;

pub(super) const WEAK_KEYWORD: Rule = Rule {
    code: Code::WeakKeyword,
    what: "A keyword of `done_when` that is blank is an error: every post holds it. A keyword with fewer than 4 \
           characters, one that is an everyday word such as `done` or `fixed`, and one that is part of a keyword of \
           another task of the playbook is a warning. With `from` only posts of those people count: everyday words may do, and \
           keywords that nobody may say for both tasks are not held against each other. \
           Mattermost looks for the keyword anywhere in a post, in upper and lower case.",
    why: "`It is not fixed` closes the task that waits for `fixed`, and nobody looks at it again.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: status-page
        title: Publish on the status page
        done_when: { keywords: [done] }
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: status-page
        title: Publish on the status page
        done_when: { keywords: [status page published] }
",
    )],
    checks: &[
        Check::Playbook(weak_keywords),
        Check::Deferred("keywords that start a playbook have no key"),
    ],
};

pub(super) const TASK_ACTION_LIMIT: Rule = Rule {
    code: Code::TaskActionLimit,
    what: "`done_when` is a list. A task has one action, which closes it when somebody posts one of its keywords; that \
           is one mapping. Other triggers or actions are unknown keys (`P-09`).",
    why: "Mattermost drops actions that it does not know, and refuses a task with more than ten of them.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: status-page
        title: Publish on the status page
        done_when:
          - { keywords: [status page published] }
          - { keywords: [statuspage is up to date] }
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: status-page
        title: Publish on the status page
        done_when: { keywords: [status page published, statuspage is up to date] }
",
    )],
    checks: &[Check::Structure],
};

/// Words that stand in posts which mean something else, English and German.
const EVERYDAY: [&str; 52] = [
    "alert",
    "back",
    "behoben",
    "broken",
    "check",
    "checked",
    "closed",
    "confirmed",
    "customer",
    "customers",
    "danke",
    "deploy",
    "deployed",
    "done",
    "down",
    "erledigt",
    "error",
    "errors",
    "failed",
    "fehler",
    "fertig",
    "finished",
    "fixed",
    "geht",
    "gelöst",
    "good",
    "green",
    "help",
    "incident",
    "issue",
    "kunde",
    "kunden",
    "läuft",
    "merged",
    "nein",
    "offen",
    "offline",
    "okay",
    "online",
    "open",
    "outage",
    "problem",
    "ready",
    "resolved",
    "restart",
    "rollback",
    "service",
    "solved",
    "started",
    "thanks",
    "update",
    "working",
];

/// The fewest characters of a keyword.
const SHORTEST: usize = 4;

/// The most keywords of a playbook that are held against each other, and their longest.
const MOST_COMPARED: usize = 100;
const LONGEST_COMPARED: usize = 200;

/// The most senders of a task that are held against those of another.
const MOST_SENDERS: usize = 50;

/// A keyword that is held against others.
struct Compared<'p> {
    task: (usize, usize),
    /// Its place among the keywords of the task.
    n: usize,
    lower: String,
    /// Whose posts count; everybody's if there are none.
    from: &'p [Username],
}

impl Compared<'_> {
    /// Whether somebody can post for both.
    fn shares_senders(&self, other: &Self) -> bool {
        let all = |from: &[Username]| from.is_empty() || from.len() > MOST_SENDERS;
        all(self.from)
            || all(other.from)
            || self.from.iter().any(|sender| other.from.contains(sender))
    }

    /// Whether a post with this one holds the other, and closes its task too; of two
    /// equal ones the later is told.
    fn closes(&self, other: &Self) -> bool {
        self.task != other.task
            && self.lower.contains(other.lower.as_str())
            && (self.lower != other.lower || self.task < other.task)
            && self.shares_senders(other)
    }
}

fn weak_keywords(scope: &mut PlaybookScope<'_>) {
    // Most playbooks have none.
    let mut all = Vec::new();
    for (checklist, index, task) in scope.playbook.tasks() {
        let Some(done_when) = &task.done_when else {
            continue;
        };
        for (n, keyword) in done_when.keywords.iter().enumerate() {
            let pointer = || task_key(checklist, index, &format!("done_when/keywords/{n}"));
            let lower = keyword.trim().to_lowercase();
            if let Some((message, level)) = weakness(&lower, done_when.from.is_empty()) {
                let finding = scope
                    .at_value(&pointer(), message)
                    .level(level)
                    .label("write words that nobody posts by accident")
                    .help("for example `status page published`; Mattermost looks for the keyword anywhere in a post");
                scope.report(finding);
            } else if all.len() < MOST_COMPARED && lower.len() <= LONGEST_COMPARED {
                all.push(Compared {
                    task: (checklist, index),
                    n,
                    lower,
                    from: &done_when.from,
                });
            }
        }
    }
    for keyword in &all {
        let Some(longer) = all.iter().find(|other| other.closes(keyword)) else {
            continue;
        };
        let pointer = |of: &Compared<'_>| {
            let (checklist, index) = of.task;
            task_key(checklist, index, &format!("done_when/keywords/{}", of.n))
        };
        let its = scope.file().place(&pointer(longer), Part::Value);
        let message = format!(
            "a post with `{}` closes this task too",
            shortened(&longer.lower)
        );
        let finding = scope
            .at_value(&pointer(keyword), message)
            .label("write words that are not part of the other keyword")
            .related(scope.file().source(), its, "the keyword of another task");
        scope.report(finding);
    }
}

/// What is wrong with a keyword alone.
fn weakness(keyword: &str, from_everybody: bool) -> Option<(String, Level)> {
    if keyword.is_empty() {
        let message = "a blank keyword is found in every post that has a space";
        return Some((message.to_owned(), Level::Error));
    }
    let length = keyword.chars().count();
    if length < SHORTEST {
        let message = format!("the keyword `{keyword}` is so short that it is part of other words");
        return Some((message, Level::Warning));
    }
    let everyday = from_everybody && EVERYDAY.contains(&keyword);
    everyday.then(|| {
        let message =
            format!("people post `{keyword}` about anything, and each time it closes this task");
        (message, Level::Warning)
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::lint::tests::messages;

    fn found(tasks: &[&str]) -> Vec<String> {
        let mut text = "checklists:\n  - key: a\n    title: A\n    tasks:\n".to_owned();
        for (n, task) in tasks.iter().enumerate() {
            let _ = writeln!(
                text,
                "      - {{ key: t{n}, title: Call vendor {n}, done_when: {{ {task} }} }}"
            );
        }
        messages(Code::WeakKeyword, &[("playbooks/outage.yaml", &text)])
    }

    #[test]
    fn keywords_are_weighed_alone() {
        for keywords in [
            "keywords: [all clear]",
            "keywords: [fixed], from: [statusbot]",
            "keywords: [rolled-back]",
        ] {
            assert_eq!(found(&[keywords]), Vec::<String>::new());
        }
        for keyword in ["ok", "Done", "' '", "behoben", "läuft"] {
            assert_eq!(
                found(&[&format!("keywords: [{keyword}]")]).len(),
                1,
                "{keyword}"
            );
        }
        assert!(EVERYDAY.iter().all(|word| word.chars().count() >= SHORTEST));
    }

    #[test]
    fn keywords_of_different_tasks_are_held_against_each_other() {
        let both = found(&[
            "keywords: [page published]",
            "keywords: [status page published]",
        ]);
        assert_eq!(
            both,
            ["11: a post with `status page published` closes this task too"]
        );
        let same = found(&["keywords: [all clear]", "keywords: [All clear]"]);
        assert_eq!(same, ["12: a post with `all clear` closes this task too"]);
        assert!(found(&["keywords: [page published, status page published]"]).is_empty());
        let from = |one: &str, other: &str| {
            let one = format!("keywords: [all clear]{one}");
            found(&[&one, &format!("keywords: [all clear now]{other}")]).len()
        };
        assert_eq!(from(", from: [statusbot]", ", from: [pagerbot]"), 0);
        assert_eq!(
            from(", from: [statusbot]", ", from: [pagerbot, statusbot]"),
            1
        );
        assert_eq!(from(", from: [statusbot]", ""), 1);
        assert_eq!(from("", ", from: [statusbot]"), 1);
    }

    #[test]
    fn what_is_no_action_is_refused() {
        let refused = |done_when: &str| {
            let text = format!(
                "checklists:\n  - key: a\n    title: A\n    tasks:\n      - {{ key: b, title: Call, done_when: {done_when} }}\n"
            );
            let findings = crate::lint::tests::lint(&[("playbooks/outage.yaml", &text)]);
            findings.iter().map(|f| f.code).collect::<Vec<_>>()
        };
        assert_eq!(
            refused("[{ keywords: [all clear] }]"),
            [Code::TaskActionLimit]
        );
        assert_eq!(
            refused("{ keywords: [all clear], post: hello }"),
            [Code::UnknownKey]
        );
        assert_eq!(refused("{ keywords: [] }"), [Code::InvalidValue]);
    }
}
