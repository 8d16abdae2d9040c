//! What git knows: the commit that markers name, and the base for the words of a plan.
//!
//! Owns no comparison. Whatever git cannot say is left out: a clone may be shallow,
//! a history squashed, a work tree dirty, and a sync works all the same.

use std::collections::{BTreeMap, BTreeSet};

use super::base::Base;
use super::desired::{Address, Desired};
use super::observed::Observed;
use crate::git::{CommitId, GitError, Repository};
use crate::workspace::{self, Committed, Workspace, belongs};

/// The commit whose files are the workspace; none when any of them differs.
///
/// # Errors
/// When the repository cannot be read.
pub fn commit_of(
    repository: &Repository,
    workspace: &Workspace,
) -> Result<Option<CommitId>, GitError> {
    let Some(head) = repository.head_commit()? else {
        return Ok(None);
    };
    let mut paths: BTreeSet<String> = workspace.documents.keys().cloned().collect();
    paths.extend(workspace.templates.keys().map(ToString::to_string));
    // A file that was deleted and not committed is as much a difference.
    let committed = repository.files_at(head)?;
    let ours = committed.list().filter(|path| belongs(path));
    paths.extend(ours.map(str::to_owned));
    let dirty = repository.is_dirty(paths.iter().map(String::as_str))?;
    Ok((!dirty).then_some(head))
}

/// What git said at the markers' commits, for the playbooks where both sides moved.
#[must_use]
pub fn base_of(repository: &Repository, desired: &Desired, observed: &Observed) -> Base {
    let mut wanted: BTreeMap<&str, Vec<(&Address, Address)>> = BTreeMap::new();
    for (address, found) in &observed.ours {
        let Some(Ok(now)) = desired.playbooks.get(address).map(|p| p.wanted.as_ref()) else {
            continue;
        };
        let Some(marker) = &found.marker else {
            continue;
        };
        let (Some(commit), Some(digest)) = (&marker.commit, &marker.digest) else {
            continue;
        };
        // Where only one side moved, the digest alone tells which.
        if !found.state.matches(digest) && !now.state.matches(digest) {
            // A renamed one had another key then.
            let key = marker.key.clone();
            let team = address.team.clone();
            let then = Address { key, team };
            wanted.entry(commit).or_default().push((address, then));
        }
    }
    let mut base = Base::default();
    for (commit, addresses) in wanted {
        let Some(then) = desired_at(repository, commit) else {
            continue;
        };
        // It was the account's own place then, too, or the base is not believed.
        let then = then.for_account(&observed.account.username);
        for (address, old) in addresses {
            if let Some(Ok(wanted)) = then.playbooks.get(&old).map(|p| p.wanted.as_ref()) {
                base.insert(address.clone(), wanted.state.clone());
            }
        }
    }
    base
}

fn desired_at(repository: &Repository, commit: &str) -> Option<Desired> {
    let commit = repository.commit(commit).ok().flatten()?;
    let files = Committed::read(&repository.files_at(commit).ok()?).ok()?;
    let loaded = workspace::load(&files).ok()?;
    Desired::of(&loaded.workspace?).ok()
}
