//! What the core API sends: users, teams, channels, posts, preferences.
//!
//! Source: Mattermost API v4. Only the keys that warroom uses; the rest of a
//! post is kept, since nothing else is ever written back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::mattermost::ids::{ChannelId, PostId, TeamId, UserId};
use crate::mattermost::wire::{Millis, Rest, nullable};

/// A person or a bot. Others than oneself come with fewer keys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name after `@`, in lower case.
    pub username: String,
    /// The e-mail address; hidden by some servers.
    #[serde(deserialize_with = "nullable")]
    pub email: String,
    /// First name.
    #[serde(deserialize_with = "nullable")]
    pub first_name: String,
    /// Last name.
    #[serde(deserialize_with = "nullable")]
    pub last_name: String,
    /// Nickname.
    #[serde(deserialize_with = "nullable")]
    pub nickname: String,
    /// Roles on the whole server, separated by blanks.
    #[serde(deserialize_with = "nullable")]
    pub roles: String,
    /// Whether it is a bot.
    #[serde(deserialize_with = "nullable")]
    pub is_bot: bool,
    /// When it was deactivated.
    #[serde(deserialize_with = "nullable")]
    pub delete_at: Millis,
}

impl User {
    /// Whether it may do everything.
    #[must_use]
    pub fn is_system_admin(&self) -> bool {
        self.roles.split(' ').any(|role| role == "system_admin")
    }
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name in addresses.
    pub name: String,
    /// Its name for people.
    #[serde(deserialize_with = "nullable")]
    pub display_name: String,
    /// When it was archived.
    #[serde(deserialize_with = "nullable")]
    pub delete_at: Millis,
}

/// That somebody is on a team.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TeamMember {
    /// The team.
    pub team_id: TeamId,
    /// Who.
    pub user_id: UserId,
    /// Roles on the team, separated by blanks.
    #[serde(deserialize_with = "nullable")]
    pub roles: String,
    /// When they left.
    #[serde(deserialize_with = "nullable")]
    pub delete_at: Millis,
}

/// Who can see a channel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
pub enum ChannelType {
    /// Everybody on the team.
    #[default]
    #[serde(rename = "O")]
    Public,
    /// Its members.
    #[serde(rename = "P")]
    Private,
    /// Two people.
    #[serde(rename = "D")]
    Direct,
    /// A few people.
    #[serde(rename = "G")]
    Group,
    /// A kind this version of warroom does not know.
    #[serde(untagged)]
    Other(String),
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Its team; none for direct messages.
    pub team_id: TeamId,
    /// Who can see it.
    #[serde(rename = "type")]
    pub kind: ChannelType,
    /// Its name after `~`.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// Its name for people.
    #[serde(deserialize_with = "nullable")]
    pub display_name: String,
    /// When it was archived.
    #[serde(deserialize_with = "nullable")]
    pub delete_at: Millis,
}

/// A post.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// When it was written.
    pub create_at: Millis,
    /// When anything about it last changed, also reactions and replies.
    #[serde(deserialize_with = "nullable")]
    pub update_at: Millis,
    /// When its text was edited.
    #[serde(deserialize_with = "nullable")]
    pub edit_at: Millis,
    /// When it was deleted.
    #[serde(deserialize_with = "nullable")]
    pub delete_at: Millis,
    /// Whether it is pinned to the channel.
    #[serde(deserialize_with = "nullable")]
    pub is_pinned: bool,
    /// Who wrote it.
    pub user_id: UserId,
    /// Where.
    pub channel_id: ChannelId,
    /// The post it answers.
    pub root_id: PostId,
    /// The text.
    #[serde(deserialize_with = "nullable")]
    pub message: String,
    /// What kind of post; empty for what people write.
    #[serde(rename = "type", deserialize_with = "nullable")]
    pub kind: String,
    /// What programs attached. Anybody can attach anything: the author is what counts.
    #[serde(deserialize_with = "nullable")]
    pub props: Rest,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

/// A post to be written.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct NewPost {
    /// Where.
    pub channel_id: ChannelId,
    /// The text.
    pub message: String,
    /// The post it answers: a root post.
    #[serde(skip_serializing_if = "PostId::is_empty")]
    pub root_id: PostId,
    /// What is attached for programs.
    #[serde(skip_serializing_if = "Rest::is_empty")]
    pub props: Rest,
    /// `USER:NUMBER`; the same again within minutes answers with the first post.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pending_post_id: String,
}

/// Some posts of a channel, newest first.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct PostPage {
    /// Their order.
    #[serde(deserialize_with = "nullable")]
    pub order: Vec<PostId>,
    /// The posts, and the ones they answer.
    #[serde(deserialize_with = "nullable")]
    pub posts: BTreeMap<PostId, Post>,
    /// The next newer post; none at the newest.
    pub next_post_id: PostId,
    /// The next older post; none at the oldest.
    pub prev_post_id: PostId,
}

impl PostPage {
    /// The posts of this page in its order, newest first.
    pub fn into_posts(mut self) -> impl Iterator<Item = Post> {
        self.order
            .into_iter()
            .filter_map(move |id| self.posts.remove(&id))
    }
}

/// A value that belongs to a user.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
pub struct Preference {
    /// Whose.
    pub user_id: UserId,
    /// A group of names; ours is [`PREFERENCE_CATEGORY`].
    pub category: String,
    /// Its name, at most 32 characters.
    pub name: String,
    /// The value.
    pub value: String,
}

/// The category of all preferences that warroom writes.
pub const PREFERENCE_CATEGORY: &str = "warroom";

/// The state of a plugin; only administrators may see it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct PluginStatus {
    /// Which plugin.
    pub plugin_id: String,
    /// 0 disabled, 2 running, 3 failed.
    pub state: i64,
    /// Its version.
    #[serde(deserialize_with = "nullable")]
    pub version: String,
    /// Why it failed.
    #[serde(deserialize_with = "nullable")]
    pub error: String,
}

impl PluginStatus {
    /// Whether it is running.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state == 2
    }
}

/// A plugin with a web part, as everybody may see it. Absence proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct WebPlugin {
    /// Which plugin.
    pub id: String,
    /// Its version.
    #[serde(deserialize_with = "nullable")]
    pub version: String,
}
