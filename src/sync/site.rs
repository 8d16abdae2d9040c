//! What sync needs of a server, as two traits: reading, and writing.
//!
//! Owns the translation between the client's types and the raw object. The traits
//! exist so that the laws of sync can be tested against a world in memory; whatever
//! is given [`Reading`] cannot write.

use std::collections::BTreeMap;

use serde_json::Value;

use super::wire::RawPlaybook;
use crate::mattermost::core::{NewPost, Role};
use crate::mattermost::playbooks::{Archived, Condition, Expression, Playbook, PropertyField};
use crate::mattermost::{
    ApiError, ChannelId, ConditionId, FieldId, PlaybookId, Reader, RoleId, TeamId, UserId, Writer,
};

/// A person or bot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its name without `@`.
    pub username: String,
    /// Its roles on the whole server.
    pub roles: Vec<String>,
    /// Whether it is a bot.
    pub is_bot: bool,
    /// Whether it was deactivated.
    pub is_deactivated: bool,
}

impl Account {
    /// Whether it may do everything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "system_admin")
    }

    /// Whether it is a guest, who sees only some channels.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.roles.iter().any(|role| role == "system_guest")
    }
}

/// A playbook as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// Its team's id.
    pub team_id: String,
    /// Its title.
    pub title: String,
    /// Its description, with the marker.
    pub description: String,
    /// What begins the numbers of its incidents; empty for none.
    pub number_prefix: String,
    /// Whether its server numbers incidents: from plugin 2.11.
    pub has_numbers: bool,
    /// When it was created, in milliseconds.
    pub created_at: i64,
    /// Whether it is archived.
    pub archived: bool,
    /// How many incidents of it are active.
    pub active_runs: i64,
}

/// Reads what sync compares.
#[expect(
    async_fn_in_trait,
    reason = "everything runs on one thread: no future has to be Send"
)]
pub trait Reading {
    /// How many more requests the user allows; none without a limit.
    fn requests_left(&self) -> Option<u64> {
        None
    }
    /// The account of the token.
    async fn account(&self) -> Result<Account, ApiError>;
    /// The teams of the account: id by name.
    async fn teams(&self) -> Result<BTreeMap<String, String>, ApiError>;
    /// The playbooks of all its teams, archived ones too.
    async fn entries(&self) -> Result<Vec<Entry>, ApiError>;
    /// A playbook in full.
    async fn playbook(&self, id: &str) -> Result<RawPlaybook, ApiError>;
    /// The attributes of a playbook, in their order.
    async fn attributes(&self, playbook: &str) -> Result<Vec<PropertyField>, ApiError>;
    /// The conditions of a playbook, whether tasks use them or not.
    async fn conditions(&self, playbook: &str) -> Result<Vec<Condition>, ApiError>;
    /// The people of these names; unknown ones are left out.
    async fn people_named(&self, names: &[String]) -> Result<Vec<Account>, ApiError>;
    /// The people of these ids; unknown ones are left out.
    async fn people_of(&self, ids: &[String]) -> Result<Vec<Account>, ApiError>;
    /// The id of a channel by its name without `~`.
    async fn channel_named(&self, team: &str, name: &str) -> Result<Option<String>, ApiError>;
    /// Team and name of a channel; none when it is gone or hidden.
    async fn channel_of(&self, id: &str) -> Result<Option<(String, String)>, ApiError>;
    /// The groups of Mattermost that may be invited: id by name; none where it has no groups.
    async fn groups(&self) -> Result<BTreeMap<String, String>, ApiError>;
    /// Whether somebody is on a team.
    async fn is_on_team(&self, team: &str, person: &str) -> Result<bool, ApiError>;
    /// The preferences of the account that warroom wrote: value by name.
    async fn witnesses(&self) -> Result<BTreeMap<String, String>, ApiError>;
    /// The role of that name.
    async fn role(&self, name: &str) -> Result<Option<Role>, ApiError>;
}

/// Writes what a plan says.
#[expect(
    async_fn_in_trait,
    reason = "everything runs on one thread: no future has to be Send"
)]
pub trait Writing: Reading {
    /// Creates a playbook; answers with its id.
    async fn create(&self, playbook: &RawPlaybook) -> Result<String, ApiError>;
    /// Replaces a playbook as a whole.
    async fn replace(&self, playbook: &RawPlaybook) -> Result<(), ApiError>;
    /// Archives a playbook.
    async fn archive(&self, id: &str) -> Result<(), ApiError>;
    /// Brings an archived playbook back.
    async fn restore(&self, id: &str) -> Result<(), ApiError>;
    /// Creates an attribute; answers with what the server made of it.
    async fn create_attribute(
        &self,
        playbook: &str,
        attribute: &PropertyField,
    ) -> Result<PropertyField, ApiError>;
    /// Replaces an attribute as a whole; answers with what the server made of it.
    async fn replace_attribute(
        &self,
        playbook: &str,
        attribute: &PropertyField,
    ) -> Result<PropertyField, ApiError>;
    /// Moves an attribute to a place, counted from 0; answers with all in their order.
    async fn move_attribute(
        &self,
        playbook: &str,
        attribute: &FieldId,
        place: usize,
    ) -> Result<Vec<PropertyField>, ApiError>;
    /// Deletes an attribute.
    async fn delete_attribute(&self, playbook: &str, attribute: &FieldId) -> Result<(), ApiError>;
    /// Creates a condition; answers with what the server made of it.
    async fn create_condition(
        &self,
        playbook: &str,
        expression: &Expression,
    ) -> Result<Condition, ApiError>;
    /// Replaces a condition; answers with what the server made of it.
    async fn replace_condition(
        &self,
        playbook: &str,
        condition: &Condition,
    ) -> Result<Condition, ApiError>;
    /// Deletes a condition.
    async fn delete_condition(
        &self,
        playbook: &str,
        condition: &ConditionId,
    ) -> Result<(), ApiError>;
    /// Replaces the permissions of a role; answers with the role as the server keeps it.
    async fn set_permissions(
        &self,
        role: &RoleId,
        permissions: &[String],
    ) -> Result<Role, ApiError>;
    /// Remembers a value in a preference of the account.
    async fn remember(&self, account: &str, name: &str, value: &str) -> Result<(), ApiError>;
    /// Drops a preference of the account.
    async fn forget(&self, account: &str, name: &str) -> Result<(), ApiError>;
    /// Posts into a channel.
    async fn post(&self, channel: &str, message: &str) -> Result<(), ApiError>;
}

impl Reading for Reader {
    fn requests_left(&self) -> Option<u64> {
        Reader::requests_left(self)
    }

    async fn account(&self) -> Result<Account, ApiError> {
        Ok(account_of(self.me().await?))
    }

    async fn teams(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let teams = self.my_teams().await?;
        let live = teams.into_iter().filter(|team| team.delete_at.is_never());
        Ok(live.map(|team| (team.name, team.id.to_string())).collect())
    }

    async fn entries(&self) -> Result<Vec<Entry>, ApiError> {
        let entries = self.playbooks(None, Archived::With).await?;
        let entries = entries.into_iter().map(|entry| Entry {
            id: entry.id.to_string(),
            team_id: entry.team_id.to_string(),
            title: entry.title,
            description: entry.description,
            has_numbers: entry.run_number_prefix.is_some(),
            number_prefix: entry.run_number_prefix.unwrap_or_default(),
            created_at: entry.create_at.0,
            archived: !entry.delete_at.is_never(),
            active_runs: entry.active_runs,
        });
        Ok(entries.collect())
    }

    async fn playbook(&self, id: &str) -> Result<RawPlaybook, ApiError> {
        let playbook = Reader::playbook(self, &PlaybookId::new(id)).await?;
        raw_of(&playbook)
    }

    async fn attributes(&self, playbook: &str) -> Result<Vec<PropertyField>, ApiError> {
        self.property_fields(&PlaybookId::new(playbook)).await
    }

    async fn conditions(&self, playbook: &str) -> Result<Vec<Condition>, ApiError> {
        Reader::conditions(self, &PlaybookId::new(playbook)).await
    }

    async fn people_named(&self, names: &[String]) -> Result<Vec<Account>, ApiError> {
        let users = self.users_by_name(names).await?;
        Ok(users.into_iter().map(account_of).collect())
    }

    async fn people_of(&self, ids: &[String]) -> Result<Vec<Account>, ApiError> {
        let ids: Vec<UserId> = ids.iter().map(|id| UserId::new(id.as_str())).collect();
        let users = self.users_by_id(&ids).await?;
        Ok(users.into_iter().map(account_of).collect())
    }

    async fn channel_named(&self, team: &str, name: &str) -> Result<Option<String>, ApiError> {
        let channel = self.channel_by_name(&TeamId::new(team), name).await?;
        Ok(channel.map(|channel| channel.id.to_string()))
    }

    async fn channel_of(&self, id: &str) -> Result<Option<(String, String)>, ApiError> {
        match self.channel(&ChannelId::new(id)).await {
            Ok(channel) => Ok(Some((channel.team_id.to_string(), channel.name))),
            Err(error) if error.is_missing_or_hidden() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn groups(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let groups = match Reader::groups(self).await {
            Ok(groups) => groups,
            // Without the licence or the right there is none to invite.
            Err(ApiError::NotSupported(_)) => Vec::new(),
            Err(error) if error.is_missing_or_hidden() => Vec::new(),
            Err(error) => return Err(error),
        };
        let named = groups.into_iter().filter(|group| !group.name.is_empty());
        Ok(named
            .map(|group| (group.name, group.id.to_string()))
            .collect())
    }

    async fn is_on_team(&self, team: &str, person: &str) -> Result<bool, ApiError> {
        let (team, person) = (TeamId::new(team), UserId::new(person));
        Ok(self.team_member(&team, &person).await?.is_some())
    }

    async fn witnesses(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let preferences = self.preferences().await?;
        Ok(preferences.into_iter().map(|p| (p.name, p.value)).collect())
    }

    async fn role(&self, name: &str) -> Result<Option<Role>, ApiError> {
        Reader::role(self, name).await
    }
}

/// Lets the reading half of the writer answer.
macro_rules! read_through {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)*) => {
        $(async fn $name(&self, $($argument: $kind),*) -> Result<$answer, ApiError> {
            Reading::$name(&**self, $($argument),*).await
        })*
    };
}

impl Reading for Writer {
    fn requests_left(&self) -> Option<u64> {
        Reader::requests_left(self)
    }

    read_through! {
        account() -> Account;
        teams() -> BTreeMap<String, String>;
        entries() -> Vec<Entry>;
        playbook(id: &str) -> RawPlaybook;
        attributes(playbook: &str) -> Vec<PropertyField>;
        conditions(playbook: &str) -> Vec<Condition>;
        people_named(names: &[String]) -> Vec<Account>;
        people_of(ids: &[String]) -> Vec<Account>;
        channel_named(team: &str, name: &str) -> Option<String>;
        channel_of(id: &str) -> Option<(String, String)>;
        groups() -> BTreeMap<String, String>;
        is_on_team(team: &str, person: &str) -> bool;
        witnesses() -> BTreeMap<String, String>;
        role(name: &str) -> Option<Role>;
    }
}

impl Writing for Writer {
    async fn create(&self, playbook: &RawPlaybook) -> Result<String, ApiError> {
        let id = self.create_playbook(&typed(playbook)?).await?;
        Ok(id.to_string())
    }

    async fn replace(&self, playbook: &RawPlaybook) -> Result<(), ApiError> {
        self.replace_playbook(&typed(playbook)?).await
    }

    async fn archive(&self, id: &str) -> Result<(), ApiError> {
        self.archive_playbook(&PlaybookId::new(id)).await
    }

    async fn restore(&self, id: &str) -> Result<(), ApiError> {
        self.restore_playbook(&PlaybookId::new(id)).await
    }

    async fn create_attribute(
        &self,
        playbook: &str,
        attribute: &PropertyField,
    ) -> Result<PropertyField, ApiError> {
        let playbook = PlaybookId::new(playbook);
        self.create_property_field(&playbook, attribute).await
    }

    async fn replace_attribute(
        &self,
        playbook: &str,
        attribute: &PropertyField,
    ) -> Result<PropertyField, ApiError> {
        let playbook = PlaybookId::new(playbook);
        self.replace_property_field(&playbook, attribute).await
    }

    async fn move_attribute(
        &self,
        playbook: &str,
        attribute: &FieldId,
        place: usize,
    ) -> Result<Vec<PropertyField>, ApiError> {
        let playbook = PlaybookId::new(playbook);
        self.move_property_field(&playbook, attribute, place).await
    }

    async fn delete_attribute(&self, playbook: &str, attribute: &FieldId) -> Result<(), ApiError> {
        let playbook = PlaybookId::new(playbook);
        self.delete_property_field(&playbook, attribute).await
    }

    async fn create_condition(
        &self,
        playbook: &str,
        expression: &Expression,
    ) -> Result<Condition, ApiError> {
        Writer::create_condition(self, &PlaybookId::new(playbook), expression).await
    }

    async fn replace_condition(
        &self,
        playbook: &str,
        condition: &Condition,
    ) -> Result<Condition, ApiError> {
        Writer::replace_condition(self, &PlaybookId::new(playbook), condition).await
    }

    async fn delete_condition(
        &self,
        playbook: &str,
        condition: &ConditionId,
    ) -> Result<(), ApiError> {
        Writer::delete_condition(self, &PlaybookId::new(playbook), condition).await
    }

    async fn set_permissions(
        &self,
        role: &RoleId,
        permissions: &[String],
    ) -> Result<Role, ApiError> {
        self.set_role_permissions(role, permissions).await
    }

    async fn remember(&self, account: &str, name: &str, value: &str) -> Result<(), ApiError> {
        let pairs = [(name.to_owned(), value.to_owned())];
        self.set_preferences(&UserId::new(account), &pairs).await
    }

    async fn forget(&self, account: &str, name: &str) -> Result<(), ApiError> {
        let names = [name.to_owned()];
        self.delete_preferences(&UserId::new(account), &names).await
    }

    async fn post(&self, channel: &str, message: &str) -> Result<(), ApiError> {
        let post = NewPost {
            channel_id: ChannelId::new(channel),
            message: message.to_owned(),
            ..NewPost::default()
        };
        self.create_post(&post).await.map(|_| ())
    }
}

fn account_of(user: crate::mattermost::core::User) -> Account {
    Account {
        id: user.id.to_string(),
        username: user.username,
        roles: user.roles.split_whitespace().map(str::to_owned).collect(),
        is_bot: user.is_bot,
        is_deactivated: !user.delete_at.is_never(),
    }
}

/// An empty object instead of an error would be laid over the real playbook.
fn raw_of(playbook: &Playbook) -> Result<RawPlaybook, ApiError> {
    let problem = match serde_json::to_value(playbook) {
        Ok(Value::Object(fields)) => return Ok(RawPlaybook(fields)),
        Ok(_) => "it is no object".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(ApiError::Unsendable {
        what: "take the playbook apart",
        problem,
    })
}

fn typed(playbook: &RawPlaybook) -> Result<Playbook, ApiError> {
    let value = Value::Object(playbook.0.clone());
    serde_json::from_value(value).map_err(|error| ApiError::Unsendable {
        what: "write the playbook",
        problem: error.to_string(),
    })
}
