//! Taking events out of the history of a run.

use super::access::writable;
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[route(
    "DELETE",
    "/plugins/playbooks/api/v0/runs/{run_id}/timeline/{event_id}",
    remove,
)];

fn remove(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let now = world.now();
    let mut events = run.timeline_events.iter_mut();
    let event = events.find(|event| event.id == call.param("event_id"));
    event.ok_or_else(Reply::internal)?.delete_at = now;
    world.save_run(run);
    Ok(Reply::empty(204))
}
