//! The conditions of one playbook, written one by one.
//!
//! Owns which of them stay: those that ask what some task needs, told with the names that
//! their attributes are about to have. What leaves goes before the attributes it needs;
//! what is new comes after them. Equal ones are made once.

use super::ApplyError;
use crate::mattermost::ApiError;
use crate::mattermost::playbooks::{Condition, PropertyField};
use crate::sync::canonical::WhenState;
use crate::sync::desired::Wanted;
use crate::sync::site::Writing;
use crate::sync::wire::{Beside, RawPlaybook, References, expression_of, staying, when_of};

/// What becomes of what a playbook has beside itself.
#[derive(Debug, Default)]
pub(super) struct Outlook {
    /// What can be referred to before anything of it is written.
    pub(super) before: References,
    /// The conditions that stay, with what they will ask.
    kept: Vec<(Condition, WhenState)>,
    /// The conditions that leave.
    leaving: Vec<Condition>,
    /// What is asked by nothing yet, with the title of a task that needs it.
    missing: Vec<(WhenState, String)>,
}

impl Outlook {
    pub(super) fn of(raw: &RawPlaybook, beside: &Beside, wanted: &Wanted) -> Self {
        let staying = staying(
            &beside.attributes,
            &wanted.state.attributes,
            &wanted.renames.attributes,
            &wanted.option_ids,
        );
        let mut before = References::none_yet();
        let mut fields: Vec<PropertyField> = Vec::new();
        for (now, then) in staying {
            before.add_attribute(&then.name, then.id.as_str(), &now.name);
            // The server keeps the kind of an attribute while a condition needs it.
            if now.kind == then.kind {
                fields.push(then);
            }
        }
        let mut all = References::none_yet();
        let asked: Vec<(&Condition, WhenState)> = beside
            .conditions
            .iter()
            .map(|condition| (condition, when_of(condition, &fields)))
            .collect();
        for (condition, when) in &asked {
            all.add_condition(condition.id.as_str(), when.clone());
        }
        let used = raw.condition_of_tasks();
        let mut outlook = Self::default();
        let mut ids: Vec<&str> = Vec::new();
        for (_, task) in wanted.state.tasks() {
            let Some(when) = &task.when else { continue };
            let used = used.get(&task.id).map(String::as_str).unwrap_or_default();
            match all.condition(when, used) {
                Some(id) => ids.push(id),
                None if outlook.missing.iter().any(|(known, _)| known == when) => {}
                None => outlook.missing.push((when.clone(), task.title.clone())),
            }
        }
        for (condition, when) in asked {
            if ids.contains(&condition.id.as_str()) {
                before.add_condition(condition.id.as_str(), when.clone());
                outlook.kept.push((condition.clone(), when));
            } else {
                outlook.leaving.push(condition.clone());
            }
        }
        outlook.before = before;
        outlook
    }

    /// Whether a condition comes or goes.
    pub(super) fn changes(&self) -> bool {
        !self.leaving.is_empty() || !self.missing.is_empty()
    }

    /// Deletes what leaves.
    pub(super) async fn delete<S: Writing>(
        &mut self,
        site: &S,
        playbook: &str,
        wrote: &mut bool,
    ) -> Result<(), ApplyError> {
        for condition in std::mem::take(&mut self.leaving) {
            let failed = |error| ApplyError::Condition { task: None, error };
            match site.delete_condition(playbook, &condition.id).await {
                Ok(()) => {}
                Err(error) if error.may_have_happened() => {
                    let there = site.conditions(playbook).await?;
                    if there.iter().any(|other| other.id == condition.id) {
                        return Err(failed(error));
                    }
                }
                Err(error) => return Err(failed(error)),
            }
            *wrote = true;
        }
        Ok(())
    }

    /// Creates what is missing; answers with everything that can be referred to now.
    pub(super) async fn create<S: Writing>(
        self,
        site: &S,
        playbook: &str,
        attributes: Vec<PropertyField>,
        wrote: &mut bool,
    ) -> Result<References, ApplyError> {
        let mut references = References::to(&Beside {
            attributes: attributes.clone(),
            conditions: Vec::new(),
        });
        for (condition, when) in &self.kept {
            references.add_condition(condition.id.as_str(), when.clone());
        }
        for (when, task) in self.missing {
            let expression = expression_of(&when, &attributes)?;
            let answer = site.create_condition(playbook, &expression).await;
            let failed = |error: ApiError| ApplyError::Condition {
                task: Some(task),
                error,
            };
            let made = match answer {
                Ok(condition) => condition,
                // Whichever asks this will do.
                Err(error) if error.may_have_happened() => {
                    let there = site.conditions(playbook).await?;
                    let mut there = there.into_iter();
                    there
                        .find(|condition| when_of(condition, &attributes) == when)
                        .ok_or_else(|| failed(error))?
                }
                Err(error) => return Err(failed(error)),
            };
            *wrote = true;
            references.add_condition(made.id.as_str(), when);
        }
        Ok(references)
    }
}
