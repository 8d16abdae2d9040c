//! `end` and `restart`.
//!
//! A finished run takes no more writes: whatever has to be said of an incident is
//! said before the end, the overview last of all.

use super::open::Expect;
use super::record::Ending;
use super::scene::Occasion;
use super::{Active, Outcome, Runner, RunnerError, history, words};
use crate::incident::state::one_line;
use crate::incident::{Change, Incident, rules};
use crate::mattermost::RunId;
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
        self.enter_ending_status(&mut active, None).await?;
        active.run = self.reader().run(id).await?;
        self.write_overview(&mut active, Ending::Plain).await?;
        match self.writer.finish_run(id).await {
            Err(error) if !error.may_have_happened() => return Err(error.into()),
            _ => {}
        }
        self.has_ended(&mut active).await?;
        self.tell_announced(&mut active, Occasion::Ended).await;
        Ok(self.outcome(active))
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

    /// Makes sure that the incident has ended.
    pub(super) async fn has_ended(&self, active: &mut Active) -> Result<(), RunnerError> {
        active.run = self.reader().run(&active.run.id).await?;
        if active.run.is_finished() {
            active.did.push("ended the incident".to_owned());
            return Ok(());
        }
        Err(RunnerError::refused(
            "Mattermost did not end the incident, although its status says so",
            "run `warroom run end` again; `run export` works meanwhile",
        ))
    }

    /// Restarts an incident that ended too early.
    ///
    /// # Errors
    /// When it goes on already.
    pub async fn restart(&self, id: &RunId) -> Result<Outcome, RunnerError> {
        let mut active = self.open(id, Expect::Ended).await?;
        match self.writer.restore_run(id).await {
            Err(error) if !error.may_have_happened() => return Err(error.into()),
            _ => {}
        }
        active.run = self.reader().run(id).await?;
        if active.run.is_finished() {
            return Err(RunnerError::refused(
                "Mattermost did not restart the incident",
                "try again; if it stays so, look at the server's log",
            ));
        }
        active.did.push("restarted the incident".to_owned());
        self.settle(&mut active).await?;
        self.resume_status(&mut active).await?;
        self.start_timer(&mut active).await;
        self.tell_announced(&mut active, Occasion::Restarted).await;
        self.refresh(&mut active).await?;
        Ok(self.outcome(active))
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
