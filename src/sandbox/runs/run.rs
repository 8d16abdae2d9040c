//! A run as the plugin keeps it and shows it.

use serde::Serialize;
use serde_json::{Value, json};

use crate::sandbox::ids::Id;
use crate::sandbox::playbooks::object::{Checklist, Metric, Playbook, count};
use crate::sandbox::table::Row;
use crate::sandbox::world::World;

/// A run.
#[derive(Debug, Clone, Default, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the plugin keeps a switch beside each of its settings"
)]
pub(crate) struct Run {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) summary_modified_at: i64,
    pub(crate) owner_user_id: Id,
    pub(crate) reporter_user_id: Id,
    pub(crate) team_id: Id,
    pub(crate) channel_id: Id,
    pub(crate) create_at: i64,
    pub(crate) update_at: i64,
    pub(crate) end_at: i64,
    pub(crate) delete_at: i64,
    pub(crate) active_stage: i64,
    pub(crate) active_stage_title: String,
    pub(crate) post_id: Id,
    pub(crate) playbook_id: Id,
    pub(crate) checklists: Vec<Checklist>,
    pub(crate) status_posts: Vec<StatusPost>,
    pub(crate) current_status: Status,
    pub(crate) last_status_update_at: i64,
    pub(crate) reminder_post_id: Id,
    /// Nanoseconds, unlike everything else.
    pub(crate) previous_reminder: i64,
    pub(crate) reminder_message_template: String,
    pub(crate) reminder_timer_default_seconds: i64,
    pub(crate) status_update_enabled: bool,
    pub(crate) invited_user_ids: Vec<Id>,
    pub(crate) invited_group_ids: Vec<Id>,
    pub(crate) timeline_events: Vec<Event>,
    pub(crate) default_owner_id: Id,
    pub(crate) broadcast_channel_ids: Vec<Id>,
    pub(crate) webhook_on_creation_urls: Vec<String>,
    pub(crate) webhook_on_status_update_urls: Vec<String>,
    pub(crate) status_update_broadcast_channels_enabled: bool,
    pub(crate) status_update_broadcast_webhooks_enabled: bool,
    pub(crate) retrospective: String,
    pub(crate) retrospective_published_at: i64,
    pub(crate) retrospective_was_canceled: bool,
    pub(crate) retrospective_reminder_interval_seconds: i64,
    pub(crate) retrospective_enabled: bool,
    pub(crate) message_on_join: String,
    pub(crate) participant_ids: Vec<Id>,
    pub(crate) category_name: String,
    pub(crate) metrics_data: Vec<MetricValue>,
    pub(crate) create_channel_member_on_new_participant: bool,
    pub(crate) remove_channel_member_on_removed_participant: bool,
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// Ids of the checklists; `null` without any.
    pub(crate) items_order: Option<Vec<Id>>,
    pub(crate) run_number: i64,
    pub(crate) sequential_id: String,
    pub(crate) task_total: i64,
    pub(crate) task_completed: i64,
    /// Everything that is not shown.
    #[serde(skip)]
    pub(crate) hidden: Hidden,
}

/// What the plugin remembers of a run without showing it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hidden {
    pub(crate) followers: Vec<Id>,
    /// The channel was made for this run.
    pub(crate) made_channel: bool,
    pub(crate) auto_archive_channel: bool,
    /// When the bot asks for a status update.
    pub(crate) reminder_at: Option<i64>,
    /// The announcement in each broadcast channel: channel and post.
    pub(crate) announcements: Vec<(Id, Id)>,
    pub(crate) metrics: Vec<Metric>,
}

/// Whether a run is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum Status {
    /// Sorts first, by its name.
    Finished,
    #[default]
    InProgress,
}

/// What a run follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    #[default]
    Playbook,
    ChannelChecklist,
}

impl Kind {
    /// Its name in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Playbook => "playbook",
            Self::ChannelChecklist => "channelChecklist",
        }
    }
}

/// A post that was a status update.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StatusPost {
    pub(crate) id: Id,
    pub(crate) create_at: i64,
    pub(crate) delete_at: i64,
}

/// Something that happened.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Event {
    pub(crate) id: Id,
    pub(crate) playbook_run_id: Id,
    pub(crate) create_at: i64,
    pub(crate) delete_at: i64,
    pub(crate) event_at: i64,
    pub(crate) event_type: String,
    pub(crate) summary: String,
    pub(crate) details: String,
    pub(crate) post_id: Id,
    pub(crate) subject_user_id: Id,
    pub(crate) creator_user_id: Id,
}

/// The value of a metric.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(default)]
pub(crate) struct MetricValue {
    pub(crate) metric_config_id: Id,
    pub(crate) value: Option<i64>,
}

impl Row for Run {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Run {
    /// Whether it is over.
    pub(crate) fn is_finished(&self) -> bool {
        self.current_status == Status::Finished
    }

    /// Where people read about it, relative to the site.
    pub(crate) fn address(&self) -> String {
        format!("/playbooks/runs/{}", self.id)
    }

    /// Its name as a link.
    pub(crate) fn link(&self) -> String {
        format!("[{}]({})", self.name, self.address())
    }

    /// Takes over the settings of a playbook.
    pub(crate) fn configure(&mut self, playbook: &Playbook) {
        self.playbook_id.clone_from(&playbook.id);
        self.reminder_message_template
            .clone_from(&playbook.reminder_message_template);
        self.reminder_timer_default_seconds = playbook.reminder_timer_default_seconds;
        self.previous_reminder = nanoseconds(playbook.reminder_timer_default_seconds);
        self.status_update_enabled = playbook.status_update_enabled;
        if playbook.invite_users_enabled {
            self.invited_user_ids.clone_from(&playbook.invited_user_ids);
            self.invited_group_ids
                .clone_from(&playbook.invited_group_ids);
        }
        if playbook.default_owner_enabled {
            self.default_owner_id.clone_from(&playbook.default_owner_id);
        }
        self.status_update_broadcast_channels_enabled = playbook.broadcast_enabled;
        self.broadcast_channel_ids
            .clone_from(&playbook.broadcast_channel_ids);
        if playbook.webhook_on_creation_enabled {
            self.webhook_on_creation_urls
                .clone_from(&playbook.webhook_on_creation_urls);
        }
        self.status_update_broadcast_webhooks_enabled = playbook.webhook_on_status_update_enabled;
        self.webhook_on_status_update_urls
            .clone_from(&playbook.webhook_on_status_update_urls);
        self.retrospective_enabled = playbook.retrospective_enabled;
        if playbook.retrospective_enabled {
            self.retrospective_reminder_interval_seconds =
                playbook.retrospective_reminder_interval_seconds;
            self.retrospective
                .clone_from(&playbook.retrospective_template);
        }
        self.create_channel_member_on_new_participant =
            playbook.create_channel_member_on_new_participant;
        self.remove_channel_member_on_removed_participant =
            playbook.remove_channel_member_on_removed_participant;
        self.hidden.auto_archive_channel = playbook.auto_archive_channel;
        self.hidden.metrics.clone_from(&playbook.metrics);
    }

    /// Brings everything that is counted up to date.
    pub(crate) fn count_tasks(&mut self) {
        for list in &mut self.checklists {
            list.order_items();
        }
        let ids = self.checklists.iter().map(|list| list.id.clone());
        self.items_order = Some(ids.collect()).filter(|ids: &Vec<_>| !ids.is_empty());
        let items = self.checklists.iter().flat_map(|list| &list.items);
        let shown = items.filter(|item| item.condition_action != "hidden");
        let done = |state: &str| ["closed", "skipped"].contains(&state);
        self.task_total = count(shown.clone().count());
        self.task_completed = count(shown.filter(|item| done(&item.state)).count());
    }
}

/// Seconds as the API shows reminders.
pub(crate) fn nanoseconds(seconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000)
}

impl World {
    /// The run as everybody who may see it sees it.
    pub(crate) fn run_json(&self, run: &Run) -> Value {
        let mut value = serde_json::to_value(run).unwrap_or_default();
        let events = run
            .timeline_events
            .iter()
            .filter(|event| event.delete_at == 0);
        value["timeline_events"] = json!(events.collect::<Vec<_>>());
        let fields = self.fields_of(&run.id);
        if !fields.is_empty() {
            value["property_fields"] = json!(fields);
            let values = self.values_of(&run.id);
            if !values.is_empty() {
                value["property_values"] = json!(values);
            }
        }
        value
    }

    /// Stores a changed run.
    pub(crate) fn save_run(&mut self, mut run: Run) {
        run.update_at = self.now();
        run.count_tasks();
        self.runs.insert(run);
    }

    /// Writes an event into the history of a run.
    pub(crate) fn add_event(
        &mut self,
        run: &mut Run,
        event_type: &str,
        subject: &str,
        event: Event,
    ) {
        let now = self.now();
        run.timeline_events.push(Event {
            id: self.new_id(),
            playbook_run_id: run.id.clone(),
            create_at: now,
            event_at: if event.event_at == 0 {
                now
            } else {
                event.event_at
            },
            event_type: event_type.to_owned(),
            subject_user_id: subject.to_owned(),
            ..event
        });
    }

    /// Runs, runs in progress, and the start of the last run of a playbook.
    pub(crate) fn run_counts(&self, playbook: &str) -> (i64, i64, i64) {
        let runs = self.runs.iter().filter(|run| run.playbook_id == playbook);
        let active = runs.clone().filter(|run| !run.is_finished());
        let last = runs.clone().map(|run| run.create_at).max();
        (
            count(runs.count()),
            count(active.count()),
            last.unwrap_or_default(),
        )
    }
}
