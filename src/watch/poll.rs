//! Looking whether files changed, without reading them.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::scope::Scope;
use crate::workspace::{Directory, Files, belongs};

/// What the system says about each file of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Snapshot {
    files: BTreeMap<String, Option<Stamp>>,
    problems: Vec<String>,
}

/// What changes when a file is written, or another is put in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// File and time of its last change, where the system tells them: another file may
    /// have the same size and keep the time of writing.
    inode: (u64, i64, i64),
}

impl Snapshot {
    /// The workspace as it is now; an empty one when it cannot be listed.
    pub(super) fn of(scope: &Scope) -> Self {
        let listing = Directory::new(scope.root()).and_then(|files| files.list());
        let Ok(listing) = listing else {
            return Self::default();
        };
        let mut problems: Vec<String> = listing.problems.iter().map(ToString::to_string).collect();
        problems.sort_unstable();
        let paths = listing.files.into_iter().filter(|path| belongs(path));
        let beside = scope.beside().map(|path| path.as_str().to_owned());
        let stamped = |path: String| {
            let stamp = Stamp::of(scope, &path);
            (path, stamp)
        };
        Self {
            files: paths.chain(beside).map(stamped).collect(),
            problems,
        }
    }
}

impl Stamp {
    fn of(scope: &Scope, path: &str) -> Option<Self> {
        let data = fs_err::metadata(scope.root().join(path)).ok()?;
        Some(Self {
            bytes: data.len(),
            modified: data.modified().ok(),
            inode: inode(&data),
        })
    }
}

#[cfg(unix)]
fn inode(data: &std::fs::Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (data.ino(), data.ctime(), data.ctime_nsec())
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> (u64, i64, i64) {
    Default::default()
}
