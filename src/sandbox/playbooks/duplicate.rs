//! A copy of a playbook: what it keeps, and what it loses.

use serde_json::json;

use super::create::store;
use super::object::Playbook;
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[route(
    "POST",
    "/plugins/playbooks/api/v0/playbooks/{playbook_id}/duplicate",
    duplicate,
)];

fn duplicate(world: &mut World, call: &Call) -> Answer {
    let original = world.editable_playbook(&call.user, call.param("playbook_id"))?;
    let original_id = original.id.clone();
    let mut copy = Playbook {
        title: format!("Copy of {}", original.title),
        members: Vec::new(),
        run_number_prefix: String::new(),
        channel_name_template: String::new(),
        delete_at: 0,
        last_run_number: 0,
        ..original.clone()
    };
    for metric in &mut copy.metrics {
        metric.id.clear();
    }
    let id = store(world, &call.user, copy)?;
    let mut ids = world.clone_fields(&original_id, &id, "playbook");
    world.copy_conditions(&original_id, &id, &mut ids);
    world.follow_copies(&id, &ids, true);
    Ok(Reply::created(json!({ "id": id })))
}
