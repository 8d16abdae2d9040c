//! Everything that people and programs read of a command.
//!
//! Owns the two streams (stdout is the result, stderr the talk), colour, width
//! and prompts. The only room that prints. Must not decide anything: it shows
//! values that others computed.

pub mod checks;
pub mod import;
pub mod incident;
pub mod mended;
pub mod plan;
pub mod playbook;
mod printer;
mod progress;
pub mod report;
pub mod rules;
pub mod watch;

pub use printer::{Captured, Style, Ui};
pub use progress::Meter;
