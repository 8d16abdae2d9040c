//! The files of a workspace at a commit.

use crate::git::CommittedFiles;

use super::{Files, Listing, WorkspaceError};

impl Files for CommittedFiles<'_> {
    fn list(&self) -> Result<Listing, WorkspaceError> {
        Ok(Listing {
            files: CommittedFiles::list(self).map(str::to_owned).collect(),
            problems: Vec::new(),
        })
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
        self.read_file(path).map_err(|error| WorkspaceError::Read {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    }
}
