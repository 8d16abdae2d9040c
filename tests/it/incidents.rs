//! Incidents, end to end against the sandbox: what people type, what they read, and
//! what stands on the server afterwards.

mod halfway;
mod people;
pub mod scene;
mod start;
mod starter;
mod trouble;
mod updates;
mod work;
