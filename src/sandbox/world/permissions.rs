//! Roles, and who may do what.
//!
//! Owns the roles with their permissions and the cascade channel → team →
//! system. Roles can be patched, and what follows from them follows at once.

use serde_json::{Value, json};

use super::World;
use crate::sandbox::ids::Id;
use crate::sandbox::table::Row;

/// A role of the server.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) create_at: i64,
    pub(crate) update_at: i64,
    pub(crate) permissions: Vec<String>,
}

impl Row for Role {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Role {
    /// A role that came with the server.
    pub(crate) fn new(id: Id, now: i64, name: &str, display: &str, permissions: &[&str]) -> Self {
        Self {
            id,
            name: name.to_owned(),
            display_name: display.to_owned(),
            create_at: now,
            update_at: now,
            permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
        }
    }

    /// The role as everybody sees it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "display_name": format!("authentication.roles.{}.name", self.display_name),
            "description": format!("authentication.roles.{}.description", self.display_name),
            "create_at": self.create_at,
            "update_at": self.update_at,
            "delete_at": 0,
            "permissions": self.permissions,
            "scheme_managed": true,
            "built_in": true,
            "scheme_id": null,
        })
    }
}

/// Name, name in translations, and permissions of the roles that come with the server.
///
/// Of the roles of core only what the stand-in asks for.
pub(crate) const DEFAULT_ROLES: [(&str, &str, &[&str]); 11] = [
    ("system_admin", "global_admin", &["manage_system"]),
    (
        "system_user",
        "global_user",
        &[
            "create_direct_channel",
            "create_group_channel",
            "view_members",
        ],
    ),
    (
        "system_guest",
        "global_guest",
        &["create_group_channel", "create_direct_channel"],
    ),
    (
        "team_user",
        "team_user",
        &[
            "list_team_channels",
            "join_public_channels",
            "read_public_channel",
            "view_team",
            "create_public_channel",
            "create_private_channel",
            "invite_user",
            "add_user_to_team",
            "playbook_public_create",
            "playbook_private_create",
        ],
    ),
    (
        "team_admin",
        "team_admin",
        &[
            "manage_team",
            "manage_roles",
            "delete_others_posts",
            "playbook_public_manage_roles",
            "playbook_private_manage_roles",
        ],
    ),
    (
        "channel_user",
        "channel_user",
        &[
            "read_channel",
            "read_channel_content",
            "add_reaction",
            "remove_reaction",
            "manage_public_channel_members",
            "manage_private_channel_members",
            "upload_file",
            "create_post",
            "use_channel_mentions",
            "manage_public_channel_properties",
            "manage_private_channel_properties",
            "delete_public_channel",
            "delete_private_channel",
            "edit_post",
            "delete_post",
        ],
    ),
    ("channel_admin", "channel_admin", &["manage_channel_roles"]),
    (
        "playbook_admin",
        "playbook_admin",
        &[
            "playbook_public_manage_members",
            "playbook_public_manage_roles",
            "playbook_public_manage_properties",
            "playbook_private_manage_members",
            "playbook_private_manage_roles",
            "playbook_private_manage_properties",
            "playbook_public_make_private",
        ],
    ),
    (
        "playbook_member",
        "playbook_member",
        &[
            "playbook_private_manage_members",
            "playbook_private_manage_properties",
            "playbook_private_view",
            "playbook_public_manage_members",
            "playbook_public_manage_properties",
            "playbook_public_view",
            "run_create",
        ],
    ),
    (
        "run_admin",
        "run_admin",
        &["run_manage_members", "run_manage_properties"],
    ),
    ("run_member", "run_member", &["run_view"]),
];

impl World {
    /// Whether one of some roles carries a permission.
    pub(crate) fn roles_grant<'r>(
        &self,
        roles: impl IntoIterator<Item = &'r str>,
        permission: &str,
    ) -> bool {
        roles.into_iter().any(|name| {
            self.roles
                .iter()
                .find(|role| role.name == name)
                .is_some_and(|role| role.permissions.iter().any(|p| p == permission))
        })
    }

    /// Whether somebody administers the whole server.
    pub(crate) fn is_system_admin(&self, user: &str) -> bool {
        self.users
            .get(user)
            .is_some_and(super::User::is_system_admin)
    }

    /// Whether somebody has a permission everywhere.
    pub(crate) fn may(&self, user: &str, permission: &str) -> bool {
        self.users.get(user).is_some_and(|user| {
            user.is_system_admin()
                || self.roles_grant(user.roles.iter().map(String::as_str), permission)
        })
    }

    /// Whether somebody has a permission in a team.
    pub(crate) fn may_in_team(&self, user: &str, team: &str, permission: &str) -> bool {
        let Some(row) = self.teams.get(team) else {
            return false;
        };
        let through_team = row.members.get(user).is_some_and(|member| {
            let roles = ["team_user", "team_admin"];
            self.roles_grant(
                roles.into_iter().take(1 + usize::from(member.is_admin)),
                permission,
            )
        });
        through_team || self.may(user, permission)
    }

    /// Whether somebody has a permission in a channel.
    pub(crate) fn may_in_channel(&self, user: &str, channel: &str, permission: &str) -> bool {
        let Some(row) = self.channels.get(channel) else {
            return false;
        };
        let through_channel = row.members.get(user).is_some_and(|member| {
            let roles = ["channel_user", "channel_admin"];
            self.roles_grant(
                roles.into_iter().take(1 + usize::from(member.is_admin)),
                permission,
            )
        });
        through_channel
            || self.may_in_team(user, &row.team, permission)
            || self.may(user, permission)
    }
}
