//! Git without disturbing the work tree: read at a commit, commit chosen files.
//!
//! Owns everything that touches a repository, through libgit2: no `git` program is
//! needed and no hook runs. Paths are relative to the folder that
//! [`Repository::discover`] was given (a workspace may be a folder of a larger
//! repository), with `/` as separator. Must not know what the files mean.

mod commit;
mod error;
mod files;
mod target;
#[cfg(test)]
mod tests;

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

pub use commit::NewFile;
pub use error::GitError;
pub use files::CommittedFiles;
pub use target::Target;

/// The name of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CommitId(git2::Oid);

impl CommitId {
    /// The first seven digits, as markers and people write it.
    #[must_use]
    pub fn short(self) -> String {
        self.to_string().chars().take(7).collect()
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What leads from the top of a work tree to a folder in it: empty, or ending in `/`.
///
/// Looks for `.git` only and opens nothing: in the containers of CI the files often
/// belong to another user, whose repositories git refuses.
#[must_use]
pub fn path_from_top(folder: &Utf8Path) -> String {
    let Ok(folder) = folder.canonicalize_utf8() else {
        return String::new();
    };
    let top = folder.ancestors().find(|top| top.join(".git").exists());
    let inside = top.and_then(|top| folder.strip_prefix(top).ok());
    let names = inside.into_iter().flat_map(Utf8Path::components);
    names.flat_map(|name| [name.as_str(), "/"]).collect()
}

/// A repository, seen from one of its folders.
pub struct Repository {
    inner: git2::Repository,
    /// The folder that paths are relative to.
    folder: Utf8PathBuf,
    /// The same within the repository: empty, or ending in `/`.
    prefix: String,
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository")
            .field("folder", &self.folder)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl Repository {
    /// The repository that the folder belongs to; none when it belongs to none.
    ///
    /// # Errors
    /// When there is a repository that cannot be opened.
    pub fn discover(folder: &Utf8Path) -> Result<Option<Self>, GitError> {
        let doing = || format!("open the git repository of `{folder}`");
        let inner = match git2::Repository::discover(folder) {
            Ok(inner) => inner,
            Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(None),
            Err(error) => return Err(GitError::git(doing(), &error)),
        };
        let folder = folder
            .canonicalize_utf8()
            .map_err(|error| GitError::io(doing(), &error))?;
        let mut prefix = String::new();
        if let Some(top) = inner.workdir() {
            let top = top
                .canonicalize()
                .map_err(|error| GitError::io(doing(), &error))?;
            let within = folder.as_std_path().strip_prefix(&top).ok();
            let Some(within) = within.and_then(|path| path.to_str()) else {
                // Within `.git`, say: nothing there is versioned.
                return Ok(None);
            };
            prefix = within.replace('\\', "/");
            if !prefix.is_empty() {
                prefix.push('/');
            }
        }
        Ok(Some(Self {
            inner,
            folder,
            prefix,
        }))
    }

    /// The commit that is checked out; none before the first one.
    ///
    /// # Errors
    /// When `HEAD` cannot be read.
    pub fn head_commit(&self) -> Result<Option<CommitId>, GitError> {
        let commit = self.head()?;
        Ok(commit.map(|commit| CommitId(commit.id())))
    }

    /// Whether one of these files differs from the commit that is checked out: changed,
    /// staged, new, ignored or gone.
    ///
    /// # Errors
    /// When a file cannot be compared.
    pub fn is_dirty<'p>(&self, paths: impl IntoIterator<Item = &'p str>) -> Result<bool, GitError> {
        let Some(head) = self.head()? else {
            return Ok(true);
        };
        let doing = || "compare the files of the workspace with the last commit".to_owned();
        let tree = head.tree().map_err(|e| GitError::git(doing(), &e))?;
        for path in paths {
            let full = self.full(path)?;
            match self.inner.status_file(full.as_ref()) {
                Ok(git2::Status::CURRENT) => {}
                // An ignored file may still be part of the commit: git then follows it.
                Ok(_) => return Ok(true),
                Err(error) if error.code() == git2::ErrorCode::NotFound => {
                    // Neither here nor in the index; a difference only if it was committed.
                    if tree.get_path(full.as_ref()).is_ok() {
                        return Ok(true);
                    }
                }
                Err(error) => return Err(GitError::git(doing(), &error)),
            }
        }
        Ok(false)
    }

    /// The commit of that name, full or shortened to at least four digits; none when it is not
    /// here, as in a shallow clone.
    ///
    /// Takes hexadecimal digits only: the name may come from a server.
    ///
    /// # Errors
    /// When several commits have that beginning, or the repository cannot be read.
    pub fn commit(&self, id: &str) -> Result<Option<CommitId>, GitError> {
        let is_id = (4..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_id {
            return Ok(None);
        }
        match self.inner.find_commit_by_prefix(id) {
            Ok(commit) => Ok(Some(CommitId(commit.id()))),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(GitError::git(format!("find commit `{id}`"), &error)),
        }
    }

    /// The commit that a revision such as `main` or `HEAD~1` names; none when there is no such.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn revision(&self, name: &str) -> Result<Option<CommitId>, GitError> {
        let found = self
            .inner
            .revparse_single(name)
            .and_then(|object| object.peel_to_commit());
        match found {
            Ok(commit) => Ok(Some(CommitId(commit.id()))),
            Err(error)
                if matches!(
                    error.code(),
                    git2::ErrorCode::NotFound | git2::ErrorCode::InvalidSpec
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(GitError::git(format!("find revision `{name}`"), &error)),
        }
    }

    /// The name of whoever wrote a commit, as the commit says: whatever somebody configured.
    ///
    /// # Errors
    /// When the commit cannot be read.
    pub fn author(&self, commit: CommitId) -> Result<String, GitError> {
        let doing = || format!("read commit {}", commit.short());
        let commit = self.inner.find_commit(commit.0);
        let commit = commit.map_err(|error| GitError::git(doing(), &error))?;
        let author = commit.author();
        Ok(String::from_utf8_lossy(author.name_bytes()).into_owned())
    }

    /// Whether older commits may be missing here.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.inner.is_shallow()
    }

    /// The files of a commit.
    ///
    /// # Errors
    /// When the commit cannot be read.
    pub fn files_at(&self, commit: CommitId) -> Result<CommittedFiles<'_>, GitError> {
        CommittedFiles::read(self, commit)
    }

    /// The commit that `HEAD` leads to.
    fn head(&self) -> Result<Option<git2::Commit<'_>>, GitError> {
        let doing = || "read the commit that is checked out".to_owned();
        match self.inner.head() {
            Ok(head) => head
                .peel_to_commit()
                .map(Some)
                .map_err(|e| GitError::git(doing(), &e)),
            Err(error)
                if matches!(
                    error.code(),
                    git2::ErrorCode::UnbornBranch | git2::ErrorCode::NotFound
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(GitError::git(doing(), &error)),
        }
    }

    /// A path within the repository.
    fn full(&self, path: &str) -> Result<String, GitError> {
        let inside = !path.is_empty()
            && !path.contains(['\\', '\0', ':'])
            && path.split('/').all(|part| {
                !part.is_empty()
                    && part != "."
                    && part != ".."
                    && !part.eq_ignore_ascii_case(".git")
            });
        if inside {
            Ok(format!("{}{path}", self.prefix))
        } else {
            Err(GitError::Path {
                path: path.to_owned(),
            })
        }
    }
}
