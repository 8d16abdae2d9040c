//! Teams: each playbook goes into one at least, and into each once.

use std::collections::HashSet;

use super::Sink;
use crate::diag::Code;
use crate::yaml::Part;

/// Y-13, Y-16, P-01: `team` or `teams`, or a default, and none of them twice.
pub(super) fn every_playbook_has_a_team(sink: &mut Sink<'_>) {
    for loaded in sink.playbooks() {
        let playbook = &loaded.playbook;
        let path = loaded.path.as_str();
        if playbook.team.is_some() && playbook.teams.is_some() {
            let (source, span) = sink.place(path, "/team", Part::Key);
            let message = "`team` and `teams` exclude each other".to_owned();
            sink.push(
                sink.at_key(Code::ConflictingKeys, path, "/teams", message)
                    .label("keep one of the two")
                    .related(&source, span, "the other one"),
            );
        }
        let mut seen = HashSet::new();
        for (index, team) in playbook.teams.iter().flatten().enumerate() {
            if !seen.insert(team) {
                let message = format!("the team `{team}` stands twice in this list");
                let pointer = format!("/teams/{index}");
                sink.push(
                    sink.at_value(Code::DuplicateKey, path, &pointer, message)
                        .label("remove it"),
                );
            }
        }
        // With a broken `warroom.yaml`, nobody knows the default.
        let has_default = sink
            .parts
            .settings
            .as_ref()
            .is_none_or(|s| s.team.is_some());
        if playbook.team.is_none() && playbook.teams.is_none() && !has_default {
            let message = "this playbook names no team, and `warroom.yaml` has no default";
            sink.push(
                sink.at_key(Code::MissingKey, path, "/key", message.to_owned())
                    .label("add `team: NAME` to this file")
                    .help(
                        "or add `team: NAME` to `warroom.yaml`, for every playbook that names none",
                    ),
            );
        }
    }
}
