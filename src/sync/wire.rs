//! Between the canonical form and the server's playbook object.
//!
//! Owns which key of the API a managed field is, and what the server means by it:
//! a text behind a switch that is off says nothing. Works on the raw object, so
//! that keys this version does not know survive. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::canonical::{Access, ChecklistState, DoneWhenState, PlaybookState, TaskState};
use super::directory::Directory;
use super::marker::Described;
use crate::model::{ChannelVisibility, Visibility};

/// The timer of a playbook without updates: the server refuses to create one with 0.
const IDLE_TIMER_SECONDS: i64 = 86_400;

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

    /// Its managed fields in canonical form.
    #[must_use]
    pub fn state(&self, names: &Directory) -> PlaybookState {
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
            invite.extend(groups.map(|id| format!("group:{id}")));
        }
        let mut broadcast = BTreeSet::new();
        if self.flag("broadcast_enabled") {
            let channels = self.strings("broadcast_channel_ids");
            broadcast.extend(channels.map(|id| names.channel_name(team, &id)));
        }
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
            participants_join: self.flag("create_channel_member_on_new_participant"),
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
            checklists: self
                .objects("checklists")
                .map(|checklist| ChecklistState {
                    id: text(checklist, "id"),
                    title: text(checklist, "title"),
                    tasks: objects(checklist, "items")
                        .map(|item| task_of(item, names))
                        .collect(),
                })
                .collect(),
        }
    }

    /// Lays the managed fields over the object; everything else stays.
    ///
    /// `team` is the id of its team, `description` carries the marker.
    ///
    /// # Errors
    /// When a person or channel is not in the directory; the object is unusable then.
    pub fn lay(
        &mut self,
        state: &PlaybookState,
        description: String,
        team: &str,
        webhooks: &Webhooks,
        names: &Directory,
    ) -> Result<(), UnknownName> {
        let person = |name: &String| {
            let id = names.person(name).map(str::to_owned);
            id.ok_or_else(|| UnknownName(name.clone()))
        };
        let channel = |name: &String| {
            let id = names.channel(team, name).map(str::to_owned);
            id.ok_or_else(|| UnknownName(name.clone()))
        };
        let commander = state.commander.as_ref().map(person).transpose()?;
        let invited: Vec<String> = state.invite.iter().map(person).collect::<Result<_, _>>()?;
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
        self.set("invite_users_enabled", !invited.is_empty());
        self.set("invited_user_ids", invited);
        self.set("invited_group_ids", json!([]));
        self.set_text("channel_name_template", state.channel_name.as_ref());
        if let Some(link) = link {
            self.set("channel_mode", "link_existing_channel");
            self.set("channel_id", link);
            // The server refuses both together.
            self.set("new_channel_only", false);
        } else {
            self.set("channel_mode", "create_new_channel");
            self.set("channel_id", "");
        }
        self.set("categorize_channel_enabled", state.category.is_some());
        self.set_text("category_name", state.category.as_ref());
        self.set("auto_archive_channel", state.archive_when_ended);
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
        self.set("retrospective_enabled", state.retrospective);
        self.set_text(
            "retrospective_template",
            state.retrospective_template.as_ref(),
        );
        self.set(
            "retrospective_reminder_interval_seconds",
            state.retrospective_every.unwrap_or(0),
        );
        self.lay_checklists(&state.checklists, names)
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
                lay_task(&mut item, task, names)?;
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

fn task_of(item: &Map<String, Value>, names: &Directory) -> TaskState {
    let assignee = text(item, "assignee_id");
    let field = text(item, "assignee_property_field_id");
    let assign = match text(item, "assignee_type").as_str() {
        "" if assignee.is_empty() => None,
        "" => Some(format!("user:{}", names.person_name(&assignee))),
        "owner" => Some("commander".to_owned()),
        "creator" => Some("creator".to_owned()),
        other => Some(format!("{other}:{field}")),
    };
    TaskState {
        id: text(item, "id"),
        title: text(item, "title"),
        description: text(item, "description"),
        assign,
        due: item
            .get("due_date")
            .and_then(Value::as_i64)
            .filter(|due| *due != 0),
        command: text(item, "command"),
        done_when: done_when_of(item, names),
    }
}

fn lay_task(
    item: &mut Map<String, Value>,
    task: &TaskState,
    names: &Directory,
) -> Result<(), UnknownName> {
    let person = |name: &str| {
        let id = names.person(name).map(str::to_owned);
        id.ok_or_else(|| UnknownName(name.to_owned()))
    };
    let (kind, assignee) = match task.assign.as_deref() {
        None => ("", String::new()),
        Some("commander") => ("owner", String::new()),
        Some("creator") => ("creator", String::new()),
        Some(other) => ("", person(other.strip_prefix("user:").unwrap_or(other))?),
    };
    let actions = match &task.done_when {
        None => Value::Null,
        Some(DoneWhenState::Other(actions)) => actions.clone(),
        Some(DoneWhenState::Keywords { keywords, from }) => {
            let users: Vec<String> = from.iter().map(|n| person(n)).collect::<Result<_, _>>()?;
            let trigger = json!({ "keywords": keywords, "user_ids": users });
            json!([{
                "trigger": { "type": "keywords_by_users", "payload": trigger.to_string() },
                "actions": [{
                    "type": "mark_item_as_done",
                    "payload": json!({ "enabled": true }).to_string(),
                }],
            }])
        }
    };
    let mut set = |key: &str, value: Value| item.insert(key.to_owned(), value);
    set("id", json!(task.id));
    set("title", json!(task.title));
    set("description", json!(task.description));
    set("command", json!(task.command));
    set("due_date", json!(task.due.unwrap_or(0)));
    set("assignee_id", json!(assignee));
    set("assignee_type", json!(kind));
    set("assignee_property_field_id", json!(""));
    set("task_actions", actions);
    Ok(())
}

fn done_when_of(item: &Map<String, Value>, names: &Directory) -> Option<DoneWhenState> {
    let actions = item.get("task_actions")?;
    if actions.as_array().is_none_or(Vec::is_empty) {
        return None;
    }
    let state = match keyword_action(item) {
        Some((keywords, users)) => DoneWhenState::Keywords {
            keywords,
            from: users.iter().map(|id| names.person_name(id)).collect(),
        },
        None => DoneWhenState::Other(actions.clone()),
    };
    Some(state)
}

/// The keywords and user ids, where the item has the one action that sync writes.
fn keyword_action(item: &Map<String, Value>) -> Option<(Vec<String>, Vec<String>)> {
    let [action] = item.get("task_actions")?.as_array()?.as_slice() else {
        return None;
    };
    let trigger = action.get("trigger")?;
    let [done] = action.get("actions")?.as_array()?.as_slice() else {
        return None;
    };
    if trigger.get("type")? != "keywords_by_users" || done.get("type")? != "mark_item_as_done" {
        return None;
    }
    // Payloads are JSON inside a string.
    let payload =
        |of: &Value| -> Option<Value> { serde_json::from_str(of.get("payload")?.as_str()?).ok() };
    if payload(done)?.get("enabled")? != true {
        return None;
    }
    let payload = payload(trigger)?;
    let strings = |key: &str| -> Vec<String> {
        let items = payload.get(key).and_then(Value::as_array);
        let items = items.map(Vec::as_slice).unwrap_or_default();
        items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    Some((strings("keywords"), strings("user_ids")))
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

#[cfg(test)]
mod tests {
    use super::super::canonical::tests::sample;
    use super::*;

    fn directory() -> Directory {
        let mut directory = Directory::default();
        for name in ["alice", "bob", "carol", "dave"] {
            directory.add_person(format!("{name}-id"), name);
        }
        directory.add_channel("incidents-id", "ops-id", "incidents");
        directory
    }

    fn webhooks() -> Webhooks {
        Webhooks {
            start: vec!["https://hooks.example.com/secret".to_owned()],
            update: Vec::new(),
        }
    }

    fn laid(state: &PlaybookState, mut raw: RawPlaybook) -> RawPlaybook {
        raw.lay(
            state,
            state.description.clone(),
            "ops-id",
            &webhooks(),
            &directory(),
        )
        .unwrap();
        raw
    }

    #[test]
    fn what_is_laid_is_read_again() {
        let raw = laid(&sample(), RawPlaybook::default());
        assert_eq!(raw.state(&directory()), sample());
    }

    #[test]
    fn everything_off_is_read_again_too() {
        let mut state = sample();
        state.updates_every = None;
        state.updates_template = None;
        state.broadcast.clear();
        state.retrospective = false;
        state.retrospective_template = None;
        state.welcome = None;
        state.category = None;
        state.commander = None;
        state.invite.clear();
        state.channel_link = Some("~incidents".to_owned());
        let raw = laid(&state, RawPlaybook::default());
        assert_eq!(raw.state(&directory()), state);
        assert_eq!(
            raw.number("reminder_timer_default_seconds"),
            IDLE_TIMER_SECONDS
        );
    }

    #[test]
    fn unknown_keys_survive_at_every_level() {
        let mut raw = laid(&sample(), RawPlaybook::default());
        raw.set("later", json!({"a": 1}));
        raw.0["checklists"][0]["later"] = json!(2);
        raw.0["checklists"][0]["items"][1]["condition_id"] = json!("c");
        let mut state = sample();
        state.checklists[0].tasks.swap(0, 1);
        let raw = laid(&state, raw);
        assert_eq!(raw.0["later"], json!({"a": 1}));
        assert_eq!(raw.0["checklists"][0]["later"], 2);
        assert_eq!(raw.0["checklists"][0]["items"][0]["condition_id"], "c");
    }

    #[test]
    fn members_that_stay_are_left_as_they_came() {
        let mut raw = RawPlaybook::default();
        let bob = json!({"user_id": "bob-id", "roles": ["playbook_member"], "scheme_roles": ["playbook_member"]});
        raw.set(
            "members",
            json!([
                {"user_id": "dave-id", "roles": ["playbook_member"]},
                bob,
            ]),
        );
        let raw = laid(&sample(), raw);
        assert_eq!(
            raw.0["members"],
            json!([bob, {"user_id": "alice-id", "roles": ["playbook_member", "playbook_admin"]}])
        );
    }

    #[test]
    fn unmanaged_fields_are_not_touched() {
        use crate::model::Unmanaged::{Members, Webhooks};
        let mut raw = RawPlaybook::default();
        raw.set("webhook_on_creation_urls", json!(["https://other"]));
        raw.set("webhook_on_creation_enabled", true);
        raw.set(
            "members",
            json!([{"user_id": "x", "roles": ["playbook_admin"]}]),
        );
        let raw = laid(&sample().without(&[Members, Webhooks]), raw);
        assert_eq!(raw.0["webhook_on_creation_urls"], json!(["https://other"]));
        assert_eq!(raw.0["members"][0]["user_id"], "x");
    }

    #[test]
    fn a_name_that_nobody_has_is_an_error() {
        let mut state = sample();
        state.invite.insert("zoe".to_owned());
        let error = RawPlaybook::default()
            .lay(&state, String::new(), "ops-id", &webhooks(), &directory())
            .unwrap_err();
        assert_eq!(error, UnknownName("zoe".to_owned()));
    }

    #[test]
    fn foreign_settings_show_as_what_they_are() {
        let mut raw = laid(&sample(), RawPlaybook::default());
        raw.set("invited_group_ids", json!(["g"]));
        raw.set("broadcast_channel_ids", json!(["elsewhere"]));
        raw.0["checklists"][0]["items"][0]["assignee_type"] = json!("property_user");
        raw.0["checklists"][0]["items"][0]["assignee_property_field_id"] = json!("f");
        raw.0["checklists"][0]["items"][1]["task_actions"][0]["actions"][0]["payload"] =
            json!("{\"enabled\":false}");
        raw.0["members"][0]["roles"] = json!(["playbook_admin"]);
        let state = raw.state(&directory());
        assert!(state.invite.contains("group:g"));
        assert!(state.broadcast.contains("id:elsewhere"));
        let tasks = &state.checklists[0].tasks;
        assert_eq!(tasks[0].assign.as_deref(), Some("property_user:f"));
        assert!(matches!(
            tasks[1].done_when,
            Some(DoneWhenState::Other(Value::Array(_)))
        ));
        let members = state.members.unwrap();
        assert!(
            members
                .values()
                .any(|a| *a == Access::Other("playbook_admin".to_owned()))
        );
    }

    #[test]
    fn null_lists_are_empty() {
        let mut raw = laid(&sample(), RawPlaybook::default());
        for key in [
            "checklists",
            "members",
            "invited_user_ids",
            "broadcast_channel_ids",
        ] {
            raw.set(key, Value::Null);
        }
        let state = raw.state(&directory());
        assert!(state.checklists.is_empty() && state.invite.is_empty());
    }

    #[test]
    fn webhooks_never_show_their_addresses() {
        assert!(!format!("{:?}", webhooks()).contains("secret"));
    }
}
