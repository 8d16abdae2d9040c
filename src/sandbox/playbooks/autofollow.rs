//! Following every new run of a playbook.

use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route(
        "GET",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/autofollows",
        list,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/autofollows/{user_id}",
        follow,
    ),
    route(
        "DELETE",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/autofollows/{user_id}",
        unfollow,
    ),
];

fn list(world: &mut World, call: &Call) -> Answer {
    let playbook = world.visible_playbook(&call.user, call.param("playbook_id"))?;
    let all = world.autofollows.iter();
    let users = all
        .filter(|(id, _)| *id == playbook.id)
        .map(|(_, user)| user);
    Ok(Reply::ok(users.collect::<Vec<_>>()))
}

/// The playbook and the user in the path; only for oneself, or as a system admin.
fn allowed(world: &World, call: &Call) -> Result<(String, String), Reply> {
    let user = call.param("user_id");
    if user != call.user && !world.is_system_admin(&call.user) {
        return Err(Reply::error(
            403,
            "User doesn't have permissions to make another user autofollow the playbook.",
        ));
    }
    let playbook = world.visible_playbook(user, call.param("playbook_id"))?;
    Ok((playbook.id.clone(), user.to_owned()))
}

fn follow(world: &mut World, call: &Call) -> Answer {
    let entry = allowed(world, call)?;
    world.autofollows.insert(entry);
    Ok(Reply::empty(200))
}

fn unfollow(world: &mut World, call: &Call) -> Answer {
    let entry = allowed(world, call)?;
    world.autofollows.remove(&entry);
    Ok(Reply::empty(200))
}
