//! Status updates.

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::writable;
use super::run::{Event, Run, StatusPost, nanoseconds};
use crate::sandbox::call::Call;
use crate::sandbox::core::posts::MESSAGE_LENGTH;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/status",
        post,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/runs/{run_id}/status-update-enabled",
        switch,
    ),
];

/// What a status update says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Update {
    pub(super) message: String,
    /// Seconds.
    pub(super) reminder: i64,
    pub(super) finish_run: bool,
}

fn post(world: &mut World, call: &Call) -> Answer {
    let run = writable(world, call)?;
    let undecodable = || Reply::refused("unable to decode body into StatusUpdateOptions");
    let update: Update = call.decode().ok_or_else(undecodable)?;
    publish(world, &call.user, run, &update)?;
    Ok(Reply::text(200, json!({ "status": "OK" }).to_string()))
}

/// Posts a status update, and finishes the run where that was asked for.
pub(super) fn publish(
    world: &mut World,
    user: &str,
    mut run: Run,
    update: &Update,
) -> Result<(), Reply> {
    if update.finish_run && !world.may_decide_in_run(user, &run) {
        return Err(Reply::error(403, "Not authorized to finish this run"));
    }
    let message = update.message.trim();
    if message.is_empty() {
        return Err(Reply::refused("message must not be empty"));
    }
    if update.reminder <= 0 && !update.finish_run {
        return Err(Reply::refused("the reminder must be set and not 0"));
    }
    let message = with_values(world, &run, message);
    if message.chars().count() > MESSAGE_LENGTH {
        let mut refusal = Reply::internal();
        refusal.status = 400;
        return Err(refusal);
    }
    let props = update_props(world, &run, user);
    let id = world.post_as_bot(
        &run.channel_id,
        "",
        "custom_run_update",
        &message,
        props.clone(),
    );
    let now = world.now();
    run.status_posts.push(StatusPost {
        id: id.clone(),
        create_at: now,
        delete_at: 0,
    });
    run.last_status_update_at = now;
    run.reminder_post_id.clear();
    run.hidden.reminder_at = None;
    run.previous_reminder = 0;
    if update.reminder > 0 && !update.finish_run {
        run.previous_reminder = nanoseconds(update.reminder);
        run.hidden.reminder_at = Some(now.saturating_add(update.reminder.saturating_mul(1000)));
    }
    if run.status_update_broadcast_channels_enabled {
        for (channel, root) in run.hidden.announcements.clone() {
            world.post_as_bot(
                &channel,
                &root,
                "custom_run_update",
                &message,
                props.clone(),
            );
        }
    }
    let event = Event {
        post_id: id,
        ..Event::default()
    };
    world.add_event(&mut run, "status_updated", user, event);
    if update.finish_run {
        world.finish_run(&mut run, user);
    }
    world.save_run(run);
    Ok(())
}

fn with_values(world: &World, run: &Run, message: &str) -> String {
    let fields = world.fields_of(&run.id);
    let value_of = |name: &str| {
        let name = name.to_lowercase();
        let field = fields
            .iter()
            .find(|field| field.name.trim().to_lowercase() == name)?;
        let value = world
            .value_of(&run.id, &field.id)
            .cloned()
            .unwrap_or_default();
        Some(world.value_text(field, &value))
    };
    world.fill_placeholders(message, run, &value_of)
}

fn update_props(world: &World, run: &Run, user: &str) -> Value {
    json!({
        "authorUsername": world.username(user),
        "numTasks": run.task_total,
        "numTasksChecked": run.task_completed,
        "participantIds": run.participant_ids,
        "playbookRunId": run.id,
        "runName": run.name,
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Switch {
    status_enabled: bool,
}

fn switch(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let switch: Switch = call.decode().ok_or_else(Reply::internal)?;
    if run.status_update_enabled != switch.status_enabled {
        run.status_update_enabled = switch.status_enabled;
        let (event_type, verb) = if switch.status_enabled {
            ("status_updates_enabled", "enabled")
        } else {
            ("status_updates_disabled", "disabled")
        };
        let message = format!(
            "@{} {verb} status updates for {}",
            world.username(&call.user),
            run.link()
        );
        world.post_as_bot(&run.channel_id, "", "", &message, Value::Null);
        world.add_event(&mut run, event_type, &call.user, Event::default());
        world.save_run(run);
    }
    Ok(Reply::ok(json!({ "success": true })))
}
