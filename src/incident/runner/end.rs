//! `end` and `restart`.
//!
//! A finished run takes no more writes: whatever has to be said of an incident is
//! said before the end, the overview last of all; and taken back if the end fails.

use super::open::Expect;
use super::record::Ending;
use super::scene::Occasion;
use super::{Active, Outcome, Runner, RunnerError, history, words};
use crate::incident::state::one_line;
use crate::incident::{Change, Incident, rules};
use crate::mattermost::{ApiError, RunId};
use crate::model::Key;

impl Runner<'_> {
    /// Ends an incident.
    ///
    /// # Errors
    /// When required tasks are open, unless `despite_open_tasks`.
    pub async fn end(&self, id: &RunId, despite_open_tasks: bool) -> Result<Outcome, RunnerError> {
        let mut active = self.open(id, Expect::GoingOn).await?;
        if !despite_open_tasks {
            refuse_open_tasks(
                &self.observe(&active),
                "check or skip them, or end it all the same with `--yes`",
            )?;
        }
        self.may_decide(&active, "end").await?;
        let done = self.finish(&mut active).await;
        self.conclude(active, done)
    }

    async fn finish(&self, active: &mut Active) -> Result<(), RunnerError> {
        self.settle(active).await?;
        let before = Before::of(active);
        if let Err(cause) = self.say_and_finish(active).await {
            return Err(self.take_back(active, before, cause).await);
        }
        self.tell_announced(active, Occasion::Ended).await;
        Ok(())
    }

    async fn say_and_finish(&self, active: &mut Active) -> Result<(), RunnerError> {
        self.enter_ending_status(active, None).await?;
        active.run = self.reader().run(&active.run.id).await?;
        self.write_overview(active, Ending::Plain).await?;
        let answer = self.writer.finish_run(&active.run.id).await;
        let doubt = self.read_back(active, answer).await?;
        has_ended(active, doubt)
    }

    /// Takes back what was said of an end that did not come; why it did not.
    ///
    /// Only what the server shows to go on is taken back. What cannot be stays in `did`.
    pub(super) async fn take_back(
        &self,
        active: &mut Active,
        before: Before,
        cause: RunnerError,
    ) -> RunnerError {
        let was = before.status.clone();
        let Ok(true) = self.put_status(active, before.status).await else {
            return cause;
        };
        active.did.truncate(before.did);
        let settings = &active.definition.settings;
        RunnerError::TakenBack {
            status: was.map_or_else(String::new, |key| words::status(&key, settings)),
            cause: Box::new(cause),
        }
    }

    /// Whether a status had to be put back, and was.
    async fn put_status(
        &self,
        active: &mut Active,
        before: Option<Key>,
    ) -> Result<bool, RunnerError> {
        active.run = self.reader().run(&active.run.id).await?;
        if active.run.is_finished() {
            return Ok(false);
        }
        // The events tell whether one whose answer was lost was recorded.
        self.write_overview(active, Ending::None).await?;
        let now = active.standing.status.clone();
        let ends = |key: &Key| {
            let status = active.definition.settings.status(key.as_str());
            status.is_some_and(|status| status.ends)
        };
        let Some(to) = before.filter(|to| now.as_ref() != Some(to)) else {
            return Ok(false);
        };
        if !now.as_ref().is_some_and(ends) {
            return Ok(false);
        }
        self.record(active, Change::Status { from: now, to })
            .await?;
        self.refresh(active).await?;
        Ok(true)
    }

    /// Records the status that an incident ends with.
    pub(super) async fn enter_ending_status(
        &self,
        active: &mut Active,
        wanted: Option<&Key>,
    ) -> Result<(), RunnerError> {
        self.settle(active).await?;
        let now = active.standing.status.clone();
        let settings = &active.definition.settings;
        let ending = wanted.or_else(|| {
            let ending = rules::ending_status(settings, now.as_ref())?;
            Some(&ending.key)
        });
        let Some(to) = ending.cloned() else {
            return Ok(());
        };
        if now.as_ref() != Some(&to) {
            let title = words::status(&to, settings);
            self.record(active, Change::Status { from: now, to })
                .await?;
            active.did.push(format!("set the status to {title}"));
        }
        Ok(())
    }

    /// Restarts an incident that ended too early.
    ///
    /// # Errors
    /// When it goes on already.
    pub async fn restart(&self, id: &RunId) -> Result<Outcome, RunnerError> {
        let mut active = self.open(id, Expect::Ended).await?;
        let answer = self.writer.restore_run(id).await;
        let doubt = self.read_back(&mut active, answer).await?;
        if active.run.is_finished() {
            return Err(doubt.map_or_else(
                || {
                    RunnerError::failed(
                        "Mattermost did not restart the incident",
                        "try again; if it stays so, look at the server's log",
                    )
                },
                Into::into,
            ));
        }
        active.did.push("restarted the incident".to_owned());
        let done = self.resume(&mut active).await;
        self.conclude(active, done)
    }

    async fn resume(&self, active: &mut Active) -> Result<(), RunnerError> {
        self.settle(active).await?;
        self.resume_status(active).await?;
        self.start_timer(active).await;
        self.tell_announced(active, Occasion::Restarted).await;
        self.refresh(active).await
    }

    async fn resume_status(&self, active: &mut Active) -> Result<(), RunnerError> {
        let now = active.standing.status.clone();
        let ends = |key: &Key| {
            let status = active.definition.settings.status(key.as_str());
            status.is_some_and(|status| status.ends)
        };
        if !now.as_ref().is_some_and(ends) {
            return Ok(());
        }
        let events = history::read(self.reader(), &active.run, &mut active.people).await?;
        let mut had = Vec::new();
        for (_, event) in &events {
            match &event.change {
                Change::Started(beginning) | Change::Adopted(beginning) => {
                    had.extend(beginning.status.clone());
                }
                Change::Status { to, .. } => had.push(to.clone()),
                _ => {}
            }
        }
        let settings = &active.definition.settings;
        let Some(to) = rules::resuming_status(settings, &had) else {
            return Ok(());
        };
        let (to, title) = (to.key.clone(), words::status(&to.key, settings));
        self.record(active, Change::Status { from: now, to })
            .await?;
        active.did.push(format!("set the status to {title}"));
        Ok(())
    }
}

/// How it stood before an end was said.
pub(super) struct Before {
    status: Option<Key>,
    did: usize,
}

impl Before {
    pub(super) fn of(active: &Active) -> Self {
        Self {
            status: active.standing.status.clone(),
            did: active.did.len(),
        }
    }
}

/// Makes sure that the incident, as it was read back, has ended.
pub(super) fn has_ended(active: &mut Active, doubt: Option<ApiError>) -> Result<(), RunnerError> {
    if active.run.is_finished() {
        active.did.push("ended the incident".to_owned());
        return Ok(());
    }
    Err(doubt.map_or_else(
        || {
            RunnerError::failed(
                "Mattermost did not end the incident",
                "run `warroom run end` again; `run export` works meanwhile",
            )
        },
        Into::into,
    ))
}

/// Refuses to end an incident with required tasks to do, and names them.
pub(super) fn refuse_open_tasks(incident: &Incident, help: &str) -> Result<(), RunnerError> {
    let open: Vec<String> = rules::required_open(incident)
        .iter()
        .map(|(place, task)| format!("{place} {}", one_line(&task.title)))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    Err(RunnerError::refused(
        format!("required tasks are open: {}", open.join(", ")),
        help,
    ))
}
