//! One commit that contains certain files and nothing else.
//!
//! The tree is built from the tip of the branch, never from the index, so that
//! whatever is staged stays out of it. Where the branch is checked out, the files
//! are written into the work tree and their entries, and only theirs, into the
//! index. Order: branch, work tree, index; what fails on the way is taken back. Two
//! of us wait for each other.

use camino::Utf8PathBuf;
use jiff::Timestamp;

use super::{CommitId, GitError, Target};

/// A file to commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its path.
    pub path: String,
    /// What it shall hold.
    pub contents: Vec<u8>,
    /// What [`Target::read`] gave when `contents` were made from it: such changes of people,
    /// committed or not, are not lost.
    pub replaces: Option<Vec<u8>>,
}

impl Target<'_> {
    /// Commits these files and nothing else; none when the branch holds them already.
    ///
    /// The author is who git says (`user.name`, `user.email`), the time is `at`.
    ///
    /// # Errors
    /// [`GitError::Identity`] without an author; [`GitError::Changed`] when one of these very
    /// files has changes in the work tree or the index that `contents` were not made from;
    /// [`GitError::Busy`] during a merge or the like; [`GitError::Moved`] when somebody else
    /// commits at the same time. The branch is then as before.
    pub fn commit(
        &self,
        files: &[NewFile],
        message: &str,
        at: Timestamp,
    ) -> Result<Option<CommitId>, GitError> {
        let doing = || format!("commit to branch `{}`", self.branch);
        let git = |error: git2::Error| GitError::git(doing(), &error);
        let inner = &self.repository.inner;
        self.check_state()?;
        let _turn = self.turn()?;
        if self.again()?.start != self.start {
            return Err(self.moved());
        }

        let parent = self.start.map(|id| inner.find_commit(id)).transpose();
        let parent = parent.map_err(git)?;
        let before = if let Some(parent) = &parent {
            parent.tree().map_err(git)?
        } else {
            let empty = inner.treebuilder(None).and_then(|builder| builder.write());
            empty.and_then(|id| inner.find_tree(id)).map_err(git)?
        };
        let mut update = git2::build::TreeUpdateBuilder::new();
        for file in files {
            let full = self.repository.full(&file.path)?;
            self.check_committed(&before, &file.path)?;
            let blob = inner.blob(&file.contents).map_err(git)?;
            update.upsert(full, blob, git2::FileMode::Blob);
        }
        let tree = update.create_updated(inner, &before).map_err(git)?;
        let nothing_new = tree == before.id() && (self.tip.is_some() || parent.is_some());

        if self.checked_out {
            for file in files {
                self.check_unchanged(file)?;
            }
        }
        let author = if nothing_new {
            None
        } else {
            Some(self.author(at)?)
        };
        if self.checked_out {
            self.check_index_is_free()?;
        }
        let Some(author) = author else {
            if self.checked_out {
                self.write_files(files)?;
            }
            return Ok(None);
        };
        let tree = inner.find_tree(tree).map_err(git)?;
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        let id = inner
            .commit(None, &author, &author, message, &tree, &parents)
            .map_err(git)?;
        self.move_branch(id, message)?;
        if self.checked_out
            && let Err(error) = self.write_files(files)
        {
            self.move_branch_back(id);
            return Err(error);
        }
        Ok(Some(CommitId(id)))
    }

    /// Writes the files without a commit; the branch must be checked out.
    ///
    /// # Errors
    /// As [`Target::commit`].
    pub fn write(&self, files: &[NewFile]) -> Result<(), GitError> {
        let _turn = self.turn()?;
        for file in files {
            self.check_unchanged(file)?;
        }
        let mut undo = Undo::default();
        for file in files {
            if let Err(error) = self.write_file(file, &mut undo) {
                undo.all();
                return Err(error);
            }
        }
        Ok(())
    }

    /// Waits until no other of us writes into this repository.
    fn turn(&self) -> Result<fs_err::File, GitError> {
        let path = self.repository.inner.commondir().join("warroom.lock");
        let io = |error: std::io::Error| GitError::io("wait for other exports", &error);
        let file = fs_err::File::create(path).map_err(io)?;
        file.file().lock().map_err(io)?;
        Ok(file)
    }

    /// Tells early what would fail late.
    fn check_index_is_free(&self) -> Result<(), GitError> {
        let lock = self.repository.inner.path().join("index.lock");
        if fs_err::symlink_metadata(&lock).is_ok() {
            return Err(GitError::Git {
                doing: "update the index".to_owned(),
                reason: "it is locked".to_owned(),
            });
        }
        Ok(())
    }

    fn moved(&self) -> GitError {
        GitError::Moved {
            branch: self.branch.clone(),
        }
    }

    fn check_state(&self) -> Result<(), GitError> {
        use git2::RepositoryState as State;
        if !self.checked_out {
            return Ok(());
        }
        let operation = match self.repository.inner.state() {
            State::Clean | State::Bisect => return Ok(()),
            State::Merge => "merge",
            State::Revert | State::RevertSequence => "revert",
            State::CherryPick | State::CherryPickSequence => "cherry-pick",
            State::Rebase | State::RebaseInteractive | State::RebaseMerge => "rebase",
            State::ApplyMailbox | State::ApplyMailboxOrRebase => "patch series",
        };
        Err(GitError::Busy { operation })
    }

    /// Refuses to replace what a person wrote and nobody has taken into account.
    fn check_unchanged(&self, file: &NewFile) -> Result<(), GitError> {
        let committed = self.read_committed(&file.path)?;
        let accounted_for = |found: Option<&[u8]>| {
            found == Some(&file.contents)
                || found == committed.as_deref()
                || found.is_some() && found == file.replaces.as_deref()
        };
        let changed = || GitError::Changed {
            path: file.path.clone(),
        };
        let on_disk = if self.checked_out {
            self.read(&file.path)?
        } else {
            return Ok(());
        };
        // A file that somebody deleted is written again: nothing is lost by it.
        if on_disk.is_some() && !accounted_for(on_disk.as_deref()) {
            return Err(changed());
        }
        let doing = || format!("read `{}` in the index", file.path);
        let git = |error: git2::Error| GitError::git(doing(), &error);
        let inner = &self.repository.inner;
        let full = self.repository.full(&file.path)?;
        let mut index = inner.index().map_err(git)?;
        index.read(false).map_err(git)?;
        for stage in 1..=3 {
            if index.get_path(full.as_ref(), stage).is_some() {
                return Err(changed());
            }
        }
        if let Some(entry) = index.get_path(full.as_ref(), 0) {
            let staged = inner.find_blob(entry.id).map_err(git)?;
            let staged = staged.content();
            // What is staged and on disk alike has just been looked at.
            if !accounted_for(Some(staged)) && on_disk.as_deref() != Some(staged) {
                return Err(changed());
            }
        }
        Ok(())
    }

    fn write_files(&self, files: &[NewFile]) -> Result<(), GitError> {
        let doing = || "update the index".to_owned();
        let git = |error: git2::Error| GitError::git(doing(), &error);
        let inner = &self.repository.inner;
        let mut index = inner.index().map_err(git)?;
        index.read(false).map_err(git)?;
        let mut undo = Undo::default();
        let mut write = || {
            for file in files {
                self.write_file(file, &mut undo)?;
                let full = self.repository.full(&file.path)?;
                index.add_path(full.as_ref()).map_err(git)?;
            }
            index.write().map_err(git)
        };
        let written = write();
        if written.is_err() {
            undo.all();
            // What it holds in memory was never written.
            let _ = index.read(true);
        }
        written
    }

    /// Writes by rename, so that nobody ever reads half a file.
    fn write_file(&self, file: &NewFile, undo: &mut Undo) -> Result<(), GitError> {
        let io = |error: &std::io::Error| GitError::io(format!("write `{}`", file.path), error);
        let before = self.read(&file.path)?;
        if before.as_ref() == Some(&file.contents) {
            return Ok(());
        }
        let path = self.on_disk(&file.path)?;
        let folder = path.parent().unwrap_or(&self.repository.folder);
        for missing in folder.ancestors().take_while(|folder| !folder.exists()) {
            undo.folders.push(missing.to_owned());
        }
        fs_err::create_dir_all(folder).map_err(|e| io(&e))?;
        let mut written = readable_file().tempfile_in(folder).map_err(|e| io(&e))?;
        std::io::Write::write_all(&mut written, &file.contents).map_err(|e| io(&e))?;
        written.persist(&path).map_err(|e| io(&e.error))?;
        undo.files.push((path, before));
        Ok(())
    }

    fn author(&self, at: Timestamp) -> Result<git2::Signature<'static>, GitError> {
        let doing = "read git's configuration";
        let config = self.repository.inner.config();
        let config = config.map_err(|e| GitError::git(doing, &e))?;
        let setting = |missing: &'static str| {
            config
                .get_string(missing)
                .ok()
                .filter(|value| !value.trim().is_empty())
                .ok_or(GitError::Identity { missing })
        };
        let (name, email) = (setting("user.name")?, setting("user.email")?);
        let time = git2::Time::new(at.as_second(), 0);
        git2::Signature::new(&name, &email, &time).map_err(|e| GitError::git("sign the commit", &e))
    }

    /// Moves the branch back to where it was, unless somebody has moved it on.
    fn move_branch_back(&self, from: git2::Oid) {
        let name = format!("refs/heads/{}", self.branch);
        let inner = &self.repository.inner;
        let _ = match self.tip {
            Some(tip) => inner
                .reference_matching(
                    &name,
                    tip,
                    true,
                    from,
                    "warroom: files could not be written",
                )
                .map(drop),
            None => inner.find_reference(&name).and_then(|mut reference| {
                if reference.target() == Some(from) {
                    reference.delete()
                } else {
                    Ok(())
                }
            }),
        };
    }

    /// Moves the branch if it is still where it was.
    fn move_branch(&self, to: git2::Oid, message: &str) -> Result<(), GitError> {
        let name = format!("refs/heads/{}", self.branch);
        let subject = message.lines().next().unwrap_or_default();
        let log = format!("commit: {subject}");
        let inner = &self.repository.inner;
        let moved = match self.tip {
            Some(tip) => inner.reference_matching(&name, to, true, tip, &log),
            None => inner.reference(&name, to, false, &log),
        };
        match moved {
            Ok(_) => Ok(()),
            Err(error)
                if matches!(
                    error.code(),
                    git2::ErrorCode::Modified | git2::ErrorCode::Exists
                ) =>
            {
                Err(self.moved())
            }
            Err(error) => Err(GitError::git(
                format!("move branch `{}`", self.branch),
                &error,
            )),
        }
    }
}

/// What was there before, to be put back when something fails.
#[derive(Default)]
struct Undo {
    files: Vec<(Utf8PathBuf, Option<Vec<u8>>)>,
    /// Folders that were made, the innermost of each path first.
    folders: Vec<Utf8PathBuf>,
}

impl Undo {
    /// Puts everything back as far as that is possible: there is an error to tell already.
    fn all(&mut self) {
        for (path, before) in self.files.drain(..).rev() {
            let _ = match before {
                Some(bytes) => fs_err::write(&path, bytes),
                None => fs_err::remove_file(&path),
            };
        }
        for folder in self.folders.drain(..) {
            // One that somebody else put something into stays.
            let _ = fs_err::remove_dir(&folder);
        }
    }
}

/// A temporary file that others may read as soon as it has its name.
fn readable_file() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".warroom-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The umask of the process still applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}
