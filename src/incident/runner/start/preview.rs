//! The texts of a start, before it.
//!
//! A template that cannot be rendered has to be found out while there is no
//! incident yet: afterwards people would miss what it was to say. So all of them
//! are rendered for an incident as it will be, and thrown away.

use super::super::scene::{self, Occasion};
use super::super::{People, Runner, RunnerError, observe};
use super::{Checked, Order};
use crate::incident::rules;
use crate::mattermost::playbooks::{Checklist, Item, Run};
use crate::mattermost::{ChecklistId, ItemId, Millis};
use crate::model::{Key, Playbook, checklist_id, task_id};

impl Runner<'_> {
    /// Renders whatever the start of the incident will say. Writes nothing.
    pub(super) fn preview(&self, order: &Order, checked: &Checked) -> Result<(), RunnerError> {
        let definition = &checked.definition;
        let commander = checked.commander.as_ref().unwrap_or(&checked.me);
        let mut people = People::default();
        for user in [commander, &checked.me]
            .into_iter()
            .chain(checked.roles.values())
        {
            people.add(user);
        }
        let severity = checked.standing.severity.as_ref();
        let wait = rules::usual_interval(&definition.settings, &definition.playbook, severity);
        let wait = wait.map_or(0, |wait| wait.as_seconds().saturating_mul(1_000_000_000));
        let now = Millis::from(self.now());
        let run = Run {
            name: order.name.clone(),
            owner_user_id: commander.id.clone(),
            reporter_user_id: checked.me.id.clone(),
            create_at: now,
            last_status_update_at: now,
            previous_reminder: i64::try_from(wait).unwrap_or(i64::MAX),
            status_update_enabled: definition.playbook.updates.is_some(),
            checklists: checklists(&definition.settings.workspace, &definition.playbook),
            sequential_id: Some("00001".to_owned()),
            ..Run::default()
        };
        let incident = observe::incident(
            &run,
            &observe::Beside {
                standing: Some(&checked.standing),
                definition: Some(definition),
                people: &people,
                site: self.reader().site(),
                channel: Some("incident"),
                description: &order.description,
            },
        );
        let (start, now) = (&definition.playbook.start, self.now());
        if let Some(text) = &start.overview {
            definition.render(text, &scene::overview(&incident, definition, now))?;
        }
        if let Some(text) = &start.welcome {
            definition.render(text, &scene::welcome(&incident, definition, now))?;
        }
        if !start.announce.is_empty() {
            let by = &checked.me.username;
            let occasion = Occasion::Started;
            let context = scene::announcement(&incident, definition, now, occasion, by);
            definition.render_announcement(&context)?;
        }
        Ok(())
    }
}

/// The tasks as a new run has them.
fn checklists(workspace: &Key, playbook: &Playbook) -> Vec<Checklist> {
    let lists = playbook.checklists.iter().map(|list| Checklist {
        id: ChecklistId::new(checklist_id(workspace, playbook.ids_key(), &list.key)),
        title: list.title.clone(),
        items: list
            .tasks
            .iter()
            .map(|task| Item {
                id: ItemId::new(task_id(workspace, playbook.ids_key(), &list.key, &task.key)),
                title: task.title.clone(),
                ..Item::default()
            })
            .collect(),
        ..Checklist::default()
    });
    lists.collect()
}
