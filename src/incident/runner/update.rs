//! `update`: a status update, from its template to the post.
//!
//! In two steps, so that somebody can be asked between them: a [`Draft`] knows
//! what it needs and what it would say, and [`Runner::post_update`] posts a text.
//! Playbooks broadcasts it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::end::{Before, has_ended, refuse_open_tasks};
use super::open::Expect;
use super::record::Ending;
use super::scene::{self, Occasion};
use super::{Active, Outcome, Runner, RunnerError, words};
use crate::incident::{Change, Incident, rules};
use crate::mattermost::limits::MESSAGE;
use crate::mattermost::playbooks::{NewStatusUpdate, StatusUpdate};
use crate::mattermost::{ApiError, PostId, RunId};
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

    /// Refuses inputs that the template does not have, and empty ones that it requires.
    ///
    /// # Errors
    /// As wrong usage, which names all inputs of the template with what they ask.
    pub fn check(&self, inputs: &BTreeMap<String, String>) -> Result<(), RunnerError> {
        let (all, name) = (self.inputs(), self.template());
        let known = |key: &str| all.iter().find(|input| input.key == key);
        let wrong = inputs.iter().find_map(|(key, value)| match known(key) {
            None => Some(format!("`{name}` has no input `{key}`")),
            Some(input) if needs_words(input) && value.trim().is_empty() => {
                Some(format!("the input `{key}` of `{name}` must not be empty"))
            }
            Some(_) => None,
        });
        let Some(message) = wrong else {
            return Ok(());
        };
        let all: Vec<String> = all.iter().map(asks).collect();
        Err(RunnerError::Usage {
            message,
            help: if all.is_empty() {
                "it takes no inputs: leave `--set` out".to_owned()
            } else {
                format!("it asks for {}", all.join(", "))
            },
        })
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
        let fields = self.active.run.fields();
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
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
            self.may_decide(&active, "end").await?;
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
        let update = NewStatusUpdate {
            message: text,
            reminder: Duration::from_secs(draft.interval.as_seconds()),
            finish: draft.last,
        };
        let next = if draft.last {
            String::new()
        } else {
            format!(", the next one is due in {}", draft.interval)
        };
        let number = draft.incident.updates.count + 1;
        let said = format!("posted status update {number}{next}");
        let done = if draft.last {
            self.post_last(&mut active, draft.status, &update, said)
                .await
        } else {
            self.post_next(&mut active, draft.status, &update, said)
                .await
        };
        self.conclude(active, done)
    }

    async fn post_next(
        &self,
        active: &mut Active,
        status: Option<Key>,
        update: &NewStatusUpdate,
        said: String,
    ) -> Result<(), RunnerError> {
        self.settle(active).await?;
        let now = active.standing.status.clone();
        // The status first: whoever repeats the verb because the update failed repeats only that.
        if let Some(to) = status.filter(|to| now.as_ref() != Some(to)) {
            let title = words::status(&to, &active.definition.settings);
            self.record(active, Change::Status { from: now, to })
                .await?;
            active.did.push(format!("set the status to {title}"));
        }
        if let Err(error) = self.send(active, update).await {
            if active.did.len() > active.idle {
                // The failure matters more than an overview that the next verb writes, too.
                let _ = self.refresh(active).await;
            }
            return Err(error);
        }
        active.did.push(said);
        self.write_overview(active, Ending::None).await
    }

    async fn post_last(
        &self,
        active: &mut Active,
        status: Option<Key>,
        update: &NewStatusUpdate,
        said: String,
    ) -> Result<(), RunnerError> {
        self.settle(active).await?;
        let before = Before::of(active);
        if let Err(cause) = self.say_and_post(active, status, update, said).await {
            return Err(self.take_back(active, before, cause).await);
        }
        self.tell_announced(active, Occasion::Ended).await;
        Ok(())
    }

    async fn say_and_post(
        &self,
        active: &mut Active,
        status: Option<Key>,
        update: &NewStatusUpdate,
        said: String,
    ) -> Result<(), RunnerError> {
        self.enter_ending_status(active, status.as_ref()).await?;
        // A finished run takes no more overview.
        active.run = self.reader().run(&active.run.id).await?;
        self.write_overview(active, Ending::WithUpdate).await?;
        self.send(active, update).await?;
        active.did.push(said);
        has_ended(active, None)
    }

    /// Posts an update, once; after a doubtful answer it is looked for.
    async fn send(&self, active: &mut Active, update: &NewStatusUpdate) -> Result<(), RunnerError> {
        let posts = active.run.status_posts.iter();
        let before: BTreeSet<PostId> = posts.map(|post| post.id.clone()).collect();
        let id = active.run.id.clone();
        let answer = self.writer.post_status_update(&id, update).await;
        let Some(doubt) = self.read_back(active, answer).await? else {
            return Ok(());
        };
        let is_it = |found: &StatusUpdate| {
            !before.contains(&found.id)
                && found.author_user_name == active.me.username
                && found.message.trim() == update.message.trim()
        };
        match self.reader().status_updates(&id).await {
            Ok(updates) if updates.iter().any(is_it) => Ok(()),
            _ => Err(doubt.into()),
        }
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

/// Whether an input has to be given.
fn needs_words(input: &Input) -> bool {
    input.required && input.default.is_none()
}

/// An input, as it is explained to somebody who got it wrong.
fn asks(input: &Input) -> String {
    let need = match &input.default {
        Some(default) if !default.is_empty() => format!("; without it: {default}"),
        None if input.required => "; required".to_owned(),
        _ => String::new(),
    };
    format!("`{}` ({}{need})", input.key, input.ask)
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
