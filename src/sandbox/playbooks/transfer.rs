//! Exporting a playbook to a file, and importing one.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::create::{require_creation, store};
use super::fields::{Attrs, Field, option_text};
use super::object::Playbook;
use super::validate;
use crate::sandbox::call::{Call, decode};
use crate::sandbox::ids::Id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/plugins/playbooks/api/v0/playbooks/import", import),
    route(
        "GET",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/export",
        export,
    ),
];

/// The only version of the file.
const VERSION: i64 = 1;

/// What the file holds of a playbook; everything else belongs to a server.
const EXPORTED: [&str; 31] = [
    "title",
    "description",
    "reminder_message_template",
    "reminder_timer_default_seconds",
    "status_update_enabled",
    "message_on_join",
    "message_on_join_enabled",
    "retrospective_reminder_interval_seconds",
    "retrospective_template",
    "retrospective_enabled",
    "signal_any_keywords",
    "signal_any_keywords_enabled",
    "categorize_channel_enabled",
    "category_name",
    "run_summary_template_enabled",
    "run_summary_template",
    "channel_name_template",
    "create_channel_member_on_new_participant",
    "remove_channel_member_on_removed_participant",
    "channel_id",
    "channel_mode",
    "run_number_prefix",
    "owner_group_only_actions",
    "new_channel_only",
    "auto_archive_channel",
    "checklists",
    "metrics",
    "version",
    "properties",
    "conditions",
    "items",
];

/// What the file holds of an item.
const EXPORTED_OF_ITEM: [&str; 8] = [
    "title",
    "command",
    "description",
    "due_date",
    "condition_id",
    "condition_action",
    "assignee_type",
    "assignee_property_field_id",
];

fn export(world: &mut World, call: &Call) -> Answer {
    let playbook = world
        .playbooks
        .get(call.param("playbook_id"))
        .ok_or_else(Reply::internal)?;
    let playbook = world.visible_playbook(&call.user, &playbook.id)?;
    let mut file = Map::new();
    let whole = serde_json::to_value(playbook).unwrap_or_default();
    for (key, value) in whole.as_object().into_iter().flatten() {
        if EXPORTED.contains(&key.as_str()) && !is_zero(value) {
            file.insert(key.clone(), value.clone());
        }
    }
    if file.get("channel_mode") == Some(&json!("create_new_channel")) {
        file.remove("channel_mode");
    }
    let checklists = playbook.checklists.iter().map(|list| {
        let items: Vec<Value> = list
            .items
            .iter()
            .map(|item| kept(json!(item), &EXPORTED_OF_ITEM))
            .collect();
        json!({ "title": list.title, "items": items })
    });
    file.insert("checklists".to_owned(), checklists.collect());
    let keys = ["title", "description", "type", "target"];
    let metrics = playbook.metrics.iter().map(|metric| {
        let mut shown = kept(json!(metric), &keys);
        if let Some(target) = metric.target {
            shown["target"] = json!(target);
        }
        shown
    });
    file.insert("metrics".to_owned(), metrics.collect());
    let fields: Vec<Value> = world
        .fields_of(&playbook.id)
        .into_iter()
        .map(|field| json!({ "id": field.id, "name": field.name, "type": field.kind, "attrs": field.attrs }))
        .collect();
    if !fields.is_empty() {
        file.insert("properties".to_owned(), fields.into());
    }
    let conditions: Vec<Value> = world
        .conditions_of(&playbook.id, "")
        .into_iter()
        .map(|c| json!({ "id": c.id, "condition_expr": c.condition_expr, "version": c.version }))
        .collect();
    if !conditions.is_empty() {
        file.insert("conditions".to_owned(), conditions.into());
    }
    file.insert("version".to_owned(), VERSION.into());
    Ok(Reply::ok(file))
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

/// Some keys of an object, unless they are zero.
fn kept(value: Value, keys: &[&str]) -> Value {
    let Value::Object(map) = value else {
        return value;
    };
    map.into_iter()
        .filter(|(key, value)| keys.contains(&key.as_str()) && !is_zero(value))
        .collect()
}

/// The parts of a file that are no part of a playbook.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Rest {
    version: i64,
    properties: Vec<Property>,
    conditions: Vec<Conditional>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Property {
    id: Id,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    attrs: Attrs,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Conditional {
    id: Id,
    condition_expr: Value,
}

/// Less is checked than on creation: neither reminder, metrics nor assignees.
fn import(world: &mut World, call: &Call) -> Answer {
    let undecodable = || Reply::refused("unable to decode playbook import");
    let sent = call.value().ok_or_else(undecodable)?;
    let rest: Rest = decode(sent.clone()).ok_or_else(undecodable)?;
    let mut playbook: Playbook = decode(sent).ok_or_else(undecodable)?;
    if rest.version != VERSION {
        return Err(Reply::refused("Unsupported import version"));
    }
    if !playbook.id.is_empty() {
        return Err(Reply::refused("playbook import should not have ID field"));
    }
    call.query("team_id")
        .unwrap_or_default()
        .clone_into(&mut playbook.team_id);
    playbook.public = true;
    playbook.members.clear();
    require_creation(world, &call.user, &playbook)?;
    playbook.run_number_prefix = validate::trimmed_prefix(&playbook.run_number_prefix);
    let names: Vec<&str> = rest
        .properties
        .iter()
        .map(|property| property.name.as_str())
        .collect();
    validate::settings(world, &playbook, &names)?;
    let id = store(world, &call.user, playbook)?;
    let ids = bring_along(world, &id, rest);
    world.follow_copies(&id, &ids, false);
    Ok(Reply::created(json!({ "id": id })).at(format!("/plugins/playbooks/api/v0/playbooks/{id}")))
}

/// Attributes and conditions of a file get new ids; options keep theirs.
fn bring_along(world: &mut World, playbook: &str, rest: Rest) -> BTreeMap<Id, Id> {
    let mut ids = BTreeMap::new();
    let now = world.now();
    for mut property in rest.properties {
        for option in property.attrs.options.iter_mut().flatten() {
            if option_text(option, "id").is_empty() {
                option.insert("id".to_owned(), world.new_id().into());
            }
        }
        let field = Field {
            id: world.new_id(),
            group_id: world.property_group.clone(),
            name: property.name,
            kind: property.kind,
            target_id: playbook.to_owned(),
            target_type: "playbook",
            create_at: now,
            update_at: now,
            attrs: property.attrs,
            ..Field::default()
        };
        ids.insert(property.id, field.id.clone());
        world.fields.insert(field);
    }
    for conditional in rest.conditions {
        let id = world.add_condition(playbook, conditional.condition_expr, &ids);
        ids.insert(conditional.id, id);
    }
    ids
}
