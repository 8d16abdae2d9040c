//! What an import would write: files with their texts, checked as if they stood there already.
//!
//! Owns which playbooks can be written down together. The workspace as it would be is
//! loaded like any other, and what its files ask for is compared with what Mattermost has:
//! what is left over is told. Reads the workspace, and writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Choice, Imported, Importer, leftovers, with_profiles};
use crate::diag::one_line;
use crate::model::Key;
use crate::sync::desired::{Address, Desired};
use crate::sync::observed::{Found, Observed};
use crate::workspace::{self, Files, Loaded, Overlay, PERMISSIONS, Workspace, WorkspaceError};

/// What an import would write.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// The files, ordered by path.
    pub files: Vec<DraftFile>,
    /// The playbooks in them, ordered by key.
    pub playbooks: Vec<Drafted>,
    /// What is left out for a good reason: its title, and why.
    pub skipped: Vec<(String, String)>,
    /// What cannot be written down: its title, and why.
    pub refused: Vec<(String, String)>,
}

/// A file as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftFile {
    /// Its path, relative to the workspace.
    pub path: String,
    /// What it says now; none for a new one.
    pub before: Option<String>,
    /// What it would say.
    pub after: String,
}

/// A playbook as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drafted {
    /// Its id in Mattermost.
    pub id: String,
    /// Its key and team.
    pub address: Address,
    /// Its title.
    pub title: String,
    /// Its file, relative to the workspace.
    pub path: String,
    /// What people should know.
    pub notes: Vec<String>,
}

/// Says why nothing can be written down.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The workspace cannot be read any more.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// A file of the workspace cannot be changed.
    #[error(transparent)]
    Merge(#[from] crate::yaml::MergeError),
    /// The workspace would have mistakes that belong to no playbook.
    #[error("could not write the playbooks down: {0}")]
    Mistakes(String),
}

/// What an import of these playbooks would write.
///
/// # Errors
/// When the workspace cannot be read, or cannot be added to.
pub fn draft(
    workspace: &Workspace,
    files: &dyn Files,
    desired: &Desired,
    observed: &Observed,
    choice: &Choice,
) -> Result<Draft, DraftError> {
    let mut draft = Draft {
        skipped: choice.skipped.clone(),
        ..Draft::default()
    };
    let mut wanted = wanted(desired, observed, choice, &mut draft);
    let paths = files.list()?.files;
    let permissions = text_of(files, PERMISSIONS)?;
    loop {
        let mut importer = Importer::new(workspace, &paths);
        let imported: BTreeMap<&str, Imported> = wanted
            .iter()
            .map(|(id, of)| {
                (
                    id.as_str(),
                    importer.import(&of.found.state, &of.address.team, of.key.as_ref()),
                )
            })
            .collect();
        let drafted = drafted(&imported, permissions.as_deref())?;
        let mut overlay = Overlay::new(files);
        for file in &drafted {
            overlay.put(&file.path, file.after.clone().into_bytes());
        }
        let loaded = workspace::load(&overlay)?;
        if let Some(new) = &loaded.workspace {
            draft.files = drafted;
            draft.playbooks = playbooks(new, &wanted, imported, observed);
            return Ok(draft);
        }
        let broken = broken(&loaded, &imported);
        if broken.is_empty() {
            let first = loaded.findings.first();
            let first = first.map_or("", |finding| finding.message.as_str());
            return Err(DraftError::Mistakes(one_line(first)));
        }
        for (id, why) in broken {
            if let Some(of) = wanted.remove(&id) {
                draft.refused.push((of.found.state.title.clone(), why));
            }
        }
    }
}

/// A playbook to be written down.
struct Source<'o> {
    found: &'o Found,
    address: Address,
    /// The key of its marker.
    key: Option<Key>,
}

/// The playbooks that need a file; why others do not is told.
fn wanted<'o>(
    desired: &Desired,
    observed: &'o Observed,
    choice: &Choice,
    draft: &mut Draft,
) -> BTreeMap<String, Source<'o>> {
    let mut wanted = BTreeMap::new();
    for id in &choice.ids {
        let ours = observed.ours.iter().find(|(_, found)| found.raw.id() == id);
        let title = || {
            let entry = observed.entries.get(id);
            entry.map_or_else(|| id.clone(), |entry| entry.title.clone())
        };
        let Some(found) = ours
            .map(|(_, found)| found)
            .or_else(|| observed.asked.get(id))
        else {
            draft.refused.push((
                title(),
                "the account may list it and not read it".to_owned(),
            ));
            continue;
        };
        if let Some((address, _)) = ours
            && let Some(playbook) = desired.playbooks.get(address)
        {
            let why = format!("it is managed already, as `{}`", playbook.path);
            draft.skipped.push((title(), why));
            continue;
        }
        if let Some(problem) = &found.no_attributes {
            draft.refused.push((
                title(),
                format!("its attributes could not be read: {problem}"),
            ));
            continue;
        }
        let Some(team) = &found.team else {
            draft.refused.push((
                title(),
                "its team has a name that YAML cannot say".to_owned(),
            ));
            continue;
        };
        let key = ours.map(|(address, _)| address.key.clone());
        let address = Address {
            // Of a new one the key comes later.
            key: key.clone().unwrap_or_else(|| desired.workspace.clone()),
            team: team.clone(),
        };
        wanted.insert(
            id.clone(),
            Source {
                found,
                address,
                key,
            },
        );
    }
    wanted
}

fn drafted(
    imported: &BTreeMap<&str, Imported>,
    permissions: Option<&str>,
) -> Result<Vec<DraftFile>, DraftError> {
    let new = |path: &str, text: &str| DraftFile {
        path: path.to_owned(),
        before: None,
        after: text.to_owned(),
    };
    let mut files = Vec::new();
    for playbook in imported.values() {
        files.push(new(&playbook.path, &playbook.text));
        let templates = playbook.templates.iter();
        files.extend(templates.map(|(path, text)| new(path.as_str(), text)));
    }
    let profiles = imported
        .values()
        .filter_map(|playbook| playbook.profile.clone());
    if let Some(after) = with_profiles(permissions, profiles.collect())? {
        files.push(DraftFile {
            path: PERMISSIONS.to_owned(),
            before: permissions.map(str::to_owned),
            after,
        });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The playbooks whose files have mistakes: id, and the first mistake.
fn broken(loaded: &Loaded, imported: &BTreeMap<&str, Imported>) -> BTreeMap<String, String> {
    let mut broken = BTreeMap::new();
    for finding in &loaded.findings {
        let name = finding.source.name();
        let of = imported.iter().find(|(_, playbook)| {
            let mut templates = playbook.templates.iter();
            playbook.path == name || templates.any(|(path, _)| path.as_str() == name)
        });
        if let Some((id, _)) = of {
            broken
                .entry((*id).to_owned())
                .or_insert_with(|| one_line(&finding.message));
        }
    }
    broken
}

fn playbooks(
    new: &Workspace,
    wanted: &BTreeMap<String, Source<'_>>,
    imported: BTreeMap<&str, Imported>,
    observed: &Observed,
) -> Vec<Drafted> {
    let me = &observed.account.username;
    let desired = Desired::of(new).map(|desired| desired.for_account(me).playbooks);
    let desired = desired.unwrap_or_default();
    let mut all = Vec::new();
    for (id, playbook) in imported {
        let Some(source) = wanted.get(id) else {
            continue;
        };
        let address = Address {
            key: playbook.key,
            team: source.address.team.clone(),
        };
        let mut notes = playbook.notes;
        match desired
            .get(&address)
            .map(|playbook| (&playbook.wanted, &playbook.unmanaged))
        {
            Some((Ok(wanted), unmanaged)) => {
                notes.extend(leftovers(&wanted.state, &source.found.state, unmanaged));
            }
            Some((Err(refusal), _)) => {
                notes.push(format!(
                    "a sync would refuse it: {}",
                    one_line(&refusal.to_string())
                ));
            }
            None => {}
        }
        all.push(Drafted {
            id: id.to_owned(),
            title: source.found.state.title.clone(),
            path: playbook.path,
            address,
            notes,
        });
    }
    all.sort_by(|a, b| a.address.cmp(&b.address));
    all
}

fn text_of(files: &dyn Files, path: &str) -> Result<Option<String>, WorkspaceError> {
    let bytes = files.read(path)?;
    // What is no text was refused when the workspace was loaded.
    Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
}

impl Draft {
    /// The keys and ids that `--adopt` takes over.
    pub fn adoptions(&self) -> impl Iterator<Item = (&Key, &str)> {
        let playbooks = self.playbooks.iter();
        playbooks.map(|playbook| (&playbook.address.key, playbook.id.as_str()))
    }

    /// The paths of new files.
    #[must_use]
    pub fn new_paths(&self) -> BTreeSet<&str> {
        let new = self.files.iter().filter(|file| file.before.is_none());
        new.map(|file| file.path.as_str()).collect()
    }
}
