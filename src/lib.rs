//! Incident playbooks as code for Mattermost.

pub mod cli;
pub mod clock;
pub mod commands;
pub mod diag;
pub mod environment;
pub mod exit;
pub mod git;
pub mod incident;
pub mod mattermost;
pub mod model;
pub mod postmortem;
pub mod sandbox;
pub mod schema;
pub mod starter;
pub mod sync;
pub mod template;
pub mod ui;
pub mod workspace;
pub mod yaml;
