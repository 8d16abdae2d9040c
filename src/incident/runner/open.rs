//! Opening an incident: everything that has to be true before anything is written.

use std::collections::BTreeMap;

use super::look::{channel_name, derived, description, standing};
use super::{Active, Definition, People, Runner, RunnerError};
use crate::incident::event::Beginning;
use crate::incident::state::one_line;
use crate::incident::{Standing, rules};
use crate::mattermost::playbooks::Run;
use crate::mattermost::{Reader, RunId, UserId};

/// Whether a verb is for incidents that go on, or for ones that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    GoingOn,
    Ended,
}

impl Runner<'_> {
    /// Opens an incident for writing.
    ///
    /// Nothing is written here: an incident of the web app is adopted by the first write.
    pub(super) async fn open(&self, id: &RunId, expect: Expect) -> Result<Active, RunnerError> {
        let reader = self.reader();
        let run = reader.run(id).await?;
        let me = reader.me().await?;
        may_change(&run, &me.id, reader)?;
        match (expect, run.is_finished()) {
            (Expect::GoingOn, true) => return Err(ended(&run)),
            (Expect::Ended, false) => {
                return Err(RunnerError::refused(
                    format!("{} goes on", label(&run)),
                    "there is nothing to restart; `warroom run end` ends it",
                ));
            }
            _ => {}
        }
        let mut people = People::default();
        people.add(&me);
        people.learn_of(reader, std::slice::from_ref(&run)).await?;
        let (standing, adopting) = match standing(reader, &run, &mut people).await? {
            Some(standing) => (standing, false),
            None => (self.derive(&run, &people).await?, true),
        };
        let definition = self.sources.of(&standing)?;
        let description = description(reader, &run, &standing).await?;
        let channel = channel_name(reader, &run).await?;
        Ok(Active {
            me,
            run,
            people,
            standing,
            definition,
            description,
            channel,
            adopting,
            events: Vec::new(),
            did: Vec::new(),
            idle: 0,
            warnings: Vec::new(),
        })
    }

    /// Refuses what the server would refuse later: a playbook may leave some things to the commander.
    ///
    /// Where the playbook is hidden, the server has the last word.
    pub(super) async fn may_decide(&self, active: &Active, what: &str) -> Result<(), RunnerError> {
        let (run, me) = (&active.run, &active.me);
        if run.owner_user_id == me.id || me.is_system_admin() || run.playbook_id.is_empty() {
            return Ok(());
        }
        let playbook = match self.reader().playbook(&run.playbook_id).await {
            Ok(playbook) => playbook,
            Err(error) if error.is_missing_or_hidden() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if playbook.owner_group_only_actions != Some(true) {
            return Ok(());
        }
        let commander = active.people.name(&run.owner_user_id);
        Err(RunnerError::NotAllowed {
            message: format!(
                "only the commander may {what} {}, as its playbook says; that is @{commander}",
                label(run)
            ),
            help: format!("ask @{commander}, or a system administrator"),
        })
    }

    /// The standing of a run that was started in the web app.
    async fn derive(&self, run: &Run, people: &People) -> Result<Standing, RunnerError> {
        let derived = derived(self.reader(), run, self.sources.current, people).await?;
        derived.ok_or_else(|| {
            RunnerError::refused(
                format!("{} follows no playbook that warroom manages", label(run)),
                "change it in Mattermost; `warroom run show` works for it, too",
            )
        })
    }
}

/// How an incident of a playbook begins.
pub(super) fn beginning(
    definition: &Definition,
    commit: Option<String>,
    description: &str,
) -> Beginning {
    let settings = &definition.settings;
    Beginning {
        workspace: settings.workspace.clone(),
        playbook: definition.playbook.key.clone(),
        commit,
        description: description.to_owned(),
        status: rules::first_status(settings).map(|status| status.key.clone()),
        severity: rules::least_severe(settings).map(|severity| severity.key.clone()),
        stage: rules::first_stage(&definition.playbook),
        roles: BTreeMap::new(),
    }
}

/// How people call a run.
pub(super) fn label(run: &Run) -> String {
    let name = one_line(&run.name);
    match run.sequential_id.as_deref() {
        None | Some("") => format!("`{name}`"),
        Some(number) => format!("{number} `{name}`"),
    }
}

fn may_change(run: &Run, me: &UserId, reader: &Reader) -> Result<(), RunnerError> {
    if run.participant_ids.contains(me) || run.owner_user_id == *me {
        return Ok(());
    }
    let site = reader.site();
    Err(RunnerError::refused(
        format!(
            "you do not take part in {}, and only participants may change it",
            label(run)
        ),
        format!(
            "open {site}/playbooks/runs/{} and choose *Participate*, or ask somebody who takes part to add you",
            run.id
        ),
    ))
}

fn ended(run: &Run) -> RunnerError {
    RunnerError::refused(
        format!(
            "{} has ended, and Mattermost takes no more changes to it",
            label(run)
        ),
        format!(
            "if it ended too early: `warroom run restart --incident {}`",
            run.id
        ),
    )
}
