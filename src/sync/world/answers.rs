//! What the world in memory answers: reading and writing as sync sees them.
//!
//! Keeps no state and knows no rule of attributes: `attributes` does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{State, World};
use crate::mattermost::core::Role;
use crate::mattermost::playbooks::{Condition, Expression, PropertyField};
use crate::mattermost::{ApiError, ConditionId, FieldId, RoleId};
use crate::sync::site::{Account, Entry, Reading, Writing};
use crate::sync::wire::RawPlaybook;

fn account(name: &str) -> Account {
    Account {
        id: format!("{name}-id"),
        username: name.to_owned(),
        ..Account::default()
    }
}

impl Reading for World {
    async fn account(&self) -> Result<Account, ApiError> {
        self.read(|state| account(&state.me))
    }

    async fn teams(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let teams = ["ops", "platform"].map(|name| (name.to_owned(), format!("{name}-id")));
        self.read(|_| BTreeMap::from(teams))
    }

    async fn entries(&self) -> Result<Vec<Entry>, ApiError> {
        self.read(|state| {
            let entries = state.playbooks.iter().map(|(id, playbook)| {
                let raw = RawPlaybook(playbook.clone());
                Entry {
                    id: id.clone(),
                    team_id: raw.team_id().to_owned(),
                    title: raw.title().to_owned(),
                    description: playbook["description"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                    number_prefix: playbook["run_number_prefix"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                    has_numbers: state.is_new,
                    created_at: raw.created_at(),
                    archived: raw.is_archived(),
                    active_runs: raw.active_runs(),
                }
            });
            entries.collect()
        })
    }

    async fn playbook(&self, id: &str) -> Result<RawPlaybook, ApiError> {
        self.read(|state| RawPlaybook(state.playbooks[id].clone()))
    }

    async fn attributes(&self, playbook: &str) -> Result<Vec<PropertyField>, ApiError> {
        self.read(|state| state.fields_of(playbook))
    }

    async fn conditions(&self, playbook: &str) -> Result<Vec<Condition>, ApiError> {
        self.read(|state| state.conditions_of(playbook))
    }

    async fn people_named(&self, names: &[String]) -> Result<Vec<Account>, ApiError> {
        self.read(|state| {
            let known = state.people.iter().filter(|name| names.contains(name));
            known
                .map(|name| Account {
                    is_deactivated: state.deactivated.contains(name),
                    ..account(name)
                })
                .collect()
        })
    }

    async fn people_of(&self, ids: &[String]) -> Result<Vec<Account>, ApiError> {
        self.read(|state| {
            let all = state.people.iter().map(|name| account(name));
            all.filter(|account| ids.contains(&account.id)).collect()
        })
    }

    async fn channel_named(&self, _: &str, name: &str) -> Result<Option<String>, ApiError> {
        self.read(|state| {
            let there = name != "nowhere" && !state.archived_channels.contains(name);
            there.then(|| format!("{name}-channel"))
        })
    }

    async fn channel_of(&self, id: &str) -> Result<Option<(String, String)>, ApiError> {
        self.read(|_| {
            let name = id.strip_suffix("-channel")?;
            Some(("ops-id".to_owned(), name.to_owned()))
        })
    }

    async fn groups(&self) -> Result<BTreeMap<String, String>, ApiError> {
        self.read(|_| BTreeMap::from([("sre".to_owned(), "sre-group".to_owned())]))
    }

    async fn is_on_team(&self, _: &str, person: &str) -> Result<bool, ApiError> {
        self.read(|state| {
            state
                .on_team
                .iter()
                .any(|name| person == format!("{name}-id"))
        })
    }

    async fn witnesses(&self) -> Result<BTreeMap<String, String>, ApiError> {
        self.read(|state| state.witnesses.clone())
    }

    async fn role(&self, name: &str) -> Result<Option<Role>, ApiError> {
        self.read(|state| state.roles.iter().find(|role| role.name == name).cloned())
    }
}

impl Writing for World {
    async fn create(&self, playbook: &RawPlaybook) -> Result<String, ApiError> {
        self.write("create".to_owned(), |state| {
            state.check_template("", &playbook.0)?;
            if std::mem::take(&mut state.rival) {
                state.insert(playbook.0.clone());
            }
            let mut new = playbook.0.clone();
            let metrics = state.merged_metrics("", &new);
            new.insert("metrics".to_owned(), metrics);
            Ok(state.insert(new))
        })
    }

    async fn replace(&self, playbook: &RawPlaybook) -> Result<(), ApiError> {
        self.write(format!("replace {}", playbook.id()), |state| {
            let mut new = playbook.0.clone();
            let id = playbook.id().to_owned();
            state.check_template(&id, &new)?;
            let metrics = state.merged_metrics(&id, &new);
            new.insert("metrics".to_owned(), metrics);
            let old = &state.playbooks[&id];
            for computed in ["create_at", "delete_at"] {
                new.insert(computed.to_owned(), old[computed].clone());
            }
            new.insert("update_at".to_owned(), json!(state.now));
            if let Some(Value::Array(invited)) = new.get_mut("invited_user_ids") {
                // As the server does, without a word.
                let on_team = &state.on_team;
                invited.retain(|id| on_team.iter().any(|name| *id == format!("{name}-id")));
            }
            state.playbooks.insert(id, new);
            Ok(())
        })
    }

    async fn archive(&self, id: &str) -> Result<(), ApiError> {
        self.write(format!("archive {id}"), |state| {
            let now = json!(state.now);
            let playbook = state.playbooks.get_mut(id).expect("there is one");
            playbook.insert("delete_at".to_owned(), now);
            Ok(())
        })
    }

    async fn restore(&self, id: &str) -> Result<(), ApiError> {
        self.write(format!("restore {id}"), |state| {
            let playbook = state.playbooks.get_mut(id).expect("there is one");
            playbook.insert("delete_at".to_owned(), json!(0));
            Ok(())
        })
    }

    async fn create_attribute(
        &self,
        playbook: &str,
        attribute: &PropertyField,
    ) -> Result<PropertyField, ApiError> {
        let name = format!("create attribute {}", attribute.name);
        self.write(name, |state| state.create_field(playbook, attribute))
    }

    async fn replace_attribute(
        &self,
        playbook: &str,
        attribute: &PropertyField,
    ) -> Result<PropertyField, ApiError> {
        let name = format!("replace attribute {}", attribute.name);
        self.write(name, |state| state.replace_field(playbook, attribute))
    }

    async fn move_attribute(
        &self,
        playbook: &str,
        attribute: &FieldId,
        place: usize,
    ) -> Result<Vec<PropertyField>, ApiError> {
        let name = format!("move attribute {attribute} to {place}");
        self.write(name, |state| state.move_field(playbook, attribute, place))
    }

    async fn delete_attribute(&self, playbook: &str, attribute: &FieldId) -> Result<(), ApiError> {
        let name = format!("delete attribute {attribute}");
        self.write(name, |state| state.delete_field(playbook, attribute))
    }

    async fn create_condition(
        &self,
        playbook: &str,
        expression: &Expression,
    ) -> Result<Condition, ApiError> {
        let act = |state: &mut State| state.create_condition(playbook, expression);
        self.write("create condition".to_owned(), act)
    }

    async fn replace_condition(
        &self,
        playbook: &str,
        condition: &Condition,
    ) -> Result<Condition, ApiError> {
        let name = format!("replace condition {}", condition.id);
        self.write(name, |state| state.replace_condition(playbook, condition))
    }

    async fn delete_condition(
        &self,
        playbook: &str,
        condition: &ConditionId,
    ) -> Result<(), ApiError> {
        let name = format!("delete condition {condition}");
        self.write(name, |state| state.delete_condition(playbook, condition))
    }

    async fn set_permissions(
        &self,
        role: &RoleId,
        permissions: &[String],
    ) -> Result<Role, ApiError> {
        let name = format!("set permissions of {role}");
        self.write(name, |state| state.set_permissions(role, permissions))
    }

    async fn remember(&self, _: &str, name: &str, value: &str) -> Result<(), ApiError> {
        self.write("remember".to_owned(), |state| {
            state.witnesses.insert(name.to_owned(), value.to_owned());
            Ok(())
        })
    }

    async fn forget(&self, _: &str, name: &str) -> Result<(), ApiError> {
        self.write("forget".to_owned(), |state| {
            state.witnesses.remove(name);
            Ok(())
        })
    }

    async fn post(&self, _: &str, _: &str) -> Result<(), ApiError> {
        self.write("post".to_owned(), |_| Ok(()))
    }
}
