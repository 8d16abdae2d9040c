//! Who does the tasks: people who are there, jobs that exist, and not one for all.

use std::collections::HashMap;

use crate::diag::Level;
use crate::lint::scope::{PlaybookScope, Scope, WorkspaceScope};
use crate::model::{Assign, Visibility};
use crate::workspace::SETTINGS;

/// More tasks than this nobody does in one incident.
const MOST_TASKS: usize = 12;
/// A checklist with fewer tasks may well belong to one person.
const WHOLE_CHECKLIST: usize = 3;

/// U-05: the server refuses a task for somebody who is not invited.
pub(super) fn invited(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let named = playbook
        .tasks()
        .filter_map(|(checklist, index, task)| match &task.assign {
            Some(Assign::User(name)) => Some((checklist, index, name)),
            _ => None,
        });
    let mut named = named.peekable();
    if named.peek().is_none() {
        return;
    }
    let Some(invited) = scope.around.everybody(&playbook.start.invite) else {
        return;
    };
    for (checklist, index, name) in named {
        if invited.contains(name) {
            continue;
        }
        let pointer = format!("/checklists/{checklist}/tasks/{index}/assign");
        let message = format!("this task is assigned to `{name}`, who is not invited");
        let label = if playbook.start.invite.is_empty() {
            format!("add `start: {{ invite: [{name}] }}`")
        } else {
            format!("add `{name}` to `start.invite`")
        };
        let finding = scope.at_value(&pointer, message).label(label).help(
            "Mattermost refuses a playbook that assigns a task to somebody it does not invite",
        );
        scope.report(finding);
    }
}

/// U-08: whoever commands must be able to start from the playbook, and to read it.
pub(super) fn commander(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let Some(commander) = &playbook.start.commander else {
        return;
    };
    let permissions = scope.around.permissions;
    let Some(profile) = permissions.profiles.get(&playbook.access) else {
        return;
    };
    let access = &profile.playbook;
    let elsewhere = playbook
        .unmanaged
        .contains(&crate::model::Unmanaged::Members);
    if access.visibility == Visibility::Public || elsewhere {
        return;
    }
    let members = scope
        .around
        .everybody(access.users.iter().chain(&access.editors));
    if members.is_none_or(|members| members.contains(commander)) {
        return;
    }
    let message = format!("`{commander}` is the commander, but cannot see this playbook");
    let name = &playbook.access;
    let finding = scope
        .at_value("/start/commander", message)
        .label(format!(
            "add `{commander}` to `use` of the profile `{name}`"
        ))
        .help(
            "the playbook is private: whoever is not in its profile cannot open it in Mattermost",
        );
    scope.report(finding);
}

/// U-09: what hangs on one person.
pub(super) fn overload(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let mut counts: HashMap<(u8, &str), (usize, usize, usize)> = HashMap::new();
    let mut over = Vec::new();
    for (checklist, index, task) in playbook.tasks() {
        // Of variants, an incident has only some.
        let (Some(assign), None) = (&task.assign, &task.when) else {
            continue;
        };
        let (.., count) = counts
            .entry(identity(assign))
            .and_modify(|(.., count)| *count += 1)
            .or_insert((checklist, index, 1));
        if *count == MOST_TASKS + 1 {
            over.push(assign);
        }
    }
    for assign in over {
        let (checklist, index, count) = counts[&identity(assign)];
        let pointer = format!("/checklists/{checklist}/tasks/{index}/assign");
        let message = format!("`{assign}` has {count} tasks in this playbook");
        let finding = scope
            .at_value(&pointer, message)
            .label("give some of them to another role")
            .help(format!(
                "more than {MOST_TASKS} are too many for one incident"
            ));
        scope.report(finding);
    }
    for (index, checklist) in playbook.checklists.iter().enumerate() {
        let Some(Assign::User(name)) = checklist.tasks.first().and_then(|t| t.assign.as_ref())
        else {
            continue;
        };
        let theirs = |assign: &Option<Assign>| matches!(assign, Some(Assign::User(n)) if n == name);
        if checklist.tasks.len() < WHOLE_CHECKLIST
            || !checklist.tasks.iter().all(|t| theirs(&t.assign))
        {
            continue;
        }
        let finding = scope
            .at_value(
                &format!("/checklists/{index}/title"),
                format!("every task in this checklist is assigned to `{name}`"),
            )
            .label("give them to a role, or to the commander")
            .help("people sleep, travel and leave; a role is filled by whoever is there");
        scope.report(finding);
    }
}

/// What tells assignees apart.
fn identity(assign: &Assign) -> (u8, &str) {
    match assign {
        Assign::Commander => (0, ""),
        Assign::Creator => (1, ""),
        Assign::Role(role) => (2, role.as_str()),
        Assign::Attribute(key) => (3, key.as_str()),
        Assign::User(name) => (4, name.as_str()),
    }
}

/// U-10: roles that no playbook and no template uses; those that do not exist are a matter
/// of the structure.
pub(super) fn unused_roles(scope: &mut WorkspaceScope<'_>) {
    if scope.playbooks.is_empty() || scope.not_understood > 0 {
        return;
    }
    for role in scope.around.settings.roles.keys() {
        let used = scope
            .playbooks
            .iter()
            .any(|(_, inner)| inner.roles.contains(role));
        if used || scope.around.templates_mention(role.as_str()) {
            continue;
        }
        let message = format!("no task in any playbook is assigned to the role `{role}`");
        let finding = scope
            .at_key(SETTINGS, &format!("/roles/{role}"), message)
            .level(Level::Warning)
            .label(format!(
                "give it work with `assign: role:{role}`, or remove it"
            ));
        scope.report(finding);
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::diag::Code;
    use crate::lint::tests::messages;

    fn found(code: Code, text: &str) -> Vec<String> {
        messages(code, &[("playbooks/outage.yaml", text)])
    }

    fn tasks(assignments: &[&str]) -> String {
        let mut text = "checklists:\n  - key: a\n    title: A\n    tasks:\n".to_owned();
        for (n, assign) in assignments.iter().enumerate() {
            writeln!(
                text,
                "      - {{ key: t{n}, title: T{n}, assign: {assign} }}"
            )
            .unwrap();
        }
        text
    }

    #[test]
    fn members_of_an_invited_group_are_invited_and_groups_of_mattermost_are_not_known() {
        let list = tasks(&["user:alice", "commander", "user:dave"]);
        let message = "this task is assigned to `dave`, who is not invited";
        assert_eq!(
            found(Code::AssigneeNotInvited, &list),
            [format!("13: {message}")]
        );
        let nobody = format!("start: {{}}\n{}", tasks(&["user:alice"]));
        assert_eq!(
            found(Code::AssigneeNotInvited, &nobody),
            ["10: this task is assigned to `alice`, who is not invited"]
        );
        let groups = "groups: { sre: { mattermost_group: sre-oncall } }\n";
        let files = [
            ("permissions.yaml", groups),
            ("playbooks/outage.yaml", list.as_str()),
        ];
        assert!(messages(Code::AssigneeNotInvited, &files).is_empty());
    }

    #[test]
    fn a_commander_needs_no_place_in_a_public_profile() {
        let start = "start: { invite: [group:sre], commander: dave }\n";
        let found = |access: &str| {
            let profiles = format!("profiles: {{ everybody: {{ playbook: {access} }} }}\n");
            let files = [
                ("permissions.yaml", profiles.as_str()),
                ("playbooks/outage.yaml", start),
            ];
            messages(Code::SingleCommander, &files)
        };
        assert!(found("{ visibility: public }").is_empty());
        assert!(found("{ use: [group:sre], edit: [dave] }").is_empty());
        assert!(found("{ use: [dave], edit: [carol] }").is_empty());
        assert_eq!(
            found("{ use: [group:sre], edit: [carol] }"),
            ["5: `dave` is the commander, but cannot see this playbook"]
        );
    }

    #[test]
    fn twelve_tasks_are_fine_and_thirteen_are_not() {
        assert!(found(Code::Overload, &tasks(&["role:comms"; 12])).is_empty());
        let many = [["commander"; 13], ["role:comms"; 13]].concat();
        assert_eq!(
            found(Code::Overload, &tasks(&many)),
            [
                "11: `commander` has 13 tasks in this playbook",
                "24: `role:comms` has 13 tasks in this playbook",
            ]
        );
    }

    #[test]
    fn a_checklist_may_belong_to_a_role_but_not_to_a_person() {
        for fine in [&["commander"; 4], &["role:comms"; 4]] {
            assert!(found(Code::Overload, &tasks(fine)).is_empty());
        }
        assert!(found(Code::Overload, &tasks(&["user:bob", "user:bob"])).is_empty());
        assert!(
            found(
                Code::Overload,
                &tasks(&["user:bob", "user:bob", "commander"])
            )
            .is_empty()
        );
        assert_eq!(
            found(Code::Overload, &tasks(&["user:bob"; 3])),
            ["9: every task in this checklist is assigned to `bob`"]
        );
    }

    #[test]
    fn a_role_that_a_template_names_is_in_use() {
        let roles = (
            "warroom.yaml",
            "roles:\n  comms: { title: Communications }\n  scribe: { title: Scribe }\n",
        );
        assert_eq!(
            messages(Code::RoleUndefined, &[roles]),
            ["9: no task in any playbook is assigned to the role `scribe`"]
        );
        let template = (
            "templates/welcome.md.j2",
            "Ask {{ incident.roles.scribe }}\n",
        );
        assert!(messages(Code::RoleUndefined, &[roles, template]).is_empty());
        let broken = ("playbooks/broken.yaml", "[\n");
        assert!(messages(Code::RoleUndefined, &[roles, broken]).is_empty());
    }
}
