//! `check`, `uncheck` and `skip`.
//!
//! The server changes a run's checklists by read-modify-write without a lock, and
//! knows tasks only by position. So: one write at a time, read back, and again if
//! somebody else's write swallowed it.

use super::open::Expect;
use super::{Active, Outcome, Runner, RunnerError};
use crate::incident::state::one_line;
use crate::incident::{Change, Incident, Place, TaskState, address, rules};
use crate::mattermost::playbooks::{Item, ItemAt, ItemState};
use crate::mattermost::{ApiError, RunId};

/// How often a write that was swallowed is repeated.
const TRIES: usize = 5;

/// What is done with tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskVerb {
    /// They are done.
    Check,
    /// They are open again.
    Uncheck,
    /// They will not be done.
    Skip,
}

impl TaskVerb {
    fn state(self) -> TaskState {
        match self {
            Self::Check => TaskState::Done,
            Self::Uncheck => TaskState::Open,
            Self::Skip => TaskState::Skipped,
        }
    }

    fn past(self) -> &'static str {
        match self {
            Self::Check => "checked",
            Self::Uncheck => "unchecked",
            Self::Skip => "skipped",
        }
    }
}

impl Runner<'_> {
    /// Changes the state of tasks. All names are understood before the first write.
    ///
    /// # Errors
    /// When a task is unknown, or required tasks of an earlier stage come first.
    pub async fn tasks(
        &self,
        id: &RunId,
        verb: TaskVerb,
        names: &[String],
    ) -> Result<Outcome, RunnerError> {
        let mut active = self.open(id, Expect::GoingOn).await?;
        let places = resolve(&self.observe(&active), verb, names)?;
        let done = self.work(&mut active, verb, places).await;
        self.conclude(active, done)
    }

    async fn work(
        &self,
        active: &mut Active,
        verb: TaskVerb,
        places: Vec<Place>,
    ) -> Result<(), RunnerError> {
        self.settle(active).await?;
        for place in places {
            let incident = self.observe(active);
            let task = &incident.checklists[place.checklist].tasks[place.task];
            let label = format!("{place} {}", one_line(&task.title));
            if task.state == verb.state() {
                active.note(format!("{label} was {} already", task.state.word()));
                continue;
            }
            let was = task.state;
            let wanted = item_state(verb);
            let write = Write {
                fits: &|item| item.state == wanted,
                send: &async |at: ItemAt<'_>| match verb {
                    TaskVerb::Skip => self.writer.skip_item(&at).await,
                    TaskVerb::Uncheck if was == TaskState::Skipped => {
                        self.writer.restore_item(&at).await
                    }
                    TaskVerb::Check | TaskVerb::Uncheck => {
                        self.writer.set_item_state(&at, &wanted).await
                    }
                },
            };
            self.write_item(active, place, &write).await?;
            active.did.push(format!("{} {label}", verb.past()));
        }
        self.move_stage(active).await?;
        self.refresh(active).await
    }

    /// Moves the incident to the stage that follows from its tasks.
    pub(super) async fn move_stage(&self, active: &mut Active) -> Result<(), RunnerError> {
        let incident = self.observe(active);
        let Some(to) = rules::stage_after(&incident) else {
            return Ok(());
        };
        if incident.stage.as_ref() == Some(&to) {
            return Ok(());
        }
        let stage = incident
            .checklists
            .iter()
            .find(|list| list.key.as_ref() == Some(&to));
        let title = stage.map_or_else(|| to.to_string(), |list| one_line(&list.title));
        let from = incident.stage;
        self.record(active, Change::Stage { from, to }).await?;
        active.did.push(format!("moved on to the stage {title}"));
        Ok(())
    }

    /// Sends a write to a task until the run shows it.
    pub(super) async fn write_item(
        &self,
        active: &mut Active,
        place: Place,
        write: &Write<'_, impl AsyncFn(ItemAt<'_>) -> Result<(), ApiError>>,
    ) -> Result<(), RunnerError> {
        let id = item(active, place)
            .map(|item| item.id.clone())
            .unwrap_or_default();
        let mut place = place;
        let mut doubt = None;
        for _ in 0..TRIES {
            let run = active.run.id.clone();
            let at = ItemAt {
                run: &run,
                checklist: place.checklist,
                item: place.task,
            };
            let answer = (write.send)(at).await;
            doubt = self.read_back(active, answer).await?;
            // Somebody may have moved tasks meanwhile: the id tells where it is now.
            if let Some(now) = place_of(active, id.as_str()) {
                place = now;
            }
            if item(active, place).is_some_and(write.fits) {
                return Ok(());
            }
        }
        Err(doubt.map_or_else(
            || {
                RunnerError::failed(
                    format!(
                        "task {place} does not keep the change: somebody changes the same incident all the time"
                    ),
                    "look at `warroom run show`, and try again in a moment",
                )
            },
            Into::into,
        ))
    }
}

/// A write to a task, and how to see that it landed.
pub(super) struct Write<'a, S> {
    /// Whether the task shows it.
    pub(super) fits: &'a dyn Fn(&Item) -> bool,
    /// Sends it.
    pub(super) send: &'a S,
}

fn item_state(verb: TaskVerb) -> ItemState {
    match verb {
        TaskVerb::Check => ItemState::Closed,
        TaskVerb::Uncheck => ItemState::Open,
        TaskVerb::Skip => ItemState::Skipped,
    }
}

fn item(active: &Active, place: Place) -> Option<&Item> {
    active
        .run
        .checklists
        .get(place.checklist)?
        .items
        .get(place.task)
}

fn place_of(active: &Active, id: &str) -> Option<Place> {
    let lists = active.run.checklists.iter().enumerate();
    lists
        .flat_map(|(n, list)| {
            list.items
                .iter()
                .enumerate()
                .map(move |(i, item)| (n, i, item))
        })
        .find(|(_, _, item)| !id.is_empty() && item.id.as_str() == id)
        .map(|(checklist, task, _)| Place { checklist, task })
}

/// The places of the tasks, if the verb may be carried out on all of them one after the other.
fn resolve(
    incident: &Incident,
    verb: TaskVerb,
    names: &[String],
) -> Result<Vec<Place>, RunnerError> {
    let mut after = incident.clone();
    let mut places = Vec::new();
    for name in names {
        let place = address::find(&incident.checklists, name)?;
        if verb == TaskVerb::Check {
            let blocking = rules::blocking(&after, place);
            if !blocking.is_empty() {
                let open: Vec<String> = blocking
                    .iter()
                    .map(|(place, task)| format!("{place} {}", one_line(&task.title)))
                    .collect();
                return Err(RunnerError::refused(
                    format!(
                        "task {place} belongs to a later stage, and required tasks come first: {}",
                        open.join(", ")
                    ),
                    "check them, or skip them with `warroom run skip`",
                ));
            }
        }
        after.checklists[place.checklist].tasks[place.task].state = verb.state();
        after.stage = rules::stage_after(&after);
        places.push(place);
    }
    places.dedup();
    Ok(places)
}
