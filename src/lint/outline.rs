//! What stays of a playbook after its own rules ran, for the rules about all of them.

use std::collections::BTreeSet;

use crate::diag::Finding;
use crate::model::{Assign, Key, Playbook};

use super::allow::Allowances;

/// What the rules about all files need of a playbook, and what its own rules found.
#[derive(Debug, Default)]
pub struct Outline {
    /// The roles that its tasks name.
    pub roles: BTreeSet<Key>,
    /// The letters before the numbers of its incidents.
    pub number_prefix: Option<String>,
    /// The keys of its attributes.
    pub attributes: Vec<Key>,
    /// How many bytes its tasks have: the largest makes the longest messages.
    pub weight: usize,
    /// What its own rules found.
    pub(super) findings: Vec<Finding>,
    /// What it excuses.
    pub(super) allowances: Option<Allowances>,
}

impl Outline {
    /// The outline of a playbook, without findings.
    pub(super) fn of(playbook: &Playbook) -> Self {
        let roles = playbook
            .tasks()
            .filter_map(|(.., task)| match &task.assign {
                Some(Assign::Role(role)) => Some(role.clone()),
                _ => None,
            });
        Self {
            roles: roles.collect(),
            number_prefix: playbook.start.number_prefix.clone(),
            attributes: playbook.attributes.iter().map(|a| a.key.clone()).collect(),
            weight: playbook.tasks().map(|(.., task)| task.title.len()).sum(),
            findings: Vec::new(),
            allowances: None,
        }
    }
}
