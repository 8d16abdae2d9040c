//! A playbook as the plugin keeps it and shows it.
//!
//! Owns the 57 keys, their zero values, and what is computed from what. In a
//! request every key may be missing or `null`; an answer holds all of them.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::sandbox::ids::Id;
use crate::sandbox::table::Row;

/// A playbook.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the plugin keeps a switch beside each of its settings"
)]
pub(crate) struct Playbook {
    pub(crate) id: Id,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) public: bool,
    pub(crate) team_id: Id,
    pub(crate) create_public_playbook_run: bool,
    pub(crate) create_at: i64,
    pub(crate) update_at: i64,
    pub(crate) delete_at: i64,
    pub(crate) num_stages: i64,
    pub(crate) num_steps: i64,
    pub(crate) num_runs: i64,
    pub(crate) num_actions: i64,
    pub(crate) last_run_at: i64,
    pub(crate) checklists: Vec<Checklist>,
    pub(crate) members: Vec<Member>,
    pub(crate) reminder_message_template: String,
    pub(crate) reminder_timer_default_seconds: i64,
    pub(crate) status_update_enabled: bool,
    pub(crate) invited_user_ids: Vec<Id>,
    pub(crate) invited_group_ids: Vec<Id>,
    pub(crate) invite_users_enabled: bool,
    pub(crate) default_owner_id: Id,
    pub(crate) default_owner_enabled: bool,
    pub(crate) broadcast_channel_ids: Vec<Id>,
    pub(crate) webhook_on_creation_urls: Vec<String>,
    pub(crate) webhook_on_creation_enabled: bool,
    pub(crate) message_on_join: String,
    pub(crate) message_on_join_enabled: bool,
    pub(crate) retrospective_reminder_interval_seconds: i64,
    pub(crate) retrospective_template: String,
    pub(crate) retrospective_enabled: bool,
    pub(crate) webhook_on_status_update_urls: Vec<String>,
    pub(crate) signal_any_keywords: Vec<String>,
    pub(crate) signal_any_keywords_enabled: bool,
    pub(crate) categorize_channel_enabled: bool,
    pub(crate) category_name: String,
    pub(crate) run_summary_template_enabled: bool,
    pub(crate) run_summary_template: String,
    pub(crate) channel_name_template: String,
    pub(crate) default_playbook_admin_role: String,
    pub(crate) default_playbook_member_role: String,
    pub(crate) default_run_admin_role: String,
    pub(crate) default_run_member_role: String,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) active_runs: i64,
    pub(crate) create_channel_member_on_new_participant: bool,
    pub(crate) remove_channel_member_on_removed_participant: bool,
    pub(crate) channel_id: Id,
    pub(crate) channel_mode: ChannelMode,
    pub(crate) run_number_prefix: String,
    pub(crate) admin_only_edit: bool,
    pub(crate) owner_group_only_actions: bool,
    pub(crate) new_channel_only: bool,
    pub(crate) auto_archive_channel: bool,
    pub(crate) broadcast_enabled: bool,
    pub(crate) webhook_on_status_update_enabled: bool,
    /// The number of its last run.
    #[serde(skip)]
    pub(crate) last_run_number: i64,
}

/// Where a run talks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChannelMode {
    #[default]
    CreateNewChannel,
    LinkExistingChannel,
}

/// Somebody with a role in a playbook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Member {
    pub(crate) user_id: Id,
    pub(crate) roles: Vec<String>,
    pub(crate) scheme_roles: Vec<String>,
}

/// A checklist, of a playbook or of a run.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Checklist {
    pub(crate) id: Id,
    pub(crate) title: String,
    pub(crate) items: Vec<Item>,
    /// Shown, never read; `null` without items.
    #[serde(skip_deserializing)]
    pub(crate) items_order: Option<Vec<Id>>,
    pub(crate) update_at: i64,
}

/// An item of a checklist.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Item {
    pub(crate) id: Id,
    pub(crate) title: String,
    pub(crate) state: String,
    pub(crate) state_modified: i64,
    pub(crate) assignee_id: Id,
    pub(crate) assignee_modified: i64,
    pub(crate) assignee_type: String,
    pub(crate) assignee_property_field_id: Id,
    pub(crate) command: String,
    pub(crate) command_last_run: i64,
    pub(crate) description: String,
    pub(crate) delete_at: i64,
    pub(crate) due_date: i64,
    pub(crate) task_actions: Option<Vec<TaskAction>>,
    pub(crate) update_at: i64,
    pub(crate) condition_id: Id,
    pub(crate) condition_action: String,
    pub(crate) condition_reason: String,
}

/// What closes an item by itself.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct TaskAction {
    pub(crate) trigger: TypedPayload,
    pub(crate) actions: Vec<TypedPayload>,
}

/// A kind with JSON in a string.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct TypedPayload {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) payload: String,
}

/// A number that a retrospective asks for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Metric {
    pub(crate) id: Id,
    pub(crate) playbook_id: Id,
    pub(crate) title: String,
    pub(crate) description: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(deserialize_with = "target")]
    pub(crate) target: Option<i64>,
}

/// A target may be sent as a number or as a string of digits.
fn target<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
    .map(Some)
    .ok_or_else(|| serde::de::Error::custom("a target is a whole number"))
}

impl Row for Playbook {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Playbook {
    /// How somebody is a member.
    pub(crate) fn member(&self, user: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.user_id == user)
    }

    /// Brings what was sent into the form in which it is stored.
    pub(crate) fn settle(&mut self) {
        for urls in [
            &mut self.webhook_on_creation_urls,
            &mut self.webhook_on_status_update_urls,
        ] {
            split_at_commas(urls);
        }
        split_at_commas(&mut self.signal_any_keywords);
        self.signal_any_keywords.retain(|word| !word.is_empty());
        let mut seen = std::collections::BTreeSet::new();
        self.signal_any_keywords
            .retain(|word| seen.insert(word.clone()));
        for list in &mut self.checklists {
            for item in &mut list.items {
                item.state.clear();
                item.state_modified = 0;
                item.assignee_modified = 0;
                item.command_last_run = 0;
                item.update_at = 0;
                item.task_actions.take_if(|actions| actions.is_empty());
            }
            list.order_items();
        }
        for member in &mut self.members {
            let known =
                |role: &&String| ["playbook_member", "playbook_admin"].contains(&role.as_str());
            member.scheme_roles = member.roles.iter().filter(known).cloned().collect();
        }
        self.members.sort_by(|a, b| a.user_id.cmp(&b.user_id));
        "playbook_admin".clone_into(&mut self.default_playbook_admin_role);
        "playbook_member".clone_into(&mut self.default_playbook_member_role);
        "run_admin".clone_into(&mut self.default_run_admin_role);
        "run_member".clone_into(&mut self.default_run_member_role);
        self.count();
    }

    fn count(&mut self) {
        let automations = [
            self.invite_users_enabled,
            self.default_owner_enabled,
            self.broadcast_enabled,
            self.webhook_on_creation_enabled,
            self.message_on_join_enabled,
            self.webhook_on_status_update_enabled,
            self.signal_any_keywords_enabled,
            self.categorize_channel_enabled,
            self.create_channel_member_on_new_participant,
            self.remove_channel_member_on_removed_participant,
        ];
        self.num_stages = count(self.checklists.len());
        self.num_steps = count(self.checklists.iter().map(|list| list.items.len()).sum());
        self.num_actions = 1 + count(automations.iter().filter(|on| **on).count());
        self.num_runs = 0;
        self.active_runs = 0;
        self.last_run_at = 0;
    }
}

impl Checklist {
    /// Brings `items_order` up to date.
    pub(crate) fn order_items(&mut self) {
        let ids = self.items.iter().map(|item| item.id.clone());
        self.items_order = Some(ids.collect()).filter(|ids: &Vec<_>| !ids.is_empty());
    }
}

/// The plugin stores such lists as one text joined by commas.
fn split_at_commas(list: &mut Vec<String>) {
    if list.iter().any(|text| text.contains(',')) {
        *list = list
            .iter()
            .flat_map(|text| text.split(','))
            .map(str::to_owned)
            .collect();
    }
}

/// A length as the API counts.
pub(crate) fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
