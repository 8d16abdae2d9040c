//! The files of a workspace at a commit.

use std::collections::BTreeMap;

use crate::git::CommittedFiles;

use super::{Files, Listing, WorkspaceError, belongs};

/// The files of a commit that a workspace may want, in memory: a repository is no
/// shared thing, and files are read by several threads.
#[derive(Debug)]
pub struct Committed {
    files: BTreeMap<String, Vec<u8>>,
}

impl Committed {
    /// Takes what belongs to a workspace out of a commit, and every other template:
    /// a file may name it.
    ///
    /// # Errors
    /// When the repository is damaged.
    pub fn read(commit: &CommittedFiles<'_>) -> Result<Self, WorkspaceError> {
        let is_template = |path: &str| path.rsplit_once('.').is_some_and(|(_, end)| end == "j2");
        let mut files = BTreeMap::new();
        for path in commit.list() {
            if !belongs(path) && !is_template(path) {
                continue;
            }
            let bytes = commit
                .read_file(path)
                .map_err(|error| WorkspaceError::Read {
                    path: path.to_owned(),
                    reason: error.to_string(),
                })?;
            files.extend(bytes.map(|bytes| (path.to_owned(), bytes)));
        }
        Ok(Self { files })
    }
}

impl Files for Committed {
    fn list(&self) -> Result<Listing, WorkspaceError> {
        Ok(Listing {
            files: self.files.keys().cloned().collect(),
            problems: Vec::new(),
        })
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
        Ok(self.files.get(path).cloned())
    }
}
