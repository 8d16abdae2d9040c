//! What one wrote, as it takes effect: a playbook with everything filled in, and
//! a message as people will read it.
//!
//! Owns which defaults, groups and templates a playbook ends up with, conditions
//! in words, and the choice of what a message is rendered from. Pure and offline:
//! values in, values out. Must not print, and must not know how `sync` writes.

mod condition;
mod effective;
mod fill;
mod incident;
mod message;

pub use condition::in_words;
pub use effective::{
    Access, Effective, EffectiveAttribute, EffectiveChecklist, EffectiveReview, EffectiveTask,
    EffectiveUpdates, Origin, SeverityInterval, Start, UsedTemplate, Who,
};
pub use fill::effective;
pub use incident::{UnreadableIncident, read_incident};
pub use message::{
    Message, MessageError, Named, Scenery, Unclear, message, named, only_playbook_with,
};
