//! What an import would write: files with their texts, checked as if they stood there already.
//!
//! Owns which playbooks can be written down together. The workspace as it would be is
//! loaded like any other, and what its files ask for is compared with what Mattermost has:
//! what is left over is told. Reads the workspace, and writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Choice, Imported, Importer, leftovers, with_profiles};
use crate::diag::one_line;
use crate::model::{Key, OnDrift, TeamName};
use crate::sync::base::Base;
use crate::sync::canonical::PlaybookState;
use crate::sync::desired::{Address, Desired, DesiredPlaybook};
use crate::sync::observed::{Found, Observed};
use crate::sync::plan::{Moved, Options, Plan, plan};
use crate::workspace::{
    self, Files, Loaded, LoadedPlaybook, Overlay, PERMISSIONS, Workspace, WorkspaceError,
};

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
    /// Its id in Mattermost; none of an exported one.
    pub id: Option<String>,
    /// Whether it had no file before.
    pub is_new: bool,
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
    base: &Base,
    choice: &Choice,
) -> Result<Draft, DraftError> {
    let mut draft = Draft {
        skipped: choice.skipped.clone(),
        ..Draft::default()
    };
    let options = Options {
        on_drift: OnDrift::Overwrite,
        ..Options::plain()
    };
    let sources = Sources {
        workspace,
        desired,
        observed,
        choice,
        plan: plan(desired, observed, base, &options),
    };
    let wanted = sources.wanted(&mut draft);
    let me = Some(observed.account.username.as_str());
    compose(workspace, files, wanted, me, draft)
}

/// What an import of an exported playbook would write.
///
/// # Errors
/// When the workspace cannot be read, or cannot be added to.
pub fn draft_exported(
    workspace: &Workspace,
    files: &dyn Files,
    state: &PlaybookState,
    team: &TeamName,
) -> Result<Draft, DraftError> {
    let source = Source {
        state: state.clone(),
        team: team.clone(),
        what: What::New(None),
    };
    let wanted = BTreeMap::from([(String::new(), source)]);
    let mut draft = compose(workspace, files, wanted, None, Draft::default())?;
    for playbook in &mut draft.playbooks {
        playbook.notes.insert(0, super::export::NOTE.to_owned());
    }
    Ok(draft)
}

/// A playbook to be written down.
struct Source<'o> {
    state: PlaybookState,
    team: TeamName,
    what: What<'o>,
}

/// What becomes of it.
enum What<'o> {
    /// It gets a file; its key, where its marker has one.
    New(Option<Key>),
    /// Its file says what Mattermost has, in these fields.
    Edit {
        loaded: &'o LoadedPlaybook,
        wanted: &'o PlaybookState,
        fields: BTreeSet<String>,
        notes: Vec<String>,
    },
}

/// Where playbooks to be written down come from.
struct Sources<'o> {
    workspace: &'o Workspace,
    desired: &'o Desired,
    observed: &'o Observed,
    choice: &'o Choice,
    plan: Plan,
}

impl<'o> Sources<'o> {
    /// The playbooks that need a file or an edit of theirs; why others do not is told.
    fn wanted(&self, draft: &mut Draft) -> BTreeMap<String, Source<'o>> {
        let mut ids: BTreeSet<&str> = self.choice.ids.iter().map(String::as_str).collect();
        if self.choice.managed {
            let ours = self.observed.ours.iter();
            let ours = ours.filter(|(address, _)| self.desired.playbooks.contains_key(*address));
            ids.extend(ours.map(|(_, found)| found.raw.id()));
        }
        let mut wanted = BTreeMap::new();
        for id in ids {
            match self.source(id) {
                Ok(source) => {
                    wanted.insert(id.to_owned(), source);
                }
                Err((is_fine, why)) => {
                    let title = self.observed.entries.get(id);
                    let title = title.map_or_else(|| id.to_owned(), |entry| entry.title.clone());
                    let told = if is_fine {
                        &mut draft.skipped
                    } else {
                        &mut draft.refused
                    };
                    told.push((title, why));
                }
            }
        }
        wanted
    }

    /// A playbook as it is to be written down; or why it is not, and whether that is fine.
    fn source(&self, id: &str) -> Result<Source<'o>, (bool, String)> {
        let refused = |why: &str| (false, why.to_owned());
        let mut ours = self.observed.ours.iter();
        let ours = ours.find(|(_, found)| found.raw.id() == id);
        let found = ours.map(|(_, found)| found);
        let Some(found) = found.or_else(|| self.observed.asked.get(id)) else {
            return Err(refused("the account may list it and not read it"));
        };
        if let Some((address, _)) = ours
            && let Some(playbook) = self.desired.playbooks.get(address)
        {
            return self.edit(address, playbook, found);
        }
        readable(found)?;
        let Some(team) = &found.team else {
            return Err(refused("its team has a name that YAML cannot say"));
        };
        Ok(Source {
            state: found.state.clone(),
            team: team.clone(),
            what: What::New(ours.map(|(address, _)| address.key.clone())),
        })
    }

    /// The edit of a playbook that is managed already.
    fn edit(
        &self,
        address: &Address,
        playbook: &'o DesiredPlaybook,
        found: &Found,
    ) -> Result<Source<'o>, (bool, String)> {
        let path = &playbook.path;
        let wanted = match &playbook.wanted {
            Ok(wanted) => &wanted.state,
            Err(refusal) => {
                return Err((
                    false,
                    format!(
                        "`{path}` cannot be compared: {}",
                        one_line(&refusal.to_string())
                    ),
                ));
            }
        };
        readable(found)?;
        let Some(loaded) = self
            .workspace
            .playbooks
            .iter()
            .find(|loaded| loaded.path == *path)
        else {
            return Err((false, format!("`{path}` is not there any more")));
        };
        let step = self.plan.steps.iter().find(|step| step.address == *address);
        let changes = step.map(|step| step.fields.as_slice()).unwrap_or_default();
        let mut fields = BTreeSet::new();
        let mut notes = Vec::new();
        for change in changes {
            let take = match change.moved {
                Moved::Git => continue,
                Moved::Mattermost => true,
                Moved::Both | Moved::Unclear => self.choice.takes_both,
            };
            if take {
                fields.insert(change.field.clone());
            } else {
                notes.push(format!("`{}` was left as it is, since git changed too: `--playbook {}` takes what Mattermost has", change.field, found.raw.id()));
            }
        }
        if fields.is_empty() {
            let why = match notes.first() {
                Some(note) => note.clone(),
                None => format!(
                    "it is managed already, as `{path}`, and nobody edited it in Mattermost"
                ),
            };
            return Err((notes.is_empty(), why));
        }
        let settings = &self.workspace.settings;
        if loaded.playbook.teams_or(settings.team.as_ref()).len() > 1 {
            return Err((
                false,
                format!(
                    "`{path}` stands for a playbook in each of several teams: carry the edit over by hand"
                ),
            ));
        }
        Ok(Source {
            state: found.state.clone().without(&playbook.unmanaged),
            team: address.team.clone(),
            what: What::Edit {
                loaded,
                wanted,
                fields,
                notes,
            },
        })
    }
}

/// Whether all of it could be read; if not, why.
fn readable(found: &Found) -> Result<(), (bool, String)> {
    match &found.no_attributes {
        Some(problem) => Err((
            false,
            format!("its attributes could not be read: {problem}"),
        )),
        None => Ok(()),
    }
}

/// Writes them all down, but for those that would be a mistake.
fn compose(
    workspace: &Workspace,
    files: &dyn Files,
    mut wanted: BTreeMap<String, Source<'_>>,
    me: Option<&str>,
    mut draft: Draft,
) -> Result<Draft, DraftError> {
    let paths = files.list()?.files;
    let permissions = text_of(files, PERMISSIONS)?;
    loop {
        let mut writer = Importer::new(workspace, &paths);
        let mut imported: BTreeMap<&str, Imported> = BTreeMap::new();
        let mut broken: BTreeMap<String, String> = BTreeMap::new();
        for (id, source) in &wanted {
            match write_down(&mut writer, source, files) {
                Ok(playbook) => {
                    imported.insert(id, playbook);
                }
                Err(why) => {
                    broken.insert(id.clone(), why);
                }
            }
        }
        let drafted = drafted(&imported, permissions.as_deref())?;
        let mut overlay = Overlay::new(files);
        for file in &drafted {
            overlay.put(&file.path, file.after.clone().into_bytes());
        }
        let loaded = workspace::load(&overlay)?;
        broken.extend(mistaken(&loaded, &imported));
        if let Some(new) = &loaded.workspace
            && broken.is_empty()
        {
            draft.files = drafted;
            draft.playbooks = playbooks(new, &wanted, imported, me);
            return Ok(draft);
        }
        if broken.is_empty() {
            let first = loaded.findings.first();
            let first = first.map_or("", |finding| finding.message.as_str());
            return Err(DraftError::Mistakes(one_line(first)));
        }
        for (id, why) in broken {
            if let Some(source) = wanted.remove(&id) {
                draft.refused.push((source.state.title, why));
            }
        }
    }
}

fn write_down(
    importer: &mut Importer<'_>,
    source: &Source<'_>,
    files: &dyn Files,
) -> Result<Imported, String> {
    match &source.what {
        What::New(key) => Ok(importer.import(&source.state, &source.team, key.as_ref())),
        What::Edit {
            loaded,
            wanted,
            fields,
            notes,
        } => {
            let text = text_of(files, &loaded.path).map_err(|error| error.to_string())?;
            let text = text.unwrap_or_default();
            let edited = importer.edit(loaded, &text, wanted, &source.state, fields);
            let mut edited = edited.map_err(|error| error.to_string())?;
            edited.notes.extend(notes.iter().cloned());
            Ok(edited)
        }
    }
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
        if playbook.before.as_ref() != Some(&playbook.text) {
            files.push(DraftFile {
                before: playbook.before.clone(),
                ..new(&playbook.path, &playbook.text)
            });
        }
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
fn mistaken(loaded: &Loaded, imported: &BTreeMap<&str, Imported>) -> BTreeMap<String, String> {
    let mut broken = BTreeMap::new();
    if loaded.workspace.is_some() {
        return broken;
    }
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
    me: Option<&str>,
) -> Vec<Drafted> {
    let desired = Desired::of(new).map(|desired| match me {
        Some(me) => desired.for_account(me).playbooks,
        None => desired.playbooks,
    });
    let desired = desired.unwrap_or_default();
    let mut all = Vec::new();
    for (id, playbook) in imported {
        let Some(source) = wanted.get(id) else {
            continue;
        };
        let address = Address {
            key: playbook.key,
            team: source.team.clone(),
        };
        let mut notes = playbook.notes;
        match desired
            .get(&address)
            .map(|playbook| (&playbook.wanted, &playbook.unmanaged))
        {
            Some((Ok(wanted), unmanaged)) => {
                let fields = match &source.what {
                    What::New(_) => None,
                    What::Edit { fields, .. } => Some(fields),
                };
                notes.extend(leftovers(&wanted.state, &source.state, unmanaged, fields));
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
            id: (!id.is_empty()).then(|| id.to_owned()),
            is_new: matches!(source.what, What::New(_)),
            title: source.state.title.clone(),
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
        let playbooks = self.playbooks.iter().filter(|playbook| playbook.is_new);
        playbooks.filter_map(|playbook| Some((&playbook.address.key, playbook.id.as_deref()?)))
    }

    /// The paths of new files.
    #[must_use]
    pub fn new_paths(&self) -> BTreeSet<&str> {
        let new = self.files.iter().filter(|file| file.before.is_none());
        new.map(|file| file.path.as_str()).collect()
    }
}
