//! Tasks as the server's items: who does them, and what closes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::references::{Beside, PROPERTY_USER, References};
use super::{UnknownName, text};
use crate::sync::canonical::{BY_ATTRIBUTE, DoneWhenState, TaskState, WhenState};
use crate::sync::directory::Directory;

/// What the ids in an item mean.
pub(super) struct Items<'a> {
    pub(super) names: &'a Directory,
    pub(super) beside: &'a Beside,
    /// What each condition asks, by its id.
    pub(super) whens: BTreeMap<String, WhenState>,
}

/// The task that an item is.
pub(super) fn task_of(item: &Map<String, Value>, items: &Items<'_>) -> TaskState {
    let names = items.names;
    let assignee = text(item, "assignee_id");
    let field = text(item, "assignee_property_field_id");
    let assign = match text(item, "assignee_type").as_str() {
        "" if assignee.is_empty() => None,
        "" => Some(format!("user:{}", names.person_name(&assignee))),
        "owner" => Some("commander".to_owned()),
        "creator" => Some("creator".to_owned()),
        other => Some(match items.beside.attribute_name(&field) {
            Some(name) if other == PROPERTY_USER => format!("{BY_ATTRIBUTE}{name}"),
            _ => format!("{other}:{field}"),
        }),
    };
    // One that is gone asks nothing: the server always shows the task.
    let when = items.whens.get(&text(item, "condition_id")).cloned();
    TaskState {
        id: text(item, "id"),
        title: text(item, "title"),
        description: text(item, "description"),
        assign,
        when,
        due: item
            .get("due_date")
            .and_then(Value::as_i64)
            .filter(|due| *due != 0),
        command: text(item, "command"),
        done_when: done_when_of(item, names),
    }
}

/// Lays a task over an item; keys that are not managed stay.
pub(super) fn lay_task(
    item: &mut Map<String, Value>,
    task: &TaskState,
    names: &Directory,
    references: Option<&References>,
) -> Result<(), UnknownName> {
    let person = |name: &str| {
        let id = names.person(name).map(str::to_owned);
        id.ok_or_else(|| UnknownName(name.to_owned()))
    };
    let (kind, assignee) = match task.assign.as_deref() {
        None => ("", String::new()),
        Some("commander") => ("owner", String::new()),
        Some("creator") => ("creator", String::new()),
        Some(other) if other.starts_with(BY_ATTRIBUTE) => ("", String::new()),
        Some(other) => ("", person(other.strip_prefix("user:").unwrap_or(other))?),
    };
    let actions = match &task.done_when {
        None => Value::Null,
        Some(DoneWhenState::Other(actions)) => actions.clone(),
        Some(DoneWhenState::Keywords { keywords, from }) => {
            let users: Vec<String> = from.iter().map(|n| person(n)).collect::<Result<_, _>>()?;
            let trigger = json!({ "keywords": keywords, "user_ids": users });
            json!([{
                "trigger": { "type": "keywords_by_users", "payload": trigger.to_string() },
                "actions": [{
                    "type": "mark_item_as_done",
                    "payload": json!({ "enabled": true }).to_string(),
                }],
            }])
        }
    };
    let before = item.clone();
    let mut set = |key: &str, value: Value| item.insert(key.to_owned(), value);
    set("id", json!(task.id));
    set("title", json!(task.title));
    set("description", json!(task.description));
    set("command", json!(task.command));
    set("due_date", json!(task.due.unwrap_or(0)));
    set("assignee_id", json!(assignee));
    set("assignee_type", json!(kind));
    set("assignee_property_field_id", json!(""));
    set("task_actions", actions);
    match references {
        Some(references) => references.lay(item, task, &before),
        None => Ok(()),
    }
}

fn done_when_of(item: &Map<String, Value>, names: &Directory) -> Option<DoneWhenState> {
    let actions = item.get("task_actions")?;
    if actions.as_array().is_none_or(Vec::is_empty) {
        return None;
    }
    let state = match keyword_action(item) {
        Some((keywords, users)) => DoneWhenState::Keywords {
            keywords,
            from: users.iter().map(|id| names.person_name(id)).collect(),
        },
        None => DoneWhenState::Other(actions.clone()),
    };
    Some(state)
}

/// The keywords and user ids, where the item has the one action that sync writes.
pub(super) fn keyword_action(item: &Map<String, Value>) -> Option<(Vec<String>, Vec<String>)> {
    let [action] = item.get("task_actions")?.as_array()?.as_slice() else {
        return None;
    };
    let trigger = action.get("trigger")?;
    let [done] = action.get("actions")?.as_array()?.as_slice() else {
        return None;
    };
    if trigger.get("type")? != "keywords_by_users" || done.get("type")? != "mark_item_as_done" {
        return None;
    }
    // Payloads are JSON inside a string.
    let payload =
        |of: &Value| -> Option<Value> { serde_json::from_str(of.get("payload")?.as_str()?).ok() };
    if payload(done)?.get("enabled")? != true {
        return None;
    }
    let payload = payload(trigger)?;
    let strings = |key: &str| -> Vec<String> {
        let items = payload.get(key).and_then(Value::as_array);
        let items = items.map(Vec::as_slice).unwrap_or_default();
        items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    Some((strings("keywords"), strings("user_ids")))
}
