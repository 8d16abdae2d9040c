//! `POST /runs`: starting a run.
//!
//! Order matters: some refusals come before the channel is made, some after, and
//! some when the run already exists. A 500 can leave a run behind.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::assignees::assign_roles;
use super::naming::{cut, display_name, needed_fields, sequential_id};
use super::participants::{IntoChannel, follow};
use super::run::{Event, Kind, Run};
use crate::sandbox::call::{Call, decode};
use crate::sandbox::ids::Id;
use crate::sandbox::playbooks::access::Right;
use crate::sandbox::playbooks::object::{Checklist, Playbook};
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[route("POST", "/plugins/playbooks/api/v0/runs", create)];

/// Characters of a summary; more break the database.
pub(super) const SUMMARY_LENGTH: usize = 4096;

/// What a run is started with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Options {
    pub(super) name: String,
    pub(super) owner_user_id: Id,
    pub(super) team_id: Id,
    pub(super) channel_id: Id,
    pub(super) summary: String,
    pub(super) post_id: Id,
    pub(super) playbook_id: Id,
    pub(super) create_public_run: Option<bool>,
    /// Kept as sent: `null` clears a value.
    #[serde(skip)]
    pub(super) property_values: BTreeMap<Id, Value>,
}

/// A refusal before anything was made.
fn refused() -> Reply {
    Reply::refused("unable to create playbook run")
}

/// A denial before anything was made.
fn denied() -> Reply {
    Reply::error(403, "unable to create playbook run")
}

fn create(world: &mut World, call: &Call) -> Answer {
    let undecodable = || Reply::refused("unable to decode playbook run create options");
    let sent = call.value().ok_or_else(undecodable)?;
    let values = sent.get("property_values").cloned().unwrap_or_default();
    let mut options: Options = decode(sent).ok_or_else(undecodable)?;
    match values {
        Value::Null => {}
        Value::Object(map) => options.property_values = map.into_iter().collect(),
        _ => return Err(undecodable()),
    }
    let id = start(world, &call.user, options)?;
    let run = world.runs.get(&id).ok_or_else(Reply::internal)?;
    Ok(Reply::created(world.run_json(run)).at(format!("/api/v0/runs/{id}")))
}

/// Starts a run, and tells its id.
pub(super) fn start(world: &mut World, caller: &str, mut options: Options) -> Result<Id, Reply> {
    let playbook = match options.playbook_id.as_str() {
        "" => None,
        id => Some(
            world
                .playbooks
                .get(id)
                .cloned()
                .ok_or_else(Reply::internal)?,
        ),
    };
    settle_place(world, caller, playbook.as_ref(), &mut options)?;
    settle_owner(caller, playbook.as_ref(), &mut options)?;
    require_start(world, caller, playbook.as_ref(), &options)?;
    let mut run = outline(world, caller, playbook.as_ref(), &options)?;
    name(world, &mut run, playbook.as_ref(), &options)?;
    if !options.post_id.is_empty() && world.posts.get(&options.post_id).is_none() {
        return Err(Reply::internal());
    }
    if let Some(playbook) = world.playbooks.get_mut(&run.playbook_id) {
        playbook.last_run_number = run.run_number;
    }
    let title = playbook
        .as_ref()
        .map(|playbook| playbook.title.clone())
        .unwrap_or_default();
    open_channel(world, &mut run, playbook.as_ref(), &options);
    if run.summary.chars().count() > SUMMARY_LENGTH {
        return Err(Reply::internal());
    }
    let id = run.id.clone();
    world.save_run(run.clone());
    // From here on the run exists, whatever is answered.
    world.copy_fields(&mut run, &options.property_values)?;
    if !world.is_on_team(&run.owner_user_id, &run.team_id) && !run.team_id.is_empty() {
        world.save_run(run);
        return Err(Reply::internal());
    }
    gather(world, &mut run, caller);
    announce(world, &mut run, &title, caller);
    assign_roles(&mut run);
    world.save_run(run);
    Ok(id)
}

/// Where the run takes place: the team, and a channel that may exist already.
fn settle_place(
    world: &World,
    caller: &str,
    playbook: Option<&Playbook>,
    options: &mut Options,
) -> Result<(), Reply> {
    if playbook.is_none() && options.channel_id.is_empty() {
        return Err(refused());
    }
    if playbook.is_some_and(|playbook| playbook.delete_at != 0) {
        return Err(refused());
    }
    if options.channel_id.is_empty() {
        if options.team_id.is_empty() {
            return Err(refused());
        }
        return Ok(());
    }
    if playbook.is_some_and(|playbook| playbook.new_channel_only) {
        return Err(refused());
    }
    let channel = world
        .channels
        .get(&options.channel_id)
        .ok_or_else(Reply::internal)?;
    let other_team = !options.team_id.is_empty() && options.team_id != channel.team;
    if (channel.is_conversation() && playbook.is_some())
        || (other_team && !channel.is_conversation())
    {
        return Err(refused());
    }
    options.team_id.clone_from(&channel.team);
    let permission = if channel.kind == "P" {
        "manage_private_channel_properties"
    } else {
        "manage_public_channel_properties"
    };
    let allowed = if channel.is_conversation() {
        world.is_in_channel(caller, &channel.id)
    } else {
        world.may_in_channel(caller, &channel.id, permission)
    };
    if allowed { Ok(()) } else { Err(denied()) }
}

/// The playbook's own owner beats the one who was asked for.
fn settle_owner(
    caller: &str,
    playbook: Option<&Playbook>,
    options: &mut Options,
) -> Result<(), Reply> {
    let Some(playbook) = playbook else {
        return if options.owner_user_id.is_empty() {
            Err(refused())
        } else {
            Ok(())
        };
    };
    if playbook.default_owner_enabled && !playbook.default_owner_id.is_empty() {
        options.owner_user_id.clone_from(&playbook.default_owner_id);
    }
    if options.owner_user_id.is_empty() {
        caller.clone_into(&mut options.owner_user_id);
    }
    Ok(())
}

fn require_start(
    world: &World,
    caller: &str,
    playbook: Option<&Playbook>,
    options: &Options,
) -> Result<(), Reply> {
    let Some(playbook) = playbook else {
        return Ok(());
    };
    let public = options
        .create_public_run
        .unwrap_or(playbook.create_public_playbook_run);
    let permission = if public {
        "create_public_channel"
    } else {
        "create_private_channel"
    };
    let team = &options.team_id;
    let allowed = world.may_with_playbook(caller, playbook, Right::CreateRun)
        && world.may_in_team(caller, team, "view_team")
        && (!options.channel_id.is_empty() || world.may_in_team(caller, team, permission));
    if allowed { Ok(()) } else { Err(denied()) }
}

/// The run before it has a name and a channel.
fn outline(
    world: &mut World,
    caller: &str,
    playbook: Option<&Playbook>,
    options: &Options,
) -> Result<Run, Reply> {
    let now = world.now();
    let mut run = Run {
        id: world.new_id(),
        summary: options.summary.clone(),
        owner_user_id: options.owner_user_id.clone(),
        reporter_user_id: caller.to_owned(),
        team_id: options.team_id.clone(),
        channel_id: options.channel_id.clone(),
        post_id: options.post_id.clone(),
        create_at: now,
        last_status_update_at: now,
        ..Run::default()
    };
    let Some(playbook) = playbook else {
        run.kind = Kind::ChannelChecklist;
        run.checklists = vec![Checklist {
            id: world.new_id(),
            title: "Tasks".to_owned(),
            ..Checklist::default()
        }];
        return Ok(run);
    };
    run.configure(playbook);
    run.run_number = playbook.last_run_number + 1;
    run.sequential_id = sequential_id(&playbook.run_number_prefix, run.run_number);
    run.checklists = copied(world, playbook, now);
    Ok(run)
}

/// Checklists of a playbook for a run: every blank id is filled, due times become moments.
fn copied(world: &mut World, playbook: &Playbook, now: i64) -> Vec<Checklist> {
    let mut checklists = playbook.checklists.clone();
    for list in &mut checklists {
        if list.id.is_empty() {
            list.id = world.new_id();
        }
        for item in &mut list.items {
            if item.id.is_empty() {
                item.id = world.new_id();
            }
            if item.due_date > 0 {
                item.due_date = item.due_date.saturating_add(now);
            }
        }
    }
    checklists
}

/// A template replaces the name that was asked for.
fn name(
    world: &mut World,
    run: &mut Run,
    playbook: Option<&Playbook>,
    options: &Options,
) -> Result<(), Reply> {
    let template = playbook.map(|playbook| playbook.channel_name_template.as_str());
    let name = match template.filter(|template| !template.is_empty()) {
        Some(template) => {
            let fields = world.fields_of(&run.playbook_id);
            let value_of = |name: &str| {
                let named = |field: &&crate::sandbox::playbooks::fields::Field| {
                    field.name.trim().to_lowercase() == name.trim().to_lowercase()
                };
                let field = fields.iter().find(named)?;
                let value = options.property_values.get(&field.id)?;
                let text = world.value_text(field, value).trim().to_owned();
                (!text.is_empty()).then_some(text)
            };
            if needed_fields(template)
                .iter()
                .any(|name| value_of(name).is_none())
            {
                return Err(refused());
            }
            world.fill_placeholders(template, run, &value_of)
        }
        None => options.name.clone(),
    };
    run.name = cut(&name);
    if name.trim().is_empty() {
        if run.channel_id.is_empty() {
            return Err(refused());
        }
        if playbook.is_some() {
            run.name = format!("{} - Untitled", run.sequential_id);
        }
    }
    Ok(())
}

fn open_channel(world: &mut World, run: &mut Run, playbook: Option<&Playbook>, options: &Options) {
    let bot = world.playbooks_bot();
    if !run.channel_id.is_empty() {
        return;
    }
    let Some(playbook) = playbook else { return };
    let public = options
        .create_public_run
        .unwrap_or(playbook.create_public_playbook_run);
    let slug = world.free_slug(&run.team_id, &run.name);
    let kind = if public { "O" } else { "P" };
    let id = world.add_channel(&run.team_id, &slug, &display_name(&run.name), kind, "");
    if let Some(channel) = world.channels.get_mut(&id) {
        channel.header = format!(
            "This channel was created as part of the [{}](/playbooks/playbooks/{}) playbook. Visit [the overview page]({}) for more information.",
            playbook.title,
            playbook.id,
            run.address(),
        );
    }
    run.channel_id.clone_from(&id);
    run.hidden.made_channel = true;
    world.add_to_channel(&id, &bot, &bot);
    if !world.is_on_team(&run.owner_user_id, &run.team_id) {
        return;
    }
    for user in [run.reporter_user_id.clone(), run.owner_user_id.clone()] {
        world.add_to_channel(&id, &user, &bot);
    }
    world.join_channel(&id, &run.owner_user_id, true);
    world.add_actions_of_playbook(&id, playbook);
}

/// Owner, creator and invitees take part; followers of the playbook follow.
fn gather(world: &mut World, run: &mut Run, caller: &str) {
    world.add_event(run, "incident_created", caller, Event::default());
    let mut people = vec![run.owner_user_id.clone()];
    if run.owner_user_id != caller {
        people.push(caller.to_owned());
    }
    world.add_participants(run, &people, caller, IntoChannel::IfConfigured);
    let invited: Vec<Id> = run.invited_user_ids.clone();
    if !invited.is_empty() {
        world.add_participants(run, &invited, caller, IntoChannel::IfConfigured);
    }
    let followers: Vec<Id> = world
        .autofollows
        .iter()
        .filter(|(playbook, _)| *playbook == run.playbook_id)
        .map(|(_, user)| user.clone())
        .collect();
    for user in followers {
        follow(run, &user);
    }
}

/// Tells the broadcast channels; later status updates answer these posts.
fn announce(world: &mut World, run: &mut Run, playbook: &str, caller: &str) {
    if !run.status_update_broadcast_channels_enabled {
        return;
    }
    let message = format!(
        "##### {}\n@{} ran the [{playbook}](/playbooks/playbooks/{}) playbook.",
        run.link(),
        world.username(caller),
        run.playbook_id,
    );
    for channel in run.broadcast_channel_ids.clone() {
        let post = world.post_as_bot(&channel, "", "", &message, Value::Null);
        run.hidden.announcements.push((channel, post));
    }
}
