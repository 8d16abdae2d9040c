//! The API of the Playbooks plugin, `/plugins/playbooks/api/v0`.
//!
//! Owns playbooks; runs stand in `sandbox::runs`. Everything in a playbook is
//! kept, checked and shown here as the plugin does it, odd corners included.

pub(crate) mod access;
mod archive;
mod autofollow;
pub(crate) mod categories;
pub(crate) mod conditions;
mod create;
mod duplicate;
pub(crate) mod fields;
pub(crate) mod list;
pub(crate) mod object;
mod patch;
mod put;
mod statistics;
mod transfer;
pub(crate) mod validate;

use super::routes::Route;

/// The routes of playbooks.
pub(crate) const TABLES: &[&[Route]] = &[
    statistics::ROUTES,
    transfer::ROUTES,
    list::ROUTES,
    create::ROUTES,
    put::ROUTES,
    patch::ROUTES,
    archive::ROUTES,
    autofollow::ROUTES,
    fields::ROUTES,
    conditions::ROUTES,
    duplicate::ROUTES,
    categories::ROUTES,
];
