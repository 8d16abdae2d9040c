//! What a sandbox begins with: people, teams and channels.
//!
//! Owns the default seed, the YAML of `--seed`, and what a workspace names. The
//! token of NAME is `NAME-token`, the password `NAME-password`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::ids::Id;
use super::world::{Bot, Session, User, World};
use crate::model::{Assign, ChannelName, Group, Permissions, Person, Playbook, Settings};

/// What a sandbox begins with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// The people.
    #[serde(default)]
    pub users: Vec<SeedUser>,
    /// The teams.
    #[serde(default)]
    pub teams: Vec<SeedTeam>,
    /// The names of groups that Mattermost keeps; without any, its licence has none.
    #[serde(default)]
    pub groups: BTreeSet<String>,
}

/// A person or a bot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedUser {
    /// The username.
    pub name: String,
    /// Administers the server.
    #[serde(default)]
    pub admin: bool,
    /// Is a bot.
    #[serde(default)]
    pub bot: bool,
}

/// A team.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedTeam {
    /// Its name in addresses.
    pub name: String,
    /// Its name for people; default: the name.
    #[serde(default)]
    pub title: Option<String>,
    /// The usernames of its members.
    #[serde(default)]
    pub members: BTreeSet<String>,
    /// Its channels beside Town Square and Off-Topic; all members are in them.
    #[serde(default)]
    pub channels: Vec<SeedChannel>,
}

/// A channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedChannel {
    /// Its name in addresses.
    pub name: String,
    /// Its name for people; default: the name.
    #[serde(default)]
    pub title: Option<String>,
    /// By invitation only.
    #[serde(default)]
    pub private: bool,
}

impl Default for Seed {
    fn default() -> Self {
        let user = |name: &str| SeedUser {
            name: name.to_owned(),
            admin: name == "admin",
            bot: false,
        };
        let names = ["admin", "alice", "bob", "carol", "dave", "eve"];
        let channel = |name: &str| SeedChannel {
            name: name.to_owned(),
            ..SeedChannel::default()
        };
        Self {
            users: names.into_iter().map(user).collect(),
            teams: vec![SeedTeam {
                name: "ops".to_owned(),
                title: Some("Operations".to_owned()),
                members: names[..5].iter().map(|name| (*name).to_owned()).collect(),
                channels: ["incidents", "support", "ops-changes"].map(channel).into(),
            }],
            groups: BTreeSet::new(),
        }
    }
}

impl Seed {
    /// Reads the YAML of `--seed`.
    ///
    /// # Errors
    /// Where it is wrong. What stands there is not repeated: the file may be any.
    pub fn from_yaml(text: &str) -> Result<Self, String> {
        serde_yaml::from_str(text).map_err(|error| match error.location() {
            Some(place) => format!(
                "it does not have the form of a seed (line {}, column {})",
                place.line(),
                place.column()
            ),
            None => "it does not have the form of a seed".to_owned(),
        })
    }

    /// Adds a person, unless the name is taken.
    #[must_use]
    pub fn user(mut self, name: &str) -> Self {
        self.add_user(name, false);
        self
    }

    /// Adds a team, unless the name is taken.
    #[must_use]
    pub fn team(mut self, name: &str) -> Self {
        self.team_mut(name);
        self
    }

    /// Adds every team, person, group and channel that a workspace names.
    ///
    /// Everybody it names joins every team it names, and so do the system admins;
    /// `sync.account` becomes a bot.
    #[must_use]
    pub fn with_workspace<'p>(
        mut self,
        settings: &Settings,
        permissions: &Permissions,
        playbooks: impl IntoIterator<Item = &'p Playbook>,
    ) -> Self {
        let mut people = BTreeSet::new();
        let mut teams: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        name_people_of_settings(permissions, &mut people);
        for group in permissions.groups.values() {
            if let Group::Mattermost { mattermost_group } = group {
                self.groups.insert(mattermost_group.as_str().to_owned());
            }
        }
        if let Some(team) = &settings.team {
            let channels = teams.entry(team.as_str().to_owned()).or_default();
            channels.extend(settings.sync.announce.iter().map(bare));
        }
        for playbook in playbooks {
            name_people_of_playbook(playbook, &mut people);
            let all = playbook.teams.iter().flatten().chain(&playbook.team);
            let mut names: Vec<_> = all.map(|team| team.as_str().to_owned()).collect();
            if names.is_empty() {
                names.extend(settings.team.iter().map(|team| team.as_str().to_owned()));
            }
            for team in names {
                teams.entry(team).or_default().extend(channels_of(playbook));
            }
        }
        if let Some(account) = &settings.sync.account {
            self.add_user(account.as_str(), true);
            people.insert(account.as_str().to_owned());
        }
        for name in &people {
            self.add_user(name, false);
        }
        let admins = self.users.iter().filter(|user| user.admin);
        people.extend(admins.map(|user| user.name.clone()).collect::<Vec<_>>());
        for (name, channels) in teams {
            let team = self.team_mut(&name);
            team.members.extend(people.iter().cloned());
            for name in channels {
                if !team.channels.iter().any(|channel| channel.name == name) {
                    team.channels.push(SeedChannel {
                        name,
                        ..SeedChannel::default()
                    });
                }
            }
        }
        self
    }

    fn add_user(&mut self, name: &str, bot: bool) {
        if !self.users.iter().any(|user| user.name == name) {
            self.users.push(SeedUser {
                name: name.to_owned(),
                admin: false,
                bot,
            });
        }
    }

    fn team_mut(&mut self, name: &str) -> &mut SeedTeam {
        let place = self.teams.iter().position(|team| team.name == name);
        let place = place.unwrap_or_else(|| {
            self.teams.push(SeedTeam {
                name: name.to_owned(),
                ..SeedTeam::default()
            });
            self.teams.len() - 1
        });
        &mut self.teams[place]
    }

    /// Makes the people, teams and channels.
    pub(crate) fn plant(&self, world: &mut World) {
        for name in &self.groups {
            let id = world.new_id();
            world.groups.insert(name.clone(), id);
        }
        plant_user(world, "playbooks", "Playbooks", false, true);
        let mut ids: BTreeMap<&str, Id> = BTreeMap::new();
        for user in &self.users {
            let title = capitalised(&user.name);
            let id = plant_user(world, &user.name, &title, user.admin, user.bot);
            ids.insert(&user.name, id);
        }
        for team in &self.teams {
            let title = team
                .title
                .clone()
                .unwrap_or_else(|| capitalised(&team.name));
            let team_id = world.add_team(&team.name, &title, "");
            let members: Vec<_> = team
                .members
                .iter()
                .filter_map(|n| ids.get(n.as_str()))
                .collect();
            for member in &members {
                world.join_team(&team_id, member, false);
            }
            for channel in &team.channels {
                let title = channel
                    .title
                    .clone()
                    .unwrap_or_else(|| capitalised(&channel.name));
                let kind = if channel.private { "P" } else { "O" };
                let channel = world.add_channel(&team_id, &channel.name, &title, kind, "");
                for member in &members {
                    world.join_channel(&channel, member, false);
                }
            }
        }
    }
}

fn plant_user(world: &mut World, name: &str, title: &str, admin: bool, bot: bool) -> Id {
    let now = world.now();
    let mut roles = vec!["system_user".to_owned()];
    if admin {
        roles.insert(0, "system_admin".to_owned());
    }
    let user = User {
        id: world.new_id(),
        username: name.to_owned(),
        email: format!("{name}@{}", if bot { "localhost" } else { "example.com" }),
        first_name: title.to_owned(),
        last_name: if bot {
            String::new()
        } else {
            "Example".to_owned()
        },
        nickname: String::new(),
        roles,
        create_at: now,
        update_at: now,
        delete_at: 0,
        bot: bot.then(|| Bot {
            owner: "playbooks".to_owned(),
            display_name: title.to_owned(),
            description: format!("{title} bot."),
        }),
    };
    let id = user.id.clone();
    let session = Session {
        user: id.clone(),
        access_token: None,
    };
    world.sessions.insert(format!("{name}-token"), session);
    world.users.insert(user);
    id
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn name_people_of_settings(permissions: &Permissions, people: &mut BTreeSet<String>) {
    for group in permissions.groups.values() {
        if let Group::People(names) = group {
            people.extend(names.iter().map(|name| name.as_str().to_owned()));
        }
    }
    for profile in permissions.profiles.values() {
        let access = &profile.playbook;
        people.extend(
            access
                .users
                .iter()
                .chain(&access.editors)
                .filter_map(user_of),
        );
    }
}

fn name_people_of_playbook(playbook: &Playbook, people: &mut BTreeSet<String>) {
    let review = playbook.review.iter().map(|review| &review.owner);
    let single = review.chain(&playbook.start.commander);
    people.extend(single.map(|name| name.as_str().to_owned()));
    people.extend(playbook.start.invite.iter().filter_map(user_of));
    for task in playbook.checklists.iter().flat_map(|list| &list.tasks) {
        if let Some(Assign::User(name)) = &task.assign {
            people.insert(name.as_str().to_owned());
        }
        let keyword = task.done_when.iter().flat_map(|done| &done.from);
        people.extend(keyword.map(|name| name.as_str().to_owned()));
    }
}

fn channels_of(playbook: &Playbook) -> BTreeSet<String> {
    let updates = playbook
        .updates
        .iter()
        .flat_map(|updates| &updates.broadcast);
    let announced = playbook
        .start
        .announce
        .iter()
        .chain(&playbook.start.channel.link);
    announced.chain(updates).map(bare).collect()
}

fn bare(channel: &ChannelName) -> String {
    channel.bare().to_owned()
}

fn user_of(person: &Person) -> Option<String> {
    match person {
        Person::User(name) => Some(name.as_str().to_owned()),
        Person::Group(_) => None,
    }
}
