//! Waiting until something of a workspace may have changed.
//!
//! Owns which folders are watched, which events count, how long a burst of them is
//! waited out, and looking instead of being told where the system tells nothing. Must
//! not read what files say, or decide what depends on what: whoever waits here looks
//! at the files again and finds out, so an event too many costs a look, and one that
//! came while nobody looked is not lost.
//!
//! The order is: arm, look, wait. Each round arms anew, so nothing is kept about
//! folders that were moved, removed or put back in the meantime.

mod events;
mod poll;
mod scope;

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::Duration;

use camino::Utf8Path;

use crate::workspace::SETTINGS;
use events::{Events, Woken};
use poll::Snapshot;
use scope::Scope;

/// A workspace that is watched.
#[derive(Debug)]
pub struct Watch {
    scope: Scope,
    how: How,
    /// What was there when the system last lost events.
    lost: Option<Snapshot>,
}

/// How changes are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The system tells.
    Told,
    /// By looking every so often, where the system does not tell: in network folders and
    /// some containers.
    Looking(Duration),
}

/// Says why nobody can wait for changes.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The user has as many watches as the system allows.
    #[error("the system allows no more folders to be watched")]
    TooMany,
    /// The system does not tell, or no longer.
    #[error("could not watch the workspace for changes: {reason}")]
    System {
        /// What the system said.
        reason: String,
    },
}

/// Notices changes from the moment it is made.
#[derive(Debug)]
pub struct Armed(Noticed);

#[derive(Debug)]
enum Noticed {
    Told(Events),
    Looking(Duration, Snapshot),
}

/// How long the file of settings may be away, as when editors save, and branches change.
const PATIENCE: (u32, Duration) = (20, Duration::from_millis(100));

impl Watch {
    /// Watches the workspace in that folder, which has a path without links.
    #[must_use]
    pub fn new(root: &Utf8Path, how: How) -> Self {
        Self {
            scope: Scope::new(root),
            how,
            lost: None,
        }
    }

    /// Begins to notice changes: to be called before the files are looked at.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn arm(&self) -> Result<Armed, WatchError> {
        Ok(Armed(match self.how {
            How::Told => Noticed::Told(Events::of(&self.scope)?),
            How::Looking(every) => Noticed::Looking(every, Snapshot::of(&self.scope)),
        }))
    }

    /// Waits until something may have changed since it was armed, and then until a burst
    /// of changes is over, though not for long.
    ///
    /// # Errors
    /// When the system no longer tells.
    pub fn wait(&mut self, armed: Armed) -> Result<(), WatchError> {
        match armed.0 {
            Noticed::Told(events) => {
                while events.wait()? == Woken::Lost {
                    // Lost events are mostly those of our own reading, when there are very
                    // many files: to read them again each time would never end.
                    let now = Some(Snapshot::of(&self.scope));
                    if self.lost != now {
                        self.lost = now;
                        break;
                    }
                }
            }
            Noticed::Looking(every, before) => loop {
                sleep(every);
                if Snapshot::of(&self.scope) != before {
                    break;
                }
            },
        }
        Ok(())
    }

    /// Takes which other files matter from now on; whether that is nothing new. After
    /// something new, changes may have been missed: arm and look again.
    pub fn covers(&mut self, beside: BTreeSet<String>) -> bool {
        self.scope.extend(beside)
    }

    /// Waits a little for settings that are gone; whether they came back.
    #[must_use]
    pub fn settings_come_back(&self) -> bool {
        let (times, pause) = PATIENCE;
        (0..times).any(|_| {
            sleep(pause);
            self.scope.root().join(SETTINGS).is_file()
        })
    }
}
