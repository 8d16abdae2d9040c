//! Values of a run's attributes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};

use super::access::{visible, writable};
use super::run::{Event, Run};
use crate::sandbox::call::Call;
use crate::sandbox::ids::Id;
use crate::sandbox::playbooks::fields::Field;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::table::Row;
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route(
        "GET",
        "/plugins/playbooks/api/v0/runs/{run_id}/property_fields",
        fields,
    ),
    route(
        "GET",
        "/plugins/playbooks/api/v0/runs/{run_id}/property_values",
        values,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/runs/{run_id}/property_fields/{field_id}/value",
        set,
    ),
];

/// The value of an attribute in a run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FieldValue {
    id: Id,
    target_id: Id,
    target_type: &'static str,
    group_id: Id,
    field_id: Id,
    value: Value,
    create_at: i64,
    update_at: i64,
    delete_at: i64,
    created_by: Id,
    updated_by: Id,
}

impl Row for FieldValue {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Who a user attribute may name.
#[derive(Debug, Clone, Copy)]
enum People<'t> {
    /// Anybody on the server.
    Anybody,
    /// Only members of this team.
    Team(&'t str),
}

impl World {
    /// The values of a run's attributes.
    pub(crate) fn values_of(&self, run: &str) -> Vec<&FieldValue> {
        let values = self.field_values.iter();
        values.filter(|value| value.target_id == run).collect()
    }

    /// The value of one attribute of a run.
    pub(crate) fn value_of(&self, run: &str, field: &str) -> Option<&Value> {
        let mut values = self.field_values.iter();
        let value = values.find(|value| value.target_id == run && value.field_id == field)?;
        Some(&value.value)
    }

    /// A value in words, as names and messages show it.
    pub(crate) fn value_text(&self, field: &Field, value: &Value) -> String {
        let one = |value: &Value| -> String {
            let text = value.as_str().unwrap_or_default();
            match field.kind.as_str() {
                "select" | "multiselect" => field.option_name(text).unwrap_or_default().to_owned(),
                "user" | "multiuser" => {
                    let user = self.users.get(text);
                    user.map(crate::sandbox::world::User::full_name)
                        .unwrap_or_default()
                }
                "date" => moment(value).map(|time| day(&time)).unwrap_or_default(),
                _ => text.to_owned(),
            }
        };
        match value {
            Value::Null => String::new(),
            Value::Array(list) => list.iter().map(one).collect::<Vec<_>>().join(", "),
            value => one(value),
        }
    }

    /// Gives a new run its attributes, conditions and first values.
    ///
    /// Values come with ids of the playbook, and are stored with those of the run.
    pub(super) fn copy_fields(
        &mut self,
        run: &mut Run,
        values: &BTreeMap<Id, Value>,
    ) -> Result<(), Reply> {
        let ids = self.clone_fields(&run.playbook_id, &run.id, "run");
        self.clone_conditions(run, &ids);
        for item in run.checklists.iter_mut().flat_map(|list| &mut list.items) {
            if item.assignee_property_field_id.is_empty() {
                continue;
            }
            if let Some(id) = ids.get(&item.assignee_property_field_id) {
                item.assignee_property_field_id.clone_from(id);
            } else {
                item.assignee_property_field_id.clear();
                item.assignee_type.clear();
            }
        }
        let mut checked = Vec::new();
        for (id, value) in values {
            let field = self
                .fields
                .get(id)
                .filter(|field| field.target_id == run.playbook_id);
            let field = field.ok_or_else(Reply::internal)?;
            let value = self
                .checked(field, value, People::Anybody)
                .ok_or_else(Reply::internal)?;
            let own = ids.get(id).cloned().ok_or_else(Reply::internal)?;
            checked.push((own, translated(value, &ids)));
        }
        for (field, value) in checked {
            self.store_value(&run.id, &field, value);
        }
        self.apply_conditions(run);
        Ok(())
    }

    /// A value as it is stored, or `None` when the field does not take it.
    fn checked(&self, field: &Field, value: &Value, people: People<'_>) -> Option<Value> {
        let known = |id: &str| match people {
            People::Anybody => self.users.get(id).is_some(),
            People::Team(team) => self.is_on_team(id, team),
        };
        match (field.kind.as_str(), value) {
            (_, Value::Null) => Some(Value::Null),
            ("text", Value::String(text)) => Some(text.trim().into()),
            ("select", Value::String(id)) => {
                (id.is_empty() || field.option_name(id).is_some()).then(|| value.clone())
            }
            ("multiselect", Value::Array(ids)) => {
                let is_option = |id: &Value| {
                    id.as_str()
                        .is_some_and(|id| field.option_name(id).is_some())
                };
                ids.iter().all(is_option).then(|| value.clone())
            }
            ("date", _) => date(value),
            ("user", Value::String(id)) => (id.is_empty() || known(id)).then(|| value.clone()),
            ("multiuser", Value::Array(ids)) => {
                let exists =
                    |id: &Value| id.as_str().is_some_and(|id| self.users.get(id).is_some());
                ids.iter().all(exists).then(|| value.clone())
            }
            _ => None,
        }
    }

    fn store_value(&mut self, run: &str, field: &str, value: Value) -> FieldValue {
        let now = self.now();
        let same = |value: &&FieldValue| value.target_id == run && value.field_id == field;
        let known = self.field_values.iter().find(same).cloned();
        let mut row = known.unwrap_or_else(|| FieldValue {
            id: self.new_id(),
            target_id: run.to_owned(),
            target_type: "run",
            group_id: self.property_group.clone(),
            field_id: field.to_owned(),
            value: Value::Null,
            create_at: now,
            update_at: now,
            delete_at: 0,
            created_by: Id::new(),
            updated_by: Id::new(),
        });
        row.value = value;
        row.update_at = now;
        self.field_values.insert(row.clone());
        row
    }
}

/// Ids of options of the playbook as those of the run.
///
/// The plugin takes every list for one of options: people in a list get lost.
fn translated(value: Value, ids: &BTreeMap<Id, Id>) -> Value {
    match value {
        Value::String(id) => ids.get(&id).cloned().unwrap_or(id).into(),
        Value::Array(list) => list
            .iter()
            .filter_map(|id| ids.get(id.as_str()?).cloned())
            .map(Value::String)
            .collect(),
        value => value,
    }
}

/// A date as it is stored: RFC 3339 as sent, everything else turned into it.
fn date(value: &Value) -> Option<Value> {
    let text = value.as_str().unwrap_or_default();
    if text.parse::<Timestamp>().is_ok() && text.contains('T') {
        return Some(value.clone());
    }
    Some(moment(value)?.to_string().into())
}

fn moment(value: &Value) -> Option<Timestamp> {
    let millis = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    if let Some(millis) = millis {
        return Timestamp::from_millisecond(millis).ok();
    }
    let text = value.as_str()?;
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let date: Date = text.parse().ok()?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp())
}

fn day(time: &Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}

fn fields(world: &mut World, call: &Call) -> Answer {
    let id = visible(world, call)?.id.clone();
    Ok(Reply::ok(world.fields_of(&id)))
}

fn values(world: &mut World, call: &Call) -> Answer {
    let id = visible(world, call)?.id.clone();
    Ok(Reply::ok(world.values_of(&id)))
}

fn set(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let body = call.value().ok_or_else(Reply::internal)?;
    let sent = body.get("value").cloned().unwrap_or_default();
    let field = world.fields.get(call.param("field_id")).cloned();
    let field = field.filter(|field| field.target_id == run.id);
    let field = field.ok_or_else(Reply::internal)?;
    let value = world.checked(&field, &sent, People::Team(&run.team_id));
    let value = value.ok_or_else(Reply::internal)?;
    let before = world
        .value_of(&run.id, &field.id)
        .cloned()
        .unwrap_or_default();
    let row = world.store_value(&run.id, &field.id, value.clone());
    follow_value(world, &mut run, &field, &value, &call.user);
    world.apply_conditions(&mut run);
    if before != value {
        tell(world, &mut run, &field, (&before, &value), &call.user);
    }
    world.save_run(run);
    Ok(Reply::ok(row))
}

/// Items that belong to whoever is in this attribute.
fn follow_value(world: &mut World, run: &mut Run, field: &Field, value: &Value, user: &str) {
    let assignee = value.as_str().unwrap_or_default().to_owned();
    let now = world.now();
    let mut changed = Vec::new();
    for list in &mut run.checklists {
        for item in &mut list.items {
            if item.assignee_property_field_id == field.id && item.assignee_id != assignee {
                item.assignee_id.clone_from(&assignee);
                item.assignee_modified = now;
                item.update_at = now;
                list.update_at = now;
                changed.push(item.title.clone());
            }
        }
    }
    for title in changed {
        let event = Event {
            summary: format!("changed assignee of checklist item **{title}** via property field"),
            ..Event::default()
        };
        world.add_event(run, "assignee_changed", user, event);
    }
}

/// A value in the words of the history: people as ids there.
fn shown(world: &World, field: &Field, value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        value if field.kind == "user" => value.clone(),
        value => world.value_text(field, value).into(),
    }
}

fn tell(world: &mut World, run: &mut Run, field: &Field, (old, new): (&Value, &Value), user: &str) {
    let (before, after) = (shown(world, field, old), shown(world, field, new));
    let (name, text) = (world.username(user), |value: &Value| {
        value.as_str().unwrap_or_default().to_owned()
    });
    let summary = match (old.is_null(), new.is_null()) {
        (_, true) => format!("@{name} cleared {}", field.name),
        (true, false) => format!("@{name} set {} to {}", field.name, text(&after)),
        (false, false) => format!(
            "@{name} updated {} from {} to {}",
            field.name,
            text(&before),
            text(&after)
        ),
    };
    let details = json!({
        "property_field_id": field.id,
        "property_field_name": field.name,
        "old_value": old,
        "new_value": new,
        "old_value_display": before,
        "new_value_display": after,
    });
    let event = Event {
        summary,
        details: details.to_string(),
        ..Event::default()
    };
    world.add_event(run, "property_changed", user, event);
}
