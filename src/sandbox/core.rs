//! The API of the server itself, `/api/v4`.
//!
//! Owns the routes that warroom and its tests use. What core has beyond them is
//! listed, so that it fails loudly instead of looking absent.

mod bots;
mod channels;
mod commands;
pub(crate) mod files;
mod hooks;
mod members;
pub(crate) mod posts;
mod preferences;
pub(crate) mod reactions;
mod roles;
mod sidebar;
mod system;
mod teams;
mod unlicensed;
mod users;

use super::routes::Route;

/// The routes.
pub(crate) const TABLES: &[&[Route]] = &[
    bots::ROUTES,
    system::ROUTES,
    users::ROUTES,
    teams::ROUTES,
    channels::ROUTES,
    members::ROUTES,
    posts::ROUTES,
    preferences::ROUTES,
    roles::ROUTES,
    files::ROUTES,
    reactions::ROUTES,
    hooks::ROUTES,
    commands::ROUTES,
    sidebar::ROUTES,
    unlicensed::ROUTES,
];

/// First parts of the paths that the real server has.
const AREAS: [&str; 22] = [
    "users",
    "teams",
    "channels",
    "posts",
    "files",
    "reactions",
    "roles",
    "schemes",
    "bots",
    "groups",
    "ldap",
    "hooks",
    "commands",
    "plugins",
    "config",
    "license",
    "emoji",
    "drafts",
    "actions",
    "data_retention",
    "websocket",
    "sharedchannels",
];

/// Whether the real server may have a route that this one lacks.
pub(crate) fn exists_elsewhere(path: &str) -> bool {
    let area = path
        .strip_prefix("/api/v4/")
        .and_then(|p| p.split('/').next());
    area.is_some_and(|area| AREAS.contains(&area))
}
