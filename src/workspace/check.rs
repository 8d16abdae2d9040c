//! What the files of a workspace say about each other: one check a function.

use super::load::Parts;
use crate::diag::Finding;

/// Runs every check.
pub(super) fn all(_: &Parts) -> Vec<Finding> {
    Vec::new()
}
