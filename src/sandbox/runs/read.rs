//! Reading a run, and changing its name and summary.

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{visible, writable};
use super::create::SUMMARY_LENGTH;
use super::run::Run;
use crate::sandbox::call::Call;
use crate::sandbox::playbooks::validate::TITLE_LENGTH;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "/plugins/playbooks/api/v0/runs/owners", owners),
    route(
        "GET",
        "/plugins/playbooks/api/v0/runs/channel/{channel_id}",
        by_channel,
    ),
    route(
        "GET",
        "/plugins/playbooks/api/v0/runs/channel/{channel_id}/runs",
        in_channel,
    ),
    route("GET", "/plugins/playbooks/api/v0/runs/{run_id}", read),
    route("PATCH", "/plugins/playbooks/api/v0/runs/{run_id}", patch),
    route(
        "GET",
        "/plugins/playbooks/api/v0/runs/{run_id}/metadata",
        metadata,
    ),
    route(
        "GET",
        "/plugins/playbooks/api/v0/runs/{run_id}/status-updates",
        status_updates,
    ),
];

fn read(world: &mut World, call: &Call) -> Answer {
    let run = visible(world, call)?;
    Ok(Reply::ok(world.run_json(run)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Patch {
    name: Option<String>,
    summary: Option<String>,
}

fn patch(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let undecodable = || Reply::refused("unable to decode payload");
    let patch: Patch = call.decode().ok_or_else(undecodable)?;
    if let Some(name) = patch.name {
        name.trim().clone_into(&mut run.name);
        if run.name.is_empty() {
            return Err(Reply::refused("name must not be empty"));
        }
    }
    if let Some(summary) = patch.summary {
        summary.trim().clone_into(&mut run.summary);
        run.summary_modified_at = world.now();
    }
    if run.name.chars().count() > TITLE_LENGTH || run.summary.chars().count() > SUMMARY_LENGTH {
        return Err(Reply::internal());
    }
    let id = run.id.clone();
    world.save_run(run);
    let run = world.runs.get(&id).ok_or_else(Reply::internal)?;
    Ok(Reply::ok(world.run_json(run)))
}

/// Runs in a channel that the caller is in.
fn runs_in<'w>(world: &'w World, call: &Call) -> Result<Vec<&'w Run>, Reply> {
    let channel = call.param("channel_id");
    if !world.may_in_channel(&call.user, channel, "read_channel") {
        return Err(Reply::forbidden());
    }
    Ok(world
        .runs
        .iter()
        .rev()
        .filter(|run| run.channel_id == channel)
        .collect())
}

fn by_channel(world: &mut World, call: &Call) -> Answer {
    match runs_in(world, call)?.as_slice() {
        [] => Err(Reply::error(404, "Not found")),
        [run] => Ok(Reply::ok(world.run_json(run))),
        _ => Err(Reply::refused("multiple runs in the channel")),
    }
}

fn in_channel(world: &mut World, call: &Call) -> Answer {
    let mut runs = runs_in(world, call)?;
    runs.retain(|run| !run.is_finished());
    let runs: Vec<Value> = runs.into_iter().map(|run| world.run_json(run)).collect();
    Ok(Reply::ok(runs))
}

fn owners(world: &mut World, call: &Call) -> Answer {
    let team = call.query("team_id").unwrap_or_default();
    let mut ids: Vec<&str> = world
        .runs
        .iter()
        .filter(|run| run.team_id == team && world.may_view_run(&call.user, run))
        .map(|run| run.owner_user_id.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let owners = ids.into_iter().filter_map(|id| {
        let user = world.users.get(id)?;
        Some(json!({
            "user_id": user.id,
            "username": user.username,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "nickname": user.nickname,
        }))
    });
    Ok(Reply::ok(owners.collect::<Vec<_>>()))
}

fn metadata(world: &mut World, call: &Call) -> Answer {
    let run = visible(world, call)?;
    let channel = world.channels.get(&run.channel_id);
    let inside =
        channel.filter(|channel| world.may_in_channel(&call.user, &channel.id, "read_channel"));
    let team = world.teams.get(&run.team_id).map(|team| team.name.clone());
    let posts = world
        .posts
        .iter()
        .filter(|post| post.channel == run.channel_id);
    Ok(Reply::ok(json!({
        "channel_name": inside.map(|channel| channel.name.as_str()).unwrap_or_default(),
        "channel_display_name": inside.map(|channel| channel.display_name.as_str()).unwrap_or_default(),
        "team_name": team.unwrap_or_default(),
        "num_participants": run.participant_ids.len() + 1,
        "total_posts": posts.filter(|post| !post.kind.starts_with("system_")).count(),
        "followers": run.hidden.followers,
    })))
}

fn status_updates(world: &mut World, call: &Call) -> Answer {
    let run = visible(world, call)
        .map_err(|_| Reply::forbidden_twice("not authorized to get status updates"))?;
    let updates = run.status_posts.iter().rev().filter_map(|status| {
        let post = world
            .posts
            .get(&status.id)
            .filter(|post| post.delete_at == 0)?;
        Some(json!({
            "id": post.id,
            "create_at": post.create_at,
            "delete_at": post.delete_at,
            "message": post.message,
            "author_user_name": post.props.get("authorUsername"),
        }))
    });
    Ok(Reply::ok(updates.collect::<Vec<_>>()))
}
