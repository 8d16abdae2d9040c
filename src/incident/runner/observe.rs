//! From a run of Playbooks to an [`Incident`].
//!
//! Owns the translation of the API's words, once. Tasks are known by the ids that
//! sync derived from their keys; where the web editor erased those, by their
//! titles. Pure: what has to be read was read before.

use jiff::Timestamp;

use super::{Definition, People, attributes};
use crate::incident::Standing;
use crate::incident::state::{Checklist, Incident, IncidentId, Pin, Task, TaskState, Updates};
use crate::mattermost::Site;
use crate::mattermost::playbooks::{Item, ItemState, Run};
use crate::model::{self, Duration, Key, checklist_id, task_id};

/// What is known beside the run itself.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// What warroom keeps.
    pub standing: Option<&'a Standing>,
    /// The playbook.
    pub definition: Option<&'a Definition>,
    /// Names of people.
    pub people: &'a People,
    /// The server.
    pub site: &'a Site,
    /// The URL name of the channel.
    pub channel: Option<&'a str>,
    /// What the starter wrote.
    pub description: &'a str,
}

/// The incident that a run is.
#[must_use]
pub fn incident(run: &Run, beside: &Beside<'_>) -> Incident {
    let standing = beside.standing;
    let number = run.sequential_id.clone();
    Incident {
        id: IncidentId(run.id.to_string()),
        number: number.filter(|number| !number.is_empty()),
        name: run.name.clone(),
        url: format!("{}/playbooks/runs/{}", beside.site, run.id),
        channel: beside.channel.map(str::to_owned),
        playbook: standing.map(|standing| Pin {
            workspace: standing.workspace.clone(),
            key: standing.playbook.clone(),
            commit: standing.commit.clone(),
            inferred: standing.inferred,
        }),
        description: beside.description.to_owned(),
        status: standing.and_then(|standing| standing.status.clone()),
        severity: standing.and_then(|standing| standing.severity.clone()),
        stage: standing.and_then(|standing| standing.stage.clone()),
        commander: beside.people.name(&run.owner_user_id),
        creator: beside.people.name(&run.reporter_user_id),
        roles: standing.map(|s| s.roles.clone()).unwrap_or_default(),
        attributes: beside
            .definition
            .map(|definition| attributes::in_words(run, definition, beside.people))
            .unwrap_or_default(),
        checklists: checklists(run, beside),
        updates: updates(run),
        started_at: run.create_at.timestamp().unwrap_or(Timestamp::UNIX_EPOCH),
        ended_at: run.end_at.timestamp().filter(|_| run.is_finished()),
    }
}

fn updates(run: &Run) -> Updates {
    let posts = run.status_posts.iter().filter(|p| p.delete_at.is_never());
    let count = posts.clone().count();
    let interval = run.reminder();
    // The server fills this in at the start and when a timer is set, too.
    let since = run.last_status_update_at.timestamp();
    let next_at = match (since, interval) {
        (Some(since), Some(interval)) => since.checked_add(interval).ok(),
        _ => None,
    };
    Updates {
        enabled: run.status_update_enabled,
        count,
        last_at: posts.filter_map(|post| post.create_at.timestamp()).max(),
        interval: interval.map(|interval| Duration::from_seconds(interval.as_secs())),
        next_at: next_at.filter(|_| !run.is_finished()),
    }
}

fn checklists(run: &Run, beside: &Beside<'_>) -> Vec<Checklist> {
    let playbook = beside.definition.map(|definition| {
        let workspace = &definition.settings.workspace;
        (workspace, &definition.playbook)
    });
    run.checklists
        .iter()
        .map(|list| {
            let known = playbook.and_then(|(workspace, playbook)| {
                let mut known = playbook.checklists.iter();
                let by_id = known.find(|known| {
                    checklist_id(workspace, playbook.ids_key(), &known.key) == list.id.as_str()
                });
                by_id.or_else(|| playbook.checklists.iter().find(|k| k.title == list.title))
            });
            let tasks = list.items.iter().map(|item| {
                let known = known.zip(playbook);
                let known = known.and_then(|(known, (workspace, playbook))| {
                    known_task(item, workspace, playbook.ids_key(), known)
                });
                task(item, known, beside.people)
            });
            Checklist {
                key: known.map(|known| known.key.clone()),
                title: list.title.clone(),
                tasks: tasks.collect(),
            }
        })
        .collect()
}

/// The task of the playbook that an item was made from.
fn known_task<'a>(
    item: &Item,
    workspace: &Key,
    playbook: &Key,
    list: &'a model::Checklist,
) -> Option<&'a model::Task> {
    let id = |task: &&model::Task| {
        task_id(workspace, playbook, &list.key, &task.key) == item.id.as_str()
    };
    let mut tasks = list.tasks.iter();
    tasks
        .find(id)
        .or_else(|| list.tasks.iter().find(|task| task.title == item.title))
}

fn task(item: &Item, known: Option<&model::Task>, people: &People) -> Task {
    let state = match item.state {
        ItemState::Open | ItemState::Other(_) => TaskState::Open,
        ItemState::InProgress => TaskState::InProgress,
        ItemState::Closed => TaskState::Done,
        ItemState::Skipped => TaskState::Skipped,
    };
    Task {
        id: item.id.to_string(),
        key: known.map(|known| known.key.clone()),
        title: item.title.clone(),
        state,
        assignee: item.assignee_id.given().map(|id| people.name(id)),
        due_at: item.due_date.timestamp(),
        changed_at: item.state_modified.timestamp(),
        required: known.is_some_and(|known| known.required),
        hidden: item.condition_action == "hidden",
        command: Some(item.command.clone()).filter(|command| !command.is_empty()),
    }
}
