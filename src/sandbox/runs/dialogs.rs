//! The callbacks of interactive dialogs, which can be called directly.

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{visible, writable};
use super::create::{Options, start};
use super::items::add_item;
use super::run::Event;
use super::status::{Update, publish};
use crate::sandbox::call::Call;
use crate::sandbox::ids::Id;
use crate::sandbox::playbooks::object::{ChannelMode, Item};
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/plugins/playbooks/api/v0/runs/dialog", start_run),
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/add-to-timeline-dialog",
        add_to_timeline,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/update-status-dialog",
        update_status,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/finish-dialog",
        finish,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/checklists/{list_index}/add-dialog",
        add,
    ),
];

/// What a dialog sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Dialog {
    user_id: Id,
    team_id: Id,
    state: String,
    submission: Value,
}

impl Dialog {
    fn text(&self, key: &str) -> &str {
        self.submission[key].as_str().unwrap_or_default()
    }
}

fn sent(call: &Call) -> Result<Dialog, Reply> {
    let undecodable = || Reply::refused("failed to decode SubmitDialogRequest");
    let dialog: Dialog = call.decode().ok_or_else(undecodable)?;
    if dialog.user_id != call.user {
        return Err(Reply::refused(
            "interactive dialog's userID must be the same as the requester's userID",
        ));
    }
    Ok(dialog)
}

/// The post that a dialog is about.
fn post_in_state(dialog: &Dialog) -> Result<Id, Reply> {
    let state: Value = serde_json::from_str(&dialog.state)
        .map_err(|_| Reply::refused("failed to unmarshal dialog state"))?;
    Ok(state["post_id"].as_str().unwrap_or_default().to_owned())
}

/// Only here the plugin applies the summary template and the linked channel.
fn start_run(world: &mut World, call: &Call) -> Answer {
    let dialog = sent(call)?;
    let mut options = Options {
        name: dialog.text("playbookRunName").to_owned(),
        owner_user_id: call.user.clone(),
        team_id: dialog.team_id.clone(),
        post_id: post_in_state(&dialog)?,
        playbook_id: dialog.text("playbookID").to_owned(),
        ..Options::default()
    };
    if let Some(playbook) = world.playbooks.get(&options.playbook_id) {
        if playbook.run_summary_template_enabled {
            options.summary.clone_from(&playbook.run_summary_template);
        }
        if playbook.channel_mode == ChannelMode::LinkExistingChannel {
            options.channel_id.clone_from(&playbook.channel_id);
        }
    }
    let id = start(world, &call.user, options)?;
    Ok(Reply::empty(201).at(format!("/api/v0/runs/{id}")))
}

fn add_to_timeline(world: &mut World, call: &Call) -> Answer {
    let dialog = sent(call)?;
    let post = world.posts.get(&post_in_state(&dialog)?).cloned();
    let run = world.runs.get(dialog.text("playbook_run")).cloned();
    let mut run = run.ok_or_else(Reply::internal)?;
    if !world.may_manage_run(&call.user, &run) {
        return Err(Reply::forbidden());
    }
    if run.is_finished() {
        return Err(Reply::refused("cannot modify a finished run"));
    }
    let post = post.ok_or_else(Reply::internal)?;
    let event = Event {
        event_at: post.create_at,
        summary: dialog.text("summary").to_owned(),
        post_id: post.id.clone(),
        creator_user_id: call.user.clone(),
        ..Event::default()
    };
    world.add_event(&mut run, "event_from_post", &post.user, event);
    world.save_run(run);
    Ok(Reply::empty(200))
}

fn update_status(world: &mut World, call: &Call) -> Answer {
    let run = writable(world, call)?;
    let dialog = sent(call)?;
    let reminder = match &dialog.submission["reminder"] {
        Value::String(seconds) => seconds.parse().unwrap_or_default(),
        Value::Null => 0,
        _ => return Err(Reply::refused("reminder must be a string")),
    };
    let update = Update {
        message: dialog.text("message").to_owned(),
        reminder,
        finish_run: dialog.submission["finish_run"] == true,
    };
    publish(world, &call.user, run, &update)?;
    Ok(Reply::empty(200))
}

fn finish(world: &mut World, call: &Call) -> Answer {
    let mut run = visible(world, call)?.clone();
    sent(call)?;
    if !world.may_decide_in_run(&call.user, &run) {
        return Ok(Reply::ok(json!({
            "error": "You don't have permission to finish this run."
        })));
    }
    if !run.is_finished() {
        world.finish_run(&mut run, &call.user);
        world.save_run(run);
    }
    Ok(Reply::empty(200))
}

fn add(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let dialog = sent(call)?;
    let mut item = Item {
        title: dialog.text("name").to_owned(),
        description: dialog.text("description").to_owned(),
        ..Item::default()
    };
    add_item(world, call, &mut run, &mut item)?;
    world.save_run(run);
    Ok(Reply::empty(200))
}
