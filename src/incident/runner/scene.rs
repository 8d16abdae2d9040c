//! What templates are told of an incident.
//!
//! Owns the way from an [`Incident`] and its definition to the contexts of
//! `template`. Pure; the time is handed in.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Definition;
use crate::incident::{Incident, rules};
use crate::model::Key;
use crate::template::{
    Context, CurrentTask, EventContext, IncidentContext, KeyedTitle, PlaybookContext, Scene,
    SeverityContext, TaskContext, TasksContext, UpdateContext, UpdatesContext,
};

/// What an announcement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The start.
    Started,
    /// Another commander.
    HandedOver,
    /// The end.
    Ended,
    /// It goes on after its end.
    Restarted,
    /// Somebody wants a channel to know.
    Announced,
}

impl Occasion {
    fn kind(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::HandedOver => "handed_over",
            Self::Ended => "ended",
            Self::Restarted => "restarted",
            Self::Announced => "announced",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Started => "has started",
            Self::HandedOver => "has a new commander",
            Self::Ended => "is over",
            Self::Restarted => "goes on",
            Self::Announced => "is in progress",
        }
    }
}

/// The context of the overview.
#[must_use]
pub fn overview(incident: &Incident, definition: &Definition, now: Timestamp) -> Context {
    let updates = &incident.updates;
    let going_on = !incident.has_ended() && updates.enabled;
    let scene = Scene::Overview {
        tasks: tasks(incident, now),
        updates: UpdatesContext {
            count: updates.count,
            last_at: updates.last_at.filter(|_| updates.count > 0),
            next_at: updates.next_at.filter(|_| going_on),
        },
    };
    context(incident, definition, now, scene)
}

/// The context of an announcement.
#[must_use]
pub fn announcement(
    incident: &Incident,
    definition: &Definition,
    now: Timestamp,
    occasion: Occasion,
    by: &str,
) -> Context {
    let ended = occasion == Occasion::Announced && incident.has_ended();
    let words = if ended { Occasion::Ended } else { occasion }.words();
    let event = EventContext {
        kind: occasion.kind().to_owned(),
        words: words.to_owned(),
        by: Some(by.to_owned()),
    };
    context(incident, definition, now, Scene::Announcement { event })
}

/// The context of the welcome.
#[must_use]
pub fn welcome(incident: &Incident, definition: &Definition, now: Timestamp) -> Context {
    context(incident, definition, now, Scene::Welcome)
}

/// The context of a status update.
#[must_use]
pub fn update(
    incident: &Incident,
    definition: &Definition,
    now: Timestamp,
    update: UpdateContext,
    previous: Option<String>,
    inputs: BTreeMap<String, String>,
) -> Context {
    let scene = Scene::Update {
        tasks: tasks(incident, now),
        update,
        previous,
        inputs,
    };
    context(incident, definition, now, scene)
}

fn context(incident: &Incident, definition: &Definition, now: Timestamp, scene: Scene) -> Context {
    Context {
        incident: incident_context(incident, definition),
        now,
        scene,
    }
}

/// What all templates see.
#[must_use]
pub fn incident_context(incident: &Incident, definition: &Definition) -> IncidentContext {
    let settings = &definition.settings;
    let person = |name: &String| Some(name.clone()).filter(|name| !name.is_empty());
    let status = incident.status.as_ref().map(|key| KeyedTitle {
        key: key.to_string(),
        title: title(
            key,
            settings.status(key.as_str()).map(|status| &status.title),
        ),
    });
    let severity = incident.severity.as_ref();
    let severity = severity.map(Key::as_str).or_else(|| {
        let least = rules::least_severe(settings)?;
        Some(least.key.as_str())
    });
    let severity = severity.map(|key| match settings.severity(key) {
        Some(severity) => SeverityContext {
            key: key.to_owned(),
            title: severity.title.clone(),
            means: severity.means.clone(),
        },
        None => SeverityContext {
            key: key.to_owned(),
            title: key.to_owned(),
            means: String::new(),
        },
    });
    let roles = settings
        .roles
        .keys()
        .map(|role| (role.to_string(), incident.roles.get(role).cloned()));
    let attributes = definition.playbook.attributes.iter();
    IncidentContext {
        name: incident.name.clone(),
        number: incident.number.clone(),
        description: incident.description.clone(),
        url: incident.url.clone(),
        channel: incident.channel.clone().unwrap_or_default(),
        severity: severity.unwrap_or_default(),
        status: status.unwrap_or_default(),
        commander: person(&incident.commander),
        creator: person(&incident.creator),
        roles: roles.collect(),
        attributes: attributes
            .map(|a| (a.key.to_string(), incident.attributes.get(&a.key).cloned()))
            .collect(),
        started_at: incident.started_at,
        ended_at: incident.ended_at,
        drill: false,
        playbook: PlaybookContext {
            key: definition.playbook.key.to_string(),
            title: definition.playbook.title.clone(),
            commit: incident
                .playbook
                .as_ref()
                .and_then(|pin| pin.commit.clone()),
            url: settings.source_of(&definition.path),
        },
    }
}

fn title(key: &Key, title: Option<&String>) -> String {
    title.map_or_else(|| key.to_string(), Clone::clone)
}

fn tasks(incident: &Incident, now: Timestamp) -> TasksContext {
    let tally = incident.tally(now);
    let current = incident.current().filter(|_| tally.open > 0);
    let list = incident.tasks().map(|(place, task)| TaskContext {
        number: place.to_string(),
        title: task.title.clone(),
        checklist: incident.checklists[place.checklist].title.clone(),
        state: task.state.word().to_owned(),
        assignee: task.assignee.clone(),
        due_at: task.due_at,
        late: task.is_late(now),
        required: task.required,
    });
    TasksContext {
        done: tally.done,
        total: tally.total,
        open: tally.open,
        late: tally.late,
        skipped: tally.skipped,
        current: current.map(|checklist| CurrentTask {
            title: checklist.title.clone(),
        }),
        list: list.collect(),
    }
}
