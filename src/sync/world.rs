//! A Mattermost in memory, for the laws of sync: no HTTP, no clock, and faults on demand.
//!
//! Knows only what sync relies on: a PUT replaces all and drops strangers silently,
//! the last write wins, and what is in use stays. The sandbox is the honest stand-in;
//! this one is fast.

mod answers;
mod attributes;
mod tests;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde_json::{Map, Value, json};

use self::attributes::Attributes;
use super::wire::RawPlaybook;
use crate::mattermost::core::Role;
use crate::mattermost::{ApiError, Attempt, Refusal};

/// What goes wrong with a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is carried out, and the answer gets lost.
    After,
    /// It is never carried out.
    Before,
}

/// The world.
#[derive(Debug)]
pub(super) struct World {
    state: RefCell<State>,
}

#[derive(Debug, Clone)]
struct State {
    me: String,
    now: i64,
    on_team: Vec<String>,
    archived_channels: BTreeSet<String>,
    deactivated: BTreeSet<String>,
    people: Vec<String>,
    playbooks: BTreeMap<String, Map<String, Value>>,
    /// By the id of their playbook.
    attributes: BTreeMap<String, Attributes>,
    roles: Vec<Role>,
    witnesses: BTreeMap<String, String>,
    writes: Vec<String>,
    /// Which write from now on fails, and how.
    fault: Option<(usize, Fault)>,
    /// Another sync creates the same a moment before the next creation.
    rival: bool,
    /// Whether its plugin is 2.11; else it is older.
    is_new: bool,
    /// After a fault all is silent: the process was killed.
    dead: bool,
}

impl World {
    /// A team `ops` with alice, bob, carol, dave and the bot; eve is not on it.
    pub(super) fn new() -> Self {
        let people = ["alice", "bob", "carol", "dave", "eve", "warroom-bot"];
        let people: Vec<String> = people.map(str::to_owned).to_vec();
        Self {
            state: RefCell::new(State {
                me: "warroom-bot".to_owned(),
                now: 1_000,
                on_team: people.iter().filter(|p| *p != "eve").cloned().collect(),
                people,
                archived_channels: BTreeSet::new(),
                deactivated: BTreeSet::new(),
                playbooks: BTreeMap::new(),
                attributes: BTreeMap::new(),
                roles: attributes::roles(),
                witnesses: BTreeMap::new(),
                writes: Vec::new(),
                fault: None,
                rival: false,
                is_new: true,
                dead: false,
            }),
        }
    }

    /// The writes since the last call.
    pub(super) fn writes(&self) -> Vec<String> {
        std::mem::take(&mut self.state.borrow_mut().writes)
    }

    /// Kills the process at the `nth` write from now on, counted from 0.
    pub(super) fn kill_at(&self, nth: usize, fault: Fault) {
        self.state.borrow_mut().fault = Some((nth, fault));
    }

    /// Another process begins.
    pub(super) fn revive(&self) {
        let mut state = self.state.borrow_mut();
        (state.fault, state.dead) = (None, false);
    }

    /// Another sync creates the same a moment before the next creation.
    pub(super) fn rival(&self) {
        self.state.borrow_mut().rival = true;
    }

    /// Its plugin is an older one.
    pub(super) fn is_old(&self) {
        self.state.borrow_mut().is_new = false;
    }

    /// Forgets the witnesses, as another account would not have them.
    pub(super) fn forget_witnesses(&self) {
        self.state.borrow_mut().witnesses.clear();
    }

    /// Somebody leaves the team.
    pub(super) fn leaves(&self, person: &str) {
        self.state.borrow_mut().on_team.retain(|p| p != person);
    }

    /// Somebody leaves the company.
    pub(super) fn deactivates(&self, person: &str) {
        let mut state = self.state.borrow_mut();
        state.deactivated.insert(person.to_owned());
    }

    /// Somebody archives a channel.
    pub(super) fn archives_channel(&self, name: &str) {
        let mut state = self.state.borrow_mut();
        state.archived_channels.insert(name.to_owned());
    }

    /// How many playbooks are live.
    pub(super) fn live(&self) -> usize {
        let state = self.state.borrow();
        let live = state.playbooks.values().filter(|p| p["delete_at"] == 0);
        live.count()
    }

    /// The playbook with that title.
    pub(super) fn id_of(&self, title: &str) -> String {
        let state = self.state.borrow();
        let mut found = state.playbooks.iter().filter(|(_, p)| p["title"] == title);
        found.next().expect("there is one").0.clone()
    }

    /// Somebody edits a playbook in the web app.
    pub(super) fn edit(&self, id: &str, edit: impl FnOnce(&mut Map<String, Value>)) {
        let mut state = self.state.borrow_mut();
        edit(state.playbooks.get_mut(id).expect("there is one"));
    }

    /// Somebody duplicates a playbook in the web app.
    pub(super) fn duplicate(&self, id: &str) -> String {
        let mut state = self.state.borrow_mut();
        let mut copy = state.playbooks[id].clone();
        let title = format!("Copy of {}", copy["title"].as_str().unwrap_or_default());
        copy.insert("title".to_owned(), json!(title));
        copy.insert("run_number_prefix".to_owned(), json!(""));
        copy.insert("channel_name_template".to_owned(), json!(""));
        let new = state.insert(copy);
        state.copy_attributes(id, &new);
        new
    }

    /// The playbook in full.
    pub(super) fn raw(&self, id: &str) -> RawPlaybook {
        RawPlaybook(self.state.borrow().playbooks[id].clone())
    }

    fn write<T>(
        &self,
        name: String,
        act: impl FnOnce(&mut State) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut state = self.state.borrow_mut();
        if state.dead {
            return Err(lost());
        }
        let fault = match &mut state.fault {
            Some((0, fault)) => Some(*fault),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        };
        state.dead = fault.is_some();
        if fault == Some(Fault::Before) {
            return Err(lost());
        }
        state.now += 1;
        state.writes.push(name);
        let done = act(&mut state);
        match fault {
            Some(_) => Err(lost()),
            None => done,
        }
    }

    fn read<T>(&self, act: impl FnOnce(&State) -> T) -> Result<T, ApiError> {
        let state = self.state.borrow();
        if state.dead {
            Err(lost())
        } else {
            Ok(act(&state))
        }
    }
}

impl State {
    fn insert(&mut self, mut playbook: Map<String, Value>) -> String {
        self.now += 1;
        let id = format!("playbook{:018}", self.playbooks.len());
        playbook.insert("id".to_owned(), json!(id));
        playbook.insert("create_at".to_owned(), json!(self.now));
        playbook.insert("update_at".to_owned(), json!(self.now));
        playbook.insert("delete_at".to_owned(), json!(0));
        self.playbooks.insert(id.clone(), playbook);
        id
    }
}

/// What a lost connection looks like to the caller of a write.
fn lost() -> ApiError {
    ApiError::Interrupted {
        attempt: Box::new(Attempt {
            what: "write",
            method: "POST".to_owned(),
            path: "/".to_owned(),
            site: "https://world.example.com".to_owned(),
            reads: false,
        }),
        problem: "cut".to_owned(),
    }
}

/// What the server does not want looks like this.
fn refused(status: u16, message: &str) -> ApiError {
    let refusal = Box::new(Refusal {
        attempt: Attempt {
            what: "write",
            method: "POST".to_owned(),
            path: "/".to_owned(),
            site: "https://world.example.com".to_owned(),
            reads: false,
        },
        status,
        message: message.to_owned(),
        id: None,
        request_id: None,
    });
    match status {
        400 => ApiError::Refused(refusal),
        404 => ApiError::NotFound(refusal),
        409 => ApiError::Conflict(refusal),
        _ => ApiError::ServerFailed(refusal),
    }
}

/// Runs what never waits.
pub(super) fn now<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the world in memory answers at once"),
    }
}
