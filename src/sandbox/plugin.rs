//! The whole API of the Playbooks plugin, `/plugins/playbooks/api/v0`.
//!
//! Owns the list of its routes, and of those that the real plugin has and this
//! one lacks: they fail loudly instead of looking absent.

use super::routes::{Route, matches};
use super::{actions, graphql, playbooks, runs};

/// The routes, group by group.
pub(crate) const TABLES: &[&[&[Route]]] = &[
    playbooks::TABLES,
    runs::TABLES,
    &[actions::ROUTES, graphql::ROUTES],
];

/// Routes of the real plugin that are not built: method and pattern.
const MISSING: [(&str, &str); 13] = [
    ("GET", "/playbooks/autocomplete"),
    ("POST", "/playbooks/import"),
    ("POST", "/playbooks/{playbook_id}/duplicate"),
    ("GET", "/playbooks/{playbook_id}/export"),
    ("GET", "/playbooks/insights/user/me"),
    ("GET", "/playbooks/insights/teams/{team_id}"),
    ("GET", "/stats/playbook"),
    ("GET", "/stats/site"),
    ("GET", "/my_categories"),
    ("POST", "/my_categories"),
    ("GET", "/my_categories/favorites"),
    ("POST", "/runs/dialog"),
    ("POST", "/runs/add-to-timeline-dialog"),
];

/// Whether the real plugin has a route that this one lacks.
pub(crate) fn exists_elsewhere(method: &str, path: &str) -> bool {
    let Some(path) = path.strip_prefix("/plugins/playbooks/api/v0") else {
        return false;
    };
    let missing =
        |(known, pattern): &(&str, &'static str)| *known == method && matches(pattern, path);
    MISSING.iter().any(missing)
}
