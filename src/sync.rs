//! Bringing playbooks from git into Mattermost: desired × observed × base → plan → apply.
//!
//! Owns the marker that makes a playbook ours, the canonical form in which both
//! sides are compared, the plan as a value, and the one place that writes it. Must
//! not print, ask, or read the clock; only [`apply()`] writes to the server.

pub mod announce;
pub mod apply;
pub mod base;
pub mod canonical;
pub mod desired;
pub mod directory;
pub mod document;
pub mod history;
pub mod import;
#[cfg(test)]
mod laws;
mod limits;
pub mod mapping;
pub mod marker;
pub mod observed;
pub mod plan;
pub mod progress;
pub mod recognise;
pub mod recorded;
pub mod refusal;
pub mod report;
pub mod roles;
pub mod saved;
pub mod secrets;
pub mod site;
pub mod wire;
mod witness;
#[cfg(test)]
mod world;

pub use apply::{Applied, apply, apply_watched};
pub use base::Base;
pub use canonical::PlaybookState;
pub use desired::{Address, Desired};
pub use marker::{Digest, Marker};
pub use observed::{Found, Observed, observe, observe_and_tell};
pub use plan::{Action, Options, Plan, Prune, Step, plan};
