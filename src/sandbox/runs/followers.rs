//! Following a run, and asking for things as somebody who only may see it.

use serde_json::{Value, json};

use super::access::visible;
use super::participants::follow as add_follower;
use super::run::Event;
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route(
        "GET",
        "/plugins/playbooks/api/v0/runs/{run_id}/followers",
        list,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/runs/{run_id}/followers",
        follow,
    ),
    route(
        "DELETE",
        "/plugins/playbooks/api/v0/runs/{run_id}/followers",
        unfollow,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/request-update",
        request_update,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/request-join-channel",
        request_join,
    ),
];

fn list(world: &mut World, call: &Call) -> Answer {
    let followers = &visible(world, call)?.hidden.followers;
    // An empty list of Go that was never made is `null`.
    Ok(Reply::ok(if followers.is_empty() {
        Value::Null
    } else {
        json!(followers)
    }))
}

fn follow(world: &mut World, call: &Call) -> Answer {
    let mut run = visible(world, call)?.clone();
    add_follower(&mut run, &call.user);
    world.save_run(run);
    Ok(Reply::empty(200))
}

fn unfollow(world: &mut World, call: &Call) -> Answer {
    let mut run = visible(world, call)?.clone();
    run.hidden
        .followers
        .retain(|follower| *follower != call.user);
    world.save_run(run);
    Ok(Reply::empty(200))
}

fn request_update(world: &mut World, call: &Call) -> Answer {
    let refused = |_| Reply::forbidden_twice("not authorized to post update request");
    let mut run = visible(world, call).map_err(refused)?.clone();
    let name = world.username(&call.user);
    let message = format!(
        "@here — @{name} requested a status update for {}.",
        run.link()
    );
    let post = world.post_as_bot(&run.channel_id, "", "", &message, Value::Null);
    let event = Event {
        summary: format!("@{name} requested a status update"),
        post_id: post,
        creator_user_id: call.user.clone(),
        ..Event::default()
    };
    world.add_event(&mut run, "status_update_requested", &call.user, event);
    world.save_run(run);
    Ok(Reply::empty(200))
}

fn request_join(world: &mut World, call: &Call) -> Answer {
    let refused = || Reply::forbidden_twice("not authorized to request join channel");
    let run = world.runs.get(call.param("run_id")).ok_or_else(refused)?;
    if !world.may_manage_run(&call.user, run) {
        return Err(refused());
    }
    if world.is_in_channel(&call.user, &run.channel_id) {
        return Err(Reply::internal());
    }
    let (channel, link) = (run.channel_id.clone(), run.link());
    let name = world.username(&call.user);
    let message = format!(
        "@here — @{name} is a run participant and wants to join this channel. Any member of the channel can invite them.\n{link}"
    );
    world.post_as_bot(&channel, "", "", &message, Value::Null);
    Ok(Reply::empty(200))
}
