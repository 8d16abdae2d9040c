//! Everything that is known of an incident, as a value.
//!
//! Owns the shape of `incident.json`; fields stand in the order in which they are
//! written. People are usernames, times are UTC. What a server could not tell is
//! absent and named under [`Completeness`], never guessed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::incident::TaskState;
use crate::model::{Duration, Key};

/// An incident from its start to the moment of the export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The run in Mattermost.
    pub run: Run,
    /// The workspace it was run from.
    pub workspace: Key,
    /// The playbook, where it is one of the workspace's.
    pub playbook: Option<PlaybookRef>,
    /// When it was declared.
    pub started_at: Timestamp,
    /// When it ended; absent while it is active.
    pub ended_at: Option<Timestamp>,
    /// When it was active: more than one span after a restart.
    pub active: Vec<Interval>,
    /// Who started it.
    pub reporter: String,
    /// Who commanded, in order.
    pub commanders: Vec<Held>,
    /// Who fills which role at the end.
    pub roles: BTreeMap<Key, String>,
    /// Everybody who took part, without bots, sorted.
    pub participants: Vec<String>,
    /// Severities in order, by title.
    pub severities: Vec<Held>,
    /// Statuses in order, by title.
    pub statuses: Vec<Held>,
    /// The work.
    pub checklists: Vec<TaskGroup>,
    /// How often a status update was due; absent where none were expected.
    #[serde(serialize_with = "as_text")]
    pub update_every: Option<Duration>,
    /// Status updates in order.
    pub updates: Vec<RecordUpdate>,
    /// What other channels were told.
    pub announcements: Vec<Announcement>,
    /// What happened; of the same moment, in the order in which it is told.
    #[serde(skip)]
    pub happenings: Vec<Happening>,
    /// The human messages of the channel, without their text; absent where the channel could
    /// not be read.
    #[serde(skip)]
    pub messages: Option<Vec<Message>>,
    /// What is missing, and why.
    pub completeness: Completeness,
}

/// A run in Mattermost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// Its number for people.
    pub number: Option<String>,
    /// Its name.
    pub name: String,
    /// What its starter wrote.
    pub description: String,
    /// Where people see it.
    pub url: String,
    /// The URL name of its channel.
    pub channel: Option<String>,
    /// Who could see it.
    pub visibility: Visibility,
    /// Whether it was an exercise.
    pub drill: bool,
}

/// Who could see an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The team.
    Public,
    /// Those who were invited.
    Private,
}

/// A playbook at a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaybookRef {
    /// Its key.
    pub key: Key,
    /// Its title.
    pub title: String,
    /// The commit it was started from.
    pub commit: Option<String>,
    /// The commit was not written down at the start but found later.
    pub inferred: bool,
    /// Where people read it.
    pub url: Option<String>,
}

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end; absent when it goes on.
    pub to: Option<Timestamp>,
}

/// What held from a moment on, until the next of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Since when.
    pub from: Timestamp,
    /// Its key or username.
    pub key: String,
    /// Its name for people.
    pub title: String,
}

/// A checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskGroup {
    /// Its key in the playbook; absent for one added during the incident.
    pub key: Option<Key>,
    /// Its title.
    pub title: String,
    /// Its tasks in order.
    pub tasks: Vec<RecordTask>,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordTask {
    /// Its key in the playbook; absent for one added during the incident.
    pub key: Option<Key>,
    /// What was to do.
    pub title: String,
    /// How far it got.
    pub state: TaskState,
    /// When its state last changed.
    pub changed_at: Option<Timestamp>,
    /// Who was to do it.
    pub assignee: Option<String>,
    /// Until when.
    pub due_at: Option<Timestamp>,
    /// The incident should not end without it.
    pub required: bool,
    /// A condition kept it out of sight.
    pub hidden: bool,
}

/// A status update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordUpdate {
    /// When.
    pub at: Timestamp,
    /// Who wrote it.
    pub by: String,
    /// What it said; Markdown.
    pub text: String,
    /// Where people see it.
    pub link: Option<String>,
}

/// Other channels were told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Announcement {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// The URL names of the channels.
    pub channels: Vec<String>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// What sort of thing, such as `task_done` or `owner_changed`.
    pub kind: String,
    /// Who did it.
    pub by: Option<String>,
    /// Who says so.
    pub source: Source,
    /// What happened, in words without markup.
    pub text: String,
    /// Where people see it.
    pub link: Option<String>,
}

/// Who says that something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Mattermost's Playbooks.
    Plugin,
    /// A post.
    Post,
    /// warroom itself.
    Runner,
}

/// A human message, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// What the record lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Completeness {
    /// The version of the Playbooks plugin, as far as the run shows it.
    pub playbooks: Option<String>,
    /// What is missing, and why.
    pub warnings: Vec<String>,
}

/// A task with its place.
#[derive(Debug, Clone, Copy)]
pub struct TaskRef<'r> {
    /// The number of its checklist, from 1.
    pub list: usize,
    /// Its own, from 1.
    pub number: usize,
    /// The task.
    pub task: &'r RecordTask,
}

impl TaskRef<'_> {
    /// Its number and title.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.place(), self.task.title)
    }

    /// Its number, such as `2.3`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}.{}", self.list, self.number)
    }
}

impl Record {
    /// The tasks in sight, in order.
    pub fn tasks(&self) -> impl Iterator<Item = TaskRef<'_>> {
        self.checklists
            .iter()
            .enumerate()
            .flat_map(|(list, group)| {
                let tasks = group.tasks.iter().enumerate();
                tasks
                    .filter(|(_, task)| !task.hidden)
                    .map(move |(number, task)| TaskRef {
                        list: list + 1,
                        number: number + 1,
                        task,
                    })
            })
    }

    /// Who commands at the end.
    #[must_use]
    pub fn commander(&self) -> Option<&str> {
        self.commanders.last().map(|held| held.key.as_str())
    }

    /// Where figures that need an end stop: the end, else the last thing known to have happened.
    ///
    /// Never the present moment: the same record gives the same bytes.
    #[must_use]
    pub fn horizon(&self) -> Timestamp {
        if let Some(end) = self.ended_at {
            return end;
        }
        let happenings = self.happenings.iter().map(|h| h.at);
        let updates = self.updates.iter().map(|u| u.at);
        let last = happenings.chain(updates).max();
        last.unwrap_or(self.started_at).max(self.started_at)
    }
}

#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
fn as_text<S: serde::Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => serializer.collect_str(duration),
        None => serializer.serialize_none(),
    }
}
