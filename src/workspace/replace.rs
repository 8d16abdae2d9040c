//! Writing a file of a workspace anew: whole or not at all, and nothing but that file.
//!
//! A workspace may come from a stranger: nothing is written through links, and nothing
//! that somebody changed in the meantime is overwritten.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};

use super::Directory;

/// Says why a file was not written; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// It is a link, or lies behind one.
    #[error(
        "could not write `{path}`: it is a link to `{target}`, and nothing is written through links"
    )]
    Link {
        /// The file, relative to the workspace.
        path: String,
        /// Where it leads: relative to the workspace, if it stays inside.
        target: Utf8PathBuf,
    },
    /// Nobody may write to it.
    #[error("could not write `{path}`: it is read-only")]
    ReadOnly {
        /// The file, relative to the workspace.
        path: String,
    },
    /// It is not what it was when it was read.
    #[error("could not write `{path}`: it changed since it was read")]
    Changed {
        /// The file, relative to the workspace.
        path: String,
    },
    /// Something of that name is there.
    #[error("could not write `{path}`: it exists already")]
    Exists {
        /// The file, relative to the workspace.
        path: String,
    },
    /// The system refused.
    #[error("could not write `{path}`: {reason}")]
    Write {
        /// The file, relative to the workspace.
        path: String,
        /// What the system said.
        reason: String,
    },
}

impl Directory {
    /// Gives a file new contents, if it still has the old ones; permissions stay.
    ///
    /// Whoever reads it meanwhile sees the old contents or the new ones, never half of them.
    ///
    /// # Errors
    /// When the file is a link, read-only or changed, or the system refuses.
    pub fn replace(&self, path: &str, old: &[u8], new: &[u8]) -> Result<(), ReplaceError> {
        let write = |error: &std::io::Error| ReplaceError::Write {
            path: path.to_owned(),
            // fs-err wraps the system's words in the full path, which the message has already.
            reason: error.kind().to_string(),
        };
        let file = self.root().join(path);
        let target = file.canonicalize_utf8().map_err(|e| write(&e))?;
        if target != file {
            let inside = target.strip_prefix(self.root()).unwrap_or(&target);
            return Err(ReplaceError::Link {
                path: path.to_owned(),
                target: inside.to_owned(),
            });
        }
        let permissions = fs_err::metadata(&file)
            .map_err(|e| write(&e))?
            .permissions();
        // Renaming would ask the folder alone.
        if permissions.readonly() {
            return Err(ReplaceError::ReadOnly {
                path: path.to_owned(),
            });
        }
        let folder = file.parent().unwrap_or(Utf8Path::new("."));
        let mut written = tempfile::Builder::new()
            .prefix(".warroom-")
            .tempfile_in(folder)
            .map_err(|e| write(&e))?;
        written.write_all(new).map_err(|e| write(&e))?;
        let handle = written.as_file();
        handle.set_permissions(permissions).map_err(|e| write(&e))?;
        handle.sync_all().map_err(|e| write(&e))?;
        // As late as possible: an editor may have saved the file in the meantime.
        if fs_err::read(&file).map_err(|e| write(&e))? != old {
            return Err(ReplaceError::Changed {
                path: path.to_owned(),
            });
        }
        written.persist(&file).map_err(|e| write(&e.error))?;
        Ok(())
    }

    /// Writes a file that is not there yet, with the folders on the way to it.
    ///
    /// # Errors
    /// When something of that name is there, a folder on the way is a link, or the system
    /// refuses.
    pub fn create(&self, path: &str, contents: &[u8]) -> Result<(), ReplaceError> {
        let write = |error: &std::io::Error| ReplaceError::Write {
            path: path.to_owned(),
            reason: error.kind().to_string(),
        };
        let file = self.root().join(path);
        let folder = file.parent().unwrap_or(self.root());
        let inside = folder.strip_prefix(self.root()).unwrap_or(folder);
        let mut reached = self.root().to_owned();
        for part in inside.components() {
            reached.push(part);
            match fs_err::symlink_metadata(&reached) {
                Ok(found) if found.is_symlink() => {
                    return Err(ReplaceError::Link {
                        path: path.to_owned(),
                        target: reached.read_link_utf8().unwrap_or_default(),
                    });
                }
                Ok(_) => {}
                Err(_) => fs_err::create_dir(&reached).map_err(|e| write(&e))?,
            }
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".warroom-");
        // Others may read it: the workspace is shared through git. The umask still applies.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut written = builder.tempfile_in(folder).map_err(|e| write(&e))?;
        written.write_all(contents).map_err(|e| write(&e))?;
        written.as_file().sync_all().map_err(|e| write(&e))?;
        match written.persist_noclobber(&file) {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(ReplaceError::Exists {
                    path: path.to_owned(),
                })
            }
            Err(error) => Err(write(&error.error)),
        }
    }

    /// Removes a file, if it still has these contents; for what was just written.
    ///
    /// # Errors
    /// When the file is a link or changed, or the system refuses.
    pub fn remove(&self, path: &str, contents: &[u8]) -> Result<(), ReplaceError> {
        let write = |error: &std::io::Error| ReplaceError::Write {
            path: path.to_owned(),
            reason: error.kind().to_string(),
        };
        let file = self.root().join(path);
        let target = file.canonicalize_utf8().map_err(|e| write(&e))?;
        if target != file || fs_err::read(&file).map_err(|e| write(&e))? != contents {
            return Err(ReplaceError::Changed {
                path: path.to_owned(),
            });
        }
        fs_err::remove_file(&file).map_err(|e| write(&e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Directory) {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::new(Utf8Path::from_path(folder.path()).unwrap()).unwrap();
        fs_err::write(directory.root().join("a.yaml"), "old").unwrap();
        (folder, directory)
    }

    /// What the file holds, and every name in the folder.
    fn state(directory: &Directory) -> (String, Vec<String>) {
        let entries = directory.root().read_dir_utf8().unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_owned())
            .collect();
        names.sort();
        let text = fs_err::read_to_string(directory.root().join("a.yaml")).unwrap();
        (text, names)
    }

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let (_folder, directory) = folder();
        directory.replace("a.yaml", b"old", b"new").unwrap();
        assert_eq!(
            state(&directory),
            ("new".to_owned(), vec!["a.yaml".to_owned()])
        );
    }

    #[test]
    fn a_file_that_changed_or_went_away_stays_as_it_is() {
        let (_folder, directory) = folder();
        let changed = directory.replace("a.yaml", b"older", b"new");
        assert!(
            matches!(changed, Err(ReplaceError::Changed { .. })),
            "{changed:?}"
        );
        let gone = directory.replace("b.yaml", b"old", b"new");
        assert!(matches!(gone, Err(ReplaceError::Write { .. })), "{gone:?}");
        assert_eq!(
            state(&directory),
            ("old".to_owned(), vec!["a.yaml".to_owned()])
        );
    }

    #[test]
    fn a_new_file_takes_no_place_of_another_and_is_taken_back_only_as_it_was() {
        let (_folder, directory) = folder();
        directory.create("x/y/b.yaml", b"new").unwrap();
        let again = directory.create("x/y/b.yaml", b"newer");
        assert!(
            matches!(again, Err(ReplaceError::Exists { .. })),
            "{again:?}"
        );
        let below = directory.create("a.yaml/b.yaml", b"new");
        assert!(
            matches!(below, Err(ReplaceError::Write { .. })),
            "{below:?}"
        );
        assert!(directory.remove("x/y/b.yaml", b"newer").is_err());
        directory.remove("x/y/b.yaml", b"new").unwrap();
        assert!(!directory.root().join("x/y/b.yaml").exists());
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay_and_a_read_only_file_is_not_written() {
        use std::os::unix::fs::PermissionsExt;

        let (_folder, directory) = folder();
        let file = directory.root().join("a.yaml");
        for (mode, text) in [(0o640, "new"), (0o755, "new"), (0o444, "old")] {
            fs_err::write(&file, "old").unwrap();
            fs_err::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            let written = directory.replace("a.yaml", b"old", b"new");
            let now = fs_err::metadata(&file).unwrap().permissions().mode();
            assert_eq!(now & 0o777, mode);
            assert_eq!(state(&directory).0, text);
            let refused = matches!(written, Err(ReplaceError::ReadOnly { .. }));
            assert_eq!(refused, mode == 0o444, "{written:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link() {
        use std::os::unix::fs::symlink;

        let (_folder, directory) = folder();
        let root = directory.root();
        let outside = tempfile::tempdir().unwrap();
        let victim = Utf8Path::from_path(outside.path()).unwrap().join("v.yaml");
        fs_err::write(&victim, "old").unwrap();
        symlink(&victim, root.join("out.yaml")).unwrap();
        symlink("a.yaml", root.join("in.yaml")).unwrap();
        symlink(outside.path(), root.join("folder")).unwrap();
        for path in ["out.yaml", "in.yaml", "folder/v.yaml"] {
            let written = directory.replace(path, b"old", b"new");
            assert!(matches!(written, Err(ReplaceError::Link { .. })), "{path}");
        }
        let new = directory.create("folder/w.yaml", b"new");
        assert!(matches!(new, Err(ReplaceError::Link { .. })), "{new:?}");
        let new = directory.create("out.yaml", b"new");
        assert!(matches!(new, Err(ReplaceError::Exists { .. })), "{new:?}");
        assert!(!outside.path().join("w.yaml").exists());
        assert_eq!(fs_err::read_to_string(&victim).unwrap(), "old");
        assert_eq!(state(&directory).0, "old");
    }
}
