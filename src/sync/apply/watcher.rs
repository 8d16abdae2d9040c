//! Who hears what happens while a plan is carried out.

use super::Outcome;
use crate::sync::plan::Step;
use crate::sync::progress::Event;

/// Hears what happens while a plan is carried out; must not take long over it.
pub trait Watcher {
    /// Work on a playbook begins.
    fn began(&self, _step: &Step) {}
    /// Work on a playbook ended, or is withheld.
    fn ended(&self, _outcome: &Outcome) {}
    /// So much is done of so much.
    fn is_at(&self, _event: Event) {}
}

/// Nobody listens.
impl Watcher for () {}

/// Both hear everything.
impl<A: Watcher, B: Watcher> Watcher for (&A, &B) {
    fn began(&self, step: &Step) {
        self.0.began(step);
        self.1.began(step);
    }

    fn ended(&self, outcome: &Outcome) {
        self.0.ended(outcome);
        self.1.ended(outcome);
    }

    fn is_at(&self, event: Event) {
        self.0.is_at(event);
        self.1.is_at(event);
    }
}
