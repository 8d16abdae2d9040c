//! Teams: each playbook goes into one at least, and into each once.

use std::collections::HashSet;

use super::{File, Placed};
use crate::diag::Code;
use crate::yaml::Part;

/// Y-13, Y-16, P-01: `team` or `teams`, or a default, and none of them twice.
pub(super) fn there_is_a_team(file: &mut File<'_>) {
    let playbook = file.playbook;
    if playbook.team.is_some() && playbook.teams.is_some() {
        let span = file.place("/team", Part::Key);
        let message = "`team` and `teams` exclude each other";
        let finding = file
            .at_key(Code::ConflictingKeys, "/teams", message)
            .label("keep one of the two")
            .related(file.source(), span, "the other one");
        file.push(finding);
    }
    let mut seen = HashSet::new();
    for (index, team) in playbook.teams.iter().flatten().enumerate() {
        if !seen.insert(team) {
            let message = format!("the team `{team}` appears twice in this list");
            let finding = file
                .at_value(Code::DuplicateKey, &format!("/teams/{index}"), message)
                .label("remove it");
            file.push(finding);
        }
    }
    // With a broken `warroom.yaml`, nobody knows the default.
    let settings = file.around.settings.as_ref();
    let has_default = settings.is_none_or(|s| s.team.is_some());
    if playbook.team.is_none() && playbook.teams.is_none() && !has_default {
        let message = "this playbook names no team, and `warroom.yaml` has no default";
        let finding = file
            .at_key(Code::MissingKey, "/key", message)
            .label("add `team: NAME` to this file")
            .help("or add `team: NAME` to `warroom.yaml`, for every playbook that names none");
        file.push(finding);
    }
}
