//! What a workspace said at an earlier commit, as far as rules about changes need it.

use std::collections::BTreeMap;

use crate::diag::Level;
use crate::model::{Key, Permissions};
use crate::workspace::{self, Files, Outline, Survey, WorkspaceError};

/// A workspace as it was.
#[derive(Debug, Default)]
pub struct Before {
    /// `permissions.yaml`; none when it had mistakes.
    pub permissions: Option<Permissions>,
    /// How many errors it had: what they hid cannot be compared.
    pub errors: usize,
    playbooks: BTreeMap<String, Known>,
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
        } = workspace::survey(files, None, |_, _, playbook, _| playbook.access)?;
        let known = playbooks.into_iter().map(|visited| {
            let (outline, access) = (visited.outline, visited.kept);
            (outline.key.clone(), Known { outline, access })
        });
        Ok(Self {
            playbooks: known.collect(),
            permissions: around.permissions,
            errors: findings.iter().filter(|f| f.level == Level::Error).count(),
        })
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
