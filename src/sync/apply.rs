//! Carries a plan out: the only writer.
//!
//! Owns the order of requests, the read-back after each write, and what happened as
//! a value. Decides nothing: the plan did. Stops inside a playbook at its first
//! error and carries on with the others. A creation is never repeated blindly.

mod attributes;
mod budget;
mod conditions;
mod outcome;
mod watcher;

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::canonical::PlaybookState;
use super::desired::{Address, Desired, DesiredPlaybook, Wanted};
use super::directory::Directory;
use super::marker::{Digest, Marker};
use super::observed::{Found, Observed};
use super::plan::{Action, Plan, Step};
use super::progress::{Count, Stage};
use super::recognise::{Recognised, StrayKind};
use super::secrets::Secrets;
use super::site::{Entry, Writing};
use super::wire::{Around, Beside, RawPlaybook, References};
use super::witness::witness_name;
use crate::mattermost::ApiError;
use crate::model::Key;
use budget::Budget;
use conditions::Outlook;

pub use outcome::{Applied, ApplyError, NotKept, Outcome};
pub use watcher::Watcher;

/// Playbooks that are written at the same time; the steps of one keep their order.
const AT_ONCE: usize = 4;

/// Carries out every step that writes; `commit` goes into the markers.
pub async fn apply<S: Writing>(
    site: &S,
    plan: &Plan,
    desired: &Desired,
    observed: &Observed,
    secrets: &Secrets,
    commit: Option<&str>,
) -> Applied {
    apply_watched(site, plan, desired, observed, secrets, commit, &()).await
}

/// The same, for somebody who wants to hear of each playbook when its work begins and ends.
pub async fn apply_watched<S: Writing>(
    site: &S,
    plan: &Plan,
    desired: &Desired,
    observed: &Observed,
    secrets: &Secrets,
    commit: Option<&str>,
    watcher: &impl Watcher,
) -> Applied {
    let applying = Applying {
        site,
        desired,
        observed,
        secrets,
        commit,
        watcher,
        budget: Budget::default(),
    };
    let mut applied = Applied::default();
    let (leaving, others): (Vec<&Step>, Vec<&Step>) = plan
        .steps
        .iter()
        .filter(|step| step.writes())
        .partition(|step| step.action == Action::Archive);
    // What leaves goes last, when what replaces it stands; only a number prefix that
    // another playbook of the team takes over has to be freed before.
    let (early, late): (Vec<&Step>, Vec<&Step>) = leaving
        .into_iter()
        .partition(|step| applying.frees_a_prefix(step, &others));
    let total = early.len() + others.len() + late.len();
    let listener = |event| watcher.is_at(event);
    let mut count = Count::new(Stage::Writing, total, &listener);
    if !early.is_empty() {
        let entries = site.entries().await;
        let listed = entries.as_deref().map_err(Clone::clone);
        let outcomes = applying.outcomes(&early, &listed, &mut count).await;
        applied.outcomes.extend(outcomes);
    }
    let outcomes = applying.outcomes(&others, &Ok(&[]), &mut count).await;
    applied.outcomes.extend(outcomes);
    if applied.created().next().is_none() && late.is_empty() {
        return applied;
    }
    // One list for all: which creation somebody else made too, and what is still active.
    let entries = site.entries().await;
    if let Ok(entries) = &entries {
        applying.find_seconds(&mut applied, entries);
    }
    let failed: BTreeSet<Key> = applied
        .failures()
        .map(|(outcome, _)| outcome.address.key.clone())
        .collect();
    let mut remaining = Vec::new();
    for step in late {
        if failed.contains(&step.address.key) {
            let withheld = Outcome::withheld(step);
            watcher.ended(&withheld);
            applied.outcomes.push(withheld);
            count.one();
        } else {
            remaining.push(step);
        }
    }
    let listed = entries.as_deref().map_err(Clone::clone);
    let outcomes = applying.outcomes(&remaining, &listed, &mut count).await;
    applied.outcomes.extend(outcomes);
    applied
}

/// What a list of all playbooks said, for those who archive.
type Listed<'a> = Result<&'a [Entry], ApiError>;

/// What is known while steps are carried out.
struct Applying<'a, S> {
    site: &'a S,
    desired: &'a Desired,
    observed: &'a Observed,
    secrets: &'a Secrets,
    commit: Option<&'a str>,
    watcher: &'a dyn Watcher,
    budget: Budget,
}

/// How far a step got.
struct Progress {
    id: Option<String>,
    wrote: bool,
}

/// A playbook as it is now.
struct Current {
    raw: RawPlaybook,
    beside: Beside,
    state: PlaybookState,
}

/// What is to be written into one playbook.
struct Writ<'a> {
    address: &'a Address,
    team: &'a str,
    playbook: &'a DesiredPlaybook,
    wanted: &'a Wanted,
}

impl<S: Writing> Applying<'_, S> {
    /// Carries steps out, a few at a time; what became of them in their order.
    async fn outcomes(
        &self,
        steps: &[&Step],
        listed: &Listed<'_>,
        count: &mut Count<'_>,
    ) -> Vec<Outcome> {
        let mut running = stream::iter(steps.iter().enumerate())
            .map(|(place, step)| async move { (place, self.outcome(step, listed).await) })
            .buffer_unordered(AT_ONCE);
        let mut outcomes = Vec::new();
        while let Some(outcome) = running.next().await {
            outcomes.push(outcome);
            count.one();
        }
        outcomes.sort_by_key(|(place, _)| *place);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    async fn outcome(&self, step: &Step, listed: &Listed<'_>) -> Outcome {
        let mut progress = Progress {
            id: step.id.clone(),
            wrote: false,
        };
        let needs = self.requests_of(step);
        let result = match self.budget.reserve(self.site.requests_left(), needs) {
            Ok(_reserved) => {
                self.watcher.began(step);
                self.carry_out(step, listed, &mut progress).await
            }
            Err(left) => Err(ApplyError::NotBegun { left, needs }),
        };
        let outcome = Outcome {
            address: step.address.clone(),
            id: progress.id,
            action: step.action.fate(),
            wrote: progress.wrote,
            result,
        };
        self.watcher.ended(&outcome);
        outcome
    }

    /// Whether the number prefix of a playbook that leaves is wanted by one that is written.
    fn frees_a_prefix(&self, step: &Step, others: &[&Step]) -> bool {
        let found = self.observed.ours.get(&step.address);
        let Some(prefix) = found.and_then(|found| found.state.number_prefix.as_deref()) else {
            return false;
        };
        others.iter().any(|other| {
            let playbook = self.desired.playbooks.get(&other.address);
            let wanted = playbook.and_then(|playbook| playbook.wanted.as_ref().ok());
            let wanted = wanted.and_then(|wanted| wanted.state.number_prefix.as_deref());
            other.address.team == step.address.team
                && wanted.is_some_and(|wanted| wanted.eq_ignore_ascii_case(prefix))
        })
    }

    /// The most requests that a step takes, unless the server fails.
    fn requests_of(&self, step: &Step) -> u64 {
        let wanted = self.desired.playbooks.get(&step.address);
        let wanted = wanted.and_then(|playbook| playbook.wanted.as_ref().ok());
        let wanted = wanted.map(|wanted| &wanted.state);
        let seen = step.id.as_deref().and_then(|id| self.seen(id));
        budget::requests_of(&step.action, wanted, seen.map(|found| &found.state))
    }

    /// Another sync may have created the same at the same time: the older one counts.
    fn find_seconds(&self, applied: &mut Applied, entries: &[Entry]) {
        let found = self.recognised(entries);
        for outcome in &mut applied.outcomes {
            let (true, Some(made)) = (outcome.is_created(), outcome.id.clone()) else {
                continue;
            };
            let older = found.ours.get(&outcome.address).map(|entry| &entry.id);
            if let Some(older) = older.filter(|older| **older != made) {
                outcome.result = Err(ApplyError::Second {
                    older: older.clone(),
                    second: made,
                });
                self.watcher.ended(outcome);
            }
        }
    }

    async fn carry_out(
        &self,
        step: &Step,
        listed: &Listed<'_>,
        progress: &mut Progress,
    ) -> Result<(), ApplyError> {
        let id = step.id.as_deref().unwrap_or_default();
        match &step.action {
            Action::Unchanged | Action::Refused(_) => return Ok(()),
            Action::Archive => {
                return self.archive(&step.address, id, listed, progress).await;
            }
            Action::Release => return self.release(&step.address, id, progress).await,
            Action::Remember => {
                self.remember(&step.address, id).await?;
                progress.wrote = true;
                return Ok(());
            }
            _ => {}
        }
        // A plan writes only what was desired, observed and in reach.
        let Some(writ) = self.writ(&step.address) else {
            return Err(ApplyError::Moved);
        };
        match &step.action {
            Action::Create => {
                let id = self.create(&writ, progress).await?;
                self.write(&writ, &id, None, progress).await?;
            }
            Action::Restore => {
                let answer = landed(self.site.restore(id).await);
                let doubt = answer.map_err(|error| taken(error, writ.wanted))?;
                if let Some(error) = doubt
                    && self.site.playbook(id).await?.is_archived()
                {
                    return Err(error.into());
                }
                progress.wrote = true;
                self.write(&writ, id, self.seen(id), progress).await?;
            }
            _ => self.write(&writ, id, self.seen(id), progress).await?,
        }
        self.remember(&step.address, progress.id.as_deref().unwrap_or(id))
            .await
    }

    fn writ<'w>(&'w self, address: &'w Address) -> Option<Writ<'w>> {
        let playbook = self.desired.playbooks.get(address)?;
        Some(Writ {
            address,
            team: self.observed.teams.get(&address.team)?,
            playbook,
            wanted: playbook.wanted.as_ref().ok()?,
        })
    }

    /// The playbook as it was when the plan was made.
    fn seen(&self, id: &str) -> Option<&Found> {
        let mut all = self
            .observed
            .ours
            .values()
            .chain(self.observed.asked.values());
        all.find(|found| found.raw.id() == id)
    }

    /// Makes the playbook with a marker that has no id yet.
    async fn create(&self, writ: &Writ<'_>, progress: &mut Progress) -> Result<String, ApplyError> {
        let mut raw = RawPlaybook::default();
        let references = self.desired.has_attributes.then(References::none_yet);
        self.lay(writ, &mut raw, None, None, references.as_ref())?;
        // From here on the answer may get lost.
        let doubt = match self.site.create(&raw).await {
            Ok(id) => {
                progress.wrote = true;
                progress.id = Some(id.clone());
                return Ok(id);
            }
            Err(error) if error.may_have_happened() => error,
            Err(error) => return Err(taken(error, writ.wanted)),
        };
        let found = self.recognised(&self.site.entries().await?);
        let ours = found.ours.get(writ.address).map(|entry| entry.id.clone());
        let mut others = found.strays.into_iter();
        let second = others
            .find(|stray| stray.address == *writ.address && stray.kind == StrayKind::Second)
            .map(|stray| stray.entry.id);
        match (ours, second) {
            (Some(older), Some(second)) => Err(ApplyError::Second { older, second }),
            (Some(id), None) => {
                progress.wrote = true;
                progress.id = Some(id.clone());
                Ok(id)
            }
            (None, _) => Err(ApplyError::Doubtful(doubt)),
        }
    }

    /// What is ours by now, as a list shows it.
    fn recognised(&self, entries: &[Entry]) -> Recognised {
        let teams = self.observed.teams.iter();
        let names = teams.map(|(name, id)| (id.clone(), name.clone())).collect();
        Recognised::among(entries, &self.desired.workspace, &names)
    }

    /// Lays what git says over what is there, and reads back what the server made of it.
    async fn write(
        &self,
        writ: &Writ<'_>,
        id: &str,
        seen: Option<&Found>,
        progress: &mut Progress,
    ) -> Result<(), ApplyError> {
        let wanted = &writ.wanted.state;
        let asks = match seen {
            Some(seen) => self.asks_attributes(seen),
            // What was just created has none, and conditions need some.
            None => !wanted.attributes.is_empty(),
        };
        let mut now = self.current(id, asks).await?;
        match seen {
            Some(seen) => Self::check_unmoved(&now, seen)?,
            // Somebody was quicker than we are.
            None if now.raw.was_edited() => return Err(ApplyError::Moved),
            None => {}
        }
        let mut before = seen.and_then(|seen| seen.marker.clone());
        let mut references = None;
        if asks {
            let mut outlook = Outlook::of(&now.raw, &now.beside, writ.wanted);
            let mut fields = std::mem::take(&mut now.beside.attributes);
            let other_attributes = now.state.attributes != wanted.attributes;
            let changes = other_attributes || outlook.changes();
            if changes {
                if seen.is_some() {
                    let here = &outlook.before;
                    before = Some(self.begin(writ, id, &mut now.raw, here, progress).await?);
                }
                let wrote = &mut progress.wrote;
                outlook.delete(self.site, id, wrote).await?;
                if other_attributes {
                    fields = attributes::write(self.site, id, fields, writ.wanted, wrote).await?;
                }
            }
            let wrote = &mut progress.wrote;
            references = Some(outlook.create(self.site, id, fields, wrote).await?);
            if changes {
                // That took a while: what somebody edited meanwhile is not written over.
                let then = self.site.playbook(id).await?;
                if self.without_references(&then) != self.without_references(&now.raw) {
                    return Err(ApplyError::Moved);
                }
                now.raw = then;
            }
        }
        let references = references.as_ref();
        let mut raw = now.raw;
        let marker = self.lay(writ, &mut raw, Some(id), Some(wanted.digest()), references)?;
        // Without an answer only reading tells whether the write landed.
        let answer = landed(self.site.replace(&raw).await);
        let doubt = answer.map_err(|error| taken(error, writ.wanted))?;
        progress.wrote |= doubt.is_none();
        let kept = self.current(id, asks).await?;
        let state = kept.state.without(&writ.playbook.unmanaged);
        let kept = kept.raw;
        let mut not_kept: Vec<NotKept> = wanted
            .differences(&state)
            .into_iter()
            .map(|difference| NotKept {
                field: difference.field,
                written: difference.left.to_string(),
                kept: difference.right.to_string(),
            })
            .collect();
        if kept.webhooks() != raw.webhooks() {
            not_kept.push(NotKept {
                field: "webhooks".to_owned(),
                written: "the addresses in the secrets".to_owned(),
                kept: "others".to_owned(),
            });
        }
        let kept_marker = kept.described().marker;
        let has_marker = kept_marker.as_ref() == Some(&marker);
        if !has_marker {
            not_kept.push(NotKept {
                field: "marker".to_owned(),
                written: format!("{marker:?}"),
                kept: format!("{kept_marker:?}"),
            });
        }
        if not_kept.is_empty() {
            progress.wrote = true;
            return Ok(());
        }
        match doubt {
            // A marker that was not there before tells that the write landed.
            Some(error) if !has_marker || before.as_ref() == Some(&marker) => {
                return Err(error.into());
            }
            _ => progress.wrote = true,
        }
        // The digest is of what the server has: otherwise the next plan would take
        // what the server dropped for an edit that somebody made.
        let mut raw = kept;
        self.lay(writ, &mut raw, Some(id), Some(state.digest()), references)?;
        self.site.replace(&raw).await?;
        Err(ApplyError::NotKept(not_kept))
    }

    /// Writes everything but attributes and conditions, which are written one by one, and refers to
    /// those only that stay: the marker says so, lest a sync that is cut short among them look like
    /// an edit that somebody made.
    async fn begin(
        &self,
        writ: &Writ<'_>,
        id: &str,
        raw: &mut RawPlaybook,
        references: &References,
        progress: &mut Progress,
    ) -> Result<Marker, ApplyError> {
        let digest = writ.wanted.state.unfinished_digest();
        let marker = self.lay(writ, raw, Some(id), Some(digest), Some(references))?;
        let answer = landed(self.site.replace(raw).await);
        let doubt = answer.map_err(|error| taken(error, writ.wanted))?;
        progress.wrote |= doubt.is_none();
        *raw = self.site.playbook(id).await?;
        if raw.described().marker.as_ref() == Some(&marker) {
            progress.wrote = true;
            return Ok(marker);
        }
        Err(doubt.map_or(ApplyError::Moved, ApplyError::Api))
    }

    async fn archive(
        &self,
        address: &Address,
        id: &str,
        listed: &Listed<'_>,
        progress: &mut Progress,
    ) -> Result<(), ApplyError> {
        // Only a list tells how many incidents are active.
        let entries = listed.as_ref().map_err(Clone::clone)?;
        let entry = entries.iter().find(|entry| entry.id == id);
        if entry.is_none_or(|entry| entry.archived) {
            return Err(ApplyError::Moved);
        }
        if entry.is_some_and(|entry| entry.active_runs > 0) {
            return Err(ApplyError::ActiveIncidents);
        }
        if let Some(seen) = self.observed.ours.get(address) {
            let now = self.current(id, self.asks_attributes(seen)).await?;
            Self::check_unmoved(&now, seen)?;
        }
        let doubt = landed(self.site.archive(id).await)?;
        progress.wrote = doubt.is_none();
        if self.site.playbook(id).await?.is_archived() {
            progress.wrote = true;
            return Ok(());
        }
        if let Some(error) = doubt {
            return Err(error.into());
        }
        Err(ApplyError::NotKept(vec![NotKept {
            field: "archived".to_owned(),
            written: "true".to_owned(),
            kept: "false".to_owned(),
        }]))
    }

    async fn release(
        &self,
        address: &Address,
        id: &str,
        progress: &mut Progress,
    ) -> Result<(), ApplyError> {
        let mut now = None;
        if let Some(seen) = self.observed.ours.get(address) {
            let current = self.current(id, self.asks_attributes(seen)).await?;
            Self::check_unmoved(&current, seen)?;
            now = Some(current);
        }
        // First: while the marker stands, a release that was cut short is simply done again.
        self.forget(address).await?;
        progress.wrote = true;
        if let Some(old) = self.desired.before(address) {
            self.forget(&old).await?;
        }
        let Some(now) = now else {
            return Ok(());
        };
        let mut raw = now.raw;
        let text = raw.described().text;
        raw.set_description(text.clone());
        let doubt = landed(self.site.replace(&raw).await)?;
        let kept = self.site.playbook(id).await?;
        let marker = kept.described().marker;
        if marker.is_none_or(|marker| !marker.belongs_to(&self.desired.workspace, id)) {
            return Ok(());
        }
        if let Some(error) = doubt {
            return Err(error.into());
        }
        Err(ApplyError::NotKept(vec![NotKept {
            field: "description".to_owned(),
            written: text,
            kept: kept.described().text,
        }]))
    }

    /// Reads a playbook, with its attributes and conditions where they are asked for.
    async fn current(&self, id: &str, asks_attributes: bool) -> Result<Current, ApplyError> {
        let raw = self.site.playbook(id).await?;
        let mut beside = Beside::default();
        if asks_attributes {
            beside.attributes = self.site.attributes(id).await?;
            beside.conditions = self.site.conditions(id).await?;
        }
        Ok(Current {
            state: raw.state(&beside, self.directory()),
            raw,
            beside,
        })
    }

    /// The managed fields that writing attributes and conditions leaves as they are.
    fn without_references(&self, raw: &RawPlaybook) -> PlaybookState {
        let mut state = raw.state(&Beside::default(), self.directory());
        // The server renames attributes in it.
        state.channel_name = None;
        for checklist in &mut state.checklists {
            for task in &mut checklist.tasks {
                task.when = None;
            }
        }
        state
    }

    /// Whether the attributes of a playbook could be read when the plan was made.
    fn asks_attributes(&self, seen: &Found) -> bool {
        self.desired.has_attributes && seen.no_attributes.is_none()
    }

    fn check_unmoved(now: &Current, seen: &Found) -> Result<(), ApplyError> {
        let same = now.state == seen.state
            && now.raw.webhooks() == seen.raw.webhooks()
            && now.raw.described().marker == seen.marker
            && now.raw.team_id() == seen.raw.team_id();
        if same { Ok(()) } else { Err(ApplyError::Moved) }
    }

    fn lay(
        &self,
        writ: &Writ<'_>,
        raw: &mut RawPlaybook,
        id: Option<&str>,
        digest: Option<Digest>,
        references: Option<&References>,
    ) -> Result<Marker, ApplyError> {
        let marker = Marker {
            workspace: self.desired.workspace.clone(),
            key: writ.address.key.clone(),
            id: id.map(str::to_owned),
            commit: self.commit.map(str::to_owned),
            digest,
            protected: writ.playbook.protected,
        };
        let state = &writ.wanted.state;
        let source = writ.playbook.source.as_ref();
        let description = marker.describe(&state.description, source)?;
        let webhooks = self.secrets.webhooks(writ.wanted);
        let around = Around {
            description,
            team: writ.team,
            webhooks: &webhooks,
            renames: &writ.wanted.renames,
            references,
        };
        raw.lay(state, around, self.directory())?;
        Ok(marker)
    }

    async fn remember(&self, address: &Address, id: &str) -> Result<(), ApplyError> {
        let remembered = |address: &Address| self.observed.witnesses.get(address);
        if remembered(address).map(String::as_str) != Some(id) {
            let name = witness_name(&self.desired.workspace, address);
            let account = &self.observed.account.id;
            if let Some(error) = landed(self.site.remember(account, &name, id).await)?
                && self.site.witnesses().await?.get(&name).map(String::as_str) != Some(id)
            {
                return Err(error.into());
            }
        }
        // The key it had before is free again, and nothing of this playbook stands there.
        match self.desired.before(address) {
            Some(old) if remembered(&old).map(String::as_str) == Some(id) => {
                self.forget(&old).await
            }
            _ => Ok(()),
        }
    }

    /// Drops the note of the account; to drop none is as good.
    async fn forget(&self, address: &Address) -> Result<(), ApplyError> {
        let name = witness_name(&self.desired.workspace, address);
        let account = &self.observed.account.id;
        if let Some(error) = landed(self.site.forget(account, &name).await)?
            && self.site.witnesses().await?.contains_key(&name)
        {
            return Err(error.into());
        }
        Ok(())
    }

    fn directory(&self) -> &Directory {
        &self.observed.directory
    }
}

/// An error of a write, with the field that a conflict is about.
fn taken(error: ApiError, wanted: &Wanted) -> ApplyError {
    match (error, &wanted.state.number_prefix) {
        (error @ ApiError::Conflict(_), Some(prefix)) => ApplyError::PrefixTaken {
            prefix: prefix.clone(),
            error,
        },
        (error, _) => error.into(),
    }
}

/// The doubt about a write that may have happened; other errors are errors.
fn landed(answer: Result<(), ApiError>) -> Result<Option<ApiError>, ApiError> {
    match answer {
        Ok(()) => Ok(None),
        Err(error) if error.may_have_happened() => Ok(Some(error)),
        Err(error) => Err(error),
    }
}
