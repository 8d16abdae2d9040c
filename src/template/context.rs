//! What templates see of an incident: the table of `design.md` §6, as types.
//!
//! Values are as people read them: usernames without `@`, titles, times. Absent
//! values are none or empty and never undefined, so that a strict engine stops at
//! typing mistakes and at nothing else. Must not format: filters do.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use minijinja::value::{Enumerator, Object, Serde, Value};
use serde::Serialize;

use super::TemplateKind;

/// Everything that one rendering sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// The incident.
    pub incident: IncidentContext,
    /// The present moment.
    pub now: Timestamp,
    /// What only templates of that kind see.
    pub scene: Scene,
}

/// What only templates of one kind see.
#[derive(Debug, Clone, PartialEq)]
pub enum Scene {
    /// A status update.
    Update {
        /// The tasks at this moment.
        tasks: TasksContext,
        /// This update.
        update: UpdateContext,
        /// The text of the last update.
        previous: Option<String>,
        /// Values of the template's inputs.
        inputs: BTreeMap<String, String>,
    },
    /// The overview.
    Overview {
        /// The tasks at this moment.
        tasks: TasksContext,
        /// The status updates so far.
        updates: UpdatesContext,
    },
    /// An announcement.
    Announcement {
        /// What happened.
        event: EventContext,
    },
    /// What newcomers read.
    Welcome,
    /// The retrospective in Mattermost.
    Retrospective,
    /// The post-mortem.
    Postmortem(Box<PostmortemContext>),
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IncidentContext {
    /// Its name, as somebody typed it.
    pub name: String,
    /// Its number with prefix, such as `OUT-00007`.
    pub number: Option<String>,
    /// What its starter wrote.
    pub description: String,
    /// Where people see it.
    pub url: String,
    /// The name of its channel in the URL, without `~`.
    pub channel: String,
    /// How bad it is; without any severities all three are empty.
    pub severity: SeverityContext,
    /// Where it stands.
    pub status: KeyedTitle,
    /// Who commands, without `@`.
    pub commander: Option<String>,
    /// Who started it, without `@`.
    pub creator: Option<String>,
    /// For each role of the workspace who fills it.
    pub roles: BTreeMap<String, Option<String>>,
    /// For each attribute of the playbook its value.
    pub attributes: BTreeMap<String, Option<String>>,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Whether it is an exercise.
    pub drill: bool,
    /// The playbook it follows.
    pub playbook: PlaybookContext,
}

/// A severity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SeverityContext {
    /// Its key.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// When an incident has it.
    pub means: String,
}

/// A key with its name for people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct KeyedTitle {
    /// The key.
    pub key: String,
    /// The name for people.
    pub title: String,
}

/// A playbook at a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PlaybookContext {
    /// Its key.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// The commit it was taken from.
    pub commit: Option<String>,
    /// Where people read its file.
    pub url: Option<String>,
}

/// The tasks of an incident.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TasksContext {
    /// How many are done.
    pub done: usize,
    /// How many there are.
    pub total: usize,
    /// How many are neither done nor skipped.
    pub open: usize,
    /// How many are open after their due time.
    pub late: usize,
    /// How many were skipped.
    pub skipped: usize,
    /// The task at hand: the first open one.
    pub current: Option<CurrentTask>,
    /// All of them in order.
    pub list: Vec<TaskContext>,
}

/// The task at hand, or the stage it stands in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CurrentTask {
    /// Its title.
    pub title: String,
}

/// A task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TaskContext {
    /// Its number, such as `2.3`.
    pub number: String,
    /// Its title.
    pub title: String,
    /// The title of its checklist.
    pub checklist: String,
    /// `open`, `in progress`, `done` or `skipped`.
    pub state: String,
    /// Who does it.
    pub assignee: Option<String>,
    /// Until when.
    pub due_at: Option<Timestamp>,
    /// Whether it is open after its due time.
    pub late: bool,
    /// Whether the incident should not end without it.
    pub required: bool,
}

/// The status update that is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UpdateContext {
    /// Its number, from 1.
    pub number: usize,
    /// Who writes it.
    pub by: Option<String>,
    /// Whether it is the last.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// When the next one is due.
    pub next_at: Option<Timestamp>,
}

/// The status updates so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UpdatesContext {
    /// How many there are.
    pub count: usize,
    /// When the last one was posted.
    pub last_at: Option<Timestamp>,
    /// When the next one is due.
    pub next_at: Option<Timestamp>,
}

/// What an announcement is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EventContext {
    /// `started`, `handed_over`, `ended`, `restarted` or `announced`.
    pub kind: String,
    /// The same as the rest of a sentence, such as `has started`.
    pub words: String,
    /// Who did it.
    pub by: Option<String>,
}

/// The generated parts of a post-mortem: ready Markdown, each inside its markers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostmortemContext {
    /// Times, durations and counts with their definitions.
    pub facts: String,
    /// What happened, in order.
    pub timeline: String,
    /// The tasks as a diagram.
    pub gantt: String,
    /// Gaps between completed tasks, late and skipped ones.
    pub gaps: String,
    /// The tasks as a table.
    pub tasks: String,
    /// The status updates.
    pub updates: String,
}

impl Context {
    /// The kind of template that it is for.
    #[must_use]
    pub fn kind(&self) -> TemplateKind {
        match self.scene {
            Scene::Update { .. } => TemplateKind::Update,
            Scene::Overview { .. } => TemplateKind::Overview,
            Scene::Announcement { .. } => TemplateKind::Announcement,
            Scene::Welcome => TemplateKind::Welcome,
            Scene::Retrospective => TemplateKind::Retrospective,
            Scene::Postmortem(_) => TemplateKind::Postmortem,
        }
    }

    /// The same as the engine's value; `inputs` are complete.
    pub(super) fn to_value(&self, inputs: BTreeMap<String, String>) -> Value {
        let mut top: BTreeMap<String, Value> = inputs
            .into_iter()
            .map(|(key, value)| (key, Value::from(value)))
            .collect();
        let mut put = |name: &str, value: Value| top.insert(name.to_owned(), value);
        put("incident", self.incident.to_value());
        put("now", value(&self.now));
        match &self.scene {
            Scene::Update {
                tasks,
                update,
                previous,
                ..
            } => {
                put("tasks", value(tasks));
                put("update", value(update));
                put("previous", value(previous));
            }
            Scene::Overview { tasks, updates } => {
                put("tasks", value(tasks));
                put("updates", value(updates));
            }
            Scene::Announcement { event } => {
                put("event", value(event));
            }
            Scene::Welcome | Scene::Retrospective => {}
            Scene::Postmortem(parts) => {
                for (name, part) in [
                    ("facts", &parts.facts),
                    ("timeline", &parts.timeline),
                    ("gantt", &parts.gantt),
                    ("gaps", &parts.gaps),
                    ("tasks", &parts.tasks),
                    ("updates", &parts.updates),
                ] {
                    put(name, Value::from_safe_string(part.clone()));
                }
            }
        }
        Value::from(top)
    }
}

impl IncidentContext {
    fn to_value(&self) -> Value {
        let lenient = |map: &BTreeMap<String, Option<String>>| {
            let map = map.iter().map(|(k, v)| (k.clone(), value(v)));
            Value::from_object(Lenient(map.collect()))
        };
        let fields: BTreeMap<String, Value> = [
            ("name", value(&self.name)),
            ("number", value(&self.number)),
            ("description", value(&self.description)),
            ("url", value(&self.url)),
            ("channel", value(&self.channel)),
            ("severity", value(&self.severity)),
            ("status", value(&self.status)),
            ("commander", value(&self.commander)),
            ("creator", value(&self.creator)),
            ("roles", lenient(&self.roles)),
            ("attributes", lenient(&self.attributes)),
            ("started_at", value(&self.started_at)),
            ("ended_at", value(&self.ended_at)),
            ("drill", value(&self.drill)),
            ("playbook", value(&self.playbook)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        Value::from(fields)
    }
}

fn value(of: &impl Serialize) -> Value {
    Value::from(Serde(of))
}

/// A map in which an absent key is none: an incident that was started from an older
/// playbook lacks the attributes that were added since.
#[derive(Debug)]
struct Lenient(BTreeMap<String, Value>);

impl Object for Lenient {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        Some(self.0.get(key).cloned().unwrap_or(Value::from(())))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.keys().cloned().map(Value::from).collect())
    }
}
