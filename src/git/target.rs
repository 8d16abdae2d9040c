//! The branch that receives a commit, and what it holds now.
//!
//! Where the branch is checked out here, what counts as present is the work tree:
//! people edit there. Otherwise it is the tip of the branch.

use camino::{Utf8Path, Utf8PathBuf};

use super::{CommitId, GitError, Repository};

/// How long the name of a branch may be: it becomes the name of a file.
const LONGEST_NAME: usize = 200;

/// A branch to commit to.
pub struct Target<'r> {
    pub(super) repository: &'r Repository,
    /// The branch's short name.
    pub(super) branch: String,
    /// The commit at its tip.
    pub(super) tip: Option<git2::Oid>,
    /// What the first commit of a new branch follows.
    pub(super) start: Option<git2::Oid>,
    /// Whether its files are those of the work tree.
    pub(super) checked_out: bool,
}

impl Repository {
    /// The branch of that name, or the one that is checked out.
    ///
    /// A branch that does not exist starts where the `origin` has it, else at the commit
    /// that is checked out.
    ///
    /// # Errors
    /// [`GitError::Detached`] without a name where no branch is checked out,
    /// [`GitError::CheckedOutElsewhere`] when another work tree has it.
    pub fn target(&self, branch: Option<&str>) -> Result<Target<'_>, GitError> {
        let doing = || "find the branch to commit to".to_owned();
        let git = |error: git2::Error| GitError::git(doing(), &error);
        let head = self.inner.find_reference("HEAD").map_err(git)?;
        let current = head
            .symbolic_target()
            .map_err(git)?
            .and_then(|name| name.strip_prefix("refs/heads/"))
            .map(str::to_owned);
        let branch = match branch {
            Some(branch) => branch.to_owned(),
            None => current.clone().ok_or(GitError::Detached)?,
        };
        if !is_branch_name(&branch) {
            return Err(GitError::BranchName { name: branch });
        }
        let checked_out = current.as_ref() == Some(&branch) && !self.inner.is_bare();
        let tip = self.resolve(&format!("refs/heads/{branch}"))?;
        if tip.is_none()
            && let Some(other) = self.branch_beside(&branch)?
        {
            return Err(GitError::BranchBeside {
                name: branch,
                other,
            });
        }
        if !checked_out && self.is_checked_out_elsewhere(&branch) {
            return Err(GitError::CheckedOutElsewhere { branch });
        }
        let start = match tip {
            Some(tip) => Some(tip),
            None => match self.resolve(&format!("refs/remotes/origin/{branch}"))? {
                Some(remote) => Some(remote),
                None => self.head()?.map(|commit| commit.id()),
            },
        };
        Ok(Target {
            repository: self,
            branch,
            tip,
            start,
            checked_out,
        })
    }

    /// A branch whose name begins this one's, or the other way round.
    fn branch_beside(&self, branch: &str) -> Result<Option<String>, GitError> {
        let git = |error: git2::Error| GitError::git("list the branches", &error);
        let all = self.inner.branches(Some(git2::BranchType::Local));
        for other in all.map_err(git)? {
            let (other, _) = other.map_err(git)?;
            // What is not UTF-8 cannot begin a name that is.
            let Ok(Some(other)) = other.name() else {
                continue;
            };
            let begins = |a: &str, b: &str| b.strip_prefix(a).is_some_and(|r| r.starts_with('/'));
            if begins(other, branch) || begins(branch, other) {
                return Ok(Some(other.to_owned()));
            }
        }
        Ok(None)
    }

    /// Whether another work tree of this repository has the branch.
    fn is_checked_out_elsewhere(&self, branch: &str) -> bool {
        let has_branch = |other: git2::Repository| {
            let head = other.find_reference("HEAD").ok();
            let name =
                head.and_then(|head| head.symbolic_target().ok().flatten().map(str::to_owned));
            !other.is_bare() && name.as_deref() == Some(&format!("refs/heads/{branch}"))
        };
        if self.inner.is_worktree()
            && git2::Repository::open(self.inner.commondir()).is_ok_and(has_branch)
        {
            return true;
        }
        let names = self.inner.worktrees();
        let names = names.iter().flat_map(|names| names.iter());
        names
            .filter_map(|name| name.ok().flatten())
            .filter_map(|name| self.inner.find_worktree(name).ok())
            .filter_map(|tree| git2::Repository::open_from_worktree(&tree).ok())
            .any(has_branch)
    }

    fn resolve(&self, name: &str) -> Result<Option<git2::Oid>, GitError> {
        let found = self
            .inner
            .find_reference(name)
            .and_then(|reference| reference.peel_to_commit());
        match found {
            Ok(commit) => Ok(Some(commit.id())),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(GitError::git(format!("read `{name}`"), &error)),
        }
    }
}

/// Refuses what stands where a folder of this repository should.
fn check_folder(path: &str, folder: &Utf8Path, name: &str) -> Result<(), GitError> {
    let Ok(data) = fs_err::symlink_metadata(folder) else {
        return Ok(());
    };
    if data.is_file() {
        return Err(GitError::InTheWay {
            path: path.to_owned(),
            file: name.to_owned(),
        });
    }
    if fs_err::symlink_metadata(folder.join(".git")).is_ok() {
        return Err(GitError::Nested {
            path: path.to_owned(),
            folder: name.to_owned(),
        });
    }
    Ok(())
}

/// Whether git takes a name for a branch, and means by it what it says.
fn is_branch_name(name: &str) -> bool {
    name != "@"
        && name.len() <= LONGEST_NAME
        && !name.starts_with("refs/")
        && git2::Reference::is_valid_name(&format!("refs/heads/{name}"))
        && git2::Branch::name_is_valid(name).unwrap_or(false)
}

impl<'r> Target<'r> {
    /// The same branch as it is now.
    ///
    /// # Errors
    /// As [`Repository::target`].
    pub fn again(&self) -> Result<Target<'r>, GitError> {
        self.repository.target(Some(&self.branch))
    }
}

impl Target<'_> {
    /// The branch's name.
    #[must_use]
    pub fn branch(&self) -> &str {
        &self.branch
    }

    /// Whether its files are those of the work tree.
    #[must_use]
    pub fn is_checked_out(&self) -> bool {
        self.checked_out
    }

    /// A file as it is now.
    ///
    /// # Errors
    /// When it cannot be read, or a link leads to it.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        if !self.checked_out {
            return self.read_committed(path);
        }
        let file = self.on_disk(path)?;
        match fs_err::read(&file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(GitError::io(format!("read `{path}`"), &error)),
        }
    }

    /// The names of the folders inside a folder, sorted; none where there is no such folder.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn folders(&self, path: &str) -> Result<Vec<String>, GitError> {
        let doing = || format!("list `{path}`");
        let mut names = Vec::new();
        if self.checked_out {
            let folder = self.on_disk(path)?;
            check_folder(path, &folder, path)?;
            let entries = match fs_err::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(names),
                Err(error) => return Err(GitError::io(doing(), &error)),
            };
            for entry in entries {
                let entry = entry.map_err(|e| GitError::io(doing(), &e))?;
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if let (true, Ok(name)) = (is_folder, entry.file_name().into_string()) {
                    names.push(name);
                }
            }
        } else if let Some(start) = self.start {
            let full = self.repository.full(path)?;
            let inner = &self.repository.inner;
            let tree = inner.find_commit(start).and_then(|c| c.tree());
            let tree = tree.map_err(|e| GitError::git(doing(), &e))?;
            let folder = tree
                .get_path(full.as_ref())
                .and_then(|entry| entry.to_object(inner))
                .and_then(|object| object.peel_to_tree());
            if let Ok(folder) = folder {
                let folders = folder
                    .iter()
                    .filter(|entry| entry.kind() == Some(git2::ObjectType::Tree));
                names.extend(folders.filter_map(|entry| entry.name().ok().map(str::to_owned)));
            }
        }
        names.sort();
        Ok(names)
    }

    /// The tip of the branch, if it has one.
    #[must_use]
    pub fn tip(&self) -> Option<CommitId> {
        self.tip.map(CommitId)
    }

    /// Refuses what stands in a commit where a folder should.
    pub(super) fn check_committed(
        &self,
        tree: &git2::Tree<'_>,
        path: &str,
    ) -> Result<(), GitError> {
        let full = self.repository.full(path)?;
        let mut folder = Utf8Path::new(&full).parent();
        while let Some(here) = folder.filter(|here| !here.as_str().is_empty()) {
            let kind = tree.get_path(here.as_std_path()).ok();
            match kind.and_then(|entry| entry.kind()) {
                None | Some(git2::ObjectType::Tree) => {}
                Some(git2::ObjectType::Commit) => {
                    return Err(GitError::Nested {
                        path: path.to_owned(),
                        folder: here.to_string(),
                    });
                }
                Some(_) => {
                    return Err(GitError::InTheWay {
                        path: path.to_owned(),
                        file: here.to_string(),
                    });
                }
            }
            folder = here.parent();
        }
        Ok(())
    }

    /// A file at the commit that the next one follows.
    pub(super) fn read_committed(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        match self.start {
            Some(start) => self.repository.files_at(CommitId(start))?.read_file(path),
            None => Ok(None),
        }
    }

    /// Where a file stands on disk; refuses to follow links on the way, which could lead anywhere.
    pub(super) fn on_disk(&self, path: &str) -> Result<Utf8PathBuf, GitError> {
        self.repository.full(path)?;
        let mut here = self.repository.folder.clone();
        for part in Utf8Path::new(path) {
            if here != self.repository.folder {
                let folder = here.strip_prefix(&self.repository.folder).unwrap_or(&here);
                check_folder(path, &here, folder.as_str())?;
            }
            here.push(part);
            if fs_err::symlink_metadata(&here).is_ok_and(|data| data.file_type().is_symlink()) {
                let link = here.strip_prefix(&self.repository.folder).unwrap_or(&here);
                return Err(GitError::Link {
                    path: path.to_owned(),
                    link: link.to_string(),
                });
            }
        }
        Ok(here)
    }
}
