//! The files of a workspace in a folder.
//!
//! A workspace may come from a stranger: nothing outside its folder is read,
//! whatever links say, and nothing but regular files (a pipe would block, a
//! device would never end).

use std::io::{ErrorKind, Read};

use camino::{Utf8Path, Utf8PathBuf};

use super::{Files, PERMISSIONS, PLAYBOOKS, READ_LIMIT, SETTINGS, TEMPLATES, WorkspaceError};

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

    fn walk(&self, folder: &str, paths: &mut Vec<String>) -> Result<(), WorkspaceError> {
        let start = self.root.join(folder);
        // A linked folder is not entered: what it holds belongs to somebody else.
        let is_folder = fs_err::symlink_metadata(&start).is_ok_and(|data| data.is_dir());
        if !is_folder {
            return Ok(());
        }
        let walk = ignore::WalkBuilder::new(&start)
            .standard_filters(false)
            .hidden(true)
            .follow_links(false)
            .build();
        for entry in walk {
            let entry = entry.map_err(|error| WorkspaceError::Read {
                path: folder.to_owned(),
                reason: error.to_string(),
            })?;
            if entry.file_type().is_none_or(|kind| kind.is_dir()) {
                continue;
            }
            let inside = entry.path().strip_prefix(&self.root).ok();
            // A name that is not UTF-8 cannot be named in YAML either.
            if let Some(path) = inside.and_then(Utf8Path::from_path) {
                paths.push(with_slashes(path));
            }
        }
        Ok(())
    }
}

impl Files for Directory {
    fn list(&self) -> Result<Vec<String>, WorkspaceError> {
        let mut paths: Vec<String> = [SETTINGS, PERMISSIONS]
            .into_iter()
            .filter(|path| fs_err::symlink_metadata(self.root.join(path)).is_ok())
            .map(str::to_owned)
            .collect();
        self.walk(PLAYBOOKS, &mut paths)?;
        self.walk(TEMPLATES, &mut paths)?;
        Ok(paths)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
        let outside = |reason| WorkspaceError::Outside {
            path: path.to_owned(),
            reason,
        };
        let file = match self.root.join(path).canonicalize_utf8() {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(unreadable(path, &error)),
        };
        if !file.starts_with(&self.root) {
            return Err(outside("it lies outside the workspace"));
        }
        let metadata = fs_err::metadata(&file).map_err(|error| unreadable(path, &error))?;
        if !metadata.is_file() {
            return Err(outside("it is no regular file"));
        }
        let mut bytes = Vec::new();
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

fn with_slashes(path: &Utf8Path) -> String {
    let parts: Vec<&str> = path.components().map(|part| part.as_str()).collect();
    parts.join("/")
}
