//! `assign`, `role` and `commander`: who does what.

use super::open::Expect;
use super::people::team_mate;
use super::scene::Occasion;
use super::tasks::Write;
use super::{Active, Outcome, Runner, RunnerError};
use crate::incident::state::one_line;
use crate::incident::{Change, Incident, Place, address};
use crate::mattermost::core::User;
use crate::mattermost::playbooks::{AssigneeRole, ItemAt};
use crate::mattermost::{RunId, UserId};
use crate::model::{Assign, Key, Username};

/// Who is to do a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    /// That person.
    Person(Username),
    /// Whoever commands.
    Commander,
    /// Whoever started the incident.
    Creator,
    /// Whoever fills the role.
    Role(Key),
    /// Nobody.
    Nobody,
}

impl std::str::FromStr for Assignee {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "commander" => Ok(Self::Commander),
            "creator" => Ok(Self::Creator),
            "nobody" => Ok(Self::Nobody),
            _ => match text.split_once(':') {
                Some(("role", role)) => role.parse().map(Self::Role).map_err(|e| format!("{e}")),
                Some(("user", name)) => name.parse().map(Self::Person).map_err(|e| format!("{e}")),
                _ => {
                    let name = text.strip_prefix('@').unwrap_or(text);
                    name.parse().map(Self::Person).map_err(|e| format!("{e}"))
                }
            },
        }
    }
}

impl Runner<'_> {
    /// Gives a task to somebody, or to nobody.
    ///
    /// # Errors
    /// When task or person are unknown, the person is not on the team, or nobody fills the role.
    pub async fn assign(
        &self,
        id: &RunId,
        task: &str,
        to: &Assignee,
    ) -> Result<Outcome, RunnerError> {
        let mut active = self.open(id, Expect::GoingOn).await?;
        let incident = self.observe(&active);
        let place = address::find(&incident.checklists, task)?;
        let title = one_line(&incident.checklists[place.checklist].tasks[place.task].title);
        let who = self.person(&active, &incident, to).await?;
        let sentence = match &who {
            Who::Nobody => format!("took {place} {title} from everybody"),
            Who::Person(_, name) => format!("gave {place} {title} to @{name}"),
            Who::Whoever(role, name) => {
                format!("gave {place} {title} to the {}, now @{name}", word(*role))
            }
        };
        let done = async {
            self.settle(&mut active).await?;
            self.give(&mut active, place, &who).await?;
            active.did.push(sentence);
            self.refresh(&mut active).await
        };
        let done = done.await;
        self.conclude(active, done)
    }

    /// Fills a role, and gives its tasks to whoever fills it.
    ///
    /// # Errors
    /// When role or person are unknown, or the person is not on the team.
    pub async fn role(
        &self,
        id: &RunId,
        role: &Key,
        person: &Username,
    ) -> Result<Outcome, RunnerError> {
        let mut active = self.open(id, Expect::GoingOn).await?;
        known_role(&active, role)?;
        let user = team_mate(self.reader(), &active.run.team_id, person).await?;
        let done = self.fill(&mut active, role, &user).await;
        self.conclude(active, done)
    }

    async fn fill(&self, active: &mut Active, role: &Key, user: &User) -> Result<(), RunnerError> {
        let before = active.standing.roles.get(role).cloned();
        if before.as_deref() == Some(user.username.as_str()) {
            self.settle(active).await?;
            active.note(format!("@{} fills the role {role} already", user.username));
        } else {
            self.take_part(active, user).await?;
            let change = Change::Role {
                role: role.clone(),
                from: before.clone(),
                to: user.username.clone(),
            };
            self.record(active, change).await?;
            active
                .did
                .push(format!("@{} fills the role {role}", user.username));
        }
        self.hand_tasks(active, role, before.as_deref(), user)
            .await?;
        self.refresh(active).await
    }

    /// Gives the open tasks of a role to whoever fills it now.
    pub(super) async fn hand_tasks(
        &self,
        active: &mut Active,
        role: &Key,
        before: Option<&str>,
        user: &User,
    ) -> Result<(), RunnerError> {
        active.people.add(user);
        let tasks = self.tasks_of(active, role, before, &user.username);
        for place in &tasks {
            let who = Who::Person(user.id.clone(), user.username.clone());
            self.give(active, *place, &who).await?;
        }
        if !tasks.is_empty() {
            let tasks: Vec<String> = tasks.iter().map(ToString::to_string).collect();
            let sentence = format!("gave {} to @{}", tasks.join(", "), user.username);
            active.did.push(sentence);
        }
        Ok(())
    }

    /// The open tasks of a role that nobody has, or whoever filled it before.
    fn tasks_of(&self, active: &Active, role: &Key, before: Option<&str>, now: &str) -> Vec<Place> {
        let incident = self.observe(active);
        let playbook = &active.definition.playbook;
        let is_of_role = |place: Place, key: Option<&Key>| {
            let list = incident.checklists[place.checklist].key.as_ref();
            let assigned = playbook.tasks().find(|(n, _, task)| {
                Some(&playbook.checklists[*n].key) == list && Some(&task.key) == key
            });
            let assigned = assigned.and_then(|(_, _, task)| task.assign.as_ref());
            matches!(assigned, Some(Assign::Role(of)) if of == role)
        };
        incident
            .tasks()
            .filter(|(place, task)| {
                let free = task.assignee.is_none() || task.assignee.as_deref() == before;
                let theirs = task.assignee.as_deref() == Some(now);
                task.state.is_open() && free && !theirs && is_of_role(*place, task.key.as_ref())
            })
            .map(|(place, _)| place)
            .collect()
    }

    /// Hands the incident over to another commander, and tells the channels of `start.announce`.
    ///
    /// # Errors
    /// When the person is unknown or not on the team, or the playbook lets only the commander hand over.
    pub async fn commander(&self, id: &RunId, person: &Username) -> Result<Outcome, RunnerError> {
        let mut active = self.open(id, Expect::GoingOn).await?;
        let user = team_mate(self.reader(), &active.run.team_id, person).await?;
        let changes = active.run.owner_user_id != user.id;
        if changes {
            self.may_decide(&active, "hand over").await?;
        }
        let done = async {
            self.settle(&mut active).await?;
            if changes {
                self.hand_over(&mut active, &user).await?;
                active.did.push(format!("@{} commands", user.username));
                self.tell_announced(&mut active, Occasion::HandedOver).await;
            } else {
                active.note(format!("@{} commands already", user.username));
            }
            self.refresh(&mut active).await
        };
        let done = done.await;
        self.conclude(active, done)
    }

    /// Makes somebody commander, and makes sure of it.
    pub(super) async fn hand_over(
        &self,
        active: &mut Active,
        user: &User,
    ) -> Result<(), RunnerError> {
        let id = active.run.id.clone();
        let answer = self.writer.set_owner(&id, &user.id).await;
        active.people.add(user);
        let doubt = self.read_back(active, answer).await?;
        if active.run.owner_user_id == user.id {
            return Ok(());
        }
        Err(doubt.map_or_else(
            || {
                RunnerError::failed(
                    format!("Mattermost did not make `{}` commander", user.username),
                    "try again; if it stays so, hand over in Mattermost and look at the server's log",
                )
            },
            Into::into,
        ))
    }

    /// Makes somebody a participant: only participants may change the incident.
    pub(super) async fn take_part(
        &self,
        active: &mut Active,
        user: &User,
    ) -> Result<(), RunnerError> {
        active.people.add(user);
        if active.run.participant_ids.contains(&user.id) {
            return Ok(());
        }
        let id = active.run.id.clone();
        let added = self
            .writer
            .add_participants(&id, std::slice::from_ref(&user.id))
            .await;
        if let Err(error) = added {
            active.warnings.push(format!(
                "@{} does not take part yet: {error}; add them in Mattermost",
                user.username
            ));
        }
        Ok(())
    }

    async fn give(&self, active: &mut Active, place: Place, who: &Who) -> Result<(), RunnerError> {
        let id = match who {
            Who::Person(id, _) => id.clone(),
            Who::Nobody => UserId::default(),
            Who::Whoever(AssigneeRole::Owner, _) => active.run.owner_user_id.clone(),
            Who::Whoever(AssigneeRole::Creator, _) => active.run.reporter_user_id.clone(),
        };
        let write = Write {
            fits: &|item| item.assignee_id == id,
            send: &async |at: ItemAt<'_>| match who {
                Who::Whoever(role, _) => self.writer.assign_item_to(&at, *role).await,
                Who::Person(..) | Who::Nobody => self.writer.assign_item(&at, id.given()).await,
            },
        };
        self.write_item(active, place, &write).await
    }

    async fn person(
        &self,
        active: &Active,
        incident: &Incident,
        to: &Assignee,
    ) -> Result<Who, RunnerError> {
        let run = &active.run;
        // Version 2.9 knows no tasks that follow the commander: there it is the person.
        let follows = run.sequential_id.is_some();
        let user = match to {
            Assignee::Nobody => return Ok(Who::Nobody),
            Assignee::Commander if follows => {
                return Ok(Who::Whoever(
                    AssigneeRole::Owner,
                    incident.commander.clone(),
                ));
            }
            Assignee::Creator if follows => {
                return Ok(Who::Whoever(
                    AssigneeRole::Creator,
                    incident.creator.clone(),
                ));
            }
            Assignee::Commander => {
                return Ok(Who::Person(
                    run.owner_user_id.clone(),
                    incident.commander.clone(),
                ));
            }
            Assignee::Creator => {
                return Ok(Who::Person(
                    run.reporter_user_id.clone(),
                    incident.creator.clone(),
                ));
            }
            Assignee::Person(name) => team_mate(self.reader(), &run.team_id, name).await?,
            Assignee::Role(role) => {
                known_role(active, role)?;
                let name = active.standing.roles.get(role).ok_or_else(|| {
                    RunnerError::refused(
                        format!("nobody fills the role `{role}` yet"),
                        format!(
                            "`warroom run role {role} NAME` fills it, and gives its tasks to NAME"
                        ),
                    )
                })?;
                let name: Username = name.parse().map_err(|_| {
                    RunnerError::unknown(
                        format!("`{name}` in the role `{role}` is no username"),
                        format!("`warroom run role {role} NAME` fills it anew"),
                    )
                })?;
                team_mate(self.reader(), &run.team_id, &name).await?
            }
        };
        Ok(Who::Person(user.id, user.username))
    }
}

/// Who a task is given to, as the server wants to hear it.
enum Who {
    Person(UserId, String),
    Whoever(AssigneeRole, String),
    Nobody,
}

fn word(role: AssigneeRole) -> &'static str {
    match role {
        AssigneeRole::Owner => "commander",
        AssigneeRole::Creator => "creator",
    }
}

/// Refuses a role that the workspace does not have.
fn known_role(active: &Active, role: &Key) -> Result<(), RunnerError> {
    let roles = &active.definition.settings.roles;
    if roles.contains_key(role) {
        return Ok(());
    }
    let all: Vec<String> = roles.keys().map(|role| format!("`{role}`")).collect();
    let help = if all.is_empty() {
        "declare it under `roles:` of `warroom.yaml`".to_owned()
    } else {
        format!("there are {}", all.join(", "))
    };
    Err(RunnerError::unknown(
        format!("there is no role `{role}`"),
        help,
    ))
}
