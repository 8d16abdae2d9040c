//! `severity`: how bad it is, and how often stakeholders hear of it.

use std::time::Duration;

use super::open::Expect;
use super::{Active, Outcome, Runner, RunnerError, attributes, words};
use crate::incident::{Change, rules};
use crate::mattermost::RunId;
use crate::model::{Key, Settings};

impl Runner<'_> {
    /// Changes the severity. The timer of updates follows, unless somebody chose another one.
    ///
    /// # Errors
    /// When the workspace has no such severity.
    pub async fn severity(&self, id: &RunId, to: &Key) -> Result<Outcome, RunnerError> {
        let mut active = self.open(id, Expect::GoingOn).await?;
        known_severity(&active.definition.settings, to)?;
        let done = self.classify(&mut active, to).await;
        self.conclude(active, done)
    }

    async fn classify(&self, active: &mut Active, to: &Key) -> Result<(), RunnerError> {
        let title = words::severity(to, &active.definition.settings);
        let from = active.standing.severity.clone();
        if from.as_ref() == Some(to) {
            self.settle(active).await?;
            active.note(format!("the severity is {title} already"));
        } else {
            let change = Change::Severity {
                from: from.clone(),
                to: to.clone(),
            };
            self.record(active, change).await?;
            active.did.push(format!("set the severity to {title}"));
            self.mirror_severity(active, to).await;
            self.follow_severity(active, from.as_ref(), to).await;
        }
        self.refresh(active).await
    }

    /// Brings the attribute that mirrors the severity into line.
    async fn mirror_severity(&self, active: &mut Active, to: &Key) {
        let fields = active.run.fields();
        let value = attributes::mirrored(&active.definition, &fields, Some(to));
        let Some(value) = value.filter(|value| !attributes::has(&active.run, value)) else {
            return;
        };
        if let Err(error) = self.set_value(active, &value).await {
            active
                .warnings
                .push(format!("the attribute {} stays: {error}", value.key));
        }
    }

    async fn follow_severity(&self, active: &mut Active, from: Option<&Key>, to: &Key) {
        let usual = |severity: Option<&Key>| {
            let definition = &active.definition;
            rules::usual_interval(&definition.settings, &definition.playbook, severity)
        };
        let (before, after) = (usual(from), usual(Some(to)));
        let timer = self.observe(active).updates.interval;
        let (Some(after), true) = (after, timer == before) else {
            return;
        };
        if Some(after) == before || !active.run.status_update_enabled {
            return;
        }
        let wait = Duration::from_secs(after.as_seconds());
        match self.writer.set_reminder(&active.run.id, wait).await {
            Ok(()) => active
                .did
                .push(format!("updates are due every {after} from now on")),
            Err(error) => active
                .warnings
                .push(format!("the timer of updates stays: {error}")),
        }
    }
}

/// Refuses a severity that the workspace does not have.
pub(super) fn known_severity(settings: &Settings, severity: &Key) -> Result<(), RunnerError> {
    if settings.severity(severity.as_str()).is_some() {
        return Ok(());
    }
    let all = settings.severities.iter();
    let all: Vec<String> = all.map(|s| format!("`{}`", s.key)).collect();
    let help = if all.is_empty() {
        "declare it under `severities:` of `warroom.yaml`".to_owned()
    } else {
        format!("there are {}", all.join(", "))
    };
    Err(RunnerError::unknown(
        format!("there is no severity `{severity}`"),
        help,
    ))
}
