//! The files of a commit.

use std::collections::BTreeMap;

use super::{CommitId, GitError, Repository};

/// What the folder held at a commit: regular files only, neither links nor submodules.
pub struct CommittedFiles<'r> {
    repository: &'r git2::Repository,
    files: BTreeMap<String, git2::Oid>,
}

impl std::fmt::Debug for CommittedFiles<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.files.keys()).finish()
    }
}

impl<'r> CommittedFiles<'r> {
    pub(super) fn read(repository: &'r Repository, commit: CommitId) -> Result<Self, GitError> {
        let doing = || format!("read the files of commit {}", commit.short());
        let git = |error: git2::Error| GitError::git(doing(), &error);
        let inner = &repository.inner;
        let mut tree = inner
            .find_commit(commit.0)
            .and_then(|c| c.tree())
            .map_err(git)?;
        let folder = repository.prefix.trim_end_matches('/');
        if !folder.is_empty() {
            let found = tree
                .get_path(folder.as_ref())
                .and_then(|entry| entry.to_object(inner))
                .and_then(|object| object.peel_to_tree());
            tree = match found {
                Ok(tree) => tree,
                Err(error) if error.code() == git2::ErrorCode::NotFound => {
                    return Ok(Self {
                        repository: inner,
                        files: BTreeMap::new(),
                    });
                }
                Err(error) => return Err(git(error)),
            };
        }
        let mut files = BTreeMap::new();
        tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            let is_file = matches!(entry.filemode(), 0o100_644 | 0o100_755 | 0o100_664);
            // A name that is not UTF-8 is none that a workspace can use.
            if let (true, Ok(name)) = (is_file, entry.name()) {
                files.insert(format!("{folder}{name}"), entry.id());
            }
            git2::TreeWalkResult::Ok
        })
        .map_err(git)?;
        Ok(Self {
            repository: inner,
            files,
        })
    }

    /// The paths of all files, sorted.
    pub fn list(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The contents of a file; none when the commit has no such.
    ///
    /// # Errors
    /// When the repository is damaged.
    pub fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let Some(id) = self.files.get(path) else {
            return Ok(None);
        };
        self.repository
            .find_blob(*id)
            .map(|blob| Some(blob.content().to_vec()))
            .map_err(|error| GitError::git(format!("read `{path}` at a commit"), &error))
    }
}
