//! Channels and who is in them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::World;
use crate::sandbox::ids::Id;
use crate::sandbox::table::Row;

/// A channel; direct and group messages too.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) id: Id,
    /// Empty for direct and group messages.
    pub(crate) team: Id,
    /// `O`, `P`, `D` or `G`.
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) header: String,
    pub(crate) purpose: String,
    pub(crate) creator: Id,
    pub(crate) create_at: i64,
    pub(crate) update_at: i64,
    pub(crate) delete_at: i64,
    pub(crate) members: BTreeMap<Id, ChannelMember>,
}

/// How somebody is in a channel.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChannelMember {
    pub(crate) is_admin: bool,
}

impl Row for Channel {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Channel {
    /// Whether it belongs to no team.
    pub(crate) fn is_conversation(&self) -> bool {
        matches!(self.kind.as_str(), "D" | "G")
    }
}

impl World {
    /// The channel as everybody sees it.
    pub(crate) fn channel_json(&self, channel: &Channel) -> Value {
        let posts = self.posts.iter().filter(|post| post.channel == channel.id);
        let roots = posts.clone().filter(|post| post.root.is_empty());
        let last = posts.clone().map(|post| post.create_at).max();
        let last_root = roots.clone().map(|post| post.create_at).max();
        json!({
            "id": channel.id,
            "create_at": channel.create_at,
            "update_at": channel.update_at,
            "delete_at": channel.delete_at,
            "team_id": channel.team,
            "type": channel.kind,
            "display_name": channel.display_name,
            "name": channel.name,
            "header": channel.header,
            "purpose": channel.purpose,
            "last_post_at": last.unwrap_or_default(),
            "total_msg_count": posts.count(),
            "extra_update_at": 0,
            "creator_id": channel.creator,
            "scheme_id": null,
            "props": null,
            "group_constrained": null,
            "autotranslation": false,
            "shared": if channel.is_conversation() { json!(false) } else { Value::Null },
            "total_msg_count_root": roots.count(),
            "policy_id": null,
            "last_root_post_at": last_root.unwrap_or_default(),
            "banner_info": null,
            "policy_enforced": false,
            "policy_is_active": false,
            "default_category_name": "",
        })
    }

    /// The channel of that name in a team, archived ones too.
    pub(crate) fn channel_named(&self, team: &str, name: &str) -> Option<&Channel> {
        self.channels
            .iter()
            .find(|channel| channel.team == team && channel.name == name)
    }

    /// Adds a channel without members.
    pub(crate) fn add_channel(
        &mut self,
        team: &str,
        name: &str,
        display_name: &str,
        kind: &str,
        creator: &str,
    ) -> Id {
        let now = self.now();
        let channel = Channel {
            id: self.new_id(),
            team: team.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            header: String::new(),
            purpose: String::new(),
            creator: creator.to_owned(),
            create_at: now,
            update_at: now,
            delete_at: 0,
            members: BTreeMap::new(),
        };
        let id = channel.id.clone();
        self.channels.insert(channel);
        id
    }

    /// Puts somebody into a channel, silently; whoever is in it keeps their role.
    pub(crate) fn join_channel(&mut self, channel: &str, user: &str, is_admin: bool) {
        if let Some(channel) = self.channels.get_mut(channel) {
            let member = channel.members.entry(user.to_owned()).or_default();
            member.is_admin |= is_admin;
        }
    }

    /// Whether somebody is in a channel.
    pub(crate) fn is_in_channel(&self, user: &str, channel: &str) -> bool {
        self.channels
            .get(channel)
            .is_some_and(|channel| channel.members.contains_key(user))
    }
}

impl World {
    /// Takes somebody out of a channel.
    pub(crate) fn leave_channel(&mut self, channel: &str, user: &str) {
        if let Some(channel) = self.channels.get_mut(channel) {
            channel.members.remove(user);
        }
    }

    /// Archives a channel, with the post that tells of it.
    pub(crate) fn archive_channel(&mut self, channel: &str, by: &str) {
        let message = format!("{} archived the channel.", self.username(by));
        self.post_system(channel, by, "system_channel_deleted", &message);
        let now = self.now();
        if let Some(channel) = self.channels.get_mut(channel) {
            channel.delete_at = now;
            channel.update_at = now;
        }
    }

    /// Brings an archived channel back.
    pub(crate) fn restore_channel(&mut self, channel: &str, by: &str) {
        let now = self.now();
        if let Some(channel) = self.channels.get_mut(channel) {
            channel.delete_at = 0;
            channel.update_at = now;
        }
        let message = format!("{} unarchived the channel.", self.username(by));
        self.post_system(channel, by, "system_channel_restored", &message);
    }
}
