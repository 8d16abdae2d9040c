//! P-12: what the server that `warroom.yaml` assumes does not have.

use std::collections::BTreeMap;

use crate::diag::Finding;
use crate::lint::scope::{PlaybookScope, Scope, WorkspaceScope};
use crate::model::{Feature, Key, Need, ServerSettings};
use crate::workspace::{PERMISSIONS, Placed, SETTINGS};
use crate::yaml::Part;

/// What a playbook itself uses.
pub(super) fn of_a_playbook(scope: &mut PlaybookScope<'_>) {
    let server = &scope.around.settings.server;
    for (feature, pointer) in scope.playbook.features() {
        // Where there are no Playbooks, that is said once for all.
        if server.has(feature) || !server.has(Feature::Playbooks) {
            continue;
        }
        let message = lacking(feature, server);
        let finding = match feature {
            Feature::Attributes => scope.at_key(&pointer, message),
            _ => scope.at_value(&pointer, message),
        };
        scope.report(advised(finding, feature));
    }
}

/// What only shows between files: what a profile uses, and a server without Playbooks.
pub(super) fn of_all(scope: &mut WorkspaceScope<'_>) {
    let around = scope.around;
    let server = &around.settings.server;
    if !server.has(Feature::Playbooks) {
        if !scope.playbooks.is_empty() {
            let message = "a server of the tier `core` does not have Playbooks";
            let finding = scope
                .at_value(SETTINGS, "/server/tier", message)
                .label("write `professional` or `enterprise`")
                .help(TIER);
            scope.report(finding);
        }
        return;
    }
    let mut profiles: BTreeMap<&Key, &str> = BTreeMap::new();
    for (outer, inner) in scope.playbooks {
        profiles.entry(&inner.access).or_insert(&outer.path);
    }
    for (name, path) in profiles {
        let Some(profile) = around.permissions.profiles.get(name) else {
            continue;
        };
        for (feature, place) in profile.features() {
            if server.has(feature) {
                continue;
            }
            let pointer = format!("/profiles/{name}{place}");
            let used = around.document(path);
            let finding = scope
                .at_value(PERMISSIONS, &pointer, lacking(feature, server))
                .related(
                    used.source(),
                    used.place("/access", Part::Value),
                    format!("a playbook with the profile `{name}`"),
                );
            scope.report(advised(finding, feature));
        }
    }
}

fn lacking(feature: Feature, server: &ServerSettings) -> String {
    let need = feature.need();
    let assumed = server.assumed(need);
    format!("{feature} needs {need}, but `warroom.yaml` assumes `{assumed}`")
}

fn advised(finding: Finding, feature: Feature) -> Finding {
    let help = match feature.need() {
        Need::Tier(_) => TIER,
        Need::Version(..) => VERSION,
    };
    match feature {
        Feature::PrivatePlaybook => finding
            .label("write `visibility: public`")
            .help(format!("private is the default; {help}")),
        Feature::Attributes => finding
            .label("remove them, and every `when` that asks for one")
            .help(help),
        Feature::AssignCommander | Feature::AssignCreator => finding
            .label("name a person or a role, here and in the tasks after it")
            .help(help),
        _ => finding.label("leave it out").help(help),
    }
}

const TIER: &str = "if the server has another licence, correct `server.tier` in `warroom.yaml`; \
                    `warroom doctor` tells you which one it has";
const VERSION: &str = "if the server has a later version, correct `server.playbooks` in \
                       `warroom.yaml`; `warroom doctor` tells you which one it has";

#[cfg(test)]
mod tests {
    use crate::diag::Code;
    use crate::lint::tests::messages;

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
            ["9: a server of the tier `core` does not have Playbooks"]
        );
        assert_eq!(
            found("professional"),
            [
                "3: a private playbook needs the tier `enterprise`, but `warroom.yaml` assumes `professional`",
                "23: `attributes` needs the tier `enterprise`, but `warroom.yaml` assumes `professional`",
            ]
        );
    }

    #[test]
    fn an_older_version_lacks_what_sync_refuses() {
        let playbook = "\
start: { invite: [group:sre], number_prefix: OUT, channel: { archive_when_ended: true } }
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Confirm, assign: commander, due: 5m }
      - { key: look, title: Look, assign: commander, due: 5m }
      - { key: tell, title: Tell support, assign: creator, due: 5m }
";
        let profile = "profiles: { everybody: { playbook: { visibility: public, use: [group:sre], edit: [carol], only_editors_edit: true }, incident: { commander_decides: true } } }\n";
        let found = |version: &str| {
            let settings = format!("server: {{ playbooks: \"{version}\" }}\n");
            let files = [
                ("warroom.yaml", settings.as_str()),
                ("permissions.yaml", profile),
                ("playbooks/outage.yaml", playbook),
            ];
            messages(Code::TierExceeded, &files)
        };
        assert_eq!(found("2.11"), Vec::<String>::new());
        let features = [
            "`only_editors_edit`",
            "`commander_decides`",
            "`start.number_prefix`",
            "`start.channel.archive_when_ended`",
            "`assign: commander`",
            "`assign: creator`",
        ];
        let found = found("2.9");
        assert_eq!(found.len(), features.len(), "{found:#?}");
        for feature in features {
            let message =
                format!("{feature} needs Playbooks 2.11, but `warroom.yaml` assumes `2.9`");
            assert!(found.iter().any(|f| f.ends_with(&message)), "{found:#?}");
        }
    }
}
