//! The files of a workspace in a folder.
//!
//! A workspace may come from a stranger: nothing outside its folder is read,
//! whatever links say, and nothing but regular files (a pipe would block, a
//! device would never end).

use std::io::{ErrorKind, Read};

use camino::{Utf8Path, Utf8PathBuf};

use super::survey::{belongs, is_hidden};
use super::{
    Files, Listing, PERMISSIONS, PLAYBOOKS, READ_LIMIT, SETTINGS, TEMPLATES, WorkspaceError,
};

/// A folder on disk.
#[derive(Debug, Clone)]
pub struct Directory {
    root: Utf8PathBuf,
}

impl Directory {
    /// The workspace in that folder.
    ///
    /// # Errors
    /// When the folder cannot be resolved.
    pub fn new(root: &Utf8Path) -> Result<Self, WorkspaceError> {
        let root = root
            .canonicalize_utf8()
            .map_err(|error| unreadable(root.as_str(), &error))?;
        Ok(Self { root })
    }

    /// The folder, without links.
    #[must_use]
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// Lists a folder and those in it; what cannot be listed is a problem of its own.
    fn walk(&self, folder: &str, listing: &mut Listing) {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = match fs_err::read_dir(self.root.join(&folder)) {
                Ok(entries) => entries,
                Err(error) if is_absent(&error) => continue,
                Err(error) => {
                    listing.problems.push(unreadable(&folder, &error));
                    continue;
                }
            };
            for entry in entries {
                let kind = entry.and_then(|entry| Ok((entry.file_type()?, entry.file_name())));
                let (kind, name) = match kind {
                    Ok(found) => found,
                    Err(error) => {
                        listing.problems.push(unreadable(&folder, &error));
                        break;
                    }
                };
                let Some(name) = name.to_str() else {
                    let path = format!("{folder}/{}", name.to_string_lossy());
                    if belongs(&path) {
                        listing.problems.push(WorkspaceError::Read {
                            path,
                            reason: "its name is not UTF-8: rename it".to_owned(),
                        });
                    }
                    continue;
                };
                let path = format!("{folder}/{name}");
                if is_hidden(&path) {
                    continue;
                }
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_symlink() && self.root.join(&path).is_dir() {
                    listing.problems.push(linked_folder(path));
                } else {
                    listing.files.push(path);
                }
            }
        }
    }

    /// As [`Self::walk`], where the folder itself may be a link.
    fn enter(&self, folder: &str, listing: &mut Listing) {
        match fs_err::symlink_metadata(self.root.join(folder)) {
            Ok(data) if data.is_dir() => self.walk(folder, listing),
            Ok(data) if data.is_symlink() => {
                listing.problems.push(linked_folder(folder.to_owned()));
            }
            _ => {}
        }
    }
}

impl Files for Directory {
    fn list(&self) -> Result<Listing, WorkspaceError> {
        let files = [SETTINGS, PERMISSIONS]
            .into_iter()
            .filter(|path| fs_err::symlink_metadata(self.root.join(path)).is_ok())
            .map(str::to_owned)
            .collect();
        let mut listing = Listing {
            files,
            problems: Vec::new(),
        };
        self.enter(PLAYBOOKS, &mut listing);
        self.enter(TEMPLATES, &mut listing);
        Ok(listing)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
        let outside = |reason| WorkspaceError::Outside {
            path: path.to_owned(),
            reason,
        };
        let written = self.root.join(path);
        let file = match written.canonicalize_utf8() {
            Ok(file) => file,
            Err(error) if is_absent(&error) => {
                return match fs_err::symlink_metadata(&written) {
                    Ok(_) => Err(outside("it is a link that leads nowhere")),
                    Err(_) => Ok(None),
                };
            }
            Err(error) => return Err(unreadable(path, &error)),
        };
        if !file.starts_with(&self.root) {
            return Err(outside("it lies outside the workspace"));
        }
        let metadata = fs_err::metadata(&file).map_err(|error| unreadable(path, &error))?;
        if !metadata.is_file() {
            return Err(outside("it is no regular file"));
        }
        // Room for all of it and for noticing its end: two calls instead of one a doubling.
        let room = metadata.len().min(READ_LIMIT) + 1;
        let mut bytes = Vec::with_capacity(usize::try_from(room).unwrap_or_default());
        fs_err::File::open(&file)
            .and_then(|file| file.take(READ_LIMIT).read_to_end(&mut bytes))
            .map_err(|error| unreadable(path, &error))?;
        Ok(Some(bytes))
    }
}

/// A path through a file is as absent as one through nothing.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn unreadable(path: &str, error: &std::io::Error) -> WorkspaceError {
    WorkspaceError::Read {
        path: path.to_owned(),
        // fs-err and camino wrap the system's words in the full path, which the message has already.
        reason: error.kind().to_string(),
    }
}

/// What a linked folder holds belongs to somebody else.
fn linked_folder(path: String) -> WorkspaceError {
    WorkspaceError::Outside {
        path,
        reason: "it is a link to a folder, and such are not followed",
    }
}
