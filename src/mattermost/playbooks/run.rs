//! A run as the server keeps it: an incident.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::playbook::Checklist;
use crate::mattermost::ids::{
    ChannelId, EventId, FieldId, MetricId, PlaybookId, PostId, RunId, TeamId, UserId,
};
use crate::mattermost::wire::{Millis, Rest, nullable};

/// A run.
///
/// Playbooks API: `GET /runs/{id}`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the server has a switch for each automation"
)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// The summary; Markdown.
    #[serde(deserialize_with = "nullable")]
    pub summary: String,
    /// When the summary last changed.
    pub summary_modified_at: Millis,
    /// Who leads it.
    pub owner_user_id: UserId,
    /// Who started it.
    pub reporter_user_id: UserId,
    /// Its team.
    pub team_id: TeamId,
    /// Its channel.
    pub channel_id: ChannelId,
    /// When it was started.
    pub create_at: Millis,
    /// When it last changed.
    pub update_at: Millis,
    /// When it was finished.
    pub end_at: Millis,
    /// The post it was started from.
    pub post_id: PostId,
    /// Its playbook; none for a channel's own checklist.
    pub playbook_id: PlaybookId,
    /// The checklists, with items in their present state.
    #[serde(deserialize_with = "nullable")]
    pub checklists: Vec<Checklist>,
    /// The status updates, without their text.
    #[serde(deserialize_with = "nullable")]
    pub status_posts: Vec<StatusPost>,
    /// Whether it goes on.
    pub current_status: RunStatus,
    /// When the last status update was posted; the start if there is none.
    pub last_status_update_at: Millis,
    /// The reminder that is standing in the channel.
    pub reminder_post_id: PostId,
    /// The timer of the last status update, in **nanoseconds**: see [`Run::reminder`].
    pub previous_reminder: i64,
    /// What a status update begins with.
    #[serde(deserialize_with = "nullable")]
    pub reminder_message_template: String,
    /// Seconds to the first status update.
    pub reminder_timer_default_seconds: i64,
    /// Whether it has status updates.
    pub status_update_enabled: bool,
    /// What happened; deleted events are missing.
    #[serde(deserialize_with = "nullable")]
    pub timeline_events: Vec<TimelineEvent>,
    /// Channels that hear of it.
    #[serde(deserialize_with = "nullable")]
    pub broadcast_channel_ids: Vec<ChannelId>,
    /// Whether they do.
    pub status_update_broadcast_channels_enabled: bool,
    /// The retrospective; Markdown.
    #[serde(deserialize_with = "nullable")]
    pub retrospective: String,
    /// When it was published.
    pub retrospective_published_at: Millis,
    /// Whether somebody said that there will be none.
    pub retrospective_was_canceled: bool,
    /// Whether it has a retrospective.
    pub retrospective_enabled: bool,
    /// What somebody who joins the channel is told.
    #[serde(deserialize_with = "nullable")]
    pub message_on_join: String,
    /// Who takes part; in no fixed order.
    #[serde(deserialize_with = "nullable")]
    pub participant_ids: Vec<UserId>,
    /// The metrics; in no fixed order.
    #[serde(deserialize_with = "nullable")]
    pub metrics_data: Vec<MetricValue>,
    /// `playbook`, or `channelChecklist`.
    #[serde(rename = "type", deserialize_with = "nullable")]
    pub kind: String,
    /// From 2.11: counts the runs of a playbook from 1. Absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_number: Option<i64>,
    /// From 2.11: the number with its prefix, `OUT-00007`. Absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequential_id: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

impl Run {
    /// Whether it was finished.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.current_status == RunStatus::Finished
    }

    /// The timer of the last status update; `None` where none was set.
    #[must_use]
    pub fn reminder(&self) -> Option<Duration> {
        u64::try_from(self.previous_reminder)
            .ok()
            .filter(|nanos| *nanos > 0)
            .map(Duration::from_nanos)
    }
}

/// Whether a run goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
pub enum RunStatus {
    /// It goes on.
    #[default]
    InProgress,
    /// It was finished.
    Finished,
    /// A status this version of warroom does not know.
    #[serde(untagged)]
    Other(String),
}

/// That a status update was posted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct StatusPost {
    /// The post.
    pub id: PostId,
    /// When.
    pub create_at: Millis,
    /// When the post was deleted.
    pub delete_at: Millis,
}

/// A status update with its text.
///
/// Playbooks API: `GET /runs/{id}/status-updates`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct StatusUpdate {
    /// The post.
    pub id: PostId,
    /// When.
    pub create_at: Millis,
    /// When the post was deleted.
    pub delete_at: Millis,
    /// The text.
    #[serde(deserialize_with = "nullable")]
    pub message: String,
    /// Who wrote it; the post itself is by the plugin's bot.
    #[serde(deserialize_with = "nullable")]
    pub author_user_name: String,
}

/// The value of a metric.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct MetricValue {
    /// Of which metric.
    pub metric_config_id: MetricId,
    /// The value, if there is one.
    pub value: Option<i64>,
}

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TimelineEvent {
    /// Its id.
    pub id: EventId,
    /// The run.
    pub playbook_run_id: RunId,
    /// When it was written down.
    pub create_at: Millis,
    /// When it was deleted.
    pub delete_at: Millis,
    /// When it happened.
    pub event_at: Millis,
    /// What happened.
    pub event_type: EventType,
    /// In words, such as ``checked off checklist item **Page**``.
    #[serde(deserialize_with = "nullable")]
    pub summary: String,
    /// Text, or JSON in a string.
    #[serde(deserialize_with = "nullable")]
    pub details: String,
    /// The post it is about.
    pub post_id: PostId,
    /// Who it is about.
    pub subject_user_id: UserId,
    /// Who did it; 2.9 leaves it out for a change of owner.
    pub creator_user_id: UserId,
}

/// What happened in a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are the server's, and say it all")]
pub enum EventType {
    #[default]
    IncidentCreated,
    UserJoinedLeft,
    ParticipantsChanged,
    TaskStateModified,
    AssigneeChanged,
    RanSlashCommand,
    StatusUpdated,
    StatusUpdateSnoozed,
    StatusUpdatesEnabled,
    StatusUpdatesDisabled,
    StatusUpdateRequested,
    OwnerChanged,
    EventFromPost,
    RunFinished,
    RunRestored,
    PublishedRetrospective,
    CanceledRetrospective,
    PropertyChanged,
    RetrospectiveEnabled,
    RetrospectiveDisabled,
    ChannelArchived,
    ChannelUnarchived,
    /// An event this version of warroom does not know.
    #[serde(untagged)]
    Other(String),
}

/// A run to be started.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct NewRun {
    /// Its name.
    pub name: String,
    /// Who leads it; an enabled default owner of the playbook beats it.
    pub owner_user_id: UserId,
    /// Its team.
    pub team_id: TeamId,
    /// Its playbook.
    #[serde(skip_serializing_if = "PlaybookId::is_empty")]
    pub playbook_id: PlaybookId,
    /// A channel that exists; else it gets one.
    #[serde(skip_serializing_if = "ChannelId::is_empty")]
    pub channel_id: ChannelId,
    /// The post it is started from.
    #[serde(skip_serializing_if = "PostId::is_empty")]
    pub post_id: PostId,
    /// The summary.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// Whether the new channel is public; else the playbook decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_public_run: Option<bool>,
    /// Values of attributes, by the playbook's fields; 2.9 passes over them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub property_values: BTreeMap<FieldId, Value>,
}

/// A status update to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStatusUpdate {
    /// The text.
    pub message: String,
    /// When to remind of the next one; whole seconds, at least one.
    pub reminder: Duration,
    /// Whether the run is finished with it.
    pub finish: bool,
}

/// Which runs to list; the default is all that the account may see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunFilter {
    /// Of this team. An unknown team has no runs, and is no error.
    pub team: Option<TeamId>,
    /// Of this playbook.
    pub playbook: Option<PlaybookId>,
    /// In this channel.
    pub channel: Option<ChannelId>,
    /// In this status.
    pub status: Option<RunStatus>,
    /// Led by this user.
    pub owner: Option<UserId>,
    /// With this participant.
    pub participant: Option<UserId>,
    /// Whose name contains this, in any case; `_` and `%` are wildcards.
    pub search: Option<String>,
    /// Started at or after this moment.
    pub started_from: Option<Millis>,
    /// Started before this moment.
    pub started_before: Option<Millis>,
}
