//! Changing playbooks and runs by GraphQL.

use serde::Deserialize;
use serde_json::Value;

use super::{Argument, Refusal};
use crate::sandbox::call::{Call, decode};
use crate::sandbox::ids::Id;
use crate::sandbox::runs::owner;
use crate::sandbox::runs::participants::IntoChannel;
use crate::sandbox::runs::run::Run;
use crate::sandbox::world::World;

/// A run that the caller may see and that is not over.
fn run_in(world: &World, call: &Call, id: &Value) -> Result<Run, Refusal> {
    let id = id.as_str().unwrap_or_default();
    let run = world
        .runs
        .get(id)
        .filter(|run| world.may_view_run(&call.user, run));
    let run = run.ok_or(Refusal::Any)?.clone();
    if run.is_finished() {
        return Err(Refusal::Finished);
    }
    Ok(run)
}

fn people(argument: &Argument<'_>) -> Result<Vec<Id>, Refusal> {
    let people = argument("userIDs").and_then(|value| serde_json::from_value(value).ok());
    people.ok_or(Refusal::Any)
}

/// Others need the right to change the run; oneself only to see it.
fn require(world: &World, call: &Call, run: &Run, people: &[Id]) -> Result<(), Refusal> {
    if people == [call.user.clone()] || world.may_manage_run(&call.user, run) {
        Ok(())
    } else {
        Err(Refusal::Any)
    }
}

/// `addRunParticipants`.
pub(super) fn add_participants(
    world: &mut World,
    call: &Call,
    argument: &Argument<'_>,
) -> Result<Value, Refusal> {
    let mut run = run_in(world, call, &argument("runID").unwrap_or_default())?;
    let people = people(argument)?;
    require(world, call, &run, &people)?;
    let into = match argument("forceAddToChannel") {
        Some(Value::Bool(true)) => IntoChannel::Always,
        _ => IntoChannel::IfConfigured,
    };
    world.add_participants(&mut run, &people, &call.user, into);
    world.save_run(run);
    Ok("".into())
}

/// `removeRunParticipants`.
pub(super) fn remove_participants(
    world: &mut World,
    call: &Call,
    argument: &Argument<'_>,
) -> Result<Value, Refusal> {
    let mut run = run_in(world, call, &argument("runID").unwrap_or_default())?;
    let people = people(argument)?;
    require(world, call, &run, &people)?;
    if people.contains(&run.owner_user_id) {
        return Err(Refusal::Any);
    }
    world.remove_participants(&mut run, &people, &call.user);
    world.save_run(run);
    Ok("".into())
}

/// `changeRunOwner`.
pub(super) fn change_owner(
    world: &mut World,
    call: &Call,
    argument: &Argument<'_>,
) -> Result<Value, Refusal> {
    let run = run_in(world, call, &argument("runID").unwrap_or_default())?;
    if !owner::may_hand_over(world, &call.user, &run) {
        return Err(Refusal::Any);
    }
    let new = argument("ownerID").ok_or(Refusal::Any)?;
    let new = new.as_str().unwrap_or_default();
    owner::hand_over(world, &call.user, run, new).map_err(|_| Refusal::Any)?;
    Ok("".into())
}

/// `setRunFavorite`: accepted, and shown nowhere.
pub(super) fn set_favorite(
    world: &World,
    call: &Call,
    argument: &Argument<'_>,
) -> Result<Value, Refusal> {
    Ok(run_in(world, call, &argument("id").unwrap_or_default())?
        .id
        .into())
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct RunUpdates {
    name: Option<String>,
    summary: Option<String>,
    #[serde(rename = "broadcastChannelIDs")]
    broadcast_channel_ids: Option<Vec<Id>>,
    status_update_broadcast_channels_enabled: Option<bool>,
    status_update_broadcast_webhooks_enabled: Option<bool>,
    create_channel_member_on_new_participant: Option<bool>,
    remove_channel_member_on_removed_participant: Option<bool>,
}

fn replace<T>(old: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *old = new;
    }
}

/// `updateRun`.
pub(super) fn update_run(
    world: &mut World,
    call: &Call,
    argument: &Argument<'_>,
) -> Result<Value, Refusal> {
    let mut run = run_in(world, call, &argument("id").unwrap_or_default())?;
    if !world.may_manage_run(&call.user, &run) {
        return Err(Refusal::Any);
    }
    let new: RunUpdates = argument("updates").and_then(decode).ok_or(Refusal::Any)?;
    if new.summary.is_some() {
        run.summary_modified_at = world.now();
    }
    replace(&mut run.name, new.name);
    replace(&mut run.summary, new.summary);
    replace(&mut run.broadcast_channel_ids, new.broadcast_channel_ids);
    replace(
        &mut run.status_update_broadcast_channels_enabled,
        new.status_update_broadcast_channels_enabled,
    );
    replace(
        &mut run.status_update_broadcast_webhooks_enabled,
        new.status_update_broadcast_webhooks_enabled,
    );
    replace(
        &mut run.create_channel_member_on_new_participant,
        new.create_channel_member_on_new_participant,
    );
    replace(
        &mut run.remove_channel_member_on_removed_participant,
        new.remove_channel_member_on_removed_participant,
    );
    // Without a channel there is nothing to switch on.
    run.status_update_broadcast_channels_enabled &= !run.broadcast_channel_ids.is_empty();
    let id = run.id.clone();
    world.save_run(run);
    Ok(id.into())
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct PlaybookUpdates {
    title: Option<String>,
    description: Option<String>,
    checklists: Option<Vec<NewChecklist>>,
    reminder_message_template: Option<String>,
    reminder_timer_default_seconds: Option<i64>,
    status_update_enabled: Option<bool>,
    retrospective_template: Option<String>,
    retrospective_enabled: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewChecklist {
    title: String,
    items: Vec<NewItem>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct NewItem {
    title: String,
    description: String,
    command: String,
    #[serde(rename = "assigneeID")]
    assignee_id: Id,
    #[serde(rename = "conditionID")]
    condition_id: Id,
    due_date: i64,
}

/// `updatePlaybook`: as the web editor saves; the time of the change stays, and
/// new checklists have no ids.
pub(super) fn update_playbook(
    world: &mut World,
    call: &Call,
    argument: &Argument<'_>,
) -> Result<Value, Refusal> {
    let id = argument("id").unwrap_or_default();
    let id = id.as_str().unwrap_or_default();
    let playbook = world
        .editable_playbook(&call.user, id)
        .map_err(|_| Refusal::Any)?;
    let mut playbook = playbook.clone();
    let new: PlaybookUpdates = argument("updates").and_then(decode).ok_or(Refusal::Any)?;
    replace(&mut playbook.title, new.title);
    replace(&mut playbook.description, new.description);
    replace(
        &mut playbook.reminder_message_template,
        new.reminder_message_template,
    );
    replace(
        &mut playbook.reminder_timer_default_seconds,
        new.reminder_timer_default_seconds,
    );
    replace(
        &mut playbook.status_update_enabled,
        new.status_update_enabled,
    );
    replace(
        &mut playbook.retrospective_template,
        new.retrospective_template,
    );
    replace(
        &mut playbook.retrospective_enabled,
        new.retrospective_enabled,
    );
    replace(&mut playbook.checklists, new.checklists.map(without_ids));
    world.playbooks.insert(playbook);
    Ok(id.into())
}

fn without_ids(lists: Vec<NewChecklist>) -> Vec<crate::sandbox::playbooks::object::Checklist> {
    use crate::sandbox::playbooks::object::{Checklist, Item};
    let item = |new: NewItem| Item {
        title: new.title,
        description: new.description,
        command: new.command,
        assignee_id: new.assignee_id,
        condition_id: new.condition_id,
        due_date: new.due_date,
        task_actions: Some(Vec::new()),
        ..Item::default()
    };
    let list = |new: NewChecklist| {
        let mut list = Checklist {
            title: new.title,
            items: new.items.into_iter().map(item).collect(),
            ..Checklist::default()
        };
        list.order_items();
        list
    };
    lists.into_iter().map(list).collect()
}
