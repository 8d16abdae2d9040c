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
const MISSING: [(&str, &str); 7] = [
    ("PUT", "/my_categories/{category_id}"),
    ("POST", "/my_categories/favorites"),
    ("DELETE", "/my_categories/favorites"),
    ("GET", "/runs/checklist-autocomplete"),
    ("POST", "/runs/{run_id}/reminder/button-dismiss"),
    ("POST", "/runs/{run_id}/reminder/button-update"),
    ("GET", "/bot/connect"),
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
