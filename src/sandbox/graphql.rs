//! The few GraphQL mutations that have no REST counterpart.
//!
//! Owns reading of one operation with variables. Not a GraphQL engine: what it
//! does not know is answered with 501 and the operation's name.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::ids::Id;
use super::reply::{Answer, Reply};
use super::routes::{Route, route};
use super::runs::participants::IntoChannel;
use super::runs::run::Run;
use super::world::World;

pub(super) const ROUTES: &[Route] = &[route("POST", "/plugins/playbooks/api/v0/query", query)];

#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    query: String,
    variables: Map<String, Value>,
}

/// Why a mutation failed; GraphQL tells it with status 200.
enum Refusal {
    /// Everything but the next.
    Any,
    /// The run is over.
    Finished,
}

impl Refusal {
    fn text(&self) -> &'static str {
        match self {
            Self::Any => "Error while executing your request",
            Self::Finished => "cannot modify a finished run: already ended",
        }
    }
}

fn answer(value: &Value) -> Reply {
    Reply::text(200, value.to_string())
}

fn query(world: &mut World, call: &Call) -> Answer {
    // A body that cannot be read gets no answer at all, with status 200.
    let Some(query) = call.decode::<Query>() else {
        return Ok(Reply::empty(200));
    };
    let Some(operation) = operation(&query.query) else {
        return Ok(Reply::not_built("GraphQL", &query.query));
    };
    if undeclared(&query) {
        let error =
            json!({ "message": Refusal::Any.text(), "locations": [{ "line": 0, "column": 0 }] });
        return Ok(answer(&json!({ "errors": [error], "data": {} })));
    }
    let argument = |name: &str| argument(&query, name);
    let done = match operation {
        "addRunParticipants" => participants(world, call, &argument, true),
        "removeRunParticipants" => participants(world, call, &argument, false),
        "changeRunOwner" => change_owner(world, call, &argument),
        "updateRun" => update_run(world, call, &argument),
        _ => return Ok(Reply::not_built("GraphQL", operation)),
    };
    Ok(answer(&match done {
        Ok(value) => json!({ "data": { operation: value } }),
        Err(refusal) => json!({
            "errors": [{
                "message": refusal.text(),
                "locations": [{ "line": 0, "column": 0 }],
                "path": [operation],
            }],
            "data": null,
        }),
    }))
}

/// The field that a mutation calls: the first word after its first brace.
fn operation(query: &str) -> Option<&str> {
    let inner = query
        .trim_start()
        .strip_prefix("mutation")?
        .split_once('{')?
        .1
        .trim_start();
    let end = inner
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(inner.len());
    Some(&inner[..end]).filter(|name| !name.is_empty())
}

/// Whether a declared variable was not sent: an error, even where there is a default.
fn undeclared(query: &Query) -> bool {
    let head = query.query.split('{').next().unwrap_or_default();
    let names = head.split('$').skip(1);
    names
        .map(|rest| {
            rest.split(|c: char| !c.is_alphanumeric())
                .next()
                .unwrap_or_default()
        })
        .any(|name| !query.variables.contains_key(name))
}

/// The value of an argument: the variable that stands behind its name.
fn argument(query: &Query, name: &str) -> Option<Value> {
    let body = query.query.split_once('{')?.1;
    let after = body.split_once(&format!("{name}:"))?.1.trim_start();
    let variable = after.strip_prefix('$')?;
    let end = variable
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(variable.len());
    query.variables.get(&variable[..end]).cloned()
}

type Argument<'q> = dyn Fn(&str) -> Option<Value> + 'q;

/// A run that the caller may see and that is not over.
fn run_in(world: &World, call: &Call, id: Option<Value>) -> Result<Run, Refusal> {
    let id = id.as_ref().and_then(Value::as_str).unwrap_or_default();
    let run = world
        .runs
        .get(id)
        .filter(|run| world.may_view_run(&call.user, run));
    let run = run.ok_or(Refusal::Any)?.clone();
    if run.is_finished() {
        return Err(Refusal::Finished);
    }
    Ok(run)
}

fn participants(
    world: &mut World,
    call: &Call,
    argument: &Argument<'_>,
    join: bool,
) -> Result<Value, Refusal> {
    let mut run = run_in(world, call, argument("runID"))?;
    let users: Vec<Id> = argument("userIDs")
        .and_then(|value| serde_json::from_value(value).ok())
        .ok_or(Refusal::Any)?;
    let only_himself = users == [call.user.clone()];
    if !only_himself && !world.may_manage_run(&call.user, &run) {
        return Err(Refusal::Any);
    }
    if join {
        let into = match argument("forceAddToChannel") {
            Some(Value::Bool(true)) => IntoChannel::Always,
            _ => IntoChannel::IfConfigured,
        };
        world.add_participants(&mut run, &users, &call.user, into);
    } else {
        if users.contains(&run.owner_user_id) {
            return Err(Refusal::Any);
        }
        world.remove_participants(&mut run, &users, &call.user);
    }
    world.save_run(run);
    Ok("".into())
}

fn change_owner(world: &mut World, call: &Call, argument: &Argument<'_>) -> Result<Value, Refusal> {
    let run = run_in(world, call, argument("runID"))?;
    if !super::runs::owner::may_hand_over(world, &call.user, &run) {
        return Err(Refusal::Any);
    }
    let owner = argument("ownerID").ok_or(Refusal::Any)?;
    let owner = owner.as_str().unwrap_or_default();
    super::runs::owner::hand_over(world, &call.user, run, owner).map_err(|_| Refusal::Any)?;
    Ok("".into())
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct RunUpdates {
    name: Option<String>,
    summary: Option<String>,
    #[serde(rename = "broadcastChannelIDs")]
    broadcast_channel_ids: Option<Vec<Id>>,
    status_update_broadcast_channels_enabled: Option<bool>,
    status_update_broadcast_webhooks_enabled: Option<bool>,
    create_channel_member_on_new_participant: Option<bool>,
    remove_channel_member_on_removed_participant: Option<bool>,
}

fn update_run(world: &mut World, call: &Call, argument: &Argument<'_>) -> Result<Value, Refusal> {
    let mut run = run_in(world, call, argument("id"))?;
    if !world.may_manage_run(&call.user, &run) {
        return Err(Refusal::Any);
    }
    let updates = argument("updates").and_then(super::call::decode::<RunUpdates>);
    let updates = updates.ok_or(Refusal::Any)?;
    if let Some(name) = updates.name {
        run.name = name;
    }
    if let Some(summary) = updates.summary {
        run.summary = summary;
        run.summary_modified_at = world.now();
    }
    if let Some(channels) = updates.broadcast_channel_ids {
        run.broadcast_channel_ids = channels;
    }
    for (new, old) in [
        (
            updates.status_update_broadcast_channels_enabled,
            &mut run.status_update_broadcast_channels_enabled,
        ),
        (
            updates.status_update_broadcast_webhooks_enabled,
            &mut run.status_update_broadcast_webhooks_enabled,
        ),
        (
            updates.create_channel_member_on_new_participant,
            &mut run.create_channel_member_on_new_participant,
        ),
        (
            updates.remove_channel_member_on_removed_participant,
            &mut run.remove_channel_member_on_removed_participant,
        ),
    ] {
        if let Some(new) = new {
            *old = new;
        }
    }
    // Without a channel there is nothing to switch on.
    run.status_update_broadcast_channels_enabled &= !run.broadcast_channel_ids.is_empty();
    let id = run.id.clone();
    world.save_run(run);
    Ok(id.into())
}
