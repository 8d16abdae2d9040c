//! Channel actions: what happens when somebody joins a channel or says a word.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Call;
use super::ids::Id;
use super::playbooks::object::Playbook;
use super::reply::{Answer, Reply};
use super::routes::{Route, route};
use super::table::Row;
use super::world::World;

pub(super) const ROUTES: &[Route] = &[
    route(
        "GET",
        "/plugins/playbooks/api/v0/actions/channels/{channel_id}",
        list,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/actions/channels/{channel_id}",
        create,
    ),
    route(
        "GET",
        "/plugins/playbooks/api/v0/actions/channels/{channel_id}/check-and-send-message-on-join",
        greet,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/actions/channels/{channel_id}/{action_id}",
        update,
    ),
];

/// What can set an action off, and what it can do.
const KINDS: [(&str, &str); 3] = [
    ("new_member_joins", "send_welcome_message"),
    ("new_member_joins", "categorize_channel"),
    ("keywords", "prompt_run_playbook"),
];

/// An action of a channel.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Action {
    id: Id,
    channel_id: Id,
    enabled: bool,
    #[serde(skip_deserializing)]
    delete_at: i64,
    action_type: String,
    trigger_type: String,
    payload: Value,
}

impl Row for Action {
    fn id(&self) -> &str {
        &self.id
    }
}

impl World {
    fn actions_of(&self, channel: &str) -> Vec<Action> {
        let all = self.actions.iter();
        all.filter(|action| action.channel_id == channel)
            .cloned()
            .collect()
    }

    fn add_action(&mut self, channel: &str, kind: (&str, &str), payload: Value) {
        let action = Action {
            id: self.new_id(),
            channel_id: channel.to_owned(),
            enabled: true,
            delete_at: 0,
            trigger_type: kind.0.to_owned(),
            action_type: kind.1.to_owned(),
            payload,
        };
        self.actions.insert(action);
    }

    /// Welcome message and category of a playbook become actions of the new channel.
    pub(crate) fn add_actions_of_playbook(&mut self, channel: &str, playbook: &Playbook) {
        if playbook.message_on_join_enabled && !playbook.message_on_join.is_empty() {
            let payload = json!({ "message": playbook.message_on_join });
            self.add_action(channel, KINDS[0], payload);
        }
        if playbook.categorize_channel_enabled && !playbook.category_name.is_empty() {
            let payload = json!({ "category_name": playbook.category_name });
            self.add_action(channel, KINDS[1], payload);
        }
    }
}

/// Actions are for whoever is in the channel.
fn require(world: &World, call: &Call) -> Result<Id, Reply> {
    let channel = call.param("channel_id");
    if world.may_in_channel(&call.user, channel, "read_channel") {
        Ok(channel.to_owned())
    } else {
        Err(Reply::forbidden())
    }
}

fn list(world: &mut World, call: &Call) -> Answer {
    let channel = require(world, call)?;
    let mut actions = world.actions_of(&channel);
    for (name, known) in [
        ("trigger_type", ["new_member_joins", "keywords"].as_slice()),
        (
            "action_type",
            [
                "send_welcome_message",
                "prompt_run_playbook",
                "categorize_channel",
            ]
            .as_slice(),
        ),
    ] {
        let Some(wanted) = call.query(name).filter(|wanted| !wanted.is_empty()) else {
            continue;
        };
        if !known.contains(&wanted) {
            return Err(Reply::refused(&format!(
                "bad options: {name} {wanted:?} not recognized; valid values are [{}]",
                known.join(" ")
            )));
        }
        actions.retain(|action| match name {
            "trigger_type" => action.trigger_type == wanted,
            _ => action.action_type == wanted,
        });
    }
    Ok(Reply::ok(actions))
}

fn sent(world: &World, call: &Call) -> Result<Action, Reply> {
    let unreadable = || Reply::refused("unable to parse action");
    let action: Action = call.decode().ok_or_else(unreadable)?;
    if action.channel_id != call.param("channel_id") {
        return Err(Reply::refused(
            "channel ID in request body must match channel ID in URL",
        ));
    }
    Ok(action).and_then(|action| check(world, call, &action).map(|()| action))
}

fn check(world: &World, call: &Call, action: &Action) -> Result<(), Reply> {
    let invalid = || Reply::refused("invalid action");
    let kind = (action.trigger_type.as_str(), action.action_type.as_str());
    if !KINDS.contains(&kind) || !action.payload.is_object() {
        return Err(invalid());
    }
    if action.action_type == "prompt_run_playbook" {
        let keywords = action.payload["keywords"].as_array().ok_or_else(invalid)?;
        let is_word = |word: &Value| word.as_str().is_some_and(|word| !word.trim().is_empty());
        if keywords.is_empty() || !keywords.iter().all(is_word) {
            return Err(invalid());
        }
        let playbook = action.payload["playbook_id"].as_str().unwrap_or_default();
        world
            .visible_playbook(&call.user, playbook)
            .map_err(|_| Reply::forbidden_twice("invalid action"))?;
    }
    Ok(())
}

fn create(world: &mut World, call: &Call) -> Answer {
    let channel = require(world, call)?;
    let mut action = sent(world, call)?;
    let same = |other: &Action| other.action_type == action.action_type;
    if world.actions_of(&channel).iter().any(same) {
        return Err(Reply::error(500, "unable to create action"));
    }
    action.id = world.new_id();
    let id = action.id.clone();
    world.actions.insert(action);
    // The real one says `channel` here although the route is called `channels`.
    let at = format!("/plugins/playbooks/api/v0/actions/channel/{channel}/{id}");
    Ok(Reply::created(json!({ "id": id })).at(at))
}

fn update(world: &mut World, call: &Call) -> Answer {
    require(world, call)?;
    let action = sent(world, call)?;
    if action.id != call.param("action_id") {
        return Err(Reply::refused(
            "action ID in request body must match action ID in URL",
        ));
    }
    if world.actions.get(&action.id).is_none() {
        return Err(Reply::internal());
    }
    world.actions.insert(action);
    Ok(Reply::empty(200))
}

fn greet(world: &mut World, call: &Call) -> Answer {
    require(world, call)?;
    Ok(Reply::ok(json!({ "viewed": true })))
}
