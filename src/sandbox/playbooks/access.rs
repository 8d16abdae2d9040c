//! Who may do what with a playbook.
//!
//! Owns the plugin's rules: the playbook's own roles first, then those of the
//! team. Whoever is no member of a public playbook acts as one of its members.

use super::object::Playbook;
use crate::sandbox::reply::Reply;
use crate::sandbox::world::World;

/// What one can do with a playbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    View,
    ManageProperties,
    ManageMembers,
    ManageRoles,
    MakePrivate,
    MakePublic,
    CreateRun,
}

impl Right {
    fn permission(self, public: bool) -> &'static str {
        match (self, public) {
            (Self::View, true) => "playbook_public_view",
            (Self::View, false) => "playbook_private_view",
            (Self::ManageProperties, true) => "playbook_public_manage_properties",
            (Self::ManageProperties, false) => "playbook_private_manage_properties",
            (Self::ManageMembers, true) => "playbook_public_manage_members",
            (Self::ManageMembers, false) => "playbook_private_manage_members",
            (Self::ManageRoles, true) => "playbook_public_manage_roles",
            (Self::ManageRoles, false) => "playbook_private_manage_roles",
            (Self::MakePrivate, _) => "playbook_public_make_private",
            (Self::MakePublic, _) => "playbook_private_make_public",
            (Self::CreateRun, _) => "run_create",
        }
    }
}

impl World {
    /// Whether somebody has a right in a playbook.
    pub(crate) fn may_with_playbook(&self, user: &str, playbook: &Playbook, right: Right) -> bool {
        let permission = right.permission(playbook.public);
        let roles: Vec<&str> = match playbook.member(user) {
            Some(member) => member.roles.iter().map(String::as_str).collect(),
            None if playbook.public => vec!["playbook_member"],
            None => Vec::new(),
        };
        self.may_in_team(user, &playbook.team_id, "view_team")
            && (self.roles_grant(roles, permission)
                || self.may_in_team(user, &playbook.team_id, permission))
    }

    /// Whether somebody may change a playbook, its lock included.
    pub(crate) fn may_edit_playbook(&self, user: &str, playbook: &Playbook) -> bool {
        self.may_with_playbook(user, playbook, Right::ManageProperties)
            && (!playbook.admin_only_edit || self.administers_playbook(user, playbook))
    }

    /// Whether somebody administers a playbook, as its admin or the server's.
    pub(crate) fn administers_playbook(&self, user: &str, playbook: &Playbook) -> bool {
        let admin = playbook
            .member(user)
            .is_some_and(|member| member.roles.iter().any(|role| role == "playbook_admin"));
        admin || self.is_system_admin(user)
    }

    /// A playbook that the caller may see; the plugin tells nobody which of both failed.
    pub(crate) fn visible_playbook(&self, user: &str, id: &str) -> Result<&Playbook, Reply> {
        self.playbooks
            .get(id)
            .filter(|playbook| self.may_with_playbook(user, playbook, Right::View))
            .ok_or_else(Reply::forbidden)
    }

    /// A playbook that the caller may change; an unknown one is an internal error.
    pub(crate) fn editable_playbook(&self, user: &str, id: &str) -> Result<&Playbook, Reply> {
        let playbook = self.playbooks.get(id).ok_or_else(Reply::internal)?;
        if self.may_edit_playbook(user, playbook) {
            Ok(playbook)
        } else {
            Err(Reply::forbidden())
        }
    }

    /// Whether somebody may write into all of some channels.
    pub(crate) fn may_post_in_all(&self, user: &str, channels: &[String]) -> bool {
        channels
            .iter()
            .all(|channel| self.may_in_channel(user, channel, "create_post"))
    }
}
