//! What Mattermost does not take: too much of it, or without the licence for it.

use std::collections::BTreeMap;

use crate::lint::scope::{PlaybookScope, Scope, WorkspaceScope};
use crate::mattermost::limits::CHECKLISTS_BYTES;
use crate::model::{Key, Tier, Visibility};
use crate::workspace::{PERMISSIONS, Placed, SETTINGS};
use crate::yaml::Part;

/// The most bytes of a request that creates or replaces a playbook.
const BODY_BYTES: usize = 2 << 20;
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
    let (checklists, body) = if texts > BODY_BYTES {
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
    } else if body > BODY_BYTES {
        let message = format!(
            "this playbook has about {} KiB in Mattermost, which takes {} KiB",
            body >> 10,
            BODY_BYTES >> 10
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

/// P-12: what a playbook itself uses.
pub(super) fn needs_of_a_playbook(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    if scope.around.settings.server.tier != Tier::Professional || playbook.attributes.is_empty() {
        return;
    }
    let message =
        "attributes need the tier `enterprise`, and `warroom.yaml` assumes `professional`";
    let finding = scope
        .at_key("/attributes", message)
        .label("remove them, and every `when` that asks for one")
        .help(TIER);
    scope.report(finding);
}

/// P-12: what only shows between files: privacy, and a server without Playbooks.
pub(super) fn needs_of_all(scope: &mut WorkspaceScope<'_>) {
    let tier = scope.around.settings.server.tier;
    if tier == Tier::Core && !scope.playbooks.is_empty() {
        let message = "a server of the tier `core` has no Playbooks at all";
        let finding = scope
            .at_value(SETTINGS, "/server/tier", message)
            .label("write `professional` or `enterprise`")
            .help(TIER);
        scope.report(finding);
    }
    if tier != Tier::Professional {
        return;
    }
    let mut private: BTreeMap<&Key, &str> = BTreeMap::new();
    for (outer, inner) in scope.playbooks {
        let profile = scope.around.permissions.profiles.get(&inner.access);
        if profile.is_some_and(|p| p.playbook.visibility == Visibility::Private) {
            private.entry(&inner.access).or_insert(&outer.path);
        }
    }
    for (profile, path) in private {
        let pointer = format!("/profiles/{profile}/playbook/visibility");
        let message = format!(
            "the playbooks of `{profile}` are private, which needs the tier `enterprise`, \
             and `warroom.yaml` assumes `professional`"
        );
        let used = scope.around.document(path);
        let finding = scope
            .at_value(PERMISSIONS, &pointer, message)
            .label("write `visibility: public`")
            .help(format!("private is the default; {TIER}"))
            .related(
                used.source(),
                used.place("/access", Part::Value),
                "such a playbook",
            );
        scope.report(finding);
    }
}

const TIER: &str = "if the server has another licence, correct `server.tier` in `warroom.yaml`; \
                    `warroom doctor` tells which it has";

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

    #[test]
    fn a_lower_tier_lacks_more() {
        let attributes = "attributes: [{ key: ticket, name: Ticket, type: text }]\n";
        let private =
            "profiles: { everybody: { playbook: { use: [group:sre], edit: [carol] } } }\n";
        let found = |tier: &str| {
            let settings = format!("server: {{ tier: {tier} }}\n");
            let files = [
                ("warroom.yaml", settings.as_str()),
                ("permissions.yaml", private),
                ("playbooks/outage.yaml", attributes),
            ];
            messages(Code::TierExceeded, &files)
        };
        assert_eq!(found("enterprise"), Vec::<String>::new());
        assert_eq!(
            found("core"),
            ["9: a server of the tier `core` has no Playbooks at all"]
        );
        assert_eq!(
            found("professional"),
            [
                "3: the playbooks of `everybody` are private, which needs the tier `enterprise`, \
                 and `warroom.yaml` assumes `professional`",
                "23: attributes need the tier `enterprise`, and `warroom.yaml` assumes `professional`",
            ]
        );
    }
}
