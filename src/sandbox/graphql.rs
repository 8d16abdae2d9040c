//! GraphQL, `/query`: what has no REST counterpart, and some reading.
//!
//! Owns the shape of answers: always status 200, errors inside. Not an engine:
//! an operation that it does not know is answered with 501 and its name.

mod document;
mod mutations;
mod queries;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::document::Field;
use super::call::Call;
use super::reply::{Answer, Reply};
use super::routes::{Route, route};
use super::world::World;

pub(super) const ROUTES: &[Route] = &[route("POST", "/plugins/playbooks/api/v0/query", query)];

/// Larger bodies are dropped without a word.
const LARGEST_BODY: usize = 300 * 1024;

/// Operations of the real one that are not built.
const MISSING: [&str; 8] = [
    "updateRunTaskActions",
    "setRunPropertyValue",
    "addPlaybookMember",
    "removePlaybookMember",
    "addMetric",
    "updateMetric",
    "deleteMetric",
    "updatePlaybookFavorite",
];

#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    query: String,
    variables: Map<String, Value>,
}

/// Why an operation failed.
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

/// Looks an argument up by its name.
type Argument<'q> = dyn Fn(&str) -> Option<Value> + 'q;

fn query(world: &mut World, call: &Call) -> Answer {
    let query = call
        .decode::<Query>()
        .filter(|_| call.body.len() <= LARGEST_BODY);
    // What cannot be read gets an empty answer.
    let Some((query, document)) = query.and_then(|query| {
        let document = document::read(&query.query)?;
        Some((query, document))
    }) else {
        return Ok(Reply::empty(200));
    };
    if !document
        .variables
        .iter()
        .all(|name| query.variables.contains_key(name))
    {
        return Ok(failed(&Refusal::Any, None, Some(json!({}))));
    }
    let Some(field) = document.fields.first() else {
        return Ok(Reply::empty(200));
    };
    carry_out(world, call, &query, field)
}

fn carry_out(world: &mut World, call: &Call, query: &Query, field: &Field) -> Answer {
    let argument = |name: &str| -> Option<Value> {
        let (_, argument) = field.arguments.iter().find(|(known, _)| known == name)?;
        match argument {
            document::Argument::Variable(name) => query.variables.get(name).cloned(),
            document::Argument::Literal(value) => Some(value.clone()),
        }
    };
    let name = field.name.as_str();
    // One that may be absent is `null` beside its error; the others take all data with them.
    let may_be_absent = ["playbook", "run"].contains(&name);
    let done = match name {
        "playbook" => queries::playbook(world, call, &argument),
        "playbooks" => queries::playbooks(world, call, &argument),
        "run" => queries::run(world, call, &argument),
        "runs" => Ok(queries::runs(world, call, &argument)),
        "addRunParticipants" => mutations::add_participants(world, call, &argument),
        "removeRunParticipants" => mutations::remove_participants(world, call, &argument),
        "changeRunOwner" => mutations::change_owner(world, call, &argument),
        "updateRun" => mutations::update_run(world, call, &argument),
        "setRunFavorite" => mutations::set_favorite(world, call, &argument),
        "updatePlaybook" => mutations::update_playbook(world, call, &argument),
        name if MISSING.contains(&name) => return Ok(Reply::not_built("GraphQL", name)),
        _ => return Ok(failed(&Refusal::Any, None, None)),
    };
    Ok(match done {
        Ok(value) => match queries::selected(&value, &field.fields) {
            Some(value) => answer(&json!({ "data": { name: value } })),
            None => failed(&Refusal::Any, None, None),
        },
        Err(refusal) if may_be_absent => failed(&refusal, Some(name), Some(json!({ name: null }))),
        Err(refusal) => failed(&refusal, Some(name), Some(Value::Null)),
    })
}

/// GraphQL is answered as plain text.
fn answer(value: &Value) -> Reply {
    Reply::text(200, value.to_string())
}

fn failed(refusal: &Refusal, path: Option<&str>, data: Option<Value>) -> Reply {
    let mut error = json!({
        "message": refusal.text(),
        "locations": [{ "line": 0, "column": 0 }],
    });
    if let Some(path) = path {
        error["path"] = json!([path]);
    }
    let mut body = json!({ "errors": [error] });
    if let Some(data) = data {
        body["data"] = data;
    }
    answer(&body)
}
