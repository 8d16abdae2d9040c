//! People, bots, and the tokens that stand for them.

use serde_json::{Value, json};

use super::World;
use crate::sandbox::ids::Id;
use crate::sandbox::table::Row;

/// A person or a bot.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: Id,
    pub(crate) username: String,
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) nickname: String,
    /// Names of system-wide roles.
    pub(crate) roles: Vec<String>,
    pub(crate) create_at: i64,
    pub(crate) update_at: i64,
    pub(crate) delete_at: i64,
    /// What makes it a bot.
    pub(crate) bot: Option<Bot>,
}

/// What a bot has and a person lacks.
#[derive(Debug, Clone)]
pub(crate) struct Bot {
    pub(crate) owner: Id,
    pub(crate) display_name: String,
    pub(crate) description: String,
}

/// What a token stands for.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) user: Id,
    /// A personal access token has an id and a description of its own.
    pub(crate) access_token: Option<(Id, String)>,
}

impl Row for User {
    fn id(&self) -> &str {
        &self.id
    }
}

impl User {
    /// First and last name; the username where there is none.
    pub(crate) fn full_name(&self) -> String {
        let full = format!("{} {}", self.first_name, self.last_name);
        match full.trim() {
            "" => self.username.clone(),
            full => full.to_owned(),
        }
    }

    /// Whether one of its system-wide roles is `system_admin`.
    pub(crate) fn is_system_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "system_admin")
    }

    /// The user as others see it.
    pub(crate) fn public_json(&self) -> Value {
        let mut user = json!({
            "id": self.id,
            "create_at": self.create_at,
            "update_at": self.update_at,
            "delete_at": self.delete_at,
            "username": self.username,
            "auth_data": "",
            "auth_service": "",
            "email": self.email,
            "nickname": self.nickname,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "position": "",
            "roles": self.roles.join(" "),
            "locale": "en",
            "timezone": {"automaticTimezone": "", "manualTimezone": "", "useAutomaticTimezone": "true"},
            "remote_id": "",
            "disable_welcome_email": false,
        });
        if let Some(bot) = &self.bot {
            user["is_bot"] = json!(true);
            user["bot_description"] = json!(bot.description);
        }
        user
    }

    /// The user as it sees itself.
    pub(crate) fn own_json(&self) -> Value {
        let mut user = self.public_json();
        if let Some(user) = user.as_object_mut() {
            user.remove("auth_data");
            user.insert(
                "notify_props".to_owned(),
                json!({
                    "channel": "true", "comments": "never", "desktop": "mention",
                    "desktop_sound": "true", "desktop_threads": "all", "email": "true",
                    "email_threads": "all", "first_name": "false", "mention_keys": "",
                    "push": "mention", "push_status": "online", "push_threads": "all",
                }),
            );
            user.insert("last_password_update".to_owned(), json!(self.create_at));
            if self.bot.is_some() {
                user.remove("remote_id");
            } else {
                user.insert("failed_attempts".to_owned(), json!(0));
            }
        }
        user
    }
}

impl World {
    /// The user of that name.
    pub(crate) fn user_named(&self, username: &str) -> Option<&User> {
        self.users.iter().find(|user| user.username == username)
    }

    /// Who a token stands for, unless the account is deactivated.
    pub(crate) fn user_of_token(&self, token: &str) -> Option<&User> {
        let session = self.sessions.get(token)?;
        let user = self.users.get(&session.user)?;
        (user.delete_at == 0).then_some(user)
    }

    /// The username of a user; empty for an unknown one.
    pub(crate) fn username(&self, user: &str) -> String {
        self.users
            .get(user)
            .map(|user| user.username.clone())
            .unwrap_or_default()
    }

    /// The bot in whose name the plugin posts.
    pub(crate) fn playbooks_bot(&self) -> Id {
        self.user_named("playbooks")
            .map(|bot| bot.id.clone())
            .unwrap_or_default()
    }
}
