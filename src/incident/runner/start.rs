//! `start`: from a playbook to an incident.
//!
//! Everything that can be checked is checked before the POST, since a refusal by
//! 500 may have started the incident all the same, without anybody in it. After a
//! doubtful answer the incident is looked for; a POST is never repeated.

mod check;
mod preview;

use std::collections::{BTreeMap, BTreeSet};

use super::attributes::{self, Lowered, Typed};
use super::open::{beginning, label};
use super::scene::{self, Occasion};
use super::{Active, Definition, Outcome, People, Runner, RunnerError};
use crate::incident::overview::Overview;
use crate::incident::{Change, Standing};
use crate::mattermost::core::{Team, User};
use crate::mattermost::playbooks::{
    ActionType, ChannelAction, NewRun, PlaybookEntry, PropertyField, Run, RunFilter, RunStatus,
    TriggerType,
};
use crate::mattermost::{ApiError, ChannelId, PostId, RunId};
use crate::model::{Key, TeamName, Username};

/// An incident that somebody wants to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The playbook.
    pub playbook: Key,
    /// What it is called.
    pub name: String,
    /// What is known so far.
    pub description: String,
    /// Who commands.
    pub commander: Option<Username>,
    /// How bad it is.
    pub severity: Option<Key>,
    /// Who fills which role.
    pub roles: BTreeMap<Key, Username>,
    /// What is known of it: values of attributes.
    pub attributes: Typed,
    /// The post that reported it: a permalink, or its id.
    pub post: Option<String>,
    /// The team, where the playbook has several.
    pub team: Option<TeamName>,
}

/// What was found out before anything is written.
struct Checked {
    me: User,
    team: Team,
    playbook: PlaybookEntry,
    definition: Definition,
    standing: Standing,
    commander: Option<User>,
    roles: BTreeMap<Key, User>,
    post: PostId,
    channel: ChannelId,
    /// The attributes of the playbook, where one of them gets a value.
    fields: Vec<PropertyField>,
    values: Vec<Lowered>,
}

impl Runner<'_> {
    /// Starts an incident.
    ///
    /// # Errors
    /// When anything in the order is unknown or too long, the playbook is not synced, or the
    /// server refuses. Once the incident exists, what else fails is a warning.
    pub async fn start(&self, order: &Order) -> Result<Outcome, RunnerError> {
        let checked = self.check(order).await?;
        self.preview(order, &checked)?;
        let run = self.create(order, &checked).await?;
        let mut people = People::default();
        people.add(&checked.me);
        for user in checked.commander.iter().chain(checked.roles.values()) {
            people.add(user);
        }
        let mut active = Active {
            me: checked.me,
            run,
            people,
            standing: checked.standing,
            definition: checked.definition,
            description: order.description.clone(),
            channel: None,
            adopting: false,
            events: Vec::new(),
            did: Vec::new(),
            idle: 0,
            warnings: Vec::new(),
        };
        let (commander, roles) = (checked.commander, checked.roles);
        let values = (checked.fields, checked.values);
        self.complete(&mut active, commander.as_ref(), &roles, &values)
            .await;
        Ok(self.outcome(active))
    }

    /// What follows the POST: the incident exists, so that nothing of this stops it.
    async fn complete(
        &self,
        active: &mut Active,
        commander: Option<&User>,
        roles: &BTreeMap<Key, User>,
        (fields, values): &(Vec<PropertyField>, Vec<Lowered>),
    ) {
        active.did.push("started".to_owned());
        // Before anything is rendered: texts may show them.
        if let Err(error) = self.settle_values(active, fields, values).await {
            active
                .warnings
                .push(format!("not all attributes are set: {error}"));
        }
        if let Err(error) = self.read_surroundings(active).await {
            active.warnings.push(error.to_string());
        }
        // The event first: it is the truth about everything that follows.
        if let Err(error) = self.record_start(active).await {
            active
                .warnings
                .push(format!("the start is not recorded: {error}"));
        }
        // An enabled default owner of the playbook beats the one that was asked for.
        if let Some(commander) = commander
            && active.run.owner_user_id != commander.id
            && let Err(error) = self.hand_over(active, commander).await
        {
            let name = &commander.username;
            active
                .warnings
                .push(format!("@{name} does not command: {error}"));
        }
        for (role, user) in roles {
            let added = self.take_part(active, user).await;
            let handed = match added {
                Ok(()) => self.hand_tasks(active, role, None, user).await,
                Err(error) => Err(error),
            };
            if let Err(error) = handed {
                active
                    .warnings
                    .push(format!("the tasks of {role} stay open: {error}"));
            }
        }
        if let Err(error) = self.set_welcome(active).await {
            active.warnings.push(format!(
                "newcomers are not welcomed as the playbook says: {error}"
            ));
        }
        let commander = active.people.name(&active.run.owner_user_id);
        active.did.push(format!("@{commander} commands"));
        self.start_timer(active).await;
        self.tell_announced(active, Occasion::Started).await;
        if let Err(error) = self.refresh(active).await {
            active
                .warnings
                .push(format!("the overview is not written: {error}"));
        }
    }

    /// Sets the values that the start left out, and those again that tasks follow.
    ///
    /// Version 2.9 passes over values at a start, and no version assigns the tasks of an
    /// attribute by it.
    async fn settle_values(
        &self,
        active: &mut Active,
        fields: &[PropertyField],
        values: &[Lowered],
    ) -> Result<(), RunnerError> {
        if values.is_empty() {
            return Ok(());
        }
        active.run = self.reader().run(&active.run.id).await?;
        let values = attributes::in_run(&active.run, values, fields);
        for value in &values {
            let follows = attributes::assigns(&active.run, &value.field);
            if follows || !attributes::has(&active.run, value) {
                self.set_value(active, value).await?;
            }
            active.did.push(attributes::sentence(value));
        }
        Ok(())
    }

    async fn read_surroundings(&self, active: &mut Active) -> Result<(), ApiError> {
        let reader = self.reader();
        let run = active.run.clone();
        active.people.learn_of(reader, &[run]).await?;
        let channel = reader.channel(&active.run.channel_id).await?;
        active.channel = Some(channel.name);
        Ok(())
    }

    async fn record_start(&self, active: &mut Active) -> Result<(), RunnerError> {
        let standing = &active.standing;
        let mut start = beginning(
            &active.definition,
            standing.commit.clone(),
            &active.description,
        );
        start.severity.clone_from(&standing.severity);
        start.roles.clone_from(&standing.roles);
        self.begin(active, Change::Started(start)).await
    }

    /// Puts the rendered welcome in place of the static one that sync wrote.
    async fn set_welcome(&self, active: &Active) -> Result<(), RunnerError> {
        let Some(welcome) = &active.definition.playbook.start.welcome else {
            return Ok(());
        };
        let incident = self.observe(active);
        let context = scene::welcome(&incident, &active.definition, self.now());
        let message = active.definition.render(welcome, &context)?;
        let actions = self
            .reader()
            .channel_actions(&active.run.channel_id)
            .await?;
        let ours = actions.into_iter().find(|action| {
            action.action_type == ActionType::SendWelcomeMessage
                && action.trigger_type == TriggerType::NewMemberJoins
                && action.delete_at.is_never()
        });
        let exists = ours.is_some();
        let mut action = ours.unwrap_or_else(|| ChannelAction {
            channel_id: active.run.channel_id.clone(),
            action_type: ActionType::SendWelcomeMessage,
            trigger_type: TriggerType::NewMemberJoins,
            ..ChannelAction::default()
        });
        action.enabled = true;
        action.payload.insert("message".to_owned(), message.into());
        if exists {
            self.writer.update_channel_action(&action).await?;
        } else {
            self.writer.create_channel_action(&action).await?;
        }
        Ok(())
    }

    /// Starts the run, once, whatever the server answers.
    async fn create(&self, order: &Order, checked: &Checked) -> Result<Run, RunnerError> {
        // The state stands in it from the first moment, whatever happens after.
        let overview = Overview {
            standing: Some(checked.standing.clone()),
            ..Overview::default()
        };
        let new = NewRun {
            name: order.name.clone(),
            owner_user_id: checked.commander.as_ref().unwrap_or(&checked.me).id.clone(),
            team_id: checked.team.id.clone(),
            playbook_id: checked.playbook.id.clone(),
            channel_id: checked.channel.clone(),
            post_id: checked.post.clone(),
            summary: overview.compose()?,
            create_public_run: None,
            property_values: checked
                .values
                .iter()
                .map(|value| (value.field.clone(), value.value.clone()))
                .collect(),
        };
        let filter = RunFilter {
            playbook: Some(checked.playbook.id.clone()),
            status: Some(RunStatus::InProgress),
            ..RunFilter::default()
        };
        let before: BTreeSet<RunId> = self.ids(&filter).await?;
        let error = match self.writer.start_run(&new).await {
            Ok(run) => return Ok(run),
            Err(error) if error.may_have_happened() => error,
            Err(error) => return Err(error.into()),
        };
        let Ok(after) = self.reader().runs(&filter).await else {
            return Err(error.into());
        };
        let is_it = |run: &Run| {
            !before.contains(&run.id)
                && run.reporter_user_id == checked.me.id
                && run.summary.trim() == new.summary.trim()
        };
        match after.into_iter().find(is_it) {
            Some(run) if run.participant_ids.contains(&checked.me.id) => Ok(run),
            // It exists, and nobody is in it: nothing can be done with it from here.
            Some(run) => Err(RunnerError::refused(
                format!(
                    "{error}; the server made {} all the same, without anybody in it",
                    label(&run)
                ),
                format!(
                    "ask a system administrator to end it ({}/playbooks/runs/{}), then start again",
                    self.reader().site(),
                    run.id
                ),
            )),
            None => Err(error.into()),
        }
    }

    async fn ids(&self, filter: &RunFilter) -> Result<BTreeSet<RunId>, ApiError> {
        let runs = self.reader().runs(filter).await?;
        Ok(runs.into_iter().map(|run| run.id).collect())
    }
}
