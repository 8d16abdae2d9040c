//! Conditions: items that only show when an attribute has a value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::sandbox::call::Call;
use crate::sandbox::ids::Id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::runs::run::Run;
use crate::sandbox::table::Row;
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route(
        "GET",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/conditions",
        list,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/conditions",
        create,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/conditions/{condition_id}",
        update,
    ),
    route(
        "DELETE",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/conditions/{condition_id}",
        delete,
    ),
    route(
        "GET",
        "/plugins/playbooks/api/v0/runs/{run_id}/conditions",
        of_run,
    ),
];

const PER_PAGE: usize = 20;
const LARGEST_PAGE: usize = 200;

/// A condition of a playbook, or its copy in a run.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Condition {
    pub(crate) id: Id,
    pub(crate) condition_expr: Value,
    pub(crate) version: i64,
    pub(crate) playbook_id: Id,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) run_id: Id,
    pub(crate) create_at: i64,
    pub(crate) update_at: i64,
    pub(crate) delete_at: i64,
}

impl Row for Condition {
    fn id(&self) -> &str {
        &self.id
    }
}

impl World {
    /// Conditions of a playbook (`run` empty) or of a run.
    pub(super) fn conditions_of(&self, playbook: &str, run: &str) -> Vec<&Condition> {
        let all = self.conditions.iter();
        all.filter(|c| c.playbook_id == playbook && c.run_id == run && c.delete_at == 0)
            .collect()
    }

    /// How many conditions of a playbook name a field or an option.
    pub(super) fn conditions_using(&self, playbook: &str, id: &str) -> usize {
        let quoted = format!("\"{id}\"");
        let conditions = self.conditions_of(playbook, "").into_iter();
        conditions
            .filter(|condition| condition.condition_expr.to_string().contains(&quoted))
            .count()
    }

    /// Copies the conditions of a run's playbook, and points its items at the copies.
    pub(crate) fn clone_conditions(&mut self, run: &mut Run, ids: &BTreeMap<Id, Id>) {
        let conditions: Vec<Condition> = self
            .conditions_of(&run.playbook_id, "")
            .into_iter()
            .cloned()
            .collect();
        let now = self.now();
        let mut copies = BTreeMap::new();
        for mut condition in conditions {
            let old = std::mem::replace(&mut condition.id, self.new_id());
            condition.condition_expr = remapped(condition.condition_expr, ids);
            condition.run_id.clone_from(&run.id);
            condition.create_at = now;
            condition.update_at = now;
            copies.insert(old, condition.id.clone());
            self.conditions.insert(condition);
        }
        for item in run.checklists.iter_mut().flat_map(|list| &mut list.items) {
            if let Some(copy) = copies.get(&item.condition_id) {
                item.condition_id.clone_from(copy);
            }
        }
    }

    /// Shows and hides the items of a run by the values of its attributes.
    pub(crate) fn apply_conditions(&self, run: &mut Run) {
        let now = self.now();
        for list in &mut run.checklists {
            for item in &mut list.items {
                let Some(condition) = self.conditions.get(&item.condition_id) else {
                    continue;
                };
                let (action, reason) = if self.holds(&run.id, &condition.condition_expr) {
                    ("", self.in_words(&condition.condition_expr))
                } else if item.state_modified != 0 || item.assignee_modified != 0 {
                    (
                        "shown_because_modified",
                        "shown because the task was modified".to_owned(),
                    )
                } else {
                    ("hidden", self.in_words(&condition.condition_expr))
                };
                if item.condition_action != action || item.condition_reason != reason {
                    if item.condition_action != action && !item.condition_reason.is_empty() {
                        item.update_at = now;
                        list.update_at = now;
                    }
                    action.clone_into(&mut item.condition_action);
                    item.condition_reason = reason;
                }
            }
        }
    }

    /// Adds a condition to a playbook, with ids of its own.
    pub(super) fn add_condition(
        &mut self,
        playbook: &str,
        expression: Value,
        ids: &BTreeMap<Id, Id>,
    ) -> Id {
        let (id, now) = (self.new_id(), self.now());
        self.conditions.insert(Condition {
            id: id.clone(),
            condition_expr: remapped(expression, ids),
            version: 1,
            playbook_id: playbook.to_owned(),
            create_at: now,
            update_at: now,
            ..Condition::default()
        });
        id
    }

    /// Copies the conditions of one playbook to another, and adds their ids to the others.
    pub(super) fn copy_conditions(&mut self, from: &str, to: &str, ids: &mut BTreeMap<Id, Id>) {
        let conditions: Vec<Condition> =
            self.conditions_of(from, "").into_iter().cloned().collect();
        for condition in conditions {
            let id = self.add_condition(to, condition.condition_expr, ids);
            ids.insert(condition.id, id);
        }
    }

    /// Points the items of a copied playbook at the copies; attributes only where asked to.
    pub(super) fn follow_copies(
        &mut self,
        playbook: &str,
        ids: &BTreeMap<Id, Id>,
        attributes: bool,
    ) {
        let Some(playbook) = self.playbooks.get_mut(playbook) else {
            return;
        };
        for item in playbook
            .checklists
            .iter_mut()
            .flat_map(|list| &mut list.items)
        {
            if let Some(id) = ids.get(&item.condition_id) {
                item.condition_id.clone_from(id);
            }
            if !attributes || item.assignee_property_field_id.is_empty() {
                continue;
            }
            if let Some(id) = ids.get(&item.assignee_property_field_id) {
                item.assignee_property_field_id.clone_from(id);
            } else {
                item.assignee_property_field_id.clear();
                item.assignee_type.clear();
            }
        }
    }

    fn holds(&self, run: &str, expression: &Value) -> bool {
        let Some((operator, inner)) = expression.as_object().and_then(|map| map.iter().next())
        else {
            return false;
        };
        let parts = inner.as_array().map(Vec::as_slice).unwrap_or_default();
        match operator.as_str() {
            "and" => parts.iter().all(|part| self.holds(run, part)),
            "or" => parts.iter().any(|part| self.holds(run, part)),
            "is" => self.matches(run, inner),
            "isNot" => !self.matches(run, inner),
            _ => false,
        }
    }

    fn matches(&self, run: &str, comparison: &Value) -> bool {
        let field = comparison["field_id"].as_str().unwrap_or_default();
        let value = self.value_of(run, field).cloned().unwrap_or_default();
        match (&comparison["value"], &value) {
            (Value::Array(wanted), Value::Array(have)) => {
                have.iter().any(|one| wanted.contains(one))
            }
            (Value::Array(wanted), one) => wanted.contains(one),
            (Value::String(wanted), Value::String(have)) => wanted.eq_ignore_ascii_case(have),
            _ => false,
        }
    }

    fn in_words(&self, expression: &Value) -> String {
        let Some((operator, inner)) = expression.as_object().and_then(|map| map.iter().next())
        else {
            return String::new();
        };
        if let Some(parts) = inner.as_array() {
            let parts: Vec<String> = parts.iter().map(|part| self.in_words(part)).collect();
            return parts.join(&format!(" {} ", operator.to_uppercase()));
        }
        let field = inner["field_id"]
            .as_str()
            .and_then(|id| self.fields.get(id));
        let Some(field) = field else {
            return String::new();
        };
        let words = if operator == "is" { "is" } else { "is not" };
        let value = match &inner["value"] {
            Value::Array(ids) => {
                let names = ids.iter().filter_map(|id| field.option_name(id.as_str()?));
                names.collect::<Vec<_>>().join(", ")
            }
            value => value.as_str().unwrap_or_default().to_owned(),
        };
        format!("\"{}\" {words} {value}", field.name)
    }
}

/// An expression with other ids of fields and options.
fn remapped(value: Value, ids: &BTreeMap<Id, Id>) -> Value {
    match value {
        Value::String(text) => ids.get(&text).cloned().unwrap_or(text).into(),
        Value::Array(list) => list.into_iter().map(|value| remapped(value, ids)).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key, remapped(value, ids)))
            .collect(),
        value => value,
    }
}

fn page(call: &Call, conditions: &[&Condition]) -> Reply {
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<usize>().ok());
    let per_page = number("per_page")
        .filter(|n| *n > 0)
        .unwrap_or(PER_PAGE)
        .min(LARGEST_PAGE);
    let page = number("page").unwrap_or_default();
    let pages = conditions.len().div_ceil(per_page).max(1);
    let items: Vec<_> = conditions
        .iter()
        .skip(page.saturating_mul(per_page))
        .take(per_page)
        .collect();
    Reply::ok(json!({
        "total_count": conditions.len(),
        "page_count": pages,
        "has_more": page < pages - 1,
        "items": items,
    }))
}

fn list(world: &mut World, call: &Call) -> Answer {
    let playbook = world.visible_playbook(&call.user, call.param("playbook_id"))?;
    Ok(page(call, &world.conditions_of(&playbook.id, "")))
}

fn of_run(world: &mut World, call: &Call) -> Answer {
    let run = world.runs.get(call.param("run_id"));
    let run = run.filter(|run| world.may_view_run(&call.user, run));
    let run = run.ok_or_else(Reply::forbidden)?;
    Ok(page(call, &world.conditions_of(&run.playbook_id, &run.id)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Sent {
    id: Id,
    run_id: Id,
    version: i64,
    condition_expr: Option<Map<String, Value>>,
}

/// What was sent, with its expression checked and trimmed.
fn sent(world: &World, call: &Call, playbook: &str) -> Result<(Sent, Value), Reply> {
    let undecodable = || Reply::refused("unable to decode condition request");
    let sent: Sent = call.decode().ok_or_else(undecodable)?;
    let malformed = || Reply::refused("invalid condition format");
    let expression = sent.condition_expr.clone().filter(|_| sent.version == 1);
    let expression = Value::Object(expression.ok_or_else(malformed)?);
    let invalid = || Reply::refused("invalid condition expression");
    let expression = checked(world, playbook, expression, true).ok_or_else(invalid)?;
    Ok((sent, expression))
}

/// One level of `and` or `or` around comparisons.
fn checked(world: &World, playbook: &str, expression: Value, may_combine: bool) -> Option<Value> {
    let Value::Object(map) = expression else {
        return None;
    };
    let mut entries = map.into_iter().filter(|(_, inner)| !inner.is_null());
    let (operator, inner) = entries.next()?;
    if entries.next().is_some() {
        return None;
    }
    let inner = match (operator.as_str(), inner) {
        ("and" | "or", Value::Array(parts)) if may_combine && !parts.is_empty() => {
            let parts = parts
                .into_iter()
                .map(|part| checked(world, playbook, part, false));
            Value::Array(parts.collect::<Option<Vec<_>>>()?)
        }
        ("is" | "isNot", comparison) => comparison_checked(world, playbook, comparison)?,
        _ => return None,
    };
    Some(json!({ operator: inner }))
}

fn comparison_checked(world: &World, playbook: &str, mut comparison: Value) -> Option<Value> {
    let id = comparison
        .get("field_id")?
        .as_str()
        .filter(|id| !id.is_empty())?;
    let field = world
        .fields
        .get(id)
        .filter(|f| f.target_id == playbook && f.delete_at == 0);
    let value = comparison.get("value").cloned()?;
    let value = match (field.map(|field| field.kind.as_str()), value) {
        (None | Some("text"), Value::String(text)) => Value::String(text.trim().to_owned()),
        (None, Value::Array(list)) => Value::Array(list),
        (Some("select" | "multiselect"), Value::Array(ids)) if !ids.is_empty() => {
            let field = field?;
            let known = |id: &Value| {
                id.as_str()
                    .is_some_and(|id| field.option_name(id).is_some())
            };
            ids.iter().all(known).then_some(Value::Array(ids))?
        }
        _ => return None,
    };
    *comparison.get_mut("value")? = value;
    Some(comparison)
}

fn create(world: &mut World, call: &Call) -> Answer {
    let playbook = world.editable_playbook(&call.user, call.param("playbook_id"))?;
    let (id, archived) = (playbook.id.clone(), playbook.delete_at != 0);
    if archived {
        return Err(Reply::refused("archived playbooks cannot be modified"));
    }
    let (sent, expression) = sent(world, call, &id)?;
    if !sent.id.is_empty() || !sent.run_id.is_empty() {
        return Err(Reply::refused("invalid condition expression"));
    }
    let now = world.now();
    let condition = Condition {
        id: world.new_id(),
        condition_expr: expression,
        version: 1,
        playbook_id: id.clone(),
        create_at: now,
        update_at: now,
        ..Condition::default()
    };
    let at = format!(
        "/plugins/playbooks/api/v0/playbooks/{id}/conditions/{}",
        condition.id
    );
    let answer = json!(condition);
    world.conditions.insert(condition);
    Ok(Reply::created(answer).at(at))
}

fn condition_in_path(world: &World, call: &Call) -> Result<Condition, Reply> {
    let playbook = world.editable_playbook(&call.user, call.param("playbook_id"))?;
    let condition = world.conditions.get(call.param("condition_id"));
    condition
        .filter(|c| c.playbook_id == playbook.id && c.run_id.is_empty() && c.delete_at == 0)
        .cloned()
        .ok_or_else(Reply::internal)
}

fn update(world: &mut World, call: &Call) -> Answer {
    let mut condition = condition_in_path(world, call)?;
    let (_, expression) = sent(world, call, &condition.playbook_id)?;
    condition.condition_expr = expression;
    condition.update_at = world.now();
    let answer = json!(condition);
    world.conditions.insert(condition);
    Ok(Reply::ok(answer))
}

fn delete(world: &mut World, call: &Call) -> Answer {
    let mut condition = condition_in_path(world, call)?;
    condition.delete_at = world.now();
    world.conditions.insert(condition);
    Ok(Reply::empty(204))
}
