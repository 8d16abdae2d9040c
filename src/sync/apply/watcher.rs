//! Who hears what happens while a plan is carried out.

use super::Outcome;
use crate::sync::plan::Step;

/// Hears what happens while a plan is carried out; must not take long over it.
pub trait Watcher {
    /// Work on a playbook begins.
    fn began(&self, step: &Step);
    /// Work on a playbook ended, or is withheld.
    fn ended(&self, outcome: &Outcome);
}

/// Nobody listens.
impl Watcher for () {
    fn began(&self, _: &Step) {}
    fn ended(&self, _: &Outcome) {}
}
