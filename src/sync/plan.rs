//! The plan: what has to change on the server, as a value.
//!
//! Owns comparison of desired, observed and base, and the reason of each change.
//! Must not do I/O, read the clock, or know HTTP or terminals.
//! Laws: the plan after apply is empty; the same input gives the same plan.

mod between;
mod compare;
mod decide;
mod drift;
mod part;
mod prefix;
mod removal;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::base::Base;
use super::desired::{Address, Desired};
use super::observed::Observed;
use super::refusal::{Reason, Refusal};
use super::roles::RolePlan;
use crate::exit::ExitStatus;
use crate::model::{Budget, Key, OnDrift};

pub use between::between;
pub use drift::{Drift, DriftKind, Drifted, drift};
pub use part::{Part, PartKind};
pub(super) use removal::wait_for_successors;

/// What has to change on the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The workspace.
    pub workspace: Key,
    /// What becomes of each playbook, ordered by key and team.
    pub steps: Vec<Step>,
    /// What becomes of Mattermost's own roles; none where they were not looked at.
    pub roles: Option<RolePlan>,
    /// What people should know, and nobody has to act on.
    pub notes: Vec<Note>,
}

/// What becomes of one playbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which playbook.
    pub address: Address,
    /// Its id on the server, where it has one.
    pub id: Option<String>,
    /// Its title, the one it has before the one it gets.
    pub title: String,
    /// What is done with it.
    pub action: Action,
    /// The fields that change; of a refused one those that differ.
    pub fields: Vec<FieldChange>,
}

/// What is done with a playbook.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// It is made.
    Create,
    /// It was made by a sync that was cut short, and is finished.
    Complete,
    /// Its fields change; without any, only its marker.
    Update,
    /// An existing playbook is taken over.
    Adopt,
    /// Its marker is taken away, and the playbook stays.
    Release,
    /// It is archived.
    Archive,
    /// It is brought back from the archive.
    Restore,
    /// It stays as it is, and the account that syncs notes its id again.
    Remember,
    /// It stays as it is.
    Unchanged,
    /// It is left alone, and somebody has to act.
    Refused(Refusal),
}

/// A field that changes.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// The field, named as in YAML.
    pub field: String,
    /// What Mattermost has.
    pub old: Value,
    /// What git says.
    pub new: Value,
    /// Who moved.
    pub moved: Moved,
    /// What differs in it, where it is a list of things that are known by name; who moved is
    /// told of each. Empty where only their order differs.
    pub parts: Vec<Part>,
}

/// What is done with a playbook, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It is made.
    Create,
    /// It was made by a sync that was cut short, and is finished.
    Complete,
    /// Its fields change; without any, only its marker.
    Update,
    /// An existing playbook is taken over.
    Adopt,
    /// Its marker is taken away, and the playbook stays.
    Release,
    /// It is archived.
    Archive,
    /// It is brought back from the archive.
    Restore,
    /// It stays as it is, and the account that syncs notes its id again.
    Remember,
    /// It is left alone, and somebody has to act.
    Refused,
    /// It stays as it is.
    Unchanged,
}

/// Who moved since the last sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Moved {
    /// Only git.
    Git,
    /// Only Mattermost.
    Mattermost,
    /// Both, to different values.
    Both,
    /// One or both; what git said at the last sync is not known.
    Unclear,
}

/// What people should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The kind of thing.
    pub kind: NoteKind,
    /// The playbook it is about.
    pub address: Option<Address>,
    /// The id of the object it is about.
    pub id: Option<String>,
    /// In words.
    pub text: String,
}

/// The kind of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// A copy of a managed playbook, left alone.
    Copy,
    /// Another playbook for the same key, left alone.
    Second,
    /// A managed playbook whose file is gone, left alone.
    Vanished,
    /// Who moved cannot be told.
    UnknownDigest,
    /// The account may not see everything.
    OtherAccount,
    /// What was released will be made again.
    StillWanted,
    /// Two commits were compared, and not what Mattermost has.
    BetweenCommits,
    /// Only sync looks secrets up: whether their addresses are still set is not known.
    UnknownSecrets,
}

/// How a plan is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Only these playbooks; empty for all.
    pub only: BTreeSet<Key>,
    /// Whether playbooks whose file vanished are archived.
    pub prune: Prune,
    /// How much one sync may remove.
    pub at_most: Budget,
    /// What to do about edits in Mattermost.
    pub on_drift: OnDrift,
    /// Playbooks to take over: id by key.
    pub adopt: BTreeMap<Key, String>,
    /// Playbooks to give up.
    pub release: BTreeSet<Key>,
    /// What is wrong with secrets that were looked up, by name.
    pub broken_secrets: BTreeMap<String, &'static str>,
    /// Fields in which the server has other addresses than the secrets that were looked up.
    pub stale_secrets: BTreeMap<Address, Vec<&'static str>>,
}

/// Whether playbooks whose file vanished are archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prune {
    /// They are left alone, and told.
    No,
    /// They are archived, as far as the budget goes.
    WithinBudget,
}

/// Compares both sides.
#[must_use]
pub fn plan(desired: &Desired, observed: &Observed, base: &Base, options: &Options) -> Plan {
    let mut plan = decide::decide(desired, observed, base, options);
    removal::keep_within_budget(&mut plan, desired, observed, options);
    plan
}

impl Plan {
    /// Whether nothing would be written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let roles = self.roles.as_ref().is_some_and(RolePlan::writes);
        !roles && !self.steps.iter().any(Step::writes)
    }

    /// Whether anything is left alone although it should be written.
    #[must_use]
    pub fn refuses(&self) -> bool {
        let mut roles = self.roles.iter().flat_map(RolePlan::refusals);
        self.refusals().next().is_some() || roles.next().is_some()
    }

    /// How many playbooks have that fate.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        let steps = self.steps.iter();
        steps.filter(|step| step.action.name() == name).count()
    }

    /// What the refusals mean for the exit code.
    #[must_use]
    pub fn refused_status(&self) -> ExitStatus {
        let status = |refusal: &Refusal| match refusal.reason {
            Reason::Stale => ExitStatus::StalePlan,
            _ => ExitStatus::Refused,
        };
        let all = self.refusals().map(|(_, refusal)| status(refusal));
        let any = if self.refuses() {
            ExitStatus::Refused
        } else {
            ExitStatus::Done
        };
        all.max().map_or(any, |status| status.and(any))
    }

    /// The steps that were refused, with the reason.
    pub fn refusals(&self) -> impl Iterator<Item = (&Step, &Refusal)> {
        self.steps.iter().filter_map(|step| match &step.action {
            Action::Refused(refusal) => Some((step, refusal)),
            _ => None,
        })
    }
}

impl From<&Plan> for ExitStatus {
    fn from(plan: &Plan) -> Self {
        let refused = plan.refused_status();
        let changes = if plan.is_empty() {
            Self::Done
        } else {
            Self::Findings
        };
        refused.and(changes)
    }
}

impl Step {
    /// Whether something would be written.
    #[must_use]
    pub fn writes(&self) -> bool {
        !matches!(self.action, Action::Unchanged | Action::Refused(_))
    }

    /// Whether something that did not come from git would be written over.
    #[must_use]
    pub fn overwrites(&self) -> bool {
        match self.action {
            Action::Update | Action::Restore => {
                self.fields.iter().any(|change| change.moved != Moved::Git)
            }
            // What differs from a creation that was cut short may be somebody's edit.
            Action::Adopt | Action::Complete => !self.fields.is_empty(),
            _ => false,
        }
    }
}

impl FieldChange {
    /// A field in which both sides differ.
    #[must_use]
    pub fn new(field: impl Into<String>, old: Value, new: Value, moved: Moved) -> Self {
        let field = field.into();
        let parts = part::parts(&field, &old, &new, moved);
        Self {
            field,
            old,
            new,
            moved,
            parts,
        }
    }

    /// The same, with who moved each of its parts since it was `before`.
    fn since(mut self, before: &Value) -> Self {
        part::tell_who(&self.field, before, &mut self.parts);
        self
    }
}

impl Action {
    /// What it is in a word.
    #[must_use]
    pub fn fate(&self) -> Fate {
        match self {
            Self::Create => Fate::Create,
            Self::Complete => Fate::Complete,
            Self::Update => Fate::Update,
            Self::Adopt => Fate::Adopt,
            Self::Release => Fate::Release,
            Self::Archive => Fate::Archive,
            Self::Restore => Fate::Restore,
            Self::Remember => Fate::Remember,
            Self::Unchanged => Fate::Unchanged,
            Self::Refused(_) => Fate::Refused,
        }
    }

    /// Its name in JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.fate().name()
    }
}

impl Fate {
    /// Its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Complete => "complete",
            Self::Update => "update",
            Self::Adopt => "adopt",
            Self::Release => "release",
            Self::Archive => "archive",
            Self::Restore => "restore",
            Self::Remember => "remember",
            Self::Refused => "refused",
            Self::Unchanged => "unchanged",
        }
    }
}

impl std::fmt::Display for Fate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Options {
    /// The options of a plan that asks for nothing special.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            only: BTreeSet::new(),
            prune: Prune::No,
            at_most: Budget::default(),
            on_drift: OnDrift::Refuse,
            adopt: BTreeMap::new(),
            release: BTreeSet::new(),
            broken_secrets: BTreeMap::new(),
            stale_secrets: BTreeMap::new(),
        }
    }

    fn includes(&self, key: &Key) -> bool {
        self.only.is_empty()
            || self.only.contains(key)
            || self.adopt.contains_key(key)
            || self.release.contains(key)
    }
}

/// A step that leaves the playbook alone.
fn refused(step: Step, reason: Reason, problem: impl Into<String>, help: &str) -> Step {
    Step {
        action: Action::Refused(Refusal::new(reason, problem).help(help)),
        ..step
    }
}
