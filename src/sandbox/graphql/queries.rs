//! Reading playbooks and runs by GraphQL: the REST objects under other names.

use serde_json::{Map, Value, json};

use super::document::Field;
use super::{Argument, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::playbooks::object::Playbook;
use crate::sandbox::runs::run::Run;
use crate::sandbox::world::World;

/// What `playbook(id)` shows.
pub(super) fn playbook(
    world: &World,
    call: &Call,
    argument: &Argument<'_>,
) -> Result<Value, Refusal> {
    let id = argument("id").unwrap_or_default();
    let id = id.as_str().unwrap_or_default();
    let playbook = world
        .visible_playbook(&call.user, id)
        .map_err(|_| Refusal::Any)?;
    Ok(playbook_json(world, playbook))
}

/// What `playbooks(teamID)` shows.
pub(super) fn playbooks(
    world: &World,
    call: &Call,
    argument: &Argument<'_>,
) -> Result<Value, Refusal> {
    let team = argument("teamID").unwrap_or_default();
    let team = team.as_str().unwrap_or_default();
    if !team.is_empty() && !world.may_in_team(&call.user, team, "view_team") {
        return Err(Refusal::Any);
    }
    let visible = world.playbooks.iter().filter(|playbook| {
        (team.is_empty() || playbook.team_id == team)
            && playbook.delete_at == 0
            && world.visible_playbook(&call.user, &playbook.id).is_ok()
    });
    Ok(visible
        .map(|playbook| playbook_json(world, playbook))
        .collect())
}

/// What `run(id)` shows.
pub(super) fn run(world: &World, call: &Call, argument: &Argument<'_>) -> Result<Value, Refusal> {
    let id = argument("id").unwrap_or_default();
    let run = world.runs.get(id.as_str().unwrap_or_default());
    let run = run.filter(|run| world.may_view_run(&call.user, run));
    Ok(run_json(world, run.ok_or(Refusal::Any)?))
}

/// What `runs(teamID, channelID, first)` shows.
pub(super) fn runs(world: &World, call: &Call, argument: &Argument<'_>) -> Value {
    let is = |name: &str, have: &str| {
        let wanted = argument(name).unwrap_or_default();
        let wanted = wanted.as_str().unwrap_or_default();
        wanted.is_empty() || wanted == have
    };
    let found: Vec<&Run> = world
        .runs
        .iter()
        .filter(|run| is("teamID", &run.team_id) && is("channelID", &run.channel_id))
        .filter(|run| world.may_view_run(&call.user, run))
        .collect();
    let first = argument("first").and_then(|first| first.as_u64());
    let first = first
        .and_then(|first| usize::try_from(first).ok())
        .unwrap_or(found.len());
    let shown = found.len().min(first);
    let edges = found[..shown]
        .iter()
        .map(|run| json!({ "node": run_json(world, run) }));
    json!({
        "totalCount": found.len(),
        "pageInfo": {
            "hasNextPage": shown < found.len(),
            "hasPreviousPage": false,
            "startCursor": "0",
            "endCursor": shown.to_string(),
        },
        "edges": edges.collect::<Vec<_>>(),
    })
}

fn playbook_json(world: &World, playbook: &Playbook) -> Value {
    let mut value = renamed(json!(playbook));
    value["isFavorite"] = json!(false);
    value["propertyFields"] = renamed(json!(world.fields_of(&playbook.id)));
    value
}

fn run_json(world: &World, run: &Run) -> Value {
    let mut value = renamed(world.run_json(run));
    value["numTasks"] = json!(run.task_total);
    value["numTasksClosed"] = json!(run.task_completed);
    value["isFavorite"] = json!(false);
    value["followers"] = json!(run.hidden.followers);
    value["playbook"] = match world.playbooks.get(&run.playbook_id) {
        Some(playbook) => playbook_json(world, playbook),
        None => Value::Null,
    };
    value
}

/// Keys of REST as keys of GraphQL; lists that are `null` there are empty here.
fn renamed(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    ("task_actions", Value::Null) => json!([]),
                    (_, value) => renamed(value),
                };
                (camel(&key), value)
            })
            .collect(),
        Value::Array(list) => list.into_iter().map(renamed).collect(),
        value => value,
    }
}

fn camel(key: &str) -> String {
    let mut words = key.split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        match word {
            "id" => name.push_str("ID"),
            "ids" => name.push_str("IDs"),
            "url" => name.push_str("URL"),
            "urls" => name.push_str("URLs"),
            word => {
                let mut letters = word.chars();
                name.extend(letters.next().map(|c| c.to_ascii_uppercase()));
                name.extend(letters);
            }
        }
    }
    name
}

/// What was asked for of a value; `None` when it has no such field.
pub(super) fn selected(value: &Value, fields: &[Field]) -> Option<Value> {
    if fields.is_empty() {
        return Some(value.clone());
    }
    match value {
        Value::Array(list) => list.iter().map(|value| selected(value, fields)).collect(),
        Value::Object(map) => {
            let mut chosen = Map::new();
            for field in fields {
                let value = selected(map.get(&field.name)?, &field.fields)?;
                chosen.insert(field.name.clone(), value);
            }
            Some(Value::Object(chosen))
        }
        value => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_their_ids_in_capitals() {
        assert_eq!(camel("owner_user_id"), "ownerUserID");
        assert_eq!(camel("participant_ids"), "participantIDs");
        assert_eq!(camel("title"), "title");
    }
}
