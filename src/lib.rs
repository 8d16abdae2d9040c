//! Incident playbooks as code for Mattermost.
//!
//! The library behind the `warroom` command, and the tour of it. Data flows one
//! way, from files through pure values to a server, and back into git:
//!
//! - [`model`] is what the files of a workspace say, as types; [`yaml`] reads text
//!   into a tree that knows its places, [`schema`] holds the JSON schemas against
//!   that tree, and [`diag`] is what may be wrong with it, as values.
//! - [`workspace`] finds and loads the files, from a folder or from a commit, and
//!   checks what they say about each other. [`template`] parses, checks and renders
//!   message templates. [`starter`] is the workspace that `init` writes.
//! - [`watch`] waits until something of a workspace may have changed.
//! - [`lint`] holds a workspace against rules about what hurts in an incident.
//! - [`mattermost`] is the client: a reader that cannot write, and a writer.
//! - [`sync`] brings a workspace into Mattermost: desired, observed, plan, apply.
//! - [`incident`] is what an incident is, and the runner that carries it out.
//! - [`render`] shows what one wrote as it takes effect: a playbook, a message.
//! - [`postmortem`] turns an incident into documents, and [`git`] commits them
//!   without touching anything else.
//! - [`sandbox`] is a stand-in Mattermost that shares no type with the client.
//! - [`cli`] is the command line as types, [`commands`] has one file a verb,
//!   [`ui`] is all that prints, [`exit`] how a command ends.
//! - [`clock`] and [`environment`] are time and process, handed in as values.
//!
//! `docs/architecture.md` says why the walls stand where they stand.

pub mod cli;
pub mod clock;
pub mod commands;
pub mod diag;
pub mod environment;
pub mod exit;
pub mod git;
pub mod incident;
pub mod lint;
pub mod mattermost;
pub mod model;
pub mod postmortem;
pub mod render;
pub mod sandbox;
pub mod schema;
pub mod starter;
pub mod sync;
pub mod template;
pub mod ui;
pub mod watch;
pub mod workspace;
pub mod yaml;
