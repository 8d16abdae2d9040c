//! Everything the stand-in server remembers.
//!
//! Owns the state and its simplest questions. Handlers change it under one lock,
//! so every request is atomic. Must not know HTTP.

mod channels;
mod people;
mod permissions;
mod posts;
mod teams;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::clock::Clock;

pub(crate) use channels::Channel;
pub(crate) use people::{Bot, Session, User};
pub(crate) use permissions::{DEFAULT_ROLES, Role};
pub(crate) use posts::Post;
pub(crate) use teams::Team;

use super::actions::Action;
use super::core::files::File;
use super::core::reactions::Reaction;
use super::ids::{Id, Ids};
use super::playbooks::categories::Category;
use super::playbooks::conditions::Condition;
use super::playbooks::fields::Field;
use super::playbooks::object::Playbook;
use super::runs::FieldValue;
use super::runs::run::Run;
use super::table::Table;

/// Everything the stand-in server remembers.
#[derive(Debug)]
pub(crate) struct World {
    /// Where the server is reached, without a trailing slash.
    pub(crate) site: String,
    clock: Arc<dyn Clock>,
    ids: Ids,
    /// People and bots.
    pub(crate) users: Table<User>,
    /// Sessions and personal access tokens, by the token itself.
    pub(crate) sessions: BTreeMap<String, Session>,
    /// Passwords of people who were made later than the seed.
    pub(crate) passwords: BTreeMap<Id, String>,
    /// Teams.
    pub(crate) teams: Table<Team>,
    /// Channels, archived ones too.
    pub(crate) channels: Table<Channel>,
    /// Posts, deleted ones too.
    pub(crate) posts: Table<Post>,
    /// Preferences by user, category and name.
    pub(crate) preferences: BTreeMap<(Id, String, String), String>,
    /// Roles of the server and of the plugin.
    pub(crate) roles: Table<Role>,
    /// Playbooks, archived ones too.
    pub(crate) playbooks: Table<Playbook>,
    /// Who follows every new run of a playbook: playbook and user.
    pub(crate) autofollows: BTreeSet<(Id, Id)>,
    /// Runs of playbooks.
    pub(crate) runs: Table<Run>,
    /// Attributes of playbooks and of runs.
    pub(crate) fields: Table<Field>,
    /// Values of the attributes of runs.
    pub(crate) field_values: Table<FieldValue>,
    /// Groups that may be invited, by name; without any the licence has none.
    pub(crate) groups: BTreeMap<String, Id>,
    /// Conditions of playbooks and of runs.
    pub(crate) conditions: Table<Condition>,
    /// Actions of channels.
    pub(crate) actions: Table<Action>,
    /// Emoji on posts.
    pub(crate) reactions: Vec<Reaction>,
    /// Uploaded files.
    pub(crate) files: Table<File>,
    /// Incoming webhooks, by id.
    pub(crate) hooks: BTreeMap<Id, Value>,
    /// Headings of people's sidebars.
    pub(crate) categories: Table<Category>,
    /// What all attributes of the plugin have in common.
    pub(crate) property_group: Id,
}

impl World {
    /// Whether there is such a group; without a licence there is none.
    pub(crate) fn has_group(&self, id: &str) -> bool {
        self.groups.values().any(|known| known == id)
    }

    /// An empty server.
    pub(crate) fn new(clock: Arc<dyn Clock>, site: String) -> Self {
        let mut world = Self {
            site,
            clock,
            ids: Ids::seeded(0x77_61_72_72),
            users: Table::default(),
            sessions: BTreeMap::new(),
            passwords: BTreeMap::new(),
            teams: Table::default(),
            channels: Table::default(),
            posts: Table::default(),
            preferences: BTreeMap::new(),
            roles: Table::default(),
            playbooks: Table::default(),
            autofollows: BTreeSet::new(),
            runs: Table::default(),
            fields: Table::default(),
            field_values: Table::default(),
            groups: BTreeMap::new(),
            conditions: Table::default(),
            actions: Table::default(),
            reactions: Vec::new(),
            files: Table::default(),
            hooks: BTreeMap::new(),
            categories: Table::default(),
            property_group: Id::new(),
        };
        world.property_group = world.new_id();
        for (name, display_name, permissions) in DEFAULT_ROLES {
            let role = Role::new(world.new_id(), world.now(), name, display_name, permissions);
            world.roles.insert(role);
        }
        world
    }

    /// The present, in milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// The present, in nanoseconds since 1970.
    pub(crate) fn now_exactly(&self) -> i128 {
        self.clock.now().as_nanosecond()
    }

    /// A new id.
    pub(crate) fn new_id(&mut self) -> Id {
        self.ids.next()
    }
}
