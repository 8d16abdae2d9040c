//! Profiles, groups and roles: whoever is named is declared.
//!
//! Whether people exist only the server knows.

use super::super::PERMISSIONS;
use super::{File, Placed, Surroundings, choose};
use crate::diag::{Code, Finding};
use crate::model::{Assign, Key, Permissions, Person};

/// Y-17: `access` names a profile of `permissions.yaml`.
pub(super) fn the_profile_exists(file: &mut File<'_>) {
    let Some(permissions) = &file.around.permissions else {
        return;
    };
    let profile = &file.playbook.access;
    if permissions.profiles.contains_key(profile) {
        return;
    }
    let message = format!("`permissions.yaml` has no profile `{profile}`");
    let finding = file.at_value(Code::UnknownReference, "/access", message);
    let profiles = permissions.profiles.keys().map(Key::as_str);
    file.push(choose(finding, ("", profile.as_str()), profiles, |all| {
        format!("profiles are defined under `profiles:`; it has {all}")
    }));
}

/// Y-17: `group:NAME` names a group of `permissions.yaml`.
pub(super) fn groups_exist(file: &mut File<'_>) {
    let Some(permissions) = &file.around.permissions else {
        return;
    };
    for (index, person) in file.playbook.start.invite.iter().enumerate() {
        let pointer = || format!("/start/invite/{index}");
        let found = unknown_group(permissions, file.tree, pointer, person);
        file.findings.extend(found);
    }
}

/// Y-17: the same within `permissions.yaml`.
pub(super) fn groups_of_profiles_exist(around: &Surroundings<'_>, findings: &mut Vec<Finding>) {
    let Some(permissions) = &around.permissions else {
        return;
    };
    let document = around.document(PERMISSIONS);
    for (name, profile) in &permissions.profiles {
        let users = profile.playbook.users.iter().enumerate();
        let editors = profile.playbook.editors.iter().enumerate();
        let users = users.map(|entry| ("use", entry));
        for (list, (index, person)) in users.chain(editors.map(|entry| ("edit", entry))) {
            let pointer = || format!("/profiles/{name}/playbook/{list}/{index}");
            findings.extend(unknown_group(permissions, &document, pointer, person));
        }
    }
}

fn unknown_group(
    permissions: &Permissions,
    document: &impl Placed,
    pointer: impl Fn() -> String,
    person: &Person,
) -> Option<Finding> {
    let Person::Group(group) = person else {
        return None;
    };
    if permissions.groups.contains_key(group) {
        return None;
    }
    let message = format!("`permissions.yaml` has no group `{group}`");
    let finding = document.at_value(Code::UnknownReference, &pointer(), message);
    let names = permissions.groups.keys().map(Key::as_str);
    Some(choose(finding, ("group:", group.as_str()), names, |all| {
        format!("groups are defined under `groups:`; it has {all}")
    }))
}

/// U-10: `assign: role:NAME` names a role of `warroom.yaml`.
pub(super) fn roles_are_defined(file: &mut File<'_>) {
    let Some(settings) = &file.around.settings else {
        return;
    };
    for (checklist, index, task) in file.playbook.tasks() {
        let Some(Assign::Role(role)) = &task.assign else {
            continue;
        };
        if settings.roles.contains_key(role) {
            continue;
        }
        let pointer = format!("/checklists/{checklist}/tasks/{index}/assign");
        let message = format!("`warroom.yaml` defines no role `{role}`");
        let finding = file.at_value(Code::RoleUndefined, &pointer, message);
        let roles = settings.roles.keys().map(Key::as_str);
        file.push(choose(finding, ("role:", role.as_str()), roles, |all| {
            format!(
                "roles are defined under `roles:`; it has {all}; the commander is `assign: commander`"
            )
        }));
    }
}
