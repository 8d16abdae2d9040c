//! Events of the system as one question: did anything happen?
//!
//! Events are not kept: the first one wakes the waiter, the others only say that it is
//! not over. So a storm of them takes no memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::sleep;
use std::time::Duration;

use camino::Utf8Path;
use notify::event::{AccessKind, AccessMode};
use notify::{
    Config, ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
};

use super::WatchError;
use super::scope::Scope;

/// Time goes by in steps; after as many without an event a burst is over.
const STEP: Duration = Duration::from_millis(10);
const QUIET: u32 = 2;
/// After so many steps it is time to look, whether it is over or not.
const MOST_STEPS: u32 = 15;

/// Events of the folders of a workspace, from now on.
pub(super) struct Events {
    _watcher: RecommendedWatcher,
    woken: Receiver<()>,
    /// Whether an event counted; a wake without one says that the system lost some.
    changed: Arc<AtomicBool>,
}

/// Why somebody who waited was woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// Something happened that counts.
    Changed,
    /// The system lost events, and nobody knows of which files.
    Lost,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

impl Events {
    pub(super) fn of(scope: &Scope) -> Result<Self, WatchError> {
        let (wake, woken) = sync_channel(1);
        let changed = Arc::new(AtomicBool::new(false));
        let listener = listener(scope.clone(), wake, Arc::clone(&changed));
        let config = Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(listener, config)?;
        let mut watch = |folder: &Utf8Path, mode| {
            let folder = scope.root().join(folder);
            // What a linked folder holds is no part of the workspace.
            if !fs_err::symlink_metadata(&folder).is_ok_and(|data| data.is_dir()) {
                return Ok(());
            }
            match watcher.watch(folder.as_std_path(), mode) {
                // It went away meanwhile, which whoever looks will see.
                Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => Ok(()),
                done => done,
            }
        };
        for folder in scope.flat() {
            watch(folder, RecursiveMode::NonRecursive)?;
        }
        for folder in Scope::deep() {
            watch(Utf8Path::new(folder), RecursiveMode::Recursive)?;
        }
        Ok(Self {
            _watcher: watcher,
            woken,
            changed,
        })
    }

    /// Waits for an event, and until a burst of them is over.
    pub(super) fn wait(&self) -> Result<Woken, WatchError> {
        self.woken.recv().map_err(|_| WatchError::System {
            reason: "the system no longer tells".to_owned(),
        })?;
        settle(&self.woken);
        if self.changed.load(Ordering::SeqCst) {
            Ok(Woken::Changed)
        } else {
            Ok(Woken::Lost)
        }
    }
}

/// Waits until a burst is over.
fn settle(woken: &Receiver<()>) {
    let mut quiet = 0;
    for _ in 0..MOST_STEPS {
        sleep(STEP);
        quiet = match woken.try_recv() {
            Ok(()) => 0,
            Err(_) => quiet + 1,
        };
        if quiet == QUIET {
            return;
        }
    }
}

/// What is done with each event, in a thread of the watcher.
fn listener(
    scope: Scope,
    wake: SyncSender<()>,
    changed: Arc<AtomicBool>,
) -> impl FnMut(notify::Result<Event>) + Send + 'static {
    move |event| {
        let counts = match &event {
            Ok(event) => counts(event, &scope),
            // Whoever arms the next time is told the same.
            Err(_) => true,
        };
        if counts {
            changed.store(true, Ordering::SeqCst);
        }
        let lost = event.is_ok_and(|event| event.need_rescan());
        if counts || lost {
            // A full channel has a wake in it already.
            let _ = wake.try_send(());
        }
    }
}

/// Whether an event may change what is found; reading never does.
fn counts(event: &Event, scope: &Scope) -> bool {
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => {}
        EventKind::Access(_) => return false,
        _ => {}
    }
    event.paths.iter().any(|path| scope.matters(path))
}

impl From<notify::Error> for WatchError {
    fn from(error: notify::Error) -> Self {
        match error.kind {
            ErrorKind::MaxFilesWatch => Self::TooMany,
            ErrorKind::Io(error) => Self::System {
                reason: error.to_string(),
            },
            kind => Self::System {
                reason: notify::Error::new(kind).to_string(),
            },
        }
    }
}
