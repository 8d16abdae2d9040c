//! Saved plans: what `plan --out` writes down, and what of it may still be carried out.
//!
//! Owns the file and the check against what is there now. The file holds no content to be
//! written: `sync FILE` plans again, from the workspace at the commit that the file names,
//! with the options it names, and carries out those steps that the file names, where
//! git says the same, Mattermost shows the same and the same would be done. So the file
//! can only hold a sync back: whatever is written into it, nothing reaches Mattermost that
//! the commit does not say. That is simpler than a second way of writing, and truer, since all the
//! checks of a plan are made again. On top of that it is sealed with a key that
//! follows from the token: whoever changes it is told. No secret is in it: the look of a playbook, with the
//! addresses it calls, is kept as a keyed digest only. Pure: reads and writes no file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desired::{Address, Desired, DesiredPlaybook};
use super::document::PlanDocument;
use super::observed::{Found, Observed};
use super::plan::{Action, Fate, Options, Plan, Prune, Step, wait_for_successors};
use super::refusal::{Reason, Refusal};
use crate::diag::one_line;
use crate::exit::{ExitStatus, Failure};
use crate::mattermost::SealKey;
use crate::model::{Budget, Key, OnDrift, SecretRef, TeamName};

/// The version of the file: a later one may check more.
const VERSION: u64 = 1;

/// A plan in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    /// The version of the file.
    version: u64,
    /// Which program wrote it.
    made_by: String,
    /// When.
    pub made_at: String,
    /// The server it is for.
    pub site: String,
    /// Whose token it was.
    pub account: String,
    /// The commit of the files; none where some of them were not committed.
    pub commit: Option<String>,
    /// How the plan was made.
    options: SavedOptions,
    /// What has to be so that a step may still be carried out, for each that writes.
    objects: Vec<Precondition>,
    /// The plan, for whoever reads the file.
    pub plan: PlanDocument,
    /// Tells whether it was the same token.
    token: String,
    /// Tells whether anything was changed since.
    seal: String,
}

/// How a plan was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedOptions {
    only: Vec<Key>,
    prune: bool,
    at_most: Budget,
    on_drift: OnDrift,
    adopt: BTreeMap<Key, String>,
    release: Vec<Key>,
}

/// What has to be so that a step may still be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Precondition {
    key: Key,
    team: TeamName,
    id: Option<String>,
    action: Fate,
    /// The keyed digest of what git asks for; none of what leaves.
    wants: Option<String>,
    /// The keyed digest of what was there; none where nothing was.
    saw: Option<String>,
}

/// Where a plan was made.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// When.
    pub made_at: &'a str,
    /// The server.
    pub site: &'a str,
    /// The commit of the files, in full.
    pub commit: Option<&'a str>,
    /// How it is made.
    pub options: &'a Options,
    /// What git asks for.
    pub desired: &'a Desired,
    /// What Mattermost has.
    pub observed: &'a Observed,
    /// The key of the token.
    pub key: &'a SealKey,
}

/// Why a file is not carried out at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedError {
    /// It cannot be read.
    #[error("it is no saved plan, or was cut short: {0}")]
    Unreadable(String),
    /// Another version wrote it.
    #[error("it has format {0}, and this version of warroom knows format {VERSION} alone")]
    OtherFormat(u64),
    /// It was made with another token.
    #[error("it was made with another token")]
    OtherToken,
    /// Somebody changed it.
    #[error("it was changed since it was made")]
    Changed,
    /// It is for another server.
    #[error("it is for `{planned}`, and this is `{here}`")]
    OtherSite {
        /// The server in the file.
        planned: String,
        /// The server of the token.
        here: String,
    },
    /// It is of another workspace.
    #[error("it is of the workspace `{planned}`, and this is `{here}`")]
    OtherWorkspace {
        /// The workspace in the file.
        planned: Key,
        /// The workspace here.
        here: Key,
    },
    /// It was made for another account.
    #[error("it was made for `{planned}`, and the token belongs to `{here}`")]
    OtherAccount {
        /// The account in the file.
        planned: String,
        /// The account of the token.
        here: String,
    },
}

/// What of a saved plan may still be carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The steps of the file; those that moved are refused.
    pub plan: Plan,
    /// How many steps the file would write.
    pub planned: usize,
    /// What would be written by now and is not in the file: left alone.
    pub others: Vec<Address>,
}

impl SavedPlan {
    /// Writes down a plan.
    #[must_use]
    pub fn new(plan: &Plan, basis: &Basis<'_>) -> Self {
        let objects = plan.steps.iter().filter(|step| step.writes());
        let options = basis.options;
        let mut saved = Self {
            version: VERSION,
            made_by: format!("warroom {}", env!("CARGO_PKG_VERSION")),
            made_at: basis.made_at.to_owned(),
            site: basis.site.to_owned(),
            account: basis.observed.account.username.clone(),
            commit: basis.commit.map(str::to_owned),
            options: SavedOptions {
                only: options.only.iter().cloned().collect(),
                prune: options.prune == Prune::WithinBudget,
                at_most: options.at_most,
                on_drift: options.on_drift,
                adopt: options.adopt.clone(),
                release: options.release.iter().cloned().collect(),
            },
            objects: objects
                .map(|step| Precondition::of(step, basis.desired, basis.observed, basis.key))
                .collect(),
            // Roles of Mattermost are changed by `sync --permissions` alone.
            plan: PlanDocument {
                roles: None,
                ..PlanDocument::from(plan)
            },
            token: basis.key.digest(TOKEN),
            seal: String::new(),
        };
        saved.seal = saved.sealed(basis.key);
        saved
    }

    /// Reads a file; whether it is whole is checked with the token.
    ///
    /// # Errors
    /// When it is none, or one of another version.
    pub fn read(text: &str) -> Result<Self, SavedError> {
        let unreadable = |error: serde_json::Error| SavedError::Unreadable(error.to_string());
        let value: Value = serde_json::from_str(text).map_err(unreadable)?;
        match value.get("version").and_then(Value::as_u64) {
            Some(VERSION) => serde_json::from_value(value).map_err(unreadable),
            Some(other) => Err(SavedError::OtherFormat(other)),
            None => Err(SavedError::Unreadable("it has no `version`".to_owned())),
        }
    }

    /// Checks that nobody changed it, and that it is for this server and workspace.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self, key: &SealKey, site: &str, workspace: &Key) -> Result<(), SavedError> {
        if self.site != site {
            let (planned, here) = (self.site.clone(), site.to_owned());
            return Err(SavedError::OtherSite { planned, here });
        }
        if self.token != key.digest(TOKEN) {
            return Err(SavedError::OtherToken);
        }
        if self.seal != self.sealed(key) {
            return Err(SavedError::Changed);
        }
        if self.plan.workspace != *workspace {
            let (planned, here) = (self.plan.workspace.clone(), workspace.clone());
            return Err(SavedError::OtherWorkspace { planned, here });
        }
        Ok(())
    }

    /// Checks that the token belongs to whom it was made for.
    ///
    /// # Errors
    /// When it does not.
    pub fn check_account(&self, username: &str) -> Result<(), SavedError> {
        if self.account == username {
            return Ok(());
        }
        Err(SavedError::OtherAccount {
            planned: self.account.clone(),
            here: username.to_owned(),
        })
    }

    /// How to plan again.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            only: self.options.only.iter().cloned().collect(),
            prune: if self.options.prune {
                Prune::WithinBudget
            } else {
                Prune::No
            },
            at_most: self.options.at_most,
            on_drift: self.options.on_drift,
            adopt: self.options.adopt.clone(),
            release: self.options.release.iter().cloned().collect(),
            ..Options::plain()
        }
    }

    /// What of it may still be carried out, given the plan as it would be made now.
    #[must_use]
    pub fn against(
        &self,
        now: &Plan,
        desired: &Desired,
        observed: &Observed,
        key: &SealKey,
    ) -> Checked {
        let mut plan = Plan {
            workspace: now.workspace.clone(),
            steps: Vec::new(),
            roles: None,
            notes: now.notes.clone(),
        };
        for object in &self.objects {
            let address = object.address();
            let step = now.steps.iter().find(|step| step.address == address);
            let fresh = step.filter(|step| step.writes());
            let there = fresh.map(|step| Precondition::of(step, desired, observed, key));
            let stale = object.stale(there.as_ref(), step, desired, observed, key);
            let step = step.cloned().unwrap_or_else(|| self.told(object));
            plan.steps.push(match stale {
                None => step,
                Some(refusal) => Step {
                    action: Action::Refused(refusal),
                    ..step
                },
            });
        }
        // What was refused when the plan was made is refused as it is now, and told again.
        let planned = |step: &Step| self.objects.iter().any(|one| one.address() == step.address);
        let left = now.steps.iter().filter(|step| !planned(step));
        let (others, quiet): (Vec<&Step>, Vec<&Step>) = left.partition(|step| step.writes());
        plan.steps.extend(quiet.into_iter().cloned());
        plan.steps.sort_by(|a, b| a.address.cmp(&b.address));
        wait_for_successors(&mut plan, desired);
        Checked {
            plan,
            planned: self.objects.len(),
            others: others
                .into_iter()
                .map(|step| step.address.clone())
                .collect(),
        }
    }

    /// A step as the file tells it, of a playbook that no plan knows any more.
    fn told(&self, object: &Precondition) -> Step {
        let same = self.plan.steps.iter();
        let mut same = same.filter(|step| step.key == object.key && step.team == object.team);
        Step {
            address: object.address(),
            id: object.id.clone(),
            title: same
                .next()
                .map_or_else(String::new, |step| step.title.clone()),
            action: Action::Unchanged,
            fields: Vec::new(),
        }
    }

    fn sealed(&self, key: &SealKey) -> String {
        let unsealed = Self {
            seal: String::new(),
            ..self.clone()
        };
        key.digest(&json!(unsealed).to_string())
    }
}

/// The text whose digest tells one token from another.
const TOKEN: &str = "token";

impl Precondition {
    fn of(step: &Step, desired: &Desired, observed: &Observed, key: &SealKey) -> Self {
        let leaves = matches!(step.action, Action::Archive | Action::Release);
        let playbook = desired.playbooks.get(&step.address);
        let playbook = playbook.filter(|_| !leaves);
        Self {
            key: step.address.key.clone(),
            team: step.address.team.clone(),
            id: step.id.clone(),
            action: step.action.fate(),
            wants: playbook.and_then(|playbook| wants(playbook, key)),
            saw: step.id.as_deref().and_then(|id| saw(id, observed, key)),
        }
    }

    fn address(&self) -> Address {
        Address {
            key: self.key.clone(),
            team: self.team.clone(),
        }
    }

    /// Why the step may not be carried out any more.
    fn stale(
        &self,
        there: Option<&Self>,
        step: Option<&Step>,
        desired: &Desired,
        observed: &Observed,
        key: &SealKey,
    ) -> Option<Refusal> {
        if there == Some(self) {
            return None;
        }
        let now = self.id.as_deref().and_then(|id| saw(id, observed, key));
        let playbook = desired.playbooks.get(&self.address());
        let asked = playbook.and_then(|playbook| wants(playbook, key));
        let refusal = step.and_then(|step| match &step.action {
            Action::Refused(refusal) => Some(refusal),
            _ => None,
        });
        let problem = if self.saw != now {
            "somebody changed it in Mattermost since the plan was made".to_owned()
        } else if self.wants.is_some() && self.wants != asked {
            "its files say something else than when the plan was made".to_owned()
        } else if let Some(refusal) = refusal {
            // A secret that is missing here says nothing about the plan.
            if refusal.reason == Reason::MissingSecret {
                return Some(refusal.clone());
            }
            format!("it would be refused now: {refusal}")
        } else {
            let now = step.map_or("unchanged", |step| step.action.name());
            format!(
                "the plan says `{}`, and by now it would be `{now}`",
                self.action
            )
        };
        let help = "make the plan again with `warroom plan --out`, and look at it";
        Some(Refusal::new(Reason::Stale, problem).help(help))
    }
}

/// What git asks for, as a digest.
fn wants(playbook: &DesiredPlaybook, key: &SealKey) -> Option<String> {
    let wanted = playbook.wanted.as_ref().ok()?;
    let names = |secrets: &[SecretRef]| -> Vec<String> {
        secrets.iter().map(|secret| secret.env.clone()).collect()
    };
    let all = json!({
        "state": wanted.state.fields(),
        "start": names(&wanted.start_webhooks),
        "update": names(&wanted.update_webhooks),
        "source": playbook.source.as_ref().map(ToString::to_string),
        "protected": playbook.protected,
    });
    Some(key.digest(&all.to_string()))
}

/// What Mattermost has, as a digest: all that sync compares, and the addresses by value.
fn saw(id: &str, observed: &Observed, key: &SealKey) -> Option<String> {
    let mut all = observed.ours.values().chain(observed.asked.values());
    let found: &Found = all.find(|found| found.raw.id() == id)?;
    let webhooks = found.raw.webhooks();
    let all = json!({
        "state": found.state.fields(),
        "description": found.raw.0.get("description"),
        "team": found.raw.team_id(),
        "archived": found.raw.is_archived(),
        "start": webhooks.start,
        "update": webhooks.update,
    });
    Some(key.digest(&all.to_string()))
}

impl SavedError {
    /// The failure of a command that was given this file.
    #[must_use]
    pub fn of_file(&self, file: &str) -> Failure {
        // Until its seal was looked at, whatever stands in it may be a stranger's.
        let problem = one_line(&self.to_string());
        let message = format!("could not use the plan `{file}`: {problem}");
        Failure::with_status(ExitStatus::Refused, message)
            .help("nothing was written; make it again with `warroom plan --out`")
    }
}
