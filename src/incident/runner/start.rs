//! `start`: from a playbook to an incident.
//!
//! Everything that can be checked is checked before the POST, since a refusal by
//! 500 may have started the incident all the same, without anybody in it. After a
//! doubtful answer the incident is looked for; a POST is never repeated.

use std::collections::{BTreeMap, BTreeSet};

use super::open::{beginning, label};
use super::people::team_mate;
use super::scene::{self, Occasion};
use super::severity::known_severity;
use super::{Active, Definition, Outcome, People, Runner, RunnerError, words};
use crate::incident::overview::Overview;
use crate::incident::{Change, Standing};
use crate::mattermost::core::{Team, User};
use crate::mattermost::limits::{CHANNEL_NAME, MESSAGE, RUN_NAME};
use crate::mattermost::playbooks::{
    ActionType, Archived, ChannelAction, NewRun, PlaybookEntry, Run, RunFilter, RunStatus,
    TriggerType,
};
use crate::mattermost::{ApiError, ChannelId, PostId, RunId, is_server_id};
use crate::model::{Key, TeamName, Username};
use crate::sync::marker::{Described, Marker};

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
}

impl Runner<'_> {
    /// Starts an incident.
    ///
    /// # Errors
    /// When anything in the order is unknown or too long, the playbook is not synced, or the
    /// server refuses. Once the incident exists, what else fails is a warning.
    pub async fn start(&self, order: &Order) -> Result<Outcome, RunnerError> {
        let checked = self.check(order).await?;
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
            changes: Vec::new(),
            did: Vec::new(),
            warnings: Vec::new(),
        };
        let (commander, roles) = (checked.commander, checked.roles);
        self.complete(&mut active, commander.as_ref(), &roles).await;
        Ok(self.outcome(active))
    }

    /// What follows the POST: the incident exists, so that nothing of this stops it.
    async fn complete(
        &self,
        active: &mut Active,
        commander: Option<&User>,
        roles: &BTreeMap<Key, User>,
    ) {
        active.did.push("started".to_owned());
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
        let post = self.event(active, &Change::Started(start)).await?;
        active.standing.start = Some(post.id.to_string());
        Ok(())
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

    async fn check(&self, order: &Order) -> Result<Checked, RunnerError> {
        let reader = self.reader();
        let definition = self.sources.present(&order.playbook)?;
        let settings = &definition.settings;
        if let Some(severity) = &order.severity {
            known_severity(settings, severity)?;
        }
        if let Some(role) = order
            .roles
            .keys()
            .find(|role| !settings.roles.contains_key(*role))
        {
            let all: Vec<String> = settings.roles.keys().map(|r| format!("`{r}`")).collect();
            return Err(RunnerError::unknown(
                format!("there is no role `{role}`"),
                format!("there are {}", all.join(", ")),
            ));
        }
        check_name(&order.name)?;
        let team_name = choose_team(&definition, order.team.as_ref())?;
        let me = reader.me().await?;
        let team = reader
            .team_by_name(team_name.as_str())
            .await?
            .ok_or_else(|| {
                RunnerError::unknown(
                    format!("there is no team `{team_name}` that you can see"),
                    "a team is named as in its URL",
                )
            })?;
        let (playbook, marker) = self.synced(&order.playbook, &team).await?;
        self.check_channel_name(order, &definition, &playbook)
            .await?;
        // What the server has was written from that commit, and so is what runs here.
        let pinned = marker
            .commit
            .as_deref()
            .and_then(|commit| (self.sources.at)(commit));
        let pinned = pinned.and_then(|workspace| Definition::of(&workspace, &order.playbook));
        let definition = pinned.unwrap_or(definition);
        let mut start = beginning(&definition, marker.commit, &order.description);
        start.severity = order.severity.clone().or(start.severity);
        for (role, name) in &order.roles {
            start.roles.insert(role.clone(), name.to_string());
        }
        let text = words::sentence(&Change::Started(start.clone()), &definition.settings);
        too_long("the description, as it is posted,", &text, MESSAGE)?;
        let commander = match &order.commander {
            Some(name) => Some(team_mate(reader, &team.id, name).await?),
            None => None,
        };
        let mut roles = BTreeMap::new();
        for (role, name) in &order.roles {
            roles.insert(role.clone(), team_mate(reader, &team.id, name).await?);
        }
        let post = match &order.post {
            Some(link) => self.post_of(link).await?,
            None => PostId::default(),
        };
        let channel = match &definition.playbook.start.channel.link {
            Some(name) => {
                let channel = reader.channel_by_name(&team.id, name.bare()).await?;
                let channel = channel.filter(|channel| channel.delete_at.is_never());
                channel.map(|channel| channel.id).ok_or_else(|| {
                    RunnerError::refused(
                        format!("the playbook runs in `{name}`, and there is no such channel, or you are not in it"),
                        "join the channel, or change `start.channel.link`",
                    )
                })?
            }
            None => ChannelId::default(),
        };
        Ok(Checked {
            standing: Standing::begin(&start, false),
            me,
            team,
            playbook,
            definition,
            commander,
            roles,
            post,
            channel,
        })
    }

    /// The playbook on the server that sync wrote.
    async fn synced(&self, key: &Key, team: &Team) -> Result<(PlaybookEntry, Marker), RunnerError> {
        let workspace = &self.sources.current.settings.workspace;
        let all = self
            .reader()
            .playbooks(Some(&team.id), Archived::Without)
            .await?;
        let ours = all.into_iter().find_map(|playbook| {
            let marker = Described::read(&playbook.description).marker?;
            let is_ours = marker.workspace == *workspace
                && marker.key == *key
                && marker.id.as_deref() == Some(playbook.id.as_str())
                && playbook.delete_at.is_never();
            is_ours.then_some((playbook, marker))
        });
        ours.ok_or_else(|| {
            RunnerError::refused(
                format!(
                    "the playbook `{key}` is not in the team `{}`, or you may not use it",
                    team.name
                ),
                "`warroom sync` brings it there; its access profile says who may use it",
            )
        })
    }

    /// Version 2.9 answers a name that is too long for a channel with 500, and leaves a channel
    /// behind; later ones shorten it.
    async fn check_channel_name(
        &self,
        order: &Order,
        definition: &Definition,
        playbook: &PlaybookEntry,
    ) -> Result<(), RunnerError> {
        let short = order.name.chars().count() <= CHANNEL_NAME;
        if short || definition.playbook.start.channel.link.is_some() {
            return Ok(());
        }
        let playbook = self.reader().playbook(&playbook.id).await?;
        if playbook.run_number_prefix.is_some() {
            return Ok(());
        }
        too_long(
            "the name, which also names the channel,",
            &order.name,
            CHANNEL_NAME,
        )
    }

    /// The post that a permalink names, if the caller can read it.
    async fn post_of(&self, link: &str) -> Result<PostId, RunnerError> {
        let site = self.reader().site().as_str();
        let wrong = || {
            RunnerError::unknown(
                format!("`{link}` is no link to a post of {site}"),
                "copy it with *Copy Link* from the menu of the post",
            )
        };
        let inside = match link.strip_prefix(site) {
            Some(inside) => inside,
            None if is_server_id(link) => link,
            None => return Err(wrong()),
        };
        let id = inside
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();
        if !is_server_id(id) || !(inside.contains("/pl/") || inside == id) {
            return Err(wrong());
        }
        let id = PostId::new(id);
        self.reader().post(&id).await?;
        Ok(id)
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

fn check_name(name: &str) -> Result<(), RunnerError> {
    if name.trim().is_empty() {
        return Err(RunnerError::refused(
            "the incident has no name",
            "say with `--name` what is wrong, in a few words",
        ));
    }
    too_long("the name", name, RUN_NAME)
}

fn too_long(field: &'static str, text: &str, limit: usize) -> Result<(), RunnerError> {
    let length = text.chars().count();
    if length <= limit {
        return Ok(());
    }
    Err(ApiError::TooLong {
        what: "start the incident",
        field,
        length,
        limit,
    }
    .into())
}

fn choose_team(definition: &Definition, asked: Option<&TeamName>) -> Result<TeamName, RunnerError> {
    let playbook = &definition.playbook;
    let teams = playbook.teams_or(definition.settings.team.as_ref());
    let all: Vec<String> = teams.iter().map(|team| format!("`{team}`")).collect();
    match (asked, teams.as_slice()) {
        (Some(asked), _) if teams.contains(&asked) => Ok(asked.clone()),
        (Some(asked), _) => Err(RunnerError::unknown(
            format!(
                "the playbook `{}` is not for the team `{asked}`",
                playbook.key
            ),
            format!("it is for {}", all.join(", ")),
        )),
        (None, [team]) => Ok((*team).clone()),
        (None, []) => Err(RunnerError::refused(
            format!("the playbook `{}` has no team", playbook.key),
            "name one in the playbook, or for all of them in `warroom.yaml`",
        )),
        (None, _) => Err(RunnerError::refused(
            format!(
                "the playbook `{}` is for several teams: {}",
                playbook.key,
                all.join(", ")
            ),
            "say which with `--team`",
        )),
    }
}
