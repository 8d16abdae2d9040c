//! What is known of playbooks from the walk before, so that only what changed is parsed
//! again.
//!
//! What is found in a playbook rests on its own text, and on whatever was read beside
//! it: settings, permissions, templates, files that it links to. All those reads are
//! noted, whoever asks; when one of them would come out differently, everything is
//! looked at anew. So no check can rest on something that is forgotten here. Must not
//! know what is checked; whoever visits must let nothing else decide what it keeps.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use super::survey::{Visited, belongs};
use super::{Files, Listing, WorkspaceError};
use crate::diag::Finding;

/// What stays from one walk to the next; begins empty.
#[derive(Debug)]
pub struct Memo<T> {
    beside: Beside,
    known: Known<T>,
    /// What the last walk read; none before the first.
    last: Option<Prints>,
}

/// A file that is not what it was in the walk before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The file, relative to the workspace.
    pub path: String,
    /// What became of it.
    pub kind: ChangeKind,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It was not there before.
    New,
    /// It says something else.
    Changed,
    /// It is no longer there.
    Gone,
}

/// What a file was when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Print {
    /// There was none.
    Absent,
    /// The digest of its bytes, or of the words that say why there are none.
    Digest([u8; 32]),
    /// It changed while the walk went on: equal to nothing, not even to itself.
    Unsteady,
}

type Prints = BTreeMap<String, Print>;

impl Print {
    pub(super) fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self::Digest(Sha256::digest(bytes).into())
    }

    fn of_read(read: &Result<Option<Vec<u8>>, WorkspaceError>) -> Self {
        match read {
            Ok(None) => Self::Absent,
            Ok(Some(bytes)) => Self::of(bytes),
            Err(error) => Self::of(error.to_string()),
        }
    }

    pub(super) fn is(self, other: Self) -> bool {
        self == other && self != Self::Unsteady
    }
}

/// The files that were read in this walk, but for playbooks that are looked at themselves.
#[derive(Debug, Default)]
pub(super) struct Beside(Mutex<Prints>);

impl Beside {
    fn prints(&self) -> MutexGuard<'_, Prints> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, path: &str, print: Print) {
        let mut prints = self.prints();
        match prints.get_mut(path) {
            Some(before) if !before.is(print) => *before = Print::Unsteady,
            Some(_) => {}
            None => {
                prints.insert(path.to_owned(), print);
            }
        }
    }
}

/// Files of which every read is noted, where somebody remembers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noted<'f> {
    files: &'f dyn Files,
    beside: Option<&'f Beside>,
}

impl Files for Noted<'_> {
    fn list(&self) -> Result<Listing, WorkspaceError> {
        self.files.list()
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
        let read = self.files.read(path);
        if let Some(beside) = self.beside {
            beside.note(path, Print::of_read(&read));
        }
        read
    }
}

/// What is known of a playbook.
#[derive(Debug, Clone)]
pub(super) struct Seen<T> {
    /// What its text was; none where nobody remembers.
    pub(super) print: Option<Print>,
    /// What is wrong with it.
    pub(super) findings: Vec<Finding>,
    /// What the walk keeps, if it could be understood.
    pub(super) visited: Option<Visited<T>>,
}

/// The playbooks of the last walk, and what was read beside them.
#[derive(Debug)]
pub(super) struct Known<T> {
    playbooks: Mutex<HashMap<String, Seen<T>>>,
    /// What every walk reads before the first playbook.
    base: Prints,
    /// What was read beside that for one of the playbooks.
    asked: Prints,
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self {
            beside: Beside::default(),
            known: Known {
                playbooks: Mutex::default(),
                base: Prints::new(),
                asked: Prints::new(),
            },
            last: None,
        }
    }
}

impl<T> Memo<T> {
    /// Begins a walk: where reads are noted, and what is known.
    fn begin(&mut self) -> (&Beside, &mut Known<T>) {
        self.beside.prints().clear();
        (&self.beside, &mut self.known)
    }

    /// Forgets the playbooks, and still tells what changes.
    pub fn forget(&mut self) {
        self.known.playbooks().clear();
    }

    /// What differs between the last walk and the one before; to be asked after each.
    pub fn changes(&mut self) -> Vec<Change> {
        let mut now = self.known.asked.clone();
        now.extend(self.beside.prints().clone());
        let playbooks = self.known.playbooks();
        now.extend(playbooks.iter().filter_map(|(path, seen)| {
            let print = seen.print?;
            Some((path.clone(), print))
        }));
        drop(playbooks);
        let changes = self.last.as_ref().map(|last| between(last, &now));
        self.last = Some(now);
        changes.unwrap_or_default()
    }

    /// The files that the last walk looked for beside those that belong to every
    /// workspace, whether they are there or not; as of [`Memo::changes`].
    #[must_use]
    pub fn beside(&self) -> BTreeSet<String> {
        let read = self.last.iter().flat_map(BTreeMap::keys);
        read.filter(|path| !belongs(path)).cloned().collect()
    }
}

/// Splits what is remembered into what a walk shares with threads and what it changes.
pub(super) fn begin<'f, T>(
    files: &'f dyn Files,
    memo: Option<&'f mut Memo<T>>,
) -> (Noted<'f>, Option<&'f mut Known<T>>) {
    let (beside, known) = memo.map(Memo::begin).unzip();
    (Noted { files, beside }, known)
}

impl<T> Known<T> {
    fn playbooks(&self) -> MutexGuard<'_, HashMap<String, Seen<T>>> {
        self.playbooks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything if something that the last walk read is not what it was.
    pub(super) fn compare(&mut self, noted: Noted<'_>) {
        let base = noted.read_so_far();
        let same = |path: &str, print: Print| match base.get(path) {
            Some(now) => now.is(print),
            None => Print::of_read(&noted.files.read(path)).is(print),
        };
        let holds = base.keys().eq(self.base.keys())
            && self.base.iter().all(|(path, print)| same(path, *print))
            && self.asked.iter().all(|(path, print)| same(path, *print));
        if !holds {
            self.playbooks().clear();
            self.asked.clear();
        }
        self.base = base;
    }

    /// What is known of a playbook; may be asked once in a walk.
    pub(super) fn take(&self, path: &str) -> Option<Seen<T>> {
        self.playbooks().remove(path)
    }
}

impl<T: Clone> Known<T> {
    /// Keeps what the walk saw, and nothing else.
    pub(super) fn keep<'a>(
        &mut self,
        noted: Noted<'_>,
        all: impl ExactSizeIterator<Item = (&'a String, &'a Seen<T>)>,
    ) where
        T: 'a,
    {
        let count = all.len();
        let mut playbooks = self.playbooks();
        playbooks.clear();
        playbooks.extend(all.map(|(path, seen)| (path.clone(), seen.clone())));
        drop(playbooks);
        let read = noted.read_so_far().into_iter();
        let asked = read.filter(|(path, _)| !self.base.contains_key(path));
        self.asked.extend(asked);
        // Playbooks that were changed again and again may have asked for anything.
        if self.asked.len() > MOST_ASKED + 4 * count {
            self.base.clear();
        }
    }
}

/// With more other files than these and four for each playbook, the next walk begins anew.
const MOST_ASKED: usize = 1_000;

impl Noted<'_> {
    fn read_so_far(&self) -> Prints {
        let prints = self.beside.map(|beside| beside.prints().clone());
        prints.unwrap_or_default()
    }

    /// Whether somebody remembers.
    pub(super) fn is_remembered(&self) -> bool {
        self.beside.is_some()
    }
}

/// A file that was not looked for before is no news, unless it is one that every walk reads.
fn between(last: &Prints, now: &Prints) -> Vec<Change> {
    let paths: BTreeSet<&String> = last.keys().chain(now.keys()).collect();
    let change = |path: &String| {
        let elsewhere = belongs(path).then_some(Print::Absent);
        let before = last.get(path).copied().or(elsewhere)?;
        let after = now.get(path).copied().or(elsewhere)?;
        let kind = match (before, after) {
            _ if before.is(after) => return None,
            (Print::Absent, _) => ChangeKind::New,
            (_, Print::Absent) => ChangeKind::Gone,
            _ => ChangeKind::Changed,
        };
        let path = path.clone();
        Some(Change { path, kind })
    };
    paths.into_iter().filter_map(change).collect()
}

#[cfg(test)]
mod tests;
