//! `update`: a status update, from its template to the post.
//!
//! In two steps, so that somebody can be asked between them: a [`Draft`] knows
//! what it needs and what it would say, and [`Runner::post_update`] posts a text.
//! Playbooks broadcasts it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::end::refuse_open_tasks;
use super::open::Expect;
use super::record::Ending;
use super::scene::{self, Occasion};
use super::{Active, Outcome, Runner, RunnerError, words};
use crate::incident::{Change, Incident, rules};
use crate::mattermost::limits::MESSAGE;
use crate::mattermost::playbooks::NewStatusUpdate;
use crate::mattermost::{ApiError, RunId};
use crate::model::{self, Key, Settings};
use crate::template::{Input, Template, UpdateContext};

/// The timer where neither playbook nor incident have one; the server wants one.
const A_DAY: model::Duration = model::Duration::from_seconds(86_400);

/// What somebody wants to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateOrder {
    /// The status from now on.
    pub status: Option<Key>,
    /// When the next update is due.
    pub next: Option<model::Duration>,
    /// End the incident with it.
    pub last: bool,
}

/// A status update that is being written.
#[derive(Debug, Clone)]
pub struct Draft {
    active: Active,
    incident: Incident,
    template: Template,
    status: Option<Key>,
    last: bool,
    interval: model::Duration,
    previous: Option<String>,
    now: jiff::Timestamp,
}

impl Draft {
    /// What has to be known before it can be written.
    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        self.template.inputs()
    }

    /// The template's name.
    #[must_use]
    pub fn template(&self) -> &str {
        self.template.name()
    }

    /// Whether the incident ends with it.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.last
    }

    /// What it says.
    ///
    /// # Errors
    /// When an input is missing or unknown, or the text is empty or over the server's limit.
    pub fn text(&self, inputs: BTreeMap<String, String>) -> Result<String, RunnerError> {
        let updates = &self.incident.updates;
        let wait = jiff::SignedDuration::from_secs(
            i64::try_from(self.interval.as_seconds()).unwrap_or(i64::MAX),
        );
        let update = UpdateContext {
            number: updates.count + 1,
            by: Some(self.active.me.username.clone()),
            is_final: self.last,
            next_at: self.now.checked_add(wait).ok().filter(|_| !self.last),
        };
        let context = scene::update(
            &self.incident,
            &self.active.definition,
            self.now,
            update,
            self.previous.clone(),
            inputs,
        );
        let text = self.template.render(&context)?;
        let attributes = self.active.run.rest.get("property_fields");
        let attributes = attributes.and_then(|fields| fields.as_array());
        let names = attributes.into_iter().flatten();
        let names: Vec<&str> = names.filter_map(|field| field["name"].as_str()).collect();
        let text = words::keep_braces(&text, names);
        if text.trim().is_empty() {
            return Err(RunnerError::refused(
                format!(
                    "the update is empty: `{}` renders to nothing",
                    self.template.name()
                ),
                "give its inputs with `--set`, or change the template",
            ));
        }
        let length = text.chars().count();
        if length > MESSAGE {
            return Err(ApiError::TooLong {
                what: "post the status update",
                field: "the message",
                length,
                limit: MESSAGE,
            }
            .into());
        }
        Ok(text)
    }
}

impl Runner<'_> {
    /// Prepares a status update. Writes nothing.
    ///
    /// # Errors
    /// When the status is unknown, or the incident would end with required tasks open.
    pub async fn draft(&self, id: &RunId, order: &UpdateOrder) -> Result<Draft, RunnerError> {
        let active = self.open(id, Expect::GoingOn).await?;
        let settings = &active.definition.settings;
        if let Some(status) = &order.status {
            known_status(settings, status)?;
        }
        let now = active.standing.status.as_ref();
        let ends = |key: &Key| settings.status(key.as_str()).is_some_and(|s| s.ends);
        let last = order.last || order.status.as_ref().is_some_and(ends);
        let status = match &order.status {
            Some(status) if last && !ends(status) => {
                return Err(RunnerError::refused(
                    format!(
                        "the status `{status}` does not end an incident, and the update is the last one"
                    ),
                    "leave `--status` or `--final` out",
                ));
            }
            Some(status) => Some(status.clone()),
            None if last => rules::ending_status(settings, now).map(|s| s.key.clone()),
            None => None,
        };
        let mut incident = self.observe(&active);
        if last {
            refuse_open_tasks(
                &incident,
                "check or skip them first, or end it all the same with `warroom run end --yes`",
            )?;
        }
        incident.status = status.clone().or(incident.status);
        let usual = || {
            let definition = &active.definition;
            let severity = incident.severity.as_ref();
            rules::usual_interval(settings, &definition.playbook, severity)
        };
        // The first update takes the timer of the files, later ones keep the last.
        let timer = incident
            .updates
            .interval
            .filter(|_| incident.updates.count > 0);
        let interval = order
            .next
            .or(timer)
            .or_else(usual)
            .or(incident.updates.interval);
        let previous = if incident.updates.count > 0 {
            let updates = self.reader().status_updates(id).await?;
            let mut updates = updates.into_iter().filter(|u| u.delete_at.is_never());
            updates.next().map(|update| update.message)
        } else {
            None
        };
        Ok(Draft {
            template: active.definition.update_template()?,
            incident,
            status,
            last,
            interval: interval.unwrap_or(A_DAY),
            previous,
            now: self.now(),
            active,
        })
    }

    /// Posts a status update.
    ///
    /// # Errors
    /// When the server refuses it.
    pub async fn post_update(&self, draft: Draft, text: String) -> Result<Outcome, RunnerError> {
        let mut active = draft.active;
        let number = draft.incident.updates.count + 1;
        self.settle(&mut active).await?;
        if draft.last {
            self.enter_ending_status(&mut active, draft.status.as_ref())
                .await?;
            // A finished run takes no more overview.
            active.run = self.reader().run(&active.run.id).await?;
            self.write_overview(&mut active, Ending::WithUpdate).await?;
        } else if let Some(to) = draft
            .status
            .filter(|to| active.standing.status.as_ref() != Some(to))
        {
            let title = words::status(&to, &active.definition.settings);
            let from = active.standing.status.clone();
            self.record(&mut active, Change::Status { from, to })
                .await?;
            active.did.push(format!("set the status to {title}"));
        }
        let update = NewStatusUpdate {
            message: text,
            reminder: Duration::from_secs(draft.interval.as_seconds()),
            finish: draft.last,
        };
        let posts = active.run.status_posts.len();
        let posted = self
            .writer
            .post_status_update(&active.run.id, &update)
            .await;
        active.run = self.reader().run(&active.run.id).await?;
        match posted {
            // The answer was lost, but the post is there.
            Err(error) if error.may_have_happened() && active.run.status_posts.len() > posts => {}
            Err(error) => return Err(error.into()),
            Ok(()) => {}
        }
        let next = if draft.last {
            String::new()
        } else {
            format!(", the next one is due in {}", draft.interval)
        };
        active
            .did
            .push(format!("posted status update {number}{next}"));
        if draft.last {
            self.has_ended(&mut active).await?;
            self.tell_announced(&mut active, Occasion::Ended).await;
        } else {
            self.write_overview(&mut active, Ending::None).await?;
        }
        Ok(self.outcome(active))
    }

    /// Starts the timer of status updates, as the files say; what fails is a warning.
    pub(super) async fn start_timer(&self, active: &mut Active) {
        if !active.run.status_update_enabled {
            return;
        }
        let definition = &active.definition;
        let severity = active.standing.severity.as_ref();
        let usual = rules::usual_interval(&definition.settings, &definition.playbook, severity);
        let Some(usual) = usual else { return };
        let wait = Duration::from_secs(usual.as_seconds());
        match self.writer.set_reminder(&active.run.id, wait).await {
            Ok(()) => active
                .did
                .push(format!("the next update is due in {usual}")),
            Err(error) => active
                .warnings
                .push(format!("nobody will be reminded of updates: {error}")),
        }
    }
}

fn known_status(settings: &Settings, status: &Key) -> Result<(), RunnerError> {
    if settings.status(status.as_str()).is_some() {
        return Ok(());
    }
    let all = settings.statuses.iter();
    let all: Vec<String> = all.map(|s| format!("`{}`", s.key)).collect();
    Err(RunnerError::unknown(
        format!("there is no status `{status}`"),
        format!("there are {}", all.join(", ")),
    ))
}
