//! How many requests a step takes, where the user allows only so many.
//!
//! Owns the estimate, which is rather too high, and what steps under way may still
//! use. A step that might not get to its end is not begun: half a playbook helps nobody.

use std::cell::Cell;

use crate::sync::canonical::PlaybookState;
use crate::sync::plan::Action;

/// What steps under way may still use.
#[derive(Debug, Default)]
pub(super) struct Budget {
    reserved: Cell<u64>,
}

/// Requests kept for one step until it is over.
#[derive(Debug)]
pub(super) struct Reserved<'a> {
    budget: &'a Budget,
    requests: u64,
}

impl Budget {
    /// Keeps `needs` of the requests that are left; else says how many are.
    pub(super) fn reserve(&self, left: Option<u64>, needs: u64) -> Result<Reserved<'_>, u64> {
        let free = left.map(|left| left.saturating_sub(self.reserved.get()));
        match free {
            Some(free) if free < needs => Err(free),
            _ => {
                self.reserved.set(self.reserved.get() + needs);
                Ok(Reserved {
                    budget: self,
                    requests: needs,
                })
            }
        }
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        let reserved = &self.budget.reserved;
        reserved.set(reserved.get() - self.requests);
    }
}

/// The most requests that a step takes, unless the server fails.
pub(super) fn requests_of(
    action: &Action,
    wanted: Option<&PlaybookState>,
    seen: Option<&PlaybookState>,
) -> u64 {
    let parts = |state: Option<&PlaybookState>| {
        let attributes = state.map_or(0, |state| state.attributes.len());
        let tasks = state.map_or(0, |state| {
            state.checklists.iter().map(|list| list.tasks.len()).sum()
        });
        (attributes, tasks)
    };
    let ((wanted, tasks), (seen, before)) = (parts(wanted), parts(seen));
    let pieces = match action {
        Action::Unchanged | Action::Refused(_) => return 0,
        Action::Remember => return 1,
        Action::Archive | Action::Release => return 7,
        // Without attributes there are no conditions.
        _ if wanted + seen == 0 => 0,
        // What goes, what comes and what is moved; each task may have a condition.
        _ => seen + 2 * wanted + tasks + before,
    };
    // POST or restoration, three GETs before and after each of two PUTs, one PUT more where the
    // server did not keep everything, and the note of the account.
    12 + u64::try_from(pieces).unwrap_or(u64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_step_may_still_use_no_other_takes() {
        let budget = Budget::default();
        let first = budget.reserve(Some(20), 12).unwrap();
        assert_eq!(budget.reserve(Some(20), 12).unwrap_err(), 8);
        drop(first);
        assert!(budget.reserve(Some(20), 12).is_ok());
        assert!(budget.reserve(None, u64::MAX).is_ok(), "nobody counts");
    }
}
