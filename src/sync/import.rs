//! From playbooks as Mattermost shows them to the YAML of a workspace.
//!
//! Owns what becomes of each managed field on the way back: keys from titles, profiles from
//! members, templates from long texts, and what cannot be written down. Pure: answers with
//! the texts of files, and writes none. Whatever Mattermost says is plain text here, and
//! never becomes Jinja, a path or a key.

mod attributes;
mod draft;
mod edit;
mod export;
mod keys;
mod leftover;
mod metrics;
mod playbook;
mod profile;
mod select;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

use super::canonical::PlaybookState;
use crate::model::{
    Key, Permissions, Playbook, Profile, Settings, TeamName, TemplatePath, Unmanaged,
};
use crate::workspace::{LoadedPlaybook, PERMISSIONS, PLAYBOOKS, Workspace};
use crate::yaml::{self, Value};

pub use draft::{Draft, DraftError, DraftFile, Drafted, draft, draft_exported};
pub use export::{ExportError, MOST_BYTES, exported};
pub use leftover::leftovers;
pub use select::{Asked, Choice, choose};

/// A playbook on its way into a workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Its key.
    pub key: Key,
    /// Its file, relative to the workspace.
    pub path: String,
    /// What its file said; none for a new one.
    pub before: Option<String>,
    /// What its file says.
    pub text: String,
    /// New templates and what they say.
    pub templates: Vec<(TemplatePath, String)>,
    /// The profile it needs, where none of the workspace fits.
    pub profile: Option<ProfileChange>,
    /// What people should know.
    pub notes: Vec<String>,
}

/// What becomes of a profile.
#[derive(Debug, Clone, PartialEq)]
pub enum ProfileChange {
    /// It is new.
    New(Key, Value),
    /// It allows something else.
    Changed {
        /// Its name.
        key: Key,
        /// What it allowed.
        before: Profile,
        /// What it allows.
        after: Profile,
    },
}

/// Brings playbooks into a workspace, one after the other.
#[derive(Debug, Clone)]
pub struct Importer<'w> {
    settings: &'w Settings,
    /// Those of the workspace, and the ones that were added.
    permissions: Permissions,
    /// Keys of playbooks.
    keys: BTreeSet<String>,
    /// How many playbooks name each profile.
    users: BTreeMap<Key, usize>,
    /// Files, in lower case: some systems do not tell upper from lower case.
    files: BTreeSet<String>,
}

impl<'w> Importer<'w> {
    /// Begins with a workspace; `files` are the paths of everything that is there.
    #[must_use]
    pub fn new(workspace: &'w Workspace, files: &[String]) -> Self {
        let keys = workspace.playbooks.iter().flat_map(|loaded| {
            let playbook = &loaded.playbook;
            // What was renamed still has the ids of its old key.
            [Some(&playbook.key), playbook.moved_from.as_ref()]
        });
        let mut users = BTreeMap::new();
        for loaded in &workspace.playbooks {
            *users.entry(loaded.playbook.access.clone()).or_default() += 1;
        }
        Self {
            users,
            settings: &workspace.settings,
            permissions: workspace.permissions.clone(),
            keys: keys.flatten().map(ToString::to_string).collect(),
            files: files.iter().map(|path| path.to_lowercase()).collect(),
        }
    }

    /// Writes a playbook down that has no file yet; `key` is the one it is known by already.
    pub fn import(
        &mut self,
        state: &PlaybookState,
        team: &TeamName,
        key: Option<&Key>,
    ) -> Imported {
        let key = match key {
            Some(key) => key.clone(),
            None => keys::unique(&state.title, "playbook", |key| {
                let path = format!("{PLAYBOOKS}/{key}.yaml");
                !self.keys.contains(key) && !self.files.contains(&path)
            }),
        };
        let mut notes = Vec::new();
        let mut unmanaged = Vec::new();
        let members = profile::members(state, self.settings, &mut notes);
        if !members.complete {
            unmanaged.push(Unmanaged::Members);
        }
        let addresses = [state.start_webhooks, state.update_webhooks];
        if addresses.into_iter().flatten().any(|count| count > 0) {
            unmanaged.push(Unmanaged::Webhooks);
            notes.push("the addresses of its webhooks are secrets: they stay as they are in Mattermost, and `unmanaged: [webhooks]` says so".to_owned());
        }
        let wanted = profile::profile(state, &members);
        let (access, profile) = self.access(&key, wanted);
        let mut templates = texts::Texts::new(&key, &state.title, &self.files);
        let mut entries = playbook::entries(state, self.settings, &mut templates, &mut notes);
        let team = (self.settings.team.as_ref() != Some(team)).then_some(team);
        playbook::head(&mut entries, &key, team, &access, &unmanaged);
        let path = format!("{PLAYBOOKS}/{key}.yaml");
        let templates = templates.files;
        self.keys.insert(key.to_string());
        self.files.insert(path.clone());
        let paths = templates.iter().map(|(path, _)| path.to_string());
        self.files.extend(paths);
        Imported {
            text: yaml::document(
                "yaml-language-server: $schema=../schema/playbook.schema.json",
                &entries,
            ),
            key,
            path,
            before: None,
            templates,
            profile: profile.map(|(key, value)| ProfileChange::New(key, value)),
            notes,
        }
    }

    /// Brings somebody's edit into the file that a playbook has.
    ///
    /// # Errors
    /// When the file is written in a way that cannot be changed bit by bit.
    pub(in crate::sync) fn edit(
        &mut self,
        loaded: &LoadedPlaybook,
        text: &str,
        wanted: &PlaybookState,
        state: &PlaybookState,
        fields: &BTreeSet<String>,
    ) -> Result<Imported, yaml::MergeError> {
        let playbook = &loaded.playbook;
        let mut notes = Vec::new();
        let mut access = None;
        let mut profile = None;
        if edit::ACCESS.iter().any(|field| fields.contains(*field)) {
            (access, profile) = self.changed_access(playbook, state, &mut notes);
        }
        let editing = edit::Editing {
            settings: self.settings,
            playbook,
            wanted,
            state,
            fields,
        };
        let mut texts = texts::Texts::new(&playbook.key, &state.title, &self.files);
        let text_after = yaml::edit_value(&loaded.path, text, |root| {
            if let Value::Map(entries) = root {
                edit::edit(entries, &editing, &mut texts, &mut notes);
                if let Some(access) = &access {
                    playbook::put(entries, &["access"], Value::text(access.as_str()));
                }
            }
        })?;
        let templates = texts.files;
        let paths = templates.iter().map(|(path, _)| path.to_string());
        self.files.extend(paths);
        Ok(Imported {
            key: playbook.key.clone(),
            path: loaded.path.clone(),
            before: Some(text.to_owned()),
            text: text_after,
            templates,
            profile,
            notes,
        })
    }

    /// The profile that a playbook gets when somebody changed who may do what, and how that
    /// profile comes to be.
    fn changed_access(
        &mut self,
        playbook: &Playbook,
        state: &PlaybookState,
        notes: &mut Vec<String>,
    ) -> (Option<Key>, Option<ProfileChange>) {
        let before = self.permissions.profiles.get(&playbook.access);
        let before = before.cloned().unwrap_or_default();
        let members = profile::members(state, self.settings, notes);
        let mut after = profile::profile(state, &members);
        if state.members.is_none() || !members.complete {
            (after.playbook.users, after.playbook.editors) = (
                before.playbook.users.clone(),
                before.playbook.editors.clone(),
            );
        } else {
            profile::keep_groups(&self.permissions, &before, &mut after);
        }
        after.incident.export = before.incident.export;
        let account = self.settings.sync.account.as_ref();
        if let Some(known) = profile::equal(&self.permissions, &after, account) {
            return ((known != playbook.access).then_some(known), None);
        }
        let own = self.users.get(&playbook.access) == Some(&1);
        if own {
            let key = playbook.access.clone();
            self.permissions.profiles.insert(key.clone(), after.clone());
            return (None, Some(ProfileChange::Changed { key, before, after }));
        }
        let (key, new) = self.access(&playbook.key, after);
        (
            Some(key),
            new.map(|(key, value)| ProfileChange::New(key, value)),
        )
    }

    /// The name of a profile that says this, and the profile itself where it is new.
    fn access(&mut self, key: &Key, wanted: Profile) -> (Key, Option<(Key, Value)>) {
        let account = self.settings.sync.account.as_ref();
        let same = profile::equal(&self.permissions, &wanted, account);
        if let Some(known) = same {
            return (known, None);
        }
        let profiles = &self.permissions.profiles;
        let name = keys::unique(key.as_str(), "access", |name| {
            !profiles.keys().any(|known| known.as_str() == name)
        });
        let value = profile::value(&wanted);
        self.permissions.profiles.insert(name.clone(), wanted);
        (name.clone(), Some((name, value)))
    }
}

/// The text of `permissions.yaml` with these changes; none when there are none.
///
/// # Errors
/// When the file is written in a way that cannot be added to.
pub fn with_profiles(
    text: Option<&str>,
    changes: Vec<ProfileChange>,
) -> Result<Option<String>, yaml::MergeError> {
    if changes.is_empty() {
        return Ok(None);
    }
    let change = |entries: &mut Vec<(String, Value)>| {
        for change in changes {
            match change {
                ProfileChange::New(key, value) => {
                    if let Some(profiles) = playbook::inside(entries, &["profiles"]) {
                        profiles.push((key.to_string(), value));
                    }
                }
                ProfileChange::Changed { key, before, after } => {
                    let path = ["profiles", key.as_str()];
                    if let Some(profile) = playbook::inside(entries, &path) {
                        profile::patch(profile, &before, &after);
                    }
                }
            }
        }
    };
    let Some(text) = text else {
        let mut entries = Vec::new();
        change(&mut entries);
        let comment = "yaml-language-server: $schema=schema/permissions.schema.json";
        return Ok(Some(yaml::document(comment, &entries)));
    };
    yaml::edit_value(PERMISSIONS, text, |root| {
        if let Value::Map(entries) = root {
            change(entries);
        }
    })
    .map(Some)
}
