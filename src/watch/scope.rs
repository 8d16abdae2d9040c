//! What of a folder is the workspace: which folders to watch, and which paths count.

use std::collections::BTreeSet;
use std::path::Path;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use crate::workspace::{PLAYBOOKS, TEMPLATES, belongs};

/// A workspace as a set of paths.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    root: Utf8PathBuf,
    /// Files elsewhere in the folder that the workspace names, whether they exist or not.
    beside: BTreeSet<String>,
}

impl Scope {
    pub(super) fn new(root: &Utf8Path) -> Self {
        Self {
            root: root.to_owned(),
            beside: BTreeSet::new(),
        }
    }

    pub(super) fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// The other files, but for those that would lead out of the folder.
    pub(super) fn beside(&self) -> impl Iterator<Item = &Utf8Path> {
        self.beside.iter().map(Utf8Path::new)
    }

    /// Replaces the other files; whether all of them were known.
    pub(super) fn extend(&mut self, beside: BTreeSet<String>) -> bool {
        let inside = |path: &String| {
            let mut parts = Utf8Path::new(path).components();
            parts.all(|part| matches!(part, Utf8Component::Normal(_)))
        };
        let beside: BTreeSet<String> = beside.into_iter().filter(inside).collect();
        let known = beside.is_subset(&self.beside);
        self.beside = beside;
        known
    }

    /// Folders of which only the entries count: the root, and those that lead to other files.
    pub(super) fn flat(&self) -> BTreeSet<&Utf8Path> {
        let folders = self.beside().flat_map(|path| path.ancestors().skip(1));
        folders.chain([Utf8Path::new("")]).collect()
    }

    /// Folders of which everything counts.
    pub(super) fn deep() -> [&'static str; 2] {
        [PLAYBOOKS, TEMPLATES]
    }

    /// Whether a change of that path may change what is found.
    pub(super) fn matters(&self, path: &Path) -> bool {
        let Ok(path) = path.strip_prefix(&self.root) else {
            // The root itself was moved or removed.
            return self.root.as_std_path().starts_with(path);
        };
        // What is not UTF-8 cannot be named in YAML either.
        let Some(path) = path.to_str() else {
            return false;
        };
        if path.is_empty() || belongs(path) || self.beside.contains(path) {
            return true;
        }
        if self.beside().any(|file| file.starts_with(path)) {
            return true;
        }
        // Anything else in there may be a folder, or have been one.
        let hidden = path.split('/').any(|part| part.starts_with('.'));
        !hidden && Self::deep().contains(&path.split('/').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        let mut scope = Scope::new("/w".into());
        let beside = [
            "docs/a/runbook.md",
            "../out.md",
            "/etc/passwd",
            "CODEOWNERS",
        ];
        assert!(!scope.extend(beside.map(str::to_owned).into()));
        scope
    }

    #[test]
    fn only_what_leads_to_the_workspace_matters() {
        let scope = scope();
        for path in [
            "/w",
            "/w/warroom.yaml",
            "/w/playbooks",
            "/w/playbooks/a.yaml",
            "/w/playbooks/folder",
            "/w/templates/x/y.j2",
            "/w/docs",
            "/w/docs/a",
            "/w/docs/a/runbook.md",
            "/w/CODEOWNERS",
        ] {
            assert!(scope.matters(Path::new(path)), "{path}");
        }
        for path in [
            "/w/README.md",
            "/w/target",
            "/w/.git",
            "/w/docs/b",
            "/w/docs/a/runbook.md.swp",
            "/w/playbooks/.a.yaml.swp",
            "/w/incidents/2026/x.md",
            "/elsewhere",
        ] {
            assert!(!scope.matters(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn nothing_outside_the_folder_is_watched() {
        let scope = scope();
        let folders: Vec<&str> = scope.flat().into_iter().map(Utf8Path::as_str).collect();
        assert_eq!(folders, ["", "docs", "docs/a"]);
    }

    #[test]
    fn what_was_known_is_nothing_new() {
        let mut scope = scope();
        let one: BTreeSet<String> = ["CODEOWNERS".to_owned()].into();
        assert!(scope.extend(one.clone()));
        assert!(scope.extend(one));
        assert!(!scope.extend(["docs/x.md".to_owned()].into()));
    }
}
