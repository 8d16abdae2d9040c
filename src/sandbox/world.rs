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

use crate::clock::Clock;

pub(crate) use channels::Channel;
pub(crate) use people::{Bot, Session, User};
pub(crate) use permissions::{Role, default_roles};
pub(crate) use posts::Post;
pub(crate) use teams::Team;

use super::ids::{Id, Ids};
use super::playbooks::object::Playbook;
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
}

impl World {
    /// An empty server.
    pub(crate) fn new(clock: Arc<dyn Clock>, site: String) -> Self {
        let mut world = Self {
            site,
            clock,
            ids: Ids::seeded(0x77_61_72_72),
            users: Table::default(),
            sessions: BTreeMap::new(),
            teams: Table::default(),
            channels: Table::default(),
            posts: Table::default(),
            preferences: BTreeMap::new(),
            roles: Table::default(),
            playbooks: Table::default(),
            autofollows: BTreeSet::new(),
        };
        for (name, display_name, permissions) in default_roles() {
            let role = Role::new(
                world.new_id(),
                world.now(),
                name,
                display_name,
                &permissions,
            );
            world.roles.insert(role);
        }
        world
    }

    /// The present, in milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// A new id.
    pub(crate) fn new_id(&mut self) -> Id {
        self.ids.next()
    }
}

impl World {
    /// Names of the attributes of a playbook.
    pub(crate) fn field_names(&self, _playbook: &str) -> Vec<String> {
        Vec::new()
    }

    /// Runs, runs in progress, and the start of the last run of a playbook.
    pub(crate) fn run_counts(&self, _playbook: &str) -> (i64, i64, i64) {
        (0, 0, 0)
    }
}
