//! Finishing a run, and taking it up again.

use serde_json::{Value, json};

use super::reminder::button;
use super::run::{Event, Run, Status};
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route(
        "PUT",
        "/plugins/playbooks/api/v0/runs/{run_id}/finish",
        finish,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/runs/{run_id}/restore",
        restore,
    ),
];

/// The run in the path, to be decided about; unlike elsewhere an unknown one is a 403.
fn decidable(world: &World, call: &Call) -> Result<Run, Reply> {
    let run = world.runs.get(call.param("run_id"));
    run.filter(|run| world.may_decide_in_run(&call.user, run))
        .cloned()
        .ok_or_else(Reply::forbidden)
}

/// These two answer JSON under the name of plain text.
fn done() -> Reply {
    Reply::text(200, json!({ "status": "OK" }).to_string())
}

fn finish(world: &mut World, call: &Call) -> Answer {
    let mut run = decidable(world, call)?;
    if !run.is_finished() {
        world.finish_run(&mut run, &call.user);
        world.save_run(run);
    }
    Ok(done())
}

fn restore(world: &mut World, call: &Call) -> Answer {
    let mut run = decidable(world, call)?;
    if run.is_finished() {
        world.restore_run(&mut run, &call.user);
        world.save_run(run);
    }
    Ok(done())
}

impl World {
    /// Finishes a run; the caller stores it.
    pub(super) fn finish_run(&mut self, run: &mut Run, user: &str) {
        run.current_status = Status::Finished;
        run.end_at = self.now();
        run.hidden.reminder_at = None;
        run.reminder_post_id.clear();
        let message = format!(
            "@{} marked {} as finished.",
            self.username(user),
            run.link()
        );
        let event = Event {
            post_id: self.tell_everywhere(run, &message),
            ..Event::default()
        };
        self.add_event(run, "run_finished", user, event);
        if run.retrospective_enabled && run.retrospective_published_at == 0 {
            let message = format!(
                "@channel Reminder to [fill out the retrospective]({}/retrospective).",
                run.address()
            );
            let props = json!({ "attachments": [button(&self.new_id(), "No Retrospective")] });
            self.post_as_bot(
                &run.channel_id,
                "",
                "custom_retro_rem_first",
                &message,
                props,
            );
        }
        let open = |world: &Self| {
            world
                .channels
                .get(&run.channel_id)
                .is_some_and(|c| c.delete_at == 0)
        };
        if run.hidden.auto_archive_channel && run.hidden.made_channel && open(self) {
            let channel = run.channel_id.clone();
            self.archive_channel(&channel, &self.playbooks_bot());
            self.add_event(run, "channel_archived", user, Event::default());
        }
    }

    fn restore_run(&mut self, run: &mut Run, user: &str) {
        let archived = self
            .channels
            .get(&run.channel_id)
            .is_some_and(|c| c.delete_at != 0);
        let unarchives = run.hidden.auto_archive_channel && run.hidden.made_channel && archived;
        if unarchives {
            let channel = run.channel_id.clone();
            self.restore_channel(&channel, &self.playbooks_bot());
        }
        run.current_status = Status::InProgress;
        run.end_at = 0;
        let message = format!(
            "@{} changed the status of {} from Finished to In Progress.",
            self.username(user),
            run.link()
        );
        let event = Event {
            post_id: self.tell_everywhere(run, &message),
            ..Event::default()
        };
        self.add_event(run, "run_restored", user, event);
        if unarchives {
            self.add_event(run, "channel_unarchived", user, Event::default());
        }
    }

    /// Posts into the run's channel and the broadcast channels, there as posts of their own.
    fn tell_everywhere(&mut self, run: &Run, message: &str) -> String {
        if run.status_update_broadcast_channels_enabled {
            for channel in &run.broadcast_channel_ids {
                self.post_as_bot(channel, "", "", message, Value::Null);
            }
        }
        self.post_as_bot(&run.channel_id, "", "", message, Value::Null)
    }
}
