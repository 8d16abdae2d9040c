//! The names that `render` was given: which playbook and which template they mean.
//!
//! Owns that a key and the path of a file mean the same playbook, and what is said of a
//! name that leads nowhere. Knows the names also where the files have mistakes: whoever
//! mistypes a name should hear of that, and not of files that were not asked for.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use crate::cli::Render;
use crate::diag::{did_you_mean, listed, one_line};
use crate::exit::Failure;
use crate::model::{Key, TemplatePath};
use crate::render;
use crate::workspace::{
    Directory, Document, Files, PLAYBOOKS, Placed, TEMPLATES, Workspace, WorkspaceError, belongs,
    survey,
};
use crate::yaml::Part;

/// What the playbooks and templates of a workspace are called.
#[derive(Debug)]
pub(super) struct Names {
    /// The folder of the workspace.
    root: Utf8PathBuf,
    /// The folder one works in, seen from there.
    folder: Utf8PathBuf,
    /// The path of each playbook, with its key as far as it can be read.
    playbooks: BTreeMap<String, Option<String>>,
    templates: BTreeSet<TemplatePath>,
}

impl Names {
    /// The names of a workspace without mistakes.
    pub(super) fn of(workspace: &Workspace, root: &Utf8Path, here: &Utf8Path) -> Self {
        let playbooks = workspace.playbooks.iter().map(|loaded| {
            let key = loaded.playbook.key.as_str().to_owned();
            (loaded.path.clone(), Some(key))
        });
        Self {
            root: root.to_owned(),
            folder: here.strip_prefix(root).unwrap_or("".into()).to_owned(),
            playbooks: playbooks.collect(),
            templates: workspace.templates.keys().cloned().collect(),
        }
    }

    /// The names in a folder whose files may have mistakes.
    pub(super) fn despite_mistakes(
        root: &Utf8Path,
        here: &Utf8Path,
    ) -> Result<Self, WorkspaceError> {
        let directory = Directory::new(root)?;
        let found = survey(&directory, None, |_, _, _| ())?;
        let understood = found.playbooks.into_iter().map(|visited| visited.outline);
        let mut playbooks: BTreeMap<String, Option<String>> = understood
            .map(|outline| (outline.path, Some(outline.key)))
            .collect();
        let mut templates: BTreeSet<TemplatePath> =
            found.around.template_sources().into_keys().collect();
        for path in directory.list()?.files {
            match path.split_once('/') {
                Some((PLAYBOOKS, _)) if belongs(&path) && !playbooks.contains_key(&path) => {
                    let key = key_in(&found.around.document(&path));
                    playbooks.insert(path, key);
                }
                Some((TEMPLATES, _)) if belongs(&path) => templates.extend(path.parse().ok()),
                _ => {}
            }
        }
        Ok(Self {
            root: root.to_owned(),
            folder: here.strip_prefix(root).unwrap_or("".into()).to_owned(),
            playbooks,
            templates,
        })
    }

    /// Says of arguments that lead nowhere, for sure, that they do.
    pub(super) fn check(&self, arguments: &Render) -> Result<(), Failure> {
        let Some(key) = &arguments.playbook else {
            let what = &arguments.what;
            return match self.template(what) {
                Some(_) => Ok(()),
                None => self.check_playbook(what, what),
            };
        };
        self.check_playbook(key, &arguments.what)?;
        // A template outside `templates/` is known only to files that may be unreadable.
        let is_file = |path: &String| self.root.join(path).is_file();
        if !self.paths(&arguments.what).iter().any(is_file) {
            render::named(&arguments.what, &self.templates)?;
        }
        Ok(())
    }

    fn check_playbook(&self, given: &str, asked: &str) -> Result<(), Failure> {
        // One whose key nobody can read may be the one.
        let all_known = self.playbooks.values().all(Option::is_some);
        let paths = self.paths(given);
        let is_file = paths.iter().any(|path| self.playbooks.contains_key(path));
        if is_file || self.playbook(given).is_some() || !all_known {
            return Ok(());
        }
        Err(self.no_playbook(given, asked))
    }

    /// The key of the playbook that is meant by its key or by the path of its file.
    pub(super) fn playbook(&self, given: &str) -> Option<&str> {
        let by_path = || {
            let paths = self.paths(given);
            let key = paths.iter().find_map(|path| self.playbooks.get(path))?;
            key.as_deref()
        };
        self.keys().find(|key| *key == given).or_else(by_path)
    }

    /// The template that is meant by a path.
    pub(super) fn template(&self, given: &str) -> Option<&TemplatePath> {
        let paths = self.paths(given);
        let mut paths = paths.iter();
        paths.find_map(|path| self.templates.iter().find(|known| known.as_str() == path))
    }

    /// There is no such playbook; whoever asks for a message of no playbook is told how.
    pub(super) fn no_playbook(&self, given: &str, asked: &str) -> Failure {
        let failure = Failure::usage(format!("there is no playbook `{}`", one_line(given)));
        if given == asked && render::named(asked, &self.templates).is_ok() {
            let one = self.keys().next().unwrap_or("PLAYBOOK");
            return failure.help(format!(
                "a message belongs to a playbook: add `--for {one}`"
            ));
        }
        let names = self.keys().chain(self.playbooks.keys().map(String::as_str));
        failure.help(
            did_you_mean(given, names)
                .unwrap_or_else(|| format!("this workspace has {}", listed(self.keys()))),
        )
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        self.playbooks.values().filter_map(Option::as_deref)
    }

    /// The paths in the workspace that may be meant: seen from its folder, or from where one is.
    fn paths(&self, given: &str) -> Vec<String> {
        let given = Utf8Path::new(given);
        let given = given.strip_prefix(&self.root).unwrap_or(given);
        let seen_from = [given.to_owned(), self.folder.join(given)];
        seen_from.iter().filter_map(|path| straight(path)).collect()
    }
}

/// A path without `.` and `..`; none where it leads out of the workspace.
fn straight(path: &Utf8Path) -> Option<String> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Utf8Component::Normal(part) => parts.push(part),
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => drop(parts.pop()?),
            Utf8Component::RootDir | Utf8Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// The key in a playbook with mistakes, where it can be read.
fn key_in(document: &Document) -> Option<String> {
    let place = document.place("/key", Part::Value);
    let text = document.source().text().get(place.range())?;
    let key: Key = text.trim_matches(['"', '\'']).parse().ok()?;
    Some(key.as_str().to_owned())
}
