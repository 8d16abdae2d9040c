//! A playbook as the server keeps it.
//!
//! `PUT` replaces a playbook as a whole: a key left out is lost, also one that
//! this version of warroom does not know. Hence `rest` at every level, and
//! optional keys where an older plugin sends none.

use serde::{Deserialize, Serialize};

use crate::mattermost::ids::{
    ChannelId, ChecklistId, ConditionId, FieldId, GroupId, ItemId, MetricId, PlaybookId, TeamId,
    UserId,
};
use crate::mattermost::wire::{Millis, Rest, nullable};

/// A playbook.
///
/// Playbooks API: `GET /playbooks/{id}`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the server has a switch for each automation"
)]
pub struct Playbook {
    /// Its id.
    pub id: PlaybookId,
    /// The title; not unique.
    #[serde(deserialize_with = "nullable")]
    pub title: String,
    /// What it is for; Markdown, kept byte for byte.
    #[serde(deserialize_with = "nullable")]
    pub description: String,
    /// Whether the whole team sees it.
    pub public: bool,
    /// Its team.
    pub team_id: TeamId,
    /// Whether channels of its runs are public.
    pub create_public_playbook_run: bool,
    /// When it was created.
    pub create_at: Millis,
    /// When it last changed; edits over GraphQL do not count.
    pub update_at: Millis,
    /// When it was archived.
    pub delete_at: Millis,
    /// The checklists.
    #[serde(deserialize_with = "nullable")]
    pub checklists: Vec<Checklist>,
    /// Who may see and edit it; sorted by user.
    #[serde(deserialize_with = "nullable")]
    pub members: Vec<Member>,
    /// What a status update begins with.
    #[serde(deserialize_with = "nullable")]
    pub reminder_message_template: String,
    /// Seconds to the first status update.
    pub reminder_timer_default_seconds: i64,
    /// Whether runs have status updates.
    pub status_update_enabled: bool,
    /// Who is invited to a run.
    #[serde(deserialize_with = "nullable")]
    pub invited_user_ids: Vec<UserId>,
    /// Which groups are invited.
    #[serde(deserialize_with = "nullable")]
    pub invited_group_ids: Vec<GroupId>,
    /// Whether they are invited.
    pub invite_users_enabled: bool,
    /// Who owns a run.
    pub default_owner_id: UserId,
    /// Whether it is that one.
    pub default_owner_enabled: bool,
    /// Channels that hear of runs.
    #[serde(deserialize_with = "nullable")]
    pub broadcast_channel_ids: Vec<ChannelId>,
    /// Whether they do.
    pub broadcast_enabled: bool,
    /// Addresses called when a run starts. They may contain secrets.
    #[serde(deserialize_with = "nullable")]
    pub webhook_on_creation_urls: Vec<String>,
    /// Whether they are.
    pub webhook_on_creation_enabled: bool,
    /// Addresses called at a status update. They may contain secrets.
    #[serde(deserialize_with = "nullable")]
    pub webhook_on_status_update_urls: Vec<String>,
    /// Whether they are.
    pub webhook_on_status_update_enabled: bool,
    /// What somebody who joins the channel is told.
    #[serde(deserialize_with = "nullable")]
    pub message_on_join: String,
    /// Whether they are told.
    pub message_on_join_enabled: bool,
    /// Whether runs have a retrospective.
    pub retrospective_enabled: bool,
    /// Seconds between reminders of it; 0 for none.
    pub retrospective_reminder_interval_seconds: i64,
    /// What a retrospective begins with.
    #[serde(deserialize_with = "nullable")]
    pub retrospective_template: String,
    /// Whether channels are put into a sidebar category.
    pub categorize_channel_enabled: bool,
    /// Which one.
    #[serde(deserialize_with = "nullable")]
    pub category_name: String,
    /// What a run's summary begins with, if it is started in the web app.
    #[serde(deserialize_with = "nullable")]
    pub run_summary_template: String,
    /// Whether it does.
    pub run_summary_template_enabled: bool,
    /// How runs are named.
    #[serde(deserialize_with = "nullable")]
    pub channel_name_template: String,
    /// The metrics, in order.
    #[serde(deserialize_with = "nullable")]
    pub metrics: Vec<Metric>,
    /// Whether a new participant is added to the channel.
    pub create_channel_member_on_new_participant: bool,
    /// Whether a former participant is removed from the channel.
    pub remove_channel_member_on_removed_participant: bool,
    /// The channel that runs are linked to.
    pub channel_id: ChannelId,
    /// Whether a run gets a channel or is linked to one.
    pub channel_mode: ChannelMode,
    /// From 2.11: what a run's number begins with. Absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_number_prefix: Option<String>,
    /// From 2.11: whether only its admins may edit it. Absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_only_edit: Option<bool>,
    /// From 2.11: whether only the owner may finish a run or hand it over. Absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_group_only_actions: Option<bool>,
    /// From 2.11: whether a run cannot be linked to a channel. Absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_channel_only: Option<bool>,
    /// From 2.11: whether the channel is archived with the run. Absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_archive_channel: Option<bool>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

/// A playbook in a list: only some keys are filled, so that none of it is ever written back.
///
/// Playbooks API: `GET /playbooks`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct PlaybookEntry {
    /// Its id.
    pub id: PlaybookId,
    /// The title.
    #[serde(deserialize_with = "nullable")]
    pub title: String,
    /// What it is for.
    #[serde(deserialize_with = "nullable")]
    pub description: String,
    /// What begins the numbers of its runs; from plugin 2.11, absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_number_prefix: Option<String>,
    /// Whether the whole team sees it.
    pub public: bool,
    /// Its team.
    pub team_id: TeamId,
    /// When it was created.
    pub create_at: Millis,
    /// When it was archived.
    pub delete_at: Millis,
    /// How many runs it has had.
    pub num_runs: i64,
    /// How many of them are in progress.
    pub active_runs: i64,
    /// When the last one was started.
    pub last_run_at: Millis,
    /// Who may see and edit it.
    #[serde(deserialize_with = "nullable")]
    pub members: Vec<Member>,
}

/// A list of things to do.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Checklist {
    /// Its id; empty unless a client chose one, or in a run.
    pub id: ChecklistId,
    /// Its title.
    #[serde(deserialize_with = "nullable")]
    pub title: String,
    /// The things to do.
    #[serde(deserialize_with = "nullable")]
    pub items: Vec<Item>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Item {
    /// Its id; empty unless a client chose one, or in a run.
    pub id: ItemId,
    /// Its title.
    #[serde(deserialize_with = "nullable")]
    pub title: String,
    /// What it means; Markdown.
    #[serde(deserialize_with = "nullable")]
    pub description: String,
    /// Whether it is done.
    pub state: ItemState,
    /// When that last changed.
    pub state_modified: Millis,
    /// Who is to do it.
    pub assignee_id: UserId,
    /// When that last changed.
    pub assignee_modified: Millis,
    /// A slash command that helps with it.
    #[serde(deserialize_with = "nullable")]
    pub command: String,
    /// When that last ran.
    pub command_last_run: Millis,
    /// When it was skipped; stays when it is restored.
    pub delete_at: Millis,
    /// When it is due: in a run a moment, in a playbook an offset from the start.
    pub due_date: Millis,
    /// The condition under which it is shown.
    pub condition_id: ConditionId,
    /// What the condition does now: empty, `hidden`, `shown_because_modified`.
    #[serde(deserialize_with = "nullable")]
    pub condition_action: String,
    /// From 2.11: `owner`, `creator`, `property_user`, or empty for a person. Absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee_type: Option<String>,
    /// From 2.11: the attribute that names the assignee. Absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee_property_field_id: Option<FieldId>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

/// Whether an item is done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// To do.
    #[default]
    #[serde(rename = "")]
    Open,
    /// Somebody is at it.
    InProgress,
    /// Done.
    Closed,
    /// Left out.
    Skipped,
    /// A state this version of warroom does not know.
    #[serde(untagged)]
    Other(String),
}

impl ItemState {
    /// The word that the server uses.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Open => "",
            Self::InProgress => "in_progress",
            Self::Closed => "closed",
            Self::Skipped => "skipped",
            Self::Other(word) => word,
        }
    }
}

/// What somebody may do with a playbook.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// [`Member::MEMBER`], and [`Member::ADMIN`] beside it: an admin without the former cannot read.
    #[serde(deserialize_with = "nullable")]
    pub roles: Vec<String>,
    /// What the server makes of the roles.
    #[serde(deserialize_with = "nullable")]
    pub scheme_roles: Vec<String>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

impl Member {
    /// May see it, edit it and start runs.
    pub const MEMBER: &'static str = "playbook_member";
    /// May change roles and make it private.
    pub const ADMIN: &'static str = "playbook_admin";
}

/// A figure that runs are measured by.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Metric {
    /// Its id.
    pub id: MetricId,
    /// The playbook.
    pub playbook_id: PlaybookId,
    /// Its title.
    #[serde(deserialize_with = "nullable")]
    pub title: String,
    /// What it measures.
    #[serde(deserialize_with = "nullable")]
    pub description: String,
    /// Its unit.
    #[serde(rename = "type")]
    pub kind: MetricType,
    /// What it should be; none is not 0.
    pub target: Option<i64>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

/// The unit of a metric.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
pub enum MetricType {
    /// Milliseconds.
    #[default]
    #[serde(rename = "metric_duration")]
    Duration,
    /// Money.
    #[serde(rename = "metric_currency")]
    Currency,
    /// A number.
    #[serde(rename = "metric_integer")]
    Integer,
    /// A unit this version of warroom does not know.
    #[serde(untagged)]
    Other(String),
}

/// Where a run takes place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelMode {
    /// In a channel of its own.
    #[default]
    CreateNewChannel,
    /// In a channel that exists.
    LinkExistingChannel,
    /// A mode this version of warroom does not know.
    #[serde(untagged)]
    Other(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_we_do_not_know_survives_at_every_level() {
        let sent = json!({
            "id": "p", "title": "T", "news": 1,
            "checklists": [{"id": "c", "title": "C", "items_order": [""], "items": [
                {"id": "i", "title": "I", "task_actions": [{"x": 1}], "state": "paused"},
            ]}],
            "members": [{"user_id": "u", "roles": ["playbook_member"], "since": 3}],
            "metrics": [{"id": "m", "title": "M", "type": "metric_heat", "target": null, "n": {}}],
            "channel_mode": "in_person",
        });
        let playbook: Playbook = serde_json::from_value(sent.clone()).unwrap();
        assert_eq!(playbook.run_number_prefix, None);
        let back = serde_json::to_value(&playbook).unwrap();
        for pointer in [
            "/news",
            "/checklists/0/items_order",
            "/checklists/0/items/0/task_actions",
            "/checklists/0/items/0/state",
            "/members/0/since",
            "/metrics/0/type",
            "/metrics/0/target",
            "/metrics/0/n",
            "/channel_mode",
        ] {
            assert_eq!(back.pointer(pointer), sent.pointer(pointer), "{pointer}");
        }
        assert_eq!(back.pointer("/run_number_prefix"), None);
    }

    #[test]
    fn null_lists_are_empty() {
        let sent = json!({"checklists": null, "members": null, "invited_user_ids": null});
        let playbook: Playbook = serde_json::from_value(sent).unwrap();
        assert_eq!(playbook, Playbook::default());
    }
}
