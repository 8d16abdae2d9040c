//! What Mattermost does not take: too much of it.

use crate::lint::scope::{PlaybookScope, Scope};
use crate::mattermost::limits::{CHECKLISTS_BYTES, PLAYBOOK_BODY_BYTES};
use crate::workspace::Placed;

/// Mattermost stores each task with all its keys, of which a playbook writes some.
const KEYS_OF_A_TASK: usize = 330;

/// P-10: how much the server takes at once.
pub(super) fn size(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let tasks = playbook.tasks().count();
    let texts: usize = playbook
        .tasks()
        .map(|(.., task)| task.title.len() + task.description.len())
        .map(|bytes| bytes + KEYS_OF_A_TASK)
        .sum();
    // No character takes more than six bytes of JSON.
    let most = 6 * (texts + scope.file().source().text().len());
    if most < CHECKLISTS_BYTES {
        return;
    }
    let json = |written: Result<String, serde_json::Error>| written.map_or(0, |json| json.len());
    let (checklists, body) = if texts > PLAYBOOK_BODY_BYTES {
        // Aliases repeat texts: what is far too much is not written out to be measured.
        (texts, texts)
    } else {
        let keys = tasks * KEYS_OF_A_TASK;
        let checklists = json(serde_json::to_string(&playbook.checklists)) + keys;
        (checklists, json(serde_json::to_string(playbook)) + keys)
    };
    let (pointer, message) = if checklists > CHECKLISTS_BYTES {
        let message = format!(
            "the checklists have about {} KiB in Mattermost, which takes {} KiB",
            checklists >> 10,
            CHECKLISTS_BYTES >> 10
        );
        ("/checklists", message)
    } else if body > PLAYBOOK_BODY_BYTES {
        let message = format!(
            "this playbook has about {} KiB in Mattermost, which takes {} KiB",
            body >> 10,
            PLAYBOOK_BODY_BYTES >> 10
        );
        ("/key", message)
    } else {
        return;
    };
    let finding = scope
        .at_key(pointer, message)
        .label("move long descriptions into a runbook and link to it")
        .help("or split it into several playbooks");
    scope.report(finding);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::diag::Code;
    use crate::lint::tests::messages;

    #[test]
    fn checklists_over_256_kib_are_too_much_and_a_little_less_are_not() {
        let found = |bytes: usize| {
            let mut text = "checklists:\n  - key: a\n    title: A\n    tasks:\n".to_owned();
            for n in 0..10 {
                let how = "x".repeat(bytes / 10);
                writeln!(
                    text,
                    "      - {{ key: t{n}, title: T{n}, due: 5m, description: {how} }}"
                )
                .unwrap();
            }
            messages(Code::SizeLimit, &[("playbooks/outage.yaml", &text)])
        };
        assert_eq!(
            found(262_000),
            ["7: the checklists have about 260 KiB in Mattermost, which takes 256 KiB"]
        );
        assert!(found(250_000).is_empty());
    }

    #[test]
    fn a_few_aliases_can_be_too_much() {
        let how = "x".repeat(2_000);
        let mut text = "checklists:\n  - key: a\n    title: A\n    tasks:\n".to_owned();
        for n in 0..200 {
            let how = if n == 0 {
                format!("&how {how}")
            } else {
                "*how".to_owned()
            };
            writeln!(
                text,
                "      - {{ key: t{n}, title: T{n}, due: 5m, description: {how} }}"
            )
            .unwrap();
        }
        let found = messages(Code::SizeLimit, &[("playbooks/outage.yaml", &text)]);
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
