//! From playbooks as Mattermost shows them to the YAML of a workspace.
//!
//! Owns what becomes of each managed field on the way back: keys from titles, profiles from
//! members, templates from long texts, and what cannot be written down. Pure: answers with
//! the texts of files, and writes none. Whatever Mattermost says is plain text here, and
//! never becomes Jinja, a path or a key.

mod attributes;
mod draft;
mod keys;
mod leftover;
mod playbook;
mod profile;
mod select;
mod texts;

use std::collections::BTreeSet;

use super::canonical::PlaybookState;
use crate::model::{Key, Permissions, Settings, TeamName, TemplatePath, Unmanaged};
use crate::workspace::{PERMISSIONS, PLAYBOOKS, Workspace};
use crate::yaml::{self, Value};

pub use draft::{Draft, DraftError, DraftFile, Drafted, draft};
pub use leftover::leftovers;
pub use select::{Asked, Choice, choose};

/// A playbook on its way into a workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Its key.
    pub key: Key,
    /// Its file, relative to the workspace.
    pub path: String,
    /// What its file says.
    pub text: String,
    /// New templates and what they say.
    pub templates: Vec<(TemplatePath, String)>,
    /// The profile it needs, where none of the workspace fits.
    pub profile: Option<(Key, Value)>,
    /// What people should know.
    pub notes: Vec<String>,
}

/// Brings playbooks into a workspace, one after the other.
#[derive(Debug, Clone)]
pub struct Importer<'w> {
    settings: &'w Settings,
    /// Those of the workspace, and the ones that were added.
    permissions: Permissions,
    /// Keys of playbooks.
    keys: BTreeSet<String>,
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
        Self {
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
            templates,
            profile,
            notes,
        }
    }

    /// The name of a profile that says this, and the profile itself where it is new.
    fn access(&mut self, key: &Key, wanted: crate::model::Profile) -> (Key, Option<(Key, Value)>) {
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

/// The text of `permissions.yaml` with more profiles; none when there is nothing to add.
///
/// # Errors
/// When the file is written in a way that cannot be added to.
pub fn with_profiles(
    text: Option<&str>,
    profiles: Vec<(Key, Value)>,
) -> Result<Option<String>, yaml::MergeError> {
    if profiles.is_empty() {
        return Ok(None);
    }
    let added = profiles
        .into_iter()
        .map(|(key, value)| (key.to_string(), value));
    let Some(text) = text else {
        let entries = [("profiles".to_owned(), Value::Map(added.collect()))];
        let comment = "yaml-language-server: $schema=schema/permissions.schema.json";
        return Ok(Some(yaml::document(comment, &entries)));
    };
    yaml::edit_value(PERMISSIONS, text, |root| {
        if let Value::Map(entries) = root
            && let Some(profiles) = playbook::inside(entries, &["profiles"])
        {
            profiles.extend(added);
        }
    })
    .map(Some)
}
