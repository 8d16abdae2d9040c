//! Attributes, conditions and roles of the world in memory.
//!
//! Knows the refusals that put the writes of sync in order: a field, an option or a
//! kind that a condition needs stays, and so does a field that a name template needs.
//! `tests` holds all of it against the sandbox.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{State, refused};
use crate::mattermost::core::Role;
use crate::mattermost::playbooks::{
    Compared, Comparison, Condition, Expression, FieldAttrs, FieldKind, PropertyField, Visibility,
};
use crate::mattermost::{
    ApiError, ConditionId, FieldId, Millis, OptionId, RoleId, is_server_id, limits,
};

/// Names that mean something else in a template.
const RESERVED: [&str; 4] = ["seq", "owner", "creator", "property_user"];

/// What a playbook has beside itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Attributes {
    /// Deleted ones, too.
    fields: Vec<PropertyField>,
    conditions: Vec<Condition>,
}

/// The roles of Playbooks.
pub(super) fn roles() -> Vec<Role> {
    let role = |name: &str, permissions: &[&str]| Role {
        id: format!("{name}-role").as_str().into(),
        name: name.to_owned(),
        permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
        ..Role::default()
    };
    vec![
        role("playbook_admin", &["playbook_public_manage_roles"]),
        role("playbook_member", &["playbook_public_view", "run_create"]),
    ]
}

fn internal() -> ApiError {
    refused(500, "An internal error has occurred.")
}

impl Attributes {
    fn live(&self) -> impl Iterator<Item = &PropertyField> {
        self.fields
            .iter()
            .filter(|field| field.delete_at.is_never())
    }

    /// How many conditions name a field or an option.
    fn uses(&self, id: &str) -> usize {
        let quoted = format!("\"{id}\"");
        let texts = self
            .conditions
            .iter()
            .map(|c| json!(c.expression).to_string());
        texts.filter(|text| text.contains(&quoted)).count()
    }

    fn position(&self, id: &FieldId) -> Result<usize, ApiError> {
        let place = self.fields.iter().position(|field| field.id == *id);
        place.ok_or_else(internal)
    }
}

impl State {
    /// An id as the server makes them.
    fn new_id(&mut self) -> String {
        self.now += 1;
        let digit = |digit: char| char::from(b"ybndrfg8"[digit as usize - '0' as usize]);
        format!("{:026o}", self.now).chars().map(digit).collect()
    }

    pub(super) fn fields_of(&self, playbook: &str) -> Vec<PropertyField> {
        let all = self.attributes.get(playbook);
        let mut fields: Vec<PropertyField> = all
            .into_iter()
            .flat_map(Attributes::live)
            .cloned()
            .collect();
        fields.sort_by_key(|field| field.attrs.sort_order);
        fields
    }

    pub(super) fn conditions_of(&self, playbook: &str) -> Vec<Condition> {
        let all = self.attributes.get(playbook);
        all.map(|all| all.conditions.clone()).unwrap_or_default()
    }

    /// What may be changed of a playbook.
    fn changeable(&mut self, playbook: &str) -> Result<&mut Attributes, ApiError> {
        let found = self.playbooks.get(playbook).ok_or_else(internal)?;
        if found["delete_at"] != 0 {
            return Err(refused(400, "archived playbooks cannot be modified"));
        }
        Ok(self.attributes.entry(playbook.to_owned()).or_default())
    }

    /// Attributes count as a change of their playbook; conditions do not.
    fn touch(&mut self, playbook: &str) {
        let now = json!(self.now);
        if let Some(playbook) = self.playbooks.get_mut(playbook) {
            playbook.insert("update_at".to_owned(), now);
        }
    }

    pub(super) fn create_field(
        &mut self,
        playbook: &str,
        field: &PropertyField,
    ) -> Result<PropertyField, ApiError> {
        if self.changeable(playbook)?.live().count() >= limits::ATTRIBUTES {
            return Err(internal());
        }
        let new = PropertyField {
            id: FieldId::default(),
            ..field.clone()
        };
        let mut new = self.checked(playbook, new)?;
        new.id = self.new_id().as_str().into();
        (new.create_at, new.update_at) = (Millis(self.now), Millis(self.now));
        new.delete_at = Millis::NEVER;
        self.changeable(playbook)?.fields.push(new.clone());
        self.touch(playbook);
        Ok(new)
    }

    pub(super) fn replace_field(
        &mut self,
        playbook: &str,
        field: &PropertyField,
    ) -> Result<PropertyField, ApiError> {
        let all = self.changeable(playbook)?;
        let place = all.position(&field.id)?;
        let old = all.fields[place].clone();
        let mut new = self.checked(playbook, field.clone())?;
        let all = self.changeable(playbook)?;
        if new.kind != old.kind && all.uses(old.id.as_str()) > 0 {
            return Err(refused(409, "property field type change not allowed"));
        }
        for option in &old.attrs.options {
            let stays = new.attrs.options.iter().any(|other| other.id == option.id);
            if !stays && all.uses(option.id.as_str()) > 0 {
                return Err(refused(409, "property options are in use"));
            }
        }
        (new.create_at, new.delete_at) = (old.create_at, old.delete_at);
        new.update_at = Millis(self.now);
        self.changeable(playbook)?.fields[place] = new.clone();
        self.rename_in_template(playbook, &old.name, &new.name);
        self.touch(playbook);
        Ok(new)
    }

    pub(super) fn move_field(
        &mut self,
        playbook: &str,
        field: &FieldId,
        place: usize,
    ) -> Result<Vec<PropertyField>, ApiError> {
        self.changeable(playbook)?;
        let mut order = self.fields_of(playbook);
        let from = order.iter().position(|other| other.id == *field);
        let from = from.filter(|_| place < order.len()).ok_or_else(internal)?;
        let moved = order.remove(from);
        order.insert(place, moved);
        let all = self.changeable(playbook)?;
        for (place, field) in (0..).zip(&order) {
            let at = all.position(&field.id)?;
            all.fields[at].attrs.sort_order = place;
        }
        self.touch(playbook);
        Ok(self.fields_of(playbook))
    }

    pub(super) fn delete_field(&mut self, playbook: &str, id: &FieldId) -> Result<(), ApiError> {
        let all = self.changeable(playbook)?;
        let place = all.position(id)?;
        if all.uses(id.as_str()) > 0 {
            return Err(refused(409, "property field is in use"));
        }
        if !all.fields[place].delete_at.is_never() {
            return Ok(());
        }
        let braced = format!("{{{}}}", all.fields[place].name.to_lowercase());
        if self.template(playbook).to_lowercase().contains(&braced) {
            return Err(refused(400, "channel name template references it"));
        }
        let now = Millis(self.now);
        self.changeable(playbook)?.fields[place].delete_at = now;
        self.touch(playbook);
        Ok(())
    }

    /// A template of names may use only what the playbook has.
    pub(super) fn check_template(
        &self,
        playbook: &str,
        new: &Map<String, Value>,
    ) -> Result<(), ApiError> {
        let template = new.get("channel_name_template").and_then(Value::as_str);
        let fields = self.fields_of(playbook);
        let parts = template.unwrap_or_default().split('{').skip(1);
        for part in parts {
            let Some((name, _)) = part.split_once('}') else {
                continue;
            };
            let name = name.trim().to_lowercase();
            let own = |field: &PropertyField| field.name.trim().to_lowercase() == name;
            if !RESERVED.contains(&name.as_str()) && !fields.iter().any(own) {
                return Err(refused(
                    400,
                    "channel name template references unknown field(s)",
                ));
            }
        }
        Ok(())
    }

    /// Known metrics keep what they count, unknown ids are dropped, those without an id are new.
    pub(super) fn merged_metrics(&mut self, playbook: &str, new: &Map<String, Value>) -> Value {
        let list = |of: Option<&Map<String, Value>>| {
            let all = of.and_then(|of| of.get("metrics")?.as_array().cloned());
            all.unwrap_or_default()
        };
        let old = list(self.playbooks.get(playbook));
        let mut merged = Vec::new();
        for mut metric in list(Some(new)) {
            let id = metric["id"].as_str().unwrap_or_default().to_owned();
            if id.is_empty() {
                metric["id"] = json!(self.new_id());
            } else if let Some(known) = old.iter().find(|known| known["id"] == *id) {
                metric["type"] = known["type"].clone();
            } else {
                continue;
            }
            merged.push(metric);
        }
        Value::Array(merged)
    }

    fn template(&self, playbook: &str) -> String {
        let template = &self.playbooks[playbook].get("channel_name_template");
        let template = template.and_then(Value::as_str);
        template.unwrap_or_default().to_owned()
    }

    fn rename_in_template(&mut self, playbook: &str, old: &str, new: &str) {
        let template = self.template(playbook);
        let renamed = template.replace(&format!("{{{old}}}"), &format!("{{{new}}}"));
        if let (true, Some(playbook)) = (renamed != template, self.playbooks.get_mut(playbook)) {
            playbook.insert("channel_name_template".to_owned(), json!(renamed));
        }
    }

    /// The field as the server would keep it; everything wrong with it is an internal error.
    fn checked(
        &mut self,
        playbook: &str,
        mut field: PropertyField,
    ) -> Result<PropertyField, ApiError> {
        if RESERVED.contains(&field.name.trim().to_lowercase().as_str()) {
            return Err(refused(400, "reserved property field name"));
        }
        let taken = |other: &PropertyField| other.name == field.name && other.id != field.id;
        if field.name.is_empty()
            || field.name.chars().count() > limits::ATTRIBUTE_NAME
            || matches!(field.kind, FieldKind::Other(_))
            || matches!(field.attrs.visibility, Visibility::Other(_))
            || self.fields_of(playbook).iter().any(taken)
        {
            return Err(internal());
        }
        if field.attrs.value_type != FieldAttrs::URL {
            field.attrs.value_type.clear();
        }
        let options = &mut field.attrs.options;
        if !matches!(field.kind, FieldKind::Select | FieldKind::Multiselect) {
            options.clear();
            return Ok(field);
        }
        let names: BTreeSet<&str> = options.iter().map(|option| option.name.as_str()).collect();
        let length = |name: &&str| (1..=limits::ATTRIBUTE_OPTION).contains(&name.chars().count());
        let mut ids = options.iter().map(|option| &option.id);
        if options.is_empty()
            || names.len() < options.len()
            || !names.iter().all(length)
            || ids.any(|id| !id.is_empty() && !is_server_id(id.as_str()))
        {
            return Err(internal());
        }
        for option in options.iter_mut().filter(|option| option.id.is_empty()) {
            option.id = self.new_id().as_str().into();
        }
        Ok(field)
    }

    pub(super) fn create_condition(
        &mut self,
        playbook: &str,
        expression: &Expression,
    ) -> Result<Condition, ApiError> {
        self.changeable(playbook)?;
        let condition = Condition {
            expression: self.asked(playbook, expression, true)?,
            id: self.new_id().as_str().into(),
            version: 1,
            playbook_id: playbook.into(),
            create_at: Millis(self.now),
            update_at: Millis(self.now),
            ..Condition::default()
        };
        let all = self.changeable(playbook)?;
        all.conditions.push(condition.clone());
        Ok(condition)
    }

    pub(super) fn replace_condition(
        &mut self,
        playbook: &str,
        condition: &Condition,
    ) -> Result<Condition, ApiError> {
        let expression = self.asked(playbook, &condition.expression, true)?;
        let now = Millis(self.now);
        let mut all = self.changeable(playbook)?.conditions.iter_mut();
        let found = all.find(|other| other.id == condition.id);
        let found = found.ok_or_else(internal)?;
        (found.expression, found.update_at) = (expression, now);
        Ok(found.clone())
    }

    /// Items keep its id.
    pub(super) fn delete_condition(
        &mut self,
        playbook: &str,
        condition: &ConditionId,
    ) -> Result<(), ApiError> {
        let all = &mut self.changeable(playbook)?.conditions;
        let place = all.iter().position(|other| other.id == *condition);
        all.remove(place.ok_or_else(internal)?);
        Ok(())
    }

    /// The expression as the server would keep it: one level around comparisons.
    fn asked(
        &self,
        playbook: &str,
        expression: &Expression,
        may_combine: bool,
    ) -> Result<Expression, ApiError> {
        let parts = |parts: &[Expression]| {
            if !may_combine || parts.is_empty() {
                return Err(refused(400, "invalid condition expression"));
            }
            let parts = parts.iter().map(|part| self.asked(playbook, part, false));
            parts.collect::<Result<Vec<_>, _>>()
        };
        Ok(match expression {
            Expression::Is(comparison) => Expression::Is(self.compared(playbook, comparison)?),
            Expression::IsNot(comparison) => {
                Expression::IsNot(self.compared(playbook, comparison)?)
            }
            Expression::And(inner) => Expression::And(parts(inner)?),
            Expression::Or(inner) => Expression::Or(parts(inner)?),
            Expression::Other(_) => return Err(refused(400, "invalid condition expression")),
        })
    }

    fn compared(&self, playbook: &str, comparison: &Comparison) -> Result<Comparison, ApiError> {
        let fields = self.fields_of(playbook);
        let field = fields.iter().find(|field| field.id == comparison.field_id);
        let known =
            |field: &PropertyField, id: &OptionId| field.attrs.options.iter().any(|o| o.id == *id);
        let value = match (field.map(|field| (field, &field.kind)), &comparison.value) {
            (None | Some((_, FieldKind::Text)), Compared::Text(text)) => {
                Compared::Text(text.trim().to_owned())
            }
            (None, Compared::Options(ids)) => Compared::Options(ids.clone()),
            (Some((field, FieldKind::Select | FieldKind::Multiselect)), Compared::Options(ids))
                if !ids.is_empty() && ids.iter().all(|id| known(field, id)) =>
            {
                Compared::Options(ids.clone())
            }
            _ => return Err(refused(400, "invalid condition expression")),
        };
        if comparison.field_id.is_empty() {
            return Err(refused(400, "invalid condition expression"));
        }
        Ok(Comparison {
            value,
            ..comparison.clone()
        })
    }

    pub(super) fn set_permissions(
        &mut self,
        role: &RoleId,
        permissions: &[String],
    ) -> Result<Role, ApiError> {
        let sorted: BTreeSet<&String> = permissions.iter().collect();
        let found = self.roles.iter_mut().find(|other| other.id == *role);
        let found = found.ok_or_else(|| refused(404, "Unable to get role."))?;
        found.permissions = sorted.into_iter().cloned().collect();
        Ok(found.clone())
    }

    /// A duplicate has fields, options and conditions of its own, and its items use them.
    pub(super) fn copy_attributes(&mut self, from: &str, to: &str) {
        let mut fields = self.fields_of(from);
        let mut conditions = self.conditions_of(from);
        let options = fields.iter().flat_map(|field| &field.attrs.options);
        let ids = fields.iter().map(|field| field.id.to_string());
        let ids = ids.chain(options.map(|option| option.id.to_string()));
        let ids: Vec<String> = ids
            .chain(conditions.iter().map(|condition| condition.id.to_string()))
            .collect();
        let ids: Vec<(String, String)> = ids.into_iter().map(|id| (id, self.new_id())).collect();
        fields = with_ids(&fields, &ids);
        conditions = with_ids(&conditions, &ids);
        for condition in &mut conditions {
            condition.playbook_id = to.into();
        }
        let copies = Attributes { fields, conditions };
        self.attributes.insert(to.to_owned(), copies);
        if let Some(playbook) = self.playbooks.get_mut(to) {
            *playbook = with_ids(playbook, &ids);
        }
    }
}

/// The value with other ids in it.
fn with_ids<T: Serialize + DeserializeOwned>(value: &T, ids: &[(String, String)]) -> T {
    let text = serde_json::to_string(value).expect("it is JSON");
    let text = ids.iter().fold(text, |text, (old, new)| {
        text.replace(&format!("\"{old}\""), &format!("\"{new}\""))
    });
    serde_json::from_str(&text).expect("only ids are others")
}
