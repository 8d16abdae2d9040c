//! What a playbook says of its attributes and conditions: a template of names, who does
//! a task, when it is shown.
//!
//! Owns what is written where the thing itself is not there yet: what stood there stays
//! while it means something, and else nothing is written; it comes with a later write. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::conditions::when_of;
use super::{UnknownName, text};
use crate::mattermost::playbooks::{Condition, PropertyField};
use crate::sync::canonical::{BY_ATTRIBUTE, TaskState, WhenState};

/// What the server keeps beside a playbook.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Beside {
    /// Its attributes, in their order.
    pub attributes: Vec<PropertyField>,
    /// Its conditions, whether tasks use them or not.
    pub conditions: Vec<Condition>,
}

impl Beside {
    /// What each condition asks, by its id.
    #[must_use]
    pub fn whens(&self) -> BTreeMap<String, WhenState> {
        let all = self.conditions.iter();
        all.map(|c| (c.id.to_string(), when_of(c, &self.attributes)))
            .collect()
    }

    /// The name of an attribute by its id.
    #[must_use]
    pub fn attribute_name(&self, id: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        let field = all.find(|field| field.id.as_str() == id)?;
        Some(&field.name)
    }
}

/// What can be referred to.
#[derive(Debug, Clone, Default)]
pub struct References {
    /// The ids of attributes by name.
    attributes: BTreeMap<String, String>,
    /// The names that a template of names may use, in lower case.
    placeholders: BTreeSet<String>,
    /// What each condition asks, oldest first.
    conditions: Vec<(String, WhenState)>,
    /// Whether more is to come: what is missing is no error yet.
    pub partial: bool,
}

impl References {
    /// To everything that is there.
    #[must_use]
    pub fn to(beside: &Beside) -> Self {
        let mut references = Self::default();
        for field in &beside.attributes {
            references.add_attribute(&field.name, field.id.as_str(), &field.name);
        }
        for condition in &beside.conditions {
            let when = when_of(condition, &beside.attributes);
            references.add_condition(condition.id.as_str(), when);
        }
        references
    }

    /// To nothing yet: of a playbook that is about to be created.
    #[must_use]
    pub fn none_yet() -> Self {
        Self {
            partial: true,
            ..Self::default()
        }
    }

    /// Adds an attribute, which templates of names know by another name as long as it has that.
    pub fn add_attribute(&mut self, name: &str, id: &str, known_as: &str) {
        self.attributes.insert(name.to_owned(), id.to_owned());
        self.placeholders.insert(known_as.trim().to_lowercase());
    }

    /// Adds a condition.
    pub fn add_condition(&mut self, id: &str, when: WhenState) {
        self.conditions.push((id.to_owned(), when));
    }

    /// The condition that asks this: the one that is used already, or the oldest.
    #[must_use]
    pub fn condition(&self, when: &WhenState, used: &str) -> Option<&str> {
        let same = || self.conditions.iter().filter(|(_, asks)| asks == when);
        let found = same().find(|(id, _)| id == used).or_else(|| same().next());
        found.map(|(id, _)| id.as_str())
    }

    /// The template of names to write over another.
    pub(super) fn template<'t>(&self, wanted: &'t str, there: &'t str) -> &'t str {
        if !self.partial || self.holds(wanted) {
            wanted
        } else if self.holds(there) {
            there
        } else {
            ""
        }
    }

    fn holds(&self, template: &str) -> bool {
        placeholders(template).all(|name| {
            let name = name.trim().to_lowercase();
            PLACEHOLDERS
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
                || self.placeholders.contains(&name)
        })
    }

    /// Lays who does a task, as far as an attribute tells it, and when the task is shown.
    pub(super) fn lay(
        &self,
        item: &mut Map<String, Value>,
        task: &TaskState,
        before: &Map<String, Value>,
    ) -> Result<(), UnknownName> {
        let missing = |name: &str| UnknownName(name.to_owned());
        let assign = task.assign.as_deref();
        if let Some(name) = assign.and_then(|assign| assign.strip_prefix(BY_ATTRIBUTE)) {
            let field = self.attributes.get(name);
            if field.is_none() && !self.partial {
                return Err(missing(name));
            }
            let there = text(before, "assignee_property_field_id");
            let stays = self.attributes.values().find(|id| **id == there);
            if let Some(field) = field.or(stays) {
                item.insert("assignee_type".to_owned(), json!(PROPERTY_USER));
                item.insert("assignee_property_field_id".to_owned(), json!(field));
            }
        }
        let there = text(before, "condition_id");
        let condition = match &task.when {
            None => "",
            Some(when) => match self.condition(when, &there) {
                Some(id) => id,
                None if !self.partial => return Err(missing("a condition")),
                None if self.conditions.iter().any(|(id, _)| *id == there) => &there,
                None => "",
            },
        };
        item.insert("condition_id".to_owned(), json!(condition));
        Ok(())
    }
}

/// What the server calls an assignee that an attribute names.
pub(super) const PROPERTY_USER: &str = "property_user";

/// Placeholders of a name that need no attribute.
pub const PLACEHOLDERS: [&str; 3] = ["SEQ", "OWNER", "CREATOR"];

/// The placeholders of a template of names, as they stand between the braces.
pub fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    let parts = template.split('{').skip(1);
    parts.filter_map(|part| Some(part.split_once('}')?.0))
}
