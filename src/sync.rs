//! Bringing playbooks from git into Mattermost: desired × observed × base → plan → apply.
//!
//! Owns the marker that makes a playbook ours, the canonical form in which both
//! sides are compared, the plan as a value, and the one place that writes it. Must
//! not print, ask, or read the clock; only [`apply`] writes to the server.

pub mod canonical;
pub mod desired;
pub mod directory;
mod limits;
pub mod marker;
pub mod refusal;
pub mod wire;

pub use canonical::PlaybookState;
pub use desired::{Address, Desired};
pub use marker::{Digest, Marker};
