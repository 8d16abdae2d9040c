//! What stays of a playbook after its own rules ran, for the rules about all of them.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::diag::Finding;
use crate::model::{Assign, Key, Playbook, Task, Unmanaged};

use super::allow::Allowances;

/// What the rules about all files need of a playbook, and what its own rules found.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// The access profile that it names.
    pub(super) access: Key,
    /// Whether `sync` leaves its members as they are in Mattermost.
    pub(super) leaves_members: bool,
    /// The roles that its tasks name.
    pub(super) roles: BTreeSet<Key>,
    /// The letters before the numbers of its incidents.
    pub(super) number_prefix: Option<String>,
    /// The keys of its attributes.
    pub(super) attributes: Vec<Key>,
    /// How many bytes the titles of its tasks have: the largest makes the longest messages.
    pub(super) weight: usize,
    /// Its tasks by their words, to find those that stand in several playbooks.
    pub(super) tasks: Vec<TaskWords>,
    /// What its own rules found.
    pub(super) findings: Vec<Finding>,
    /// What it excuses.
    pub(super) allowances: Option<Allowances>,
}

/// A task by its words.
#[derive(Debug, Clone, Copy)]
pub(super) struct TaskWords {
    /// A hash of its title and description, as short as ten thousand playbooks ask for.
    pub(super) words: u64,
    /// The index of its checklist.
    pub(super) checklist: u32,
    /// Its own index in it.
    pub(super) index: u32,
}

/// Shorter titles say too little to be the same on purpose.
const SHORTEST_TITLE: usize = 12;

impl TaskWords {
    fn of((checklist, index, task): (usize, usize, &Task)) -> Option<Self> {
        if task.title.len() < SHORTEST_TITLE {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        (task.title.trim(), task.description.trim()).hash(&mut hasher);
        Some(Self {
            words: hasher.finish(),
            checklist: u32::try_from(checklist).ok()?,
            index: u32::try_from(index).ok()?,
        })
    }
}

impl Kept {
    /// What stays of a playbook, without findings.
    pub(super) fn of(playbook: &Playbook) -> Self {
        let roles = playbook
            .tasks()
            .filter_map(|(.., task)| match &task.assign {
                Some(Assign::Role(role)) => Some(role.clone()),
                _ => None,
            });
        Self {
            access: playbook.access.clone(),
            leaves_members: playbook.unmanaged.contains(&Unmanaged::Members),
            roles: roles.collect(),
            number_prefix: playbook.start.number_prefix.clone(),
            attributes: playbook.attributes.iter().map(|a| a.key.clone()).collect(),
            weight: playbook.tasks().map(|(.., task)| task.title.len()).sum(),
            tasks: playbook.tasks().filter_map(TaskWords::of).collect(),
            findings: Vec::new(),
            allowances: None,
        }
    }
}
