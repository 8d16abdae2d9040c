//! Teams and who is in them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::World;
use crate::sandbox::ids::Id;
use crate::sandbox::table::Row;

/// A team.
#[derive(Debug, Clone)]
pub(crate) struct Team {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) email: String,
    pub(crate) invite_id: Id,
    /// `O` or `I`.
    pub(crate) kind: String,
    pub(crate) create_at: i64,
    pub(crate) update_at: i64,
    pub(crate) delete_at: i64,
    pub(crate) members: BTreeMap<Id, TeamMember>,
}

/// How somebody is in a team.
#[derive(Debug, Clone, Default)]
pub(crate) struct TeamMember {
    pub(crate) is_admin: bool,
}

impl Row for Team {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Team {
    /// The team as everybody sees it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "create_at": self.create_at,
            "update_at": self.update_at,
            "delete_at": self.delete_at,
            "display_name": self.display_name,
            "name": self.name,
            "description": "",
            "email": self.email,
            "type": self.kind,
            "company_name": "",
            "allowed_domains": "",
            "invite_id": self.invite_id,
            "allow_open_invite": false,
            "scheme_id": null,
            "group_constrained": null,
            "policy_id": null,
            "cloud_limits_archived": false,
        })
    }

    /// A membership.
    pub(crate) fn member_json(&self, user: &str) -> Option<Value> {
        let member = self.members.get(user)?;
        let roles = if member.is_admin {
            "team_user team_admin"
        } else {
            "team_user"
        };
        Some(json!({
            "team_id": self.id,
            "user_id": user,
            "roles": roles,
            "delete_at": 0,
            "scheme_guest": false,
            "scheme_user": true,
            "scheme_admin": member.is_admin,
            "explicit_roles": "",
        }))
    }
}

impl World {
    /// The team of that name, upper or lower case.
    pub(crate) fn team_named(&self, name: &str) -> Option<&Team> {
        let name = name.to_lowercase();
        self.teams.iter().find(|team| team.name == name)
    }

    /// Whether somebody is in a team.
    pub(crate) fn is_on_team(&self, user: &str, team: &str) -> bool {
        self.teams
            .get(team)
            .is_some_and(|team| team.members.contains_key(user))
    }

    /// The teams somebody is in.
    pub(crate) fn teams_of(&self, user: &str) -> Vec<&Team> {
        self.teams
            .iter()
            .filter(|team| team.members.contains_key(user) && team.delete_at == 0)
            .collect()
    }

    /// Adds a team with its two default channels; nobody is in it yet.
    pub(crate) fn add_team(&mut self, name: &str, display_name: &str, email: &str) -> Id {
        let now = self.now();
        let team = Team {
            id: self.new_id(),
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            email: email.to_owned(),
            invite_id: self.new_id(),
            kind: "O".to_owned(),
            create_at: now,
            update_at: now,
            delete_at: 0,
            members: BTreeMap::new(),
        };
        let id = team.id.clone();
        self.teams.insert(team);
        for (name, display_name) in [("town-square", "Town Square"), ("off-topic", "Off-Topic")] {
            self.add_channel(&id, name, display_name, "O", "");
        }
        id
    }

    /// Puts somebody into a team and its default channels.
    pub(crate) fn join_team(&mut self, team: &str, user: &str, is_admin: bool) {
        let Some(row) = self.teams.get_mut(team) else {
            return;
        };
        row.members.insert(user.to_owned(), TeamMember { is_admin });
        for name in ["town-square", "off-topic"] {
            if let Some(channel) = self.channel_named(team, name).map(|c| c.id.clone()) {
                self.join_channel(&channel, user, false);
            }
        }
    }
}
