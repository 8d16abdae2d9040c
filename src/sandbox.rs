//! A stand-in Mattermost with Playbooks, in memory, over real HTTP.
//!
//! Answers as Mattermost 11.6 with Playbooks 2.11 answers, refusals included, so
//! that the client, the tests and `demo` need no server. Owns its own reading of
//! the API: no type of `mattermost` is used here, and the recordings under
//! `tests/contract` keep it honest. A route that the real server has and this one
//! lacks is answered with 501 and the route's name. Prints nothing.

#![expect(
    clippy::unnecessary_wraps,
    reason = "handlers share one type, and some of them never refuse"
)]
#![expect(
    clippy::struct_field_names,
    reason = "fields are called as on the wire"
)]

mod actions;
mod call;
mod core;
mod fault;
mod graphql;
mod ids;
mod pace;
mod playbooks;
mod plugin;
mod reply;
mod routes;
mod runs;
mod seed;
mod server;
mod table;
mod wire;
mod world;

pub use fault::{Fault, FaultAction, Gate, PluginState};
pub use pace::RateLimit;
pub use seed::{Seed, SeedChannel, SeedTeam, SeedUser};
pub use server::{Exchange, Options, Running, SandboxError, start};
