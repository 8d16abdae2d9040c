//! Posts, and what the server and the plugin post by themselves.

use serde_json::{Map, Value, json};

use super::World;
use crate::sandbox::ids::Id;
use crate::sandbox::table::Row;

/// A post.
#[derive(Debug, Clone, Default)]
pub(crate) struct Post {
    pub(crate) id: Id,
    pub(crate) channel: Id,
    pub(crate) user: Id,
    /// The first post of its thread; empty for a first post.
    pub(crate) root: Id,
    pub(crate) message: String,
    /// Empty for what people write.
    pub(crate) kind: String,
    pub(crate) props: Map<String, Value>,
    pub(crate) files: Vec<Id>,
    pub(crate) is_pinned: bool,
    /// What the sender called it; the same again is the same post.
    pub(crate) pending_id: String,
    /// The word of its priority.
    pub(crate) priority: Option<String>,
    /// Written by the server or the plugin: such posts lack some keys.
    pub(crate) is_internal: bool,
    pub(crate) create_at: i64,
    pub(crate) update_at: i64,
    pub(crate) edit_at: i64,
    pub(crate) delete_at: i64,
}

impl Row for Post {
    fn id(&self) -> &str {
        &self.id
    }
}

/// The words of a message that begin with `#`.
fn hashtags(message: &str) -> String {
    let tag = |word: &&str| {
        let mut letters = word.chars();
        letters.next() == Some('#')
            && letters.next().is_some_and(char::is_alphabetic)
            && word.chars().count() > 3
    };
    let tags: Vec<&str> = message.split_whitespace().filter(tag).collect();
    tags.join(" ")
}

impl World {
    /// The post as everybody sees it.
    pub(crate) fn post_json(&self, post: &Post) -> Value {
        let thread = if post.root.is_empty() {
            &post.id
        } else {
            &post.root
        };
        let replies = self
            .posts
            .iter()
            .filter(|reply| reply.root == *thread && reply.delete_at == 0)
            .count();
        let mut metadata = Map::new();
        if let Some(priority) = &post.priority {
            let priority = json!({
                "priority": priority,
                "requested_ack": null,
                "persistent_notifications": null,
            });
            metadata.insert("priority".to_owned(), priority);
        }
        if post.props.contains_key("attachments") {
            metadata.insert(
                "embeds".to_owned(),
                json!([{ "type": "message_attachment" }]),
            );
        }
        let files: Vec<Value> = post
            .files
            .iter()
            .filter_map(|id| Some(self.files.get(id)?.json()))
            .collect();
        if !files.is_empty() {
            metadata.insert("files".to_owned(), files.into());
        }
        let mut value = json!({
            "id": post.id,
            "create_at": post.create_at,
            "update_at": post.update_at,
            "edit_at": post.edit_at,
            "delete_at": post.delete_at,
            "is_pinned": post.is_pinned,
            "user_id": post.user,
            "channel_id": post.channel,
            "root_id": post.root,
            "original_id": "",
            "message": post.message,
            "type": post.kind,
            "props": post.props,
            "hashtags": hashtags(&post.message),
            "file_ids": post.files,
            "pending_post_id": "",
            "remote_id": "",
            "reply_count": replies,
            "last_reply_at": 0,
            "participants": null,
            "metadata": metadata,
        });
        if post.is_internal
            && let Some(value) = value.as_object_mut()
        {
            value.remove("remote_id");
        }
        value
    }

    /// Stores a post as of now, and lets it close the items that wait for its words.
    pub(crate) fn add_post(&mut self, mut post: Post) -> Id {
        post.id = self.new_id();
        if post.create_at == 0 {
            post.create_at = self.now();
        }
        post.update_at = post.create_at;
        let id = post.id.clone();
        // A file belongs to the first post that it is attached to.
        post.files.retain(|file| match self.files.get_mut(file) {
            Some(file) if file.post.is_empty() => {
                file.post.clone_from(&id);
                true
            }
            _ => false,
        });
        self.posts.insert(post);
        id
    }

    /// Posts as the plugin's bot.
    pub(crate) fn post_as_bot(
        &mut self,
        channel: &str,
        root: &str,
        kind: &str,
        message: &str,
        props: Value,
    ) -> Id {
        let mut all = json!({ "from_bot": "true", "from_plugin": "true" });
        if let (Some(all), Value::Object(props)) = (all.as_object_mut(), props) {
            all.extend(props);
        }
        let user = self.playbooks_bot();
        self.add_post(Post {
            channel: channel.to_owned(),
            user,
            root: root.to_owned(),
            kind: kind.to_owned(),
            message: message.to_owned(),
            props: all.as_object().cloned().unwrap_or_default(),
            is_internal: true,
            ..Post::default()
        })
    }

    /// Puts somebody into a channel, with the post that tells of it.
    pub(crate) fn add_to_channel(&mut self, channel: &str, user: &str, by: &str) {
        if self.is_in_channel(user, channel) {
            return;
        }
        self.join_channel(channel, user, false);
        let (name, by_name) = (self.username(user), self.username(by));
        let (kind, message, mut props) = if user == by {
            (
                "system_join_channel",
                format!("{name} joined the channel."),
                json!({ "username": name }),
            )
        } else {
            (
                "system_add_to_channel",
                format!("{name} added to the channel by {by_name}."),
                json!({ "addedUserId": user, "addedUsername": name, "userId": by, "username": by_name }),
            )
        };
        let by_bot = self.users.get(by).is_some_and(|user| user.bot.is_some());
        if by_bot {
            props["from_bot"] = json!("true");
        }
        self.add_post(Post {
            channel: channel.to_owned(),
            user: by.to_owned(),
            kind: kind.to_owned(),
            message,
            props: props.as_object().cloned().unwrap_or_default(),
            is_internal: true,
            ..Post::default()
        });
    }

    /// Posts what the server says about a change of a channel.
    pub(crate) fn post_system(&mut self, channel: &str, user: &str, kind: &str, message: &str) {
        let props = json!({ "username": self.username(user) });
        self.add_post(Post {
            channel: channel.to_owned(),
            user: user.to_owned(),
            kind: kind.to_owned(),
            message: message.to_owned(),
            props: props.as_object().cloned().unwrap_or_default(),
            is_internal: true,
            ..Post::default()
        });
    }
}
