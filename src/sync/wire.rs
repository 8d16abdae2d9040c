//! Between the canonical form and the server's playbook object.
//!
//! Owns which key of the API a managed field is, and what the server means by it:
//! a text behind a switch that is off says nothing. Works on the raw object, so
//! that keys this version does not know survive. Pure.

mod attributes;
mod conditions;
mod metrics;
mod references;
mod tasks;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::canonical::{Access, ChecklistState, PlaybookState, WhenState};
use super::directory::Directory;
use super::marker::Described;
use crate::model::{ChannelVisibility, Visibility};
pub use attributes::{OptionIds, attribute_of, lay_attribute, staying, twin};
pub use conditions::{expression_of, when_of};
use metrics::{lay_metrics, metric_of};
pub use references::{Beside, PLACEHOLDERS, References, placeholders};
use tasks::{Items, keyword_action, lay_task, task_of};

/// The timer of a playbook without updates: the server refuses to create one with 0.
const IDLE_TIMER_SECONDS: i64 = 86_400;

/// What stands before the name of a group of Mattermost among invited people.
pub const GROUP: &str = "group:";

/// A playbook as the server sent it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawPlaybook(pub Map<String, Value>);

/// The addresses of webhooks: secrets, looked up only to be written.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Webhooks {
    /// Called at the start.
    pub start: Vec<String>,
    /// Called at an update.
    pub update: Vec<String>,
}

impl std::fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (start, update) = (self.start.len(), self.update.len());
        write!(f, "Webhooks({start} at start, {update} at updates)")
    }
}

/// What is written with the managed fields, and is no part of them.
#[derive(Debug)]
pub struct Around<'a> {
    /// The description with the marker.
    pub description: String,
    /// The id of its team.
    pub team: &'a str,
    /// The addresses that the secrets hold.
    pub webhooks: &'a Webhooks,
    /// What had another name before.
    pub renames: &'a Renames,
    /// What can be referred to; without, what names attributes and conditions stays as it is.
    pub references: Option<&'a References>,
}

/// The former names of what has another name now, each by the new one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renames {
    /// Of attributes.
    pub attributes: BTreeMap<String, String>,
    /// Of metrics.
    pub metrics: BTreeMap<String, String>,
}

/// A name of the desired state that the server did not know when it was looked up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not known to the server")]
pub struct UnknownName(pub String);

impl RawPlaybook {
    /// Its id; empty before it is created.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// Its team.
    #[must_use]
    pub fn team_id(&self) -> &str {
        self.text("team_id")
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &str {
        self.text("title")
    }

    /// Its description, taken apart.
    #[must_use]
    pub fn described(&self) -> Described {
        Described::read(self.text("description"))
    }

    /// When it was created, in milliseconds.
    #[must_use]
    pub fn created_at(&self) -> i64 {
        self.number("create_at")
    }

    /// When it was last changed, in milliseconds; 0 in a list.
    #[must_use]
    pub fn updated_at(&self) -> i64 {
        self.number("update_at")
    }

    /// Whether it was written since it was created; the web editor does not tell.
    #[must_use]
    pub fn was_edited(&self) -> bool {
        self.number("update_at") != self.number("create_at")
    }

    /// Whether it is archived.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.number("delete_at") != 0
    }

    /// How many incidents of it are active; known only in a list.
    #[must_use]
    pub fn active_runs(&self) -> i64 {
        self.number("active_runs")
    }

    /// The ids of the people it mentions.
    #[must_use]
    pub fn people(&self) -> BTreeSet<String> {
        let mut ids: BTreeSet<String> = self.strings("invited_user_ids").collect();
        ids.insert(self.text("default_owner_id").to_owned());
        ids.extend(self.objects("members").map(|m| text(m, "user_id")));
        for item in self.objects("checklists").flat_map(|c| objects(c, "items")) {
            ids.insert(text(item, "assignee_id"));
            if let Some((_, users)) = keyword_action(item) {
                ids.extend(users);
            }
        }
        ids.remove("");
        ids
    }

    /// The ids of the groups it mentions.
    #[must_use]
    pub fn groups(&self) -> BTreeSet<String> {
        self.strings("invited_group_ids").collect()
    }

    /// The ids of the channels it mentions.
    #[must_use]
    pub fn channels(&self) -> BTreeSet<String> {
        let mut ids: BTreeSet<String> = self.strings("broadcast_channel_ids").collect();
        ids.insert(self.text("channel_id").to_owned());
        ids.remove("");
        ids
    }

    /// The addresses it calls: secrets, only for comparing them with ours.
    #[must_use]
    pub(super) fn webhooks(&self) -> Webhooks {
        let behind = |switch: &str, key: &str| {
            let all = self.strings(key);
            all.filter(|_| self.flag(switch)).collect()
        };
        Webhooks {
            start: behind("webhook_on_creation_enabled", "webhook_on_creation_urls"),
            update: behind(
                "webhook_on_status_update_enabled",
                "webhook_on_status_update_urls",
            ),
        }
    }

    /// Its managed fields in canonical form; `beside` is what the server keeps beside it.
    #[must_use]
    pub fn state(&self, beside: &Beside, names: &Directory) -> PlaybookState {
        let team = self.team_id();
        let updates = self.flag("status_update_enabled");
        let retrospective = self.flag("retrospective_enabled");
        let linked = self.text("channel_mode") == "link_existing_channel";
        let one = |id: &str| names.person_name(id);
        let behind = |switch: &str, key: &str| {
            let text = self.text(key);
            (self.flag(switch) && !text.is_empty()).then(|| text.to_owned())
        };
        let count = |switch: &str, key: &str| {
            if self.flag(switch) {
                self.strings(key).count()
            } else {
                0
            }
        };
        let mut invite = BTreeSet::new();
        if self.flag("invite_users_enabled") {
            invite.extend(self.strings("invited_user_ids").map(|id| one(&id)));
            let groups = self.strings("invited_group_ids");
            invite.extend(groups.map(|id| format!("{GROUP}{}", names.group_name(&id))));
        }
        let mut broadcast = BTreeSet::new();
        if self.flag("broadcast_enabled") {
            let channels = self.strings("broadcast_channel_ids");
            broadcast.extend(channels.map(|id| names.channel_name(team, &id)));
        }
        let items = Items {
            names,
            beside,
            whens: beside.whens(),
        };
        PlaybookState {
            title: self.title().to_owned(),
            description: self.described().text,
            visibility: if self.flag("public") {
                Visibility::Public
            } else {
                Visibility::Private
            },
            members: Some(
                self.objects("members")
                    .map(|member| (one(&text(member, "user_id")), access_of(member)))
                    .collect(),
            ),
            only_editors_edit: self.flag("admin_only_edit"),
            incident_channel: if self.flag("create_public_playbook_run") {
                ChannelVisibility::Public
            } else {
                ChannelVisibility::Private
            },
            commander_decides: self.flag("owner_group_only_actions"),
            commander: behind("default_owner_enabled", "default_owner_id").map(|id| one(&id)),
            invite,
            channel_name: some_text(self.text("channel_name_template")),
            channel_link: linked.then(|| names.channel_name(team, self.text("channel_id"))),
            category: behind("categorize_channel_enabled", "category_name"),
            archive_when_ended: self.flag("auto_archive_channel"),
            always_new: self.flag("new_channel_only"),
            remove_leavers: self.flag("remove_channel_member_on_removed_participant"),
            participants_join: self.flag("create_channel_member_on_new_participant"),
            signal_keywords: if self.flag("signal_any_keywords_enabled") {
                self.strings("signal_any_keywords").collect()
            } else {
                BTreeSet::new()
            },
            number_prefix: some_text(self.text("run_number_prefix")),
            start_webhooks: Some(count(
                "webhook_on_creation_enabled",
                "webhook_on_creation_urls",
            )),
            welcome: behind("message_on_join_enabled", "message_on_join"),
            overview: behind("run_summary_template_enabled", "run_summary_template"),
            updates_every: updates.then(|| self.number("reminder_timer_default_seconds")),
            updates_template: behind("status_update_enabled", "reminder_message_template"),
            broadcast,
            update_webhooks: Some(count(
                "webhook_on_status_update_enabled",
                "webhook_on_status_update_urls",
            )),
            retrospective,
            retrospective_template: behind("retrospective_enabled", "retrospective_template"),
            retrospective_every: Some(self.number("retrospective_reminder_interval_seconds"))
                .filter(|seconds| retrospective && *seconds != 0),
            metrics: self.objects("metrics").map(metric_of).collect(),
            attributes: beside.attributes.iter().map(attribute_of).collect(),
            stray_conditions: self.stray_conditions(&items),
            checklists: self
                .objects("checklists")
                .map(|checklist| ChecklistState {
                    id: text(checklist, "id"),
                    title: text(checklist, "title"),
                    tasks: objects(checklist, "items")
                        .map(|item| task_of(item, &items))
                        .collect(),
                })
                .collect(),
        }
    }

    fn stray_conditions(&self, items: &Items<'_>) -> Vec<WhenState> {
        let used = self.condition_ids();
        let stray = items.beside.conditions.iter().map(|c| c.id.to_string());
        let stray = stray.filter(|id| !used.contains(id));
        stray
            .filter_map(|id| items.whens.get(&id).cloned())
            .collect()
    }

    /// The ids of the conditions that its tasks use.
    #[must_use]
    pub fn condition_ids(&self) -> BTreeSet<String> {
        let items = self.objects("checklists").flat_map(|c| objects(c, "items"));
        items.map(|item| text(item, "condition_id")).collect()
    }

    /// The id of the condition that each task uses, by the id of the task.
    #[must_use]
    pub fn condition_of_tasks(&self) -> BTreeMap<String, String> {
        let items = self.objects("checklists").flat_map(|c| objects(c, "items"));
        items
            .map(|item| (text(item, "id"), text(item, "condition_id")))
            .collect()
    }

    /// Lays the managed fields over the object; everything else stays.
    ///
    /// # Errors
    /// When a person or channel is not in the directory; the object is unusable then.
    pub fn lay(
        &mut self,
        state: &PlaybookState,
        around: Around<'_>,
        names: &Directory,
    ) -> Result<(), UnknownName> {
        let Around {
            description,
            team,
            webhooks,
            renames,
            references,
        } = around;
        let person = |name: &String| {
            let id = names.person(name).map(str::to_owned);
            id.ok_or_else(|| UnknownName(name.clone()))
        };
        let channel = |name: &String| {
            let id = names.channel(team, name).map(str::to_owned);
            id.ok_or_else(|| UnknownName(name.clone()))
        };
        let commander = state.commander.as_ref().map(person).transpose()?;
        let (mut invited, mut groups) = (Vec::new(), Vec::new());
        for name in &state.invite {
            match name.strip_prefix(GROUP) {
                Some(group) => {
                    let id = names.group(group).map(str::to_owned);
                    groups.push(id.ok_or_else(|| UnknownName(name.clone()))?);
                }
                None => invited.push(person(name)?),
            }
        }
        let broadcast: Vec<String> = state
            .broadcast
            .iter()
            .map(channel)
            .collect::<Result<_, _>>()?;
        let link = state.channel_link.as_ref().map(channel).transpose()?;

        self.set("title", state.title.as_str());
        self.set("description", description);
        self.set("team_id", team);
        self.set("public", state.visibility == Visibility::Public);
        if let Some(members) = &state.members {
            self.lay_members(members, names)?;
        }
        self.set("admin_only_edit", state.only_editors_edit);
        self.set(
            "create_public_playbook_run",
            state.incident_channel == ChannelVisibility::Public,
        );
        self.set("owner_group_only_actions", state.commander_decides);
        self.set("default_owner_enabled", commander.is_some());
        self.set("default_owner_id", commander.unwrap_or_default());
        self.set("invite_users_enabled", !state.invite.is_empty());
        self.set("invited_user_ids", invited);
        self.set("invited_group_ids", groups);
        let template = state.channel_name.as_deref().unwrap_or_default();
        let there = self.text("channel_name_template").to_owned();
        let template = references.map_or(template, |refs| refs.template(template, &there));
        self.set("channel_name_template", template);
        if let Some(link) = link {
            self.set("channel_mode", "link_existing_channel");
            self.set("channel_id", link);
        } else {
            self.set("channel_mode", "create_new_channel");
            self.set("channel_id", "");
        }
        self.set("categorize_channel_enabled", state.category.is_some());
        self.set_text("category_name", state.category.as_ref());
        self.set("auto_archive_channel", state.archive_when_ended);
        self.set("new_channel_only", state.always_new);
        self.set(
            "remove_channel_member_on_removed_participant",
            state.remove_leavers,
        );
        self.set(
            "signal_any_keywords_enabled",
            !state.signal_keywords.is_empty(),
        );
        let keywords: Vec<&String> = state.signal_keywords.iter().collect();
        self.set("signal_any_keywords", json!(keywords));
        self.set(
            "create_channel_member_on_new_participant",
            state.participants_join,
        );
        self.set_text("run_number_prefix", state.number_prefix.as_ref());
        if state.start_webhooks.is_some() {
            self.set("webhook_on_creation_enabled", !webhooks.start.is_empty());
            self.set("webhook_on_creation_urls", webhooks.start.clone());
        }
        self.set("message_on_join_enabled", state.welcome.is_some());
        self.set_text("message_on_join", state.welcome.as_ref());
        self.set("run_summary_template_enabled", state.overview.is_some());
        self.set_text("run_summary_template", state.overview.as_ref());
        self.lay_updates(state, broadcast, webhooks);
        self.lay_retrospective(state);
        let metrics = lay_metrics(self.objects("metrics"), &state.metrics, &renames.metrics);
        self.set("metrics", metrics);
        self.lay_checklists(&state.checklists, names, references)
    }

    fn lay_updates(&mut self, state: &PlaybookState, broadcast: Vec<String>, webhooks: &Webhooks) {
        self.set("status_update_enabled", state.updates_every.is_some());
        let timer = self.number("reminder_timer_default_seconds");
        let idle = if timer > 0 { timer } else { IDLE_TIMER_SECONDS };
        self.set(
            "reminder_timer_default_seconds",
            state.updates_every.unwrap_or(idle),
        );
        self.set_text("reminder_message_template", state.updates_template.as_ref());
        self.set("broadcast_enabled", !broadcast.is_empty());
        self.set("broadcast_channel_ids", broadcast);
        if state.update_webhooks.is_some() {
            self.set(
                "webhook_on_status_update_enabled",
                !webhooks.update.is_empty(),
            );
            self.set("webhook_on_status_update_urls", webhooks.update.clone());
        }
    }

    fn lay_retrospective(&mut self, state: &PlaybookState) {
        self.set("retrospective_enabled", state.retrospective);
        self.set_text(
            "retrospective_template",
            state.retrospective_template.as_ref(),
        );
        self.set(
            "retrospective_reminder_interval_seconds",
            state.retrospective_every.unwrap_or(0),
        );
    }

    /// Replaces the description only.
    pub fn set_description(&mut self, description: String) {
        self.set("description", description);
    }

    /// The server compares the list as a whole, with order and computed roles: what
    /// need not change is left as it came, since any change needs more permissions.
    fn lay_members(
        &mut self,
        wanted: &BTreeMap<String, Access>,
        names: &Directory,
    ) -> Result<(), UnknownName> {
        let mut missing = wanted.clone();
        let mut members = Vec::new();
        for member in self.objects("members") {
            let name = names.person_name(&text(member, "user_id"));
            let Some(access) = missing.remove(&name) else {
                continue;
            };
            let mut member = member.clone();
            if access_of(&member) != access {
                member.insert("roles".to_owned(), roles_of(&access));
                member.remove("scheme_roles");
            }
            members.push(Value::Object(member));
        }
        for (name, access) in missing {
            let Some(id) = names.person(&name) else {
                return Err(UnknownName(name));
            };
            members.push(json!({ "user_id": id, "roles": roles_of(&access) }));
        }
        self.set("members", members);
        Ok(())
    }

    /// Starts from the checklist and item of the same id, for the sake of keys that
    /// this version does not manage.
    fn lay_checklists(
        &mut self,
        checklists: &[ChecklistState],
        names: &Directory,
        references: Option<&References>,
    ) -> Result<(), UnknownName> {
        let mut known_checklists = BTreeMap::new();
        let mut known_items = BTreeMap::new();
        for checklist in self.objects("checklists") {
            known_checklists.insert(text(checklist, "id"), checklist.clone());
            for item in objects(checklist, "items") {
                known_items.insert(text(item, "id"), item.clone());
            }
        }
        let mut laid = Vec::new();
        for checklist in checklists {
            let mut items = Vec::new();
            for task in &checklist.tasks {
                let mut item = known_items.get(&task.id).cloned().unwrap_or_default();
                lay_task(&mut item, task, names, references)?;
                items.push(Value::Object(item));
            }
            let mut object = known_checklists
                .get(&checklist.id)
                .cloned()
                .unwrap_or_default();
            // Computed by the server from the items.
            object.remove("items_order");
            object.insert("id".to_owned(), json!(checklist.id));
            object.insert("title".to_owned(), json!(checklist.title));
            object.insert("items".to_owned(), json!(items));
            laid.push(Value::Object(object));
        }
        self.set("checklists", laid);
        Ok(())
    }

    fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    fn number(&self, key: &str) -> i64 {
        self.0.get(key).and_then(Value::as_i64).unwrap_or_default()
    }

    fn flag(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    fn strings(&self, key: &str) -> impl Iterator<Item = String> {
        let items = self.0.get(key).and_then(Value::as_array);
        let items = items.map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(Value::as_str).map(str::to_owned)
    }

    fn objects(&self, key: &str) -> impl Iterator<Item = &Map<String, Value>> {
        objects(&self.0, key)
    }

    fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    fn set_text(&mut self, key: &str, text: Option<&String>) {
        self.set(key, text.cloned().unwrap_or_default());
    }
}

/// About how many bytes the checklists have as the server stores them.
#[must_use]
pub fn checklists_size(state: &PlaybookState) -> usize {
    // Each item is stored with all its keys, of which we send some.
    const KEYS_OF_AN_ITEM: usize = 330;
    let texts = serde_json::to_string(&state.checklists).map_or(0, |json| json.len());
    texts + state.tasks().count() * KEYS_OF_AN_ITEM
}

fn access_of(member: &Map<String, Value>) -> Access {
    let roles = member.get("roles").and_then(Value::as_array);
    let roles = roles.map(Vec::as_slice).unwrap_or_default();
    let roles: BTreeSet<&str> = roles.iter().filter_map(Value::as_str).collect();
    let roles: Vec<&str> = roles.into_iter().collect();
    match roles.as_slice() {
        ["playbook_member"] => Access::Use,
        ["playbook_admin", "playbook_member"] => Access::Edit,
        other => Access::Other(other.join(" ")),
    }
}

/// Editors have both roles: with the second alone the server lets them write but not read.
fn roles_of(access: &Access) -> Value {
    match access {
        Access::Use => json!(["playbook_member"]),
        Access::Edit => json!(["playbook_member", "playbook_admin"]),
        Access::Other(roles) => json!(roles.split(' ').collect::<Vec<_>>()),
    }
}

fn some_text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn text(object: &Map<String, Value>, key: &str) -> String {
    let value = object.get(key).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

fn objects<'a>(
    object: &'a Map<String, Value>,
    key: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> + use<'a> {
    let items = object.get(key).and_then(Value::as_array);
    let items = items.map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_object)
}
