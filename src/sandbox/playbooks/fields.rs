//! Attributes: property fields of playbooks, and their copies in runs.
//!
//! A run gets fields and options with ids of its own; `attrs.parent_id` tells
//! where a field came from.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::validate::{self, RESERVED_FIELDS};
use crate::sandbox::call::Call;
use crate::sandbox::ids::{Id, is_id};
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::table::Row;
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route(
        "GET",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/property_fields",
        list,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/property_fields",
        create,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/property_fields/reorder",
        reorder,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/property_fields/{field_id}",
        update,
    ),
    route(
        "DELETE",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}/property_fields/{field_id}",
        delete,
    ),
];

const TYPES: [&str; 6] = ["text", "select", "multiselect", "date", "user", "multiuser"];
const VISIBILITIES: [&str; 3] = ["hidden", "when_set", "always"];
const FIELDS: usize = 20;
const NAME_LENGTH: usize = 255;
const OPTION_LENGTH: usize = 128;

/// An attribute of a playbook or of a run.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Field {
    pub(crate) id: Id,
    pub(crate) group_id: Id,
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) target_id: Id,
    pub(crate) target_type: &'static str,
    pub(crate) object_type: String,
    pub(crate) protected: bool,
    pub(crate) create_at: i64,
    pub(crate) update_at: i64,
    pub(crate) delete_at: i64,
    pub(crate) created_by: Id,
    pub(crate) updated_by: Id,
    pub(crate) attrs: Attrs,
}

/// How an attribute looks and what it takes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Attrs {
    pub(crate) visibility: String,
    pub(crate) sort_order: i64,
    pub(crate) options: Option<Vec<Map<String, Value>>>,
    pub(crate) parent_id: String,
    pub(crate) value_type: String,
}

impl Row for Field {
    fn id(&self) -> &str {
        &self.id
    }
}

/// A text inside an option.
pub(super) fn option_text<'o>(option: &'o Map<String, Value>, key: &str) -> &'o str {
    option.get(key).and_then(Value::as_str).unwrap_or_default()
}

impl Field {
    fn has_options(&self) -> bool {
        matches!(self.kind.as_str(), "select" | "multiselect")
    }

    /// The name of an option.
    pub(crate) fn option_name(&self, id: &str) -> Option<&str> {
        let options = self.attrs.options.as_deref().unwrap_or_default();
        let option = options
            .iter()
            .find(|option| option_text(option, "id") == id)?;
        Some(option_text(option, "name"))
    }
}

impl World {
    /// Attributes of a playbook or of a run, in their order.
    pub(crate) fn fields_of(&self, target: &str) -> Vec<Field> {
        let all = self.fields.iter();
        let fields = all.filter(|field| field.target_id == target && field.delete_at == 0);
        let mut fields: Vec<Field> = fields.cloned().collect();
        fields.sort_by_key(|field| field.attrs.sort_order);
        fields
    }

    /// Names of the attributes of a playbook.
    pub(crate) fn field_names(&self, playbook: &str) -> Vec<String> {
        let fields = self.fields_of(playbook).into_iter();
        fields.map(|field| field.name).collect()
    }

    fn touch_playbook(&mut self, id: &str) {
        let now = self.now();
        if let Some(playbook) = self.playbooks.get_mut(id) {
            playbook.update_at = now;
        }
    }

    /// Copies the fields of one target to another, and tells old and new ids of fields and options.
    pub(crate) fn clone_fields(
        &mut self,
        from: &str,
        to: &str,
        target_type: &'static str,
    ) -> BTreeMap<Id, Id> {
        let mut ids = BTreeMap::new();
        let now = self.now();
        for mut field in self.fields_of(from) {
            let old = std::mem::replace(&mut field.id, self.new_id());
            if target_type == "run" {
                field.attrs.parent_id.clone_from(&old);
            }
            ids.insert(old, field.id.clone());
            for option in field.attrs.options.iter_mut().flatten() {
                let new = self.new_id();
                ids.insert(option_text(option, "id").to_owned(), new.clone());
                option.insert("id".to_owned(), new.into());
            }
            to.clone_into(&mut field.target_id);
            field.target_type = target_type;
            field.create_at = now;
            field.update_at = now;
            self.fields.insert(field);
        }
        ids
    }
}

fn list(world: &mut World, call: &Call) -> Answer {
    let id = call.param("playbook_id");
    let refused = |_| Reply::error(403, "not authorized");
    world.visible_playbook(&call.user, id).map_err(refused)?;
    let since = call
        .query("updated_since")
        .and_then(|text| text.parse().ok());
    let mut fields = world.fields_of(id);
    fields.retain(|field| field.update_at > since.unwrap_or(-1));
    Ok(Reply::ok(fields))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Sent {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    attrs: Attrs,
}

/// The playbook in the path, if its attributes may be changed.
fn changeable(world: &World, call: &Call) -> Result<Id, Reply> {
    let playbook = world.editable_playbook(&call.user, call.param("playbook_id"))?;
    if playbook.delete_at != 0 {
        return Err(Reply::refused("archived playbooks cannot be modified"));
    }
    Ok(playbook.id.clone())
}

fn sent(call: &Call) -> Result<Sent, Reply> {
    let undecodable = || Reply::refused("unable to decode request body");
    let sent: Sent = call.decode().ok_or_else(undecodable)?;
    let name = sent.name.trim().to_lowercase();
    if RESERVED_FIELDS.contains(&name.as_str()) {
        return Err(Reply::refused("reserved property field name"));
    }
    Ok(sent)
}

/// Puts what was sent into a field; everything wrong with it is an internal error.
fn fill(world: &mut World, field: &mut Field, sent: Sent) -> Result<(), Reply> {
    field.name = sent.name;
    field.kind = sent.kind;
    field.attrs = sent.attrs;
    let attrs = &mut field.attrs;
    if attrs.visibility.is_empty() {
        "when_set".clone_into(&mut attrs.visibility);
    }
    if attrs.value_type != "url" {
        attrs.value_type.clear();
    }
    let length = field.name.chars().count();
    let others = world.fields_of(&field.target_id);
    let same = |other: &Field| other.id != field.id && other.name == field.name;
    if length == 0
        || length > NAME_LENGTH
        || !TYPES.contains(&field.kind.as_str())
        || !VISIBILITIES.contains(&field.attrs.visibility.as_str())
        || others.iter().any(same)
    {
        return Err(Reply::internal());
    }
    if !field.has_options() {
        field.attrs.options = None;
        return Ok(());
    }
    let options = field.attrs.options.get_or_insert_default();
    let names: BTreeSet<String> = options
        .iter()
        .map(|o| option_text(o, "name").to_owned())
        .collect();
    let bad_name = |name: &String| name.is_empty() || name.chars().count() > OPTION_LENGTH;
    let bad_id = |option: &Map<String, Value>| {
        let id = option_text(option, "id");
        !id.is_empty() && !is_id(id)
    };
    if options.is_empty()
        || names.len() < options.len()
        || names.iter().any(bad_name)
        || options.iter().any(bad_id)
    {
        return Err(Reply::internal());
    }
    for option in options {
        if option_text(option, "id").is_empty() {
            option.insert("id".to_owned(), world.new_id().into());
        }
    }
    Ok(())
}

fn create(world: &mut World, call: &Call) -> Answer {
    let playbook = changeable(world, call)?;
    let sent = sent(call)?;
    if world.fields_of(&playbook).len() >= FIELDS {
        return Err(Reply::internal());
    }
    let now = world.now();
    let mut field = Field {
        group_id: world.property_group.clone(),
        target_id: playbook.clone(),
        target_type: "playbook",
        create_at: now,
        update_at: now,
        ..Field::default()
    };
    fill(world, &mut field, sent)?;
    field.id = world.new_id();
    let answer = json!(field);
    world.fields.insert(field);
    world.touch_playbook(&playbook);
    Ok(Reply::created(answer))
}

/// The field in the path.
fn field_in_path(world: &World, call: &Call, playbook: &str) -> Result<Field, Reply> {
    let field = world.fields.get(call.param("field_id"));
    let field = field.ok_or_else(Reply::internal)?;
    if field.target_id != playbook {
        return Err(Reply::refused(
            "property field does not belong to the specified playbook",
        ));
    }
    Ok(field.clone())
}

fn update(world: &mut World, call: &Call) -> Answer {
    let playbook = changeable(world, call)?;
    let sent = sent(call)?;
    let old = field_in_path(world, call, &playbook)?;
    let mut field = old.clone();
    fill(world, &mut field, sent)?;
    let uses = world.conditions_using(&playbook, &old.id);
    if field.kind != old.kind && uses > 0 {
        return Err(Reply::error(
            409,
            &format!(
                "cannot change type of property field '{}' from '{}' to '{}': it is referenced by {uses} condition(s). Please remove or update the conditions before changing the field type: property field type change not allowed",
                old.name, old.kind, field.kind
            ),
        ));
    }
    for option in old.attrs.options.iter().flatten() {
        let id = option_text(option, "id");
        let uses = world.conditions_using(&playbook, id);
        if field.option_name(id).is_none() && uses > 0 {
            return Err(Reply::error(
                409,
                &format!(
                    "cannot remove property options: '{}' (used by {uses} condition). Please remove or update the conditions before removing these options: property options are in use",
                    option_text(option, "name")
                ),
            ));
        }
    }
    field.update_at = world.now();
    rename_in_template(world, &playbook, &old.name, &field.name);
    let answer = json!(field);
    world.fields.insert(field);
    world.touch_playbook(&playbook);
    Ok(Reply::ok(answer))
}

/// The template of run names follows a renamed attribute.
fn rename_in_template(world: &mut World, playbook: &str, old: &str, new: &str) {
    let Some(playbook) = world.playbooks.get_mut(playbook) else {
        return;
    };
    let template = playbook.channel_name_template.clone();
    for name in validate::placeholders(&template) {
        if name.trim().to_lowercase() == old.trim().to_lowercase() {
            playbook.channel_name_template = playbook
                .channel_name_template
                .replace(&format!("{{{name}}}"), &format!("{{{new}}}"));
        }
    }
}

fn delete(world: &mut World, call: &Call) -> Answer {
    let playbook = changeable(world, call)?;
    let mut field = field_in_path(world, call, &playbook)?;
    let uses = world.conditions_using(&playbook, &field.id);
    if uses > 0 {
        return Err(Reply::error(
            409,
            &format!(
                "cannot delete property field '{}': it is referenced by {uses} condition(s). Please remove or update the conditions before deleting this field: property field is in use",
                field.name
            ),
        ));
    }
    if field.delete_at == 0 {
        let mut left = world.field_names(&playbook);
        left.retain(|name| *name != field.name);
        let left: Vec<&str> = left.iter().map(String::as_str).collect();
        let template = world
            .playbooks
            .get(&playbook)
            .map(|p| p.channel_name_template.clone());
        validate::template(&template.unwrap_or_default(), &left)
            .map_err(|text| Reply::refused(&text))?;
        field.delete_at = world.now();
        field.update_at = field.delete_at;
        world.fields.insert(field);
        world.touch_playbook(&playbook);
    }
    Ok(Reply::empty(204))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Order {
    field_id: Id,
    target_position: i64,
}

fn reorder(world: &mut World, call: &Call) -> Answer {
    let playbook = changeable(world, call)?;
    let undecodable = || Reply::refused("unable to decode request body");
    let order: Order = call.decode().ok_or_else(undecodable)?;
    if order.field_id.is_empty() {
        return Err(Reply::refused("field_id is required"));
    }
    let target = usize::try_from(order.target_position)
        .map_err(|_| Reply::refused("target_position must be non-negative"))?;
    let mut fields = world.fields_of(&playbook);
    let place = fields.iter().position(|field| field.id == order.field_id);
    let place = place
        .filter(|_| target < fields.len())
        .ok_or_else(Reply::internal)?;
    let moved = fields.remove(place);
    fields.insert(target, moved);
    for (place, mut field) in fields.into_iter().enumerate() {
        field.attrs.sort_order = super::object::count(place);
        world.fields.insert(field);
    }
    world.touch_playbook(&playbook);
    Ok(Reply::ok(world.fields_of(&playbook)))
}
