//! The bot's reminders to post a status update.
//!
//! Nothing waits in the background: what is due by the clock happens before the
//! next request is answered.

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::writable;
use super::run::{Event, Run, nanoseconds};
use crate::sandbox::call::Call;
use crate::sandbox::core::posts::attachment;
use crate::sandbox::ids::Id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[route(
    "POST",
    "/plugins/playbooks/api/v0/runs/{run_id}/reminder",
    set,
)];

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewReminder {
    new_reminder_seconds: i64,
}

fn set(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let new: NewReminder = call.decode().ok_or_else(Reply::internal)?;
    if new.new_reminder_seconds <= 0 {
        return Err(Reply::refused("new_reminder_seconds must be > 0"));
    }
    run.previous_reminder = nanoseconds(new.new_reminder_seconds);
    run.reminder_post_id.clear();
    run.hidden.reminder_at = Some(
        world
            .now()
            .saturating_add(new.new_reminder_seconds.saturating_mul(1000)),
    );
    world.add_event(
        &mut run,
        "status_update_snoozed",
        &call.user,
        Event::default(),
    );
    world.save_run(run);
    Ok(Reply::empty(204))
}

impl World {
    /// Lets everything happen that is due.
    pub(crate) fn catch_up(&mut self) {
        let now = self.now();
        let is_due = |run: &&Run| run.hidden.reminder_at.is_some_and(|at| at <= now);
        let due: Vec<Id> = self
            .runs
            .iter()
            .filter(is_due)
            .map(|run| run.id.clone())
            .collect();
        for id in due {
            let Some(mut run) = self.runs.get(&id).cloned() else {
                continue;
            };
            run.hidden.reminder_at = None;
            if !run.is_finished() && run.status_update_enabled {
                run.reminder_post_id = self.remind(&run);
            }
            self.save_run(run);
        }
    }

    fn remind(&mut self, run: &Run) -> Id {
        let owner = self.username(&run.owner_user_id);
        let message = format!(
            "@{owner}, please provide a status update for {}.",
            run.link()
        );
        let props = json!({
            "attachments": [button(&self.new_id(), "Update status")],
            "playbookRunId": run.id,
            "targetUsername": owner,
        });
        self.post_as_bot(&run.channel_id, "", "custom_update_status", &message, props)
    }
}

/// An attachment with one button.
pub(super) fn button(id: &str, name: &str) -> Value {
    let mut attachment = attachment();
    attachment["actions"] = json!([{ "id": id, "type": "button", "name": name }]);
    attachment
}
