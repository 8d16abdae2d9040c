//! What is true of an incident now.
//!
//! Owns the words of `run show`, `run list` and of JSON: values that were read,
//! with the figures that follow from them. Knows no server and no template; the
//! time is handed in.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Duration, Key};

/// The identity of an incident on its server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(transparent)]
pub struct IncidentId(pub String);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An incident as it stands.
///
/// People are usernames. `status`, `severity` and `stage` are absent where
/// warroom does not know the playbook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Incident {
    /// Its identity.
    pub id: IncidentId,
    /// Its number for people, such as `OUT-00007`; old servers give none.
    pub number: Option<String>,
    /// What it is called.
    pub name: String,
    /// Where people see it.
    pub url: String,
    /// The URL name of its channel; absent where the caller may not see it.
    pub channel: Option<String>,
    /// The playbook it follows, where it is one of ours.
    pub playbook: Option<Pin>,
    /// What the starter wrote.
    pub description: String,
    /// Its status.
    pub status: Option<Key>,
    /// Its severity.
    pub severity: Option<Key>,
    /// The stage it is in, where its playbook is staged.
    pub stage: Option<Key>,
    /// Who commands.
    pub commander: String,
    /// Who started it.
    pub creator: String,
    /// Who fills which role.
    pub roles: BTreeMap<Key, String>,
    /// What is known of it: the values of attributes, in words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Key, String>,
    /// The work.
    pub checklists: Vec<Checklist>,
    /// Status updates.
    pub updates: Updates,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// The playbook an incident follows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Pin {
    /// The workspace it comes from.
    pub workspace: Key,
    /// Its key.
    pub key: Key,
    /// The commit it was synced from; absent for one synced from a dirty tree.
    pub commit: Option<String>,
    /// Nobody wrote the commit down at the start: it is the one found later.
    pub inferred: bool,
}

/// A group of tasks; a stage where the playbook is staged.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Checklist {
    /// Its key in the playbook; absent for one added by hand.
    pub key: Option<Key>,
    /// Its name.
    pub title: String,
    /// Its tasks, hidden ones too: positions count them.
    pub tasks: Vec<Task>,
}

/// One step of work.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Task {
    /// Its identity on the server.
    pub id: String,
    /// Its key in the playbook; absent for one added by hand.
    pub key: Option<Key>,
    /// What to do.
    pub title: String,
    /// How far it is.
    pub state: TaskState,
    /// Who does it.
    pub assignee: Option<String>,
    /// Until when.
    pub due_at: Option<Timestamp>,
    /// When its state last changed.
    pub changed_at: Option<Timestamp>,
    /// The incident should not end without it.
    pub required: bool,
    /// A condition keeps it out of sight.
    pub hidden: bool,
    /// The slash command it offers.
    pub command: Option<String>,
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Not begun.
    Open,
    /// Somebody is at it.
    InProgress,
    /// Done.
    Done,
    /// It will not be done.
    Skipped,
}

impl TaskState {
    /// Whether there is still work to do.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::InProgress)
    }

    /// The word for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in progress",
            Self::Done => "done",
            Self::Skipped => "skipped",
        }
    }
}

/// Status updates of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Updates {
    /// Whether any are expected.
    pub enabled: bool,
    /// How many there were.
    pub count: usize,
    /// When the last one was posted.
    pub last_at: Option<Timestamp>,
    /// The timer that was last set.
    #[serde(rename = "timer")]
    pub interval: Option<Duration>,
    /// When the next one is due.
    pub next_at: Option<Timestamp>,
}

/// How many tasks are in which state; hidden ones do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Done.
    pub done: usize,
    /// All that are to be done: without the skipped ones.
    pub total: usize,
    /// Still to do.
    pub open: usize,
    /// Still to do, and due before now.
    pub late: usize,
    /// Skipped.
    pub skipped: usize,
}

impl Incident {
    /// Whether it is over.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended_at.is_some()
    }

    /// How people call it: its number and name.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.number {
            Some(number) => format!("{number} {}", one_line(&self.name)),
            None => one_line(&self.name),
        }
    }

    /// The tasks in sight, each with its place.
    pub fn tasks(&self) -> impl Iterator<Item = (super::Place, &Task)> {
        places(&self.checklists).filter(|(_, task)| !task.hidden)
    }

    /// How many tasks are in which state at that time.
    #[must_use]
    pub fn tally(&self, now: Timestamp) -> Tally {
        let mut tally = Tally::default();
        for (_, task) in self.tasks() {
            match task.state {
                TaskState::Done => tally.done += 1,
                TaskState::Skipped => tally.skipped += 1,
                TaskState::Open | TaskState::InProgress => tally.open += 1,
            }
            tally.late += usize::from(task.is_late(now));
        }
        tally.total = tally.done + tally.open;
        tally
    }

    /// The checklist in which work goes on: the stage, else the first with an open task.
    #[must_use]
    pub fn current(&self) -> Option<&Checklist> {
        let stage = self.stage.as_ref().and_then(|stage| {
            let mut all = self.checklists.iter();
            all.find(|checklist| checklist.key.as_ref() == Some(stage))
        });
        stage.or_else(|| self.checklists.iter().find(|c| c.open().next().is_some()))
    }
}

impl Checklist {
    /// The tasks in sight that are still to do.
    pub fn open(&self) -> impl Iterator<Item = &Task> {
        self.tasks
            .iter()
            .filter(|task| !task.hidden && task.state.is_open())
    }
}

impl Task {
    /// Whether it is still to do although it was due.
    #[must_use]
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.state.is_open() && self.due_at.is_some_and(|due| due < now)
    }
}

/// Every task with its place, hidden ones too.
pub(crate) fn places(checklists: &[Checklist]) -> impl Iterator<Item = (super::Place, &Task)> {
    checklists
        .iter()
        .enumerate()
        .flat_map(|(checklist, group)| {
            let tasks = group.tasks.iter().enumerate();
            tasks.map(move |(task, value)| (super::Place { checklist, task }, value))
        })
}

/// The text in one line, without characters that move the cursor or turn the text around.
#[must_use]
pub fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    words.join(" ").replace(invisible, "")
}

#[cfg(test)]
pub(crate) mod samples {
    //! Incidents to try rules on.

    use super::*;

    /// Two checklists of three tasks; each is `key title`, with `!` for required.
    pub(crate) fn checklists() -> Vec<Checklist> {
        let list = |key: &str, title: &str, tasks: &[(&str, &str)]| Checklist {
            key: Some(key.parse().unwrap()),
            title: title.to_owned(),
            tasks: tasks.iter().map(|(key, title)| task(key, title)).collect(),
        };
        vec![
            list(
                "triage",
                "Triage",
                &[
                    ("confirm", "Confirm the outage!"),
                    ("page-vendor", "Page the vendor"),
                    ("status-page", "Publish on the status page"),
                ],
            ),
            list(
                "recover",
                "Recover",
                &[
                    ("rollback", "Roll back the last change!"),
                    ("verify", "Verify with real traffic!"),
                    ("timeline", "Complete the timeline"),
                ],
            ),
        ]
    }

    fn task(key: &str, title: &str) -> Task {
        Task {
            id: key.to_owned(),
            key: Some(key.parse().unwrap()),
            title: title.trim_end_matches('!').to_owned(),
            state: TaskState::Open,
            assignee: None,
            due_at: None,
            changed_at: None,
            required: title.ends_with('!'),
            hidden: false,
            command: None,
        }
    }

    pub(crate) fn incident() -> Incident {
        Incident {
            id: IncidentId("w5tgxfmbcbn98jzd7r5ps1k3ha".to_owned()),
            number: Some("OUT-00007".to_owned()),
            name: "Checkout 5xx".to_owned(),
            url: "https://chat.example.com/playbooks/runs/w5tgxfmbcbn98jzd7r5ps1k3ha".to_owned(),
            channel: Some("checkout-5xx".to_owned()),
            playbook: None,
            description: String::new(),
            status: Some("reported".parse().unwrap()),
            severity: Some("sev3".parse().unwrap()),
            stage: Some("triage".parse().unwrap()),
            commander: "carol".to_owned(),
            creator: "alice".to_owned(),
            roles: BTreeMap::new(),
            attributes: BTreeMap::new(),
            checklists: checklists(),
            updates: Updates {
                enabled: true,
                count: 0,
                last_at: None,
                interval: None,
                next_at: None,
            },
            started_at: "2026-11-21T12:00:00Z".parse().unwrap(),
            ended_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_and_hidden_tasks_are_no_work() {
        let mut incident = samples::incident();
        let now = incident.started_at;
        incident.checklists[0].tasks[0].state = TaskState::Done;
        incident.checklists[0].tasks[1].state = TaskState::Skipped;
        incident.checklists[0].tasks[2].hidden = true;
        incident.checklists[1].tasks[0].due_at = Some(now - jiff::SignedDuration::from_secs(1));
        let tally = Tally {
            done: 1,
            total: 4,
            open: 3,
            late: 1,
            skipped: 1,
        };
        assert_eq!(incident.tally(now), tally);
    }

    #[test]
    fn a_label_is_one_line_that_runs_one_way() {
        let mut incident = samples::incident();
        incident.name = "Checkout\n\u{202e}5xx\u{1b}[2J".to_owned();
        assert_eq!(incident.label(), "OUT-00007 Checkout 5xx[2J");
    }
}
