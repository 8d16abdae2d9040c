//! What git asks for: each playbook as the server would show it.
//!
//! Owns the translation of YAML into the canonical form: groups become people,
//! templates static text, keys ids. What cannot be brought into Mattermost is
//! refused here, playbook by playbook, before anything is asked of the server.
//! Pure: the same workspace always gives the same desired state.

mod attributes;
mod conditions;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::canonical::{
    Access, BY_ATTRIBUTE, ChecklistState, DoneWhenState, MetricState, PlaybookState, TaskState,
};
use super::limits;
use super::marker::SourceLink;
use super::refusal::{Reason, Refusal};
use super::wire::{GROUP, OptionIds, Renames};
use crate::mattermost::playbooks::MetricType;
use crate::model::{
    Assign, Duration, Feature, Key, Members, MetricKind, MetricTarget, Person, Playbook, Profile,
    SecretRef, Settings, Task, TeamName, TextSource, Unmanaged, Username, checklist_id, task_id,
};
use crate::template::{StaticWords, Template, TemplateKind};
use crate::workspace::{LoadedPlaybook, Workspace};
use attributes::{attribute_state, option_ids};
use conditions::Conditions;

/// Which playbook: its key, in one team.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Its key in git.
    pub key: Key,
    /// The team it belongs to.
    pub team: TeamName,
}

/// Everything that git asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The workspace.
    pub workspace: Key,
    /// The only account that may sync.
    pub account: Option<Username>,
    /// Whether the server has attributes: only then they are asked for.
    pub has_attributes: bool,
    /// Each playbook in each of its teams.
    pub playbooks: BTreeMap<Address, DesiredPlaybook>,
}

/// A playbook that git asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredPlaybook {
    /// Its file, relative to the workspace.
    pub path: String,
    /// The link back to the file.
    pub source: Option<SourceLink>,
    /// The key that it had before.
    pub moved_from: Option<Key>,
    /// Whether it must not be archived or released.
    pub protected: bool,
    /// Fields that are left as they are.
    pub unmanaged: Vec<Unmanaged>,
    /// What it should be, or why it cannot be brought into Mattermost.
    pub wanted: Result<Wanted, Refusal>,
}

/// What a playbook should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Its managed fields.
    pub state: PlaybookState,
    /// The addresses called at the start.
    pub start_webhooks: Vec<SecretRef>,
    /// The addresses called at an update.
    pub update_webhooks: Vec<SecretRef>,
    /// The ids of options that do not exist yet.
    pub option_ids: OptionIds,
    /// What had another name before.
    pub renames: Renames,
    /// What it uses that not every server has.
    pub features: Vec<Feature>,
}

/// A playbook that belongs to no team.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` names no team, and `warroom.yaml` has no `team` for all")]
pub struct NoTeam {
    /// Its file.
    pub path: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.key, self.team)
    }
}

impl Desired {
    /// What the workspace asks for.
    ///
    /// # Errors
    /// When a playbook belongs to no team.
    pub fn of(workspace: &Workspace) -> Result<Self, NoTeam> {
        let settings = &workspace.settings;
        let mut playbooks = BTreeMap::new();
        for loaded in &workspace.playbooks {
            let teams = loaded.playbook.teams_or(settings.team.as_ref());
            if teams.is_empty() {
                let path = loaded.path.clone();
                return Err(NoTeam { path });
            }
            let desired = DesiredPlaybook::of(loaded, workspace);
            for team in teams {
                let address = Address {
                    key: loaded.playbook.key.clone(),
                    team: team.clone(),
                };
                playbooks.insert(address, desired.clone());
            }
        }
        Ok(Self {
            workspace: settings.workspace.clone(),
            account: settings.sync.account.clone(),
            has_attributes: settings.server.has(Feature::Attributes),
            playbooks,
        })
    }

    /// The same for the account that syncs: it stays an editor of every playbook.
    ///
    /// `sync.account` was made one already, and is the only account that may sync where it
    /// is set. Otherwise it is whoever does: not an editor any more, it could neither change
    /// members again nor see a private playbook.
    #[must_use]
    pub fn for_account(mut self, username: &str) -> Self {
        if self.account.is_some() {
            return self;
        }
        for playbook in self.playbooks.values_mut() {
            let wanted = playbook.wanted.as_mut().ok();
            if let Some(members) = wanted.and_then(|wanted| wanted.state.members.as_mut()) {
                members.insert(username.to_owned(), Access::Edit);
            }
        }
        self
    }

    /// The playbooks that had another key before: the new address of each with its old one.
    pub fn renamed(&self) -> impl Iterator<Item = (Address, Address)> {
        let all = self.playbooks.keys();
        all.filter_map(|new| Some((new.clone(), self.before(new)?)))
    }

    /// What a playbook was called before, in its team.
    #[must_use]
    pub fn before(&self, address: &Address) -> Option<Address> {
        let key = self.playbooks.get(address)?.moved_from.clone()?;
        let team = address.team.clone();
        Some(Address { key, team })
    }

    /// Under which key a playbook goes on, if it was renamed.
    #[must_use]
    pub fn moved_away(&self, address: &Address) -> Option<&Address> {
        let mut all = self.playbooks.iter();
        let heir = all.find(|(wanted, playbook)| {
            wanted.team == address.team && playbook.moved_from.as_ref() == Some(&address.key)
        });
        heir.map(|(wanted, _)| wanted)
    }

    /// The people that must be known before anything is compared.
    #[must_use]
    pub fn people(&self) -> BTreeSet<String> {
        self.states().flat_map(people_of).collect()
    }

    /// The channels that must be known before anything is compared, by team.
    #[must_use]
    pub fn channels(&self) -> BTreeSet<(TeamName, String)> {
        let mut channels = BTreeSet::new();
        for (address, playbook) in &self.playbooks {
            if let Ok(wanted) = &playbook.wanted {
                let named = channels_of(&wanted.state);
                channels.extend(named.map(|name| (address.team.clone(), name)));
            }
        }
        channels
    }

    fn states(&self) -> impl Iterator<Item = &PlaybookState> {
        let wanted = self
            .playbooks
            .values()
            .filter_map(|p| p.wanted.as_ref().ok());
        wanted.map(|wanted| &wanted.state)
    }
}

impl DesiredPlaybook {
    fn of(loaded: &LoadedPlaybook, workspace: &Workspace) -> Self {
        let settings = &workspace.settings;
        let source = settings.source_of(&loaded.path).map(|url| SourceLink {
            path: loaded.path.clone(),
            url,
        });
        let lowering = Lowering {
            workspace,
            settings,
            playbook: &loaded.playbook,
            broken: Vec::new(),
        };
        let wanted = lowering.run().and_then(|wanted| {
            let key = &loaded.playbook.key;
            let state = &wanted.state;
            let problems = limits::problems(state, &settings.workspace, key, source.as_ref());
            match Refusal::of(Reason::OverLimit, problems) {
                Some(refusal) => Err(refusal),
                None => Ok(wanted),
            }
        });
        Self {
            path: loaded.path.clone(),
            source,
            moved_from: loaded.playbook.moved_from.clone(),
            protected: loaded.playbook.protected,
            unmanaged: loaded.playbook.unmanaged.clone(),
            wanted,
        }
    }
}

/// The people a state names.
pub(super) fn people_of(state: &PlaybookState) -> impl Iterator<Item = String> + '_ {
    let assigned = state.tasks().filter_map(|(_, task)| {
        let name = task.assign.as_deref()?.strip_prefix("user:")?;
        Some(name.to_owned())
    });
    let closing = state.tasks().flat_map(|(_, task)| match &task.done_when {
        Some(DoneWhenState::Keywords { from, .. }) => from.iter().cloned().collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    let members = state.members.iter().flat_map(BTreeMap::keys).cloned();
    let invited = state.invite.iter().chain(&state.commander).cloned();
    members.chain(invited).chain(assigned).chain(closing)
}

/// The channels a state names, with `~`.
pub(super) fn channels_of(state: &PlaybookState) -> impl Iterator<Item = String> + '_ {
    state.broadcast.iter().chain(&state.channel_link).cloned()
}

/// One playbook on its way from YAML to the canonical form.
struct Lowering<'a> {
    workspace: &'a Workspace,
    settings: &'a Settings,
    playbook: &'a Playbook,
    broken: Vec<String>,
}

impl Lowering<'_> {
    fn run(mut self) -> Result<Wanted, Refusal> {
        let playbook = self.playbook;
        // References were checked when the workspace was loaded.
        let profiles = &self.workspace.permissions.profiles;
        let profile = profiles.get(&playbook.access).cloned().unwrap_or_default();
        let state = self.state(&profile);
        let nobody = |members: &BTreeMap<_, _>| !members.values().any(|a| *a == Access::Edit);
        if state.members.as_ref().is_some_and(nobody) {
            let problem = format!("the profile `{}` names nobody in `edit`", playbook.access);
            return Err(Refusal::new(Reason::NoEditor, problem).help(
                "name somebody in `edit` in `permissions.yaml`, or the account that syncs as `sync.account` in `warroom.yaml`",
            ));
        }
        if let Some(refusal) = Refusal::of(Reason::OverLimit, self.broken) {
            return Err(refusal);
        }
        let problems = not_offered(self.settings, playbook, &profile);
        if let Some(refusal) = Refusal::of(Reason::NotOffered, problems) {
            return Err(refusal);
        }
        let webhooks = |secrets: &[SecretRef]| secrets.to_vec();
        Ok(Wanted {
            state,
            start_webhooks: webhooks(&playbook.start.webhooks),
            update_webhooks: playbook
                .updates
                .as_ref()
                .map(|updates| webhooks(&updates.webhooks))
                .unwrap_or_default(),
            option_ids: option_ids(self.settings, playbook),
            renames: renames(playbook),
            features: features(playbook, &profile).collect(),
        })
    }

    fn state(&mut self, profile: &Profile) -> PlaybookState {
        let playbook = self.playbook;
        let start = &playbook.start;
        let updates = playbook.updates.as_ref();
        let retrospective = playbook.retrospective.as_ref();
        let seconds = |duration: Duration| i64::try_from(duration.as_seconds()).unwrap_or(i64::MAX);
        let channels = updates.map(|updates| updates.broadcast.as_slice());
        let state = PlaybookState {
            title: playbook.title.clone(),
            description: playbook.description.trim_end().to_owned(),
            visibility: profile.playbook.visibility,
            members: Some(self.members(profile)),
            only_editors_edit: profile.playbook.only_editors_edit,
            incident_channel: profile.incident.channel,
            commander_decides: profile.incident.commander_decides,
            commander: start.commander.as_ref().map(ToString::to_string),
            invite: self.invited(&start.invite),
            channel_name: start.channel.name.clone(),
            channel_link: start.channel.link.as_ref().map(ToString::to_string),
            category: start.channel.category.clone(),
            archive_when_ended: start.channel.archive_when_ended,
            always_new: start.channel.always_new,
            remove_leavers: start.channel.remove_leavers,
            participants_join: true,
            signal_keywords: BTreeSet::new(),
            number_prefix: start.number_prefix.clone(),
            start_webhooks: Some(start.webhooks.len()),
            welcome: self.text(TemplateKind::Welcome, start.welcome.as_ref()),
            overview: self.text(TemplateKind::Overview, start.overview.as_ref()),
            updates_every: updates.map(|updates| seconds(updates.every)),
            updates_template: self.text(
                TemplateKind::Update,
                updates.and_then(|updates| updates.template.as_ref()),
            ),
            broadcast: channels
                .unwrap_or_default()
                .iter()
                .map(ToString::to_string)
                .collect(),
            update_webhooks: Some(updates.map_or(0, |updates| updates.webhooks.len())),
            retrospective: retrospective.is_some(),
            retrospective_template: self.text(
                TemplateKind::Retrospective,
                retrospective.and_then(|retrospective| retrospective.template.as_ref()),
            ),
            retrospective_every: retrospective
                .and_then(|retrospective| retrospective.remind_every)
                .map(seconds),
            metrics: self.metrics(),
            attributes: playbook
                .attributes
                .iter()
                .map(|attribute| attribute_state(attribute, self.settings))
                .collect(),
            stray_conditions: Vec::new(),
            checklists: self.checklists(),
        };
        state.without(&playbook.unmanaged)
    }

    fn members(&mut self, profile: &Profile) -> BTreeMap<String, Access> {
        let mut members = BTreeMap::new();
        for name in self.people(&profile.playbook.users) {
            members.insert(name, Access::Use);
        }
        for name in self.people(&profile.playbook.editors) {
            members.insert(name, Access::Edit);
        }
        // Removed from a private playbook, the account would not even see it.
        if let Some(account) = &self.settings.sync.account {
            members.insert(account.to_string(), Access::Edit);
        }
        members
    }

    /// The server invites groups that it knows itself.
    fn invited(&mut self, people: &[Person]) -> BTreeSet<String> {
        let permissions = &self.workspace.permissions;
        let (groups, people): (Vec<&Person>, Vec<&Person>) = people
            .iter()
            .partition(|person| matches!(permissions.members(person), Members::Mattermost(_)));
        let groups = groups
            .into_iter()
            .filter_map(|group| match permissions.members(group) {
                Members::Mattermost(name) => Some(format!("{GROUP}{name}")),
                _ => None,
            });
        let groups: Vec<String> = groups.collect();
        let people: Vec<Person> = people.into_iter().cloned().collect();
        let mut invited = self.people(&people);
        invited.extend(groups);
        invited
    }

    fn people(&mut self, people: &[Person]) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for person in people {
            match self.workspace.permissions.members(person) {
                Members::People(people) => names.extend(people.iter().map(ToString::to_string)),
                Members::Mattermost(_) => {
                    self.broken.push(format!(
                        "`{person}` in `use` or `edit`: members of a playbook are people, and only Mattermost knows who is in that group"
                    ));
                }
                Members::Undeclared => {
                    self.broken
                        .push(format!("`{person}`: there is no such group"));
                }
            }
        }
        names
    }

    fn checklists(&mut self) -> Vec<ChecklistState> {
        let playbook = self.playbook;
        let workspace = &self.settings.workspace;
        let conditions = Conditions::new(playbook, self.settings);
        let mut checklists = Vec::new();
        for checklist in &playbook.checklists {
            let tasks = checklist.tasks.iter().map(|task| {
                let id = task_id(workspace, playbook.ids_key(), &checklist.key, &task.key);
                self.task(id, task, &conditions)
            });
            checklists.push(ChecklistState {
                tasks: tasks.collect(),
                id: checklist_id(workspace, playbook.ids_key(), &checklist.key),
                title: checklist.title.clone(),
            });
        }
        checklists
    }

    fn task(&mut self, id: String, task: &Task, conditions: &Conditions<'_>) -> TaskState {
        let assign = match &task.assign {
            // Who fills a role is known only during an incident.
            None | Some(Assign::Role(_)) => None,
            Some(Assign::Attribute(key)) => {
                let mut attributes = self.playbook.attributes.iter();
                let found = attributes.find(|attribute| attribute.key == *key);
                if found.is_none() {
                    self.broken.push(format!(
                        "`assign: attribute:{key}` of the task `{}`: there is no such attribute",
                        task.key
                    ));
                }
                found.map(|attribute| format!("{BY_ATTRIBUTE}{}", attribute.name))
            }
            Some(other) => Some(other.to_string()),
        };
        let when = task
            .when
            .as_ref()
            .map(|when| conditions.state(&task.key, when));
        let when = when.transpose().unwrap_or_else(|problem| {
            self.broken.push(problem);
            None
        });
        let due = task.due.map(Duration::as_millis);
        TaskState {
            id,
            title: task.title.clone(),
            description: task.description.clone(),
            assign,
            when: when.flatten(),
            due: due
                .map(|due| i64::try_from(due).unwrap_or(i64::MAX))
                .filter(|due| *due > 0),
            command: task.command.clone().unwrap_or_default(),
            done_when: task.done_when.as_ref().map(|done| DoneWhenState::Keywords {
                keywords: done.keywords.clone(),
                from: done.from.iter().map(ToString::to_string).collect(),
            }),
        }
    }

    fn metrics(&mut self) -> Vec<MetricState> {
        let mut metrics = Vec::new();
        for metric in self.playbook.retrospective.iter().flat_map(|r| &r.metrics) {
            let number = |number: u128| i64::try_from(number).unwrap_or(i64::MAX);
            let target = match (metric.kind, metric.target) {
                (_, None) => Ok(None),
                (MetricKind::Duration, Some(MetricTarget::Duration(span))) => {
                    Ok(Some(number(span.as_millis().into())))
                }
                (MetricKind::Duration, Some(MetricTarget::Number(0))) => Ok(Some(0)),
                (MetricKind::Duration, Some(MetricTarget::Number(_))) => Err("has no unit"),
                (_, Some(MetricTarget::Number(number))) => Ok(Some(number)),
                (_, Some(MetricTarget::Duration(_))) => Err("is a duration, and it counts none"),
            };
            let target = target.unwrap_or_else(|why| {
                let key = &metric.key;
                self.broken
                    .push(format!("the target of the metric `{key}` {why}"));
                None
            });
            metrics.push(MetricState {
                title: metric.title.clone(),
                kind: match metric.kind {
                    MetricKind::Duration => MetricType::Duration,
                    MetricKind::Currency => MetricType::Currency,
                    MetricKind::Integer => MetricType::Integer,
                },
                target,
                description: metric.description.trim_end().to_owned(),
            });
        }
        metrics
    }

    /// Of a template the static text; a text in place as it stands.
    fn text(&mut self, kind: TemplateKind, source: Option<&TextSource>) -> Option<String> {
        let text = match source? {
            TextSource::Inline(text) => text.clone(),
            TextSource::File(path) => {
                // References were checked when the workspace was loaded.
                let text = self.workspace.templates.get(path).map(String::as_str);
                let words = StaticWords {
                    playbook_key: self.playbook.key.to_string(),
                    playbook_title: self.playbook.title.clone(),
                };
                let written = Template::parse(path.as_str(), text.unwrap_or_default())
                    .map_err(|problem| problem.message)
                    .and_then(|template| {
                        let text = template.static_text(kind, &words);
                        text.map_err(|error| error.to_string())
                    });
                match written {
                    Ok(text) => text,
                    Err(problem) => {
                        self.broken.push(format!("`{path}`: {problem}"));
                        return None;
                    }
                }
            }
        };
        Some(text).filter(|text| !text.is_empty())
    }
}

fn renames(playbook: &Playbook) -> Renames {
    let attributes = playbook.attributes.iter();
    let attributes = attributes.filter_map(|one| Some((one.name.clone(), one.moved_from.clone()?)));
    let metrics = playbook.retrospective.iter().flat_map(|r| &r.metrics);
    let metrics = metrics.filter_map(|one| Some((one.title.clone(), one.moved_from.clone()?)));
    Renames {
        attributes: attributes.collect(),
        metrics: metrics.collect(),
    }
}

fn features(playbook: &Playbook, profile: &Profile) -> impl Iterator<Item = Feature> {
    let own = playbook.features().into_iter().map(|(feature, _)| feature);
    own.chain(profile.features().map(|(feature, _)| feature))
}

/// What this tier or version of the server lacks.
fn not_offered(settings: &Settings, playbook: &Playbook, profile: &Profile) -> Vec<String> {
    features(playbook, profile)
        .filter(|feature| !settings.server.has(*feature))
        .map(|feature| format!("{feature}, which needs {}", feature.need()))
        .collect()
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;
    use crate::model::{Tier, Visibility};
    use crate::workspace::{Directory, load};

    /// The workspace that the program itself brings along.
    pub(super) fn own() -> Workspace {
        let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
        let loaded = load(&Directory::new(root).unwrap()).unwrap();
        loaded.workspace.expect("the starter set is valid")
    }

    #[test]
    fn the_starter_set_can_be_brought_into_mattermost() {
        let desired = Desired::of(&own()).unwrap();
        assert!(desired.playbooks.len() >= 3);
        for (address, playbook) in &desired.playbooks {
            let wanted = playbook
                .wanted
                .as_ref()
                .unwrap_or_else(|r| panic!("{address}: {r}"));
            let texts = serde_json::to_string(&wanted.state).unwrap();
            assert!(!texts.contains("{{") && !texts.contains("{%"), "{address}");
        }
    }

    #[test]
    fn what_cannot_be_brought_there_refuses_only_that_playbook() {
        let mut workspace = own();
        let key: Key = "severity".parse().unwrap();
        workspace.playbooks[0].playbook.checklists[0].tasks[0].assign =
            Some(Assign::Attribute(key));
        let attribute = r#"[{"key": "service", "name": "Service", "type": "text"}]"#;
        workspace.playbooks[0].playbook.attributes = serde_json::from_str(attribute).unwrap();
        workspace.playbooks[0].playbook.start.channel.name = Some("{SEQ}-{service}".to_owned());
        let desired = Desired::of(&workspace).unwrap();
        let refused: Vec<String> = desired
            .playbooks
            .values()
            .filter_map(|playbook| playbook.wanted.as_ref().err())
            .map(ToString::to_string)
            .collect();
        insta::assert_snapshot!(refused.join("\n"), @"more than the server takes: `assign: attribute:severity` of the task `acknowledge`: there is no such attribute");
    }

    #[test]
    fn the_account_that_syncs_stays_an_editor() {
        let mut workspace = own();
        workspace.settings.sync.account = Some("warroom-bot".parse().unwrap());
        for playbook in Desired::of(&workspace).unwrap().playbooks.values() {
            let members = playbook.wanted.as_ref().unwrap().state.members.as_ref();
            assert_eq!(members.unwrap()["warroom-bot"], Access::Edit);
        }
    }

    #[test]
    fn tiers_and_versions_refuse_before_anything_is_written() {
        let mut workspace = own();
        workspace.settings.server.tier = Tier::Professional;
        workspace.settings.server.playbooks = Some("2.9".to_owned());
        for profile in workspace.permissions.profiles.values_mut() {
            profile.playbook.visibility = Visibility::Private;
            profile.playbook.only_editors_edit = true;
        }
        for playbook in Desired::of(&workspace).unwrap().playbooks.values() {
            let refusal = playbook.wanted.as_ref().unwrap_err();
            assert_eq!(refusal.reason, Reason::NotOffered);
            let words = refusal.to_string();
            assert!(
                words.contains("tier `enterprise`") && words.contains("2.11"),
                "{words}"
            );
        }
    }

    #[test]
    fn a_playbook_of_two_teams_is_wanted_in_both() {
        let mut workspace = own();
        let teams = ["ops", "platform"].map(|team| team.parse::<TeamName>().unwrap());
        workspace.playbooks.truncate(1);
        workspace.playbooks[0].playbook.team = None;
        workspace.playbooks[0].playbook.teams = Some(teams.to_vec());
        let desired = Desired::of(&workspace).unwrap();
        let found: Vec<&TeamName> = desired.playbooks.keys().map(|a| &a.team).collect();
        assert_eq!(found, teams.iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_playbook_without_team_is_an_error() {
        let mut workspace = own();
        workspace.settings.team = None;
        workspace.playbooks[0].playbook.team = None;
        workspace.playbooks[0].playbook.teams = None;
        let error = Desired::of(&workspace).unwrap_err().to_string();
        assert!(error.contains(".yaml` names no team"), "{error}");
    }
}
