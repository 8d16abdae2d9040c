//! What a workspace said at an earlier commit, as far as rules about changes need it.

use std::collections::{BTreeMap, BTreeSet};

use super::allow::{self, Allowances};
use super::rules;
use crate::diag::{Code, Level};
use crate::model::{Key, Permissions, Settings};
use crate::workspace::{self, Files, Outline, Placed, Survey, WorkspaceError};
use crate::yaml;

/// A workspace as it was.
#[derive(Debug, Default)]
pub struct Before {
    /// `warroom.yaml`; none when it had mistakes, or there was no workspace.
    pub settings: Option<Settings>,
    /// `permissions.yaml`; none when it had mistakes.
    pub permissions: Option<Permissions>,
    /// How many errors it had: what they hid cannot be compared.
    pub errors: usize,
    playbooks: BTreeMap<String, Known>,
    /// For a file, the allowances of rules about changes that it had, as they were written.
    granted: BTreeMap<String, BTreeSet<(Code, String)>>,
}

/// A playbook as it was.
#[derive(Debug)]
pub struct Known {
    outline: Outline,
    /// The access profile that it named.
    pub access: Key,
}

impl Before {
    /// Reads what the files say; mistakes in them hide only themselves.
    ///
    /// # Errors
    /// As [`workspace::survey`].
    pub fn read(files: &dyn Files) -> Result<Self, WorkspaceError> {
        let Survey {
            around,
            playbooks,
            findings,
            ..
        } = workspace::survey(files, None, |_, tree, playbook| {
            let allowances = allow::of_yaml(tree.source(), tree.root());
            (playbook.access, allowances)
        })?;
        let mut before = Self::default();
        for document in [&around.settings_document, &around.permissions_document] {
            let Some(source) = document.as_ref().map(Placed::source) else {
                continue;
            };
            let root = yaml::read(source).root;
            before.grant(root.and_then(|root| allow::of_yaml(source, &root)));
        }
        for visited in playbooks {
            let (outline, (access, allowances)) = (visited.outline, visited.kept);
            before.grant(allowances);
            let known = Known { outline, access };
            before.playbooks.insert(known.outline.key.clone(), known);
        }
        Ok(Self {
            settings: around.settings,
            permissions: around.permissions,
            errors: findings.iter().filter(|f| f.level == Level::Error).count(),
            ..before
        })
    }

    /// Notes what was excused in a file.
    fn grant(&mut self, allowances: Option<Allowances>) {
        let Some(allowances) = allowances else {
            return;
        };
        let written = allowances.written();
        let granted = written.filter(|(code, _)| rules::of_code(*code).compares());
        let granted: BTreeSet<_> = granted
            .map(|(code, text)| (code, text.to_owned()))
            .collect();
        self.granted.insert(allowances.file().to_owned(), granted);
    }

    /// The allowances of rules about changes that a file had.
    pub(super) fn granted(&self, path: &str) -> Option<&BTreeSet<(Code, String)>> {
        self.granted.get(path)
    }

    /// The playbook that had that key.
    #[must_use]
    pub fn playbook(&self, key: &str) -> Option<&Known> {
        self.playbooks.get(key)
    }

    /// Key, title and teams of every playbook.
    pub fn outlines(&self) -> impl Iterator<Item = &Outline> {
        self.playbooks.values().map(|known| &known.outline)
    }
}
