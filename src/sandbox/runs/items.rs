//! Items of a run's checklists, addressed by two indices.

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::writable;
use super::checklists::list_in_path;
use super::participants::IntoChannel;
use super::run::{Event, Run};
use crate::sandbox::call::Call;
use crate::sandbox::ids::is_id;
use crate::sandbox::playbooks::object::Item;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::{Post, World};

/// One item; `items` instead of `item` is an alias that the server rewrites before this.
macro_rules! item {
    ($rest:literal) => {
        concat!(
            "/plugins/playbooks/api/v0/runs/{run_id}/checklists/{list_index}/item/{item_index}",
            $rest
        )
    };
}

pub(super) const ROUTES: &[Route] = &[
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/checklists/{list_index}/add",
        add,
    ),
    route("PUT", item!(""), edit),
    route("DELETE", item!(""), remove),
    route("PUT", item!("/state"), set_state),
    route("PUT", item!("/skip"), skip),
    route("PUT", item!("/restore"), restore),
    route("PUT", item!("/assignee"), assign),
    route("PUT", item!("/duedate"), set_due_date),
    route("PUT", item!("/command"), set_command),
    route("POST", item!("/run"), run_command),
    route("POST", item!("/duplicate"), duplicate),
];

/// Slash commands that come with the server.
const COMMANDS: [&str; 15] = [
    "/echo",
    "/away",
    "/online",
    "/offline",
    "/dnd",
    "/me",
    "/shrug",
    "/code",
    "/join",
    "/leave",
    "/invite",
    "/header",
    "/purpose",
    "/rename",
    "/playbook",
];

/// States of an item; the empty one is open.
const STATES: [&str; 4] = ["", "in_progress", "closed", "skipped"];

fn add(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let undecodable = || Reply::refused("failed to decode ChecklistItem");
    let mut item: Item = call.decode().ok_or_else(undecodable)?;
    if item.title.trim().is_empty() {
        return Err(Reply::refused("bad parameter: checklist item title"));
    }
    add_item(world, call, &mut run, &mut item)?;
    world.save_run(run);
    Ok(Reply::empty(201))
}

/// Appends an item to the checklist in the path.
pub(super) fn add_item(
    world: &mut World,
    call: &Call,
    run: &mut Run,
    item: &mut Item,
) -> Result<(), Reply> {
    item.id = world.new_id();
    item.update_at = world.now();
    let list = list_in_path(run, call)?;
    list.update_at = item.update_at;
    list.items.push(item.clone());
    Ok(())
}

/// The item in the path, stamped as changed; a bad index is an internal error.
fn touched<'r>(run: &'r mut Run, call: &Call, now: i64) -> Result<&'r mut Item, Reply> {
    let index = call.index("item_index").ok_or_else(Reply::internal)?;
    let list = list_in_path(run, call)?;
    let item = list.items.get_mut(index).ok_or_else(Reply::internal)?;
    list.update_at = now;
    item.update_at = now;
    Ok(item)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Edit {
    title: String,
    command: String,
    description: String,
}

fn edit(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let undecodable = || Reply::refused("failed to unmarshal edit params state");
    let edit: Edit = call.decode().ok_or_else(undecodable)?;
    let now = world.now();
    let item = touched(&mut run, call, now)?;
    item.title = edit.title;
    item.command = edit.command;
    item.description = edit.description;
    world.save_run(run);
    Ok(Reply::empty(200))
}

fn remove(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let now = world.now();
    touched(&mut run, call, now)?;
    let index = call.index("item_index").ok_or_else(Reply::internal)?;
    list_in_path(&mut run, call)?.items.remove(index);
    world.save_run(run);
    Ok(Reply::empty(204))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewState {
    new_state: String,
}

fn set_state(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let undecodable = || Reply::refused("failed to unmarshal");
    let new: NewState = call.decode().ok_or_else(undecodable)?;
    if !STATES.contains(&new.new_state.as_str()) {
        return Err(Reply::refused("bad parameter new state"));
    }
    let place = (call.index("list_index"), call.index("item_index"));
    let (Some(list), Some(item)) = place else {
        return Err(Reply::internal());
    };
    if run
        .checklists
        .get(list)
        .is_none_or(|list| item >= list.items.len())
    {
        return Err(Reply::internal());
    }
    state_change(world, &call.user, &mut run, (list, item), &new.new_state);
    world.save_run(run);
    Ok(Reply::ok(json!({})))
}

/// Brings an item into a state; the same state again is no event.
pub(super) fn state_change(
    world: &mut World,
    user: &str,
    run: &mut Run,
    (list, item): (usize, usize),
    state: &str,
) {
    let now = world.now();
    let list = &mut run.checklists[list];
    let item = &mut list.items[item];
    if item.state == state {
        return;
    }
    // The plugin has no word of its own for a task that was begun.
    let (action, words) = match (item.state.as_str(), state) {
        ("skipped", "") => ("restore", "restored checklist item"),
        (_, "") => ("uncheck", "unchecked checklist item"),
        (_, "skipped") => ("skip", "skipped checklist item"),
        _ => ("check", "checked off checklist item"),
    };
    state.clone_into(&mut item.state);
    item.state_modified = now;
    item.update_at = now;
    list.update_at = now;
    let event = Event {
        summary: format!("{words} **{}**", item.title),
        details: json!({ "action": action, "task": item.title }).to_string(),
        ..Event::default()
    };
    world.add_event(run, "task_state_modified", user, event);
}

fn skip(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let now = world.now();
    let item = touched(&mut run, call, now)?;
    "skipped".clone_into(&mut item.state);
    item.delete_at = now;
    world.save_run(run);
    Ok(Reply::empty(204))
}

/// The time of deletion stays.
fn restore(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let now = world.now();
    touched(&mut run, call, now)?.state.clear();
    world.save_run(run);
    Ok(Reply::empty(204))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewAssignee {
    assignee_id: String,
    assignee_type: String,
    assignee_property_field_id: String,
}

fn assign(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let undecodable = || Reply::refused("failed to unmarshal");
    let mut new: NewAssignee = call.decode().ok_or_else(undecodable)?;
    let given = [
        &new.assignee_id,
        &new.assignee_type,
        &new.assignee_property_field_id,
    ];
    if given.iter().filter(|text| !text.is_empty()).count() > 1 {
        return Err(Reply::refused(
            "assignee_id, assignee_type, and assignee_property_field_id are mutually exclusive",
        ));
    }
    match new.assignee_type.as_str() {
        "" => {}
        "owner" => new.assignee_id.clone_from(&run.owner_user_id),
        "creator" => new.assignee_id.clone_from(&run.reporter_user_id),
        _ => {
            return Err(Reply::refused(
                "invalid role assignee type: must be 'owner' or 'creator': malformed",
            ));
        }
    }
    if !new.assignee_property_field_id.is_empty() {
        assign_to_field(world, &run, &mut new)?;
    }
    if !new.assignee_id.is_empty() && world.users.get(&new.assignee_id).is_none() {
        return Err(Reply::internal());
    }
    let now = world.now();
    let item = touched(&mut run, call, now)?;
    if item.assignee_id == new.assignee_id
        && item.assignee_type == new.assignee_type
        && item.assignee_property_field_id == new.assignee_property_field_id
    {
        return Ok(Reply::ok(json!({})));
    }
    let before = std::mem::replace(&mut item.assignee_id, new.assignee_id.clone());
    item.assignee_type.clone_from(&new.assignee_type);
    item.assignee_property_field_id
        .clone_from(&new.assignee_property_field_id);
    item.assignee_modified = now;
    let title = item.title.clone();
    let field = world.fields.get(&new.assignee_property_field_id);
    let summary = match (field, new.assignee_type.as_str()) {
        (Some(field), _) => format!(
            "set assignee of checklist item **{title}** to property field {}",
            field.name
        ),
        (None, "") => world.assignment(&title, &before, &new.assignee_id),
        (None, role) => format!("set assignee of checklist item **{title}** to {role}"),
    };
    let event = Event {
        summary,
        ..Event::default()
    };
    world.add_event(&mut run, "assignee_changed", &call.user, event);
    let is_new = !run.participant_ids.contains(&new.assignee_id);
    if !new.assignee_id.is_empty() && is_new {
        let people = [new.assignee_id];
        world.add_participants(&mut run, &people, &call.user, IntoChannel::IfConfigured);
    }
    world.save_run(run);
    Ok(Reply::ok(json!({})))
}

/// An attribute may be named by the run's own id or by the playbook's.
fn assign_to_field(world: &World, run: &Run, new: &mut NewAssignee) -> Result<(), Reply> {
    let id = new.assignee_property_field_id.clone();
    if !is_id(&id) {
        return Err(Reply::refused("invalid assignee_property_field_id"));
    }
    let fields = world.fields_of(&run.id);
    let field = fields
        .iter()
        .find(|field| field.id == id || field.attrs.parent_id == id);
    let field = field.ok_or_else(|| {
        Reply::refused(&format!(
            "property field {id} not found on run: property field does not belong to run"
        ))
    })?;
    new.assignee_property_field_id.clone_from(&field.id);
    "property_user".clone_into(&mut new.assignee_type);
    let person = world.value_of(&run.id, &field.id).and_then(Value::as_str);
    person.unwrap_or_default().clone_into(&mut new.assignee_id);
    Ok(())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewDueDate {
    due_date: i64,
}

fn set_due_date(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let undecodable = || Reply::refused("failed to unmarshal");
    let new: NewDueDate = call.decode().ok_or_else(undecodable)?;
    let now = world.now();
    touched(&mut run, call, now)?.due_date = new.due_date;
    world.save_run(run);
    Ok(Reply::ok(json!({})))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewCommand {
    command: String,
}

fn set_command(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let undecodable = || Reply::refused("failed to unmarshal");
    let new: NewCommand = call.decode().ok_or_else(undecodable)?;
    let now = world.now();
    touched(&mut run, call, now)?.command = new.command;
    world.save_run(run);
    Ok(Reply::ok(json!({})))
}

/// Runs the item's slash command as the caller; only `/echo` does anything here.
fn run_command(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    if !call.body.is_empty() {
        return Err(Reply::refused("request body must be empty"));
    }
    let now = world.now();
    let variables = variables(&run.summary);
    let item = touched(&mut run, call, now)?;
    let mut command = item.command.trim().to_owned();
    for (name, value) in variables {
        command = command.replace(&name, &value);
    }
    let name = command.split_whitespace().next().unwrap_or_default();
    if !COMMANDS.contains(&name) {
        return Err(Reply::internal());
    }
    item.command_last_run = now;
    if let Some(text) = command.strip_prefix("/echo") {
        world.add_post(Post {
            channel: run.channel_id.clone(),
            user: call.user.clone(),
            message: text.trim().to_owned(),
            is_internal: true,
            ..Post::default()
        });
    }
    let event = Event {
        summary: format!("ran the slash command: `{command}`"),
        ..Event::default()
    };
    world.add_event(&mut run, "ran_slash_command", &call.user, event);
    world.save_run(run);
    Ok(Reply::ok(json!({ "trigger_id": "" })))
}

/// Lines `$name=value` of a summary are variables of the run's commands.
fn variables(summary: &str) -> Vec<(String, String)> {
    let lines = summary.lines().filter(|line| line.starts_with('$'));
    lines
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

fn duplicate(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let now = world.now();
    let mut copy = touched(&mut run, call, now)?.clone();
    copy.id = world.new_id();
    copy.update_at = now;
    let index = call.index("item_index").unwrap_or_default();
    list_in_path(&mut run, call)?.items.insert(index + 1, copy);
    world.save_run(run);
    Ok(Reply::empty(201))
}

impl World {
    /// Closes items of runs whose keyword somebody said in the run's channel.
    pub(crate) fn close_items_waiting_for(&mut self, post: &str) {
        let Some(post) = self.posts.get(post).cloned() else {
            return;
        };
        let in_channel = |run: &&Run| run.channel_id == post.channel && !run.is_finished();
        let runs: Vec<Run> = self.runs.iter().filter(in_channel).cloned().collect();
        for mut run in runs {
            let now = self.now();
            let mut changed = false;
            for list in &mut run.checklists {
                for item in list.items.iter_mut().filter(|item| item.state != "closed") {
                    if is_set_off(item, &post.message, &post.user) {
                        "closed".clone_into(&mut item.state);
                        item.state_modified = now;
                        item.update_at = now;
                        changed = true;
                    }
                }
            }
            if changed {
                self.save_run(run);
            }
        }
    }
}

/// Whether a message closes an item by itself.
fn is_set_off(item: &Item, message: &str, user: &str) -> bool {
    let message = message.to_lowercase();
    item.task_actions.iter().flatten().any(|action| {
        let payload: Value = serde_json::from_str(&action.trigger.payload).unwrap_or_default();
        let texts = |key: &str| -> Vec<String> {
            let list = payload[key]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            list.iter()
                .filter_map(|text| text.as_str().map(str::to_lowercase))
                .collect()
        };
        let users = texts("user_ids");
        let done = action
            .actions
            .iter()
            .any(|action| action.payload.contains("true"));
        done && texts("keywords").iter().any(|word| message.contains(word))
            && (users.is_empty() || users.iter().any(|id| id == user))
    })
}
