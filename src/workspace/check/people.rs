//! Profiles, groups and roles: whoever is named is declared.
//!
//! Whether people exist only the server knows.

use super::{PERMISSIONS, Sink, choose};
use crate::diag::{Code, Finding};
use crate::model::{Assign, Key, Person};

/// Y-17: `access` names a profile of `permissions.yaml`.
pub(super) fn profiles_exist(sink: &mut Sink<'_>) {
    let Some(permissions) = &sink.parts.permissions else {
        return;
    };
    for loaded in sink.playbooks() {
        let profile = &loaded.playbook.access;
        if permissions.profiles.contains_key(profile) {
            continue;
        }
        let message = format!("`permissions.yaml` has no profile `{profile}`");
        let finding = sink.at_value(Code::UnknownReference, &loaded.path, "/access", message);
        let profiles = permissions.profiles.keys().map(Key::as_str);
        sink.push(choose(finding, profile.as_str(), profiles, |all| {
            format!("profiles stand under `profiles:`; there are: {all}")
        }));
    }
}

/// Y-17: `group:NAME` names a group of `permissions.yaml`.
pub(super) fn groups_exist(sink: &mut Sink<'_>) {
    let Some(permissions) = &sink.parts.permissions else {
        return;
    };
    for loaded in sink.playbooks() {
        for (index, person) in loaded.playbook.start.invite.iter().enumerate() {
            let pointer = format!("/start/invite/{index}");
            sink.findings
                .extend(unknown_group(sink, &loaded.path, &pointer, person));
        }
    }
    for (name, profile) in &permissions.profiles {
        let users = profile.playbook.users.iter().map(|person| ("use", person));
        let editors = profile
            .playbook
            .editors
            .iter()
            .map(|person| ("edit", person));
        for (index, (list, person)) in users.enumerate().chain(editors.enumerate()) {
            let pointer = format!("/profiles/{name}/playbook/{list}/{index}");
            sink.findings
                .extend(unknown_group(sink, PERMISSIONS, &pointer, person));
        }
    }
}

fn unknown_group(sink: &Sink<'_>, path: &str, pointer: &str, person: &Person) -> Option<Finding> {
    let groups = &sink.parts.permissions.as_ref()?.groups;
    let Person::Group(group) = person else {
        return None;
    };
    if groups.contains_key(group) {
        return None;
    }
    let message = format!("`permissions.yaml` has no group `{group}`");
    let finding = sink.at_value(Code::UnknownReference, path, pointer, message);
    let names = groups.keys().map(Key::as_str);
    Some(choose(finding, group.as_str(), names, |all| {
        format!("groups stand under `groups:`; there are: {all}")
    }))
}

/// U-10: `assign: role:NAME` names a role of `warroom.yaml`.
pub(super) fn roles_are_defined(sink: &mut Sink<'_>) {
    let Some(settings) = &sink.parts.settings else {
        return;
    };
    for loaded in sink.playbooks() {
        for (checklist, index, task) in loaded.playbook.tasks() {
            let Some(Assign::Role(role)) = &task.assign else {
                continue;
            };
            if settings.roles.contains_key(role) {
                continue;
            }
            let pointer = format!("/checklists/{checklist}/tasks/{index}/assign");
            let message = format!("`warroom.yaml` defines no role `{role}`");
            let finding = sink.at_value(Code::UndefinedRole, &loaded.path, &pointer, message);
            let roles = settings.roles.keys().map(Key::as_str);
            sink.push(choose(finding, role.as_str(), roles, |all| {
                format!("roles stand under `roles:`; there are: {all}; the commander is `assign: commander`")
            }));
        }
    }
}
