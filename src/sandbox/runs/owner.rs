//! Handing a run over.

use serde::Deserialize;
use serde_json::json;

use super::access::in_progress;
use super::participants::IntoChannel;
use super::run::{Event, Run};
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[route(
    "POST",
    "/plugins/playbooks/api/v0/runs/{run_id}/owner",
    change,
)];

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewOwner {
    owner_id: String,
}

fn change(world: &mut World, call: &Call) -> Answer {
    let run = world.runs.get(call.param("run_id")).cloned();
    let run = run.filter(|run| may_hand_over(world, &call.user, run));
    let run = in_progress(run.ok_or_else(Reply::forbidden)?)?;
    let undecodable = || Reply::refused("could not decode request body");
    let new: NewOwner = call.decode().ok_or_else(undecodable)?;
    hand_over(world, &call.user, run, &new.owner_id)?;
    Ok(Reply::ok(json!({})))
}

/// With the lock on, admins of the playbook may, even from outside the run.
pub(crate) fn may_hand_over(world: &World, user: &str, run: &Run) -> bool {
    let locked = world
        .playbooks
        .get(&run.playbook_id)
        .filter(|playbook| playbook.owner_group_only_actions);
    world.may_decide_in_run(user, run)
        || locked.is_some_and(|playbook| world.administers_playbook(user, playbook))
}

/// Gives a run to somebody, who becomes a participant.
pub(crate) fn hand_over(
    world: &mut World,
    by: &str,
    mut run: Run,
    owner: &str,
) -> Result<(), Reply> {
    if run.owner_user_id == owner {
        return Ok(());
    }
    let name = world.users.get(owner).map(|user| user.username.clone());
    let name = name.ok_or_else(Reply::internal)?;
    if !run.team_id.is_empty() && !world.is_on_team(owner, &run.team_id) {
        return Err(Reply::refused(&format!(
            "user {name} is not a member of the run's team and cannot be set as owner: invalid owner"
        )));
    }
    world.add_participants(&mut run, &[owner.to_owned()], by, IntoChannel::IfConfigured);
    let before = world.username(&run.owner_user_id);
    owner.clone_into(&mut run.owner_user_id);
    world.reassign_owner(&mut run, by);
    let event = Event {
        summary: format!("@{before} to @{name}"),
        creator_user_id: by.to_owned(),
        ..Event::default()
    };
    world.add_event(&mut run, "owner_changed", owner, event);
    world.save_run(run);
    Ok(())
}
