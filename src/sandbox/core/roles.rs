//! Roles, which can be patched without a licence.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::system::require_admin;
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::{DEFAULT_ROLES, Role, World};

pub(super) const ROUTES: &[Route] = &[
    route("GET", "/api/v4/roles", list),
    route("POST", "/api/v4/roles/names", by_names),
    route("GET", "/api/v4/roles/name/{name}", by_name),
    route("PUT", "/api/v4/roles/{role_id}/patch", patch),
];

/// Permissions that no default role carries, but that the server knows.
const UNASSIGNED: [&str; 6] = [
    "playbook_private_make_public",
    "playbook_public_make_private",
    "run_view",
    "edit_others_posts",
    "manage_slash_commands",
    "manage_incoming_webhooks",
];

fn list(world: &mut World, call: &Call) -> Answer {
    require_admin(world, call, "manage_system")?;
    let roles: Vec<Value> = world.roles.iter().map(Role::json).collect();
    Ok(Reply::ok(roles))
}

fn by_names(world: &mut World, call: &Call) -> Answer {
    let names: Vec<String> = call
        .value()
        .and_then(|value| serde_json::from_value(value).ok())
        .ok_or_else(|| Reply::bad_body("rolenames"))?;
    let roles = world.roles.iter().filter(|role| names.contains(&role.name));
    Ok(Reply::ok(roles.map(Role::json).collect::<Vec<_>>()))
}

fn by_name(world: &mut World, call: &Call) -> Answer {
    let name = call.param("name");
    let role = world.roles.iter().find(|role| role.name == name);
    let role = role.ok_or_else(|| {
        Reply::core(
            404,
            "app.role.get_by_name.app_error",
            "Unable to get role.",
            format!("resource \"Role\" not found, id: name={name}"),
        )
    })?;
    Ok(Reply::ok(role.json()))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Patch {
    permissions: Option<BTreeSet<String>>,
}

fn patch(world: &mut World, call: &Call) -> Answer {
    let patch: Patch = call.decode().ok_or_else(|| Reply::bad_body("role"))?;
    let id = call.param("role_id");
    let mut role = world.roles.get(id).cloned().ok_or_else(|| {
        Reply::core(
            404,
            "app.role.get.app_error",
            "Unable to get role.",
            format!("resource \"Role\" not found, id: {id}"),
        )
    })?;
    if role.name.ends_with("_guest") {
        return Err(Reply::core(
            501,
            "api.roles.patch_roles.license.error",
            "Your license does not support advanced permissions.",
            "",
        ));
    }
    require_admin(world, call, "sysconsole_write_user_management_permissions")?;
    if let Some(permissions) = patch.permissions {
        let known = |name: &String| {
            UNASSIGNED.contains(&name.as_str())
                || world
                    .roles
                    .iter()
                    .any(|role| role.permissions.contains(name))
                || DEFAULT_ROLES
                    .iter()
                    .any(|(_, _, known)| known.contains(&name.as_str()))
        };
        if !permissions.iter().all(known) {
            return Err(Reply::core(
                400,
                "app.role.save.invalid_role.app_error",
                "The role was not valid.",
                "invalid input: entity: Role",
            ));
        }
        role.permissions = permissions.into_iter().collect();
        role.update_at = world.now();
    }
    let answer = role.json();
    world.roles.insert(role);
    Ok(Reply::ok(answer))
}
