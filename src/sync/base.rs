//! What git said at the last sync, for the words of a plan.
//!
//! Owns nothing but the value and its trust: the state at the marker's commit
//! counts only where it has the marker's digest, since a later version may render
//! templates in another way.

use std::collections::BTreeMap;

use super::canonical::PlaybookState;
use super::desired::Address;
use super::marker::Marker;

/// What git said at the commit in each playbook's marker, as far as it is known.
///
/// Unknown is no error: a clone may be shallow, a history squashed, a work tree dirty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Base {
    states: BTreeMap<Address, PlaybookState>,
}

impl Base {
    /// Notes what git said.
    pub fn insert(&mut self, address: Address, state: PlaybookState) {
        self.states.insert(address, state);
    }

    /// What was last written, if it is known for certain.
    #[must_use]
    pub fn of(&self, address: &Address, marker: &Marker) -> Option<&PlaybookState> {
        let state = self.states.get(address)?;
        let digest = marker.digest.as_ref()?;
        state.matches(digest).then_some(state)
    }
}
