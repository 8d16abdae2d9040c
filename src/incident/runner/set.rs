//! `set`: what is known of an incident.

use super::attributes::{self, Lowered, Typed};
use super::open::Expect;
use super::{Active, Outcome, Runner, RunnerError};
use crate::mattermost::RunId;

impl Runner<'_> {
    /// Sets attributes; an empty value clears one. All are checked before the first is written.
    ///
    /// # Errors
    /// When the playbook has no such attribute, or a value does not fit it.
    pub async fn set(&self, id: &RunId, typed: &Typed) -> Result<Outcome, RunnerError> {
        let mut active = self.open(id, Expect::GoingOn).await?;
        let done = self.set_all(&mut active, typed).await;
        self.conclude(active, done)
    }

    async fn set_all(&self, active: &mut Active, typed: &Typed) -> Result<(), RunnerError> {
        let team = active.run.team_id.clone();
        let fields = active.run.fields();
        let definition = &active.definition;
        let values = attributes::lower(self.reader(), &team, definition, &fields, typed).await?;
        // One of the web app is adopted by the first write, like with any other verb.
        self.settle(active).await?;
        for value in &values {
            if attributes::has(&active.run, value) {
                active.note(format!("{} is so already", value.key));
                continue;
            }
            self.set_value(active, value).await?;
            active.did.push(attributes::sentence(value));
        }
        let run = active.run.clone();
        active.people.learn_of(self.reader(), &[run]).await?;
        self.refresh(active).await
    }

    /// Sets one value, and reads the run back: tasks may follow it.
    pub(super) async fn set_value(
        &self,
        active: &mut Active,
        value: &Lowered,
    ) -> Result<(), RunnerError> {
        let run = &active.run.id;
        let answer = self
            .writer
            .set_run_value(run, &value.field, &value.value)
            .await;
        let doubt = self.read_back(active, answer.map(|_| ())).await?;
        if attributes::has(&active.run, value) {
            return Ok(());
        }
        if let Some(error) = doubt {
            return Err(error.into());
        }
        Err(RunnerError::refused(
            format!("the server did not keep the value of `{}`", value.key),
            "Playbooks before version 2.11 takes no dates and no people; set it in Mattermost",
        ))
    }
}
