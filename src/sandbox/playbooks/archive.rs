//! Archiving a playbook, and bringing it back.

use super::validate;
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route(
        "DELETE",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}",
        archive,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/restore",
        restore,
    ),
];

fn archive(world: &mut World, call: &Call) -> Answer {
    let id = world
        .editable_playbook(&call.user, call.param("playbook_id"))?
        .id
        .clone();
    let now = world.now();
    if let Some(playbook) = world.playbooks.get_mut(&id) {
        playbook.delete_at = now;
        playbook.update_at = now;
    }
    Ok(Reply::empty(204))
}

fn restore(world: &mut World, call: &Call) -> Answer {
    let mut playbook = world
        .editable_playbook(&call.user, call.param("playbook_id"))?
        .clone();
    if playbook.delete_at != 0 {
        playbook.delete_at = 0;
        playbook.update_at = world.now();
        validate::prefix_is_free(world, &playbook)?;
        world.playbooks.insert(playbook);
    }
    Ok(Reply::empty(204))
}
