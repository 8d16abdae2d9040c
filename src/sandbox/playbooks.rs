//! The API of the Playbooks plugin, `/plugins/playbooks/api/v0`.
//!
//! Owns playbooks; runs stand in `sandbox::runs`. Everything in a playbook is
//! kept, checked and shown here as the plugin does it, odd corners included.

mod access;
mod archive;
mod create;
mod list;
pub(crate) mod object;
mod put;
mod validate;

use super::routes::Route;

/// The routes of the plugin.
pub(crate) const TABLES: &[&[Route]] =
    &[list::ROUTES, create::ROUTES, put::ROUTES, archive::ROUTES];

/// First parts of the paths that the real plugin has.
const AREAS: [&str; 0] = [];

/// Whether the real plugin may have a route that this one lacks.
pub(crate) fn exists_elsewhere(path: &str) -> bool {
    let area = path
        .strip_prefix("/plugins/playbooks/api/v0/")
        .and_then(|path| path.split('/').next());
    area.is_some_and(|area| AREAS.contains(&area))
}
